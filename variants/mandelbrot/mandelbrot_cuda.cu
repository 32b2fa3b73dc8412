/*
 * The plain loop on a GPU, one pixel per thread, as one writes it first. The same bits: products and sums that are rounded one
 * by one are asked for by name, since the compiler would fuse them.
 *
 * needs: cuda
 */
#include "../device.cuh"
#include "mandelbrot.h"

#ifdef __CUDACC__

struct picture : device {
    dim3 block, grid;
    double *x, *y;
    int32_t *out;
};

static __global__ void mandelbrot_plain(const double *x, const double *y, int width, int height, int maxiter,
                                        int32_t *out)
{
    int column = (int)(blockIdx.x * blockDim.x + threadIdx.x), row = (int)(blockIdx.y * blockDim.y + threadIdx.y);
    int32_t escaped = 0;
    double qx, qy, zx = 0, zy = 0;

    if (column >= width || row >= height)
        return;
    qx = x[column];
    qy = y[row];
    for (int it = 0; it < maxiter; it++) {
        double nx = __dadd_rn(__dsub_rn(__dmul_rn(zx, zx), __dmul_rn(zy, zy)), qx);
        double ny = __dadd_rn(__dmul_rn(2.0, __dmul_rn(zx, zy)), qy);

        zx = nx;
        zy = ny;
        if (__dadd_rn(__dmul_rn(zx, zx), __dmul_rn(zy, zy)) > 4.0) {
            escaped = it;
            break;
        }
    }
    out[(size_t)row * width + column] = escaped;
}

static int prepare(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    struct picture *p;
    dim3 block;

    if (device_block(r, &block))
        return -1;
    p = device_open<picture>(r);
    if (!p)
        return -1;
    p->block = block;
    p->grid = dim3(device_parts(m->width, block.x), device_parts(m->height, block.y), 1);
    p->x = device_array<double>(r, m->width);
    p->y = p->x ? device_array<double>(r, m->height) : NULL;
    p->out = p->y ? device_array<int32_t>(r, mandelbrot_pixels(m)) : NULL;
    return device_ready(r, p->out && !device_load(r, mandelbrot_plain));
}

static int upload(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    const struct picture *p = (const struct picture *)r->state;

    return device_transfer(r, FIGURE_UPLOAD,
                           {{p->x, m->x, (size_t)m->width * sizeof *m->x},
                            {p->y, m->y, (size_t)m->height * sizeof *m->y},
                            {p->out, r->output, r->output_bytes}});
}

static int run(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    const struct picture *p = (const struct picture *)r->state;

    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(mandelbrot_plain, p->grid, p->block, p->stream, p->x, p->y, m->width, m->height, m->maxiter, p->out);
    return device_launched(r);
}

static int download(struct run *r)
{
    const struct picture *p = (const struct picture *)r->state;

    return device_transfer(r, FIGURE_DOWNLOAD, {{r->output, p->out, r->output_bytes}});
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = prepare,
    .reset = NULL,
    .upload = upload,
    .run = run,
    .sync = device_sync,
    .download = download,
    .figures = device_figures,
    .finish = device_close,
};

#else

static const struct axis axes[] = {
    {"block", "16x16,32x4,32x8,256x1", "32x8", "threads of a block, columns x rows", false},
    {0},
};

const struct variant variant_mandelbrot_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "one pixel per thread of a GPU, as one writes it first, the same bits",
    .axes = axes,
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
