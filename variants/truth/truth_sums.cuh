/*
 * What the variants of truth for GPUs share beside their kernels: each thread leaves a sum, which tells how much it has done, and all
 * sums are looked at where the host can see them.
 */
#ifndef VARIANTS_TRUTH_TRUTH_SUMS_CUH
#define VARIANTS_TRUTH_TRUTH_SUMS_CUH

#include "../device.cuh"
#include "truth.h"

#ifdef __CUDACC__

struct sums : device {
    double *out, *host; /* of each thread */
    int count;
};

/* Room for the sums of that many threads; false with the sentence. */
static inline bool sums_place(struct run *r, struct sums *s, int threads)
{
    s->count = threads;
    s->host = (double *)malloc((size_t)threads * sizeof *s->host);
    if (!s->host) {
        snprintf(r->error, sizeof r->error, "no memory for %d sums", threads);
        return false;
    }
    s->out = device_array<double>(r, (size_t)threads);
    return s->out != NULL;
}

static inline void sums_close(struct run *r)
{
    struct sums *s = (struct sums *)r->state;

    if (s)
        free(s->host);
    device_close(r);
}

/* Ends prepare: all is there (0) or not (-1). */
static inline int sums_ready(struct run *r, bool complete)
{
    if (complete)
        return device_ready(r, true);
    sums_close(r);
    return -1;
}

/* What was there before must not pass for a result. */
static inline int sums_upload(struct run *r)
{
    struct sums *s = (struct sums *)r->state;
    size_t bytes = (size_t)s->count * sizeof *s->host;

    memset(s->host, OUTPUT_POISON, bytes);
    return device_transfer(r, FIGURE_UPLOAD, {{s->out, s->host, bytes}});
}

/* From here on the sums are in `host`. */
static inline int sums_download(struct run *r)
{
    const struct sums *s = (const struct sums *)r->state;

    return device_transfer(r, FIGURE_DOWNLOAD, {{s->host, s->out, (size_t)s->count * sizeof *s->host}});
}

#endif
#endif
