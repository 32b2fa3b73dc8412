/*
 * One pixel after the other in real arithmetic, compiled like everything else: the rung that the others are compared with.
 * Its time is the latency of a chain: each iteration waits for the one before.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

static int run_serial(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    return 0;
}

const struct variant variant_mandelbrot_serial = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "one pixel after the other, real arithmetic",
    .run = run_serial,
};
