/*
 * What the activity records of a region add up to. Pure: no CUPTI needed, so that it is tested everywhere.
 *
 * A record whose start and end are both 0 has no times: it counts as one that ran, and never as 0 ns.
 */
#ifndef COLLECTORS_CUPTI_TALLY_H
#define COLLECTORS_CUPTI_TALLY_H

#include "collector.h"
#include "cuda_driver.h"

struct cupti_kernel {
    uint64_t start, end; /* ns */
    unsigned device;
    int registers, block_threads;
    int64_t shared_bytes; /* of a block, static and dynamic */
    int64_t local_bytes;  /* of a thread */
    int64_t grid_blocks;
};

enum cupti_copy { COPY_TO_DEVICE, COPY_TO_HOST, COPY_ELSEWHERE };

/* Records of one sort without much of interest. */
struct cupti_sum {
    size_t count, timeless;
    double ns;
};

struct cupti_tally {
    struct cupti_kernel *kernels; /* those with times */
    size_t kernel_count, kernel_capacity, timeless;
    struct cupti_kernel most; /* the most of any kernel: registers, shared_bytes, local_bytes */
    struct cupti_sum copies, sets, overhead;
    double bytes[3]; /* by enum cupti_copy */
    size_t dropped;
    double traced_ns;
    char reason[120]; /* why nothing is known of the region, or "" */
};

void cupti_tally_clear(struct cupti_tally *t); /* keeps its memory */
void cupti_tally_free(struct cupti_tally *t);
void cupti_tally_kernel(struct cupti_tally *t, const struct cupti_kernel *k);
void cupti_tally_copy(struct cupti_tally *t, enum cupti_copy where, uint64_t bytes, uint64_t start, uint64_t end);
void cupti_tally_sum(struct cupti_sum *s, uint64_t start, uint64_t end);
/* One reading per metric of cupti_activity_metrics, in their order; `facts` tells the devices' limits. */
size_t cupti_tally_read(struct cupti_tally *t, const struct cuda_facts *facts, struct reading *out, size_t capacity);

#endif
