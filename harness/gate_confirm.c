/*
 * Time that moved against stored runs is measured again: the kept old program and the new one in turns, launch by launch, on
 * the machine as it is now. Only what shows there is called slower or faster.
 *
 * No more launches than it takes (sequential.h): blocks in shuffled turns, a look after each, and another block only for points that
 * are not decided yet. Every point gets its block before any gets the next one, the most suspicious first; a budget ends it, of
 * which counts that are repeated (gate_recount.c) have spent some.
 */
#include "gate_anchor.h"
#include "gate_rerun.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGE 0.05 /* share: of what drifts less nobody can tell whether the machine did it */
#define BUDGET_S 600
/* Of a gate whose points did not change, any is called slower in less than one of 100 (tests/bench/false_alarms.c). People who compare two
 * programs look at all points, and are told the interval: there it is the usual 5 %. */
#define RED_DISCOVERY 0.01

double gate_budget_left(const struct gate *g)
{
    double budget = g->options->confirm_budget_s == 0 ? BUDGET_S : g->options->confirm_budget_s;

    return budget < 0 ? -INFINITY : budget - g->confirm_spent_s;
}

static double suspicion(const struct gate_item *item)
{
    double ratio = gate_anchor_beyond(item), distance = fabs(log(ratio)) / log1p(item->c.threshold);
    bool worse = (ratio > 1) == (item->metric->better == BETTER_LOWER);

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
        struct gate_item *item = &g->items[i];

        if (!gate_in_one_run(g, item) && is_wanted(item, all))
            (*list)[count++] = (struct rerun){.item = item, .suspicion = suspicion(item), .stored = item->c.ratio};
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
    why = rerun_find(g, r, RERUN_OLD);
    if (!why)
        why = rerun_find(g, r, RERUN_NEW);
    if (!why)
        return false;
    leave_ambiguous(item, why);
    free(why);
    return true;
}

static int prepare(struct gate *g, struct rerun *list, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        if (settle_without(g, &list[i]))
            list[i].state = RERUN_WITHOUT;
        else if (rerun_shape(g, &list[i], e))
            return -1;
    }
    return 0;
}

/* The block of one point, if there is time for it. */
static int measure_block(struct gate *g, struct rerun *r, size_t look, uint64_t *seed, struct err *e)
{
    size_t launches = 2 * (sequential_launches(look + 1) - sequential_launches(look));
    double left_s = gate_budget_left(g);
    int64_t start = clock_ns();
    bool well;

    if ((double)launches * r->launch_s > left_s) {
        r->state = RERUN_LATE;
        if (look == 0)
            leave_ambiguous(r->item, isinf(left_s) ? "measuring again is switched off"
                                                   : "the time for measuring again was used up");
        return 0;
    }
    if (look == 0)
        log_note("measuring %s again, old and new program in turns", r->item->point->text);
    if (rerun_block(g, r, look, seed, &well, e))
        return -1;
    g->confirm_spent_s += (double)(clock_ns() - start) / 1e9;
    if (well) {
        sequential_compare(r->medians[RERUN_OLD], r->medians[RERUN_NEW], r->counts[RERUN_NEW], &r->now);
    } else {
        r->state = RERUN_FAILED; /* the reason is the item's already */
        r->item->c.verdict = COMPARE_AMBIGUOUS;
    }
    return 0;
}

static bool was_measured(const struct rerun *r)
{
    return r->now.looks > 0 && (r->state == RERUN_OPEN || r->state == RERUN_DECIDED || r->state == RERUN_LATE);
}

/* A gate asks whether what it suspects is there: where the machine moved, what is beyond that. If so much is excluded, what may be left
 * is no suspicion but what it cannot see; unless the interval excludes that nothing is there, and what is there would count. */
static bool is_refuted(const struct rerun *r, bool all)
{
    const struct drift *d = r->item->drift ? &r->item->drift->machine : NULL;
    double least = d ? r->stored / d->high : r->stored, most = d ? r->stored / d->low : r->stored;
    bool there = (r->now.low > 1 || r->now.high < 1) && fabs(log(r->now.ratio)) > log1p(r->item->c.threshold);

    return !all && !there && (most < r->now.low || least > r->now.high);
}

/* Decided, or not worth more launches. What a gate suspects may be refuted where no more can be said. */
static bool is_settled(const struct rerun *r, bool all)
{
    if (r->answer == SEQUENTIAL_HOPELESS)
        return all || is_refuted(r, all) || sequential_reach(&r->now) >= fabs(log(r->stored));
    return r->answer != SEQUENTIAL_NOT_YET;
}

/* Answers, under the control over all that is measured again; those who have theirs are done. */
static void decide(const struct gate *g, struct rerun *list, size_t count, bool all, double discovery)
{
    double *p = mem_new(count + 1, sizeof *p), limit;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (was_measured(&list[i]))
            p[n++] = list[i].now.p;
    }
    limit = compare_limit(p, n, discovery);
    for (size_t i = 0; i < count; i++) {
        struct rerun *r = &list[i];

        if (!was_measured(r) || r->state == RERUN_DECIDED)
            continue;
        r->answer = sequential_answer(&r->now, gate_item_options(g, r->item, true).min_effect, limit);
        if (is_settled(r, all))
            r->state = RERUN_DECIDED;
    }
    free(p);
}

static int measure(struct gate *g, struct rerun *list, size_t count, bool all, struct err *e)
{
    double discovery = all ? gate_compare_options(g).false_discovery : RED_DISCOVERY;
    uint64_t seed = (uint64_t)g->candidate.run * 2654435761u + 1;

    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        for (size_t i = 0; i < count; i++) {
            if (list[i].state == RERUN_OPEN && measure_block(g, &list[i], look, &seed, e))
                return -1;
        }
        decide(g, list, count, all, discovery);
    }
    return 0;
}

static void take_numbers(const struct gate *g, const struct rerun *r)
{
    struct gate_item *item = r->item;
    const double *old = r->medians[RERUN_OLD], *now = r->medians[RERUN_NEW];

    item->c.ratio = r->now.ratio;
    item->c.low = r->now.low;
    item->c.high = r->now.high;
    item->c.p = r->now.p;
    item->c.noise = fmax(compare_spread(old, r->counts[RERUN_OLD]), compare_spread(now, r->counts[RERUN_NEW]));
    item->c.threshold = gate_item_options(g, item, true).min_effect;
    item->old_value = stats_median(old, r->counts[RERUN_OLD]);
    item->new_value = stats_median(now, r->counts[RERUN_NEW]);
    item->confirmed = true;
    item->few = false;
}

/* "-0.4 % to +2.1 %" */
static const char *interval_words(const struct comparison *c, char out[80])
{
    char low[32], high[32];

    snprintf(out, 80, "%s to %s", text_change_words(c->low, low, sizeof low),
             text_change_words(c->high, high, sizeof high));
    return out;
}

static bool is_open(enum sequential_answer answer)
{
    return answer == SEQUENTIAL_NOT_YET || answer == SEQUENTIAL_HOPELESS;
}

static void tell_same(struct gate_item *item, double stored, enum sequential_answer answer)
{
    char again[32], words[80];

    text_change_words(item->c.ratio, again, sizeof again);
    item->c.verdict = COMPARE_SAME;
    if (answer == SEQUENTIAL_SLIGHT || item->c.low > 1 || item->c.high < 1) {
        gate_reason(item, "measured again in turns, old and new program: %s is there, but less than the %s that count",
                    again, text_change_words(1 + item->c.threshold, words, sizeof words) + 1);
    } else {
        char before[32];
        bool open = is_open(answer);

        text_change_words(stored, before, sizeof before);
        gate_reason(item, "%s against stored launches did not show when measured again in turns (%s%s%s)", before,
                    again, open ? ", 95 % " : "", open ? interval_words(&item->c, words) : "");
    }
}

static void tell_moved(const struct gate *g, struct gate_item *item)
{
    double within = gate_layout_within(g, item);
    char again[32];

    text_change_words(item->c.ratio, again, sizeof again);
    item->c.verdict = (item->c.ratio > 1) == (item->metric->better == BETTER_LOWER) ? COMPARE_SLOWER : COMPARE_FASTER;
    if (item->same_code && within > 0)
        gate_reason(
            item,
            "measured again in turns: %s with the same machine code, and more than layout does here (%.2g %%): not the "
            "commit's code, look at libraries, environment and data",
            again, 100 * within);
    else if (item->same_code)
        gate_reason(item,
                    "measured again in turns: %s with the same machine code: not the commit's code, look at layout "
                    "(countermark doctor --layout)",
                    again);
    else
        gate_reason(item, "measured again in turns, old and new program: %s", again);
}

static void tell_undecided(struct gate_item *item, const struct rerun *r)
{
    char range[80], more[80] = "";

    item->c.verdict = COMPARE_AMBIGUOUS;
    if (r->answer == SEQUENTIAL_HOPELESS)
        snprintf(more, sizeof more, "; at this noise %d would hardly do", SEQUENTIAL_MOST);
    gate_reason(item, "not decided by %zu launches a side in turns%s: %s%s", sequential_launches(r->now.looks),
                r->state == RERUN_LATE ? ", when the time was used up" : "", interval_words(&item->c, range), more);
}

/* Copies of a user's program load, read and run what is there today. Does the old one do now what only the new one did when it was stored? */
static bool moved_together(const struct rerun *r, double stored_old)
{
    double moved = log(r->stored), old = log(stats_median(r->medians[RERUN_OLD], r->counts[RERUN_OLD]) / stored_old);

    return gate_is_command(r->item->point) && fabs(moved) >= log1p(fmax(LARGE, r->item->c.noise)) && old * moved > 0 &&
           fabs(old) > fabs(moved) / 2;
}

static void tell_together(struct gate_item *item, double stored)
{
    char before[32];

    item->c.verdict = COMPARE_AMBIGUOUS;
    gate_reason(item,
                "%s against stored launches, and the program of then does as much by now: look at the machine, and at "
                "what the program loads, reads and runs",
                text_change_words(stored, before, sizeof before));
}

static void tell(const struct gate *g, const struct rerun *list, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) {
        const struct rerun *r = &list[i];
        bool together = was_measured(r) && moved_together(r, r->item->old_value);

        if (!was_measured(r))
            continue;
        take_numbers(g, r);
        if (r->answer == SEQUENTIAL_DIFFERENT)
            tell_moved(g, r->item);
        else if (together)
            tell_together(r->item, r->stored);
        else if (is_open(r->answer) && !is_refuted(r, all))
            tell_undecided(r->item, r);
        else
            tell_same(r->item, r->stored, r->answer);
    }
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
    double before_s = g->confirm_spent_s;
    int failed = prepare(g, list, count, e) || measure(g, list, count, all, e) ? -1 : 0;

    rerun_spare(g);
    if (!failed)
        tell(g, list, count, all);
    for (size_t i = 0; i < count; i++) {
        measured += list[i].counts[RERUN_OLD] + list[i].counts[RERUN_NEW] > 0;
        rerun_free(&list[i]);
    }
    gate_note_measured(g, measured, count, " in turns, old and new program", g->confirm_spent_s - before_s);
    free(list);
    return failed;
}
