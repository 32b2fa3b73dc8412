/*
 * Ranks of two sides' launches: a test that no shape of noise fools, and the interval of the ratio that it leaves standing. Pure.
 *
 * Everything looks at the n x m ratios of one launch of the candidate to one of the baseline. Their middle is the estimate (Hodges and
 * Lehmann's, on a log scale), and where none of them is special the test of Mann and Whitney says how many may lie below 1.
 */
#ifndef REPORTS_ANALYSIS_RANK_H
#define REPORTS_ANALYSIS_RANK_H

#include <stddef.h>

#define RANK_LEVEL 0.05 /* of the interval and of the test that agrees with it */

struct rank_result {
    double ratio, low, high; /* candidate / baseline, with the interval */
    double p;                /* two-sided */
};

/*
 * Two sides, each with a launch at least and all of the baseline's above 0. `drift` is how far two runs lie apart by themselves beyond
 * what their launches say, as a share, known from runs of one program against itself; 0 for launches in turns.
 * 1 lies between low and high, and is neither, exactly if p > RANK_LEVEL.
 */
void rank_compare(const double *baseline, size_t nb, const double *candidate, size_t nc, double drift,
                  struct rank_result *r);
/* How far the interval misses 1, as a share: what such a drift would have to be. */
double rank_miss(const double *a, size_t na, const double *b, size_t nb);

/* out[u], u = 0 ... m * n: how likely exactly u of the m * n ratios lie below 1 where nothing differs. */
void rank_distribution(size_t m, size_t n, double *out);
/* out[u], u = 0 ... n (n + 1) / 2: how likely exactly u of the n (n + 1) / 2 averages of two of n differences (of each with itself, too)
 * lie below 0 where each difference is as likely to be negative as positive: Wilcoxon's signed ranks. */
void rank_signed_distribution(size_t n, double *out);
/* The middle of sorted ratios: between the two middle ones their geometric mean. */
double rank_middle(const double *sorted, size_t n);

#endif
