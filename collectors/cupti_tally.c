/* Sums of activity records as readings, each with the quality that lost or timeless records leave it. See cupti_tally.h. */
#include "cupti_tally.h"

#include "../harness/base/mem.h"
#include "cupti_activity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum row {
    KERNEL_TIME,
    KERNELS,
    KERNEL_GAP,
    COPY_TIME,
    SET_TIME,
    TO_DEVICE,
    TO_HOST,
    REGISTERS,
    SHARED_MEMORY,
    LOCAL_MEMORY,
    BLOCK_THREADS,
    GRID_BLOCKS,
    OCCUPANCY_LIMIT,
    DROPPED,
    OVERHEAD_TIME,
    TRACED_TIME,
    ROWS
};

const struct metric cupti_activity_metrics[ROWS + 1] = {
    [KERNEL_TIME] = {"cupti.kernel_time", "ns", "Time of all kernels, summed, while traced", NULL, METRIC_DURATION,
                     BETTER_LOWER, false},
    [KERNELS] = {"cupti.kernels", "1", "Kernels that ran", NULL, METRIC_COUNT, BETTER_LOWER, false},
    [KERNEL_GAP] = {"cupti.kernel_gap", "ns",
                    "Time between the first kernel's start and the last one's end with no kernel running", NULL,
                    METRIC_DURATION, BETTER_LOWER, false},
    [COPY_TIME] = {"cupti.copy_time", "ns", "Time of all memory copies by the GPU's copy engines, summed", NULL,
                   METRIC_DURATION, BETTER_LOWER, false},
    [SET_TIME] = {"cupti.set_time", "ns", "Time of all memory sets, summed", NULL, METRIC_DURATION, BETTER_LOWER,
                  false},
    [TO_DEVICE] = {"cupti.copied_to_device", "bytes", "Bytes copied from the host to the GPU", NULL, METRIC_COUNT,
                   BETTER_LOWER, false},
    [TO_HOST] = {"cupti.copied_to_host", "bytes", "Bytes copied from the GPU to the host", NULL, METRIC_COUNT,
                 BETTER_LOWER, false},
    [REGISTERS] = {"cupti.registers", "registers/thread", "Registers of a thread, the most of any kernel", NULL,
                   METRIC_GAUGE, BETTER_LOWER, false},
    [SHARED_MEMORY] = {"cupti.shared_memory", "bytes/block",
                       "Shared memory of a block, static and dynamic, the most of any kernel", NULL, METRIC_GAUGE,
                       BETTER_LOWER, false},
    [LOCAL_MEMORY] = {"cupti.local_memory", "bytes/thread",
                      "Local memory of a thread (spilled registers, arrays, stack), the most of any kernel", NULL,
                      METRIC_GAUGE, BETTER_LOWER, false},
    [BLOCK_THREADS] = {"cupti.block_threads", "threads/block", "Threads of a block of the longest kernel", NULL,
                       METRIC_GAUGE, BETTER_NEITHER, false},
    [GRID_BLOCKS] = {"cupti.grid_blocks", "blocks", "Blocks of the longest kernel", NULL, METRIC_GAUGE, BETTER_NEITHER,
                     false},
    [OCCUPANCY_LIMIT] = {"cupti.occupancy_limit", "%",
                         "Warps of the longest kernel that fit an SM, of those it can hold: the most that occupancy "
                         "can reach",
                         NULL, METRIC_GAUGE, BETTER_HIGHER, false},
    [DROPPED] = {"cupti.dropped", "1", "Activity records that CUPTI lost", NULL, METRIC_COUNT, BETTER_LOWER, false},
    [OVERHEAD_TIME] = {"cupti.overhead_time", "ns", "Time that driver and CUPTI say they spent on themselves", NULL,
                       METRIC_DURATION, BETTER_LOWER, false},
    [TRACED_TIME] = {"cupti.traced_time", "ns", "Wall-clock time while traced: against wall.time, what tracing costs",
                     NULL, METRIC_DURATION, BETTER_NEITHER, false},
    [ROWS] = {0},
};

void cupti_tally_clear(struct cupti_tally *t)
{
    struct cupti_kernel *kernels = t->kernels;
    size_t capacity = t->kernel_capacity;

    memset(t, 0, sizeof *t);
    t->kernels = kernels;
    t->kernel_capacity = capacity;
}

void cupti_tally_free(struct cupti_tally *t)
{
    free(t->kernels);
    memset(t, 0, sizeof *t);
}

void cupti_tally_kernel(struct cupti_tally *t, const struct cupti_kernel *k)
{
    if (k->registers > t->most.registers)
        t->most.registers = k->registers;
    if (k->shared_bytes > t->most.shared_bytes)
        t->most.shared_bytes = k->shared_bytes;
    if (k->local_bytes > t->most.local_bytes)
        t->most.local_bytes = k->local_bytes;
    if ((!k->start && !k->end) || k->end < k->start) {
        t->timeless++;
        return;
    }
    VEC_ROOM(t->kernels, t->kernel_count, t->kernel_capacity);
    t->kernels[t->kernel_count++] = *k;
}

void cupti_tally_sum(struct cupti_sum *s, uint64_t start, uint64_t end)
{
    s->count++;
    if ((!start && !end) || end < start)
        s->timeless++;
    else
        s->ns += (double)(end - start);
}

void cupti_tally_copy(struct cupti_tally *t, enum cupti_copy where, uint64_t bytes, uint64_t start, uint64_t end)
{
    t->bytes[where] += (double)bytes;
    cupti_tally_sum(&t->copies, start, end);
}

static int by_start(const void *a, const void *b)
{
    const struct cupti_kernel *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

/* What follows from all kernels together. */
struct outline {
    double ns, gap_ns;
    const struct cupti_kernel *longest; /* NULL: none had times */
};

static struct outline outline(struct cupti_tally *t)
{
    struct outline o = {0, 0, NULL};
    uint64_t busy_until = 0;

    if (t->kernel_count)
        qsort(t->kernels, t->kernel_count, sizeof *t->kernels, by_start);
    for (size_t i = 0; i < t->kernel_count; i++) {
        const struct cupti_kernel *k = &t->kernels[i];

        o.ns += (double)(k->end - k->start);
        if (i && k->start > busy_until)
            o.gap_ns += (double)(k->start - busy_until);
        busy_until = k->end > busy_until ? k->end : busy_until;
        if (!o.longest || k->end - k->start > o.longest->end - o.longest->start)
            o.longest = k;
    }
    return o;
}

static double limit_of(const struct cuda_facts *facts, const struct cupti_kernel *k)
{
    if (k->device >= facts->count)
        return NAN;
    return cupti_occupancy(&facts->devices[k->device], k->registers, k->shared_bytes, k->block_threads);
}

/* NaN where no record says it. */
static double value_of(const struct cupti_tally *t, const struct outline *o, const struct cuda_facts *facts,
                       enum row row)
{
    size_t kernels = t->kernel_count + t->timeless;

    switch (row) {
    case KERNEL_TIME: return t->timeless && !t->kernel_count ? (double)NAN : o->ns;
    case KERNELS: return (double)kernels;
    case KERNEL_GAP: return t->timeless && !t->kernel_count ? (double)NAN : o->gap_ns;
    case COPY_TIME: return t->copies.timeless && t->copies.timeless == t->copies.count ? (double)NAN : t->copies.ns;
    case SET_TIME: return t->sets.timeless && t->sets.timeless == t->sets.count ? (double)NAN : t->sets.ns;
    case TO_DEVICE: return t->bytes[COPY_TO_DEVICE];
    case TO_HOST: return t->bytes[COPY_TO_HOST];
    case REGISTERS: return kernels ? t->most.registers : (double)NAN;
    case SHARED_MEMORY: return kernels ? (double)t->most.shared_bytes : (double)NAN;
    case LOCAL_MEMORY: return kernels ? (double)t->most.local_bytes : (double)NAN;
    case BLOCK_THREADS: return o->longest ? o->longest->block_threads : (double)NAN;
    case GRID_BLOCKS: return o->longest ? (double)o->longest->grid_blocks : (double)NAN;
    case OCCUPANCY_LIMIT: return o->longest ? limit_of(facts, o->longest) : (double)NAN;
    case DROPPED: return (double)t->dropped;
    case OVERHEAD_TIME: return t->overhead.ns;
    case TRACED_TIME: return t->traced_ns;
    default: return (double)NAN;
    }
}

/* How many records of those that make up this value have no times. */
static size_t timeless_of(const struct cupti_tally *t, enum row row)
{
    switch (row) {
    case KERNEL_TIME:
    case KERNEL_GAP:
    case BLOCK_THREADS:
    case GRID_BLOCKS:
    case OCCUPANCY_LIMIT: return t->timeless;
    case COPY_TIME: return t->copies.timeless;
    case SET_TIME: return t->sets.timeless;
    default: return 0;
    }
}

static void judge(const struct cupti_tally *t, enum row row, struct reading *r)
{
    size_t timeless = timeless_of(t, row), kernels = t->kernel_count + t->timeless;
    bool silent = !kernels && !t->copies.count && !t->sets.count;

    if (*t->reason) {
        r->value = (double)NAN;
        snprintf(r->reason, sizeof r->reason, "%s", t->reason);
    } else if (silent && row != DROPPED && row != TRACED_TIME) {
        r->value = (double)NAN;
        snprintf(r->reason, sizeof r->reason, "CUPTI delivered no record of what ran");
    } else if (isnan(r->value) && timeless) {
        snprintf(r->reason, sizeof r->reason, "CUPTI's records have no times");
    } else if (isnan(r->value)) {
        snprintf(r->reason, sizeof r->reason, "%s", kernels ? "the GPU's limits are not known" : "no kernel ran");
    } else if (t->dropped && row != DROPPED && row != TRACED_TIME) {
        snprintf(r->reason, sizeof r->reason, "CUPTI lost %zu record%s", t->dropped, t->dropped == 1 ? "" : "s");
        r->quality = QUALITY_SUSPECT;
    } else if (timeless) {
        snprintf(r->reason, sizeof r->reason, "%zu of CUPTI's records have no times", timeless);
        r->quality = QUALITY_SUSPECT;
    }
    if (isnan(r->value))
        r->quality = QUALITY_UNAVAILABLE;
}

size_t cupti_tally_read(struct cupti_tally *t, const struct cuda_facts *facts, struct reading *out, size_t capacity)
{
    struct outline o = outline(t);
    size_t count = capacity < ROWS ? capacity : ROWS;

    for (size_t i = 0; i < count; i++) {
        enum row row = (enum row)i;

        out[i] = (struct reading){.metric = cupti_activity_metrics[i].name, .quality = QUALITY_EXACT, .share = 1};
        out[i].value = value_of(t, &o, facts, row);
        judge(t, row, &out[i]);
    }
    return count;
}
