/*
 * Time that moved against stored runs is measured again: the kept old program and the new one in turns, launch by launch, on
 * the machine as it is now. Only what shows there is called slower or faster.
 *
 * Eight pairs a point, half of them old first, in a shuffled order. The most suspicious points come first; a budget ends it, of
 * which counts that are repeated (gate_recount.c) have spent some.
 */
#include "gate_rerun.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS RERUN_MOST
#define BUDGET_S 600

double gate_budget_left(const struct gate *g)
{
    double budget = g->options->confirm_budget_s == 0 ? BUDGET_S : g->options->confirm_budget_s;

    return budget < 0 ? -INFINITY : budget - g->confirm_spent_s;
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

/* Ends early when a launch fails. */
static int measure_pairs(struct gate *g, struct rerun *r, uint64_t *seed, struct err *e)
{
    bool old_first[PAIRS], well = true;

    shuffle_turns(old_first, seed);
    for (int i = 0; i < PAIRS && well; i++) {
        if (rerun_pair(g, r, old_first[i], r->number + i, seed, &well, e))
            return -1;
    }
    return 0;
}

/* The re-run's comparison; the verdict waits for the control over all of them. */
static void judge_rerun(const struct gate *g, struct rerun *r)
{
    struct gate_item *item = r->item;
    struct compare_options o = gate_item_options(g, item, true);
    struct compare_side old = {r->medians[RERUN_OLD], r->counts[RERUN_OLD]};
    struct compare_side now = {r->medians[RERUN_NEW], r->counts[RERUN_NEW]};

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

static void leave_ambiguous(struct gate_item *item, const char *why)
{
    item->c.verdict = COMPARE_AMBIGUOUS;
    gate_reason(item, "only stored launches speak: %s", why);
}

/* One program on both sides cannot be run against itself: what moved is not in it. */
static void settle_same_program(const struct gate *g, struct gate_item *item)
{
    char *changed = gate_environment_words(item->baseline, &g->candidate);

    item->c.verdict = COMPARE_AMBIGUOUS;
    if (changed)
        gate_reason(item, "the same program as in run %" PRId64 ", but the environment changed: %s",
                    item->baseline->run, changed);
    else
        gate_reason(item, "the program file is that of run %" PRId64 ": look at what it loads, reads and runs",
                    item->baseline->run);
    free(changed);
}

/* Decides without measuring where nothing can be measured; true if the item is done with. */
static bool settle_without(const struct gate *g, struct rerun *r)
{
    struct gate_item *item = r->item;
    char *why;

    if (item->same_program) {
        if (item->suspect)
            settle_same_program(g, item);
        return true;
    }
    if (gate_is_command(item->point))
        why = mem_format("an older %s is not kept, so nothing can be measured in turns", item->point->variant);
    else
        why = rerun_find(g, r, RERUN_OLD);
    if (!why)
        why = rerun_find(g, r, RERUN_NEW);
    if (!why)
        return false;
    leave_ambiguous(item, why);
    free(why);
    return true;
}

/* One suspect from start to end. */
static int confirm_one(struct gate *g, struct rerun *r, uint64_t *seed, bool *measured, struct err *e)
{
    double left_s = gate_budget_left(g);
    int failed;

    *measured = false;
    if (settle_without(g, r))
        return 0;
    failed = rerun_shape(g, r, e);
    if (failed)
        return failed;
    if (2 * PAIRS * r->launch_s > left_s) {
        leave_ambiguous(r->item,
                        isinf(left_s) ? "measuring again is switched off" : "the time for measuring again was used up");
        return 0;
    }
    free(r->item->reason);
    r->item->reason = NULL;
    log_note("measuring %s again, old and new program in turns", r->item->point->text);
    failed = measure_pairs(g, r, seed, e);
    judge_rerun(g, r);
    *measured = true;
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

void gate_note_measured(struct gate *g, size_t measured, size_t suspects, const char *how, double seconds)
{
    char words[48], *before = g->confirm_note;

    if (measured == 0)
        return;
    text_duration_words(seconds, words, sizeof words);
    g->confirm_note = mem_format("%s%smeasured %zu of %zu point%s again%s, in %s", before ? before : "",
                                 before ? "; " : "", measured, suspects, suspects == 1 ? "" : "s", how, words);
    free(before);
}

int gate_confirm(struct gate *g, bool all, struct err *e)
{
    struct rerun *list;
    size_t count = collect(g, all, &list), measured = 0;
    double *stored = mem_new(count + 1, sizeof *stored), before_s = g->confirm_spent_s;
    uint64_t seed = (uint64_t)g->candidate.run * 2654435761u + 1;
    int failed = 0;

    for (size_t i = 0; i < count && !failed; i++) {
        int64_t start = clock_ns();
        bool again;

        stored[i] = list[i].item->c.ratio;
        failed = confirm_one(g, &list[i], &seed, &again, e);
        rerun_free(&list[i]);
        measured += again;
        g->confirm_spent_s += (double)(clock_ns() - start) / 1e9;
    }
    if (!failed)
        conclude(g, list, count, stored);
    gate_note_measured(g, measured, count, " in turns, old and new program", g->confirm_spent_s - before_s);
    free(stored);
    free(list);
    return failed;
}
