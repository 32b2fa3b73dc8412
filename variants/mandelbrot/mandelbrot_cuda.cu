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

PICTURE_MODULE(mandelbrot_plain);

#else

const struct variant variant_mandelbrot_cuda = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "one pixel per thread of a GPU, as one writes it first, the same bits",
    .axes = picture_axes,
    .device = DEVICE_CUDA,
    .module = true,
};

#endif
