/*
 * See sequential.h.
 *
 * At each look the count of ratios below 1 is a sum of independent counts, one a block, each with a known distribution: Mann and
 * Whitney's for the first, Wilcoxon's signed ranks for the pairs of the others. So the distribution over all looks is known exactly,
 * too: a recursion from look to look, with what was rejected taken out. A look's own p is set against one bound for all looks; at
 * NOMINAL the chance to fall below it at any look is 4.98 %, and the next p that any look can have would make it 5.04 %.
 *
 * The first look comes early, since a change of several times the noise shows in five launches a side; later blocks grow, since looks
 * cost. In simulation (1, 2 and 5 % together, as the points of a plan) this takes, of the launches that a fixed number needs for
 * the same power: 62, 35, 35, 50 % under normal noise of 0.5, 1, 1.4, 2 % a launch; 63, 46, 33, 15 % where nine tenths of that noise
 * are slower than a pair. Shuffled blocks without pairs took somewhat less of the first kind (38, 25, 30, 48 %); to them, the
 * second is noise like any other.
 */
#include "sequential.h"

#include "../../harness/base/stats.h"
#include "rank.h"

#include <math.h>
#include <string.h>

#define NOMINAL 0.008886
#define MOST_RATIOS 860 /* of all blocks */
#define MOST_OF_BLOCK 406
#define UNLIKELY 0.1  /* with less of a chance for an answer, no more launches are spent */
#define CRITICAL 2.63 /* standard deviations: 2.62 is what NOMINAL stands for */

static const size_t blocks[SEQUENTIAL_LOOKS] = {5, 3, 4, 5, 7, 10, 14, 20, 28};

/* Five launches a side say most without pairs. */
static bool in_pairs(size_t look)
{
    return look > 0;
}

/* How many ratios a block gives. */
static size_t ratios_of(size_t look)
{
    return in_pairs(look) ? blocks[look] * (blocks[look] + 1) / 2 : blocks[look] * blocks[look];
}

size_t sequential_launches(size_t looks)
{
    size_t n = 0;

    for (size_t i = 0; i < looks && i < SEQUENTIAL_LOOKS; i++)
        n += blocks[i];
    return n;
}

static void shuffle(bool *turns, size_t n, uint64_t *seed)
{
    for (size_t i = n; i-- > 1;) {
        size_t k = stats_random(seed) % (i + 1);
        bool kept = turns[i];

        turns[i] = turns[k];
        turns[k] = kept;
    }
}

size_t sequential_turns(size_t look, bool turns[2 * SEQUENTIAL_MOST], uint64_t *seed)
{
    size_t n = 2 * blocks[look];

    for (size_t i = 0; i < n; i++)
        turns[i] = i % 2;
    for (size_t i = 0; i < n && in_pairs(look); i += 2)
        shuffle(turns + i, 2, seed);
    if (!in_pairs(look))
        shuffle(turns, n, seed);
    return n;
}

/* How likely each count of ratios below 1 is; `count` ratios in all. */
struct counts {
    double share[MOST_RATIOS + 1];
    size_t count;
};

/* What is the same for all comparisons, computed once. */
static struct tables {
    double block[SEQUENTIAL_LOOKS][MOST_OF_BLOCK + 1]; /* of the block before a look */
    struct counts looks[SEQUENTIAL_LOOKS];             /* of all blocks up to it */
    long rejected[SEQUENTIAL_LOOKS];                   /* the largest count that NOMINAL rejects, or -1 */
} tables;

static void add_block(struct counts *c, size_t look)
{
    double sum[MOST_RATIOS + 1] = {0};
    const double *block = tables.block[look];
    size_t more = ratios_of(look);

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

static void make_tables(void)
{
    struct counts all = {{1}, 0};

    for (size_t look = 0; look < SEQUENTIAL_LOOKS && !tables.looks[SEQUENTIAL_LOOKS - 1].count; look++) {
        if (in_pairs(look))
            rank_signed_distribution(blocks[look], tables.block[look]);
        else
            rank_distribution(blocks[look], blocks[look], tables.block[look]);
        add_block(&all, look);
        tables.rejected[look] = rejected(&all, NOMINAL);
        tables.looks[look] = all;
    }
}

/* How likely it is, where nothing differs, that the own p of any look is `bound` or less. */
static double chance(double bound)
{
    struct counts still = {{1}, 0};
    double stopped = 0;

    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        long k = rejected(&tables.looks[look], bound);

        add_block(&still, look);
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

/* Appends the ratios of one block: of every new launch to every old one; or of every pair, and of every two pairs their middle, which on
 * a log scale are Walsh's averages. */
static size_t add_ratios(double *ratios, size_t count, const double *old, const double *now, size_t look)
{
    for (size_t i = 0; i < blocks[look]; i++) {
        for (size_t k = in_pairs(look) ? i : 0; k < blocks[look]; k++)
            ratios[count++] =
                in_pairs(look) ? sqrt(quotient(now[i], old[i]) * quotient(now[k], old[k])) : quotient(now[k], old[i]);
    }
    return count;
}

/* One look at sorted ratios: narrows the interval, lowers the smallest own p. */
static void look_at(const double *ratios, size_t look, struct sequential *s, double *least)
{
    const struct counts *c = &tables.looks[look];
    size_t up_to = 0, from = 0; /* ratios that are at most 1, at least 1 */
    long k = tables.rejected[look];

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

/* What one launch adds to the logarithm of a ratio, going by pairs. */
static double noise_of(const double *old, const double *now, size_t pairs)
{
    double logs[SEQUENTIAL_MOST];

    for (size_t i = 0; i < pairs; i++)
        logs[i] = log(quotient(now[i], old[i]));
    return pairs > 1 ? stats_sigma(logs, pairs) / sqrt(2) : 0;
}

void sequential_compare(const double *old, const double *now, size_t launches, struct sequential *s)
{
    double ratios[MOST_RATIOS], sorted[MOST_RATIOS], least = 1;
    size_t count = 0, seen = 0;

    make_tables();
    *s = (struct sequential){.ratio = NAN, .low = 0, .high = INFINITY, .p = 1};
    for (; s->looks < SEQUENTIAL_LOOKS && seen + blocks[s->looks] <= launches; s->looks++) {
        count = add_ratios(ratios, count, old + seen, now + seen, s->looks);
        seen += blocks[s->looks];
        memcpy(sorted, ratios, count * sizeof *ratios);
        stats_sort(sorted, count);
        look_at(sorted, s->looks, s, &least);
    }
    s->noise = noise_of(old, now, seen);
    s->p = fmin(1, chance(least));
}

static bool beyond(double ratio, double threshold)
{
    return ratio > 1 + threshold || ratio * (1 + threshold) < 1;
}

double sequential_reach(const struct sequential *s)
{
    return CRITICAL * s->noise * sqrt(2.2 / SEQUENTIAL_MOST);
}

/*
 * Could the launches that are left still decide? A difference shows if the estimate stays, or is even a standard error larger, and the
 * last look comes to CRITICAL deviations; the path there is a Brownian motion, as for every sum of many ranks. `Same` takes an
 * interval at the end that is hardly wider than the threshold.
 */
static bool hopeless(const struct sequential *s, double threshold)
{
    double launches = (double)sequential_launches(s->looks), share = launches / SEQUENTIAL_MOST;
    double error = s->noise * sqrt(2.2 / launches), at_end = s->noise * sqrt(2.2 / SEQUENTIAL_MOST);
    double distance = fabs(log(s->ratio)), left;

    if (s->looks < 2 || s->looks >= SEQUENTIAL_LOOKS || !(at_end > 0) || sequential_reach(s) < 1.5 * log1p(threshold))
        return false;
    left = CRITICAL - distance / error * sqrt(share) - (distance + error) / at_end * (1 - share);
    return erfc(left / sqrt(2 * (1 - share))) / 2 < UNLIKELY;
}

enum sequential_answer sequential_answer(const struct sequential *s, double threshold, double significance)
{
    bool settled = !beyond(s->low, threshold) && !beyond(s->high, threshold), last = s->looks >= SEQUENTIAL_LOOKS;

    if (s->looks == 0)
        return SEQUENTIAL_NOT_YET;
    if (s->p > significance)
        return settled ? SEQUENTIAL_SAME : hopeless(s, threshold) ? SEQUENTIAL_HOPELESS : SEQUENTIAL_NOT_YET;
    if (beyond(s->ratio, threshold))
        return SEQUENTIAL_DIFFERENT;
    /* The estimate is small, but something larger is not excluded: more launches tell, while there are any. */
    return settled || last ? SEQUENTIAL_SLIGHT : SEQUENTIAL_NOT_YET;
}
