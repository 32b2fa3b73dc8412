/*
 * countermark compare: two stored runs side by side, point by point; with --interleave both programs are run again in turns, until
 * every point is decided. A program file may stand for a run.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "gate_model.h"
#include "host.h"
#include "programs.h"
#include "ref_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compare_command_options {
    struct option_list kernels, variants, sweeps;
    const char *metric, *format, *database, *machine, *plan, *collect;
    double min_effect, budget_s;
    bool interleave, why;
};

#define AT(field) .offset = offsetof(struct compare_command_options, field)

static const struct option_row rows[] = {
    {"interleave", 0, OPTION_FLAG, NULL, "runs both kept programs again in turns instead of trusting stored times",
     AT(interleave), NULL},
    {"kernel", 'k', OPTION_LIST, "GLOB", "of program files: compares only these kernels", AT(kernels), NULL},
    {"variant", 'v', OPTION_LIST, "GLOB", "of program files: compares only these variants", AT(variants), NULL},
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP", "of program files: sets an axis, as run does", AT(sweeps), NULL},
    {"plan", 0, OPTION_TEXT, "NAME", "of program files: takes points from this plan (default)", AT(plan), NULL},
    {"collect", 0, OPTION_TEXT, "LIST", "of program files: counts with these, too (wall: time alone)", AT(collect),
     NULL},
    {"metric", 0, OPTION_TEXT, "GLOB", "compares these metrics (time and instructions, of CPUs and GPUs)", AT(metric),
     NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "smallest change of time that counts (1%)", AT(min_effect), NULL},
    {"confirm-budget", 0, OPTION_DURATION, "TIME",
     "spends at most this long with --interleave (10m); what is not decided by then is ambiguous", AT(budget_s), NULL},
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

static int compare_runs(const struct compare_command_options *c, const struct config *config, const char *const refs[2],
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
        .thresholds = config->thresholds,
        .threshold_count = config->threshold_count,
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

/* The program file that a REF's run kept; free(). NULL on failure. */
static char *kept_program(const char *database, const char *ref, const char *machine, struct err *e)
{
    char id[24], *hash = NULL, *program = NULL;
    const char *const parameters[] = {id};
    struct store *s = NULL;
    int64_t number;

    if (!file_exists(database))
        err_set(e, CM_USAGE, "'%.200s' is no program file, and there is no database %s in which it could be a run", ref,
                database);
    else if (!store_open(&s, database, STORE_READ, e) && !ref_find(s, ref, machine, NULL, 0, &number, NULL, e)) {
        snprintf(id, sizeof id, "%" PRId64, number);
        if (!store_text(s, "SELECT b.binary_hash FROM run r JOIN build b ON b.id = r.build WHERE r.id = ?1", parameters,
                        1, &hash, e))
            program = host_kept_program(database, hash ? hash : "");
        if (!program && !e->code)
            err_set(e, CM_NOTHING, "the program of run %" PRId64 " was not kept beside %s", number, database);
    }
    store_close(s);
    free(hash);
    return program;
}

static int compare_programs(const struct compare_command_options *c, const struct config *config,
                            const char *const refs[2], struct err *e)
{
    static const char *const runs[2] = {"run:1", "run:2"};
    struct compare_command_options in_turns = *c;
    struct programs_request q = {
        .kernels = &c->kernels, .variants = &c->variants, .sweeps = &c->sweeps, .plan = c->plan, .collect = c->collect};
    char *kept[2] = {NULL, NULL}, *folder = NULL, *database = NULL;
    int code = 0;

    for (int i = 0; i < 2 && !code; i++) {
        if (!programs_is_file(refs[i])) {
            kept[i] = kept_program(c->database        ? c->database
                                   : config->database ? config->database
                                                      : "countermark.db",
                                   refs[i], c->machine ? c->machine : config->machine, e);
            code = kept[i] ? 0 : e->code;
        }
        q.programs[i] = kept[i] ? kept[i] : refs[i];
    }
    if (!code && programs_measure(&q, &folder, &database, e))
        code = e->code;
    in_turns.database = database;
    in_turns.machine = NULL;
    if (!code)
        code = compare_runs(&in_turns,
                            &(const struct config){.min_effect = config->min_effect,
                                                   .thresholds = config->thresholds,
                                                   .threshold_count = config->threshold_count,
                                                   .metrics = config->metrics,
                                                   .confirm_budget_s = config->confirm_budget_s},
                            runs, e);
    programs_forget(folder);
    free(database);
    free(kept[0]);
    free(kept[1]);
    return code;
}

static int check_operands(const struct compare_command_options *o, const struct option_list *operands, bool *programs,
                          struct err *e)
{
    bool chosen = o->kernels.count || o->variants.count || o->sweeps.count || o->plan || o->collect;

    if (operands->count != 2)
        return err_set(e, CM_USAGE, "compare takes two runs, the older first: countermark compare run:1 last");
    if (o->min_effect < 0)
        return err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    for (size_t i = 0; i < 2 && o->interleave; i++)
        if (strchr(operands->items[i], '/') && !strchr(operands->items[i], ':') &&
            !programs_is_file(operands->items[i]))
            return err_set(e, CM_USAGE, "there is no program file %.300s that can be run", operands->items[i]);
    *programs = programs_is_file(operands->items[0]) || programs_is_file(operands->items[1]);
    if (*programs && !o->interleave)
        return err_set(e, CM_USAGE, "program files have no stored times; compare them in turns with --interleave");
    if (!*programs && chosen)
        return err_set(e, CM_USAGE, "-k, -v, -s, --plan and --collect are for program files; runs have their points");
    return 0;
}

static int run(int argc, char **argv, struct err *e)
{
    struct compare_command_options o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    bool programs = false;
    int code = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!code)
        code = check_operands(&o, &operands, &programs, e);
    if (!code)
        code = config_read(&c, e);
    code = code ? e->code : (programs ? compare_programs : compare_runs)(&o, &c, operands.items, e);
    config_free(&c);
    opt_list_free(&o.kernels);
    opt_list_free(&o.variants);
    opt_list_free(&o.sweeps);
    opt_list_free(&operands);
    return code;
}

const struct command command_compare = {
    .summary = "compares two runs point by point: ratios with intervals and verdicts",
    .usage = "REF REF",
    .details =
        "The first REF is the baseline. A change of stored times alone is at most ambiguous; --interleave settles it "
        "where the programs of both runs were kept beside the database: in blocks of shuffled turns, with more "
        "launches "
        "only for points that are not decided. Such a point is the same (no difference, and one that counts is "
        "excluded), different (with a note if it is too small to count), or not decided when 96 launches a side or the "
        "time are used up, or would not do at this noise: ambiguous. Runs of two machines are compared by what is "
        "stored. Nothing is accepted, and no "
        "verdict is stored.\n\n"
        "With --interleave a REF may be a program file, such as another build: its points are those of a plan, as "
        "in run, and nothing of it is kept.\n\n"
        "Exit codes are those of check: 0 nothing slower, 1 something is slower, 3 nothing comparable, 4 launches "
        "failed, 5 a wrong result.",
    .rows = rows,
    .examples = "countermark compare run:1 run:2\n"
                "countermark compare accepted last --interleave\n"
                "countermark compare --interleave build/a/countermark build/b/countermark -k mandelbrot\n"
                "countermark compare machine:bench-6 machine:bench-7 --db all.db",
    .run = run,
};
