/* countermark bisect: which commit changed a metric of a point, with as few builds and launches as that takes. */
#include "base/text.h"
#include "bisect.h"
#include "cmd.h"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bisect_options {
    const char *point, *metric, *good, *bad, *machine, *database, *format;
    double budget_s, min_effect;
    int64_t launches;
};

#define AT(field) .offset = offsetof(struct bisect_options, field)

static const struct option_row rows[] = {
    {"point", 0, OPTION_TEXT, "POINT", "looks at this point, such as mandelbrot/serial:maxiter=20,size=64", AT(point),
     NULL},
    {"metric", 0, OPTION_TEXT, "METRIC", "looks at this metric (wall.time)", AT(metric), NULL},
    {"good", 0, OPTION_TEXT, "REV", "one end: a commit from before the change", AT(good), NULL},
    {"bad", 0, OPTION_TEXT, "REV", "the other end (HEAD)", AT(bad), NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "smallest change that counts (1%, of counts 0.1%)", AT(min_effect), NULL},
    {"budget", 0, OPTION_DURATION, "TIME", "stops after this long, with what is known then", AT(budget_s), NULL},
    {"launches", 0, OPTION_INTEGER, "N", "stops after N launches (300)", AT(launches), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "calls this machine NAME", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "reads this database, and keeps builds and launches beside it (countermark.db)",
     AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

static int check_options(const struct bisect_options *o, const struct option_list *operands, struct err *e)
{
    if (operands->count)
        return err_set(e, CM_USAGE, "bisect takes no operand '%.100s': the ends are --good REV and --bad REV",
                       operands->items[0]);
    if (!o->point)
        return err_set(e, CM_USAGE, "bisect needs a point: --point mandelbrot/serial:maxiter=20,size=64");
    if (!o->good)
        return err_set(e, CM_USAGE, "bisect needs a commit from before the change: --good REV");
    if (*o->good == '-' || !*o->good || (o->bad && (*o->bad == '-' || !*o->bad)))
        return err_set(e, CM_USAGE, "--good and --bad take a commit, a tag or a branch");
    if (o->min_effect < 0)
        return err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    return opt_check_launches(o->launches, e) || opt_check_machine(o->machine, e) ? -1 : 0;
}

static int bisect(const struct bisect_options *o, const struct config *c, struct err *e)
{
    const struct bisect_request q = {
        .database = o->database   ? o->database
                    : c->database ? c->database
                                  : "countermark.db",
        .repository = ".",
        .config = c,
        .machine = o->machine ? o->machine : c->machine,
        .point = o->point,
        .metric = o->metric ? o->metric : "wall.time",
        .good = o->good,
        .bad = o->bad ? o->bad : "HEAD",
        .budget_s = o->budget_s,
        .min_effect = o->min_effect,
        .launches = o->launches > 0 ? (size_t)o->launches : 0,
    };
    bool json = o->format && !strcmp(o->format, "json");
    struct bisect_outcome outcome;
    struct buf out = {0};
    int code;

    if (bisect_run(&q, &outcome, e)) {
        code = e->code;
    } else {
        code = bisect_exit_code(&outcome);
        (json ? bisect_write_json : bisect_write_text)(&q, &outcome, &out);
        if (!json)
            text_disarm(out.text, true);
        fputs(buf_text(&out), stdout);
    }
    buf_free(&out);
    bisect_outcome_free(&outcome);
    return code;
}

static int run(int argc, char **argv, struct err *e)
{
    struct bisect_options o = {.launches = NOT_GIVEN};
    struct option_list operands = {0};
    struct config c = {0};
    int code = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!code)
        code = check_options(&o, &operands, e);
    if (!code)
        code = config_read(&c, e);
    code = code ? e->code : bisect(&o, &c, e);
    config_free(&c);
    opt_list_free(&operands);
    return code;
}

const struct command command_bisect = {
    .summary = "finds the commit that changed a metric of a point",
    .usage = "--point POINT --good REV [--bad REV]",
    .details =
        "Commits between the two ends are checked out in worktrees beside the database, built as `build:` of "
        ".countermark.yaml says, and launched where a launch tells most for its price. Counts need one launch a "
        "commit; times as many as the noise asks for: first both ends in turns, until they differ or are the same, "
        "at last both sides of every change. Several changes in one range are found, in both directions; commits "
        "that do not build or run are left out, and if one of them may be it, the answer names them all.\n\n"
        "A program of yours is launched as `build: { run: ... -- ./prog --size {size} }` says, in the worktree. "
        "Builds and launches are kept: what was interrupted or stopped goes on with the same command, and counts that "
        "the database holds of these commits are used.\n\n"
        "Exit codes: 0 found, 2 the command line or a commit is wrong, 3 the ends do not differ, or one of them "
        "cannot be measured, 4 not decided, 130 interrupted.",
    .rows = rows,
    .examples =
        "countermark bisect --point mandelbrot/simd:maxiter=100,size=500 --good v1.2\n"
        "countermark bisect --point command/prog:size=1000 --metric callgrind.instructions --good v1.2 --bad main\n"
        "countermark bisect --point triad/simd:size=4194304 --good HEAD~64 --budget 1h --format json",
    .run = run,
};
