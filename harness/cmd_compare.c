/* countermark compare: two stored runs side by side, point by point; with --interleave both programs are run again in turns. */
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "gate_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compare_command_options {
    const char *metric, *format, *database, *machine;
    double min_effect, budget_s;
    bool interleave, why;
};

#define AT(field) .offset = offsetof(struct compare_command_options, field)

static const struct option_row rows[] = {
    {"interleave", 0, OPTION_FLAG, NULL, "runs both kept programs again in turns instead of trusting stored times",
     AT(interleave), NULL},
    {"metric", 0, OPTION_TEXT, "GLOB", "compares these metrics (time and instructions, of CPUs and GPUs)", AT(metric),
     NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "smallest change of time that counts (1%)", AT(min_effect), NULL},
    {"confirm-budget", 0, OPTION_DURATION, "TIME", "spends at most this long with --interleave (10m)", AT(budget_s),
     NULL},
    {"why", 0, OPTION_FLAG, NULL, "shows every ambiguous point in full, with its reason", AT(why), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "looks for runs of this machine", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "reads this database (countermark.db)", AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints a table or one JSON document", AT(format), "text,json"},
    {0},
};

static int steps(struct gate *g, const struct gate_options *o, bool interleave, struct err *e)
{
    if (gate_open(g, o, interleave, e) || gate_judge(g, e) || (interleave && gate_measure_again(g, true, e)) ||
        gate_disturbed(g, e))
        return -1;
    gate_group(g);
    gate_conclude(g);
    return 0;
}

static int compare(const struct compare_command_options *c, const struct config *config, const char *const refs[2],
                   struct err *e)
{
    const struct gate_options o = {
        .database = c->database        ? c->database
                    : config->database ? config->database
                                       : "countermark.db",
        .baseline = refs[0],
        .candidate = refs[1],
        .machine = c->machine ? c->machine : config->machine,
        .metrics = c->metric ? c->metric : config->metrics,
        .min_effect = c->min_effect > 0 ? c->min_effect : config->min_effect,
        .confirm_budget_s = c->budget_s > 0                ? c->budget_s
                            : config->confirm_budget_s > 0 ? config->confirm_budget_s
                                                           : 0,
        .across_machines = !c->interleave, /* which runs both programs on this one */
        .why = c->why,
        .format = gate_format_parse(c->format),
    };
    struct buf out = {0};
    struct gate g;
    int code;

    if (steps(&g, &o, c->interleave, e)) {
        code = e->code ? e->code : CM_INTERNAL;
    } else {
        code = g.exit_code;
        if (o.format == GATE_JSON)
            gate_write_json(&g, &out);
        else
            gate_write_table(&g, &out);
        if (o.format != GATE_JSON)
            text_disarm(out.text, true);
        fputs(buf_text(&out), stdout);
    }
    buf_free(&out);
    gate_free(&g);
    return code;
}

static int run(int argc, char **argv, struct err *e)
{
    struct compare_command_options o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    int code = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!code && operands.count != 2)
        code = err_set(e, CM_USAGE, "compare takes two runs, the older first: countermark compare run:1 last");
    if (!code && o.min_effect < 0)
        code = err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    if (!code)
        code = config_read(&c, e);
    code = code ? e->code : compare(&o, &c, operands.items, e);
    config_free(&c);
    opt_list_free(&operands);
    return code;
}

const struct command command_compare = {
    .summary = "compares two runs point by point: ratios with intervals and verdicts",
    .usage = "REF REF",
    .details =
        "The first REF is the baseline. A change of stored times alone is at most ambiguous; --interleave settles it "
        "where "
        "the programs of both runs were kept beside the database. Runs of two machines are compared by what is stored. "
        "Nothing is accepted, and no verdict is stored.\n\n"
        "Exit codes are those of check: 0 nothing slower, 1 something is slower, 3 nothing comparable, 4 launches "
        "failed, 5 a wrong result.",
    .rows = rows,
    .examples = "countermark compare run:1 run:2\n"
                "countermark compare accepted last --interleave\n"
                "countermark compare machine:bench-6 machine:bench-7 --db all.db",
    .run = run,
};
