/*
 * What the variants of the mandelbrot kernel share: the grid, and the one-pixel loop that defines the result.
 *
 * The grid's coordinates come from repeated addition, as in the EuroPython 2011 tutorial: computing them by multiplication
 * gives other bits, other pixels at the edge of the set, and another number of columns for some sizes.
 */
#ifndef VARIANTS_MANDELBROT_MANDELBROT_H
#define VARIANTS_MANDELBROT_MANDELBROT_H

#include "../variant.h"

#include <stdio.h>

/* run.problem of this kernel. Pixel (column, row) of the output stands at row * width + column. */
struct mandelbrot {
    int width, height;
    int maxiter;
    double *x; /* real part of each column, rising */
    double *y; /* imaginary part of each row, falling */
};

static inline int64_t mandelbrot_pixels(const struct mandelbrot *m)
{
    return (int64_t)m->width * m->height;
}

/* The number of the first iteration after which |z| > 2, or maxiter if there is none. */
static inline int32_t mandelbrot_escape(double qx, double qy, int maxiter)
{
    double zx = 0, zy = 0;

    for (int it = 0; it < maxiter; it++) {
        double nx = (zx * zx - zy * zy) + qx;
        double ny = 2.0 * (zx * zy) + qy;

        zx = nx;
        zy = ny;
        if (zx * zx + zy * zy > 4.0)
            return it;
    }
    return maxiter;
}

/* One row of the picture the plain way. The output of a pixel that never escapes is 0. */
static inline void mandelbrot_row(const struct mandelbrot *m, int row, int32_t *out)
{
    for (int i = 0; i < m->width; i++) {
        int32_t it = mandelbrot_escape(m->x[i], m->y[row], m->maxiter);

        out[i] = it < m->maxiter ? it : 0;
    }
}

#endif
