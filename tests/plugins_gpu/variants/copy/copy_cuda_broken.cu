/*
 * A copy on a GPU with mistakes that people make in kernels: every one must be found out, none measured.
 *
 * needs: cuda
 */
#include "../device.cuh"
#include "copy.h"

#ifdef __CUDACC__

#define THREADS 128

struct arrays : device {
    uint64_t *to, *from;
    int executions;
};

static __global__ void copy_words(uint64_t *to, const uint64_t *from, size_t n, size_t wrong)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        to[i] = i == wrong ? from[i] ^ 1 : from[i];
}

static int prepare(struct run *r)
{
    struct arrays *a = device_open<arrays>(r);

    if (!a)
        return -1;
    a->to = device_array<uint64_t>(r, r->output_bytes / 8);
    a->result = a->to;
    a->from = a->to ? device_array<uint64_t>(r, r->output_bytes / 8) : NULL;
    return device_ready(r, a->from && !device_load(r, copy_words));
}

static int upload(struct run *r)
{
    const struct copy *c = (const struct copy *)r->problem;
    const struct arrays *a = (const struct arrays *)r->state;

    if (!strcmp(run_word(r, "mistake"), "upload"))
        return device_transfer(r, FIGURE_UPLOAD, {{a->to, c->to, c->bytes}});
    return device_transfer(r, FIGURE_UPLOAD, {{a->to, c->to, c->bytes}, {a->from, c->from, c->bytes}});
}

static int run(struct run *r)
{
    struct arrays *a = (struct arrays *)r->state;
    const char *mistake = run_word(r, "mistake");
    size_t n = r->output_bytes / 8;
    unsigned blocks = device_parts((int64_t)n, THREADS), threads = THREADS;

    if (!strcmp(mistake, "short")) /* the last block is forgotten */
        blocks = n / THREADS;
    if (!strcmp(mistake, "threads")) /* more than a block may have */
        threads = 2 * DEVICE_MOST_THREADS;
    if (!strcmp(mistake, "once") && a->executions++)
        return 0;
    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(copy_words, blocks, threads, a->stream, a->to, a->from, n, !strcmp(mistake, "word") ? n / 2 : n);
    return device_launched(r);
}

static void sync(struct run *r)
{
    if (strcmp(run_word(r, "mistake"), "sync"))
        device_sync(r);
}

/* Right, but for not waiting: what was started is still in the stream. */
static int download_early(struct run *r)
{
    const struct arrays *a = (const struct arrays *)r->state;
    cudaStream_t other = NULL;
    int failed;

    if (device_check(r, cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), "making a stream"))
        return -1;
    failed =
        device_check(r, cudaMemcpyAsync(r->output, a->to, r->output_bytes, cudaMemcpyDeviceToHost, other), "copying") ||
        device_check(r, cudaStreamSynchronize(other), "waiting");
    cudaStreamDestroy(other);
    return failed ? -1 : 0;
}

static int download(struct run *r)
{
    if (!strcmp(run_word(r, "mistake"), "download"))
        return 0;
    if (!strcmp(run_word(r, "mistake"), "sync"))
        return download_early(r);
    return device_download(r);
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = upload,
    .run = run,
    .sync = sync,
    .download = download,
    .figures = device_figures,
    .finish = device_close,
};

#else

static const struct axis axes[] = {
    {"mistake", "none,word,short,threads,once,upload,sync,download", "none", "what is wrong with it", false},
    {0},
};

const struct variant variant_copy_cuda_broken = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "a copy on a GPU with a mistake",
    .axes = axes,
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
