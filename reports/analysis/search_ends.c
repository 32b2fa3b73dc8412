/*
 * The search's first phase: do the ends differ? They are measured in shuffled turns as two programs are compared (sequential.c), which
 * also tells the noise; of counts, which repeat, two launches of each end are enough.
 */
#include "search_parts.h"

#include "../../harness/base/stats.h"

#include <math.h>

#define SIGNIFICANT 0.05
#define PROMISING 0.3 /* the ends' p from which launches inside tell more than further ones of the ends */

/* What is missing of the block before the next look, in shuffled turns. */
static void ask_block(struct search *s, struct search_step *step)
{
    bool turns[2 * SEQUENTIAL_MOST];
    size_t n = sequential_turns(s->ends.looks, turns, &s->seed), wanted = sequential_launches(s->ends.looks + 1);
    size_t left[2] = {wanted - s->turns->end_counts[0], wanted - s->turns->end_counts[1]};

    for (size_t i = 0; i < n; i++) {
        if (left[turns[i]]) {
            left[turns[i]]--;
            step->commits[step->count++] = turns[i] ? s->count - 1 : 0;
        }
    }
}

static void look_at_ends(struct search *s)
{
    struct search_turns *t = s->turns;
    size_t n = t->end_counts[0] < t->end_counts[1] ? t->end_counts[0] : t->end_counts[1];
    double spread = 0;

    sequential_compare(t->ends[0], t->ends[1], n, &s->ends);
    for (int side = 0; side < 2; side++)
        spread += stats_sigma(t->ends[side], n) / fabs(stats_median(t->ends[side], n));
    s->noise = spread / 2;
}

/* Looks until there is an answer, or asks for the next block. */
static void next_end(struct search *s, struct search_step *step)
{
    const size_t *have = s->turns->end_counts, n = have[0] < have[1] ? have[0] : have[1];
    enum sequential_answer answer;

    if (n >= sequential_launches(s->ends.looks + 1)) {
        look_at_ends(s);
        s->turns->early =
            s->ends.p > SIGNIFICANT && s->ends.p <= PROMISING && fabs(log(s->ends.ratio)) > log1p(s->options.threshold);
        answer = sequential_answer(&s->ends, s->options.threshold, SIGNIFICANT);
        if (answer == SEQUENTIAL_DIFFERENT || s->turns->early) {
            s->phase = SEARCH_INSIDE;
            return;
        }
        if (answer == SEQUENTIAL_SAME || answer == SEQUENTIAL_SLIGHT) {
            search_finish(s, SEARCH_SAME);
            return;
        }
        if (answer == SEQUENTIAL_HOPELESS || s->ends.looks >= SEQUENTIAL_LOOKS) {
            search_finish(s, SEARCH_UNDECIDED);
            return;
        }
    }
    ask_block(s, step);
}

/* Counts: two launches of each end. Those that are not the same twice are no counts, and are searched like times. */
static void next_exact_end(struct search *s, struct search_step *step)
{
    const struct search_commit *good = &s->commits[0], *bad = &s->commits[s->count - 1];
    double low, high, spread = 0;

    for (size_t side = 0; side < 2; side++) {
        for (size_t have = s->turns->end_counts[side]; have < SEARCH_EXACT_LAUNCHES; have++)
            step->commits[step->count++] = side ? s->count - 1 : 0;
    }
    if (step->count)
        return;
    low = stats_min(bad->values, bad->count) / stats_max(good->values, good->count);
    high = stats_max(bad->values, bad->count) / stats_min(good->values, good->count);
    for (size_t side = 0; side < 2; side++) {
        const struct search_commit *c = side ? bad : good;

        spread = fmax(spread, log(stats_max(c->values, c->count) / stats_min(c->values, c->count)));
    }
    if (spread > s->options.threshold / 2) {
        s->options.deterministic = false;
        return;
    }
    s->noise = spread;
    s->ends =
        (struct sequential){.ratio = stats_median(bad->values, bad->count) / stats_median(good->values, good->count),
                            .low = low,
                            .high = high,
                            .p = low <= 1 && high >= 1 ? 1 : 0};
    if (isnan(s->ends.ratio) || fabs(log(s->ends.ratio)) < log1p(s->options.threshold) * (1 - 1e-9))
        search_finish(s, SEARCH_SAME);
    else
        s->phase = SEARCH_INSIDE;
}

void search_ends_next(struct search *s, struct search_step *step)
{
    (s->options.deterministic ? next_exact_end : next_end)(s, step);
}
