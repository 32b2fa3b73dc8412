/*
 * What two sets of launch medians say about each other. Pure: no clock, no store, no luck.
 *
 * Ranks give the interval of a time (rank.h), chosen by what tests/bench/coverage.c measured: share of 95 % intervals that hold a change of
 * 3 %, in 2,000 comparisons of 8 launches a side, and mean width, both in %.
 *
 *                                            log-normal  heavy tails  two speeds      spikes  two levels   dependent
 *   ratio of medians, percentile bootstrap   96.2 (5.0)   95.5 (3.7)  96.4 (5.3)  96.4 ( 5.8)  95.6 (3.7)  63.8 (3.9)
 *   ratio of medians, BCa bootstrap          95.0 (4.9)   94.8 (3.9)  93.7 (5.2)  96.0 ( 6.3)  94.8 (3.6)  63.8 (3.9)
 *   ratio of medians, two-level bootstrap    96.0 (4.9)   95.0 (3.6)  96.0 (5.2)  95.0 ( 6.1)  99.3 (4.3)  63.1 (3.8)
 *   mean of logarithms, t                    95.5 (4.4)   96.5 (4.8)  95.4 (4.1)  98.5 (10.3)  94.4 (3.2)  56.8 (3.3)
 *   ranks                                    95.3 (4.5)   94.0 (3.8)  94.3 (4.2)  94.8 ( 5.9)  95.0 (3.3)  61.1 (3.6)
 *   ranks, drift learnt from 36 A/A runs     94.7 (4.7)   96.0 (3.9)  96.0 (4.3)  96.5 ( 6.0)  95.8 (3.5)  94.3 (8.3)
 *   eight pairs in turns, sign test          99.0 (8.4)   99.5 (10.3) 99.4 (7.7)  99.3 (20.8)  98.9 (6.2)  99.7 (4.6)
 *   eight pairs in turns, signed ranks       95.4 (5.1)   96.1 (5.7)  96.0 (4.8)  96.2 (11.0)  96.2 (3.9)  98.7 (2.9)
 *   blocks in turns, until decided           97.2 (5.4)   98.5 (5.9)  97.0 (3.4)  98.2 ( 8.6)  98.6 (5.1)  98.3 (5.0)
 *
 * Only that of ranks was nowhere off by more than chance; it is as narrow as any, needs no luck, and always agrees with its test.
 * Nothing made from one run's launches survives launches that depend on each other, nor runs that do: of pairs of recorded runs
 * of one program 63.5 % held the truth, and 94.9 % with the drift that other runs taught. So time against stored runs is at most a suspicion.
 */
#include "compare.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"
#include "rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW_SHIFT 0.05 /* more than this is never called the same by too few launches */
#define RANGE_LAUNCHES 4
#define FIRM_LAUNCHES 8

const char *compare_verdict_name(enum compare_verdict v)
{
    static const char *const names[] = {"same", "faster", "slower", "ambiguous", "incomparable", "wrong", "new"};

    return (size_t)v < sizeof names / sizeof *names ? names[v] : "unknown";
}

/* The side's usable values in a new array: samples that are not there (NaN) never count as launches. */
static double *finite_values(struct compare_side side, size_t *count)
{
    double *x = mem_new(side.count + 1, sizeof *x);

    *count = 0;
    for (size_t i = 0; i < side.count; i++) {
        if (isfinite(side.values[i]))
            x[(*count)++] = side.values[i];
    }
    return x;
}

static void comparison_unknown(struct comparison *c, enum compare_verdict verdict, double threshold)
{
    c->ratio = c->low = c->high = NAN;
    c->p = 1;
    c->noise = 0;
    c->threshold = threshold;
    c->verdict = verdict;
}

static enum compare_verdict direction(double ratio, bool better_lower)
{
    return (ratio > 1) == better_lower ? COMPARE_SLOWER : COMPARE_FASTER;
}

/* Whether a ratio is beyond a threshold, alike in both directions: +5 % and its inverse are the same distance. */
static bool beyond(double ratio, double threshold)
{
    return ratio > 1 + threshold || ratio * (1 + threshold) < 1;
}

static double quotient(double candidate, double baseline)
{
    if (baseline == 0)
        return candidate == 0 ? 1 : INFINITY;
    return candidate / baseline;
}

/* How far launches lie from their median, as a share; one launch in eight may be disturbed without counting. */
static double deviation_share(const double *x, size_t n)
{
    double median = stats_median(x, n), *d, share;
    size_t keep = n - n / 8;

    if (n < 2 || median == 0)
        return 0;
    d = mem_new(n, sizeof *d);
    for (size_t i = 0; i < n; i++)
        d[i] = fabs(x[i] - median);
    stats_sort(d, n);
    share = d[keep - 1] / fabs(median);
    free(d);
    return share;
}

double compare_spread(const double *x, size_t n)
{
    double median = stats_median(x, n);

    return n < 2 || median == 0 ? 0 : stats_sigma(x, n) / fabs(median);
}

void compare_deterministic(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                           const struct compare_options *o, struct comparison *c)
{
    size_t nb, nc;
    double *b = finite_values(baseline, &nb), *x = finite_values(candidate, &nc);

    if (nb == 0 || nc == 0) {
        comparison_unknown(c, nb == 0 && nc > 0 ? COMPARE_NEW : COMPARE_INCOMPARABLE, o->min_effect_deterministic);
    } else {
        double mb = stats_median(b, nb), mc = stats_median(x, nc);

        c->ratio = quotient(mc, mb);
        c->low = quotient(stats_min(x, nc), stats_max(b, nb));
        c->high = quotient(stats_max(x, nc), stats_min(b, nb));
        c->p = 1;
        c->noise = fmax(deviation_share(b, nb), deviation_share(x, nc));
        c->threshold = fmax(o->min_effect_deterministic, c->noise);
        c->verdict = beyond(c->ratio, c->threshold) ? direction(c->ratio, better_lower) : COMPARE_SAME;
    }
    free(b);
    free(x);
}

/* The verdict where one side's launches lie `gap` apart from the other's. True if it is firm. */
static bool ranges_verdict(struct comparison *c, double gap, double width, size_t fewest, bool better_lower)
{
    /* A side with hardly any launch is taken to spread as the other one does. */
    bool apart = fewest < RANGE_LAUNCHES ? gap > width : gap > 0;

    c->verdict = apart && beyond(c->ratio, c->threshold) ? direction(c->ratio, better_lower) : COMPARE_SAME;
    return fewest < RANGE_LAUNCHES || c->verdict == COMPARE_SAME || gap > width || fewest >= FIRM_LAUNCHES;
}

bool compare_ranges(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                    const struct compare_options *o, struct comparison *c)
{
    size_t nb, nc, most;
    double *b = finite_values(baseline, &nb), *x = finite_values(candidate, &nc);
    bool firm = false;

    comparison_unknown(c, COMPARE_INCOMPARABLE, o->min_effect_deterministic);
    most = nb > nc ? nb : nc;
    if (nb > 0 && nc > 0) {
        double low_b = stats_min(b, nb), high_b = stats_max(b, nb), low_x = stats_min(x, nc), high_x = stats_max(x, nc);
        double width = fmax(high_b - low_b, high_x - low_x), middle = fabs(stats_median(b, nb));

        c->ratio = quotient(stats_median(x, nc), stats_median(b, nb));
        c->low = quotient(low_x, high_b);
        c->high = quotient(high_x, low_b);
        c->noise = middle > 0 ? width / middle : 0;
        firm = ranges_verdict(c, fmax(low_x - high_b, low_b - high_x), width, nb < nc ? nb : nc, better_lower) &&
               most >= RANGE_LAUNCHES;
    }
    free(b);
    free(x);
    return firm;
}

/* What less than the wanted launches can say: nothing moved, if even their whole interval stays below what counts. */
static bool few_say_same(const struct comparison *c, size_t fewest)
{
    return fewest >= 2 && !beyond(c->ratio, fmax(FEW_SHIFT, c->noise)) && !beyond(c->low, c->threshold) &&
           !beyond(c->high, c->threshold);
}

static enum compare_verdict time_verdict(const struct comparison *c, const struct compare_options *o, size_t fewest,
                                         bool better_lower)
{
    if (fewest < o->min_launches)
        return few_say_same(c, fewest) ? COMPARE_SAME : COMPARE_AMBIGUOUS;
    if (!beyond(c->ratio, c->threshold) || c->p > o->false_discovery)
        return COMPARE_SAME;
    return direction(c->ratio, better_lower);
}

void compare_time(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                  const struct compare_options *o, struct comparison *c)
{
    size_t nb, nc;
    double *b = finite_values(baseline, &nb), *x = finite_values(candidate, &nc);

    if (nb == 0 || nc == 0 || stats_median(b, nb) <= 0) {
        comparison_unknown(c, nb == 0 && nc > 0 ? COMPARE_NEW : COMPARE_INCOMPARABLE, o->min_effect);
    } else {
        struct rank_result r;

        rank_compare(b, nb, x, nc, o->drift, &r);
        c->ratio = r.ratio;
        c->low = r.low;
        c->high = r.high;
        c->p = r.p;
        c->noise = fmax(compare_spread(b, nb), compare_spread(x, nc));
        c->threshold = fmax(o->min_effect, c->noise);
        c->verdict = time_verdict(c, o, nb < nc ? nb : nc, better_lower);
    }
    free(b);
    free(x);
}

double compare_drift(const struct compare_side *runs, size_t count)
{
    double *misses = mem_new(count * count + 1, sizeof *misses), drift, quantile;
    size_t n = 0, used = 0;

    for (size_t i = 0; i < count; i++) {
        used += runs[i].count > 0;
        for (size_t k = 0; k < i && runs[i].count; k++) {
            if (runs[k].count)
                misses[n++] = rank_miss(runs[i].values, runs[i].count, runs[k].values, runs[k].count);
        }
    }
    /* 95 %, and what a few runs more surprising than those that were seen need: Student's t for so many, to first order. */
    quantile = 1.96 + 2.37 / (double)(used > 1 ? used - 1 : 1);
    drift = stats_quantile(misses, n, erf(quantile / sqrt(2)));
    free(misses);
    return drift;
}

static bool is_tested(const struct comparison *c)
{
    return (c->verdict == COMPARE_SAME || c->verdict == COMPARE_SLOWER || c->verdict == COMPARE_FASTER) &&
           isfinite(c->p);
}

/* The largest p-value that Benjamini and Hochberg's step-up rule lets pass, or -1. */
static double largest_passing(const double *sorted, size_t n, double q)
{
    for (size_t k = n; k > 0; k--) {
        if (sorted[k - 1] <= q * (double)k / (double)n)
            return sorted[k - 1];
    }
    return -1;
}

double compare_limit(const double *p, size_t count, double q)
{
    double *sorted = mem_new(count + 1, sizeof *sorted), limit;

    memcpy(sorted, p, count * sizeof *sorted);
    stats_sort(sorted, count);
    limit = largest_passing(sorted, count, q);
    free(sorted);
    return limit;
}

void compare_control(struct comparison *list, size_t count, double q)
{
    double *p = mem_new(count + 1, sizeof *p), limit;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (is_tested(&list[i]))
            p[n++] = list[i].p;
    }
    limit = compare_limit(p, n, q);
    for (size_t i = 0; i < count; i++) {
        if (is_tested(&list[i]) && list[i].p > limit)
            list[i].verdict = COMPARE_SAME;
    }
    free(p);
}
