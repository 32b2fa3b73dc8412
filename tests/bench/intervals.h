/*
 * Intervals of a ratio that could have been chosen. Each takes eight launches a side and answers what it believes in with 95 %.
 * What is used is in reports/analysis; the others are here to be measured against it.
 */
#ifndef TESTS_BENCH_INTERVALS_H
#define TESTS_BENCH_INTERVALS_H

#include "reports/analysis/rank.h"
#include "simulated.h"

#define SIDE 8
#define RESAMPLES 499

struct sides {
    double value[2][SIDE], repetitions[2][SIDE][REPETITIONS];
};
struct range {
    double low, high;
};

static inline double pick_median(const double *x, size_t n, uint64_t *seed)
{
    double drawn[SIDE > REPETITIONS ? SIDE : REPETITIONS];

    for (size_t i = 0; i < n; i++) {
        double v = x[stats_random(seed) % n];
        size_t k = i;

        for (; k > 0 && drawn[k - 1] > v; k--)
            drawn[k] = drawn[k - 1];
        drawn[k] = v;
    }
    return (drawn[(n - 1) / 2] + drawn[n / 2]) / 2;
}

static inline struct range between(double *sorted, double low, double high)
{
    stats_sort(sorted, RESAMPLES);
    return (struct range){stats_quantile(sorted, RESAMPLES, low), stats_quantile(sorted, RESAMPLES, high)};
}

/* Bootstrap of the ratio of medians over launches. */
static inline void resample(const struct sides *s, double ratios[RESAMPLES], uint64_t *seed)
{
    for (int i = 0; i < RESAMPLES; i++) {
        double now = pick_median(s->value[1], SIDE, seed);

        ratios[i] = now / pick_median(s->value[0], SIDE, seed);
    }
}

static inline struct range percentile_bootstrap(const struct sides *s, uint64_t *seed)
{
    double ratios[RESAMPLES];

    resample(s, ratios, seed);
    return between(ratios, 0.025, 0.975);
}

/* The normal quantile, by bisection: these few need no table. */
static inline double normal_at(double p)
{
    double a = -8, b = 8;

    for (int i = 0; i < 50; i++) {
        double x = (a + b) / 2;

        *(erfc(-x / sqrt(2)) / 2 < p ? &a : &b) = x;
    }
    return (a + b) / 2;
}

/* Leaves out every launch in turn: how the estimate's spread depends on itself. */
static inline double acceleration(const struct sides *s)
{
    double without[2 * SIDE], mean, squares = 0, cubes = 0;

    for (int left = 0; left < 2 * SIDE; left++) {
        double m[2];

        for (int side = 0; side < 2; side++) {
            double kept[SIDE];
            size_t n = 0;

            for (int i = 0; i < SIDE; i++) {
                if (left != side * SIDE + i)
                    kept[n++] = s->value[side][i];
            }
            m[side] = stats_median(kept, n);
        }
        without[left] = m[1] / m[0];
    }
    mean = stats_mean(without, 2 * SIDE);
    for (int i = 0; i < 2 * SIDE; i++) {
        squares += pow(mean - without[i], 2);
        cubes += pow(mean - without[i], 3);
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* Efron's, corrected for bias and acceleration. */
static inline struct range bca_bootstrap(const struct sides *s, uint64_t *seed)
{
    double ratios[RESAMPLES], a = acceleration(s), below = 0, at[2];
    double estimate = stats_median(s->value[1], SIDE) / stats_median(s->value[0], SIDE), bias;

    resample(s, ratios, seed);
    for (int i = 0; i < RESAMPLES; i++)
        below += ratios[i] < estimate ? 1 : ratios[i] == estimate ? 0.5 : 0;
    bias = normal_at(fmin(fmax(below / RESAMPLES, 0.001), 0.999));
    for (int i = 0; i < 2; i++) {
        double z = bias + (i ? 1.959964 : -1.959964);

        at[i] = erfc(-(bias + z / (1 - a * z)) / sqrt(2)) / 2;
    }
    return between(ratios, at[0], at[1]);
}

/* Launches are drawn, then in each drawn one its repetitions. */
static inline struct range two_level_bootstrap(const struct sides *s, uint64_t *seed)
{
    double ratios[RESAMPLES], medians[SIDE], m[2];

    for (int r = 0; r < RESAMPLES; r++) {
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < SIDE; i++)
                medians[i] = pick_median(s->repetitions[side][stats_random(seed) % SIDE], REPETITIONS, seed);
            m[side] = stats_median(medians, SIDE);
        }
        ratios[r] = m[1] / m[0];
    }
    return between(ratios, 0.025, 0.975);
}

/* Mean of logarithms, as if their noise were normal; 14 degrees of freedom. */
static inline struct range t_interval(const struct sides *s, uint64_t *seed)
{
    double mean[2] = {0, 0}, variance = 0, width;

    (void)seed;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < SIDE; i++)
            mean[side] += log(s->value[side][i]) / SIDE;
        for (int i = 0; i < SIDE; i++)
            variance += pow(log(s->value[side][i]) - mean[side], 2) / (2 * (SIDE - 1));
    }
    width = 2.144787 * sqrt(2 * variance / SIDE);
    return (struct range){exp(mean[1] - mean[0] - width), exp(mean[1] - mean[0] + width)};
}

static inline struct range ranks(const struct sides *s, uint64_t *seed)
{
    struct rank_result r;

    (void)seed;
    rank_compare(s->value[0], SIDE, s->value[1], SIDE, 0, &r);
    return (struct range){r.low, r.high};
}

/* Launch i of one side with launch i of the other: the sign test inverted. Of eight pairs it needs all (99.2 %; without the outermost
 * two it is 93 %). */
static inline struct range sign_test(const struct sides *s, uint64_t *seed)
{
    double pairs[SIDE];

    (void)seed;
    for (int i = 0; i < SIDE; i++)
        pairs[i] = s->value[1][i] / s->value[0][i];
    stats_sort(pairs, SIDE);
    return (struct range){pairs[0], pairs[SIDE - 1]};
}

/* The signed ranks of Wilcoxon inverted: sorted means of two pairs each, without three of 36 at either end (96.1 %). */
static inline struct range signed_ranks(const struct sides *s, uint64_t *seed)
{
    double pairs[SIDE], means[SIDE * (SIDE + 1) / 2];
    size_t n = 0;

    (void)seed;
    for (int i = 0; i < SIDE; i++)
        pairs[i] = log(s->value[1][i] / s->value[0][i]);
    for (int i = 0; i < SIDE; i++) {
        for (int k = 0; k <= i; k++)
            means[n++] = (pairs[i] + pairs[k]) / 2;
    }
    stats_sort(means, n);
    return (struct range){exp(means[3]), exp(means[n - 4])};
}

#endif
