/*
 * Test plug-in: the right picture but for one pixel in its middle.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

static int run_onepixel(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    out[(size_t)(m->height / 2) * m->width + m->width / 2] ^= 1;
    return 0;
}

const struct variant variant_mandelbrot_onepixel = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "one pixel is wrong",
    .run = run_onepixel,
};
