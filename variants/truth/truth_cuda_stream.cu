/*
 * Every byte of a GPU's array is read once: 16 KiB a round, with the default n a gibibyte, of which no cache keeps much until the
 * next execution. All numbers in it are 1, so their sum tells how many were read.
 *
 * needs: cuda
 */
#include "truth_sums.cuh"

#define A_ROUND 16384 /* bytes */
#define BLOCKS 512
#define THREADS 256
#define LARGE 65536 /* rounds: several times what caches of GPUs hold */

#ifdef __CUDACC__

struct ones : sums {
    double2 *in;
    size_t pairs; /* of numbers */
};

static __global__ void __launch_bounds__(THREADS) fill(double2 *in, size_t count)
{
    for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < count; i += (size_t)BLOCKS * THREADS)
        in[i] = make_double2(1, 1);
}

static __global__ void __launch_bounds__(THREADS)
    stream(const double2 *__restrict__ in, size_t count, double *__restrict__ out)
{
    size_t me = (size_t)blockIdx.x * THREADS + threadIdx.x;
    double sum = 0;

    for (size_t i = me; i < count; i += (size_t)BLOCKS * THREADS) {
        double2 two = in[i];

        sum += two.x + two.y;
    }
    out[me] = sum;
}

static int fill_all(struct run *r, const struct ones *s)
{
    DEVICE_LAUNCH(fill, BLOCKS, THREADS, s->stream, s->in, s->pairs);
    if (device_check(r, cudaGetLastError(), "filling the array"))
        return -1;
    return device_check(r, cudaStreamSynchronize(s->stream), "filling the array");
}

static int prepare(struct run *r)
{
    struct ones *s = device_open<ones>(r);

    if (!s)
        return -1;
    s->pairs = (size_t)run_number(r, "n") * (A_ROUND / sizeof(double2));
    s->in = sums_place(r, s, BLOCKS * THREADS) ? device_array<double2>(r, s->pairs) : NULL;
    return sums_ready(r, s->in && !device_load(r, stream) && !fill_all(r, s));
}

static int run(struct run *r)
{
    const struct ones *s = (const struct ones *)r->state;

    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(stream, BLOCKS, THREADS, s->stream, s->in, s->pairs, s->out);
    return device_launched(r);
}

static int download(struct run *r)
{
    const struct sums *s = (const struct sums *)r->state;
    double sum = 0;

    if (sums_download(r))
        return -1;
    for (int i = 0; i < s->count; i++)
        sum += s->host[i];
    truth_result(r, sum > 0 ? (uint64_t)(sum * sizeof(double) / A_ROUND) : 0);
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

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"dram_bytes", n >= LARGE ? n * A_ROUND : TRUTH_UNKNOWN, 0.15,
         n >= LARGE ? "16 KiB a round, each byte read once; a cache may keep a tenth until the next execution"
                    : "so few bytes may stay in the GPU's cache"},
    };

    return TRUTH_LIST(out, capacity, all, false);
}

const struct variant variant_truth_cuda_stream = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known bytes from a GPU's memory",
    .device = DEVICE_CUDA,
    .module = true,
    .expected = expected,
};

#endif
