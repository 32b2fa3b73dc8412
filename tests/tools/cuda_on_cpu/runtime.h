/*
 * CUDA's runtime for the emulation: what the .cu files of this project call of it. What is put into a stream is done when
 * somebody waits for it, so that a result which is read too early is not there yet, as on a GPU. Memory of the device is
 * filled with rubbish. Failures are asked for by the environment:
 *
 *     CUDA_ON_CPU_FAIL=cudaMalloc=2,cudaStreamSynchronize=700      these calls answer with that error
 */
#ifndef TESTS_TOOLS_CUDA_ON_CPU_RUNTIME_H
#define TESTS_TOOLS_CUDA_ON_CPU_RUNTIME_H

#include "driver.h"

#include <functional>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vector>

#define CUDA_ON_CPU_RUBBISH 0xCD
#define CUDA_ON_CPU_MOST_THREADS 1024
#define CUDA_ON_CPU_MOST_ROWS 65535

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned columns = 1, unsigned rows = 1, unsigned layers = 1) : x(columns), y(rows), z(layers)
    {
    }
};

enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum { cudaStreamNonBlocking = 1, cudaHostRegisterDefault = 0 };
/* Numbered as the driver's. */
enum cudaDeviceAttr {
    cudaDevAttrMultiProcessorCount = 16,
    cudaDevAttrL2CacheSize = 38,
    cudaDevAttrMaxThreadsPerMultiProcessor = 39,
};

struct cudaFuncAttributes {
    int numRegs;
};

struct cuda_on_cpu_stream {
    std::vector<std::function<void()>> waiting;
};
struct cuda_on_cpu_event {
    bool recorded, happened;
    unsigned long long ns;
};
typedef cuda_on_cpu_stream *cudaStream_t;
typedef cuda_on_cpu_event *cudaEvent_t;

namespace cuda_on_cpu
{

static cudaError_t last_error;

/* The error asked for of this call, that of a missing driver, or success. */
static inline cudaError_t enter(const char *call)
{
    const char *list = getenv("CUDA_ON_CPU_FAIL");
    size_t length = strlen(call);

    for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : nullptr)
        if (!strncmp(p, call, length) && p[length] == '=')
            return static_cast<cudaError_t>(atoi(p + length + 1));
    return the_driver()->status;
}

static inline void drain(cudaStream_t stream)
{
    std::vector<std::function<void()>> now;

    now.swap(stream->waiting);
    for (const std::function<void()> &command : now)
        command();
    if (the_driver()->synchronised)
        the_driver()->synchronised();
}

template <typename Body>
static inline void start_kernel(const char *name, dim3 grid, dim3 block, cudaStream_t stream, Body body)
{
    cudaError_t status = enter("cudaLaunchKernel");

    if (status == cudaSuccess && !stream)
        status = cudaErrorInvalidResourceHandle;
    if (status == cudaSuccess &&
        (!grid.x || !grid.y || !grid.z || grid.x > INT32_MAX || grid.y > CUDA_ON_CPU_MOST_ROWS ||
         grid.z > CUDA_ON_CPU_MOST_ROWS || !block.x || !block.y || !block.z ||
         static_cast<uint64_t>(block.x) * block.y * block.z > CUDA_ON_CPU_MOST_THREADS))
        status = cudaErrorInvalidConfiguration;
    last_error = status;
    if (status != cudaSuccess)
        return;
    stream->waiting.push_back([=] {
        const unsigned blocks[3] = {grid.x, grid.y, grid.z}, threads[3] = {block.x, block.y, block.z};
        unsigned long long before = now_ns();

        body();
        if (the_driver()->launch)
            the_driver()->launch(name, blocks, threads, now_ns() - before);
    });
}

} // namespace cuda_on_cpu

#define CUDA_ON_CPU_ENTER()                                                                                            \
    do {                                                                                                               \
        cudaError_t entered = cuda_on_cpu::enter(__func__);                                                            \
        if (entered != cudaSuccess)                                                                                    \
            return entered;                                                                                            \
    } while (0)

/* ---- the device */
static inline cudaError_t cudaGetLastError(void)
{
    cudaError_t status = cuda_on_cpu::last_error;

    cuda_on_cpu::last_error = cudaSuccess;
    return status;
}

static inline cudaError_t cudaDriverGetVersion(int *version)
{
    *version = cuda_on_cpu::the_driver()->version;
    return cudaSuccess;
}

static inline cudaError_t cudaSetDevice(int device)
{
    CUDA_ON_CPU_ENTER();
    return device ? cudaErrorInvalidDevice : cudaSuccess;
}

static inline cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr which, int device)
{
    const cuda_on_cpu::driver *d = cuda_on_cpu::the_driver();

    CUDA_ON_CPU_ENTER();
    if (d->attribute)
        return static_cast<cudaError_t>(d->attribute(value, which, device));
    *value = which == cudaDevAttrMultiProcessorCount ? 2 : which == cudaDevAttrL2CacheSize ? 1 << 20 : 2048;
    return cudaSuccess;
}

template <typename Kernel> static inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *out, Kernel *kernel)
{
    CUDA_ON_CPU_ENTER();
    out->numRegs = 32;
    return kernel ? cudaSuccess : cudaErrorInvalidValue;
}

/* ---- memory */
static inline cudaError_t cudaMalloc(void **out, size_t bytes)
{
    const cuda_on_cpu::driver *d = cuda_on_cpu::the_driver();
    size_t room = SIZE_MAX;

    CUDA_ON_CPU_ENTER();
    if (d->total && d->total(&room, 0))
        return cudaErrorUnknown;
    /* Starts at a multiple of 256 bytes, as on the device. */
    *out = bytes <= room ? aligned_alloc(256, (bytes + 255) / 256 * 256) : nullptr;
    if (!*out)
        return cudaErrorMemoryAllocation;
    memset(*out, CUDA_ON_CPU_RUBBISH, bytes);
    return cudaSuccess;
}

static inline cudaError_t cudaFree(void *memory)
{
    free(memory);
    return cudaSuccess;
}

static inline cudaError_t cudaHostRegister(void *memory, size_t bytes, unsigned flags)
{
    CUDA_ON_CPU_ENTER();
    return memory && bytes && !flags ? cudaSuccess : cudaErrorInvalidValue;
}

static inline cudaError_t cudaHostUnregister(void *memory)
{
    return memory ? cudaSuccess : cudaErrorInvalidValue;
}

/* ---- streams and events */
static inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    CUDA_ON_CPU_ENTER();
    if (flags != cudaStreamNonBlocking)
        return cudaErrorInvalidValue;
    *out = new cuda_on_cpu_stream();
    return cudaSuccess;
}

static inline cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    delete stream;
    return cudaSuccess;
}

static inline cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    CUDA_ON_CPU_ENTER();
    cuda_on_cpu::drain(stream);
    return cudaSuccess;
}

static inline cudaError_t cudaEventCreate(cudaEvent_t *out)
{
    CUDA_ON_CPU_ENTER();
    *out = new cuda_on_cpu_event();
    return cudaSuccess;
}

static inline cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    delete event;
    return cudaSuccess;
}

static inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    CUDA_ON_CPU_ENTER();
    event->recorded = true;
    event->happened = false;
    stream->waiting.push_back([=] {
        event->happened = true;
        event->ns = cuda_on_cpu::device_clock();
    });
    return cudaSuccess;
}

static inline cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t first, cudaEvent_t last)
{
    CUDA_ON_CPU_ENTER();
    if (!first->recorded || !last->recorded)
        return cudaErrorInvalidResourceHandle;
    if (!first->happened || !last->happened)
        return cudaErrorNotReady;
    *ms = static_cast<float>(static_cast<double>(last->ns - first->ns) / 1e6);
    return cudaSuccess;
}

static inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                                          cudaStream_t stream)
{
    CUDA_ON_CPU_ENTER();
    stream->waiting.push_back([=] {
        unsigned long long before = cuda_on_cpu::now_ns();

        memcpy(to, from, bytes);
        if (cuda_on_cpu::the_driver()->copy)
            cuda_on_cpu::the_driver()->copy(kind == cudaMemcpyHostToDevice   ? STANDIN_TO_DEVICE
                                            : kind == cudaMemcpyDeviceToHost ? STANDIN_TO_HOST
                                                                             : STANDIN_ON_DEVICE,
                                            bytes, cuda_on_cpu::now_ns() - before);
    });
    return cudaSuccess;
}

static inline cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
    CUDA_ON_CPU_ENTER();
    stream->waiting.push_back([=] {
        unsigned long long before = cuda_on_cpu::now_ns();

        memset(memory, value, bytes);
        if (cuda_on_cpu::the_driver()->set)
            cuda_on_cpu::the_driver()->set(bytes, cuda_on_cpu::now_ns() - before);
    });
    return cudaSuccess;
}

#endif
