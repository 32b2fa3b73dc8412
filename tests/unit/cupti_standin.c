/*
 * The stand-ins for NVIDIA's driver and CUPTI themselves: what is counted is what their formulas say, and every step out of
 * order is refused. A stand-in that takes anything would prove nothing.
 * needs: cuda
 * libs: -ldl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifndef WITHOUT_CUDA

#include "../../collectors/cupti_library.h"
#include "../tools/standin/standin.h"

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

/* ---- the tests */
static void counts_are_those_of_the_launches(void **state)
{
    struct set s = {0};
    double values[3] = {0};

    (void)state;
    plan(&s);
    enable(&s);
    assert_int_equal(configure(&s, true, CUPTI_UserReplay, s.image_size), 0);
    work(99); /* before the range: not counted */
    assert_int_equal(synchronise(), 0);
    one_pass(&s, 10, 0);
    one_pass(&s, 10, 1);
    assert_int_equal(decode(&s), 0);
    assert_int_equal(evaluate(&s, metrics, values), 0);
    assert_true(values[0] == 1000.0 * 20 && values[1] == 1000.0 * 480 && values[2] == 700);
    setenv("STANDIN_NAN", "thread_inst", 1);
    setenv("STANDIN_SCALE", "gpu__time:9,smsp__inst_executed:1.5", 1);
    assert_int_equal(evaluate(&s, metrics, values), 0);
    unsetenv("STANDIN_NAN");
    unsetenv("STANDIN_SCALE");
    assert_true(values[0] == 1500.0 * 20 && isnan(values[1]) && values[2] == 700);
    close_set(&s);
}

static void unequal_rounds_show(void **state)
{
    struct set s = {0};
    double values[3] = {0};

    (void)state;
    plan(&s);
    enable(&s);
    assert_int_equal(configure(&s, true, CUPTI_UserReplay, s.image_size), 0);
    one_pass(&s, 10, 0);
    one_pass(&s, 30, 1);
    assert_int_equal(decode(&s), 0);
    assert_int_equal(evaluate(&s, metrics, values), 0);
    assert_true(values[0] == 1000.0 * 20 && values[1] == 1000.0 * 1440);
    close_set(&s);
}

static void wrong_order_is_refused(void **state)
{
    const char *other[] = {metrics[0], metrics[1], "dram__bytes.sum"};
    struct set s = {0};
    double values[3];
    int all;

    (void)state;
    plan(&s);
    enable(&s);
    assert_int_equal(start(&s), CUPTI_ERROR_INVALID_OPERATION); /* no configuration */
    assert_int_equal(configure(&s, false, CUPTI_UserReplay, s.image_size), CUPTI_ERROR_INVALID_PARAMETER);
    assert_int_equal(configure(&s, true, CUPTI_KernelReplay, s.image_size), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(configure(&s, true, CUPTI_UserReplay, s.image_size - 1), CUPTI_ERROR_INVALID_PARAMETER);
    assert_int_equal(configure(&s, true, CUPTI_UserReplay, s.image_size), 0);
    assert_int_equal(push(&s, "region"), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(decode(&s), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(start(&s), 0);
    assert_int_equal(start(&s), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(pop(&s), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(push(&s, ""), CUPTI_ERROR_INVALID_PARAMETER);
    assert_int_equal(push(&s, "region"), 0);
    assert_int_equal(push(&s, "nested"), CUPTI_ERROR_INVALID_OPERATION);
    work(1);
    assert_int_equal(pop(&s), CUPTI_ERROR_INVALID_OPERATION); /* not waited for */
    assert_int_equal(stop(&s, &all), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(synchronise(), 0);
    assert_int_equal(pop(&s), 0);
    assert_int_equal(stop(&s, &all), 0);
    assert_int_equal(decode(&s), 0);
    assert_int_equal(evaluate(&s, metrics, values), CUPTI_ERROR_INVALID_OPERATION); /* a pass is missing */
    one_pass(&s, 1, 1);
    assert_int_equal(start(&s), CUPTI_ERROR_INVALID_OPERATION); /* all are submitted */
    assert_int_equal(decode(&s), 0);
    assert_int_equal(evaluate(&s, other, values), CUPTI_ERROR_INVALID_METRIC_NAME);
    assert_int_equal(evaluate(&s, metrics, values), 0);
    close_set(&s);
}

static void bad_names_spoil_the_host_object(void **state)
{
    const char *bad[] = {"smsp__inst_executd.sum"}, *bare[] = {"smsp__inst_executed"};
    PARAMS(CUpti_Profiler_Host_Initialize_Params, h, .pChipName = "gh100");
    PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params, a, .numMetrics = 1);
    PARAMS(CUpti_Profiler_Host_GetMetricProperties_Params, p, .pMetricName = bad[0]);
    PARAMS(CUpti_Profiler_Host_Deinitialize_Params, d);

    (void)state;
    assert_int_equal(cupti.cuptiProfilerHostInitialize(&h), CUPTI_ERROR_INVALID_CHIP_NAME);
    h.pChipName = "GH100";
    assert_int_equal(cupti.cuptiProfilerHostInitialize(&h), 0);
    p.pHostObject = a.pHostObject = d.pHostObject = h.pHostObject;
    assert_int_equal(cupti.cuptiProfilerHostGetMetricProperties(&p), CUPTI_ERROR_INVALID_METRIC_NAME);
    p.pMetricName = bare[0];
    assert_int_equal(cupti.cuptiProfilerHostGetMetricProperties(&p), 0);
    a.ppMetricNames = bare;
    assert_int_equal(cupti.cuptiProfilerHostConfigAddMetrics(&a), CUPTI_ERROR_INVALID_PARAMETER);
    a.ppMetricNames = metrics;
    assert_int_equal(cupti.cuptiProfilerHostConfigAddMetrics(&a), CUPTI_ERROR_UNKNOWN);
    assert_int_equal(cupti.cuptiProfilerHostDeinitialize(&d), 0);
}

/* ---- activity */
static uint64_t buffer[2048];
static size_t kernels, bad_buffers;
static bool misaligned;

static void CUPTIAPI request(uint8_t **bytes, size_t *size, size_t *most)
{
    *bytes = (uint8_t *)buffer + (misaligned ? 4 : 0);
    *size = sizeof buffer - 8;
    *most = 0;
}

static void CUPTIAPI complete(CUcontext ctx, uint32_t stream, uint8_t *bytes, size_t size, size_t valid)
{
    CUpti_Activity *record = NULL;

    (void)ctx;
    (void)stream;
    (void)size;
    bad_buffers += !valid;
    while (!cupti.cuptiActivityGetNextRecord(bytes, valid, &record)) {
        const CUpti_ActivityKernel10 *k = (const void *)record;

        assert_int_equal(k->kind, CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
        assert_true(k->end - k->start == 700 && k->gridX == 5 && k->blockX == 48 && !strcmp(k->name, "kernel"));
        kernels++;
    }
}

static void activity_records_come_in_buffers(void **state)
{
    size_t dropped = 0;

    (void)state;
    assert_int_equal(cupti.cuptiActivityFlushAll(0), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL), CUPTI_ERROR_INVALID_OPERATION);
    assert_int_equal(cupti.cuptiActivityRegisterCallbacks(request, complete), 0);
    assert_int_equal(cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL), 0);
    for (int i = 0; i < 200; i++) /* more than a buffer holds */
        work(5);
    assert_int_equal(cupti.cuptiActivityFlushAll(0), 0);
    assert_int_equal(kernels, 0); /* none is known to be complete */
    assert_int_equal(synchronise(), 0);
    setenv("STANDIN_DROPPED", "3", 1);
    assert_int_equal(cupti.cuptiActivityFlushAll(0), 0);
    unsetenv("STANDIN_DROPPED");
    assert_int_equal(kernels, 197);
    assert_int_equal(cupti.cuptiActivityGetNumDroppedRecords(NULL, 0, &dropped), 0);
    assert_int_equal(dropped, 3);
    misaligned = true;
    work(5);
    assert_int_equal(synchronise(), 0);
    assert_int_equal(cupti.cuptiActivityFlushAll(0), 0);
    assert_true(kernels == 197 && bad_buffers == 1);
    assert_int_equal(cupti.cuptiActivityDisable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL), 0);
}

static void failures_are_made_to_order(void **state)
{
    uint32_t version = 0;

    (void)state;
    setenv("STANDIN_FAIL", "cuptiGetVersio=9,cuptiGetVersion@3=35", 1);
    setenv("STANDIN_VERSION", "28", 1);
    assert_int_equal(cupti.cuptiGetVersion(&version), 0);
    assert_int_equal(version, 28);
    assert_int_equal(cupti.cuptiGetVersion(&version), 0);
    assert_int_equal(cupti.cuptiGetVersion(&version), 35);
    assert_int_equal(cupti.cuptiGetVersion(&version), 0);
    unsetenv("STANDIN_FAIL");
    unsetenv("STANDIN_VERSION");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_names_spoil_the_host_object),
        cmocka_unit_test(counts_are_those_of_the_launches),
        cmocka_unit_test(unequal_rounds_show),
        cmocka_unit_test(wrong_order_is_refused),
        cmocka_unit_test(activity_records_come_in_buffers),
        cmocka_unit_test(failures_are_made_to_order),
    };

    return cmocka_run_group_tests(tests, open_both, NULL);
}

#else

#include <stdio.h>

int main(void)
{
    puts("built without CUPTI's headers");
    return 77;
}

#endif
