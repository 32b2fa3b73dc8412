/*
 * Like simd, but with the squares fused into the additions: four instructions an iteration where exact rounding needs six, and
 * another rounding, which moves a few pixels at the edge of the set: some twenty of a quarter of a million, and the most
 * where a small picture goes deep, 16 of 22,500 at size=300 with 5000 iterations. All instruction sets move the same ones.
 *
 * cflags: -ffp-contract=off
 */
#define STAGED_FUSED 1
#include "mandelbrot_staged.h"

static int prepare(struct run *r)
{
    return staged_prepare(r, staged_widest());
}

const struct variant variant_mandelbrot_simd_fma = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "like simd with fused multiply-add, which moves a few pixels",
    .tolerance = 0.001,
    .probe = staged_probe,
    .prepare = prepare,
    .run = staged_run,
    .finish = staged_finish,
};
