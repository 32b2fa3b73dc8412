/*
 * What the variants of the peak kernel share. Chain i starts with PEAK_START(i) and takes `steps` times x = x * a + b. The kernel
 * sets a = b = 1 where no compiler sees it, so that the result is PEAK_START(i) + steps, exactly, fused or not.
 */
#ifndef VARIANTS_PEAK_PEAK_H
#define VARIANTS_PEAK_PEAK_H

#include "../variant.h"

#include <stdio.h>

#define PEAK_CHAINS 1024 /* their number is a multiple of this */
#define PEAK_STEPS 640   /* likewise */
#define PEAK_START(i) ((int)((i)&1023))

/* run.problem of this kernel; the output is one double or float per chain. */
struct peak {
    size_t chains;
    int64_t steps;
    bool single; /* float */
    double a, b;
};

/*
 * The warp instructions of one execution of cuda, to check what counts them: chains * steps / 32 multiply-adds in loops of 643
 * instructions with 640 of them, and 46 (fp32) or 47 (fp64) that begin and end a warp of 8 * 32 chains (sm_90, nvcc 13.0).
 */
static inline double peak_cuda_instructions(const struct peak *p)
{
    return (double)p->chains / (8 * 32) * ((double)p->steps * 8 / 640 * 643 + (p->single ? 46 : 47));
}

#endif
