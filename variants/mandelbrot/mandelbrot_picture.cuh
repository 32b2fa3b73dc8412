/*
 * What the variants of mandelbrot for GPUs share beside their kernels: the picture's arrays and their transfers; and for those
 * with one pixel per thread all but the kernel itself.
 */
#ifndef VARIANTS_MANDELBROT_MANDELBROT_PICTURE_CUH
#define VARIANTS_MANDELBROT_MANDELBROT_PICTURE_CUH

#include "../device.cuh"
#include "mandelbrot.h"

#ifdef __CUDACC__

struct picture : device {
    dim3 block, grid;
    double *x, *y;
    int32_t *out;
};

/* The arrays on the GPU, and the grid of blocks whose threads take `pixels` rows each. False with the sentence. */
static inline bool picture_place(struct run *r, struct picture *p, dim3 block, int pixels)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;

    p->block = block;
    p->grid = dim3(device_parts(m->width, block.x), device_parts(m->height, (int64_t)block.y * pixels), 1);
    p->x = device_array<double>(r, m->width);
    p->y = p->x ? device_array<double>(r, m->height) : NULL;
    p->out = p->y ? device_array<int32_t>(r, mandelbrot_pixels(m)) : NULL;
    p->result = p->out;
    return p->out != NULL;
}

static inline int picture_upload(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    const struct picture *p = (const struct picture *)r->state;

    return device_transfer(r, FIGURE_UPLOAD,
                           {{p->x, m->x, (size_t)m->width * sizeof *m->x},
                            {p->y, m->y, (size_t)m->height * sizeof *m->y},
                            {p->out, r->output, r->output_bytes}});
}

/* ---- one pixel per thread */
typedef void picture_kernel(const double *x, const double *y, int width, int height, int maxiter, int32_t *out);

template <picture_kernel *KERNEL> static inline int picture_prepare(struct run *r)
{
    struct picture *p;
    dim3 block;

    if (device_block(r, &block))
        return -1;
    p = device_open<picture>(r);
    return p ? device_ready(r, picture_place(r, p, block, 1) && !device_load(r, KERNEL)) : -1;
}

template <picture_kernel *KERNEL> static inline int picture_run(struct run *r)
{
    const struct mandelbrot *m = (const struct mandelbrot *)r->problem;
    const struct picture *p = (const struct picture *)r->state;

    if (device_begin(r))
        return -1;
    DEVICE_LAUNCH(KERNEL, p->grid, p->block, p->stream, p->x, p->y, m->width, m->height, m->maxiter, p->out);
    return device_launched(r);
}

/* The module of a variant that has nothing of its own but the kernel. */
#define PICTURE_MODULE(kernel)                                                                                         \
    extern "C" const struct variant_module variant_module = {                                                          \
        .abi = VARIANT_ABI,                                                                                            \
        .prepare = picture_prepare<kernel>,                                                                            \
        .reset = NULL,                                                                                                 \
        .upload = picture_upload,                                                                                      \
        .run = picture_run<kernel>,                                                                                    \
        .sync = device_sync,                                                                                           \
        .download = device_download,                                                                                   \
        .figures = device_figures,                                                                                     \
        .finish = device_close,                                                                                        \
    }

#else

/* Of a variant with one pixel per thread. */
static const struct axis picture_axes[] = {
    {"block", "16x16,32x4,32x8,256x1", "32x8", "threads of a block, columns x rows", false},
    {0},
};

#endif
#endif
