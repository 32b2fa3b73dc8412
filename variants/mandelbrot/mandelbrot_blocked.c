/*
 * The array way in chunks: all iterations of one chunk of points, then the next chunk, so that the temporaries stay in a
 * cache. The arithmetic is that of the arrays variant; only the distance in memory differs.
 *
 * cflags: -O3 -ffp-contract=off
 */
#include "mandelbrot_passes.h"

#define LARGEST_CHUNK 100000000

static const struct axis axes[] = {
    {"chunk", "100,1000,5000,10000,20000,50000,100000,250000", "1000", "points per chunk (77 bytes each)", false},
    {0},
};

static int prepare(struct run *r)
{
    int64_t chunk = run_number(r, "chunk"), pixels = mandelbrot_pixels(r->problem);

    if (chunk < 1 || chunk > LARGEST_CHUNK) {
        snprintf(r->error, sizeof r->error, "chunk is %lld, but must lie between 1 and %d", (long long)chunk,
                 LARGEST_CHUNK);
        return -1;
    }
    return passes_prepare(r, (size_t)(chunk < pixels ? chunk : pixels));
}

static int run_blocked(struct run *r)
{
    const struct passes *p = r->state;
    size_t pixels = (size_t)mandelbrot_pixels(r->problem);
    int32_t *out = r->output;

    for (size_t first = 0; first < pixels; first += p->capacity) {
        size_t n = pixels - first < p->capacity ? pixels - first : p->capacity;

        passes_run(r->problem, p, first, n, out + first);
    }
    return 0;
}

const struct variant variant_mandelbrot_blocked = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "array passes in cache-sized chunks, the numexpr way",
    .axes = axes,
    .prepare = prepare,
    .run = run_blocked,
    .finish = passes_finish,
};
