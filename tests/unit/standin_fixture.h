/*
 * The stand-ins for NVIDIA's driver and CUPTI, opened as libraries, and one set of counters with the calls that it goes through, for
 * cupti_standin.c.
 */
#ifndef TESTS_UNIT_STANDIN_FIXTURE_H
#define TESTS_UNIT_STANDIN_FIXTURE_H

#include "../../collectors/cupti_library.h"
#include "../tools/standin/standin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cupti cupti;
static void *context;
static int (*synchronise)(void);
static __typeof__(standin_launch) *launch;

static const char *metrics[] = {"smsp__inst_executed.sum", "smsp__thread_inst_executed.sum", "gpu__time_duration.sum"};

#define PARAMS(type, name, ...) type name = {.structSize = type##_STRUCT_SIZE, __VA_ARGS__}

static void *library(const char *name)
{
    const char *build = getenv("BUILD");
    char path[4096];
    void *handle;

    snprintf(path, sizeof path, "%s/tests/tools/%s", build ? build : "build", name);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    return handle;
}

static void find(void *handle, const char *name, void *pointer)
{
    void *found = dlsym(handle, name);

    assert_non_null(found);
    memcpy(pointer, &found, sizeof found);
}

static int open_both(void **state)
{
    void *driver = library("libcuda.so"), *handle = library("libcupti.so");
    int (*init)(unsigned), (*retain)(void **, int), (*make_current)(void *);

    (void)state;
    unsetenv("STANDIN_STRICT");
    unsetenv("STANDIN_CHIP");
    setenv("STANDIN_CUPTI_REAL", "none", 1);
    setenv("STANDIN_PASSES", "2", 1);
#define FIND(name) find(handle, #name, &cupti.name);
    CUPTI_FUNCTIONS(FIND)
#undef FIND
    find(driver, "cuInit", &init);
    find(driver, "cuDevicePrimaryCtxRetain", &retain);
    find(driver, "cuCtxSetCurrent", &make_current);
    find(driver, "cuCtxSynchronize", &synchronise);
    find(driver, "standin_launch", &launch);
    {
        PARAMS(CUpti_Profiler_Initialize_Params, p);

        assert_int_equal(retain(&context, 0), 3); /* before cuInit */
        assert_int_equal(cupti.cuptiProfilerInitialize(&p), CUPTI_ERROR_UNKNOWN);
        assert_int_equal(init(0), 0);
        assert_int_equal(synchronise(), 201); /* without a context */
        assert_int_equal(retain(&context, 0), 0);
        assert_int_equal(make_current(context), 0);
        p.structSize--;
        assert_int_equal(cupti.cuptiProfilerInitialize(&p), CUPTI_ERROR_INVALID_PARAMETER);
        p.structSize++;
        assert_int_equal(cupti.cuptiProfilerInitialize(&p), CUPTI_SUCCESS);
    }
    return 0;
}

/* ---- one set, ready to be started */
struct set {
    CUpti_Profiler_Host_Object *host;
    CUpti_RangeProfiler_Object *profiler;
    uint8_t image[4096];
    uint8_t *data;
    size_t image_size, data_size;
};

static void plan(struct set *s)
{
    PARAMS(CUpti_Profiler_Host_Initialize_Params, h, .pChipName = "GH100");
    PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params, a, .ppMetricNames = metrics, .numMetrics = 3);
    PARAMS(CUpti_Profiler_Host_GetConfigImage_Params, i, .configImageSize = sizeof s->image, .pConfigImage = s->image);
    PARAMS(CUpti_Profiler_Host_GetConfigImageSize_Params, n);
    PARAMS(CUpti_Profiler_Host_GetNumOfPasses_Params, passes, .pConfigImage = s->image);

    assert_int_equal(cupti.cuptiProfilerHostInitialize(&h), 0);
    s->host = a.pHostObject = i.pHostObject = n.pHostObject = h.pHostObject;
    assert_int_equal(cupti.cuptiProfilerHostGetConfigImage(&i), CUPTI_ERROR_INVALID_OPERATION); /* no metrics */
    assert_int_equal(cupti.cuptiProfilerHostConfigAddMetrics(&a), 0);
    assert_int_equal(cupti.cuptiProfilerHostGetConfigImageSize(&n), 0);
    i.configImageSize = n.configImageSize - 1;
    assert_int_equal(cupti.cuptiProfilerHostGetConfigImage(&i), CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT);
    s->image_size = passes.configImageSize = i.configImageSize = n.configImageSize;
    assert_int_equal(cupti.cuptiProfilerHostGetConfigImage(&i), 0);
    assert_int_equal(cupti.cuptiProfilerHostGetNumOfPasses(&passes), 0);
    assert_int_equal(passes.numOfPasses, 2);
}

static void enable(struct set *s)
{
    PARAMS(CUpti_Profiler_GetCounterAvailability_Params, early, .ctx = context);
    PARAMS(CUpti_RangeProfiler_Enable_Params, e, .ctx = context);
    PARAMS(CUpti_RangeProfiler_GetCounterDataSize_Params, d, .pMetricNames = metrics, .numMetrics = 3,
           .maxNumOfRanges = 1);

    assert_int_equal(cupti.cuptiProfilerGetCounterAvailability(&early), 0);
    assert_int_equal(cupti.cuptiRangeProfilerEnable(&e), 0);
    assert_int_equal(cupti.cuptiProfilerGetCounterAvailability(&early), CUPTI_ERROR_INVALID_OPERATION);
    s->profiler = d.pRangeProfilerObject = e.pRangeProfilerObject;
    assert_int_equal(cupti.cuptiRangeProfilerEnable(&e), CUPTI_ERROR_INVALID_OPERATION); /* twice */
    assert_int_equal(cupti.cuptiRangeProfilerGetCounterDataSize(&d), CUPTI_ERROR_INVALID_PARAMETER);
    d.maxNumRangeTreeNodes = 1;
    assert_int_equal(cupti.cuptiRangeProfilerGetCounterDataSize(&d), 0);
    s->data_size = d.counterDataSize;
    s->data = calloc(1, s->data_size);
    assert_non_null(s->data);
}

static CUptiResult configure(struct set *s, bool initialise, CUpti_ProfilerReplayMode replay, size_t image_size)
{
    PARAMS(CUpti_RangeProfiler_CounterDataImage_Initialize_Params, i, .pRangeProfilerObject = s->profiler,
           .counterDataSize = s->data_size, .pCounterData = s->data);
    PARAMS(CUpti_RangeProfiler_SetConfig_Params, c, .pRangeProfilerObject = s->profiler, .configSize = image_size,
           .pConfig = s->image, .counterDataImageSize = s->data_size, .pCounterDataImage = s->data,
           .range = CUPTI_UserRange, .replayMode = replay, .maxRangesPerPass = 1, .numNestingLevels = 1,
           .minNestingLevel = 1, .targetNestingLevel = 1);

    if (initialise)
        assert_int_equal(cupti.cuptiRangeProfilerCounterDataImageInitialize(&i), 0);
    return cupti.cuptiRangeProfilerSetConfig(&c);
}

static CUptiResult start(struct set *s)
{
    PARAMS(CUpti_RangeProfiler_Start_Params, p, .pRangeProfilerObject = s->profiler);

    return cupti.cuptiRangeProfilerStart(&p);
}

static CUptiResult push(struct set *s, const char *name)
{
    PARAMS(CUpti_RangeProfiler_PushRange_Params, p, .pRangeProfilerObject = s->profiler, .pRangeName = name);

    return cupti.cuptiRangeProfilerPushRange(&p);
}

static CUptiResult pop(struct set *s)
{
    PARAMS(CUpti_RangeProfiler_PopRange_Params, p, .pRangeProfilerObject = s->profiler);

    return cupti.cuptiRangeProfilerPopRange(&p);
}

/* *all: whether all passes are submitted. */
static CUptiResult stop(struct set *s, int *all)
{
    PARAMS(CUpti_RangeProfiler_Stop_Params, p, .pRangeProfilerObject = s->profiler);
    CUptiResult result = cupti.cuptiRangeProfilerStop(&p);

    *all = p.isAllPassSubmitted;
    return result;
}

static CUptiResult decode(struct set *s)
{
    PARAMS(CUpti_RangeProfiler_DecodeData_Params, p, .pRangeProfilerObject = s->profiler);

    return cupti.cuptiRangeProfilerDecodeData(&p);
}

static CUptiResult evaluate(struct set *s, const char **names, double *values)
{
    PARAMS(CUpti_Profiler_Host_EvaluateToGpuValues_Params, p, .pHostObject = s->host, .pCounterDataImage = s->data,
           .counterDataImageSize = s->data_size, .ppMetricNames = names, .numMetrics = 3, .pMetricValues = values);

    return cupti.cuptiProfilerHostEvaluateToGpuValues(&p);
}

static void work(unsigned blocks)
{
    const unsigned grid[3] = {blocks, 1, 1}, block[3] = {48, 1, 1}; /* two warps, the second half full */

    launch("kernel", grid, block, 700);
}

static void one_pass(struct set *s, unsigned blocks, int expected_all)
{
    int all;

    assert_int_equal(start(s), 0);
    assert_int_equal(push(s, "region"), 0);
    work(blocks);
    assert_int_equal(synchronise(), 0);
    assert_int_equal(pop(s), 0);
    assert_int_equal(stop(s, &all), 0);
    assert_int_equal(all, expected_all);
}

static void close_set(struct set *s)
{
    PARAMS(CUpti_RangeProfiler_Disable_Params, d, .pRangeProfilerObject = s->profiler);
    PARAMS(CUpti_Profiler_Host_Deinitialize_Params, h, .pHostObject = s->host);

    assert_int_equal(cupti.cuptiRangeProfilerDisable(&d), 0);
    assert_int_equal(cupti.cuptiRangeProfilerDisable(&d), CUPTI_ERROR_INVALID_PARAMETER);
    assert_int_equal(cupti.cuptiProfilerHostDeinitialize(&h), 0);
    free(s->data);
}

#endif
