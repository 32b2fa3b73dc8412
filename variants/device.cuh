/*
 * What every variant for NVIDIA GPUs needs of the CUDA runtime, so that a .cu file holds its kernel and little else: errors as
 * sentences, memory that is freed at the end, transfers and repetitions with their times. A variant's state derives from `struct
 * device`; the functions named in its struct variant_module may be those of this file. The compiler of C sees nothing here.
 *
 *     prepare    device_open, device_array, device_load, device_ready
 *     upload     device_transfer        download   device_download, or device_transfer
 *     run        device_begin, DEVICE_LAUNCH, device_launched
 *     sync, figures, finish             device_sync, device_figures, device_close
 */
#ifndef VARIANTS_DEVICE_CUH
#define VARIANTS_DEVICE_CUH

#include "variant.h"

#ifdef __CUDACC__

#include <initializer_list>
#include <stdio.h>
#include <time.h>

/* Starts a kernel. Whoever compiles this for something else than a GPU brings its own. */
#ifndef DEVICE_LAUNCH
#define DEVICE_LAUNCH(kernel, grid, block, stream, ...) kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__)
#endif

#define DEVICE_ARRAYS 8
#define DEVICE_MOST_THREADS 1024 /* of a block, on every GPU there is */

struct device {
    cudaStream_t stream;
    cudaEvent_t first, last; /* around a repetition or a transfer */
    bool busy;               /* a repetition has begun: `first` is on its way */
    double opened_ns;
    double figures[FIGURES]; /* what nobody has asked for since */
    void *arrays[DEVICE_ARRAYS];
    int array_count;
    void *result; /* the array that device_download brings back */
    void *locked; /* host memory that is page-locked for the GPU */
};

static inline struct device *device_of(const struct run *r)
{
    return (struct device *)r->state;
}

static inline double device_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* ---- errors */

/* CUDA's own words; but who reads "memory" must be able to rely on it that there was too little. */
static inline const char *device_words(cudaError_t status)
{
    const char *words = cudaGetErrorString(status);

    if (status == cudaErrorMemoryAllocation || !strstr(words, "memory"))
        return words;
    return status == cudaErrorIllegalAddress ? "a kernel left its arrays" : "CUDA refused";
}

/* The runtime gives a driver that is missing and one that is too old the same number. */
static inline void device_no_driver(struct run *r)
{
    int serves = 0;

    if (cudaDriverGetVersion(&serves) || !serves)
        snprintf(r->error, sizeof r->error, "no NVIDIA driver: there is no libcuda.so.1 that can be used (%s)",
                 cudaGetErrorName(cudaErrorInsufficientDriver));
    else
        snprintf(
            r->error, sizeof r->error,
            "the NVIDIA driver serves CUDA %d.%d, but this program was built with CUDA %d.%d: update the driver (%s)",
            serves / 1000, serves % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10,
            cudaGetErrorName(cudaErrorInsufficientDriver));
}

/* 0 for success, else -1 with the sentence. `doing`: "copying the input to the GPU". */
static inline int device_check(struct run *r, cudaError_t status, const char *doing)
{
    if (status == cudaSuccess)
        return 0;
    if (status == cudaErrorInsufficientDriver)
        device_no_driver(r);
    else
        snprintf(r->error, sizeof r->error, "%s failed: %s (%s)", doing, cudaGetErrorName(status),
                 device_words(status));
    return -1;
}

/* ---- from prepare to finish */

static inline void device_close(struct run *r)
{
    struct device *d = device_of(r);

    if (!d)
        return;
    for (int i = 0; i < d->array_count; i++)
        cudaFree(d->arrays[i]);
    if (d->locked)
        cudaHostUnregister(d->locked);
    if (d->last)
        cudaEventDestroy(d->last);
    if (d->first)
        cudaEventDestroy(d->first);
    if (d->stream)
        cudaStreamDestroy(d->stream);
    free(d);
    r->state = NULL;
}

static inline int device_start(struct run *r, struct device *d)
{
    if (device_check(r, cudaSetDevice(0), "making the first visible GPU the current one"))
        return -1;
    if (device_check(r, cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking), "making a stream"))
        return -1;
    if (device_check(r, cudaEventCreate(&d->first), "making an event"))
        return -1;
    return device_check(r, cudaEventCreate(&d->last), "making an event");
}

/* The state, zeroed, with the first visible GPU ready; NULL with the sentence. It is run.state from now on. */
template <typename State> static inline State *device_open(struct run *r)
{
    State *s = (State *)calloc(1, sizeof *s);

    r->state = s;
    if (!s) {
        snprintf(r->error, sizeof r->error, "no memory for the variant's state");
        return NULL;
    }
    s->opened_ns = device_now_ns();
    for (double &figure : s->figures)
        figure = __builtin_nan("");
    if (!device_start(r, s))
        return s;
    device_close(r);
    return NULL;
}

/* `count` elements on the GPU, freed by device_close; NULL with the sentence. */
template <typename T> static inline T *device_array(struct run *r, size_t count)
{
    struct device *d = device_of(r);
    char doing[80];

    snprintf(doing, sizeof doing, "reserving %zu bytes on the GPU", count * sizeof(T));
    if (d->array_count >= DEVICE_ARRAYS ||
        device_check(r, cudaMalloc(&d->arrays[d->array_count], count * sizeof(T)), doing))
        return NULL;
    return (T *)d->arrays[d->array_count++];
}

/* Page-locks host memory until device_close. */
static inline int device_lock(struct run *r, void *memory, size_t bytes)
{
    if (device_check(r, cudaHostRegister(memory, bytes, cudaHostRegisterDefault), "page-locking the result"))
        return -1;
    device_of(r)->locked = memory;
    return 0;
}

/* Brings a kernel's code to the GPU now rather than at its first start. */
template <typename Kernel> static inline int device_load(struct run *r, Kernel *kernel)
{
    struct cudaFuncAttributes attributes;

    return device_check(r, cudaFuncGetAttributes(&attributes, kernel), "loading the kernel");
}

/* An attribute of the GPU, or `otherwise`. */
static inline int device_attribute(enum cudaDeviceAttr which, int otherwise)
{
    int value = 0;

    return cudaDeviceGetAttribute(&value, which, 0) || value <= 0 ? otherwise : value;
}

/* Ends prepare: all is there (0) or not (-1). */
static inline int device_ready(struct run *r, bool complete)
{
    struct device *d = device_of(r);

    if (complete) {
        d->figures[FIGURE_SETUP] = device_now_ns() - d->opened_ns;
        return 0;
    }
    device_close(r);
    return -1;
}

/* ---- transfers */

struct device_copy {
    void *to;
    const void *from;
    size_t bytes;
};

/* The time between the two events, once the last has happened; the result of the waiting. */
static inline cudaError_t device_elapsed(struct device *d, enum figure figure)
{
    cudaError_t status = cudaEventRecord(d->last, d->stream);
    float ms = 0;

    if (status == cudaSuccess)
        status = cudaStreamSynchronize(d->stream);
    if (status == cudaSuccess)
        status = cudaEventElapsedTime(&ms, d->first, d->last);
    if (status == cudaSuccess)
        d->figures[figure] = 1e6 * (double)ms;
    return status;
}

/* All copies of an upload or a download, waited for and timed together. */
static inline int device_transfer(struct run *r, enum figure figure, std::initializer_list<struct device_copy> copies)
{
    struct device *d = device_of(r);
    bool up = figure == FIGURE_UPLOAD;
    cudaError_t status = cudaEventRecord(d->first, d->stream);

    for (const struct device_copy &c : copies)
        if (status == cudaSuccess)
            status =
                cudaMemcpyAsync(c.to, c.from, c.bytes, up ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost, d->stream);
    if (status == cudaSuccess)
        status = device_elapsed(d, figure);
    return device_check(r, status, up ? "copying the input to the GPU" : "copying the result from the GPU");
}

/* The variant's `result` becomes the run's output. */
static inline int device_download(struct run *r)
{
    return device_transfer(r, FIGURE_DOWNLOAD, {{r->output, device_of(r)->result, r->output_bytes}});
}

/* ---- repetitions */

/* Before an execution's first command. */
static inline int device_begin(struct run *r)
{
    struct device *d = device_of(r);

    if (d->busy)
        return 0;
    d->busy = true;
    return device_check(r, cudaEventRecord(d->first, d->stream), "starting a repetition");
}

/* After a kernel was started: was it? */
static inline int device_launched(struct run *r)
{
    return device_check(r, cudaGetLastError(), "starting the kernel");
}

/* Ends a repetition: waits for all its commands. */
static inline void device_sync(struct run *r)
{
    struct device *d = device_of(r);

    if (d->busy)
        device_check(r, device_elapsed(d, FIGURE_TIME), "the GPU's work");
    d->busy = false;
}

static inline void device_figures(struct run *r, double figures[FIGURES])
{
    struct device *d = device_of(r);

    for (int i = 0; i < FIGURES; i++)
        if (d->figures[i] == d->figures[i]) {
            figures[i] = d->figures[i];
            d->figures[i] = __builtin_nan("");
        }
}

/* ---- axes */

/* The axis `block`, "32x8": a block's threads as columns x rows. 0, or -1 with the sentence. */
static inline int device_block(struct run *r, dim3 *out)
{
    const char *word = run_word(r, "block");
    unsigned columns = 0, rows = 0;
    int end = 0;

    if (sscanf(word, "%4ux%4u%n", &columns, &rows, &end) == 2 && !word[end] && columns && rows &&
        columns * rows <= DEVICE_MOST_THREADS) {
        *out = dim3(columns, rows, 1);
        return 0;
    }
    snprintf(r->error, sizeof r->error, "block is %.40s, but must be columns x rows of at most %d threads, as in 32x8",
             word, DEVICE_MOST_THREADS);
    return -1;
}

/* How many parts of `part` cover `whole`. */
static inline unsigned device_parts(int64_t whole, int64_t part)
{
    return (unsigned)((whole + part - 1) / part);
}

#endif
#endif
