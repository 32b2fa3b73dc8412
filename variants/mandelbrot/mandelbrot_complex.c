/*
 * The definition, written down with C99's complex numbers as a newcomer would: cabs() calls hypot() in every iteration, and
 * the product carries Annex G's care for infinities.
 *
 * cflags: -ffp-contract=off
 * libs: -lm
 */
#include "mandelbrot.h"

#include <complex.h>

static int run_complex(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int row = 0; row < m->height; row++) {
        for (int column = 0; column < m->width; column++) {
            double complex q = m->x[column] + m->y[row] * I;
            double complex z = 0;
            int32_t escaped = 0;

            for (int it = 0; it < m->maxiter; it++) {
                z = z * z + q;
                if (cabs(z) > 2.0) {
                    escaped = it;
                    break;
                }
            }
            *out++ = escaped;
        }
    }
    return 0;
}

const struct variant variant_mandelbrot_complex = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "double complex and cabs(), as a newcomer writes it",
    .run = run_complex,
};
