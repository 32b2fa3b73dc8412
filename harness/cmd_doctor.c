/* countermark doctor: what this machine can and cannot measure, and how to fix it. */
#include "cmd.h"
#include "config.h"
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct doctor_options {
    const char *format;
};

static const struct option_row rows[] = {
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", offsetof(struct doctor_options, format),
     "text,json"},
    {0},
};

static int print(const json_t *document, const char *format, struct err *e)
{
    struct buf text = {0};
    char *json;

    if (!format || strcmp(format, "json") != 0) {
        doctor_text(document, &text);
        fputs(buf_text(&text), stdout);
        buf_free(&text);
        return 0;
    }
    json = json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!json)
        return err_set(e, CM_INTERNAL, "the findings could not be written as JSON");
    puts(json);
    free(json);
    return 0;
}

static int run(int argc, char **argv, struct err *e)
{
    struct doctor_options o = {0};
    struct config c = {0};
    struct host h = {0};
    json_t *document = NULL;
    int failed = opt_parse(rows, argc, argv, &o, NULL, NULL, e);

    if (!failed)
        failed = config_read(&c, e);
    if (!failed)
        failed = host_read(&h, c.machine, c.machine_class, NULL, e);
    if (!failed) {
        document = doctor_examine(&h, e);
        failed = document ? print(document, o.format, e) : -1;
    }
    json_decref(document);
    host_free(&h);
    config_free(&c);
    return failed ? e->code : CM_FINE;
}

const struct command command_doctor = {
    .summary = "says what this machine can and cannot measure, and how to fix it",
    .usage = "",
    .details =
        "Every collector is tried, every event of every group is counted on a loop of known length, and what stands in "
        "the way is named with its cure. Nothing is stored and no setting is changed.",
    .rows = rows,
    .examples = "countermark doctor\n"
                "countermark doctor --format json",
    .run = run,
};
