/*
 * The plain loop on a GPU, as its memory likes it: accesses of 16 bytes, neighbours by neighbours, and eight loads of a thread on
 * their way before the first is needed. The compiler keeps them together only if it is told that one block of an SM is
 * enough: 54 registers instead of 35 (sm_90, nvcc 13.0). With cache=cold the GPU's last cache is filled with something else
 * before each execution.
 *
 * needs: cuda
 */
#include "../device.cuh"
#include "triad.h"

#ifdef __CUDACC__

#define WARP 32
#define LOADS 4 /* of each input at a time */

struct arrays : device {
    unsigned block, grid;
    double *a, *b, *c;
    void *other; /* what fills the cache */
    size_t other_bytes;
};

static __device__ __forceinline__ double2 multiply_add(double2 b, double2 c, double s)
{
    return make_double2(__dadd_rn(b.x, __dmul_rn(s, c.x)), __dadd_rn(b.y, __dmul_rn(s, c.y)));
}

/*
 * A warp's tile is LOADS times 32 neighbouring pairs; where it is cut, pair by pair. a, b and c start at multiples of 16 bytes.
 */
static __global__ void __launch_bounds__(DEVICE_MOST_THREADS, 1)
    triad(double *__restrict__ a, const double *__restrict__ b, const double *__restrict__ c, double s, size_t n)
{
    const double2 *bb = (const double2 *)b, *cc = (const double2 *)c;
    double2 *aa = (double2 *)a;
    size_t pairs = n / 2, tile = (size_t)blockDim.x * LOADS;
    size_t at = (size_t)blockIdx.x * tile + threadIdx.x / WARP * (WARP * LOADS) + threadIdx.x % WARP;

    for (; at + (LOADS - 1) * WARP < pairs; at += gridDim.x * tile) {
        double2 left[LOADS], right[LOADS];

#pragma unroll
        for (int i = 0; i < LOADS; i++) {
            left[i] = bb[at + i * WARP];
            right[i] = cc[at + i * WARP];
        }
#pragma unroll
        for (int i = 0; i < LOADS; i++)
            aa[at + i * WARP] = multiply_add(left[i], right[i], s);
    }
    for (int i = 0; i < LOADS; i++)
        if (at + i * WARP < pairs)
            aa[at + i * WARP] = multiply_add(bb[at + i * WARP], cc[at + i * WARP], s);
    if (n % 2 && blockIdx.x == 0 && threadIdx.x == 0)
        a[n - 1] = __dadd_rn(b[n - 1], __dmul_rn(s, c[n - 1]));
}

static int prepare(struct run *r)
{
    const struct triad *t = (const struct triad *)r->problem;
    int64_t block = run_number(r, "block");
    bool cold = !strcmp(run_word(r, "cache"), "cold");
    struct arrays *d;

    if (block < 32 || block > DEVICE_MOST_THREADS || block % 32) {
        snprintf(r->error, sizeof r->error, "block is %lld, but must be a multiple of 32 up to %d", (long long)block,
                 DEVICE_MOST_THREADS);
        return -1;
    }
    d = device_open<arrays>(r);
    if (!d)
        return -1;
    d->block = (unsigned)block;
    d->grid = device_parts((int64_t)t->n, block * 2 * LOADS);
    d->other_bytes = cold ? 2 * (size_t)device_attribute(cudaDevAttrL2CacheSize, 1 << 26) : 0;
    d->a = device_array<double>(r, t->n);
    d->b = d->a ? device_array<double>(r, t->n) : NULL;
    d->result = d->a;
    d->c = d->b ? device_array<double>(r, t->n) : NULL;
    if (d->c && cold)
        d->other = device_array<char>(r, d->other_bytes);
    return device_ready(r, d->c && (d->other || !cold) && !device_load(r, triad));
}

/* An error here is found again by what follows. */
static bool reset(struct run *r)
{
    const struct arrays *d = (const struct arrays *)r->state;

    if (!d->other)
        return false;
    cudaMemsetAsync(d->other, 0, d->other_bytes, d->stream);
    cudaStreamSynchronize(d->stream);
    return true;
}

static int upload(struct run *r)
{
    const struct triad *t = (const struct triad *)r->problem;
    const struct arrays *d = (const struct arrays *)r->state;

    return device_transfer(
        r, FIGURE_UPLOAD,
        {{d->a, t->a, r->output_bytes}, {d->b, t->b, r->output_bytes}, {d->c, t->c, r->output_bytes}});
}

static int run(struct run *r)
{
    const struct triad *t = (const struct triad *)r->problem;
    const struct arrays *d = (const struct arrays *)r->state;

    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(triad, d->grid, d->block, d->stream, d->a, d->b, d->c, t->scalar, t->n);
    return device_launched(r);
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = reset,
    .upload = upload,
    .run = run,
    .sync = device_sync,
    .download = device_download,
    .figures = device_figures,
    .finish = device_close,
};

#else

static const struct axis axes[] = {
    {"block", "64,128,256,512,1024", "256", "threads of a block", false},
    {0},
};

const struct variant variant_triad_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "a GPU's memory, 16 bytes an access and eight loads on their way",
    .axes = axes,
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
