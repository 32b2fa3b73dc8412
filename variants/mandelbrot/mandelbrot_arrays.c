/*
 * Whole-array passes with temporaries, the NumPy way: maxiter times a dozen passes over every point of the picture, escaped or
 * not. Shows what the work costs when it streams through the caches.
 *
 * cflags: -O3 -ffp-contract=off
 */
#include "mandelbrot_passes.h"

static int prepare(struct run *r)
{
    return passes_prepare(r, (size_t)mandelbrot_pixels(r->problem));
}

static int run_arrays(struct run *r)
{
    passes_run(r->problem, r->state, 0, (size_t)mandelbrot_pixels(r->problem), r->output);
    return 0;
}

const struct variant variant_mandelbrot_arrays = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "passes over whole arrays with temporaries, the NumPy way",
    .prepare = prepare,
    .run = run_arrays,
    .finish = passes_finish,
};
