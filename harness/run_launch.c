/*
 * One launch of the plan: decided without a process where the answer is known, else run, and stored in one transaction.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "kept_command.h"
#include "run_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2 }; /* after so many equal failures in a row, a point is not tried again */

/* So that a gate can measure it again in turns with what comes after it. */
static void keep_command(const struct session *s, const struct plan_point *p, const char *hash)
{
    static bool told;
    const struct kept_name name = {p->text, p->variant_version, hash};
    struct err trouble = {0};

    if (kept_command_save(s->q->database, &name, p->command, p->verify, &trouble) && !told) {
        log_warning("%s is not kept for later re-runs: %s", p->command[0], trouble.text);
        told = true;
    }
}

int run_point_id(struct session *s, size_t point, struct err *e)
{
    const struct plan_point *p = &s->out->plan.points[point];
    char *program = p->command ? run_command_hash(p->command) : NULL;
    const char *code = program ? program : p->anchor ? s->anchor.hash : registry_code_hash(p->kernel, p->variant);
    struct point_row row = {
        .text = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .kernel_version = p->command ? "1" : p->kernel_row->kernel->version,
        .variant_version = p->command ? p->variant_version : p->variant_row->variant->version,
        .code_hash = code ? code : "",
        .role = p->anchor ? "anchor" : "",
        .axes = p->axes,
    };

    bool known = s->points[point].id;
    int failed = known ? 0 : store_point(s->store, &row, &s->points[point].id, e);

    if (program && !known && !failed)
        keep_command(s, p, program);
    free(program);
    return failed;
}

static void count_status(struct run_outcome *o, enum launch_status status, bool anchor)
{
    if (anchor) {
        o->anchors.done += status == LAUNCH_DONE;
        o->anchors.skipped += status == LAUNCH_SKIPPED;
        return;
    }
    o->done += status == LAUNCH_DONE;
    o->wrong += status == LAUNCH_WRONG;
    o->unavailable += status == LAUNCH_UNAVAILABLE;
    o->skipped += status == LAUNCH_SKIPPED;
    o->failed += status != LAUNCH_DONE && status != LAUNCH_WRONG && status != LAUNCH_UNAVAILABLE &&
                 status != LAUNCH_SKIPPED && status != LAUNCH_PLANNED;
}

void run_note_outcome(struct session *s, size_t i, enum launch_status status, const char *reason, int64_t inner)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    struct point_state *p = &s->points[l->point];
    int kind = *l->pass != 0;
    struct point_failures *f = &p->failures[kind];

    s->out->status[i] = status;
    run_simulate_note(s, status == LAUNCH_UNAVAILABLE ? reason : NULL);
    count_status(s->out, status, s->out->plan.points[l->point].anchor);
    s->out->uncounted += status == LAUNCH_UNAVAILABLE && kind && !s->out->plan.points[l->point].unavailable;
    if (status == LAUNCH_DONE) {
        if (!p->inner[kind])
            p->inner[kind] = inner;
        f->count = p->failures[0].count = 0;
        return;
    }
    if (status == LAUNCH_SKIPPED || status == LAUNCH_PLANNED)
        return;
    if (reason && text_starts(reason, "not tried again"))
        f->count = TRIES; /* it is the word about the failures before */
    else if (f->count && (f->status != status || strcmp(f->reason ? f->reason : "", reason ? reason : "")))
        f->count = 0;
    f->count++;
    f->status = status;
    free(f->reason);
    f->reason = mem_copy(reason ? reason : "");
}

/* "missing" lines become unavailable samples of the very first launch of each point that they concern. */
static struct sample *with_missing(const struct session *s, const struct plan_launch *l, const struct sample *samples,
                                   size_t *count, char ***names)
{
    const struct plan *p = &s->out->plan;
    const struct plan_point *point = &p->points[l->point];
    size_t missing = !l->number && !*l->pass ? p->missing_count : 0, named = 0;
    struct sample *all = mem_new(*count + missing + 1, sizeof *all);

    *names = mem_new(missing + 1, sizeof **names);
    if (*count)
        memcpy(all, samples, *count * sizeof *all);
    for (size_t i = 0; i < missing; i++) {
        const char *tab = strchr(p->missing[i], '\t');
        bool known = false;
        char *name;

        if (!plan_concerns(point, p->missing[i]))
            continue;
        name = (*names)[named++] = mem_copy_n(p->missing[i], strcspn(p->missing[i], "\t"));
        for (size_t j = 0; j < *count && !known; j++) /* a script may bring it after all */
            known = !strcmp(all[j].metric, name);
        if (!known)
            all[(*count)++] =
                (struct sample){name, -1, NAN, QUALITY_UNAVAILABLE, 0, tab ? tab + 1 : "cannot be counted here"};
    }
    return all;
}

static int store_outcome(struct session *s, size_t i, const struct launch_result *r, const struct sample *samples,
                         size_t count, struct err *e)
{
    char **names;
    struct sample *all = with_missing(s, &s->out->plan.launches[i], samples, &count, &names);
    int failed = store_launch(s->store, s->launch_ids[i], r, all, count, e);

    for (size_t n = 0; names[n]; n++)
        free(names[n]);
    free(names);
    free(all);
    if (!failed)
        run_note_outcome(s, i, r->status, r->reason, r->inner);
    return failed;
}

int run_store_status(struct session *s, size_t i, enum launch_status status, const char *reason, struct err *e)
{
    struct launch_result r = {
        .status = status, .reason = reason, .started = clock_wall_seconds(), .match = -1, .checksum = ""};

    return store_outcome(s, i, &r, NULL, 0, e);
}

/* Failed alike before, or known to be unable: no process. What fails at its time is not counted either. */
static int decided(struct session *s, size_t i, bool *done, struct err *e)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    const struct plan_point *p = &s->out->plan.points[l->point];
    struct point_state *state = &s->points[l->point];
    struct point_failures *f = &state->failures[*l->pass && state->failures[0].count < TRIES];
    char *reason = run_simulate_too_large(s, i);
    int failed;

    *done = true;
    if (reason && !p->unavailable) {
        failed = run_store_status(s, i, LAUNCH_UNAVAILABLE, reason, e);
        free(reason);
        return failed;
    }
    free(reason);
    if (p->unavailable)
        return run_store_status(s, i, LAUNCH_UNAVAILABLE, p->unavailable, e);
    *done = f->count >= TRIES;
    if (!*done)
        return 0;
    if (!f->told)
        progress_note(s, "%s failed %d times alike and is not %s again", p->text, TRIES,
                      f == state->failures ? "tried" : "counted");
    f->told = true;
    reason = text_starts(f->reason, "not tried again")
                 ? mem_copy(f->reason)
                 : mem_format("not tried again after %d launches in a row: %s", TRIES, f->reason);
    failed = run_store_status(s, i, f->status, reason, e);
    free(reason);
    return failed;
}

/* A variant that allocates without end is to end before it has taken the machine's memory: temporaries of several times what the
 * kernel's data need are fine, and what every process needs. Unknown: the launch's own limit. */
static int64_t memory_limit(const struct plan_point *p)
{
    return p->variant_row ? (INT64_C(2) << 30) + 4 * p->footprint : 0;
}

static void fill_spec(const struct session *s, size_t i, struct launch_spec *out)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    const struct plan_point *p = &s->out->plan.points[l->point];

    *out = (struct launch_spec){
        .point = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .axes = p->axes,
        .pass = l->pass,
        .number = l->number,
        .inner = s->points[l->point].inner[*l->pass != 0],
        .target_s = s->out->plan.target_s,
        .precision = *l->pass ? 0 : s->q->precision,
        .seed = text_hash(p->kernel, strlen(p->kernel), 0), /* one problem for all variants */
        .layout_seed = s->seed ^ text_hash(&i, sizeof i, 0),
        .timeout_s = s->q->timeout_s > 0           ? s->q->timeout_s
                     : registry_simulator(l->pass) ? 0
                     : p->command                  ? 600
                                                   : 60,
        .simulate_s = run_simulate_limit(s, l->point),
        .memory_limit = memory_limit(p),
        .reference_folder = s->references,
        .fake_script = s->fake_script,
        .count_kernel = s->q->count_kernel,
        .isolate = s->q->isolate,
        .command = p->command,
        .verify = p->verify,
    };
    if (p->anchor) {
        out->program = s->anchor.program;
        out->reference_folder = s->anchor.references;
        out->target_s = s->fake_script ? 0.001 : PLAN_ANCHOR_TARGET_S; /* what a script says needs no measuring */
        out->precision = 0;
    }
}

static void tell_failure(struct session *s, size_t i, const struct launch_result *r)
{
    const struct plan_launch *l = &s->out->plan.launches[i];

    if (r->status != LAUNCH_DONE && !(r->reason && strstr(r->reason, LAUNCH_TOO_LARGE)) &&
        !s->points[l->point].failures[*l->pass != 0].count)
        progress_note(s, "%s: %s%s%s", s->out->plan.points[l->point].text, launch_status_name(r->status),
                      r->reason && *r->reason ? ": " : "", r->reason ? r->reason : "");
}

/* Counters that none of a launch's readings has: for one reason, told once a run, since it seldom is one point's alone. */
static void tell_uncounted(struct session *s, size_t i, const struct launch_outcome *out)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    const char *reason = NULL;

    for (size_t k = 0; k < out->sample_count; k++) {
        if (out->samples[k].quality != QUALITY_UNAVAILABLE)
            return;
        reason = out->samples[k].reason;
    }
    if (!*l->pass || out->result.status != LAUNCH_DONE || !reason || !*reason ||
        (s->uncounted && !strcmp(s->uncounted, reason)))
        return;
    progress_note(s, "%s: not counted: %s", s->out->plan.points[l->point].text, reason);
    free(s->uncounted);
    s->uncounted = mem_copy(reason);
}

/* The output of one point is the same in every launch of a run, or something is wrong with it: checked for programs, whose
 * results nobody else verifies. */
static void check_sum(struct session *s, size_t i, struct launch_result *r)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    struct point_state *p = &s->points[l->point];

    if (!s->out->plan.points[l->point].command || r->status != LAUNCH_DONE || !r->checksum || !*r->checksum)
        return;
    if (!p->checksum) {
        p->checksum = mem_copy(r->checksum);
    } else if (strcmp(p->checksum, r->checksum)) {
        r->status = LAUNCH_WRONG;
        r->reason = "its output differs from that of this point's first launch";
        r->match = MATCH_WRONG;
    }
}

int run_launch(struct session *s, size_t i, struct err *e)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    struct launch_outcome out = {0};
    struct launch_spec spec;
    bool done;
    int failed = decided(s, i, &done, e);

    if (failed || done)
        return failed;
    fill_spec(s, i, &spec);
    if (launch_execute(&spec, &out, e))
        return -1;
    check_sum(s, i, &out.result);
    if (!*l->pass && out.result.status == LAUNCH_DONE)
        run_simulate_learn(s, l->point, &out);
    tell_failure(s, i, &out.result);
    tell_uncounted(s, i, &out);
    for (size_t m = 0; m < out.metric_count && !failed; m++)
        failed = store_metric(s->store, &out.metrics[m], e);
    if (!failed)
        failed = store_outcome(s, i, &out.result, out.samples, out.sample_count, e);
    s->points[l->point].wall_sum[*l->pass != 0] += out.result.wall_s;
    s->points[l->point].measured[*l->pass != 0]++;
    s->out->executing_s += out.result.executing_s;
    launch_outcome_free(&out);
    return failed;
}
