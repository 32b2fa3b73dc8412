/*
 * The same bits with a GPU's double-precision pipes kept busy: six of their instructions an iteration and hardly a test.
 *
 *   - Most points die young: the first iterations test every time. Those that live on take BLOCK iterations at a stretch. Once
 *     |z| > 2 it stays so (infinity and NaN count as out), so who is out after a block goes back to the state before it,
 *     and counts there. The doubling is fused with the addition, which changes no bit, since doubling is exact.
 *   - interior=skip leaves out what lies well inside the two largest parts of the set, the cardioid and the disc to its left,
 *     by formulas in single precision with a margin far beyond their rounding. They never escape: the answer is known.
 *   - A warp takes 8 x 4 neighbours (block=8x16), which live about as long as each other. Rows are handed out from the middle of
 *     the picture to its edges: the long-lived come first, and at the end there is nothing that could be late.
 *   - pixels=2 or 4 interleaves the chains of several pixels in a thread. A GPU hides their latency with other warps.
 *
 * As compiled for sm_90 by nvcc 13.0: 26, 46 and 72 registers for 1, 2 and 4 pixels, nothing spilled; an iteration of a block is
 * 3 DMUL, 2 DADD, 1 DFMA and nothing else; the test after a block adds 4 instructions of the double-precision pipe to 96, and
 * about 20 of others. One that is tested takes 8, and 3 of others.
 *
 * needs: cuda
 */
#include "mandelbrot_picture.cuh"

#ifdef __CUDACC__

#define FIRST 16 /* iterations that are tested one by one */
#define BLOCK 16 /* iterations without a test */
#define MOST_THREADS 256

struct tuned : picture {
    int pixels, tested;
    bool skip, to_host;
};

struct point {
    double x, y;
};

/* One iteration: 3 multiplications, 2 additions, 1 fused doubling. */
static __device__ __forceinline__ void step(struct point *z, double cx, double cy)
{
    double xx = __dmul_rn(z->x, z->x), yy = __dmul_rn(z->y, z->y);

    z->y = __fma_rn(2.0, __dmul_rn(z->x, z->y), cy);
    z->x = __dadd_rn(__dsub_rn(xx, yy), cx);
}

static __device__ __forceinline__ bool inside_circle(struct point z)
{
    return __dadd_rn(__dmul_rn(z.x, z.x), __dmul_rn(z.y, z.y)) <= 4.0;
}

/* Well inside the cardioid or the disc of period 2? */
static __device__ __forceinline__ bool never_escapes(float x, float y)
{
    float a = x - 0.25f, yy = y * y, q = a * a + yy;

    return q * (q + a) < 0.25f * yy - 1e-5f || (x + 1) * (x + 1) + yy < 0.0625f - 1e-5f;
}

/* From iteration `it` on, `most` tests: the number of the first that fails, or it + most. */
static __device__ __forceinline__ int count(struct point *z, double cx, double cy, int it, int most)
{
    for (int end = it + most; it < end && inside_circle(*z); it++)
        step(z, cx, cy);
    return it;
}

/* 0, 1, 2, 3... of n to the middle, one below, one above, two below... */
static __device__ __forceinline__ int from_the_middle(unsigned i, unsigned n)
{
    return (int)(i % 2 ? n / 2 - (i + 1) / 2 : n / 2 + i / 2);
}

/* After n iterations a state is that of iteration n, still untested: so z = c is where iteration 0 leads. */
template <int PIXELS>
static __global__ void __launch_bounds__(MOST_THREADS)
    mandelbrot_tuned(const double *x, const double *y, int width, int height, int maxiter, int tested, bool skip,
                     int32_t *out)
{
    int column = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    int row = from_the_middle(blockIdx.y, gridDim.y) * PIXELS * (int)blockDim.y + (int)threadIdx.y;
    double cx = column < width ? x[column] : 4, cy[PIXELS];
    struct point z[PIXELS], before[PIXELS];
    int escaped[PIXELS];
    bool lives[PIXELS], any = false;

#pragma unroll
    for (int p = 0; p < PIXELS; p++) {
        int at = row + p * (int)blockDim.y;

        cy[p] = at < height ? y[at] : 4;
        before[p] = z[p] = {cx, cy[p]};
        escaped[p] = maxiter;
        if (!(skip && never_escapes((float)cx, (float)cy[p])))
            escaped[p] = count(&z[p], cx, cy[p], 0, tested);
        lives[p] = escaped[p] == tested && tested < maxiter;
        any |= lives[p];
    }
    for (int it = tested; any && it < maxiter; it += BLOCK) {
        any = false;
#pragma unroll
        for (int p = 0; p < PIXELS; p++)
            if (lives[p])
                before[p] = z[p];
#pragma unroll
        for (int i = 0; i < BLOCK; i++)
#pragma unroll
            for (int p = 0; p < PIXELS; p++)
                step(&z[p], cx, cy[p]);
#pragma unroll
        for (int p = 0; p < PIXELS; p++)
            if (lives[p]) {
                lives[p] = inside_circle(z[p]);
                escaped[p] = lives[p] ? maxiter : it;
                any |= lives[p];
            }
    }
#pragma unroll
    for (int p = 0; p < PIXELS; p++) {
        int at = row + p * (int)blockDim.y;

        if (escaped[p] >= tested && escaped[p] < maxiter)
            escaped[p] = count(&before[p], cx, cy[p], escaped[p], BLOCK);
        if (column < width && at < height)
            out[(size_t)at * width + column] = escaped[p] < maxiter ? escaped[p] : 0;
    }
}

static bool load(struct run *r, int pixels)
{
    return !(pixels == 1   ? device_load(r, mandelbrot_tuned<1>)
             : pixels == 2 ? device_load(r, mandelbrot_tuned<2>)
                           : device_load(r, mandelbrot_tuned<4>));
}

static int check_words(struct run *r, dim3 *block)
{
    int64_t pixels = run_number(r, "pixels");
    const char *interior = run_word(r, "interior"), *result = run_word(r, "result");

    if (device_block(r, block))
        return -1;
    if (pixels != 1 && pixels != 2 && pixels != 4)
        snprintf(r->error, sizeof r->error, "pixels is %lld, but must be 1, 2 or 4", (long long)pixels);
    else if (strcmp(interior, "skip") && strcmp(interior, "iterate"))
        snprintf(r->error, sizeof r->error, "interior is %.40s, but must be skip or iterate", interior);
    else if (strcmp(result, "device") && strcmp(result, "host"))
        snprintf(r->error, sizeof r->error, "result is %.40s, but must be device or host", result);
    else if (block->x * block->y > MOST_THREADS)
        snprintf(r->error, sizeof r->error, "block is %u threads, but must be at most %d", block->x * block->y,
                 MOST_THREADS);
    else
        return 0;
    return -1;
}

static int prepare(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    int first = m->maxiter < FIRST ? m->maxiter : FIRST;
    struct tuned *p;
    dim3 block;

    if (check_words(r, &block))
        return -1;
    p = device_open<tuned>(r);
    if (!p)
        return -1;
    p->pixels = (int)run_number(r, "pixels");
    /* Blocks are never cut short: what they leave of maxiter is tested one by one. */
    p->tested = first + (m->maxiter - first) % BLOCK;
    p->skip = !strcmp(run_word(r, "interior"), "skip");
    p->to_host = !strcmp(run_word(r, "result"), "host");
    return device_ready(r, picture_place(r, p, block, p->pixels) && load(r, p->pixels) &&
                               !(p->to_host && device_lock(r, r->output, r->output_bytes)));
}

#define LAUNCH(PIXELS)                                                                                                 \
    DEVICE_LAUNCH(mandelbrot_tuned<PIXELS>, p->grid, p->block, p->stream, p->x, p->y, m->width, m->height, m->maxiter, \
                  p->tested, p->skip, p->out)

static int run(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    const struct tuned *p = (const struct tuned *)r->state;

    if (device_begin(r))
        return -1;
    if (p->pixels == 1)
        LAUNCH(1);
    else if (p->pixels == 2)
        LAUNCH(2);
    else
        LAUNCH(4);
    if (device_launched(r) || !p->to_host)
        return *r->error ? -1 : 0;
    return device_check(r, cudaMemcpyAsync(r->output, p->out, r->output_bytes, cudaMemcpyDeviceToHost, p->stream),
                        "copying the result from the GPU");
}

static int download(struct run *r)
{
    const struct tuned *p = (const struct tuned *)r->state;

    return p->to_host ? 0 : device_download(r);
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = picture_upload,
    .run = run,
    .sync = device_sync,
    .download = download,
    .figures = device_figures,
    .finish = device_close,
};

#else

static const struct axis axes[] = {
    {"block", "8x8,8x16,8x32,32x4", "8x16", "threads of a block, columns x rows", false},
    {"interior", "skip,iterate", "skip", "skip: what is well inside the set's two largest parts is not computed",
     false},
    {"pixels", "1,2,4", "1", "pixels whose chains are interleaved in a thread", false},
    {"result", "device,host", "device", "host: the copy into page-locked host memory is part of the time", false},
    {0},
};

const struct variant variant_mandelbrot_cuda_tuned = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "long stretches without a test on a GPU, the interior skipped, the same bits",
    .axes = axes,
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
