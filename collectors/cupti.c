/*
 * Hardware counters and traces of NVIDIA GPUs, through CUPTI.
 *
 * A pass is either "activity" (what ran, cupti_activity.c) or a set of counters (cupti_range.c): each is a launch of its own, and CUPTI
 * is never loaded where time is taken. Groups of metrics stand in groups/gpu_*.txt, under names that are the same on every chip.
 * needs: cuda
 */
#include "collector.h"

#include "cupti_activity.h"
#include "cupti_parts.h"
#include "cupti_plan.h"
#include "cupti_range.h"

#include "../harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WITHOUT_CUDA

static const char *probe(const char **cure)
{
    if (cure)
        *cure = "install the CUDA toolkit with CUPTI and build again without CUDA=0";
    return "built without CUDA";
}

#else

/* Quick, and starts nothing: what only the driver can tell comes with the plan, metric by metric. */
static const char *probe(const char **cure)
{
    static char reason[400];
    struct err e = {0};

    if (cure)
        *cure = "";
    if (!cuda_driver_present()) {
        if (cure)
            *cure = "install NVIDIA's driver, or pass the GPU into the container; `countermark list groups --chip "
                    "GH100` works without";
        return "no NVIDIA driver (libcuda.so.1 was not found)";
    }
    if (cupti_library(&e))
        return NULL;
    if (cure)
        *cure = "install CUPTI of the CUDA toolkit that the program was built with, or name its folder in "
                "COUNTERMARK_CUPTI";
    snprintf(reason, sizeof reason, "%.390s", e.text);
    return reason;
}

/* One of the two instruments. */
struct handle {
    struct cupti_activity *activity;
    struct cupti_range *range;
};

static void *cupti_open(const char *events, const struct target *target, struct err *e)
{
    struct handle *h = mem_new(1, sizeof *h);

    (void)target; /* the device counts for this process as a whole */
    if (!strcmp(events, "activity"))
        h->activity = cupti_activity_open(e);
    else
        h->range = cupti_range_open(events, e);
    if (h->activity || h->range)
        return h;
    free(h);
    return NULL;
}

static int cupti_start(void *handle)
{
    struct handle *h = handle;

    return h->activity ? cupti_activity_start(h->activity) : cupti_range_start(h->range);
}

static int cupti_stop(void *handle)
{
    struct handle *h = handle;

    return h->activity ? cupti_activity_stop(h->activity) : cupti_range_stop(h->range);
}

static int cupti_rounds(void *handle)
{
    struct handle *h = handle;

    return h->activity ? 1 : cupti_range_rounds(h->range);
}

static size_t cupti_read(void *handle, struct reading *out, size_t capacity)
{
    struct handle *h = handle;

    return h->activity ? cupti_activity_read(h->activity, out, capacity) : cupti_range_read(h->range, out, capacity);
}

static void cupti_close(void *handle)
{
    struct handle *h = handle;

    if (h->activity)
        cupti_activity_close(h->activity);
    if (h->range)
        cupti_range_close(h->range);
    free(h);
}

#endif

const struct collector collector_cupti = {
    .abi = COLLECTOR_ABI,
    .summary = "Hardware counters and traces of NVIDIA GPUs: kernels, instructions, occupancy, memory traffic",
    .scope = SCOPE_DEVICE,
    .claims = CLAIM_GPU_PROFILER | CLAIM_GPU_TRACE,
    .in_time_pass = false,
    .probe = probe,
    .catalogue = cupti_catalogue,
    .plan = cupti_plan,
#ifndef WITHOUT_CUDA
    .open = cupti_open,
    .start = cupti_start,
    .stop = cupti_stop,
    .rounds = cupti_rounds,
    .read = cupti_read,
    .close = cupti_close,
#endif
    .model = cupti_model,
};
