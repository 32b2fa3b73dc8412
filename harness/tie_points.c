/*
 * See tie_points.h. The test asks how far a pass lies from the median of all, in standard deviations of a launch: beyond four,
 * which a sound pass is once in some ten thousand times. The median is not moved by the pass that is wrong, as long as
 * most are right.
 *
 * Without known noise the standard deviation is estimated twice, from the repetitions inside the passes and from the distances
 * between the passes (which a single wrong one does not widen), and the larger counts: a doubt too few is better than samples that
 * are thrown away since a program is restless. But distances beyond what launches ever differ by are no noise: where all passes
 * say something else, none is right.
 */
#include "tie_points.h"

#include "base/mem.h"
#include "base/stats.h"

#include <math.h>
#include <stdlib.h>

#define SIGMAS 4.0

struct tie_pass tie_pass_of(const double *values, size_t count)
{
    struct tie_pass p = {.median = stats_median(values, count)};

    if (p.median > 0)
        p.spread = stats_sigma(values, count) / p.median;
    return p;
}

bool tie_points_blind(size_t count, bool single, double workers)
{
    return count == 2 && (single || workers > 1);
}

static double median_of(const struct tie_pass *passes, size_t count, bool agreeing, size_t without)
{
    double *values = mem_new(count + 1, sizeof *values), median;
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (i != without && !(agreeing && passes[i].differs))
            values[n++] = passes[i].median;
    median = stats_median(values, n);
    free(values);
    return median;
}

/* What launches differ by, from the passes themselves. Two passes say nothing about it with their distance: that is the question. */
static double estimate(const struct tie_pass *passes, size_t count, double center, double most)
{
    double *values = mem_new(count, sizeof *values), inside, between = 0;

    for (size_t i = 0; i < count; i++)
        values[i] = passes[i].spread;
    inside = stats_median(values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = passes[i].median / center - 1;
    if (count > 2)
        between = fmin(most, stats_sigma(values, count));
    free(values);
    return fmax(inside, between);
}

static void answer(struct tie_pass *passes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tie_pass *p = &passes[i];

        if (!p->differs)
            continue;
        p->others = median_of(passes, count, true, i);
        if (isnan(p->others)) /* nobody agrees with anybody */
            p->others = median_of(passes, count, false, i);
        p->off = p->median / p->others - 1;
    }
}

size_t tie_points_test(struct tie_pass *passes, size_t count, double noise, double least, double most, double *limit)
{
    double center = median_of(passes, count, false, count), deviation;
    size_t differing = 0;

    *limit = NAN;
    if (count < 2 || !(center > 0))
        return 0;
    deviation = fmax(least, isnan(noise) ? estimate(passes, count, center, most) : noise);
    *limit = SIGMAS * deviation * sqrt(1 + 1 / ((double)count - 1));
    for (size_t i = 0; i < count; i++) {
        /* of two, each lies half their distance from the median */
        passes[i].differs = fabs(passes[i].median / center - 1) > (count == 2 ? *limit / 2 : *limit);
        differing += passes[i].differs;
    }
    answer(passes, count);
    return differing;
}
