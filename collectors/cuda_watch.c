/*
 * The management library (NVML), by dlopen of its soname, and what it tells of a GPU at work: clocks, heat, power, and whether
 * something holds the clock back. A look takes some tens of microseconds to milliseconds: never in a timed region.
 *
 * libs: -ldl
 */
#include "cuda_parts.h"

#include "../harness/base/mem.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch {
    const struct nvml_api *nvml;
    void *device;
};

static void *library(void)
{
    static void *handle;

    if (!handle)
        handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    return handle;
}

bool cuda_watch_present(void)
{
    return library() != NULL;
}

static void resolve(void *handle, struct nvml_api *api)
{
    void *found;

#define FIND(name, symbol, ...)                                                                                        \
    found = dlsym(handle, symbol);                                                                                     \
    memcpy(&api->name, &found, sizeof found);
    NVML_FUNCTIONS(FIND)
#undef FIND
    if (!api->reasons) { /* its name in drivers before 535 */
        found = dlsym(handle, "nvmlDeviceGetCurrentClocksThrottleReasons");
        memcpy(&api->reasons, &found, sizeof found);
    }
}

static const char *refusal(int error)
{
    switch (error) {
    case 4: return "it does not permit it";
    case 9: return "the kernel's part of the driver is not loaded";
    case 15: return "a GPU is lost: it has fallen off the bus";
    case 18: return "its version is not that of the kernel's part of the driver: restart the machine";
    default: return "it does not start";
    }
}

const struct nvml_api *nvml_library(struct err *e)
{
    static struct nvml_api api;
    static struct err failure;
    static bool tried;
    void *handle;
    int error;

    if (!tried) {
        tried = true;
        handle = library();
        if (handle)
            resolve(handle, &api);
        if (!handle)
            err_set(&failure, CM_NOTHING, "no NVIDIA management library: libnvidia-ml.so.1 was not found");
        else if (!api.init)
            err_set(&failure, CM_NOTHING, "libnvidia-ml.so.1 is no management library: it lacks nvmlInit_v2");
        else if ((error = api.init()))
            err_set(&failure, CM_NOTHING, "NVIDIA's management library: %s (nvmlInit: error %d)", refusal(error),
                    error);
    }
    if (!failure.code)
        return &api;
    err_set(e, CM_NOTHING, "%s", failure.text);
    return NULL;
}

int nvml_count(const struct nvml_api *nvml)
{
    unsigned count = 0;

    return !nvml || !nvml->count || nvml->count(&count) ? -1 : (int)count;
}

void *nvml_device(const struct nvml_api *nvml, const struct cuda_place *place)
{
    void *device = NULL;

    if (*place->bus && nvml->by_bus && !nvml->by_bus(place->bus, &device))
        return device;
    if (*place->uuid && nvml->by_uuid && !nvml->by_uuid(place->uuid, &device))
        return device;
    if (nvml_count(nvml) == 1 && nvml->by_index && !nvml->by_index(0, &device))
        return device;
    return NULL;
}

const char *nvml_held_back(unsigned long long reasons, double clock_share, char *out, size_t size)
{
    static const struct {
        unsigned long long bits;
        const char *word;
    } rows[] = {
        {NVML_SOFTWARE_HEAT | NVML_HARDWARE_HEAT, "heat"},
        {NVML_POWER_BRAKE, "power brake"},
        {NVML_POWER_CAP, "power cap"},
    };
    size_t n = 0;

    *out = '\0';
    if (clock_share > 0.75)
        reasons &= ~(unsigned long long)NVML_POWER_CAP;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && n < size; i++)
        if (reasons & rows[i].bits)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", rows[i].word);
    /* The hardware's general bit goes with those of heat and brake: alone it stands for what they do not name. */
    if (!n && reasons & NVML_HARDWARE_SLOWDOWN)
        snprintf(out, size, "hardware slowdown");
    return out;
}

void *cuda_watch_open(struct err *e)
{
    const struct nvml_api *nvml = nvml_library(e);
    struct cuda_place place = {"", ""};
    struct watch *w;
    void *device;

    if (!nvml)
        return NULL;
    cuda_first_place(&place);
    device = nvml_device(nvml, &place);
    if (!device) {
        err_set(e, CM_NOTHING, "NVIDIA's management library does not know the GPU that CUDA uses");
        return NULL;
    }
    w = mem_new(1, sizeof *w);
    w->nvml = nvml;
    w->device = device;
    return w;
}

static double highest_mhz(const struct watch *w)
{
    unsigned mhz = 0;

    return w->nvml->max_clock && !w->nvml->max_clock(w->device, NVML_CLOCK_SM, &mhz) && mhz ? mhz : NAN;
}

static double clock_mhz(const struct watch *w, enum nvml_number which)
{
    unsigned mhz = 0;

    return w->nvml->clock && !w->nvml->clock(w->device, (int)which, &mhz) ? mhz : NAN;
}

void cuda_watch_read(void *handle, struct cuda_state *out)
{
    const struct watch *w = handle;
    unsigned value = 0;
    unsigned long long bits = 0;

    memset(out, 0, sizeof *out);
    out->sm_clock_mhz = clock_mhz(w, NVML_CLOCK_SM);
    out->memory_clock_mhz = clock_mhz(w, NVML_CLOCK_MEMORY);
    out->temperature_c =
        w->nvml->temperature && !w->nvml->temperature(w->device, NVML_TEMPERATURE_GPU, &value) ? value : NAN;
    out->power_w = w->nvml->power && !w->nvml->power(w->device, &value) ? value / 1000.0 : NAN;
    if (w->nvml->reasons && !w->nvml->reasons(w->device, &bits))
        nvml_held_back(bits, bits & NVML_POWER_CAP ? out->sm_clock_mhz / highest_mhz(w) : NAN, out->held_back,
                       sizeof out->held_back);
}

void cuda_watch_close(void *handle)
{
    free(handle);
}
