/*
 * The plain loop, vectorised by the compiler and shared out to threads in equal parts: what all cores together get out of the
 * memory. The arrays were written by one thread, so on a machine with several memory nodes all of them lie in one.
 *
 * needs: openmp
 * cflags: -O3 -fopenmp -ffp-contract=off
 * libs: -fopenmp
 */
#include "triad.h"

#ifndef WITHOUT_OPENMP
#include <omp.h>
#endif

#define MOST_THREADS 4096

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

static int run_openmp(struct run *r)
{
    const struct triad *t = r->problem;
    double *restrict a = t->a;
    const double *restrict b = t->b, *restrict c = t->c;
    double s = t->scalar;
    size_t n = t->n;

#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
    return 0;
}
#endif

const struct variant variant_triad_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the plain loop on OpenMP threads",
    .axes = axes,
    .prepare = prepare,
    .run = run_openmp,
};
