/*
 * What comparisons of a program with itself tell; see power.h. The comparisons are compare.h's, taken as they are: whatever interval
 * and test it uses, these are its false alarms and its power.
 */
#include "power.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 120 /* pairs of runs that are compared; of more, so many are drawn */
#define FEW_RUNS 20
#define STEPS 11 /* of the bisection: to a two-thousandth of the way to POWER_LARGEST */
#define Z_INTERVAL 1.959964
#define Z_FOUND 0.841621 /* 80 % of a normal distribution lie below */

struct pair {
    size_t old, now;
};

/* All launches of all runs that have a value, in order. */
static double *all_launches(const struct power_series *s, size_t *count)
{
    size_t n = 0;
    double *x;

    for (size_t r = 0; r < s->run_count; r++)
        n += s->runs[r].count;
    x = mem_new(n + 1, sizeof *x);
    *count = 0;
    for (size_t r = 0; r < s->run_count; r++)
        for (size_t i = 0; i < s->runs[r].count; i++)
            if (isfinite(s->runs[r].values[i]))
                x[(*count)++] = s->runs[r].values[i];
    return x;
}

static double robust_deviation(const double *x, size_t n)
{
    double median = stats_median(x, n);

    return n < 2 || median == 0 ? NAN : stats_sigma(x, n) / fabs(median);
}

/* 0 where nothing is known. */
static double known(double drift)
{
    return isfinite(drift) ? drift : 0;
}

/* From the lowest to the highest, as a share: what a ratio of two of them can be at most. Counts are whole numbers and meet the same
 * extremes again, so the last digit must not decide. */
static double range_share(const double *x, size_t n)
{
    double low = stats_min(x, n);

    return n < 2 || !(low > 0) ? NAN : (stats_max(x, n) / low - 1) * (1 + 1e-9);
}

/* Lag 1, of ranks: a single launch that was disturbed must not decide it. */
static double autocorrelation(const double *x, size_t n)
{
    double *rank = mem_new(n + 1, sizeof *rank), mean = ((double)n + 1) / 2, top = 0, bottom = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            rank[i] += (x[k] < x[i]) + 0.5 * (x[k] == x[i]);
        rank[i] += 0.5 - mean;
        bottom += rank[i] * rank[i];
        top += i ? rank[i] * rank[i - 1] : 0;
    }
    free(rank);
    return n < 3 || bottom == 0 ? NAN : top / bottom;
}

/* Every pair of runs that both have launches, or PAIRS of them drawn from a fixed seed. */
static struct pair *make_pairs(const struct power_series *s, uint64_t seed, size_t *count)
{
    size_t capacity = 0, kept;
    struct pair *list = NULL;

    *count = 0;
    for (size_t a = 0; a < s->run_count; a++)
        for (size_t b = a + 1; b < s->run_count; b++) {
            if (!s->runs[a].count || !s->runs[b].count)
                continue;
            VEC_ROOM(list, *count, capacity);
            list[(*count)++] = (struct pair){a, b};
        }
    kept = *count < PAIRS ? *count : PAIRS;
    for (size_t i = 0; i<kept && * count> PAIRS; i++) {
        size_t k = i + stats_random(&seed) % (*count - i);
        struct pair taken = list[k];

        list[k] = list[i];
        list[i] = taken;
    }
    *count = kept;
    return list;
}

static bool is_moved(const struct comparison *c, const struct power_series *s, const struct power_rule *rule)
{
    bool moved = c->verdict == COMPARE_SLOWER || c->verdict == COMPARE_FASTER;

    return moved && (s->deterministic || c->p <= rule->largest_p);
}

static void compare_runs(const struct power_series *s, const struct power_rule *rule, struct compare_side old,
                         struct compare_side now, struct comparison *c)
{
    if (s->deterministic)
        compare_deterministic(old, now, s->better_lower, &rule->compare, c);
    else
        compare_time(old, now, s->better_lower, &rule->compare, c);
}

/* The rule without what these two runs taught: what is judged must not have set its own bounds. */
static struct power_rule rule_without(const struct power_series *s, const struct power_rule *rule, struct pair left_out)
{
    struct compare_side *others = mem_new(s->run_count + 1, sizeof *others);
    struct power_series rest = *s;
    struct power_rule own = *rule;

    rest.runs = others;
    rest.run_count = 0;
    for (size_t r = 0; r < s->run_count; r++)
        if (r != left_out.old && r != left_out.now)
            others[rest.run_count++] = s->runs[r];
    if (s->deterministic) {
        size_t n;
        double *x = all_launches(&rest, &n), range = range_share(x, n);

        own.compare.min_effect_deterministic = fmax(own.compare.min_effect_deterministic, isfinite(range) ? range : 0);
        free(x);
    } else if (s->run_count <= FEW_RUNS) { /* of many, two more or less change nothing */
        own.compare.drift = known(compare_drift(others, rest.run_count));
    }
    free(others);
    return own;
}

static size_t count_alarms(const struct power_series *s, const struct power_rule *rule, const struct pair *pairs,
                           size_t count)
{
    size_t alarms = 0;

    for (size_t i = 0; i < count; i++) {
        struct power_rule own = rule_without(s, rule, pairs[i]);
        struct comparison c;

        compare_runs(s, &own, s->runs[pairs[i].old], s->runs[pairs[i].now], &c);
        alarms += is_moved(&c, s, &own);
    }
    return alarms;
}

/* Whether a candidate that is 1 + d times itself is found, with one run as the baseline and the other as the candidate. */
static bool is_found(const struct power_series *s, const struct power_rule *rule, size_t old, size_t now, double d)
{
    const struct compare_side *side = &s->runs[now];
    double *x = mem_new(side->count, sizeof *x);
    struct comparison c;

    for (size_t i = 0; i < side->count; i++)
        x[i] = side->values[i] * (1 + d);
    compare_runs(s, rule, s->runs[old], (struct compare_side){x, side->count}, &c);
    free(x);
    return is_moved(&c, s, rule) && c.ratio > 1;
}

static double found_share(const struct power_series *s, const struct power_rule *rule, const struct pair *pairs,
                          size_t count, double d)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += is_found(s, rule, pairs[i].old, pairs[i].now, d) + is_found(s, rule, pairs[i].now, pairs[i].old, d);
    return (double)found / (2.0 * (double)count);
}

static double smallest_found(const struct power_series *s, const struct power_rule *rule, const struct pair *pairs,
                             size_t count)
{
    double low = 0, high = log(POWER_LARGEST);

    if (!count || found_share(s, rule, pairs, count, POWER_LARGEST - 1) < POWER_FOUND)
        return NAN;
    for (int i = 0; i < STEPS; i++) {
        double middle = (low + high) / 2;

        if (found_share(s, rule, pairs, count, expm1(middle)) < POWER_FOUND)
            low = middle;
        else
            high = middle;
    }
    return expm1(high);
}

void power_measure(const struct power_series *s, const struct power_rule *rule, struct power *out)
{
    struct power_rule own = *rule;
    struct pair *pairs;
    double *x;

    *out = (struct power){.drift = NAN, .false_alarms = NAN, .low = NAN, .high = NAN, .detectable = NAN};
    x = all_launches(s, &out->launches);
    for (size_t r = 0; r < s->run_count; r++)
        out->runs += s->runs[r].count > 0;
    out->noise = robust_deviation(x, out->launches);
    out->autocorrelation = autocorrelation(x, out->launches);
    if (isfinite(out->noise)) /* as the gate does, once it knows */
        own.compare.min_effect = fmax(own.compare.min_effect, out->noise);
    if (!s->deterministic) {
        out->drift = compare_drift(s->runs, s->run_count);
        own.compare.drift = known(out->drift);
    }
    if (s->deterministic && out->launches > 1) {
        double spread = range_share(x, out->launches);

        out->detectable = fmax(own.compare.min_effect_deterministic, isfinite(spread) ? spread : 0);
    }
    pairs = make_pairs(s, own.compare.seed, &out->comparisons);
    if (out->comparisons) {
        size_t independent = out->runs / 2;

        out->alarms = count_alarms(s, &own, pairs, out->comparisons);
        out->false_alarms = (double)out->alarms / (double)out->comparisons;
        power_share_interval(out->false_alarms * (double)independent, (double)independent, &out->low, &out->high);
    }
    if (!s->deterministic)
        out->detectable = smallest_found(s, &own, pairs, out->comparisons);
    free(pairs);
    free(x);
}

/* The z beyond which a two-sided test gives less than p, by bisection. */
static double normal_bound(double p)
{
    double low = 0, high = 10;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (erfc(middle / sqrt(2)) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/*
 * The interval is twice 1.96 standard errors wide. To be found in 80 % of cases a change must lie 0.84 of them beyond what the test
 * asks, and as far beyond the threshold.
 */
double power_estimate(const struct comparison *c, bool deterministic, const struct power_rule *rule)
{
    double error, test;

    if (!isfinite(c->threshold) || !isfinite(c->ratio))
        return NAN;
    if (deterministic)
        return c->threshold;
    if (!(c->low > 0) || !isfinite(c->high))
        return NAN;
    error = log(c->high / c->low) / 2 / Z_INTERVAL;
    test = normal_bound(rule->largest_p);
    return expm1(fmax(test * error, log1p(c->threshold)) + Z_FOUND * error);
}

/* P(X <= k) for a beta-distributed share, as the regularised incomplete beta function by its continued fraction (Lentz's method). */
static double beta_share(double x, double a, double b)
{
    double front, c = 1, d, h;

    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    if (x > (a + 1) / (a + b + 2))
        return 1 - beta_share(1 - x, b, a);
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a;
    d = 1 / (1 - (a + b) * x / (a + 1));
    h = d;
    for (int m = 1; m < 300; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double before = h;

        d = 1 / (1 + even * d);
        c = 1 + even / c;
        h *= d * c;
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        h *= d * c;
        if (fabs(h - before) <= 1e-14 * fabs(h))
            break;
    }
    return front * h;
}

/* The share below which `part` of a beta distribution lies. */
static double beta_quantile(double part, double a, double b)
{
    double low = 0, high = 1;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (beta_share(middle, a, b) < part)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

void power_share_interval(double successes, double n, double *low, double *high)
{
    *low = successes <= 0 || n <= 0 ? 0 : beta_quantile(0.025, successes, n - successes + 1);
    *high = successes >= n || n <= 0 ? 1 : beta_quantile(0.975, successes + 1, n - successes);
}
