/* Robust statistics over plain arrays. No function keeps or changes its input unless its name says so. NaN for no data. */
#ifndef HARNESS_BASE_STATS_H
#define HARNESS_BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

double stats_median(const double *x, size_t n);
double stats_quantile(const double *x, size_t n, double q); /* linear interpolation between order statistics (type 7) */
double stats_mad(const double *x, size_t n);                /* median |x - median|, not scaled */
double stats_sigma(const double *x, size_t n);              /* standard deviation by it: scaled as for normal noise */
double stats_min(const double *x, size_t n);
double stats_max(const double *x, size_t n);
double stats_mean(const double *x, size_t n);
void stats_sort(double *x, size_t n);

/* A small generator (splitmix64) for seeds, shuffles and bootstraps: same seed, same numbers, everywhere. */
uint64_t stats_random(uint64_t *state);

/* Distribution-free interval of the median from order statistics, at least `level` where n allows (n < 6: min and max). */
void stats_median_interval(const double *x, size_t n, double level, double *low, double *high);

#endif
