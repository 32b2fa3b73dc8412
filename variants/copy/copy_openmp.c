/*
 * memcpy() of an equal part on each thread: what all cores together get out of the memory. The arrays were written by one thread,
 * so on a machine with several memory nodes all of them lie in one.
 *
 * needs: openmp
 * cflags: -fopenmp
 * libs: -fopenmp
 */
#include "../openmp.h"
#include "copy.h"

#define LINE 64

static const struct axis axes[] = {
    OPENMP_THREADS,
    {0},
};

/* Parts are whole cache lines, so that no line is written by two. */
static int run_openmp(struct run *r)
{
    const struct copy *c = r->problem;

    OPENMP(parallel)
    {
        size_t lines = (c->bytes + LINE - 1) / LINE, threads = (size_t)omp_get_num_threads();
        size_t me = (size_t)omp_get_thread_num();
        size_t from = lines * me / threads * LINE, to = lines * (me + 1) / threads * LINE;

        if (to > c->bytes)
            to = c->bytes;
        if (from < to)
            memcpy((char *)c->to + from, (const char *)c->from + from, to - from);
    }
    return 0;
}

const struct variant variant_copy_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "memcpy() of a part on each OpenMP thread",
    .axes = axes,
    .prepare = openmp_start,
    .run = run_openmp,
};
