/*
 * The driver, by dlopen of its soname: what it is, which GPUs it shows, and the context that programs share. cuInit takes up to a
 * second, opens files and starts threads, so all of it belongs into workers.
 *
 * libs: -ldl
 */
#include "cuda_parts.h"

#include "../harness/base/file.h"
#include "../harness/base/text.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char soname[] = "libcuda.so.1";

/* NULL if it cannot be loaded: the loader's words are in `not_loaded` then. Tried once. */
static char not_loaded[200];

static void *library(void)
{
    static void *handle;
    static bool tried;

    if (!tried) {
        const char *why;

        handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
        why = handle ? NULL : dlerror();
        snprintf(not_loaded, sizeof not_loaded, "%s", why ? why : "");
    }
    tried = true;
    return handle;
}

bool cuda_driver_present(void)
{
    return library() != NULL;
}

/* Finds every function; the first one that is needed and not there is what is answered, else NULL. */
static const char *resolve(void *handle, struct cuda_api *api)
{
    const char *lost = NULL;
    void *found;

#define FIND(name, symbol, ...)                                                                                        \
    found = dlsym(handle, symbol);                                                                                     \
    memcpy(&api->name, &found, sizeof found);
#define NEED(name, symbol, ...)                                                                                        \
    FIND(name, symbol)                                                                                                 \
    lost = found || lost ? lost : (symbol);
    CUDA_FUNCTIONS(NEED)
    CUDA_OPTIONAL_FUNCTIONS(FIND)
#undef NEED
#undef FIND
    return lost;
}

/* What a refusal means, with everything that helps to tell. */
static void explain(const struct cuda_api *api, int error, const char *call, struct cuda_facts *out)
{
    struct cuda_failure f = {.error = error, .call = call, .installed = -1};

    f.visible = getenv("CUDA_VISIBLE_DEVICES");
    f.kernel_module = file_exists("/proc/driver/nvidia/version");
    if (error == CUDA_NO_LIBRARY)
        f.loading = not_loaded;
    else if (api->cuGetErrorName && api->cuGetErrorName(error, &f.name))
        f.name = NULL;
    if (error == CUDA_NO_DEVICE)
        f.installed = nvml_count(nvml_library(NULL));
    cuda_explain(&f, out->reason, sizeof out->reason, out->cure, sizeof out->cure);
}

/* Starts CUDA, once; NULL with reason and cure in `out`. */
static const struct cuda_api *start(struct cuda_facts *out)
{
    static struct cuda_api api;
    static struct cuda_facts failure;
    static bool tried;
    const char *call = "cuInit", *lost;
    int error, count = 0;

    if (!tried) {
        tried = true;
        if (!library()) {
            explain(&api, CUDA_NO_LIBRARY, "dlopen", &failure);
        } else if ((lost = resolve(library(), &api))) {
            snprintf(failure.reason, sizeof failure.reason, "%s is no complete driver: it lacks %s", soname, lost);
            snprintf(failure.cure, sizeof failure.cure, "install NVIDIA's driver anew");
        } else {
            api.cuDriverGetVersion(&failure.cuda);
            error = api.cuInit(0);
            if (!error) {
                call = "cuDeviceGetCount";
                error = api.cuDeviceGetCount(&count);
                error = !error && count < 1 ? CUDA_NO_DEVICE : error;
            }
            if (error)
                explain(&api, error, call, &failure);
        }
    }
    out->cuda = failure.cuda;
    snprintf(out->reason, sizeof out->reason, "%s", failure.reason);
    snprintf(out->cure, sizeof out->cure, "%s", failure.cure);
    return *failure.reason ? NULL : &api;
}

/* ---- one device */

static int attribute(const struct cuda_api *api, enum cuda_attribute which, int device)
{
    int value = 0;

    return api->cuDeviceGetAttribute(&value, (int)which, device) || value < 0 ? 0 : value;
}

static void place(const struct cuda_api *api, int device, struct cuda_place *out)
{
    unsigned char id[16] = {0};
    char *at;

    memset(out, 0, sizeof *out);
    if (api->cuDeviceGetPCIBusId && api->cuDeviceGetPCIBusId(out->bus, (int)sizeof out->bus, device))
        out->bus[0] = '\0';
    if (!api->cuDeviceGetUuid || api->cuDeviceGetUuid((char *)id, device))
        return;
    at = out->uuid;
    at += sprintf(at, "GPU");
    for (int i = 0; i < 16; i++)
        at += sprintf(at, "%s%02x", i == 0 || i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
}

/* What the driver itself does not tell, or not as it is set. */
static void ask_management(const struct nvml_api *nvml, const struct cuda_place *where, struct cuda_device *d)
{
    void *handle = nvml ? nvml_device(nvml, where) : NULL;
    unsigned value = 0, pending = 0;
    int current = 0, next = 0;

    if (!handle)
        return;
    if (nvml->ecc && !nvml->ecc(handle, &current, &next))
        d->ecc = current == 1;
    if (nvml->mig && !nvml->mig(handle, &value, &pending))
        d->mig = value == 1;
    if (nvml->power_limit && !nvml->power_limit(handle, &value))
        d->power_limit_w = value / 1000.0;
    if (nvml->max_clock && !nvml->max_clock(handle, NVML_CLOCK_SM, &value))
        d->sm_clock_mhz = (int)value;
    if (nvml->max_clock && !nvml->max_clock(handle, NVML_CLOCK_MEMORY, &value))
        d->memory_clock_mhz = (int)value;
}

static void read_device(const struct cuda_api *api, const struct nvml_api *nvml, int ordinal, struct cuda_device *d)
{
    struct cuda_place where;
    size_t bytes = 0;
    int device = 0;

    if (api->cuDeviceGet(&device, ordinal))
        return;
    if (api->cuDeviceGetName(d->name, (int)sizeof d->name, device))
        d->name[0] = '\0';
    d->name[sizeof d->name - 1] = '\0';
    text_disarm(d->name, false);
    place(api, device, &where);
    snprintf(d->uuid, sizeof d->uuid, "%s", where.uuid);
    d->memory_bytes = api->cuDeviceTotalMem(&bytes, device) ? 0 : (int64_t)bytes;
    d->major = attribute(api, CUDA_MAJOR, device);
    d->minor = attribute(api, CUDA_MINOR, device);
    d->sms = attribute(api, CUDA_SMS, device);
    d->threads_per_sm = attribute(api, CUDA_THREADS_PER_SM, device);
    d->registers_per_sm = attribute(api, CUDA_REGISTERS_PER_SM, device);
    d->blocks_per_sm = attribute(api, CUDA_BLOCKS_PER_SM, device);
    d->shared_per_sm = attribute(api, CUDA_SHARED_PER_SM, device);
    d->shared_reserved_per_block = attribute(api, CUDA_SHARED_RESERVED, device);
    d->l2_bytes = attribute(api, CUDA_L2_BYTES, device);
    d->bus_bits = attribute(api, CUDA_BUS_BITS, device);
    d->sm_clock_mhz = attribute(api, CUDA_CLOCK_KHZ, device) / 1000;
    d->memory_clock_mhz = attribute(api, CUDA_MEMORY_CLOCK_KHZ, device) / 1000;
    d->ecc = attribute(api, CUDA_ECC, device) == 1;
    ask_management(nvml, &where, d);
}

/* The kernel module's setting: "RmProfilingAdminOnly: 1". */
static bool restricted(void)
{
    static const char word[] = "RmProfilingAdminOnly:";
    static const char path[] = "/proc/driver/nvidia/params";
    char *text = file_exists(path) ? file_read(path, NULL, NULL) : NULL;
    const char *at = text ? strstr(text, word) : NULL;
    bool yes = at && strtol(at + strlen(word), NULL, 10) == 1;

    free(text);
    return yes;
}

void cuda_facts_read(struct cuda_facts *out)
{
    const struct nvml_api *nvml;
    const struct cuda_api *api;
    int count = 0;

    memset(out, 0, sizeof *out);
    api = start(out);
    out->profiling_restricted = restricted();
    nvml = cuda_driver_present() ? nvml_library(NULL) : NULL;
    if (nvml && nvml->driver_version && nvml->driver_version(out->driver, sizeof out->driver))
        out->driver[0] = '\0';
    out->driver[sizeof out->driver - 1] = '\0';
    text_disarm(out->driver, false);
    if (!api || api->cuDeviceGetCount(&count))
        return;
    out->count = count < CUDA_DEVICES ? (size_t)count : CUDA_DEVICES;
    for (size_t i = 0; i < out->count; i++)
        read_device(api, nvml, (int)i, &out->devices[i]);
}

bool cuda_first_place(struct cuda_place *out)
{
    struct cuda_facts facts;
    const struct cuda_api *api = start(&facts);
    int device = 0;

    memset(out, 0, sizeof *out);
    if (!api || api->cuDeviceGet(&device, 0))
        return false;
    place(api, device, out);
    return true;
}

/* ---- the context */

static char last_cure[256];

const char *cuda_cure(void)
{
    return last_cure;
}

/* 0, or -1 with the sentence; its cure is kept. */
static int judge(const struct cuda_api *api, int error, const char *call, struct err *e)
{
    struct cuda_facts why = {.cuda = 0};

    if (!error)
        return 0;
    explain(api, error, call, &why);
    snprintf(last_cure, sizeof last_cure, "%s", why.cure);
    return err_set(e, CM_NOTHING, "%s", why.reason);
}

void *cuda_context(struct err *e)
{
    static void *context; /* the primary one, kept until the process ends */
    struct cuda_facts why;
    const struct cuda_api *api = start(&why);
    int device = 0;

    if (!api) {
        snprintf(last_cure, sizeof last_cure, "%s", why.cure);
        err_set(e, CM_NOTHING, "%s", why.reason);
        return NULL;
    }
    if (!context && (judge(api, api->cuDeviceGet(&device, 0), "cuDeviceGet", e) ||
                     judge(api, api->cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", e))) {
        context = NULL;
        return NULL;
    }
    return judge(api, api->cuCtxSetCurrent(context), "cuCtxSetCurrent", e) ? NULL : context;
}

int cuda_synchronise(void)
{
    struct cuda_facts why;
    const struct cuda_api *api = start(&why);

    return api ? api->cuCtxSynchronize() : CUDA_NO_DEVICE;
}
