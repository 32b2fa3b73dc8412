/*
 * What a gate sees of a series, learnt from a program that was run against itself. Pure functions over arrays of launch medians.
 *
 * A/A runs are runs of one program in which nothing changed. Two of them are the two sides of a comparison, so that what drifts from
 * run to run is in it: what is called different there is a false alarm. With the candidate's side multiplied by 1 + d the same
 * comparisons tell how small a change is found.
 *
 * For counts there is nothing to resample: whatever they did by themselves cannot be told from a change, and all beyond can.
 */
#ifndef REPORTS_ANALYSIS_POWER_H
#define REPORTS_ANALYSIS_POWER_H

#include "compare.h"

/* The share of comparisons that must find a change before it is called visible. */
#define POWER_FOUND 0.8
/* A change of this factor that is not found is no change that the gate could see at all. */
#define POWER_LARGEST 2.0

/* When a gate takes a comparison for a change. */
struct power_rule {
    struct compare_options compare;
    double largest_p; /* time: and only if the test says so */
};

/* One series: its launches in every A/A run, runs and launches in the order of time. */
struct power_series {
    const struct compare_side *runs;
    size_t run_count;
    bool deterministic, better_lower;
};

struct power {
    size_t runs, launches;  /* that had values */
    double noise;           /* relative standard deviation of all launches, robust; NaN: fewer than two */
    double autocorrelation; /* of successive launches, lag 1; NaN where nothing varies */
    size_t comparisons, alarms;
    double drift;        /* time: compare_drift, which every comparison here and the gate's allow for; NaN: not known */
    double false_alarms; /* their share; NaN without comparisons */
    double low,
        high; /* its 95 % interval: only half as many pairs of runs are independent of each other as there are runs */
    double detectable; /* the smallest d > 0 that is found; NaN: none up to POWER_LARGEST, or no comparison */
};

/* Sides are whole runs: as many launches as a side of the gate has. The same input gives the same answer. */
void power_measure(const struct power_series *s, const struct power_rule *rule, struct power *out);

/* What a single comparison of two sides could have seen, from its interval and its threshold; NaN where it has none. */
double power_estimate(const struct comparison *c, bool deterministic, const struct power_rule *rule);

/* Exact binomial interval (Clopper and Pearson) of a share, 95 %. `successes` need not be whole. */
void power_share_interval(double successes, double n, double *low, double *high);

#endif
