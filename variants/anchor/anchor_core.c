/*
 * The core's arithmetic: chains of x = x * a + b side by side, so many that no unit waits for a result. Shows the clock, and a
 * neighbour on the same core, which takes half of the units.
 *
 * cflags: -O3 -ffp-contract=off
 */
#include "anchor.h"

#define CHAINS 16
#define STEPS 6000000

static int run_core(struct run *r)
{
    const struct anchor *a = r->problem;
    double x[CHAINS], factor = a->factor, summand = a->summand, sum = 0;

    for (int k = 0; k < CHAINS; k++)
        x[k] = k;
    for (int step = 0; step < STEPS; step++)
        for (int k = 0; k < CHAINS; k++)
            x[k] = x[k] * factor + summand;
    for (int k = 0; k < CHAINS; k++)
        sum += x[k];
    anchor_result(r, (uint64_t)sum, (uint64_t)CHAINS * STEPS + CHAINS * (CHAINS - 1) / 2);
    return 0;
}

const struct variant variant_anchor_core = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "arithmetic that keeps the core's units busy",
    .run = run_core,
};
