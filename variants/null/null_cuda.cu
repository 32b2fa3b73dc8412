/*
 * A kernel that does nothing: what a start on the GPU costs, and below what time a variant there measures its own starts.
 *
 * needs: cuda
 */
#include "../device.cuh"

#ifdef __CUDACC__

static __global__ void nothing(void)
{
}

static int prepare(struct run *r)
{
    return device_ready(r, device_open<device>(r) && !device_load(r, nothing));
}

static int run(struct run *r)
{
    struct device *d = device_of(r);

    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(nothing, 1, 1, d->stream);
    return device_launched(r);
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = NULL,
    .run = run,
    .sync = device_sync,
    .download = NULL,
    .figures = device_figures,
    .finish = device_close,
};

#else

const struct variant variant_null_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "starts an empty kernel on a GPU",
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
