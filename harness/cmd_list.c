/* countermark list: kernels, variants, points, collectors, metrics, groups, reports and plans, as text or JSON. */
#include "cmd.h"
#include "list.h"

#include <stdio.h>
#include <string.h>

struct list_options {
    const char *kernels, *variants, *plan, *chip, *database, *format;
    struct option_list sweeps;
};

#define AT(field) .offset = offsetof(struct list_options, field)

static const struct option_row rows[] = {
    {"kernel", 'k', OPTION_TEXT, "GLOB", "lists only these kernels", AT(kernels), NULL},
    {"variant", 'v', OPTION_TEXT, "GLOB", "lists only these variants", AT(variants), NULL},
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP", "points: sets an axis, as in run", AT(sweeps), NULL},
    {"plan", 0, OPTION_TEXT, "NAME", "points: those of this plan (default)", AT(plan), NULL},
    {"chip", 0, OPTION_TEXT, "NAME", "metrics, groups: what this GPU chip counts, such as GH100; it need not be here",
     AT(chip), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "metrics: how right this machine counts is read from this database (countermark.db)",
     AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

static int print(const char *kind, const char *glob, const struct plan_request *q, const struct host *h,
                 const struct list_options *o, struct err *e)
{
    struct list l;
    struct buf text = {0};
    int failed = o->chip ? list_make_chip(kind, o->chip, &l, e) : list_make(kind, q, h, &l, e);

    if (!failed && !o->chip)
        failed = list_mark_truth(&l, o->database, h, e);
    if (!failed && glob)
        failed = list_narrow(&l, kind, glob, e);
    if (!failed && o->format && !strcmp(o->format, "json"))
        failed = list_json(&l, kind, &text, e);
    else if (!failed)
        list_text(&l, &text);
    if (!failed)
        fputs(buf_text(&text), stdout);
    list_free(&l);
    buf_free(&text);
    return failed;
}

static int run(int argc, char **argv, struct err *e)
{
    struct list_options o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    struct host h = {0};
    int failed = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!failed && operands.count > 2)
        failed =
            err_set(e, CM_USAGE, "list takes one kind and one GLOB, not %zu words: %s", operands.count, list_kinds);
    if (!failed)
        failed = config_read(&c, e);
    if (!failed)
        failed = host_read(&h, c.machine, c.machine_class, NULL, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    if (!failed) {
        struct plan_request q = {.plan = o.plan,
                                 .plans = c.plans,
                                 .plan_count = c.plan_count,
                                 .kernels = o.kernels,
                                 .variants = o.variants,
                                 .sweeps = o.sweeps.items,
                                 .sweep_count = o.sweeps.count};

        failed = print(operands.count ? operands.items[0] : "variants", operands.count > 1 ? operands.items[1] : NULL,
                       &q, &h, &o, e);
    }
    host_free(&h);
    config_free(&c);
    opt_list_free(&operands);
    opt_list_free(&o.sweeps);
    return failed ? e->code : CM_FINE;
}

const struct command command_list = {
    .summary = "lists kernels, variants, points, collectors, metrics, groups, reports or plans",
    .usage = "[kernels|variants|points|collectors|metrics|groups|reports|plans] [GLOB]",
    .details =
        "The rows are the same in every build; what cannot run here says why in the column `here`. Without a word the "
        "variants are listed; GLOB leaves the rows whose name matches, also without what stands before its first . or "
        "/. `points` lists what `run` with the same options "
        "would measure. In `metrics` the column `truth` tells what `doctor --calibrate` found of each on this machine. "
        "With --chip, `metrics` tells the logical names of the groups first and what this chip counts "
        "for "
        "them, then all that the chip has; `groups` tells the price: how often the work is run for one reading "
        "(passes), in how many worker processes (launches), and what the chip lacks. That needs the CUPTI library, "
        "but neither GPU nor driver.",
    .rows = rows,
    .examples = "countermark list variants\n"
                "countermark list points --plan nightly\n"
                "countermark list metrics --format json\n"
                "countermark list groups --chip GH100\n"
                "countermark list metrics --chip GH100 'dram*'",
    .run = run,
};
