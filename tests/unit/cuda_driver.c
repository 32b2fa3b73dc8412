/*
 * What NVIDIA's driver refuses becomes a sentence with a cure; what holds a clock back becomes a word; and the numbers that stand in
 * collectors/cuda_parts.h are those of cuda.h, where it is installed.
 *
 * needs: cuda
 */
#include "collectors/cuda_parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifndef WITHOUT_CUDA
#include <cuda.h>

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours " is not " #theirs)
SAME(CUDA_CLOCK_KHZ, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
SAME(CUDA_SMS, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
SAME(CUDA_ECC, CU_DEVICE_ATTRIBUTE_ECC_ENABLED);
SAME(CUDA_MEMORY_CLOCK_KHZ, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
SAME(CUDA_BUS_BITS, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
SAME(CUDA_L2_BYTES, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
SAME(CUDA_THREADS_PER_SM, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
SAME(CUDA_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME(CUDA_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME(CUDA_SHARED_PER_SM, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
SAME(CUDA_REGISTERS_PER_SM, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR);
SAME(CUDA_BLOCKS_PER_SM, CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR);
SAME(CUDA_SHARED_RESERVED, CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK);
SAME(CUDA_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY);
SAME(CUDA_STUB_LIBRARY, CUDA_ERROR_STUB_LIBRARY);
SAME(CUDA_CALL_TOO_NEW, CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER);
SAME(CUDA_DEVICE_BUSY, CUDA_ERROR_DEVICE_UNAVAILABLE);
SAME(CUDA_NO_DEVICE, CUDA_ERROR_NO_DEVICE);
SAME(CUDA_INVALID_DEVICE, CUDA_ERROR_INVALID_DEVICE);
SAME(CUDA_NOT_LICENSED, CUDA_ERROR_DEVICE_NOT_LICENSED);
SAME(CUDA_ECC_ERROR, CUDA_ERROR_ECC_UNCORRECTABLE);
SAME(CUDA_NVLINK_ERROR, CUDA_ERROR_NVLINK_UNCORRECTABLE);
SAME(CUDA_SYSTEM_ERROR, CUDA_ERROR_OPERATING_SYSTEM);
SAME(CUDA_HARDWARE_STACK, CUDA_ERROR_HARDWARE_STACK_ERROR);
SAME(CUDA_LAUNCH_FAILED, CUDA_ERROR_LAUNCH_FAILED);
SAME(CUDA_NOT_PERMITTED, CUDA_ERROR_NOT_PERMITTED);
SAME(CUDA_NOT_READY, CUDA_ERROR_SYSTEM_NOT_READY);
SAME(CUDA_MISMATCH, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
SAME(CUDA_COMPAT, CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE);
SAME(CUDA_MPS_CONNECTION, CUDA_ERROR_MPS_CONNECTION_FAILED);
SAME(CUDA_MPS_RPC, CUDA_ERROR_MPS_RPC_FAILURE);
SAME(CUDA_MPS_NOT_READY, CUDA_ERROR_MPS_SERVER_NOT_READY);
SAME(CUDA_UNKNOWN, CUDA_ERROR_UNKNOWN);

/* The functions take what is passed to them, in size at least. */
_Static_assert(sizeof(CUdevice) == sizeof(int) && sizeof(CUcontext) == sizeof(void *) && sizeof(CUuuid) == 16,
               "types of the driver");
#endif

struct words {
    char reason[256], cure[256];
};

static struct words explain(struct cuda_failure f)
{
    struct words w;

    cuda_explain(&f, w.reason, sizeof w.reason, w.cure, sizeof w.cure);
    return w;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void test_no_library(void **state)
{
    struct cuda_failure f = {.error = CUDA_NO_LIBRARY,
                             .loading = "libcuda.so.1: cannot open shared object file: No such file or directory"};
    struct words w = explain(f);

    (void)state;
    assert_string_equal(w.reason, "no NVIDIA driver: libcuda.so.1 was not found");
    has(w.cure, "nvidia-smi");
    f.kernel_module = true;
    w = explain(f);
    has(w.reason, "kernel's part of the driver is loaded");
    has(w.cure, "--gpus all");
    f.loading = "/usr/lib/libcuda.so.1: invalid ELF header";
    has(explain(f).reason, "invalid ELF header");
    f.loading = NULL;
    has(explain(f).reason, "was not found");
}

static void test_no_device(void **state)
{
    struct cuda_failure f = {.error = CUDA_NO_DEVICE, .call = "cuInit", .installed = 2, .visible = ""};

    (void)state;
    has(explain(f).reason, "CUDA_VISIBLE_DEVICES is \"\"");
    f.visible = "7";
    has(explain(f).reason, "CUDA_VISIBLE_DEVICES is \"7\"");
    has(explain(f).cure, "unset CUDA_VISIBLE_DEVICES");
    f.installed = -1;
    has(explain(f).reason, "CUDA_VISIBLE_DEVICES");
    f.installed = 0;
    has(explain(f).reason, "no NVIDIA GPU in this machine");
    f.visible = NULL;
    has(explain(f).reason, "no NVIDIA GPU in this machine");
    f.installed = 2;
    has(explain(f).reason, "the driver knows 2");
    has(explain(f).cure, "/dev/nvidia0");
}

static void test_numbers(void **state)
{
    static const struct {
        int error;
        const char *reason, *cure;
    } rows[] = {
        {CUDA_STUB_LIBRARY, "for linking alone", "LD_LIBRARY_PATH"},
        {CUDA_TOO_OLD, "too old", "newer driver"},
        {CUDA_DEVICE_BUSY, "taken", "nvidia-smi -c"},
        {CUDA_INVALID_DEVICE, "MIG", "nvidia-smi mig"},
        {CUDA_ECC_ERROR, "ECC", "reset"},
        {CUDA_SYSTEM_ERROR, "operating system", "/dev/nvidia"},
        {CUDA_NOT_READY, "fabric", "nvidia-fabricmanager"},
        {CUDA_MISMATCH, "different versions", "restart"},
        {CUDA_UNKNOWN, "without saying why", "nvidia_uvm"},
        {700, "the NVIDIA driver refuses (cuInit: error 700)", "dmesg"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct words w = explain((struct cuda_failure){.error = rows[i].error, .call = "cuInit"});

        has(w.reason, rows[i].reason);
        has(w.cure, rows[i].cure);
        has(w.reason, "cuInit: error ");
    }
    has(explain((struct cuda_failure){.error = 214, .call = "cuCtxSynchronize", .name = "CUDA_ERROR_X"}).reason,
        "(cuCtxSynchronize: CUDA_ERROR_X, 214)");
}

static void test_held_back(void **state)
{
    static const struct {
        unsigned long long bits;
        const char *words;
    } rows[] = {
        {0, ""},
        {NVML_IDLE, ""},
        {NVML_APPLICATION_CLOCKS | NVML_SYNC_BOOST | NVML_DISPLAY_CLOCK, ""},
        {NVML_SOFTWARE_HEAT, "heat"},
        {NVML_HARDWARE_HEAT | NVML_HARDWARE_SLOWDOWN, "heat"},
        {NVML_POWER_CAP, "power cap"},
        {NVML_POWER_BRAKE | NVML_HARDWARE_SLOWDOWN, "power brake"},
        {NVML_HARDWARE_SLOWDOWN, "hardware slowdown"},
        {NVML_POWER_CAP | NVML_SOFTWARE_HEAT | NVML_IDLE, "heat, power cap"},
    };
    char room[96], small[6];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(nvml_held_back(rows[i].bits, NAN, room, sizeof room), rows[i].words);
    assert_string_equal(nvml_held_back(NVML_POWER_CAP, 0.7, room, sizeof room), "power cap");
    assert_string_equal(nvml_held_back(NVML_POWER_CAP, 0.9, room, sizeof room), "");
    assert_string_equal(nvml_held_back(NVML_POWER_CAP | NVML_SOFTWARE_HEAT, 0.9, room, sizeof room), "heat");
    assert_string_equal(nvml_held_back(~0ULL, NAN, small, sizeof small), "heat,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_library),
        cmocka_unit_test(test_no_device),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_held_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
