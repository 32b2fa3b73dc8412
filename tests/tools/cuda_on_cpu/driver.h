/*
 * The driver beneath the emulated runtime. As the real runtime does, it opens libcuda.so.1 when it is first needed, and without
 * one answers cudaErrorInsufficientDriver. If that library is the project's stand-in (tests/tools/libcuda.c), its primary
 * context is used, it is told of every kernel and copy, and its clock is what events measure; of any other driver only the
 * version is asked.
 */
#ifndef TESTS_TOOLS_CUDA_ON_CPU_DRIVER_H
#define TESTS_TOOLS_CUDA_ON_CPU_DRIVER_H

#include "../standin/standin.h"
#include "errors.h"

#include <dlfcn.h>
#include <time.h>

#define CUDART_VERSION 13000

namespace cuda_on_cpu
{

struct driver {
    cudaError_t status; /* why there is none */
    int version;
    int (*attribute)(int *value, int attribute, int device);
    int (*total)(size_t *bytes, int device);
    decltype(standin_launch) *launch;
    decltype(standin_copy) *copy;
    decltype(standin_set) *set;
    decltype(standin_synchronised) *synchronised;
    decltype(standin_clock) *clock;
};

template <typename Function> static inline void find(void *library, const char *name, Function **out)
{
    *out = reinterpret_cast<Function *>(dlsym(library, name));
}

/* The stand-in's context, current in this thread as the runtime's is. */
static inline cudaError_t take_context(void *library)
{
    int (*retain)(void **context, int device), (*make_current)(void *context), status;
    void *context = nullptr;

    find(library, "cuDevicePrimaryCtxRetain", &retain);
    find(library, "cuCtxSetCurrent", &make_current);
    if (!retain || !make_current)
        return cudaErrorInitializationError;
    status = retain(&context, 0);
    return static_cast<cudaError_t>(status ? status : make_current(context));
}

static inline cudaError_t open_driver(driver *d)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    int (*init)(unsigned flags), (*version)(int *version), status;

    if (!library)
        return cudaErrorInsufficientDriver;
    find(library, "cuInit", &init);
    find(library, "cuDriverGetVersion", &version);
    if (!init || !version || version(&d->version))
        return cudaErrorInitializationError;
    if (d->version / 1000 < CUDART_VERSION / 1000)
        return cudaErrorInsufficientDriver;
    status = init(0);
    if (status)
        return static_cast<cudaError_t>(status);
    find(library, "standin_launch", &d->launch);
    if (!d->launch)
        return cudaSuccess;
    find(library, "standin_copy", &d->copy);
    find(library, "standin_set", &d->set);
    find(library, "standin_synchronised", &d->synchronised);
    find(library, "standin_clock", &d->clock);
    find(library, "cuDeviceGetAttribute", &d->attribute);
    find(library, "cuDeviceTotalMem_v2", &d->total);
    return take_context(library);
}

static inline const driver *the_driver(void)
{
    static driver d;
    static bool opened;

    if (!opened) {
        opened = true;
        d.status = open_driver(&d);
    }
    return &d;
}

static inline unsigned long long now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1000000000ULL * static_cast<unsigned long long>(t.tv_sec) + static_cast<unsigned long long>(t.tv_nsec);
}

static inline unsigned long long device_clock(void)
{
    return the_driver()->clock ? the_driver()->clock() : now_ns();
}

} // namespace cuda_on_cpu

#endif
