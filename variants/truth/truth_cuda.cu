/*
 * Multiply-adds in registers of a GPU: eight chains of x = x * 1 + 1 in each thread, ten steps a round, 640 in the body of a loop
 * that takes three more instructions. The result is exact, so it tells the number of steps.
 *
 * needs: cuda
 */
#include "truth_sums.cuh"

#define CHAINS 8
#define BODY 640                      /* multiply-adds in the loop's body, for 64 rounds */
#define BODY_OTHERS 3                 /* instructions that make it a loop */
#define A_ROUND (BODY / TRUTH_ROUNDS) /* multiply-adds */
#define BLOCKS 64
#define THREADS 128
#define WARP 32

#ifdef __CUDACC__

static __device__ __forceinline__ double multiply_add(double x, double a)
{
    return __fma_rn(x, a, a);
}

static __device__ __forceinline__ float multiply_add(float x, float a)
{
    return __fmaf_rn(x, a, a);
}

template <typename T>
static __global__ void __launch_bounds__(THREADS) truth(T one, int bodies, double *__restrict__ out)
{
    T x[CHAINS];
    double sum = 0;

#pragma unroll
    for (int k = 0; k < CHAINS; k++)
        x[k] = 0;
#pragma unroll 1
    for (int body = 0; body < bodies; body++)
#pragma unroll
        for (int step = 0; step < BODY / CHAINS; step++)
#pragma unroll
            for (int k = 0; k < CHAINS; k++)
                x[k] = multiply_add(x[k], one);
#pragma unroll
    for (int k = 0; k < CHAINS; k++)
        sum += (double)x[k];
    out[blockIdx.x * THREADS + threadIdx.x] = sum;
}

static int prepare(struct run *r)
{
    struct sums *s = device_open<sums>(r);

    if (!s)
        return -1;
    return sums_ready(r, sums_place(r, s, BLOCKS * THREADS) && !device_load(r, truth<double>) &&
                             !device_load(r, truth<float>));
}

static int run(struct run *r)
{
    const struct sums *s = (const struct sums *)r->state;
    int bodies = (int)(run_number(r, "n") / TRUTH_ROUNDS);

    if (device_begin(r))
        return -1;
    if (!strcmp(run_word(r, "precision"), "fp32"))
        DEVICE_LAUNCH(truth<float>, BLOCKS, THREADS, s->stream, 1.0f, bodies, s->out);
    else
        DEVICE_LAUNCH(truth<double>, BLOCKS, THREADS, s->stream, 1.0, bodies, s->out);
    return device_launched(r);
}

/* Every thread must have done the same; 0 rounds otherwise. */
static int download(struct run *r)
{
    const struct sums *s = (const struct sums *)r->state;
    bool same = true;

    if (sums_download(r))
        return -1;
    for (int i = 1; i < s->count; i++)
        same = same && s->host[i] >= s->host[0] && s->host[i] <= s->host[0];
    truth_result(r, same && s->host[0] > 0 ? (uint64_t)(s->host[0] / A_ROUND) : 0);
    return 0;
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = sums_upload,
    .run = run,
    .sync = device_sync,
    .download = download,
    .figures = device_figures,
    .finish = sums_close,
};

#else

static const struct axis axes[] = {
    {"precision", "fp64,fp32", "fp64", "double or single", false},
    {0},
};

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r), bodies = n / TRUTH_ROUNDS, threads = BLOCKS * THREADS;
    bool single = !strcmp(run_word(r, "precision"), "fp32");
    const struct expected all[] = {
        {"warp_instructions", bodies * (BODY + BODY_OTHERS) * threads / WARP, 0.01,
         "640 multiply-adds and about 3 others for 64 rounds in each of 256 warps"},
        {single ? "gpu_fp32_flops" : "gpu_fp64_flops", 2 * A_ROUND * n * threads, TRUTH_EXACT,
         "10 multiply-adds a round in each of 8192 threads, two operations each"},
    };

    return TRUTH_LIST(out, capacity, all, false);
}

const struct variant variant_truth_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known instructions and operations on a GPU",
    .axes = axes,
    .device = DEVICE_CUDA,
    .module = true,
    .expected = expected,
};

#endif
