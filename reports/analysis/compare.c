/*
 * What two sets of launch medians say about each other. Pure: no clock, no store, the bootstrap is seeded.
 *
 * The rank test is exact up to EXACT_LAUNCHES launches in total (the permutation distribution of the rank sum, midranks
 * for ties), so a p-value never promises more than eight launches a side can give.
 */
#include "compare.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_LAUNCHES 50
#define FEW_SHIFT 0.05 /* more than this is never called the same by too few launches */
#define RANGE_LAUNCHES 4
#define FIRM_LAUNCHES 8
#define RESAMPLES 2000
#define MAD_TO_SIGMA 1.4826

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

static double spread_share(const double *x, size_t n)
{
    double median = stats_median(x, n);

    return n < 2 || median == 0 ? 0 : MAD_TO_SIGMA * stats_mad(x, n) / fabs(median);
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

/* Doubled midranks of the joined values: whole numbers even with ties. `ties` receives the sum of t^3 - t. */
static void doubled_ranks(const double *all, size_t n, int *rank, double *ties)
{
    *ties = 0;
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;

        for (size_t j = 0; j < n; j++) {
            below += all[j] < all[i];
            equal += all[j] == all[i];
        }
        rank[i] = (int)(2 * below + equal + 1);
        *ties += (double)equal * (double)equal - 1; /* summed over its `equal` members: t^3 - t */
    }
}

/* Share of all choices of `m` ranks whose sum lies at least as far from the expected one as `sum`. */
static double exact_tail(const int *rank, size_t n, size_t m, int sum)
{
    int total = 0, expected;
    double *ways, all = 0, far = 0;
    size_t width;

    for (size_t i = 0; i < n; i++)
        total += rank[i];
    width = (size_t)total + 1;
    ways = mem_new((m + 1) * width, sizeof *ways);
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = m; k >= 1; k--) {
            for (size_t s = width - 1; s + 1 > (size_t)rank[i]; s--)
                ways[k * width + s] += ways[(k - 1) * width + s - (size_t)rank[i]];
        }
    }
    /* Doubled ranks make m (n + 1) the expected sum. */
    expected = (int)(m * (n + 1));
    for (size_t s = 0; s < width; s++) {
        all += ways[m * width + s];
        if (abs((int)s - expected) >= abs(sum - expected))
            far += ways[m * width + s];
    }
    free(ways);
    return far / all;
}

static double normal_tail(size_t n, size_t m, int sum, double ties)
{
    double total = (double)n, a = (double)m, b = total - a;
    double distance = fabs(sum / 2.0 - a * (total + 1) / 2);
    double variance = a * b / 12 * (total + 1 - ties / (total * (total - 1)));

    if (variance <= 0)
        return 1;
    return fmin(1, erfc(fmax(0, distance - 0.5) / sqrt(2 * variance)));
}

/* Mann-Whitney U, two-sided. */
static double rank_test(const double *b, size_t nb, const double *c, size_t nc)
{
    size_t n = nb + nc;
    double *all = mem_new(n, sizeof *all), ties, p;
    int *rank = mem_new(n, sizeof *rank), sum = 0;

    memcpy(all, b, nb * sizeof *all);
    memcpy(all + nb, c, nc * sizeof *all);
    doubled_ranks(all, n, rank, &ties);
    for (size_t i = nb; i < n; i++)
        sum += rank[i];
    p = n <= EXACT_LAUNCHES ? exact_tail(rank, n, nc, sum) : normal_tail(n, nc, sum, ties);
    free(all);
    free(rank);
    return p;
}

/* Median of n draws with replacement from sorted values: how often each was drawn says where the middle lies, unsorted. */
static double resampled_median(const double *sorted, size_t n, unsigned *drawn, uint64_t *seed)
{
    size_t below = 0, i = 0, j;

    memset(drawn, 0, n * sizeof *drawn);
    for (size_t k = 0; k < n; k++)
        drawn[stats_random(seed) % n]++;
    while (below + drawn[i] <= (n - 1) / 2)
        below += drawn[i++];
    for (j = i; below + drawn[j] <= n / 2; j++)
        below += drawn[j];
    return (sorted[i] + sorted[j]) / 2;
}

/* Percentile bootstrap of the ratio of medians over launches, whose values are sorted. */
static void ratio_interval(const double *b, size_t nb, const double *c, size_t nc, uint64_t seed, double *low,
                           double *high)
{
    double *ratios = mem_new(RESAMPLES, sizeof *ratios);
    unsigned *drawn = mem_new(nb + nc, sizeof *drawn);

    for (size_t i = 0; i < RESAMPLES; i++) {
        double mb = resampled_median(b, nb, drawn, &seed);
        double mc = resampled_median(c, nc, drawn, &seed);

        ratios[i] = quotient(mc, mb);
    }
    stats_sort(ratios, RESAMPLES);
    *low = stats_quantile(ratios, RESAMPLES, 0.025);
    *high = stats_quantile(ratios, RESAMPLES, 0.975);
    free(ratios);
    free(drawn);
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
    bool one_sided = c->low > 1 || c->high < 1;

    if (fewest < o->min_launches)
        return few_say_same(c, fewest) ? COMPARE_SAME : COMPARE_AMBIGUOUS;
    if (!beyond(c->ratio, c->threshold) || !one_sided || c->p > o->false_discovery)
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
        c->ratio = quotient(stats_median(x, nc), stats_median(b, nb));
        stats_sort(b, nb);
        stats_sort(x, nc);
        ratio_interval(b, nb, x, nc, o->seed, &c->low, &c->high);
        c->p = rank_test(b, nb, x, nc);
        c->noise = fmax(spread_share(b, nb), spread_share(x, nc));
        c->threshold = fmax(o->min_effect, c->noise);
        c->verdict = time_verdict(c, o, nb < nc ? nb : nc, better_lower);
    }
    free(b);
    free(x);
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

void compare_control(struct comparison *list, size_t count, double q)
{
    double *p = mem_new(count + 1, sizeof *p), limit;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (is_tested(&list[i]))
            p[n++] = list[i].p;
    }
    stats_sort(p, n);
    limit = largest_passing(p, n, q);
    for (size_t i = 0; i < count; i++) {
        if (is_tested(&list[i]) && list[i].p > limit)
            list[i].verdict = COMPARE_SAME;
    }
    free(p);
}
