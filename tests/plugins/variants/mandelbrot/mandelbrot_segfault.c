/* Test plug-in: writes where nothing is. */
#include "mandelbrot.h"

static int run_segfault(struct run *r)
{
    volatile int *volatile nowhere = (int *)16;

    (void)r;
    *nowhere = 1;
    return 0;
}

const struct variant variant_mandelbrot_segfault = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "crashes",
    .run = run_segfault,
};
