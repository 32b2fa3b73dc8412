/*
 * The device that is here, as CUPTI sees it. Without a driver several of CUPTI's calls end the process instead of failing, so each
 * step is taken only after the one before: library, driver, context, cuptiProfilerInitialize, then the questions.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_parts.h"

#include "../harness/base/mem.h"
#include "cuda_driver.h"
#include "cupti_errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char chip_name[32]; /* for sentences; "" until it is known */

static const struct cuda_facts *facts(void)
{
    static struct cuda_facts read;
    static bool done;

    if (!done)
        cuda_facts_read(&read);
    done = true;
    return &read;
}

static char last_cure[400];

const char *cupti_last_cure(void)
{
    return last_cure;
}

static void keep(const char *cure)
{
    if (cure != last_cure)
        snprintf(last_cure, sizeof last_cure, "%s", cure);
}

int cupti_failed(const struct cupti *c, const char *call, int error, const char **cure, struct err *e)
{
    const struct cuda_facts *f = cuda_driver_present() ? facts() : NULL;
    struct cupti_failure failure = {.error = error,
                                    .call = call,
                                    .chip = chip_name,
                                    .driver = f ? f->driver : "",
                                    .cupti = c ? c->version : "",
                                    .other_tool = "",
                                    .cuda = f ? f->cuda : 0,
                                    .restricted = f && f->profiling_restricted};
    char reason[500];

    cupti_explain(&failure, reason, sizeof reason, last_cure, sizeof last_cure);
    if (cure)
        *cure = last_cure;
    return err_set(e, CM_NOTHING, "%s", reason);
}

static int driver_start(const char **cure, struct err *e)
{
    if (!cuda_driver_present()) {
        *cure = "install NVIDIA's driver, or in a container pass it in (--gpus all)";
        return err_set(e, CM_NOTHING, "no NVIDIA driver (libcuda.so.1 was not found)");
    }
    if (facts()->reason[0]) {
        *cure = facts()->cure;
        return err_set(e, CM_NOTHING, "%s", facts()->reason);
    }
    return 0;
}

static bool initialised;

/* Again after cupti_device_end. */
static int profiler_start(const struct cupti *c, const char **cure, struct err *e)
{
    CUpti_Profiler_Initialize_Params begin = {.structSize = CUpti_Profiler_Initialize_Params_STRUCT_SIZE};
    CUptiResult result = initialised ? CUPTI_SUCCESS : c->cuptiProfilerInitialize(&begin);

    initialised = result == CUPTI_SUCCESS;
    return initialised ? 0 : cupti_failed(c, "cuptiProfilerInitialize", (int)result, cure, e);
}

void cupti_device_end(const struct cupti *c)
{
    CUpti_Profiler_DeInitialize_Params end = {.structSize = CUpti_Profiler_DeInitialize_Params_STRUCT_SIZE};

    if (initialised)
        c->cuptiProfilerDeInitialize(&end);
    initialised = false;
}

const struct cupti *cupti_device(const char **cure, struct err *e)
{
    const char *help = "";
    const struct cupti *c = cupti_library(e);

    if (c && (driver_start(&help, e) || !cuda_context(e) || profiler_start(c, &help, e)))
        c = NULL;
    if (!c)
        keep(help);
    if (cure)
        *cure = last_cure;
    return c;
}

static bool is_refused(CUpti_Profiler_Support_Level level)
{
    return level == CUPTI_PROFILER_CONFIGURATION_UNSUPPORTED || level == CUPTI_PROFILER_CONFIGURATION_DISABLED;
}

/* One of the things that forbid profiling, with the sentence for each. */
struct obstacle {
    CUpti_Profiler_Support_Level level;
    const char *reason, *cure;
};

static int obstacle_told(const CUpti_Profiler_DeviceSupported_Params *p, const char **cure, struct err *e)
{
    bool off = p->vGpu == CUPTI_PROFILER_CONFIGURATION_DISABLED;
    const struct obstacle list[] = {
        {p->architecture, "this GPU is of an architecture that CUPTI cannot profile",
         "use a GPU of compute capability 7.5 or newer, with a CUDA toolkit of its time"},
        {p->sli, "SLI is on, and then a GPU cannot be profiled", "switch SLI off"},
        {p->vGpu,
         off ? "profiling is switched off for this virtual GPU" : "this kind of virtual GPU cannot be profiled",
         off ? "have the administrator of the host set enable_profiling for it"
             : "measure on a whole GPU, or one that is passed through"},
        {p->confidentialCompute, "confidential computing is on, and then a GPU cannot be profiled",
         "measure on a machine with confidential computing off"},
        {p->cmp, "this is a mining processor (CMP), which cannot be profiled", "use another GPU"},
        {p->wsl, "this version of WSL cannot profile a GPU", "use WSL 2 on Windows 11, or Linux itself"},
    };

    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (is_refused(list[i].level)) {
            *cure = list[i].cure;
            return err_set(e, CM_NOTHING, "%s", list[i].reason);
        }
    return err_set(e, CM_NOTHING, "CUPTI says that this GPU cannot be profiled, but not why");
}

static int check_supported(const struct cupti *c, const char **cure, struct err *e)
{
    /* Device 0 is the first visible one, the one whose context is current. */
    CUpti_Profiler_DeviceSupported_Params p = {.structSize = CUpti_Profiler_DeviceSupported_Params_STRUCT_SIZE,
                                               .cuDevice = 0,
                                               .api = CUPTI_PROFILER_RANGE_PROFILING};
    CUptiResult result = c->cuptiProfilerDeviceSupported(&p);

    if (result != CUPTI_SUCCESS)
        return cupti_failed(c, "cuptiProfilerDeviceSupported", (int)result, cure, e);
    /* What CUPTI does not know is tried. */
    return is_refused(p.isSupported) ? obstacle_told(&p, cure, e) : 0;
}

static int ask_name(const struct cupti *c, struct cupti_chip *out, const char **cure, struct err *e)
{
    CUpti_Device_GetChipName_Params p = {.structSize = CUpti_Device_GetChipName_Params_STRUCT_SIZE, .deviceIndex = 0};
    CUptiResult result = c->cuptiDeviceGetChipName(&p);

    if (result != CUPTI_SUCCESS || !p.pChipName)
        return cupti_failed(c, "cuptiDeviceGetChipName", (int)result, cure, e);
    snprintf(out->name, sizeof out->name, "%s", p.pChipName);
    memcpy(chip_name, out->name, sizeof chip_name);
    return 0;
}

/* Which counters may be read here: also the first call that fails without permission. */
static int ask_availability(const struct cupti *c, struct cupti_chip *out, const char **cure, struct err *e)
{
    CUpti_Profiler_GetCounterAvailability_Params p = {
        .structSize = CUpti_Profiler_GetCounterAvailability_Params_STRUCT_SIZE, .ctx = out->context};
    CUptiResult result = c->cuptiProfilerGetCounterAvailability(&p);

    if (result == CUPTI_SUCCESS && p.counterAvailabilityImageSize) {
        out->availability = p.pCounterAvailabilityImage = mem_new(p.counterAvailabilityImageSize, 1);
        result = c->cuptiProfilerGetCounterAvailability(&p);
        out->availability_size = p.counterAvailabilityImageSize;
    }
    return result == CUPTI_SUCCESS ? 0 : cupti_failed(c, "cuptiProfilerGetCounterAvailability", (int)result, cure, e);
}

const struct cupti *cupti_chip_here(struct cupti_chip *out, const char **cure, struct err *e)
{
    const char *help = "";
    const struct cupti *c = cupti_device(&help, e);

    *out = (struct cupti_chip){.context = c ? cuda_context(e) : NULL};
    if (!c || !out->context || check_supported(c, &help, e) || ask_name(c, out, &help, e) ||
        ask_availability(c, out, &help, e)) {
        cupti_chip_free(out);
        c = NULL;
    }
    if (!c)
        keep(help);
    if (cure)
        *cure = c ? "" : last_cure;
    return c;
}

void cupti_chip_free(struct cupti_chip *chip)
{
    free(chip->availability);
    *chip = (struct cupti_chip){0};
}

#endif
