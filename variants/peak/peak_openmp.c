/*
 * The vectors of simd on OpenMP threads: what all cores together reach. Threads take parts as they get free, since cores that
 * share their units are slower than others.
 *
 * needs: openmp
 * cflags: -fopenmp -ffp-contract=fast
 * libs: -fopenmp
 */
#include "../openmp.h"
#include "peak_vector.h"

#define PARTS 4 /* of each thread, if there are so many chains */

static const struct axis axes[] = {
    OPENMP_THREADS,
    {0},
};

static int run_openmp(struct run *r)
{
    const struct peak *p = r->problem;
    peak_loop *loop = peak_widest(p->single);
    size_t threads = (size_t)run_number(r, "threads"), parts = threads ? threads * PARTS : PARTS;
    size_t part = (p->chains / PEAK_CHAINS + parts - 1) / parts * PEAK_CHAINS;

    OPENMP(parallel for schedule(dynamic, 1))
    for (size_t from = 0; from < p->chains; from += part)
        loop(r->output, from, from + part < p->chains ? from + part : p->chains, p->steps, p->a, p->b);
    return 0;
}

const struct variant variant_peak_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the vectors of simd on OpenMP threads",
    .axes = axes,
    .prepare = openmp_start,
    .run = run_openmp,
};
