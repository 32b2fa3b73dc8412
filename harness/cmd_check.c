/* countermark check: the newest run against what was accepted; see gate.h. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check_options {
    const char *baseline, *candidate, *metric, *junit, *markdown, *pictures, *pictures_url, *format, *database,
        *machine, *fail_on;
    int64_t window;
    double min_effect, confirm_budget_s;
    bool strict, why;
};

#define AT(field) .offset = offsetof(struct check_options, field)

static const struct option_row rows[] = {
    {"baseline", 0, OPTION_TEXT, "REF",
     "compares with this instead of what was accepted: a run, tag:T, branch-point, best, window:N, variant:V",
     AT(baseline), NULL},
    {"window", 0, OPTION_INTEGER, "N", "compares with the level of the newest N runs before (--baseline window:N)",
     AT(window), NULL},
    {"candidate", 0, OPTION_TEXT, "REF", "judges this run instead of the newest complete one (details below)",
     AT(candidate), NULL},
    {"metric", 0, OPTION_TEXT, "GLOB", "gates on these metrics (time and instructions, of CPUs and GPUs)", AT(metric),
     NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "smallest change of time that counts (1%)", AT(min_effect), NULL},
    {"confirm-budget", 0, OPTION_DURATION, "TIME",
     "spends this long on measuring suspects again, 0 for not at all (10m)", AT(confirm_budget_s), NULL},
    {"strict", 0, OPTION_FLAG, NULL, "exits 4 for what is ambiguous in this check, not only three times running",
     AT(strict), NULL},
    {"fail-on", 0, OPTION_TEXT, "WORD", "exits 1 for what is slower; or for what is faster, too", AT(fail_on),
     "slower,faster"},
    {"why", 0, OPTION_FLAG, NULL, "shows every ambiguous point in full, with its reason", AT(why), NULL},
    {"junit", 0, OPTION_TEXT, "FILE", "writes the verdicts as JUnit XML too", AT(junit), NULL},
    {"markdown", 0, OPTION_TEXT, "FILE", "writes a summary as Markdown too, with a picture of every finding",
     AT(markdown), NULL},
    {"pictures", 0, OPTION_TEXT, "DIR", "puts the pictures into this folder (FILE-pictures, beside the Markdown)",
     AT(pictures), NULL},
    {"pictures-url", 0, OPTION_TEXT, "URL", "links to the pictures under this address, where DIR will be published",
     AT(pictures_url), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "looks at runs of this machine", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "reads this database (countermark.db)", AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text, one JSON document, or annotations for GitHub", AT(format),
     "text,json,github"},
    {0},
};

static int check(const struct check_options *o, const struct config *c, struct err *e)
{
    char *window = o->window > 0 ? mem_format("window:%" PRId64, o->window) : NULL;
    const struct gate_options g = {
        .database = o->database   ? o->database
                    : c->database ? c->database
                                  : "countermark.db",
        .baseline = window        ? window
                    : o->baseline ? o->baseline
                                  : c->baseline,
        .candidate = o->candidate,
        .machine = o->machine ? o->machine : c->machine,
        .metrics = o->metric ? o->metric : c->metrics,
        .min_effect = o->min_effect > 0 ? o->min_effect : c->min_effect,
        .thresholds = c->thresholds,
        .threshold_count = c->threshold_count,
        .ledger = c->ledger,
        .fail_on_faster = o->fail_on ? !strcmp(o->fail_on, "faster") : c->fail_on_faster,
        .confirm_budget_s = o->confirm_budget_s < 0   ? c->confirm_budget_s
                            : o->confirm_budget_s > 0 ? o->confirm_budget_s
                                                      : -1,
        .strict = o->strict,
        .why = o->why,
        .accept_first = true,
        .junit = o->junit,
        .markdown = o->markdown,
        .pictures = o->pictures,
        .pictures_url = o->pictures_url,
        .format = gate_format_parse(o->format),
    };
    struct buf out = {0};
    char *story;
    int code = gate_run(&g, &out, &story, e);

    fputs(buf_text(&out), stdout);
    if (story && g.format == GATE_JSON)
        log_note("%s", story);
    free(story);
    free(window);
    buf_free(&out);
    return code;
}

static int run(int argc, char **argv, struct err *e)
{
    struct check_options o = {.confirm_budget_s = -1, .window = NOT_GIVEN};
    struct option_list operands = {0};
    struct config c = {0};
    int code = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!code && operands.count)
        code =
            err_set(e, CM_USAGE, "check takes no operand such as \"%s\"; runs are named by --baseline and --candidate",
                    operands.items[0]);
    if (!code && o.min_effect < 0)
        code = err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    if (!code && o.window != NOT_GIVEN && (o.window < 1 || o.baseline))
        code = o.baseline ? err_set(e, CM_USAGE, "--window and --baseline both name what is compared with: give one")
                          : err_set(e, CM_USAGE, "--window takes a number of runs from 1");
    if (!code)
        code = config_read(&c, e);
    code = code ? e->code : check(&o, &c, e);
    config_free(&c);
    opt_list_free(&operands);
    return code;
}

const struct command command_check = {
    .summary = "judges the newest run against what was accepted: slower, faster, same, and an exit code to gate on",
    .usage = "",
    .details =
        "Every point is compared with the last accepted run of its machine and branch; a first run is stored as the "
        "first baseline. What was measured last is judged; behind a backfill, which measures the past, the newest "
        "commit of its branch. Instructions decide alone, from 0.1 % or what the counts do by themselves; where they "
        "moved "
        "by "
        "less than 1 %, or threads or processes share the work, they are counted again before. Time that moved is "
        "measured again, the kept old program and the new one in turns, and only what shows there turns the gate red: "
        "a "
        "regression stays red until it is fixed or accepted. Times of one program in one environment are the same. "
        "What "
        "stays ambiguous takes one line, or with --why a full answer.\n\n"
        "Exit codes: 0 nothing slower, 1 something is slower, 2 a mistake in the command line, 3 nothing comparable, 4 "
        "launches failed or a point was ambiguous in three checks running (not those with too few launches), 5 a wrong "
        "result, 6 the database cannot be used.",
    .rows = rows,
    .examples = "countermark check\n"
                "countermark check --why --junit verdicts.xml --markdown verdicts.md\n"
                "countermark check --baseline commit:1a2b3c4 --candidate last",
    .run = run,
};
