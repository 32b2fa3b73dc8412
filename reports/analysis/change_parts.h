/* What the parts of change.c share: a series without its holes, its noise, and cuts into levels. */
#ifndef REPORTS_ANALYSIS_CHANGE_PARTS_H
#define REPORTS_ANALYSIS_CHANGE_PARTS_H

#include "change.h"

/* The values that are there, on the scale on which noise and steps are alike at every level: logarithms if all are above 0. */
struct change_view {
    double *x;     /* on that scale */
    double *z;     /* in standard deviations of the noise, with outliers drawn in to their neighbours */
    double *raw;   /* as they came */
    size_t *where; /* their places in the caller's array */
    size_t n;
    size_t shortest;  /* level: values */
    double sigma;     /* of the noise, on the scale of x; above 0 unless all values are equal */
    double dependent; /* correlation of neighbours, from 0 */
    bool logarithms;
};

void change_view_make(struct change_view *v, const double *values, size_t n, const struct change_options *o);
void change_view_free(struct change_view *v);

/* Noise (change_noise.c): sets sigma, dependent and z. */
void change_noise(struct change_view *v, const struct change_options *o);

/*
 * Cuts values into levels so that the sum of squares around them and `price` for each cut is the least possible. `starts` has room
 * for n + 1: 0, the first value of each further level, n. Returns how many levels. (change_fit.c)
 */
size_t change_fit(const double *z, size_t n, double price, size_t *starts);

/* Takes away cuts that do not hold; the number of levels that stay. (change_judge.c) */
size_t change_judge(const struct change_view *v, const struct change_options *o, size_t *starts, size_t levels);

/* How sure a cut is: from 0 to 1, with its p corrected for all places where it might have been. */
double change_confidence(const struct change_view *v, size_t from, size_t cut, size_t to);

#endif
