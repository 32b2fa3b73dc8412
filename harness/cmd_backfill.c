/* countermark backfill: measures commits of the past, each built in a worktree of its own. */
#include "backfill.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct backfill_options {
    struct option_list kernels, variants, sweeps;
    const char *plan, *collect, *machine, *database;
    double budget_s;
    int64_t every, launches;
    bool bisect_order, again;
};

#define AT(field) .offset = offsetof(struct backfill_options, field)

static const struct option_row rows[] = {
    {"every", 0, OPTION_INTEGER, "N", "takes every Nth commit only, counted from the newest", AT(every), NULL},
    {"bisect-order", 0, OPTION_FLAG, NULL,
     "takes all: both ends first, then the middle of the widest gap (so it does without --every, too)",
     AT(bisect_order), NULL},
    {"budget", 0, OPTION_DURATION, "TIME", "begins no commit that would not end within this time", AT(budget_s), NULL},
    {"again", 0, OPTION_FLAG, NULL, "measures also what is measured, and tries again what did not build", AT(again),
     NULL},
    {"kernel", 'k', OPTION_LIST, "GLOB", "measures only these kernels, from the plan's", AT(kernels), NULL},
    {"variant", 'v', OPTION_LIST, "GLOB", "measures only these variants", AT(variants), NULL},
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP", "sets an axis instead of the plan", AT(sweeps), NULL},
    {"plan", 0, OPTION_TEXT, "NAME", "takes points, launches and collectors from this plan", AT(plan), NULL},
    {"collect", 0, OPTION_TEXT, "LIST", "takes these collectors", AT(collect), NULL},
    {"launches", 0, OPTION_INTEGER, "N", "starts each point N times for its time", AT(launches), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "calls this machine NAME; it is the home of every history", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "stores in this database (countermark.db)", AT(database), NULL},
    {0},
};

/* The arguments of `run`, as given here or else as configured. `memory` owns what is made for them. */
struct words {
    char **items;
    size_t count, capacity;
    char **memory;
    char launches[24];
};

static void add(struct words *w, const char *word)
{
    VEC_ROOM(w->items, w->count, w->capacity);
    w->items[w->count++] = (char *)word;
}

static void add_option(struct words *w, const char *name, const char *value)
{
    if (value) {
        add(w, name);
        add(w, value);
    }
}

static void add_list(struct words *w, const char *name, const struct option_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        add_option(w, name, l->items[i]);
}

static int configured_words(struct words *w, const struct config *c, struct err *e)
{
    size_t count;

    w->memory = c->build.run ? run_unquote(c->build.run, &count) : NULL;
    if (c->build.run && !w->memory)
        return err_set(e, CM_USAGE, "%s: `build: run:` is no command line: a quote is not closed", c->path);
    for (size_t i = 0; w->memory && i < count; i++)
        add(w, w->memory[i]);
    return 0;
}

static int find_words(struct words *w, const struct backfill_options *o, char *const *command, const struct config *c,
                      struct err *e)
{
    add_option(w, "--plan", o->plan);
    add_list(w, "-k", &o->kernels);
    add_list(w, "-v", &o->variants);
    add_list(w, "-s", &o->sweeps);
    add_option(w, "--collect", o->collect);
    snprintf(w->launches, sizeof w->launches, "%" PRId64, o->launches);
    add_option(w, "--launches", o->launches > 0 ? w->launches : NULL);
    if (command)
        add(w, "--");
    for (; command && *command; command++)
        add(w, *command);
    return w->count ? 0 : configured_words(w, c, e);
}

static int check_options(const struct backfill_options *o, const struct option_list *operands, char *const *command,
                         const struct config *c, struct err *e)
{
    if (operands->count != 1)
        return err_set(e, CM_USAGE, "backfill takes one range of commits, REV..REV, such as v1.0..main");
    if (o->every != NOT_GIVEN && o->every < 1)
        return err_set(e, CM_USAGE, "--every takes a whole number from 1");
    if (o->every > 1 && o->bisect_order)
        return err_set(e, CM_USAGE, "--bisect-order takes all commits of the range: leave it out, or --every");
    if (opt_check_launches(o->launches, e) || opt_check_machine(o->machine, e))
        return -1;
    if (command && !*command)
        return err_set(e, CM_USAGE, "a command is missing behind '--'");
    if (!c->build.command && !c->build.program && !c->build.run && !command)
        return err_set(e, CM_USAGE,
                       "nothing says how a commit is built: .countermark.yaml needs `build: { command: make, program: "
                       "build/countermark, run: -k mandelbrot }`, or a command stands behind --");
    return 0;
}

/* "37 of 40 commits measured, 12 of them before; 1 does not build; 2 left" */
static void print_summary(const struct backfill_outcome *o, const char *range)
{
    char time[40];

    printf("%s: %zu commit%s, %zu done before; %zu measured in %s", range, o->wanted, text_plural(o->wanted, "s"),
           o->before, o->measured, text_duration_words(o->seconds, time, sizeof time));
    if (o->unbuildable)
        printf("; %zu do%s not build", o->unbuildable, o->unbuildable == 1 ? "es" : "");
    if (o->unrunnable)
        printf("; %zu build%s, but could not be measured", o->unrunnable, o->unrunnable == 1 ? "s" : "");
    if (o->troubled)
        printf("; %zu left out after an error", o->troubled);
    if (o->left)
        printf("; %zu left: the same command goes on", o->left);
    puts(o->measured && !o->left ? "; countermark history tells what changed" : "");
}

static int backfill(const struct backfill_options *o, const char *range, char *const *command, const struct config *c,
                    struct err *e)
{
    struct words w = {0};
    struct backfill_outcome out = {0};
    int failed = find_words(&w, o, command, c, e), code;

    if (!failed) {
        const struct backfill_request q = {.database = o->database,
                                           .repository = ".",
                                           .range = range,
                                           .config = c,
                                           .machine = o->machine,
                                           .words = w.items,
                                           .word_count = w.count,
                                           .every = o->every > 0 ? (size_t)o->every : 0,
                                           .budget_s = o->budget_s,
                                           .again = o->again};

        failed = backfill_run(&q, &out, e);
    }
    if (out.wanted && (!failed || out.measured + out.unbuildable + out.unrunnable))
        print_summary(&out, range);
    code = failed ? e->code : out.troubled ? CM_INTERNAL : CM_FINE;
    if (!code && !out.measured && !out.before)
        code = CM_NOTHING;
    free(w.memory);
    free(w.items);
    return code;
}

static int run(int argc, char **argv, struct err *e)
{
    struct backfill_options o = {.launches = NOT_GIVEN, .every = NOT_GIVEN};
    struct option_list operands = {0};
    struct config c = {0};
    char **command = NULL;
    int code = opt_parse(rows, argc, argv, &o, &operands, &command, e);

    if (!code)
        code = config_read(&c, e);
    if (!code)
        code = check_options(&o, &operands, command, &c, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    code = code ? e->code : backfill(&o, operands.items[0], command, &c, e);
    config_free(&c);
    opt_list_free(&o.kernels);
    opt_list_free(&o.variants);
    opt_list_free(&o.sweeps);
    opt_list_free(&operands);
    return code;
}

const struct command command_backfill = {
    .summary = "measures commits of the past, each built in a worktree of its own",
    .usage = "REV..REV [-- COMMAND [ARG with {axis}]...]",
    .details =
        "Takes the commits after the first REV up to the second, along the first parents. Each is checked out in a "
        "worktree beside the database (DB.builds/commits), built there once, and measured; your own working tree is "
        "left alone. What is measured already is not done again, nor what does not build, which is stored with the "
        "line "
        "that tells why: so the same command goes on where it was stopped. The commits that tell most come first: "
        "both ends, then the middle of the widest gap.\n\n"
        "How a commit is built and measured stands in .countermark.yaml:\n\n"
        "    build:\n"
        "      command: make -j2              # run by sh in the worktree\n"
        "      program: build/countermark     # what it builds, if that holds the plug-ins; else this program "
        "measures\n"
        "      run: -k mandelbrot             # arguments of `countermark run`; a command of yours behind --\n"
        "      timeout: 30m                   # of one build\n\n"
        "Plans are those of today. Where options of `run` stand here, the whole line `run:` is not used: a command of "
        "yours "
        "must stand behind -- then, too.\n\n"
        "Behind a backfill `countermark check` and the report's first page look at the newest commit that was "
        "measured, "
        "not at what was measured last; --candidate commit:X names another.\n\n"
        "Exit codes: 0 fine, also where the time is up, 2 a mistake in the command line, 3 no commit could be "
        "measured, 6 an "
        "internal or I/O error, 130 stopped (what was measured is kept).",
    .rows = rows,
    .examples = "countermark backfill v1.0..main --budget 2h\n"
                "countermark backfill HEAD~100.. --every 10 -k triad\n"
                "countermark backfill v1.0..main -s n=1000 -- ./prog --size {n}",
    .run = run,
};
