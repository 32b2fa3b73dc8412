/* See stats.h. */
#include "stats.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAD_TO_SIGMA 1.4826

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void stats_sort(double *x, size_t n)
{
    if (n > 1)
        qsort(x, n, sizeof *x, ascending);
}

static double *sorted(const double *x, size_t n)
{
    double *copy = mem_new(n, sizeof *copy);

    memcpy(copy, x, n * sizeof *x);
    stats_sort(copy, n);
    return copy;
}

static double quantile_sorted(const double *x, size_t n, double q)
{
    double position = q * (double)(n - 1);
    size_t below = (size_t)position;
    double part = position - (double)below;

    if (below + 1 >= n)
        return x[n - 1];
    return part > 0 ? x[below] + part * (x[below + 1] - x[below]) : x[below];
}

double stats_quantile(const double *x, size_t n, double q)
{
    double *copy, value;

    if (!n)
        return NAN;
    copy = sorted(x, n);
    value = quantile_sorted(copy, n, q);
    free(copy);
    return value;
}

double stats_median(const double *x, size_t n)
{
    return stats_quantile(x, n, 0.5);
}

double stats_mad(const double *x, size_t n)
{
    double *away, middle, value;

    if (!n)
        return NAN;
    middle = stats_median(x, n);
    away = mem_new(n, sizeof *away);
    for (size_t i = 0; i < n; i++)
        away[i] = fabs(x[i] - middle);
    value = stats_median(away, n);
    free(away);
    return value;
}

double stats_sigma(const double *x, size_t n)
{
    return MAD_TO_SIGMA * stats_mad(x, n);
}

double stats_min(const double *x, size_t n)
{
    double value = NAN;

    for (size_t i = 0; i < n; i++)
        if (!(value <= x[i]))
            value = x[i];
    return value;
}

double stats_max(const double *x, size_t n)
{
    double value = NAN;

    for (size_t i = 0; i < n; i++)
        if (!(value >= x[i]))
            value = x[i];
    return value;
}

double stats_mean(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n ? sum / (double)n : NAN;
}

/* Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the constants are the algorithm. */
uint64_t stats_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/*
 * The interval [x(k), x(n+1-k)] of order statistics covers the median with probability 1 - 2 P(B <= k-1), B binomial(n, 1/2)
 * (the sign test inverted). The largest k that still reaches `level` gives the shortest such interval.
 */
void stats_median_interval(const double *x, size_t n, double level, double *low, double *high)
{
    double tail = 0, term, *copy;
    size_t k = 0;

    *low = *high = NAN;
    if (!n)
        return;
    copy = sorted(x, n);
    term = pow(0.5, (double)n);
    while (k + 1 <= n / 2) {
        tail += term;
        if (1 - 2 * tail < level)
            break;
        k++;
        term *= (double)(n - k + 1) / (double)k;
    }
    if (k == 0)
        k = 1;
    *low = copy[k - 1];
    *high = copy[n - k];
    free(copy);
}
