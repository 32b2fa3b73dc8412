/*
 * Time that moved against stored runs is measured again: the kept old program and the new one in turns, launch by launch, on
 * the machine as it is now. Only what shows there is called slower or faster.
 *
 * Eight pairs a point, half of them old first, in a shuffled order; inner and repetitions are those of the stored launches on both
 * sides. The most suspicious points come first; a budget ends it. Launches are stored in the candidate's run under passes of their
 * own. Scripted runs are re-run each with its own run's script, launch numbers counting on.
 */
#include "gate_model.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "launch.h"
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 8
#define BUDGET_S 600
#define DEFAULT_LAUNCH_S 1

enum { OLD, NEW };

/* What one side of the re-run is: a program, its script and its cached references. */
struct contestant {
    char *program, *script, *references;
};

/* One point's re-run. */
struct rerun {
    struct gate_item *item;
    double suspicion, launch_s;
    int64_t inner;
    int repetitions, number;
    struct fact *axes;
    size_t axis_count, axis_capacity;
    double medians[2][PAIRS];
    size_t counts[2];
};

static void contestant_free(struct contestant *c)
{
    free(c->program);
    free(c->script);
    free(c->references);
}

/* NULL, or why this side cannot be run again. */
static char *find_contestant(const struct gate *g, const struct gate_side *side, struct contestant *c)
{
    c->program = host_kept_program(g->options->database, side->binary_hash);
    c->references = run_reference_folder(g->options->database, side->binary_hash);
    c->script = mem_copy(side->script);
    if (!c->program)
        return mem_format("the program of run %" PRId64 " was not kept beside the database", side->run);
    if (side->scripted && !c->script)
        return mem_format("the script of run %" PRId64 " is not known", side->run);
    if (c->script && !file_exists(c->script))
        return mem_format("the script of run %" PRId64 ", %s, is gone", side->run, c->script);
    return NULL;
}

/* NULL, or why the point cannot be measured again at all. `same` tells that both sides are one and the same thing. */
static char *cannot_rerun(const struct gate *g, const struct gate_item *item, bool *same)
{
    const struct gate_side *old = item->baseline, *now = &g->candidate;

    *same = false;
    if (!strcmp(item->point->kernel, "command"))
        return mem_format("an older %s is not kept, so nothing can be measured in turns", item->point->variant);
    if (old->binary_hash[0] && !strcmp(old->binary_hash, now->binary_hash) &&
        !strcmp(old->script ? old->script : "", now->script ? now->script : ""))
        *same = true;
    return NULL;
}

static int take_shape(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct rerun *r = user;

    (void)count;
    (void)e;
    r->inner = isnan(c[0].number) ? 0 : (int64_t)c[0].number;
    r->repetitions = isnan(c[1].number) ? 0 : (int)c[1].number;
    r->launch_s = isnan(c[2].number) ? DEFAULT_LAUNCH_S : c[2].number;
    r->number = isnan(c[3].number) ? 0 : (int)c[3].number + 1;
    return 0;
}

static int take_axis(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct rerun *r = user;

    (void)count;
    (void)e;
    VEC_ROOM(r->axes, r->axis_count, r->axis_capacity);
    r->axes[r->axis_count++] = (struct fact){mem_copy(c[0].text), mem_copy(c[1].text)};
    return 0;
}

/* How the stored launches of the point were made: the re-run's are made alike. */
static int read_shape(struct gate *g, struct rerun *r, struct err *e)
{
    char run[24], point[24];
    const char *const parameters[] = {run, point};

    snprintf(run, sizeof run, "%" PRId64, g->candidate.run);
    snprintf(point, sizeof point, "%" PRId64, r->item->point->id);
    if (store_query(g->store,
                    "SELECT max(l.inner), max(s.n), avg(l.wall_s),"
                    " (SELECT max(number) FROM launch WHERE run = ?1 AND point = ?2)"
                    " FROM launch l LEFT JOIN launch_summary s ON s.launch = l.id"
                    " AND s.metric = (SELECT id FROM metric WHERE name = 'wall.time')"
                    " WHERE l.run = ?1 AND l.point = ?2 AND l.pass = '' AND l.status = 'done'",
                    parameters, 2, take_shape, r, e) ||
        store_query(g->store, "SELECT axis, value FROM point_axis WHERE point = ?2 AND ?1 = ?1 ORDER BY axis",
                    parameters, 2, take_axis, r, e))
        return -1;
    VEC_ROOM(r->axes, r->axis_count, r->axis_capacity);
    r->axes[r->axis_count] = (struct fact){NULL, NULL};
    return 0;
}

static void rerun_free(struct rerun *r)
{
    for (size_t i = 0; i < r->axis_count; i++) {
        free(r->axes[i].name);
        free(r->axes[i].value);
    }
    free(r->axes);
    r->axes = NULL;
    r->axis_count = 0;
}

/* The launch's median of the metric, per execution; NaN if it did not end well. */
static double outcome_median(const struct launch_outcome *out, const char *metric)
{
    double *values = mem_new(out->sample_count + 1, sizeof *values), median;
    size_t n = 0;

    for (size_t i = 0; i < out->sample_count && out->result.status == LAUNCH_DONE; i++) {
        const struct sample *s = &out->samples[i];

        if (!strcmp(s->metric, metric) && s->quality != QUALITY_UNAVAILABLE)
            values[n++] = s->repetition < 0 ? s->value : s->value / (double)(out->result.inner ? out->result.inner : 1);
    }
    median = stats_median(values, n);
    free(values);
    return median;
}

static int store_outcome(struct gate *g, const struct rerun *r, int which, int number, const struct launch_outcome *out,
                         struct err *e)
{
    struct launch_row row = {
        .point = r->item->point->id, .number = number, .pass = which == OLD ? GATE_PASS_OLD : GATE_PASS_NEW};

    for (size_t i = 0; i < out->metric_count; i++) {
        if (store_metric(g->store, &out->metrics[i], e))
            return -1;
    }
    return store_launch_extra(g->store, g->candidate.run, &row, &out->result, out->samples, out->sample_count, e);
}

static int launch_once(struct gate *g, struct rerun *r, const struct contestant *c, int which, int number,
                       uint64_t layout, struct err *e)
{
    const struct gate_point *p = r->item->point;
    struct launch_outcome out = {0};
    struct launch_spec spec = {
        .program = c->program,
        .point = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .axes = r->axes,
        .pass = "",
        .number = number,
        .inner = r->inner,
        .min_repetitions = r->repetitions,
        .max_repetitions = r->repetitions,
        .seed = text_hash(p->text, strlen(p->text), 0),
        .layout_seed = layout,
        .reference_folder = c->references,
        .fake_script = c->script,
    };
    int failed;

    if (launch_execute(&spec, &out, e))
        return -1;
    r->medians[which][r->counts[which]] = outcome_median(&out, r->item->metric->name);
    if (out.result.status == LAUNCH_DONE)
        r->counts[which]++;
    else
        gate_reason(r->item, "measuring again failed: %s",
                    out.result.reason && *out.result.reason ? out.result.reason
                                                            : launch_status_name(out.result.status));
    failed = store_outcome(g, r, which, number, &out, e);
    launch_outcome_free(&out);
    return failed;
}

/* Which pairs begin with the old program: half of them, shuffled. */
static void shuffle_turns(bool old_first[PAIRS], uint64_t *seed)
{
    for (size_t i = 0; i < PAIRS; i++)
        old_first[i] = i % 2;
    for (size_t i = PAIRS - 1; i > 0; i--) {
        size_t k = stats_random(seed) % (i + 1);
        bool kept = old_first[i];

        old_first[i] = old_first[k];
        old_first[k] = kept;
    }
}

/* Ends early when a launch fails: the other side alone would say nothing. */
static int measure_pairs(struct gate *g, struct rerun *r, const struct contestant sides[2], uint64_t *seed,
                         struct err *e)
{
    bool old_first[PAIRS];

    shuffle_turns(old_first, seed);
    for (int i = 0; i < PAIRS; i++) {
        int first = old_first[i] ? OLD : NEW, second = OLD + NEW - first;
        uint64_t layout = stats_random(seed);

        if (launch_once(g, r, &sides[first], first, r->number + i, layout, e) ||
            launch_once(g, r, &sides[second], second, r->number + i, layout, e))
            return -1;
        if (r->counts[OLD] != r->counts[NEW] || r->counts[OLD] <= (size_t)i)
            return 0;
    }
    return 0;
}

/* The re-run's comparison; the verdict waits for the control over all of them. */
static void judge_rerun(const struct gate *g, struct rerun *r)
{
    struct compare_options o = gate_compare_options(g);
    struct gate_item *item = r->item;
    struct compare_side old = {r->medians[OLD], r->counts[OLD]}, now = {r->medians[NEW], r->counts[NEW]};

    if (old.count < o.min_launches || now.count < o.min_launches) {
        item->c.verdict = COMPARE_AMBIGUOUS;
        if (!item->reason)
            gate_reason(item, "measuring again did not give enough launches");
        return;
    }
    compare_time(old, now, item->metric->better == BETTER_LOWER, &o, &item->c);
    item->old_value = stats_median(old.values, old.count);
    item->new_value = stats_median(now.values, now.count);
    item->confirmed = true;
}

static double suspicion(const struct gate_item *item)
{
    double distance = fabs(log(item->c.ratio)) / log1p(item->c.threshold);
    bool worse = (item->c.ratio > 1) == (item->metric->better == BETTER_LOWER);

    /* What may turn the gate red goes before what is welcome. */
    return (isfinite(distance) ? distance : 0) + (item->suspect && worse ? 1e6 : 0);
}

static int by_suspicion(const void *a, const void *b)
{
    const struct rerun *x = a, *y = b;

    if (x->suspicion != y->suspicion)
        return x->suspicion < y->suspicion ? 1 : -1;
    return strcmp(x->item->point->text, y->item->point->text);
}

static bool is_wanted(const struct gate_item *item, bool all)
{
    if (!item->metric->duration || !item->old_series || !item->new_series || item->c.verdict == COMPARE_INCOMPARABLE)
        return false;
    return item->suspect || (all && item->c.verdict != COMPARE_NEW);
}

static size_t collect(struct gate *g, bool all, struct rerun **list)
{
    size_t count = 0;

    *list = mem_new(g->item_count + 1, sizeof **list);
    for (size_t i = 0; i < g->item_count; i++) {
        if (is_wanted(&g->items[i], all))
            (*list)[count++] = (struct rerun){.item = &g->items[i], .suspicion = suspicion(&g->items[i])};
    }
    qsort(*list, count, sizeof **list, by_suspicion);
    return count;
}

/* Decides without measuring where that is possible; true if the item is done with. */
static bool settle_without(struct gate *g, struct rerun *r, struct contestant sides[2])
{
    struct gate_item *item = r->item;
    char change[32], *why;
    bool same;

    why = cannot_rerun(g, item, &same);
    if (!why && same) {
        item->c.verdict = COMPARE_SAME;
        gate_reason(item, "%s, but it is the same program as in run %" PRId64 ": the machine or its environment moved",
                    gate_change_words(item->c.ratio, change, sizeof change), item->baseline->run);
        return true;
    }
    if (!why)
        why = find_contestant(g, item->baseline, &sides[OLD]);
    if (!why)
        why = find_contestant(g, &g->candidate, &sides[NEW]);
    if (!why)
        return false;
    item->c.verdict = COMPARE_AMBIGUOUS;
    gate_reason(item, "%s against stored launches alone: %s", gate_change_words(item->c.ratio, change, sizeof change),
                why);
    free(why);
    return true;
}

/* One suspect from start to end. `left_s` is what the budget still allows. */
static int confirm_one(struct gate *g, struct rerun *r, double left_s, uint64_t *seed, bool *measured, struct err *e)
{
    struct contestant sides[2] = {{NULL, NULL, NULL}, {NULL, NULL, NULL}};
    char change[32];
    int failed = 0;

    *measured = false;
    if (!settle_without(g, r, sides)) {
        failed = read_shape(g, r, e);
        if (!failed && 2 * PAIRS * r->launch_s > left_s) {
            r->item->c.verdict = COMPARE_AMBIGUOUS;
            gate_reason(r->item, "%s against stored launches alone: %s",
                        gate_change_words(r->item->c.ratio, change, sizeof change),
                        isinf(left_s) ? "measuring again is switched off" : "the time for measuring again was used up");
        } else if (!failed) {
            free(r->item->reason);
            r->item->reason = NULL;
            log_note("measuring %s again, old and new program in turns", r->item->point->text);
            failed = measure_pairs(g, r, sides, seed, e);
            judge_rerun(g, r);
            *measured = true;
        }
    }
    contestant_free(&sides[OLD]);
    contestant_free(&sides[NEW]);
    rerun_free(r);
    return failed;
}

/* False-discovery control over what was measured again, then the words. */
static void conclude(struct gate *g, struct rerun *list, size_t count, const double *stored)
{
    struct comparison *c = mem_new(count + 1, sizeof *c);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (list[i].item->confirmed)
            c[n++] = list[i].item->c;
    }
    compare_control(c, n, gate_compare_options(g).false_discovery);
    n = 0;
    for (size_t i = 0; i < count; i++) {
        struct gate_item *item = list[i].item;
        char again[32], before[32];

        if (!item->confirmed)
            continue;
        item->c.verdict = c[n++].verdict;
        gate_change_words(item->c.ratio, again, sizeof again);
        gate_change_words(stored[i], before, sizeof before);
        if (item->c.verdict == COMPARE_SAME)
            gate_reason(item, "%s against stored launches did not show when measured again in turns (%s)", before,
                        again);
        else if (item->same_code)
            gate_reason(item,
                        "measured again in turns: %s with the same machine code: not the commit's code, look at layout",
                        again);
        else
            gate_reason(item, "measured again in turns, old and new program: %s", again);
    }
    free(c);
}

static void note(struct gate *g, size_t suspects, size_t measured, double seconds)
{
    char words[48];

    free(g->confirm_note);
    g->confirm_note = NULL;
    if (measured > 0)
        g->confirm_note = mem_format("measured %zu of %zu points again in turns, old and new program, in %s", measured,
                                     suspects, text_duration_words(seconds, words, sizeof words));
}

int gate_confirm(struct gate *g, bool all, struct err *e)
{
    double budget = g->options->confirm_budget_s == 0 ? BUDGET_S : g->options->confirm_budget_s;
    struct rerun *list;
    size_t count = collect(g, all, &list), measured = 0;
    double *stored = mem_new(count + 1, sizeof *stored);
    int64_t start = clock_ns();
    uint64_t seed = (uint64_t)g->candidate.run * 2654435761u + 1;
    int failed = 0;

    for (size_t i = 0; i < count && !failed; i++) {
        double used_s = (double)(clock_ns() - start) / 1e9;
        bool again;

        stored[i] = list[i].item->c.ratio;
        failed = confirm_one(g, &list[i], budget < 0 ? -INFINITY : budget - used_s, &seed, &again, e);
        measured += again;
    }
    if (!failed)
        conclude(g, list, count, stored);
    note(g, count, measured, (double)(clock_ns() - start) / 1e9);
    free(stored);
    free(list);
    return failed;
}
