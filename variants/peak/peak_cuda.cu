/*
 * Eight chains in each thread of a GPU. The loop's body is 640 fused multiply-adds, with three more instructions that make it a
 * loop: short enough for the instruction cache next to the units, and long enough that what else is executed is one in two
 * hundred. peak_cuda_instructions() tells how many there are.
 *
 * needs: cuda
 */
#include "../device.cuh"
#include "peak.h"

#ifdef __CUDACC__

#define CHAINS 8
#define UNROLLED (PEAK_STEPS / CHAINS)
#define THREADS (PEAK_CHAINS / CHAINS)

static __device__ __forceinline__ double multiply_add(double x, double a, double b)
{
    return __fma_rn(x, a, b);
}

static __device__ __forceinline__ float multiply_add(float x, float a, float b)
{
    return __fmaf_rn(x, a, b);
}

template <typename T> static __global__ void __launch_bounds__(THREADS) peak(T a, T b, int rounds, T *__restrict__ out)
{
    size_t first = (size_t)blockIdx.x * PEAK_CHAINS + threadIdx.x;
    T x[CHAINS];

#pragma unroll
    for (int k = 0; k < CHAINS; k++)
        x[k] = (T)PEAK_START(first + k * THREADS);
#pragma unroll 1
    for (int round = 0; round < rounds; round++)
#pragma unroll
        for (int step = 0; step < UNROLLED; step++)
#pragma unroll
            for (int k = 0; k < CHAINS; k++)
                x[k] = multiply_add(x[k], a, b);
#pragma unroll
    for (int k = 0; k < CHAINS; k++)
        out[first + k * THREADS] = x[k];
}

static int prepare(struct run *r)
{
    struct device *d = device_open<device>(r);

    if (!d)
        return -1;
    d->result = device_array<char>(r, r->output_bytes);
    return device_ready(r, d->result && !device_load(r, peak<double>) && !device_load(r, peak<float>));
}

static int upload(struct run *r)
{
    const struct device *d = device_of(r);

    return device_transfer(r, FIGURE_UPLOAD, {{d->result, r->output, r->output_bytes}});
}

static int run(struct run *r)
{
    const struct peak *p = (const struct peak *)r->problem;
    const struct device *d = device_of(r);
    unsigned blocks = device_parts((int64_t)p->chains, PEAK_CHAINS);
    int rounds = (int)(p->steps / UNROLLED);

    if (device_begin(r))
        return -1;
    if (p->single)
        DEVICE_LAUNCH(peak<float>, blocks, THREADS, d->stream, (float)p->a, (float)p->b, rounds, (float *)d->result);
    else
        DEVICE_LAUNCH(peak<double>, blocks, THREADS, d->stream, p->a, p->b, rounds, (double *)d->result);
    return device_launched(r);
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = upload,
    .run = run,
    .sync = device_sync,
    .download = device_download,
    .figures = device_figures,
    .finish = device_close,
};

#else

const struct variant variant_peak_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "eight chains in each thread of a GPU",
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
