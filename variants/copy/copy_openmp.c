/*
 * memcpy() of an equal part on each thread: what all cores together get out of the memory. The arrays were written by one thread,
 * so on a machine with several memory nodes all of them lie in one.
 *
 * needs: openmp
 * cflags: -fopenmp
 * libs: -fopenmp
 */
#include "copy.h"

#ifndef WITHOUT_OPENMP
#include <omp.h>
#endif

#define MOST_THREADS 4096
#define LINE 64

static const struct axis axes[] = {
    {"threads", "1:CPUS:1", "CPUS", "OpenMP threads", false},
    {0},
};

#ifdef WITHOUT_OPENMP
static int prepare(struct run *r)
{
    snprintf(r->error, sizeof r->error, "this program was built without OpenMP");
    return -1;
}

static int run_openmp(struct run *r)
{
    return prepare(r);
}
#else
static int prepare(struct run *r)
{
    int64_t threads = run_number(r, "threads");
    int started = 0;

    if (threads < 1 || threads > MOST_THREADS) {
        snprintf(r->error, sizeof r->error, "threads is %lld, but must lie between 1 and %d", (long long)threads,
                 MOST_THREADS);
        return -1;
    }
    omp_set_dynamic(0);
    omp_set_num_threads((int)threads);
#pragma omp parallel reduction(+ : started)
    started += 1;
    if (started == threads)
        return 0;
    snprintf(r->error, sizeof r->error, "OpenMP started %d of %d threads: is OMP_THREAD_LIMIT set?", started,
             (int)threads);
    return -1;
}

/* Parts are whole cache lines, so that no line is written by two. */
static int run_openmp(struct run *r)
{
    const struct copy *c = r->problem;

#pragma omp parallel
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
#endif

const struct variant variant_copy_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "memcpy() of a part on each OpenMP thread",
    .axes = axes,
    .prepare = prepare,
    .run = run_openmp,
};
