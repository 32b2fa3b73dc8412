/* Test plug-in: never comes back. */
#include "mandelbrot.h"

#include <unistd.h>

static int run_hang(struct run *r)
{
    while (r)
        pause();
    return 0;
}

const struct variant variant_mandelbrot_hang = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "never ends",
    .run = run_hang,
};
