/* countermark history: where series changed, told as findings: which commit, where in the sweep, by how much. */
#include "../reports/findings.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd.h"
#include "commit_build.h"
#include "config.h"
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct history_options {
    const char *database, *machine, *branch, *metrics, *since, *format;
    int64_t window;
    double min_effect;
    bool all;
};

#define AT(field) .offset = offsetof(struct history_options, field)

static const struct option_row rows[] = {
    {"metric", 'm', OPTION_TEXT, "GLOB", "looks at these metrics, '*' at all (those that gate)", AT(metrics), NULL},
    {"since", 0, OPTION_TEXT, "COMMIT|DATE|TAG", "tells changes after it alone, and what crept since", AT(since), NULL},
    {"window", 0, OPTION_INTEGER, "N", "looks at the newest N runs alone", AT(window), NULL},
    {"branch", 0, OPTION_TEXT, "NAME", "takes the history of this branch (the newest run's)", AT(branch), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "takes the history of this machine (the newest run's)", AT(machine), NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "leaves out steps of times that are smaller", AT(min_effect), NULL},
    {"all", 0, OPTION_FLAG, NULL,
     "lists everything, also commits without a run, and what chance shows among many series", AT(all), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "reads this database (countermark.db)", AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

/*
 * A name that git knows, such as a tag, stands for its commit; what it does not know is a date, or a commit of the
 * database.
 */
static void name_since(const struct history_options *o, struct findings_options *f, struct commit *commit)
{
    struct err ignored = {0};

    f->since = o->since;
    f->since_name = o->since;
    if (!o->since || (strlen(o->since) == 10 && o->since[4] == '-' && o->since[7] == '-') ||
        commit_of(".", o->since, commit, &ignored))
        return;
    f->since = commit->id;
    f->since_time = commit->time;
}

static int nothing_matches(const char *points, const struct findings *f, struct err *e)
{
    return err_set(e, CM_USAGE,
                   "no series of machine %.80s, branch %.80s matches %.200s; countermark show last lists what there is",
                   f->home.machine, f->home.branch, points);
}

static int history(const struct history_options *o, const char *points, struct err *e)
{
    struct findings_options options = {.machine = o->machine,
                                       .branch = o->branch,
                                       .points = points,
                                       .metrics = o->metrics,
                                       .window = (size_t)o->window,
                                       .min_effect = o->min_effect};
    struct history_shown shown = {.database = o->database, .since = o->since, .all = o->all};
    struct findings f = {0};
    struct commit commit = {0};
    struct store *s = NULL;
    struct buf out = {0};
    int result = store_open(&s, o->database, STORE_READ, e);

    name_since(o, &options, &commit);
    if (!result)
        result = findings_read(s, &options, &f, e);
    if (!result && !f.series && (points || o->metrics))
        result = nothing_matches(points ? points : o->metrics, &f, e);
    if (!result) {
        if (o->format && !strcmp(o->format, "json"))
            history_write_json(&f, &shown, &out);
        else
            history_write_text(&f, &shown, &out);
        fputs(buf_text(&out), stdout);
    }
    buf_free(&out);
    findings_free(&f);
    commit_free(&commit);
    store_close(s);
    return result;
}

static int run(int argc, char **argv, struct err *e)
{
    struct history_options o = {0};
    struct option_list words = {0};
    struct config c = {0};
    int failed = opt_parse(rows, argc, argv, &o, &words, NULL, e);

    if (!failed && words.count > 1)
        failed = err_set(e, CM_USAGE, "history takes points by one glob; \"%s\" is too much", words.items[1]);
    if (!failed && o.window < 0)
        failed = err_set(e, CM_USAGE, "--window takes a number of runs, from 1 on");
    if (!failed && o.min_effect < 0)
        failed = err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    if (!failed)
        failed = opt_check_machine(o.machine, e) || config_read(&c, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    if (!o.metrics)
        o.metrics = c.metrics;
    if (!o.min_effect)
        o.min_effect = c.min_effect;
    if (!failed)
        failed = history(&o, words.count ? words.items[0] : NULL, e);
    config_free(&c);
    opt_list_free(&words);
    return failed ? e->code : CM_FINE;
}

const struct command command_history = {
    .summary = "tells where series changed: which commit, where in the sweep, by how much, what became of it",
    .usage = "[POINT-GLOB]",
    .details =
        "Looks for change points in every series of a machine and branch, from the first run to the last, and groups "
        "what one commit did to a kernel into one finding with its region of the sweep. Where the runs on both sides "
        "are not neighbours in the history, it says how many commits lie between; countermark bisect finds the one. "
        "What came back to where it was, was accepted or ignored stands apart, and so does what was seen only in the "
        "last one or two runs (pending).\n\n"
        "F1 and so on count the findings of this list; the F1 that accept, ignore and note take is one of the last "
        "check. What stands here is decided by --points and --commit: the line that does it stands below what got "
        "worse.\n\n"
        "With --since: changes after it alone, and series that crept since then by steps too small to be seen. With "
        "one point: its levels as a table.\n\n"
        "JSON: {\"kind\": \"history\", \"machine\", \"branch\", \"runs\", \"series\", \"findings\": [{\"number\", "
        "\"id\", \"kind\": step|creep|spread|modes, \"verdict\", \"standing\": worse|better|settled|pending|doubtful, "
        "\"place\", \"before\", \"first\", \"last\": {\"run\", \"commit\", \"subject\", \"commit_time\"}, "
        "\"commits\", \"give_or_take_runs\", \"between\": [{\"commit\", \"subject\"}], \"kernel\", \"variants\", "
        "\"region\", "
        "\"summary\", \"also_changed\", \"state\": open|accepted|ignored|noted, \"ledger\", \"undone_by\", "
        "\"undoes\", \"gone_again\", \"series\": [{\"point\", \"metric\", \"unit\", \"kind\", \"before\", \"after\", "
        "\"ratio\", "
        "\"low\", \"high\", \"confidence\", \"pending\", \"worse\"}]}], \"unmeasured\": [{\"commit\", "
        "\"outcome\"}], with one point \"levels\"}.\n\n"
        "Exit codes: 0, 2 a mistake in the command line, 3 nothing is stored, 6 the database cannot be read.",
    .rows = rows,
    .examples = "countermark history\n"
                "countermark history 'mandelbrot/simd*' --since v1.2\n"
                "countermark history mandelbrot/simd:size=1024 --metric '*' --format json",
    .run = run,
};
