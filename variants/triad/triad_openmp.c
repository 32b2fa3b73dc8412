/*
 * The plain loop, vectorised by the compiler and shared out to threads in equal parts: what all cores together get out of the
 * memory. The arrays were written by one thread, so on a machine with several memory nodes all of them lie in one.
 *
 * needs: openmp
 * cflags: -O3 -fopenmp -ffp-contract=off
 * libs: -fopenmp
 */
#include "../openmp.h"
#include "triad.h"

static const struct axis axes[] = {
    OPENMP_THREADS,
    {0},
};

static int run_openmp(struct run *r)
{
    const struct triad *t = r->problem;
    double *restrict a = t->a;
    const double *restrict b = t->b, *restrict c = t->c;
    double s = t->scalar;
    size_t n = t->n;

    OPENMP(parallel for simd schedule(static))
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
    return 0;
}

const struct variant variant_triad_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the plain loop on OpenMP threads",
    .axes = axes,
    .prepare = openmp_start,
    .run = run_openmp,
};
