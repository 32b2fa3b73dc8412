/*
 * What every variant on OpenMP threads needs: the axis, the threads started outside the time, and in a build without OpenMP the
 * same file without them. A variant uses OPENMP(parallel for ...) in place of the pragma, and openmp_start in its prepare.
 */
#ifndef VARIANTS_OPENMP_H
#define VARIANTS_OPENMP_H

#include "variant.h"

#include <stdio.h>

#define OPENMP_MOST_THREADS 4096

/* A row for the variant's axes. */
#define OPENMP_THREADS                                                                                                 \
    {                                                                                                                  \
        "threads", "1:CPUS:1", "CPUS", "OpenMP threads", false                                                         \
    }

#ifdef WITHOUT_OPENMP

#define OPENMP(...)

static inline int openmp_start(struct run *r)
{
    snprintf(r->error, sizeof r->error, "this program was built without OpenMP");
    return -1;
}

static inline int omp_get_num_threads(void)
{
    return 1;
}

static inline int omp_get_thread_num(void)
{
    return 0;
}

#else

#include <omp.h>

#define OPENMP_PRAGMA(words) _Pragma(#words)
#define OPENMP(...) OPENMP_PRAGMA(omp __VA_ARGS__)

/* As many threads as the axis `threads` says, started and waiting. 0, or -1 with the sentence. */
static inline int openmp_start(struct run *r)
{
    int64_t threads = run_number(r, "threads");
    int started = 0;

    if (threads < 1 || threads > OPENMP_MOST_THREADS) {
        snprintf(r->error, sizeof r->error, "threads is %lld, but must lie between 1 and %d", (long long)threads,
                 OPENMP_MOST_THREADS);
        return -1;
    }
    omp_set_dynamic(0);
    omp_set_num_threads((int)threads);
    OPENMP(parallel reduction(+ : started))
    started += 1;
    if (started == threads)
        return 0;
    snprintf(r->error, sizeof r->error, "OpenMP started %d of %d threads: is OMP_THREAD_LIMIT set?", started,
             (int)threads);
    return -1;
}

#endif

#endif
