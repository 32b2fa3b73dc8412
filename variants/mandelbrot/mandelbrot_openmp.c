/*
 * Rows shared out to threads by OpenMP. Rows cost from 1 to maxiter iterations a pixel, so the schedule shows: a static one
 * leaves threads idle. The threads are started in prepare, outside the time.
 *
 * needs: openmp
 * cflags: -fopenmp -ffp-contract=off
 * libs: -fopenmp
 */
#include "../openmp.h"
#include "mandelbrot.h"

static const struct axis axes[] = {
    {"chunk", "1,4,16,64", "1", "rows handed out at a time", false},
    {"schedule", "static,dynamic,guided", "dynamic", "how OpenMP hands out the rows", false},
    OPENMP_THREADS,
    {0},
};

#ifdef WITHOUT_OPENMP
static int prepare(struct run *r)
{
    return openmp_start(r);
}
#else
static int schedule_of(struct run *r, omp_sched_t *kind)
{
    const char *word = run_word(r, "schedule");

    if (!strcmp(word, "static"))
        *kind = omp_sched_static;
    else if (!strcmp(word, "dynamic"))
        *kind = omp_sched_dynamic;
    else if (!strcmp(word, "guided"))
        *kind = omp_sched_guided;
    else {
        snprintf(r->error, sizeof r->error, "schedule is %.40s, but must be static, dynamic or guided", word);
        return -1;
    }
    return 0;
}

static int prepare(struct run *r)
{
    int64_t chunk = run_number(r, "chunk");
    omp_sched_t kind;

    if (schedule_of(r, &kind))
        return -1;
    if (chunk < 1 || chunk > INT32_MAX) {
        snprintf(r->error, sizeof r->error, "chunk is %lld, but must be a count of rows", (long long)chunk);
        return -1;
    }
    omp_set_schedule(kind, (int)chunk);
    return openmp_start(r);
}
#endif

static int run_openmp(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    OPENMP(parallel for schedule(runtime))
    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    return 0;
}

const struct variant variant_mandelbrot_openmp = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "rows on OpenMP threads",
    .axes = axes,
    .prepare = prepare,
    .run = run_openmp,
};
