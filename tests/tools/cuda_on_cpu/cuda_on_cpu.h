/*
 * CUDA's language for a C++ compiler: what the .cu files of this project use of it, so that their kernels and their host code run
 * on a machine without a GPU. tests/tools/nvcc_on_cpu includes it in front of every file. A kernel runs thread by thread, block
 * by block, when somebody waits for its stream: threads that wait for each other are not possible, and nothing of that kind is
 * declared here. The arithmetic is IEEE's, one rounding for each intrinsic, as on the device.
 */
#ifndef TESTS_TOOLS_CUDA_ON_CPU_H
#define TESTS_TOOLS_CUDA_ON_CPU_H

#include "runtime.h"

#include <math.h>

#define __global__ __attribute__((unused))
#define __device__ __attribute__((unused))
#define __host__
#define __constant__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __restrict__ __restrict

static dim3 gridDim, blockDim;
static dim3 blockIdx, threadIdx;

/* ---- arithmetic */
static inline double __dadd_rn(double a, double b)
{
    return a + b;
}

static inline double __dsub_rn(double a, double b)
{
    return a - b;
}

static inline double __dmul_rn(double a, double b)
{
    return a * b;
}

static inline double __fma_rn(double a, double b, double c)
{
    return __builtin_fma(a, b, c);
}

static inline float __fadd_rn(float a, float b)
{
    return a + b;
}

static inline float __fsub_rn(float a, float b)
{
    return a - b;
}

static inline float __fmul_rn(float a, float b)
{
    return a * b;
}

static inline float __fmaf_rn(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}

/* ---- wide accesses */
struct alignas(16) double2 {
    double x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

static inline double2 make_double2(double x, double y)
{
    return {x, y};
}

template <typename T> static inline T __ldcs(const T *p)
{
    return *p;
}

template <typename T> static inline void __stcs(T *p, T value)
{
    *p = value;
}

/* ---- kernels */
template <typename... Parameters, typename... Arguments>
static inline void cuda_on_cpu_launch(const char *name, dim3 grid, dim3 block, cudaStream_t stream,
                                      void (*kernel)(Parameters...), Arguments... arguments)
{
    cuda_on_cpu::start_kernel(name, grid, block, stream, [=] {
        gridDim = grid;
        blockDim = block;
        for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++)
            for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
                for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
                    for (threadIdx.z = 0; threadIdx.z < block.z; threadIdx.z++)
                        for (threadIdx.y = 0; threadIdx.y < block.y; threadIdx.y++)
                            for (threadIdx.x = 0; threadIdx.x < block.x; threadIdx.x++)
                                kernel(arguments...);
    });
}

#define DEVICE_LAUNCH(kernel, grid, block, stream, ...)                                                                \
    cuda_on_cpu_launch(#kernel, (grid), (block), (stream), kernel __VA_OPT__(, ) __VA_ARGS__)

#endif
