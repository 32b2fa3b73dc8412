/*
 * The GPU's clocks, temperature and power around each region, and whether something held its clock back. A look costs up to a
 * millisecond, so there is one before and one behind the region and none in it: the harness has its clock innermost. A clock that
 * an administrator has set, or that an idle GPU has, is not held back.
 */
#include "collector.h"
#include "cuda_driver.h"

#include "../harness/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch {
    void *gpu; /* NULL: `reason` tells why nothing is known; the time is measured all the same */
    char reason[120];
    struct cuda_state before, after;
};

enum row { SM_CLOCK, MEMORY_CLOCK, TEMPERATURE, POWER, HELD_BACK, ROWS };

static const struct metric metrics[ROWS + 1] = {
    {"nvml.sm_clock", "MHz", "The GPU's SM clock, the lower of before and after", NULL, METRIC_GAUGE, BETTER_HIGHER,
     false},
    {"nvml.memory_clock", "MHz", "The GPU's memory clock, the lower of before and after", NULL, METRIC_GAUGE,
     BETTER_HIGHER, false},
    {"nvml.temperature", "C", "The GPU's temperature, the higher of before and after", NULL, METRIC_GAUGE, BETTER_LOWER,
     false},
    {"nvml.power", "W", "The GPU's power draw, the higher of before and after", NULL, METRIC_GAUGE, BETTER_LOWER,
     false},
    {"nvml.held_back", "1", "1 if heat, power or hardware held the GPU's clock back before or after, else 0", NULL,
     METRIC_GAUGE, BETTER_LOWER, false},
    {0},
};

/* Looks for the libraries and starts neither: this is asked in processes that must stay clean, and often. */
static const char *probe(const char **cure)
{
    if (cure)
        *cure = "";
    if (!cuda_driver_present()) {
        if (cure)
            *cure = "install NVIDIA's driver; without an NVIDIA GPU nothing is lost";
        return "no NVIDIA driver: libcuda.so.1 was not found";
    }
    if (cuda_watch_present())
        return NULL;
    if (cure)
        *cure = "install the driver's management library, so that nvidia-smi works; in a container, "
                "NVIDIA_DRIVER_CAPABILITIES must have utility; times are measured without it";
    return "no NVIDIA management library: libnvidia-ml.so.1 was not found";
}

static const struct metric *catalogue(void)
{
    return metrics;
}

static void *nvml_open(const char *events, const struct target *target, struct err *e)
{
    struct watch *w = mem_new(1, sizeof *w);
    struct err failure = {.code = 0};

    (void)events;
    (void)target;
    (void)e;
    w->gpu = cuda_watch_open(&failure);
    snprintf(w->reason, sizeof w->reason, "%.119s", failure.text);
    return w;
}

static int nvml_start(void *handle)
{
    struct watch *w = handle;

    if (w->gpu)
        cuda_watch_read(w->gpu, &w->before);
    return 0;
}

static int nvml_stop(void *handle)
{
    struct watch *w = handle;

    if (w->gpu)
        cuda_watch_read(w->gpu, &w->after);
    return 0;
}

static double value_of(const struct watch *w, enum row row)
{
    switch (row) {
    case SM_CLOCK: return fmin(w->before.sm_clock_mhz, w->after.sm_clock_mhz);
    case MEMORY_CLOCK: return fmin(w->before.memory_clock_mhz, w->after.memory_clock_mhz);
    case TEMPERATURE: return fmax(w->before.temperature_c, w->after.temperature_c);
    case POWER: return fmax(w->before.power_w, w->after.power_w);
    case HELD_BACK: return *w->before.held_back || *w->after.held_back;
    default: return (double)NAN;
    }
}

static size_t nvml_read(void *handle, struct reading *out, size_t capacity)
{
    const struct watch *w = handle;
    size_t count = capacity < ROWS ? capacity : ROWS;

    for (size_t i = 0; i < count; i++) {
        struct reading *r = &out[i];

        *r = (struct reading){.metric = metrics[i].name, .quality = QUALITY_EXACT, .share = 1};
        r->value = w->gpu ? value_of(w, (enum row)i) : (double)NAN;
        if (isnan(r->value)) {
            r->quality = QUALITY_UNAVAILABLE;
            snprintf(r->reason, sizeof r->reason, "%s", w->gpu ? "the GPU does not tell it" : w->reason);
        } else if (i == HELD_BACK && r->value > 0) {
            snprintf(r->reason, sizeof r->reason, "%s", *w->after.held_back ? w->after.held_back : w->before.held_back);
        }
    }
    return count;
}

static void nvml_close(void *handle)
{
    struct watch *w = handle;

    if (w->gpu)
        cuda_watch_close(w->gpu);
    free(w);
}

const struct collector collector_nvml = {
    .abi = COLLECTOR_ABI,
    .summary =
        "The GPU's clocks, temperature and power, and what held its clock back, from NVIDIA's management library",
    .scope = SCOPE_DEVICE,
    .claims = CLAIM_NONE,
    .in_time_pass = true,
    .probe = probe,
    .catalogue = catalogue,
    .open = nvml_open,
    .start = nvml_start,
    .stop = nvml_stop,
    .read = nvml_read,
    .close = nvml_close,
};
