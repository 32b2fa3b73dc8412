/*
 * The vectors of simd on OpenMP threads: what all cores together reach. Threads take parts as they get free, since cores that
 * share their units are slower than others.
 *
 * needs: openmp
 * cflags: -fopenmp -ffp-contract=fast
 * libs: -fopenmp
 */
#include "peak_vector.h"

#ifndef WITHOUT_OPENMP
#include <omp.h>
#endif

#define MOST_THREADS 4096
#define PARTS 4 /* of each thread, if there are so many chains */

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
    const struct peak *p = r->problem;
    peak_loop *loop = peak_widest(p->single);
    size_t parts = (size_t)run_number(r, "threads") * PARTS, part = (p->chains / PEAK_CHAINS + parts - 1) / parts;

    part *= PEAK_CHAINS;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t from = 0; from < p->chains; from += part)
        loop(r->output, from, from + part < p->chains ? from + part : p->chains, p->steps, p->a, p->b);
    return 0;
}
#endif

const struct variant variant_peak_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the vectors of simd on OpenMP threads",
    .axes = axes,
    .prepare = prepare,
    .run = run_openmp,
};
