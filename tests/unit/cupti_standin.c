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

#include "standin_fixture.h"

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
