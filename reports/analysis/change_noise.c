/*
 * How much does a series vary by itself? Steps, if they are few, hardly touch the median of differences, so that is where the noise is
 * read from: differences of neighbours, and of values some places apart. Neighbours that are more alike than others depend on each
 * other. Outliers are drawn in towards the running median, which follows levels of `shortest` values and nothing shorter.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>

#define APART 5   /* places after which values hardly depend on each other */
#define REACH 3.0 /* standard deviations from the running median that values may have */
#define MOST_DEPENDENT 0.8
#define COUNTED 0.0002 /* noise of counts that repeat exactly: a thousandth is five of it */
#define ROUNDING 1e-9  /* differences below this share are how numbers are written */

/* The standard deviation of the noise, from differences of values `lag` places apart. */
static double noise_at(const double *x, size_t n, size_t lag)
{
    double *differences = mem_new(n, sizeof *differences), spread;

    for (size_t i = lag; i < n; i++)
        differences[i - lag] = fabs(x[i] - x[i - lag]);
    spread = 1.4826 * stats_median(differences, n - lag) / sqrt(2);
    free(differences);
    return spread;
}

/* Values that mostly repeat exactly have no median difference; then the mean of those that are not the largest. */
static double noise_of_repeats(const double *x, size_t n)
{
    double *differences = mem_new(n, sizeof *differences), sum = 0;
    size_t kept = n - 1 - (n - 1) / 10;

    for (size_t i = 1; i < n; i++)
        differences[i - 1] = fabs(x[i] - x[i - 1]);
    stats_sort(differences, n - 1);
    for (size_t i = 0; i < kept; i++)
        sum += differences[i];
    free(differences);
    return kept ? sum / (double)kept : 0;
}

static double floor_of(const struct change_view *v, const struct change_options *o)
{
    double range = stats_max(v->x, v->n) - stats_min(v->x, v->n);
    double size = v->logarithms ? 1 : fabs(stats_median(v->x, v->n));

    return fmax(range * 1e-5, size * (o->deterministic ? COUNTED : ROUNDING));
}

/* The middle of the `width` values around i, of those at an end where fewer are left. */
static double running_median(const double *x, size_t n, size_t i, size_t width)
{
    size_t half = width / 2, from = i < half ? 0 : i - half;

    if (width > n)
        width = n;
    if (from + width > n)
        from = n - width;
    return stats_median(x + from, width);
}

static void draw_in(struct change_view *v)
{
    size_t width = 2 * v->shortest - 1;
    double center = stats_median(v->x, v->n);

    for (size_t i = 0; i < v->n; i++) {
        double middle = running_median(v->x, v->n, i, width), away = (v->x[i] - middle) / v->sigma;

        v->z[i] = (middle - center) / v->sigma + fmax(-REACH, fmin(REACH, away));
    }
}

void change_noise(struct change_view *v, const struct change_options *o)
{
    double near = noise_at(v->x, v->n, 1), far = v->n > 4 * APART ? noise_at(v->x, v->n, APART) : near;

    if (near <= 0)
        near = noise_of_repeats(v->x, v->n);
    v->dependent = near < far ? fmin(MOST_DEPENDENT, 1 - near * near / (far * far)) : 0;
    v->sigma = fmax(o->noise > 0 && v->logarithms ? o->noise : near, floor_of(v, o));
    draw_in(v);
}
