/*
 * Where in a sweep did something change? Of many points that moved at one commit people want to hear one sentence:
 * "size >= 1024 and threads >= 2; the knee over size moved from 1048576 to 524288". Pure functions over points and
 * levels.
 *
 * The region is a box: of each axis with numbers a range, of each axis with words some of its values. It begins as
 * the smallest box around all that changed, and sides move while that makes it fit better, so that one stray point
 * does not stretch it over the whole sweep; what does not help to tell the changed from the unchanged is left out.
 */
#ifndef REPORTS_ANALYSIS_REGION_H
#define REPORTS_ANALYSIS_REGION_H

#include <stdbool.h>
#include <stddef.h>

struct region_point {
    const char *text;     /* "kernel/variant:axis=v,..." */
    double before, after; /* its levels, for the knee; NaN unknown */
    bool changed;
    bool blind; /* too noisy to have shown it: speaks neither for nor against */
};

/* The box in words, "" where all changed (or nothing was swept); where no box fits, "12 of 40 points". free() */
char *region_words(const struct region_point *points, size_t count);

/*
 * "the knee over size moved from 1048576 to 524288", or NULL: from the levels before and after, unchanged points
 * included. free()
 */
char *region_knee_words(const struct region_point *points, size_t count);

/*
 * Where a curve bends or jumps, on logarithmic scales: `at` is the index from which on it is another. x rises, x and
 * y are above 0, n from KNEE_LEAST on; false where one straight line says as much.
 */
enum { KNEE_LEAST = 6 };
bool knee_find(const double *x, const double *y, size_t n, size_t *at);

#endif
