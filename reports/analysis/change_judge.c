/*
 * Does a cut hold? The best cut of noise is a cut, too; so each is judged by the values on both sides: by how far the levels lie apart
 * in standard deviations of the noise (as wide as neighbours that depend on each other make it), by ranks, and by its size.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_APART 1.0 /* steps of less than this many standard deviations are not seen as steps */

static double mean_of(const double *z, size_t from, size_t to)
{
    return stats_mean(z + from, to - from);
}

/* The standard score of the difference of two neighbouring levels. */
static double score(const struct change_view *v, size_t from, size_t cut, size_t to)
{
    double before = (double)(cut - from), after = (double)(to - cut);
    double wider = (1 + v->dependent) / (1 - v->dependent);

    return fabs(mean_of(v->z, cut, to) - mean_of(v->z, from, cut)) / sqrt(wider * (1 / before + 1 / after));
}

double change_confidence(const struct change_view *v, size_t from, size_t cut, size_t to)
{
    double p = erfc(score(v, from, cut, to) / sqrt(2));

    return fmax(0, 1 - p * (double)v->n);
}

static double limit(const struct change_view *v)
{
    return sqrt(2 * log((double)v->n)) + 1.5;
}

/* How much a cut has beyond what it needs; below 0 it does not hold. */
static double strength(const struct change_view *v, const struct change_options *o, const size_t *starts, size_t i)
{
    size_t from = starts[i - 1], cut = starts[i], to = starts[i + 1];
    double before = stats_median(v->x + from, cut - from), after = stats_median(v->x + cut, to - cut);
    double smallest = v->logarithms ? log1p(o->min_effect) : o->min_effect * fabs(before);
    double s = score(v, from, cut, to);

    if (cut - from < v->shortest || to - cut < v->shortest)
        return s - 1e6;
    if (fabs(after - before) < fmax(smallest, LEVELS_APART * v->sigma))
        return s - 1e4;
    return s - limit(v);
}

size_t change_judge(const struct change_view *v, const struct change_options *o, size_t *starts, size_t levels)
{
    while (levels > 1) {
        size_t weakest = 0;
        double least = 0;

        for (size_t i = 1; i < levels; i++) {
            double s = strength(v, o, starts, i);

            if (s < least) {
                least = s;
                weakest = i;
            }
        }
        if (!weakest)
            break;
        memmove(starts + weakest, starts + weakest + 1, (levels - weakest) * sizeof *starts);
        levels--;
    }
    return levels;
}
