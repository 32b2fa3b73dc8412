/* countermark report: writes the static site about what the database holds. */
#include "../reports/report.h"
#include "cmd.h"
#include "config.h"
#include "ref_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_command {
    const char *database, *folder, *run, *title;
};

static const struct option_row rows[] = {
    {.name = "db",
     .type = OPTION_TEXT,
     .value = "FILE",
     .help = "the database to read (default: countermark.db)",
     .offset = offsetof(struct report_command, database)},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_TEXT,
     .value = "DIR",
     .help = "the folder to write (default: report)",
     .offset = offsetof(struct report_command, folder)},
    {.name = "run",
     .type = OPTION_TEXT,
     .value = "REF",
     .help = "this run alone (default: the newest complete run of each machine)",
     .offset = offsetof(struct report_command, run)},
    {.name = "title",
     .type = OPTION_TEXT,
     .value = "TEXT",
     .help = "the title of the site",
     .offset = offsetof(struct report_command, title)},
    {0},
};

static int write_report(const struct report_command *o, struct err *e)
{
    struct report_options options = {.folder = o->folder, .title = o->title};
    struct store *s = NULL;
    char *note = NULL;
    int result;

    result = store_open(&s, o->database, STORE_READ, e);
    if (!result && o->run)
        result = ref_find(s, o->run, NULL, NULL, 0, &options.run, NULL, e);
    if (!result)
        result = report_site(s, &options, &note, e);
    store_close(s);
    if (!result) {
        if (note)
            fprintf(stderr, "note: %s\n", note);
        printf("%s/index.html\n", o->folder);
    }
    free(note);
    return result;
}

static int run(int argc, char **argv, struct err *e)
{
    struct report_command o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    int result = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!result && operands.count)
        result = err_set(e, CM_USAGE, "report takes no operand, but got \"%s\"", operands.items[0]);
    opt_list_free(&operands);
    if (!result)
        result = config_read(&c, e);
    if (!result) {
        if (!o.database)
            o.database = c.database ? c.database : "countermark.db";
        if (!o.folder)
            o.folder = c.report ? c.report : "report";
        result = write_report(&o, e);
    }
    config_free(&c);
    return result ? e->code : CM_FINE;
}

const struct command command_report = {
    .summary = "writes the static site: plots and tables, no script, no network",
    .usage = "",
    .details = "Overview, one page per kernel and one about the machines, as HTML with SVG plots drawn by gnuplot. "
               "Each kernel is shown\n"
               "from the newest complete run that measured it, on every machine in the database. Files of an older "
               "report are\n"
               "replaced once everything is written; other files in the folder are left alone. Without gnuplot there "
               "are tables.",
    .rows = rows,
    .examples = "countermark report\ncountermark report --db nightly.db -o public/benchmarks\ncountermark report --run "
                "run:12 -o before\n",
    .run = run,
};
