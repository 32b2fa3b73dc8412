/*
 * See sequential.h.
 *
 * At each look the count of ratios below 1 is a sum of independent Mann-Whitney counts, one a block, each with a known distribution.
 * So the distribution over all looks is known exactly, too: a recursion from look to look, with what was rejected taken out.
 * A look's own p is set against one bound for all looks; at NOMINAL the chance to fall below it at any look is 4.85 %, and the next p
 * that any look can have would make it 5.09 %. What a look can say:
 *
 *   launches a side                               5      7     10      14      19      24      32
 *   ratios inside blocks                         25     29     38      54      79     104     168
 *   below 1 and still rejected, at most           0      2      5      11      19      28      51
 *   own p of that                            0.0079 0.0106 0.0099  0.0142  0.0114  0.0109  0.0139
 *   smallest p over all looks (none below 1)  0.029 0.0050 0.00027   2e-6   < 1e-6  < 1e-6  < 1e-6
 *
 * The looks were chosen by what they cost: 1, 2 and 5 % under normal noise of 0.5, 0.7, 1, 1.4 % a launch take 43, 34, 46, 63 % of the
 * launches that a fixed number needs for the same power; with looks at 4, 6, 8, ... nothing could be said before 6.
 */
#include "sequential.h"

#include "../../harness/base/stats.h"
#include "rank.h"

#include <math.h>
#include <string.h>

#define NOMINAL 0.01506
#define MOST_RATIOS 168
#define MOST_LAUNCHES 8

static const size_t blocks[SEQUENTIAL_LOOKS] = {5, 2, 3, 4, 5, 5, 8};

size_t sequential_launches(size_t looks)
{
    size_t n = 0;

    for (size_t i = 0; i < looks && i < SEQUENTIAL_LOOKS; i++)
        n += blocks[i];
    return n;
}

size_t sequential_turns(size_t look, bool turns[2 * SEQUENTIAL_MOST], uint64_t *seed)
{
    size_t n = 2 * blocks[look];

    for (size_t i = 0; i < n; i++)
        turns[i] = i % 2;
    for (size_t i = n; i-- > 1;) {
        size_t k = stats_random(seed) % (i + 1);
        bool kept = turns[i];

        turns[i] = turns[k];
        turns[k] = kept;
    }
    return n;
}

/* How likely each count of ratios below 1 is; `count` ratios in all. */
struct counts {
    double share[MOST_RATIOS + 1];
    size_t count;
};

static void add_block(struct counts *c, size_t launches)
{
    double block[MOST_LAUNCHES * MOST_LAUNCHES + 1], sum[MOST_RATIOS + 1] = {0};
    size_t more = launches * launches;

    rank_distribution(launches, launches, block);
    for (size_t i = 0; i <= c->count; i++) {
        for (size_t k = 0; c->share[i] > 0 && k <= more; k++)
            sum[i + k] += c->share[i] * block[k];
    }
    c->count += more;
    memcpy(c->share, sum, sizeof sum);
}

/* The two-sided p of a look by itself. */
static double own_p(const struct counts *c, size_t below)
{
    double sum = 0;

    for (size_t i = 0; i <= below && i <= c->count; i++)
        sum += c->share[i];
    return fmin(1, 2 * sum);
}

/* The largest count that is rejected at this bound, or -1. */
static long rejected(const struct counts *c, double bound)
{
    double sum = 0;
    long k = -1;

    while ((sum += 2 * c->share[k + 1]) <= bound * (1 + 1e-9)) /* sums in another order round otherwise */
        k++;
    return k;
}

/* How likely it is, where nothing differs, that the own p of any look is `bound` or less. */
static double chance(double bound)
{
    struct counts all = {{1}, 0}, still = {{1}, 0};
    double stopped = 0;

    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        long k;

        add_block(&all, blocks[look]);
        add_block(&still, blocks[look]);
        k = rejected(&all, bound);
        for (long i = 0; i <= k; i++) {
            double *low = &still.share[i], *high = &still.share[still.count - (size_t)i];

            stopped += *low + *high;
            *low = *high = 0;
        }
    }
    return stopped;
}

static double quotient(double now, double old)
{
    if (old == 0)
        return now == 0 ? 1 : INFINITY;
    return now / old;
}

/* Appends the ratios of one block. */
static size_t add_ratios(double *ratios, size_t count, const double *old, const double *now, size_t launches)
{
    for (size_t i = 0; i < launches; i++) {
        for (size_t k = 0; k < launches; k++)
            ratios[count++] = quotient(now[k], old[i]);
    }
    return count;
}

/* One look at sorted ratios: narrows the interval, lowers the smallest own p. */
static void look_at(const double *ratios, const struct counts *c, struct sequential *s, double *least)
{
    size_t up_to = 0, from = 0; /* ratios that are at most 1, at least 1 */
    long k = rejected(c, NOMINAL);

    for (size_t i = 0; i < c->count; i++) {
        up_to += ratios[i] <= 1;
        from += ratios[i] >= 1;
    }
    *least = fmin(*least, own_p(c, up_to < from ? up_to : from));
    s->ratio = rank_middle(ratios, c->count);
    if (k >= 0) {
        s->low = fmax(s->low, ratios[k]);
        s->high = fmin(s->high, ratios[c->count - 1 - (size_t)k]);
    }
}

void sequential_compare(const double *old, const double *now, size_t launches, struct sequential *s)
{
    double ratios[MOST_RATIOS], sorted[MOST_RATIOS], least = 1;
    struct counts c = {{1}, 0};
    size_t count = 0, seen = 0;

    *s = (struct sequential){.ratio = NAN, .low = 0, .high = INFINITY, .p = 1};
    for (; s->looks < SEQUENTIAL_LOOKS && seen + blocks[s->looks] <= launches; s->looks++) {
        count = add_ratios(ratios, count, old + seen, now + seen, blocks[s->looks]);
        seen += blocks[s->looks];
        add_block(&c, blocks[s->looks]);
        memcpy(sorted, ratios, count * sizeof *ratios);
        stats_sort(sorted, count);
        look_at(sorted, &c, s, &least);
    }
    s->p = fmin(1, chance(least));
}

static bool beyond(double ratio, double threshold)
{
    return ratio > 1 + threshold || ratio * (1 + threshold) < 1;
}

enum sequential_answer sequential_answer(const struct sequential *s, double threshold, double significance)
{
    bool settled = !beyond(s->low, threshold) && !beyond(s->high, threshold), last = s->looks >= SEQUENTIAL_LOOKS;

    if (s->looks == 0)
        return SEQUENTIAL_NOT_YET;
    if (s->p > significance)
        return settled ? SEQUENTIAL_SAME : SEQUENTIAL_NOT_YET;
    if (beyond(s->ratio, threshold))
        return SEQUENTIAL_DIFFERENT;
    /* The estimate is small, but something larger is not excluded: more launches tell, while there are any. */
    return settled || last ? SEQUENTIAL_SLIGHT : SEQUENTIAL_NOT_YET;
}
