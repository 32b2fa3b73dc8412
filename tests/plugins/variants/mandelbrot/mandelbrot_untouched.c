/* Test plug-in: says that it is done and has written nothing. */
#include "mandelbrot.h"

static int run_untouched(struct run *r)
{
    (void)r;
    return 0;
}

const struct variant variant_mandelbrot_untouched = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "leaves the output untouched",
    .run = run_untouched,
};
