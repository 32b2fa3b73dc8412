/*
 * Every error number of CUPTI has a name, a sentence, and where people can do something about it, a cure that says what.
 *
 * needs: cuda
 */
#include "collectors/cupti_errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifndef WITHOUT_CUDA
#include <cupti_activity.h>
#include <cupti_result.h>
#include <cupti_version.h>

/* Newer activity records are read under the names of older ones: what is read of them must stand where it stood. */
#if CUPTI_API_VERSION >= 130000
#define SAME_PLACE(older, newer, field) _Static_assert(offsetof(older, field) == offsetof(newer, field), #field)
#define SAME_KERNEL(field) SAME_PLACE(CUpti_ActivityKernel9, CUpti_ActivityKernel10, field)
#define SAME_COPY(field) SAME_PLACE(CUpti_ActivityMemcpy5, CUpti_ActivityMemcpy6, field)
SAME_KERNEL(start);
SAME_KERNEL(end);
SAME_KERNEL(deviceId);
SAME_KERNEL(registersPerThread);
SAME_KERNEL(blockX);
SAME_KERNEL(gridZ);
SAME_KERNEL(staticSharedMemory);
SAME_KERNEL(dynamicSharedMemory);
SAME_KERNEL(localMemoryPerThread);
SAME_COPY(copyKind);
SAME_COPY(bytes);
SAME_COPY(start);
SAME_COPY(end);
SAME_PLACE(CUpti_ActivityOverhead2, CUpti_ActivityOverhead3, start);
SAME_PLACE(CUpti_ActivityOverhead2, CUpti_ActivityOverhead3, end);
#endif
#endif

struct words {
    char reason[320], cure[320];
};

static struct words explain(struct cupti_failure f)
{
    struct words w;

    cupti_explain(&f, w.reason, sizeof w.reason, w.cure, sizeof w.cure);
    return w;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static const struct cupti_failure known = {
    .call = "cuptiRangeProfilerStart", .chip = "GH100", .driver = "580.65.06", .cupti = "13.0.1", .cuda = 13000};

/* Whole, short enough for a line in a table, without a full stop, and naming call, name and number. */
static void test_every_number(void **state)
{
    char name[64], number[16];

    (void)state;
    for (int error = 1; error <= 1000; error++) {
        struct cupti_failure f = known;
        struct words w;

        if (error == 60)
            error = 990;
        f.error = error;
        w = explain(f);
        cupti_error_name(error, name, sizeof name);
        snprintf(number, sizeof number, "%d)", error);
        has(w.reason, name);
        has(w.reason, number);
        has(w.reason, "cuptiRangeProfilerStart");
        assert_in_range(strlen(w.reason), 20, 255);
        assert_in_range(strlen(w.cure), 10, 255);
        assert_int_not_equal(w.reason[strlen(w.reason) - 1], '.');
        assert_int_not_equal(w.cure[strlen(w.cure) - 1], '.');
    }
}

static void test_sentences(void **state)
{
    static const struct {
        int error;
        const char *reason, *cure;
    } rows[] = {
        {15, "do not fit together", "COUNTERMARK_CUPTI"},
        {17, "does not know one of the metrics", "list metrics --chip"},
        {26, "another program has the GPU's counters", "DCGM"},
        {27, "cannot count on GH100", "7.5"},
        {33, "virtual", "enable_profiling=1"},
        {35, "no permission for GPU counters", "NVreg_RestrictProfilingToAdminUsers=0"},
        {35, "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, 35", "CAP_SYS_ADMIN"},
        {38, "removed", "COUNTERMARK_CUPTI"},
        {39, "another profiler", "Nsight"},
        {40, "no permission for the counters of this virtual GPU", "enable_profiling=1"},
        {41, "confidential", "confidential computing off"},
        {42, "mining", "another GPU"},
        {43, "MIG", "nvidia-smi -mig 0"},
        {44, "SLI", "SLI off"},
        {45, "Windows Subsystem for Linux", "Windows 11"},
        {46, "does not know the chip GH100", "newer CUDA toolkit"},
        {999, "without saying why", "nvidia-smi"},
        {1234, "CUPTI refuses", "nvidia-smi"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cupti_failure f = known;
        struct words w;

        f.error = rows[i].error;
        w = explain(f);
        has(w.reason, rows[i].reason);
        has(w.cure, rows[i].cure);
    }
}

/* What is known of the machine is in the sentence; what is not known leaves no hole. */
static void test_details(void **state)
{
    struct cupti_failure f = known;
    struct words w;

    (void)state;
    f.error = 35;
    has(explain(f).reason, "RmProfilingAdminOnly is not 1");
    f.restricted = true;
    has(explain(f).reason, "RmProfilingAdminOnly is 1");
    f.error = 39;
    has(explain(f).reason, "which does not give its name");
    f.other_tool = "Nsight Systems";
    has(explain(f).reason, "Nsight Systems");
    f.error = 15;
    w = explain(f);
    has(w.reason, "13.0.1");
    has(w.reason, "580.65.06, CUDA 13.0");
    f = (struct cupti_failure){.error = 15};
    w = explain(f);
    has(w.reason, "unknown version");
    assert_null(strstr(w.reason, "(null)"));
    f.error = 27;
    has(explain(f).reason, "this GPU");
    f.error = 46;
    assert_null(strstr(explain(f).reason, "(null)"));
}

static void test_small_rooms(void **state)
{
    struct cupti_failure f = known;
    char reason[8] = "xxxxxxx", cure[1] = "x", name[4];

    (void)state;
    f.error = 35;
    cupti_explain(&f, reason, sizeof reason, cure, sizeof cure);
    assert_string_equal(reason, "no perm");
    assert_string_equal(cure, "");
    assert_string_equal(cupti_error_name(35, name, sizeof name), "CUP");
}

static void test_names(void **state)
{
    char name[64];

    (void)state;
    assert_string_equal(cupti_error_name(35, name, sizeof name), "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES");
    assert_string_equal(cupti_error_name(1234, name, sizeof name), "error 1234");
#ifndef WITHOUT_CUDA
#define SAME(error) assert_string_equal(cupti_error_name(error, name, sizeof name), #error)
    SAME(CUPTI_ERROR_INVALID_PARAMETER);
    SAME(CUPTI_ERROR_NOT_INITIALIZED);
    SAME(CUPTI_ERROR_INVALID_METRIC_NAME);
    SAME(CUPTI_ERROR_HARDWARE_BUSY);
    SAME(CUPTI_ERROR_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_INSUFFICIENT_PRIVILEGES);
    SAME(CUPTI_ERROR_LEGACY_PROFILER_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES);
    SAME(CUPTI_ERROR_CONFIDENTIAL_COMPUTING_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_CMP_DEVICE_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_SLI_DEVICE_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_WSL_DEVICE_NOT_SUPPORTED);
    SAME(CUPTI_ERROR_INVALID_CHIP_NAME);
    SAME(CUPTI_ERROR_UNKNOWN);
#else
    print_message("# CUPTI's header is not installed: its numbers were not compared\n");
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_number), cmocka_unit_test(test_sentences), cmocka_unit_test(test_details),
        cmocka_unit_test(test_small_rooms),  cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
