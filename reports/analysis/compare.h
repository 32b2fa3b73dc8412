/*
 * Two sides of one metric of one point: what can be said? Pure functions over arrays of launch medians.
 *
 * Deterministic metrics: medians compared against a threshold of max(min_effect_deterministic, A/A spread seen inside each side).
 * Where launches vary all the same (threads that wait, schedulers), ranges decide: every launch of one side beyond every other's.
 * Time: the middle of all ratios of two launches with the interval and the p-value that ranks give (rank.h; compare.c has the
 * measurement that chose them), false-discovery control over all points of one gate, and a practical threshold of max(min_effect, A/A).
 */
#ifndef REPORTS_ANALYSIS_COMPARE_H
#define REPORTS_ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compare_verdict {
    COMPARE_SAME,
    COMPARE_FASTER, /* moved in the better direction */
    COMPARE_SLOWER, /* moved in the worse direction */
    COMPARE_AMBIGUOUS,
    COMPARE_INCOMPARABLE,
    COMPARE_WRONG,
    COMPARE_NEW, /* no baseline for this point */
};
const char *compare_verdict_name(enum compare_verdict v);

struct compare_side {
    const double *values; /* one per launch, per execution */
    size_t count;
};

struct compare_options {
    double min_effect;               /* time: share, default 0.01 */
    double min_effect_deterministic; /* default 0.001 */
    size_t min_launches;             /* time: a side needs as many, default 8; fewer can only say `same`, or nothing */
    double false_discovery;          /* q, default 0.05 */
    double drift;                    /* time: how far runs lie apart by themselves, from A/A (compare_drift) */
    uint64_t seed;                   /* of what resamples comparisons (power.h) */
};

struct comparison {
    double ratio, low, high; /* candidate / baseline with its 95 % interval; NaN unknown */
    double p;                /* two-sided; 1 where no test applies */
    double noise;            /* A/A: relative spread inside the sides */
    double threshold;        /* the practical threshold used */
    enum compare_verdict verdict;
};

/* `better_lower`: the metric's direction. */
void compare_deterministic(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                           const struct compare_options *o, struct comparison *c);
/* The same by ranges: moved only if the sides' launches lie apart (a side with fewer than 4 is taken to spread as the other) and the
 * medians differ by more than min_effect_deterministic; `noise` is the wider side's range. True if more launches a side would
 * hardly change the answer: with 4 that overlap or lie far apart, or with 8. */
bool compare_ranges(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                    const struct compare_options *o, struct comparison *c);
void compare_time(struct compare_side baseline, struct compare_side candidate, bool better_lower,
                  const struct compare_options *o, struct comparison *c);
/* Benjamini-Hochberg over the p-values of one gate: those not significant become same (or stay ambiguous). */
void compare_control(struct comparison *list, size_t count, double q);
/* The same for p-values alone: up to which one they are significant; below 0: none is. */
double compare_limit(const double *p, size_t count, double q);
/* What two runs of one program differ by beyond what their launches say, as a share: in 95 of 100 pairs of these runs, which are A/A
 * runs of one point, it is no more. NaN with fewer than two runs that have launches. */
double compare_drift(const struct compare_side *runs, size_t count);
/* How far values lie from their median: a robust standard deviation, as a share. */
double compare_spread(const double *x, size_t n);

#endif
