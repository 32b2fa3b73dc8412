/* What the variants of the triad kernel share: its three arrays. */
#ifndef VARIANTS_TRIAD_TRIAD_H
#define VARIANTS_TRIAD_TRIAD_H

#include "../variant.h"

#include <stdio.h>

/* run.problem of this kernel: a[i] = b[i] + scalar * c[i]. The arrays do not overlap and start at cache lines. */
struct triad {
    size_t n;
    double scalar;
    double *a; /* the output */
    const double *b, *c;
    void *memory;
};

#endif
