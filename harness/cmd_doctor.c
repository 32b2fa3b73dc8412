/* countermark doctor: what this machine can and cannot measure, and how to fix it. */
#include "../db/store.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "doctor.h"
#include "doctor_calibrate.h"
#include "doctor_trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct doctor_options {
    const char *format, *plan, *collect, *machine, *database, *progress;
    struct option_list kernels, variants, sweeps;
    int64_t launches;
    bool aa, layout, calibrate;
};

#define LAUNCHES 8   /* what a verdict on time needs */
#define SIMULATE_S 1 /* for a simulator in place of counters, as in the default plan */
#define AT(field) .offset = offsetof(struct doctor_options, field)

static const struct option_row rows[] = {
    {"calibrate", 0, OPTION_FLAG, NULL,
     "counts kernels whose counts are known, stores how right each event is here, and prints it as a table",
     AT(calibrate), NULL},
    {"aa", 0, OPTION_FLAG, NULL,
     "runs a plan N times (8) against itself and stores how much it varies and how small a change the gate sees",
     AT(aa), NULL},
    {"layout", 0, OPTION_FLAG, NULL,
     "measures this program and others with the same code in another order (`make layouts`) in turns, and stores how "
     "far "
     "that alone moves each point",
     AT(layout), NULL},
    {"kernel", 'k', OPTION_LIST, "GLOB", "measures only these kernels, from the plan's", AT(kernels), NULL},
    {"variant", 'v', OPTION_LIST, "GLOB", "measures only these variants", AT(variants), NULL},
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP", "sets an axis instead of the plan", AT(sweeps), NULL},
    {"plan", 0, OPTION_TEXT, "NAME", "takes this plan (quick, with 8 launches)", AT(plan), NULL},
    {"launches", 0, OPTION_INTEGER, "N", "starts each point N times for its time", AT(launches), NULL},
    {"collect", 0, OPTION_TEXT, "LIST", "takes these collectors instead of the plan's", AT(collect), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "calls this machine NAME; it is the home of every history", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "finds the last run in this database, and stores in it (countermark.db)",
     AT(database), NULL},
    {"progress", 0, OPTION_TEXT, "HOW", "auto: one line on a terminal, else plain lines", AT(progress),
     "auto,plain,off"},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

typedef void doctor_writer(const json_t *document, struct buf *out);

static int print(const json_t *document, const char *format, doctor_writer *writer, struct err *e)
{
    struct buf text = {0};
    char *json;

    if (!format || strcmp(format, "json") != 0) {
        writer(document, &text);
        text_disarm(text.text, true);
        fputs(buf_text(&text), stdout);
        buf_free(&text);
        return 0;
    }
    json = json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
    if (!json)
        return err_set(e, CM_INTERNAL, "the findings could not be written as JSON");
    puts(json);
    free(json);
    return 0;
}

static const char *database_of(const struct doctor_options *o, const struct config *c)
{
    return o->database ? o->database : c->database ? c->database : "countermark.db";
}

static int examine(const struct doctor_options *o, const struct config *c, struct err *e)
{
    struct host h = {0};
    json_t *document = NULL;
    int failed = host_read(&h, o->machine ? o->machine : c->machine, c->machine_class, NULL, e);

    if (!failed) {
        document = doctor_examine(&h, database_of(o, c), e);
        failed = document ? print(document, o->format, doctor_text, e) : -1;
    }
    json_decref(document);
    host_free(&h);
    return failed;
}

/* `doctor --aa 12`: the number stands behind the option as an operand, since it may be left out. */
static int read_runs(const struct option_list *operands, int *runs, struct err *e)
{
    char *end = NULL;
    long n = operands->count ? strtol(operands->items[0], &end, 10) : AA_RUNS;

    if (operands->count > 1 || (operands->count && (*end || end == operands->items[0])) || n < 2 || n > AA_MOST)
        return err_set(e, CM_USAGE, "--aa takes a number of runs from 2 to %d, not \"%s\"", AA_MOST,
                       operands->items[operands->count - 1]);
    *runs = (int)n;
    return 0;
}

static int fill_request(const struct doctor_options *o, const struct config *c, const struct option_list *operands,
                        struct trust_request *q, struct err *e)
{
    int launches = o->launches > 0 ? (int)o->launches : o->plan ? 0 : LAUNCHES;

    *q = (struct trust_request){
        .run = {.plan = {.plan = o->plan ? o->plan : "quick",
                         .plans = c->plans,
                         .plan_count = c->plan_count,
                         .sweeps = o->sweeps.items,
                         .sweep_count = o->sweeps.count,
                         .collect = o->collect,
                         .launches = launches,
                         /* nights count by simulation where there are no counters: so does what they are measured by */
                         .simulate_s = o->aa && !o->plan ? SIMULATE_S : 0},
                .database = database_of(o, c),
                .machine = o->machine ? o->machine : c->machine,
                .machine_class = c->machine_class,
                .no_anchor = true, /* what drifts is to be seen */
                .no_calibrate = true,
                .arguments = o->aa ? "countermark doctor --aa" : "countermark doctor --layout",
                .progress = !o->progress || !strcmp(o->progress, "auto") ? PROGRESS_AUTO
                            : !strcmp(o->progress, "plain")              ? PROGRESS_PLAIN
                                                                         : PROGRESS_OFF},
        .metrics = c->metrics,
        .min_effect = c->min_effect,
        .programs = operands->items,
        .program_count = operands->count,
    };
    return o->aa ? read_runs(operands, &q->runs, e) : 0;
}

/* A database that cannot take what is learnt is told before minutes are spent. */
static int open_once(const char *database, struct err *e)
{
    struct store *s = NULL;
    int failed = file_exists(database) ? store_open(&s, database, STORE_UPDATE, e) : 0;

    store_close(s);
    return failed;
}

/* What was stopped half-way is shown, stored, and still says that it was stopped. */
static int measure(const struct doctor_options *o, const struct config *c, const struct option_list *operands,
                   struct err *e)
{
    struct trust_request q;
    char *kernels = opt_list_join(&o->kernels), *variants = opt_list_join(&o->variants);
    json_t *document = NULL;
    int failed = fill_request(o, c, operands, &q, e);

    if (!failed)
        failed = open_once(q.run.database, e);
    q.run.plan.kernels = kernels;
    q.run.plan.variants = variants;
    if (!failed) {
        document = o->aa ? doctor_aa(&q, e) : doctor_layout(&q, e);
        failed = document ? print(document, o->format, o->aa ? doctor_aa_text : doctor_layout_text, e) : -1;
    }
    if (!failed && json_is_true(json_object_get(document, "interrupted")))
        failed = err_set(e, CM_INTERRUPTED, "stopped early; what was measured before is stored in %s", q.run.database);
    json_decref(document);
    free(kernels);
    free(variants);
    return failed;
}

/* The table is printed whatever it says; its exit code is 4 where an event is wrong. */
static int calibrate(const struct doctor_options *o, const struct config *c, struct err *e)
{
    const struct doctor_calibrate q = {.collect = o->collect,
                                       .database = database_of(o, c),
                                       .machine = o->machine ? o->machine : c->machine,
                                       .machine_class = c->machine_class,
                                       .json = o->format && !strcmp(o->format, "json")};
    struct buf text = {0};
    int code = doctor_calibrate(&q, &text, e);

    fputs(buf_text(&text), stdout);
    buf_free(&text);
    return code;
}

static int check_options(const struct doctor_options *o, const struct option_list *operands, struct err *e)
{
    bool measures = o->aa || o->layout;

    if (o->aa + o->layout + o->calibrate > 1)
        return err_set(e, CM_USAGE, "--calibrate, --aa and --layout are three measurements; start one after the other");
    if (!measures && operands->count)
        return err_set(e, CM_USAGE, "doctor takes no \"%s\"; see countermark doctor --help", operands->items[0]);
    if (!measures && (o->kernels.count || o->variants.count || o->sweeps.count || o->plan ||
                      (o->collect && !o->calibrate) || o->launches != NOT_GIVEN))
        return err_set(e, CM_USAGE, "what is measured is chosen for --aa and --layout; doctor alone measures no plan");
    return opt_check_launches(o->launches, e) || opt_check_machine(o->machine, e) ? -1 : 0;
}

static int run(int argc, char **argv, struct err *e)
{
    struct doctor_options o = {.launches = NOT_GIVEN};
    struct option_list operands = {0};
    struct config c = {0};
    int code = CM_FINE, failed = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!failed)
        failed = check_options(&o, &operands, e);
    if (!failed)
        failed = config_read(&c, e);
    if (!failed && o.calibrate)
        code = calibrate(&o, &c, e);
    else if (!failed)
        failed = o.aa || o.layout ? measure(&o, &c, &operands, e) : examine(&o, &c, e);
    config_free(&c);
    opt_list_free(&operands);
    opt_list_free(&o.kernels);
    opt_list_free(&o.variants);
    opt_list_free(&o.sweeps);
    return failed ? e->code : code;
}

const struct command command_doctor = {
    .summary = "says what this machine can and cannot measure, and how to fix it",
    .usage = "[N | PROGRAM...]",
    .details =
        "Every collector is tried, every event of every group is counted on a loop of known length, and what stands in "
        "the way is named with its cure. What moves times here is listed with what it did to the last run. Nothing is "
        "stored and no setting is changed.\n\n"
        "--calibrate measures kernels whose counts are known by construction with every collector, and stores how "
        "right each event counts on this machine: `run` does so quickly by itself for events that are new to it. What "
        "counts wrong is shown with its error and rests no verdict on itself; what nobody can know is called unknown. "
        "Exit code 4: an event is wrong.\n\n"
        "--aa N runs a plan N times against itself, in a database of its own beside yours, and compares the runs as "
        "the "
        "gate would: what varies, how often the gate would cry wolf, and the smallest change that it finds in 80 % of "
        "cases; where there are no counters, instructions by simulation, too (--collect wall leaves them out). "
        "--layout "
        "PROGRAM... measures how far the mere place of code moves each point. Both are stored for this "
        "machine; the gate's thresholds, and what `check` says of what stayed the same, follow them.",
    .rows = rows,
    .examples = "countermark doctor\n"
                "countermark doctor --format json\n"
                "countermark doctor --calibrate\n"
                "countermark doctor --calibrate --collect papi:cache\n"
                "countermark doctor --aa 12 -k triad\n"
                "make layouts N=5 && countermark doctor --layout build/layouts/*/countermark",
    .run = run,
};
