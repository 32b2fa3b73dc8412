/* Test plug-in: takes memory, 16 MiB at a time, until somebody ends it. */
#include "mandelbrot.h"

#include <unistd.h>

#define BITE ((size_t)16 << 20)

static int run_hungry(struct run *r)
{
    static void *volatile last;

    while (r) {
        void **bite = malloc(BITE);

        if (bite) {
            memset(bite, 1, BITE); /* only what was touched is taken */
            *bite = last;          /* and it stays reachable: this is no leak but greed */
            last = bite;
        } else {
            usleep(1000);
        }
    }
    return 0;
}

const struct variant variant_mandelbrot_hungry = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "allocates without end",
    .run = run_hungry,
};
