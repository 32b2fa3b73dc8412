/*
 * The plain loop on a GPU, one pixel per thread, as one writes it first. The same bits: products and sums that are rounded one
 * by one are asked for by name, since the compiler would fuse them.
 *
 * needs: cuda
 */
#include "mandelbrot_picture.cuh"

#ifdef __CUDACC__

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

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI,
    .prepare = picture_prepare<mandelbrot_plain>,
    .reset = NULL,
    .upload = picture_upload,
    .run = picture_run<mandelbrot_plain>,
    .sync = device_sync,
    .download = picture_download,
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
