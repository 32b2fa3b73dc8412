/*
 * What chance shows. Who looks at a thousand series finds a few changes in noise, at the same confidence that is
 * plenty for one series. Each finding has the p-value of all its points together (Fisher's, for noise is each
 * point's own), paid for with how many sets of as many points there were to choose from; of these expected numbers
 * of false findings a share of FALSE_SHARE may stay (Benjamini and Hochberg). Counts stand outside: they do not move
 * by chance.
 */
#include "findings_parts.h"

#include "../harness/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FALSE_SHARE 0.05
#define SMALLEST 1e-12 /* a p below is not to be had from so few values */

/* The logarithm of the chance that k independent p-values have so small a product: x = - sum of their logarithms. */
static double fisher(double x, size_t k)
{
    double term = 1, sum = 1;

    for (size_t j = 1; j < k; j++) {
        term *= x / (double)j;
        sum += term;
    }
    return isfinite(sum) ? log(sum) - x : -x / 2;
}

static double log_choose(size_t n, size_t k)
{
    return k >= n ? 0 : lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
}

static bool is_count(const struct findings *f, const struct finding_series *s)
{
    const struct findings_series *all = findings_series_of(f, s->point, s->metric);

    return all && all->deterministic;
}

/* The logarithm of how many findings like this one are expected where nothing changed; -INFINITY with a count. */
static double expected(const struct findings *f, const struct finding *finding, size_t points)
{
    double x = 0;
    size_t k = 0;

    for (size_t i = 0; i < finding->series_count; i++) {
        const struct finding_series *s = &finding->series[i];
        double best = 1;

        if (is_count(f, s))
            return -INFINITY;
        if (i > 0 && !strcmp(s->point, finding->series[i - 1].point))
            continue; /* a point's metrics share their noise: the surest speaks */
        for (size_t j = i; j < finding->series_count && !strcmp(s->point, finding->series[j].point); j++)
            best = fmin(best, fmax(1 - finding->series[j].change.confidence, SMALLEST));
        x -= log(best);
        k++;
    }
    return fisher(x, k) + log_choose(points, k);
}

static size_t count_points(const struct findings *f)
{
    size_t points = 0;

    for (size_t i = 0; i < f->series; i++)
        points += i == 0 || strcmp(f->all[i].point, f->all[i - 1].point) != 0;
    return points;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The largest of these, all in order, that may stay. */
static double limit_of(double *sorted, size_t n)
{
    double limit = -INFINITY;

    qsort(sorted, n, sizeof *sorted, by_value);
    for (size_t i = 0; i < n; i++)
        if (sorted[i] <= log(FALSE_SHARE * (double)(i + 1)))
            limit = sorted[i];
    return limit;
}

/* Those that are pending are judged among themselves: of the others most are long true. */
static void judge(struct findings *f, bool pending, const double *log_expected, double *work)
{
    double limit;
    size_t n = 0;

    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].pending == pending)
            work[n++] = log_expected[i];
    limit = limit_of(work, n);
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].pending == pending)
            f->items[i].doubtful = log_expected[i] > limit;
}

void findings_chance(struct finding_reading *r)
{
    struct findings *f = r->f;
    double *log_expected = mem_new(2 * f->count + 1, sizeof *log_expected);
    size_t points = count_points(f);

    for (size_t i = 0; i < f->count; i++)
        log_expected[i] = expected(f, &f->items[i], points);
    judge(f, false, log_expected, log_expected + f->count);
    judge(f, true, log_expected, log_expected + f->count);
    free(log_expected);
}
