/*
 * Part of the stand-in for CUPTI: version, errors, and what it says of the device before anything is counted.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_TARGET_H
#define TESTS_TOOLS_STANDIN_CUPTI_TARGET_H

CUptiResult cuptiGetVersion(uint32_t *version)
{
    ENTER_PLAIN();
    NEED(version, CUPTI_ERROR_INVALID_PARAMETER, "no room for the version");
    *version = (uint32_t)enter_number("STANDIN_VERSION", CUPTI_API_VERSION);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char **text)
{
    static const struct {
        CUptiResult result;
        const char *name;
    } names[] = {
#define NAMED(name) {name, #name}
        NAMED(CUPTI_SUCCESS),
        NAMED(CUPTI_ERROR_INVALID_PARAMETER),
        NAMED(CUPTI_ERROR_INVALID_OPERATION),
        NAMED(CUPTI_ERROR_NOT_INITIALIZED),
        NAMED(CUPTI_ERROR_INVALID_METRIC_NAME),
        NAMED(CUPTI_ERROR_HARDWARE_BUSY),
        NAMED(CUPTI_ERROR_NOT_SUPPORTED),
        NAMED(CUPTI_ERROR_INSUFFICIENT_PRIVILEGES),
        NAMED(CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED),
        NAMED(CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED),
        NAMED(CUPTI_ERROR_UNKNOWN),
#undef NAMED
    };

    ENTER_PLAIN();
    NEED(text, CUPTI_ERROR_INVALID_PARAMETER, "no room for the text");
    if (real())
        return real()->cuptiGetResultString(result, text);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].result == result) {
            *text = names[i].name;
            return CUPTI_SUCCESS;
        }
    return CUPTI_ERROR_INVALID_PARAMETER;
}

CUptiResult cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params *p)
{
    ENTER_WITH(p, CUpti_Profiler_Initialize_Params);
    NEED(driver_works(), CUPTI_ERROR_UNKNOWN, "called before cuInit");
    profiler_ready = true;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerDeInitialize(CUpti_Profiler_DeInitialize_Params *p)
{
    ENTER_WITH(p, CUpti_Profiler_DeInitialize_Params);
    NEED(profiler_ready, CUPTI_ERROR_NOT_INITIALIZED, "called before cuptiProfilerInitialize");
    for (size_t i = 0; i < sizeof profilers / sizeof *profilers; i++)
        NEED(!profilers[i].live, CUPTI_ERROR_INVALID_OPERATION, "a range profiler is still enabled");
    profiler_ready = false;
    return CUPTI_SUCCESS;
}

/* Not supported if the environment names it. */
static CUpti_Profiler_Support_Level level(const char *word)
{
    const char *refused = getenv("STANDIN_UNSUPPORTED");

    if (!refused || strcmp(refused, word) != 0)
        return CUPTI_PROFILER_CONFIGURATION_SUPPORTED;
    return !strcmp(word, "vGpu") ? CUPTI_PROFILER_CONFIGURATION_DISABLED : CUPTI_PROFILER_CONFIGURATION_UNSUPPORTED;
}

CUptiResult cuptiProfilerDeviceSupported(CUpti_Profiler_DeviceSupported_Params *p)
{
    const struct standin_chip *chip;
    bool all;

    ENTER_WITH(p, CUpti_Profiler_DeviceSupported_Params);
    NEED(driver_works() && profiler_ready, CUPTI_ERROR_UNKNOWN, "called before cuptiProfilerInitialize");
    NEED(p->cuDevice >= 0 && p->cuDevice < enter_number("STANDIN_DEVICES", 1), CUPTI_ERROR_INVALID_DEVICE,
         "there is no such device");
    chip = driver()->chip();
    p->architecture = level("architecture");
    if (chip->major < 7 || (chip->major == 7 && chip->minor < 5))
        p->architecture = CUPTI_PROFILER_CONFIGURATION_UNSUPPORTED;
    p->sli = level("sli");
    p->vGpu = level("vGpu");
    p->confidentialCompute = level("confidentialCompute");
    p->cmp = level("cmp");
    p->wsl = level("wsl");
    all = p->architecture == CUPTI_PROFILER_CONFIGURATION_SUPPORTED && p->sli == p->architecture &&
          p->vGpu == p->architecture && p->confidentialCompute == p->architecture && p->cmp == p->architecture &&
          p->wsl == p->architecture;
    p->isSupported = all ? CUPTI_PROFILER_CONFIGURATION_SUPPORTED : CUPTI_PROFILER_CONFIGURATION_UNSUPPORTED;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params *p)
{
    ENTER_WITH(p, CUpti_Device_GetChipName_Params);
    if (!driver_works() || !profiler_ready)
        fall(__func__, "called without a driver or cuptiProfilerInitialize");
    NEED(p->deviceIndex < (size_t)enter_number("STANDIN_DEVICES", 1), CUPTI_ERROR_INVALID_DEVICE,
         "there is no such device");
    p->pChipName = driver()->chip()->name;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerGetCounterAvailability(CUpti_Profiler_GetCounterAvailability_Params *p)
{
    struct availability image = {.magic = AVAILABILITY_MAGIC};
    const void *context;

    ENTER_WITH(p, CUpti_Profiler_GetCounterAvailability_Params);
    if (!driver_works() || !profiler_ready || !(p->ctx || driver()->current()))
        fall(__func__, "called without a driver, a context or cuptiProfilerInitialize");
    context = p->ctx ? p->ctx : driver()->current();
    NEED(driver()->is_context(context), CUPTI_ERROR_INVALID_CONTEXT, "this is no context");
    NEED(!profiler_of(context), CUPTI_ERROR_INVALID_OPERATION, "called while a range profiler is enabled");
    if (p->pCounterAvailabilityImage) {
        NEED(p->counterAvailabilityImageSize >= sizeof image, CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT,
             "the buffer is smaller than what was asked for");
        snprintf(image.chip, sizeof image.chip, "%s", driver()->chip()->name);
        memcpy(p->pCounterAvailabilityImage, &image, sizeof image);
    }
    p->counterAvailabilityImageSize = sizeof image;
    return CUPTI_SUCCESS;
}

#endif
