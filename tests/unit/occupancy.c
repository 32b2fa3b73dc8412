/*
 * Theoretical occupancy against values worked out by hand from the limits that NVIDIA's programming guide publishes for each compute
 * capability, and, where the toolkit is installed, against the header that it has for this, over many shapes of kernels.
 *
 * needs: cuda
 */
#include "collectors/cupti_activity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#ifndef WITHOUT_CUDA
#include <cuda_occupancy.h>
#endif

static const struct cuda_device turing = {.major = 7,
                                          .minor = 5,
                                          .threads_per_sm = 1024,
                                          .registers_per_sm = 65536,
                                          .blocks_per_sm = 16,
                                          .shared_per_sm = 65536};
static const struct cuda_device ampere = {.major = 8,
                                          .minor = 0,
                                          .threads_per_sm = 2048,
                                          .registers_per_sm = 65536,
                                          .blocks_per_sm = 32,
                                          .shared_per_sm = 167936,
                                          .shared_reserved_per_block = 1024};
static const struct cuda_device hopper = {.major = 9,
                                          .minor = 0,
                                          .threads_per_sm = 2048,
                                          .registers_per_sm = 65536,
                                          .blocks_per_sm = 32,
                                          .shared_per_sm = 233472,
                                          .shared_reserved_per_block = 1024};

static void test_by_hand(void **state)
{
    static const struct {
        const struct cuda_device *device;
        int registers, shared, threads;
        double percent;
    } rows[] = {
        /* 8 warps a block. 32 x 32 = 1024 registers a warp: 16 in each part of 16384, 64 in all, 8 blocks. 32 warps fit: 4 blocks. */
        {&turing, 32, 0, 256, 100},
        /* 64 x 32 = 2048: 8 in a part, 32 warps, 4 blocks: all. */
        {&turing, 64, 0, 256, 100},
        /* 72 x 32 = 2304: 7 in a part, 28 warps, 3 whole blocks of 8: 24 of 32. */
        {&turing, 72, 0, 256, 75},
        /* One warp a block, 16 blocks at most: 16 of 32. */
        {&turing, 16, 0, 32, 50},
        /* 20000 bytes become 79 x 256 = 20224: 3 blocks in 65536: 24 of 32. */
        {&turing, 32, 20000, 256, 75},

        /* 64 warps in all: 8 blocks of 8. */
        {&ampere, 32, 0, 256, 100},
        /* 33 x 32 = 1056 becomes 1280: 12 in a part, 48 warps, 6 blocks: 48 of 64. */
        {&ampere, 33, 0, 256, 75},
        /* 255 x 32 = 8160 becomes 8192: 2 in a part, 8 warps, 2 blocks of 4: 8 of 64. */
        {&ampere, 255, 0, 128, 12.5},
        /* One warp a block, 32 blocks. */
        {&ampere, 16, 0, 32, 50},
        /* 49152 and 1024 of the driver's = 50176 = 392 x 128: 3 blocks in 167936: 24 of 64. */
        {&ampere, 32, 49152, 256, 37.5},

        /* 40 x 32 = 1280: 48 warps; a block has 32, so one fits: 32 of 64. */
        {&hopper, 40, 0, 1024, 50},
        /* 3 warps a block: 21 blocks by 64 warps, which is least: 63 of 64. */
        {&hopper, 24, 0, 96, 98.4375},
        /* The largest block there can be: 232448 + 1024 = 233472, one of them: 8 of 64. */
        {&hopper, 32, 232448, 256, 12.5},
        /* 100 + 1024 becomes 1152: 202 fit, blocks are at most 32, of 2 warps each. */
        {&hopper, 32, 100, 64, 100},
        /* 100 threads are 4 warps, the last one in part: 16 blocks. */
        {&hopper, 32, 0, 100, 100},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double got = cupti_occupancy(rows[i].device, rows[i].registers, rows[i].shared, rows[i].threads);

        if (fabs(got - rows[i].percent) > 1e-9)
            fail_msg("row %zu: %g %%, by hand %g %%", i, got, rows[i].percent);
    }
}

static void test_unknown(void **state)
{
    struct cuda_device d = hopper;

    (void)state;
    d.blocks_per_sm = 0;
    assert_true(isnan(cupti_occupancy(&d, 32, 0, 256)));
    d = hopper;
    d.shared_per_sm = 0;
    assert_true(isnan(cupti_occupancy(&d, 32, 0, 256)));
    assert_true(isnan(cupti_occupancy(&hopper, 32, 0, 0)));
    assert_true(isnan(cupti_occupancy(&hopper, -1, 0, 64)));
    d = (struct cuda_device){.major = 0};
    assert_true(isnan(cupti_occupancy(&d, 32, 0, 256)));
}

#ifndef WITHOUT_CUDA
static double theirs(const struct cuda_device *d, int registers, int shared, int threads)
{
    const cudaOccDeviceProp p = {.computeMajor = d->major,
                                 .computeMinor = d->minor,
                                 .maxThreadsPerBlock = 1024,
                                 .maxThreadsPerMultiprocessor = d->threads_per_sm,
                                 .regsPerBlock = 65536,
                                 .regsPerMultiprocessor = d->registers_per_sm,
                                 .warpSize = 32,
                                 .sharedMemPerBlock = 49152,
                                 .sharedMemPerMultiprocessor = (size_t)d->shared_per_sm,
                                 .numSms = 1,
                                 .sharedMemPerBlockOptin = (size_t)(d->shared_per_sm - d->shared_reserved_per_block),
                                 .reservedSharedMemPerBlock = (size_t)d->shared_reserved_per_block};
    const cudaOccFuncAttributes f = {.maxThreadsPerBlock = 1024,
                                     .numRegs = registers,
                                     .sharedSizeBytes = (size_t)shared,
                                     .shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN,
                                     .maxDynamicSharedSizeBytes = p.sharedMemPerBlockOptin - (size_t)shared};
    const cudaOccDeviceState s = {.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED};
    cudaOccResult r = {.activeBlocksPerMultiprocessor = 0};

    assert_int_equal(cudaOccMaxActiveBlocksPerMultiprocessor(&r, &p, &f, &s, threads, 0), CUDA_OCC_SUCCESS);
    return 100.0 * r.activeBlocksPerMultiprocessor * ((threads + 31) / 32) / (d->threads_per_sm / 32);
}
#endif

static void test_against_the_toolkit(void **state)
{
#ifndef WITHOUT_CUDA
    static const struct cuda_device *const devices[] = {&turing, &ampere, &hopper};
    size_t compared = 0;

    (void)state;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        for (int registers = 1; registers <= 255; registers += 2)
            for (int threads = 1; threads <= 1024; threads += 31)
                for (int shared = 0; shared < 48000; shared += 3001) {
                    double ours = cupti_occupancy(devices[i], registers, shared, threads);
                    double expected = theirs(devices[i], registers, shared, threads);

                    /* Theirs is 0 where a launch would be refused; what has run was not. */
                    if (expected > 0 && fabs(ours - expected) > 1e-9)
                        fail_msg("compute capability %d.%d, %d registers, %d bytes, %d threads: %g %%, theirs %g %%",
                                 devices[i]->major, devices[i]->minor, registers, shared, threads, ours, expected);
                    compared += expected > 0;
                }
    print_message("# %zu kernels compared\n", compared);
    assert_true(compared > 100000);
#else
    (void)state;
    print_message("# the CUDA Toolkit is not installed: no comparison with its header\n");
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_against_the_toolkit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
