/*
 * The vectors of simd on OpenMP threads: the same bits on all cores. Threads take tiles of the picture as they get free; a tile
 * is small enough for an even end and large enough to fill the vectors.
 *
 * needs: openmp
 * cflags: -fopenmp -ffp-contract=off
 * libs: -fopenmp
 */
#include "../openmp.h"
#include "mandelbrot_staged.h"

enum { TILES_PER_THREAD = 16, SMALLEST_TILE = 2048 };

static const struct axis axes[] = {
    OPENMP_THREADS,
    {0},
};

struct team {
    int threads;
    int64_t tiles;
    struct staged **lists; /* one set per thread */
};

static void finish(struct run *r)
{
    struct team *t = r->state;

    if (!t)
        return;
    for (int i = 0; t->lists && i < t->threads; i++)
        staged_free(t->lists[i]);
    free(t->lists);
    free(t);
    r->state = NULL;
}

static int64_t tile_size(int64_t pixels, int threads)
{
    int64_t tile = pixels / ((int64_t)threads * TILES_PER_THREAD);

    if (tile > STAGED_TILE)
        tile = STAGED_TILE;
    if (tile < SMALLEST_TILE)
        tile = SMALLEST_TILE;
    return tile;
}

/* Each thread makes its own lists, so that they lie in its memory. Answers how many did. */
static int make_lists(struct team *t, int64_t tile)
{
    int ready = 0;

    OPENMP(parallel reduction(+ : ready))
    {
        struct staged **mine = &t->lists[omp_get_thread_num()];

        *mine = staged_make(staged_widest(), tile);
        ready += *mine != NULL;
    }
    return ready;
}

static int prepare(struct run *r)
{
    int64_t threads = run_number(r, "threads"), pixels = mandelbrot_pixels(r->problem), tile;
    struct team *t;

    if (openmp_start(r))
        return -1;
    tile = tile_size(pixels, (int)threads);
    r->state = t = calloc(1, sizeof *t);
    if (t) {
        t->threads = (int)threads;
        t->tiles = (pixels + tile - 1) / tile;
        t->lists = calloc((size_t)threads, sizeof(struct staged *));
        if (t->lists && make_lists(t, tile) == threads)
            return 0;
    }
    finish(r);
    snprintf(r->error, sizeof r->error, "no memory for the lists of %lld OpenMP threads", (long long)threads);
    return -1;
}

static int run_openmp_simd(struct run *r)
{
    const struct team *t = r->state;

    OPENMP(parallel for schedule(dynamic, 1))
    for (int64_t number = 0; number < t->tiles; number++)
        staged_run_tile(r, t->lists[omp_get_thread_num()], number);
    return 0;
}

const struct variant variant_mandelbrot_openmp_simd = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the vectors of simd on OpenMP threads, the same bits",
    .axes = axes,
    .probe = staged_probe,
    .prepare = prepare,
    .run = run_openmp_simd,
    .finish = finish,
};
