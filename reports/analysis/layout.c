/*
 * Layouts as groups: a one-way analysis of variance with random effects, on logarithms so that shares are differences, and from
 * medians and median deviations so that one disturbed launch decides nothing.
 */
#include "layout.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>

#define MEDIAN_VARIANCE 1.5708 /* of the median of n normal values: this / n times their variance */
#define Z_95 1.959964
#define Z_95_AND_80 2.801585 /* found by a test at 5 % in 80 % of cases */

/* Logarithms of the launches that have a value. */
static double *logarithms(struct compare_side side, size_t *count)
{
    double *x = mem_new(side.count + 1, sizeof *x);

    *count = 0;
    for (size_t i = 0; i < side.count; i++)
        if (isfinite(side.values[i]) && side.values[i] > 0)
            x[(*count)++] = log(side.values[i]);
    return x;
}

static double variance(const double *x, size_t n)
{
    double mean = stats_mean(x, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum / (double)(n - 1);
}

void layout_measure(const struct compare_side *layouts, size_t count, struct layout_spread *out)
{
    double *medians = mem_new(count + 1, sizeof *medians), inside = 0, error = 0, between;

    *out = (struct layout_spread){.deviation = NAN, .range = NAN, .launch_noise = NAN};
    for (size_t i = 0; i < count; i++) {
        size_t n;
        double *x = logarithms(layouts[i], &n);

        if (n >= 2) {
            double sigma = stats_sigma(x, n);

            medians[out->layouts++] = stats_median(x, n);
            inside += sigma * sigma;
            error += MEDIAN_VARIANCE * sigma * sigma / (double)n;
        }
        free(x);
    }
    if (out->layouts >= 2) {
        between = variance(medians, out->layouts) - error / (double)out->layouts;
        out->deviation = between > 0 ? sqrt(between) : 0;
        out->range = expm1(stats_max(medians, out->layouts) - stats_min(medians, out->layouts));
        out->launch_noise = sqrt(inside / (double)out->layouts);
    }
    free(medians);
}

double layout_within(double deviation)
{
    return isfinite(deviation) ? Z_95 * sqrt(2) * deviation : 0;
}

double layout_visible(double detectable, double deviation)
{
    return isfinite(deviation) ? hypot(detectable, Z_95_AND_80 * sqrt(2) * deviation) : detectable;
}
