/*
 * Test plug-in: computes the picture once and then rests on it, as a forgotten cache would.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

static int run_stale(struct run *r)
{
    static bool done;
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int row = 0; !done && row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    done = true;
    return 0;
}

const struct variant variant_mandelbrot_stale = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "computes only the first time",
    .run = run_stale,
};
