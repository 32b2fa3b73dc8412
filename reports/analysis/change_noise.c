/*
 * How much does a series vary by itself? Steps, if they are few, hardly touch
 * the median of differences, so that is where the noise is read from: from
 * differences of neighbours, and of values some places apart. Where neighbours
 * are more alike than those, they depend on each other. Outliers are drawn in
 * towards the running median, which follows levels of `shortest` values and
 * nothing shorter, unless it lies far off.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Places after which values hardly depend on each other, from and to. */
#define NEARER 8
#define FARTHER 12
#define ENOUGH 24 /* values, to see that; of fewer something is assumed */
#define ASSUMED_DEPENDENT 0.4
#define MOST_DEPENDENT 0.95
#define REACH 1.5           /* standard deviations that values may lie from the running median */
#define COUNTED 0.0002      /* noise of counts that repeat exactly: a thousandth is five of it */
#define ROUNDING 1e-9       /* differences of a smaller share are how numbers are written */
#define MAD_TO_SIGMA 1.4826 /* as for normal noise */

enum { MOST_WIDTH = 9 }; /* of the running median */

static void exchange(double *x, size_t i, size_t j)
{
    double kept = x[i];

    x[i] = x[j];
    x[j] = kept;
}

/* The k-th smallest of x, which is reordered: Hoare's selection. */
static double kth(double *x, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;

    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;

        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            exchange(x, i++, j--);
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return x[k];
}

double change_middle(double *x, size_t n)
{
    double upper = kth(x, n, n / 2), lower = upper;

    if (n % 2 == 0)
        lower = stats_max(x, n / 2); /* what stands before the upper middle is not larger */
    return (lower + upper) / 2;
}

double change_median(const double *x, size_t n)
{
    double *copy = mem_new(n, sizeof *copy), middle;

    memcpy(copy, x, n * sizeof *x);
    middle = change_middle(copy, n);
    free(copy);
    return middle;
}

/* The standard deviation of the noise, from differences of values `from` to
 * `to` places apart. */
static double noise_apart(const double *x, size_t n, size_t from, size_t to)
{
    double *differences = mem_new((to - from + 1) * n, sizeof *differences), spread;
    size_t count = 0;

    for (size_t apart = from; apart <= to; apart++)
        for (size_t i = apart; i < n; i++)
            differences[count++] = fabs(x[i] - x[i - apart]);
    spread = count ? MAD_TO_SIGMA / sqrt(2) * change_middle(differences, count) : 0;
    free(differences);
    return spread;
}

/* Values that mostly repeat exactly have no median difference; then the mean of
 * all differences but the largest tenth. */
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

static double least_noise(const struct change_view *v, const struct change_options *o)
{
    double range = stats_max(v->x, v->n) - stats_min(v->x, v->n), size = v->logarithms ? 1 : fabs(v->middle);

    return fmax(range * 1e-5, size * (o->deterministic ? COUNTED : ROUNDING));
}

static void replace(double *sorted, size_t width, double old, double fresh)
{
    size_t i = 0;

    while (i + 1 < width && sorted[i] != old)
        i++;
    for (; i + 1 < width && sorted[i + 1] < fresh; i++)
        sorted[i] = sorted[i + 1];
    for (; i > 0 && sorted[i - 1] > fresh; i--)
        sorted[i] = sorted[i - 1];
    sorted[i] = fresh;
}

/* Four values or more in a row, all far out on one side: they stay where they are. */
static void keep_excursions(struct change_view *v, const double *medians)
{
    size_t from = 0; /* the first of those in a row */
    bool up = false;

    for (size_t i = 0; i < v->n; i++) {
        double away = (v->x[i] - medians[i]) / v->sigma;
        bool far = fabs(away) >= CHANGE_FAR;

        if (far && i > from && up == (away > 0))
            continue;
        for (size_t k = from; i - from >= CHANGE_EXCURSION && k < i; k++)
            v->z[k] = (v->x[k] - v->middle) / v->sigma;
        from = far ? i : i + 1;
        up = away > 0;
    }
}

/* At the ends the window stays whole: what stands there is judged by its
 * neighbours on one side. */
static void draw_in(struct change_view *v)
{
    size_t width = 2 * v->shortest - 1, from = 0;
    double sorted[MOST_WIDTH], *medians = mem_new(v->n, sizeof *medians);

    if (width > v->n)
        width = v->n;
    memcpy(sorted, v->x, width * sizeof *sorted);
    stats_sort(sorted, width);
    for (size_t i = 0; i < v->n; i++) {
        double median, away;

        if (i > width / 2 && from + width < v->n) {
            replace(sorted, width, v->x[from], v->x[from + width]);
            from++;
        }
        median = (sorted[(width - 1) / 2] + sorted[width / 2]) / 2;
        away = (v->x[i] - median) / v->sigma;
        v->z[i] = (median - v->middle) / v->sigma + fmax(-REACH, fmin(REACH, away));
        medians[i] = median;
    }
    if (v->shortest > CHANGE_EXCURSION)
        keep_excursions(v, medians);
    free(medians);
}

void change_noise(struct change_view *v, const struct change_options *o, size_t apart)
{
    double near = noise_apart(v->x, v->n, 1, 1), far, noise;
    bool known = o->noise > 0 && v->logarithms;

    v->middle = change_median(v->x, v->n);
    if (apart)
        far = noise_apart(v->x, v->n, apart, 2 * apart);
    else if (v->n >= ENOUGH)
        far = noise_apart(v->x, v->n, v->n / 4 < NEARER ? v->n / 4 : NEARER, v->n / 2 < FARTHER ? v->n / 2 : FARTHER);
    else
        far = near / sqrt(1 - ASSUMED_DEPENDENT);
    v->memory.dependent = near < far ? fmin(MOST_DEPENDENT, 1 - near * near / (far * far)) : 0;
    if (near <= 0)
        v->memory.dependent = 0;
    noise = apart ? far : near > 0 ? near : noise_of_repeats(v->x, v->n);
    v->memory.near = !apart && !known;
    v->sigma = fmax(known ? o->noise : noise, least_noise(v, o));
    draw_in(v);
}
