/* countermark run: measures a plan's points, or any program, and stores every sample. */
#include "base/mem.h"
#include "cmd.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_options {
    struct option_list kernels, variants, sweeps;
    const char *plan, *collect, *called, *machine, *database, *verify, *shard, *progress, *format;
    bool quick, resume, isolate, count_kernel, multiplex, no_anchor, no_calibrate;
    double budget_s, precision, timeout_s;
    int64_t launches, seed;
};

#define AT(field) .offset = offsetof(struct run_options, field)

static const struct option_row rows[] = {
    {"kernel", 'k', OPTION_LIST, "GLOB", "measures only these kernels, from the plan's", AT(kernels), NULL},
    {"variant", 'v', OPTION_LIST, "GLOB", "measures only these variants (simd*, or triad/simd)", AT(variants), NULL},
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP",
     "sets an axis instead of the plan: size=300,1000 or threads=1:8:1 or size=pow2:4K:4LLC", AT(sweeps), NULL},
    {"plan", 0, OPTION_TEXT, "NAME", "takes points, launches and collectors from this plan (default)", AT(plan), NULL},
    {"quick", 0, OPTION_FLAG, NULL, "the same as --plan quick", AT(quick), NULL},
    {"collect", 0, OPTION_TEXT, "LIST", "takes these collectors: papi:base+cache, wall (time alone), fake:FILE",
     AT(collect), NULL},
    {"launches", 0, OPTION_INTEGER, "N", "starts each point N times for its time; 8 is the least that a verdict needs",
     AT(launches), NULL},
    {"budget", 0, OPTION_DURATION, "TIME",
     "ends within this time by leaving out whole rounds, never the first (0: no limit)", AT(budget_s), NULL},
    {"precision", 0, OPTION_SHARE, "SHARE", "goes on inside a launch until the median is this certain", AT(precision),
     NULL},
    {"timeout", 0, OPTION_DURATION, "TIME", "ends a launch that takes longer (60s, programs 10m)", AT(timeout_s), NULL},
    {"seed", 0, OPTION_INTEGER, "N", "sets the order of the launches; every shard needs the same", AT(seed), NULL},
    {"shard", 0, OPTION_TEXT, "I/N", "measures the Ith of N parts of the plan; `db merge` puts them together",
     AT(shard), NULL},
    {"resume", 0, OPTION_FLAG, NULL, "goes on with the newest run of this plan that was stopped", AT(resume), NULL},
    {"isolate", 0, OPTION_FLAG, NULL,
     "gives workers CPUs of their own, a higher priority and fixed addresses; says what is not allowed", AT(isolate),
     NULL},
    {"count-kernel", 0, OPTION_FLAG, NULL, "counts what the system does for the program too, not user space alone",
     AT(count_kernel), NULL},
    {"multiplex", 0, OPTION_FLAG, NULL,
     "counts all sets of events in one launch, by turns, instead of a launch for each", AT(multiplex), NULL},
    {"no-anchor", 0, OPTION_FLAG, NULL, "leaves out the launches that tell whether the machine moved", AT(no_anchor),
     NULL},
    {"no-calibrate", 0, OPTION_FLAG, NULL, "takes counters that are new to this machine at their word, unchecked",
     AT(no_calibrate), NULL},
    {"name", 0, OPTION_TEXT, "NAME", "calls a program's points command/NAME, not after its file", AT(called), NULL},
    {"verify", 0, OPTION_TEXT, "sha256|GLOB",
     "a program's standard output, or the files that it writes, must be the same in every launch", AT(verify), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "calls this machine NAME; it is the home of every history", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "stores in this database (countermark.db)", AT(database), NULL},
    {"progress", 0, OPTION_TEXT, "HOW", "auto: one line on a terminal, else plain lines", AT(progress),
     "auto,plain,off"},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints the summary as text or as one JSON document", AT(format), "text,json"},
    {0},
};

static int read_shard(const char *text, struct plan_request *q, struct err *e)
{
    char *slash = NULL, *end = NULL;
    long shard = text ? strtol(text, &slash, 10) : 1, shards = text && *slash == '/' ? strtol(slash + 1, &end, 10) : 0;

    if (!text)
        return 0;
    if (slash == text || !end || end == slash + 1 || *end || shards > 256 || shard < 1 || shard > shards)
        return err_set(e, CM_USAGE, "--shard takes I/N with I from 1 to N and N up to 256, such as 1/3, not \"%s\"",
                       text);
    q->shard = (int)shard;
    q->shards = (int)shards;
    return 0;
}

static int check_options(const struct run_options *o, char *const *command, struct err *e)
{
    if (o->quick && o->plan && strcmp(o->plan, "quick"))
        return err_set(e, CM_USAGE, "--quick is plan quick; it cannot be plan %s too", o->plan);
    if (opt_check_launches(o->launches, e))
        return -1;
    if (o->seed != NOT_GIVEN && o->seed < 0)
        return err_set(e, CM_USAGE, "--seed takes a whole number from 0");
    if (o->precision < 0 || o->precision >= 1)
        return err_set(e, CM_USAGE, "--precision takes a share between 0 and 1, such as 1%%");
    if (opt_check_machine(o->machine, e))
        return -1;
    if (o->verify && !command)
        return err_set(e, CM_USAGE, "--verify is for a command behind '--'; variants are verified by their kernel");
    if (command && !*command)
        return err_set(e, CM_USAGE, "a command is missing behind '--'");
    return opt_check_name(o->called, command != NULL, e);
}

/* Everything but the strings' owners; `kernels` and `variants` are the caller's. */
static int fill_request(const struct run_options *o, const struct config *c, const char *kernels, const char *variants,
                        char **command, struct run_request *q, struct err *e)
{
    *q = (struct run_request){
        .plan = {.plan = o->quick ? "quick" : o->plan,
                 .plans = c->plans,
                 .plan_count = c->plan_count,
                 .kernels = kernels,
                 .variants = variants,
                 .sweeps = o->sweeps.items,
                 .sweep_count = o->sweeps.count,
                 .collect = o->collect,
                 .launches = o->launches > 0 ? (int)o->launches : 0,
                 .seed = (uint64_t)o->seed,
                 .command = command,
                 .called = o->called,
                 .verify = o->verify},
        .seed_given = o->seed >= 0,
        .database = o->database,
        .machine = o->machine ? o->machine : c->machine,
        .machine_class = c->machine_class,
        .budget_s = o->budget_s,
        .precision = o->precision,
        .timeout_s = o->timeout_s,
        .resume = o->resume,
        .isolate = o->isolate,
        .count_kernel = o->count_kernel,
        .multiplex = o->multiplex,
        .no_anchor = o->no_anchor,
        .no_calibrate = o->no_calibrate,
        .progress = !o->progress || !strcmp(o->progress, "auto") ? PROGRESS_AUTO
                    : !strcmp(o->progress, "plain")              ? PROGRESS_PLAIN
                                                                 : PROGRESS_OFF,
    };
    return read_shard(o->shard, &q->plan, e);
}

static int print_summary(const struct run_outcome *o, const struct run_request *q, const char *format, struct err *e)
{
    struct buf text = {0};
    bool json = format && !strcmp(format, "json");
    int failed = json ? run_summary_json(o, q->database, &text, e) : run_summary_text(o, q->database, &text, e);

    if (!failed)
        fputs(buf_text(&text), stdout);
    if (!failed && o->nothing_missing && !json)
        puts("nothing was missing");
    buf_free(&text);
    return failed;
}

static int measure(const struct run_request *q, const char *format, struct err *e)
{
    struct run_outcome o;
    int failed = run_plan(q, &o, e), code = failed ? e->code : run_exit_code(&o);
    struct err second = {0};

    /* What was measured is shown even if the run was stopped; the first error is the one that counts. */
    if (o.run && print_summary(&o, q, format, failed ? &second : e) && !failed)
        code = e->code;
    run_outcome_free(&o);
    return code;
}

static bool says_what(const struct run_options *o, char *const *command)
{
    return command || o->kernels.count || o->variants.count || o->sweeps.count || o->plan || o->quick || o->collect ||
           o->launches > 0 || o->shard || o->count_kernel || o->multiplex || o->seed >= 0;
}

/* `run --resume` alone: the options of the newest stopped run, from its stored command line. */
static int stored_options(struct run_options *o, char ***owner, struct err *e)
{
    struct store *s = NULL;
    struct run_options old = {.launches = NOT_GIVEN, .seed = NOT_GIVEN};
    char *line = NULL, **rest;
    size_t count;
    int failed = store_open(&s, o->database, STORE_READ, e);

    if (!failed)
        failed =
            store_text(s, "SELECT arguments FROM run WHERE status <> 'complete' ORDER BY started DESC, id DESC LIMIT 1",
                       NULL, 0, &line, e);
    store_close(s);
    if (failed)
        return -1;
    if (!line)
        return err_set(e, CM_NOTHING, "there is nothing to resume: %s has no incomplete run", o->database);
    *owner = run_unquote(line, &count);
    if (!*owner || count < 2 || strcmp((*owner)[0], "countermark") || strcmp((*owner)[1], "run") ||
        opt_parse(rows, (int)count - 1, *owner + 1, &old, NULL, &rest, NULL))
        failed =
            err_set(e, CM_USAGE, "repeat the options of the stopped run together with --resume; they were: %s", line);
    else if (rest) /* a program is started only because somebody typed it now */
        failed = err_set(e, CM_USAGE, "repeat the command of the stopped run together with --resume; it was: %s", line);
    free(line);
    old.database = o->database;
    old.resume = true;
    old.progress = o->progress;
    old.format = o->format;
    old.machine = o->machine ? o->machine : old.machine;
    old.budget_s = o->budget_s;
    old.precision = o->precision > 0 ? o->precision : old.precision;
    old.timeout_s = o->timeout_s > 0 ? o->timeout_s : old.timeout_s;
    old.isolate = o->isolate || old.isolate;
    old.no_anchor = o->no_anchor || old.no_anchor;
    old.no_calibrate = o->no_calibrate || old.no_calibrate;
    *o = old;
    return failed;
}

static int run_with(struct run_options *o, int argc, char **argv, char **command, const struct config *c, struct err *e)
{
    struct run_request q;
    char **owner = NULL, *kernels, *variants, *words = run_quote(argc, argv),
         *line = mem_format("countermark %s", words);
    int code = 0;

    if (!o->database)
        o->database = c->database ? c->database : "countermark.db";
    if (o->resume && !says_what(o, command))
        code = stored_options(o, &owner, e);
    kernels = opt_list_join(&o->kernels);
    variants = opt_list_join(&o->variants);
    if (!code)
        code = fill_request(o, c, kernels, variants, command, &q, e);
    q.arguments = line;
    code = code ? e->code : measure(&q, o->format, e);
    free(kernels);
    free(variants);
    free(words);
    free(line);
    free(owner);
    return code;
}

static int run(int argc, char **argv, struct err *e)
{
    struct run_options o = {.launches = NOT_GIVEN, .seed = NOT_GIVEN};
    struct config c = {0};
    char **command = NULL;
    int code = opt_parse(rows, argc, argv, &o, NULL, &command, e);

    if (!code)
        code = check_options(&o, command, e);
    if (!code)
        code = config_read(&c, e);
    code = code ? e->code : run_with(&o, argc, argv, command, &c, e);
    config_free(&c);
    opt_list_free(&o.kernels);
    opt_list_free(&o.variants);
    opt_list_free(&o.sweeps);
    return code;
}

const struct command command_run = {
    .summary = "measures every variant of every kernel, or any program, and stores every sample",
    .usage = "[-- COMMAND [ARG with {axis}]...]",
    .details =
        "Without a plan every variant is measured at its axes' defaults; -k, -v and -s choose and sweep. The list of "
        "launches is "
        "fixed before the first one starts, and all points take turns in a random order, so that a drift of the "
        "machine hits "
        "all alike. Each launch is a process of its own: a crash or a hang costs that launch alone.\n\n"
        "Behind -- stands any program. Its points come from -s alone: {axis} in its arguments is replaced by each "
        "value. "
        "It is counted from its start to its end, its children included. {{word}} reaches it as {word}. Two commands "
        "of one "
        "program need a --name each, or they share a history; with --plan it is measured as that plan says. What is "
        "measured "
        "again and again stands better in a plan of your own: countermark help plans.\n\n"
        "Exit codes: 0 fine, 2 a mistake in the command line, 3 nothing could run, 4 launches failed, 5 a variant "
        "computed a wrong result, 6 the database cannot be written, 130 stopped (what was measured is kept).",
    .rows = rows,
    .examples = "countermark run --quick\n"
                "countermark run -k triad -s size=pow2:4K:4LLC\n"
                "countermark run -s n=1000,2000 -- ./prog --size {n}\n"
                "countermark run --plan full --shard 1/3 --db part1.db",
    .run = run,
};
