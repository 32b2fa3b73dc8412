/*
 * CUDA's own copy within a GPU's memory.
 *
 * needs: cuda
 */
#include "../device.cuh"
#include "copy.h"

#ifdef __CUDACC__

struct arrays : device { /* from `from` to `result` */
    void *from;
};

static int prepare(struct run *r)
{
    const struct copy *c = (const struct copy *)r->problem;
    struct arrays *a = device_open<arrays>(r);

    if (!a)
        return -1;
    a->result = device_array<char>(r, c->bytes);
    a->from = a->result ? device_array<char>(r, c->bytes) : NULL;
    return device_ready(r, a->from);
}

static int upload(struct run *r)
{
    const struct copy *c = (const struct copy *)r->problem;
    const struct arrays *a = (const struct arrays *)r->state;

    return device_transfer(r, FIGURE_UPLOAD, {{a->result, c->to, c->bytes}, {a->from, c->from, c->bytes}});
}

static int run(struct run *r)
{
    const struct arrays *a = (const struct arrays *)r->state;

    if (device_begin(r))
        return -1;
    return device_check(r, cudaMemcpyAsync(a->result, a->from, r->output_bytes, cudaMemcpyDeviceToDevice, a->stream),
                        "copying within the GPU");
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

const struct variant variant_copy_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "CUDA's copy within a GPU's memory",
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
