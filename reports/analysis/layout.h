/*
 * How far the place of code in a program moves a point's time: programs of the same machine code, linked in different orders with
 * different padding, measured in turns. Pure functions over arrays of launch medians.
 */
#ifndef REPORTS_ANALYSIS_LAYOUT_H
#define REPORTS_ANALYSIS_LAYOUT_H

#include "compare.h"

struct layout_spread {
    size_t layouts; /* that had at least two launches */
    double
        deviation; /* relative standard deviation between layouts beyond launch noise; 0: none beyond; NaN: fewer than 2 */
    double range;        /* the slowest layout's median over the fastest's, less 1 */
    double launch_noise; /* relative standard deviation of launches inside a layout, robust */
};

/* layouts[i]: the launches of one program. */
void layout_measure(const struct compare_side *layouts, size_t count, struct layout_spread *out);

/*
 * Two programs differ by two layouts. `within`: what 95 % of such differences stay below when the code is the same. `visible`: the
 * smallest change of code that is found in 80 % of cases where `detectable` would be found without layouts; the root of the squares,
 * for the two have nothing to do with each other.
 */
double layout_within(double deviation);
double layout_visible(double detectable, double deviation);

#endif
