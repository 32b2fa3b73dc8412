/*
 * The Mandelbrot set as the "High Performance Python" tutorial of EuroPython 2011 computes it, to the last bit: the region
 * [-2.13, 0.77] x [-1.3, 1.3], a step that is twice the region's side over `size`, coordinates by repeated addition, and per
 * pixel the number of the iteration that left the circle of radius 2 (0 if none did). Size 1000 is thus a picture of 500 x
 * 500 pixels. Nothing may be fused: a product that is not rounded moves pixels.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

#define LARGEST_SIZE 40000
#define LARGEST_MAXITER 1000000000
#define HANDFUL 4

static const double left = -2.13, right = 0.77, bottom = -1.3, top = 1.3;

/* Known answers. The reference must reproduce them, or this build's floating point is not what the kernel needs. */
static const struct golden {
    int size, maxiter;
    int64_t iterations, escaped, sum;
} goldens[] = {
    {100, 30, 25039, 1947, 6502},
    {200, 1000, 2063509, 8094, 49415},
    {300, 100, 555686, 17872, 75014},
    {300, 1000, 4638829, 17980, 100849},
    {1000, 1000, 51414419, 199934, 1148485},
    {2000, 1000, 205627269, 800718, 4544551},
    {2000, 5000, 1005460077, 801157, 5443920},
};

static const struct axis axes[] = {
    {"maxiter", "30,100,300,1000,5000", "1000", "iterations after which a pixel counts as inside", false},
    {"size", "100,200,300,500,700,1000,1400,2000", "1000",
     "pixels along the region's sides, doubled (1000 is 500 x 500)", false},
    {0},
};

/* The coordinates that repeated addition makes between two bounds, the first included; NULL without memory. */
static double *coordinates(double from, double to, double step, int *count)
{
    double at = from + step, *out;

    *count = 1;
    while (step > 0 ? at < to : at > to) {
        at += step;
        ++*count;
    }
    out = malloc((size_t)*count * sizeof *out);
    if (!out)
        return NULL;
    out[0] = from;
    for (int i = 1; i < *count; i++)
        out[i] = out[i - 1] + step;
    return out;
}

static double x_step(int64_t size)
{
    return (right - left) / (double)size * 2;
}

static double y_step(int64_t size)
{
    return (bottom - top) / (double)size * 2;
}

/* For the planner: the picture and its reference, and the ten temporaries of the whole-array variants. */
static int64_t footprint(const struct run *r)
{
    int64_t side = run_number(r, "size") / 2 + 2;

    return side * side * (2 * 4 + 10 * 8);
}

static int check_values(struct run *r)
{
    int64_t size = run_number(r, "size"), maxiter = run_number(r, "maxiter");

    if (size < 1 || size > LARGEST_SIZE) {
        snprintf(r->error, sizeof r->error, "size is %lld, but must lie between 1 and %d", (long long)size,
                 LARGEST_SIZE);
        return -1;
    }
    if (maxiter < 1 || maxiter > LARGEST_MAXITER) {
        snprintf(r->error, sizeof r->error, "maxiter is %lld, but must lie between 1 and %d", (long long)maxiter,
                 LARGEST_MAXITER);
        return -1;
    }
    return 0;
}

static void teardown(struct run *r)
{
    struct mandelbrot *m = r->problem;

    if (m) {
        free(m->x);
        free(m->y);
        free(m);
    }
    free(r->output);
    r->problem = NULL;
    r->output = NULL;
    r->output_bytes = 0;
}

static int setup(struct run *r)
{
    int64_t size = run_number(r, "size");
    struct mandelbrot *m;

    r->problem = r->output = NULL;
    if (check_values(r))
        return -1;
    m = calloc(1, sizeof *m);
    if (m) {
        r->problem = m;
        m->maxiter = (int)run_number(r, "maxiter");
        m->x = coordinates(left, right, x_step(size), &m->width);
        m->y = coordinates(top, bottom, y_step(size), &m->height);
        r->output_bytes = (size_t)mandelbrot_pixels(m) * sizeof(int32_t);
        r->output = malloc(r->output_bytes);
    }
    if (!m || !m->x || !m->y || !r->output) {
        teardown(r);
        snprintf(r->error, sizeof r->error, "no memory for a picture of size %lld", (long long)size);
        return -1;
    }
    return 0;
}

static int check_golden(struct run *r, int64_t iterations, int64_t escaped, int64_t sum)
{
    int64_t size = run_number(r, "size"), maxiter = run_number(r, "maxiter");

    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        const struct golden *g = &goldens[i];

        if (g->size != size || g->maxiter != maxiter)
            continue;
        if (g->iterations == iterations && g->escaped == escaped && g->sum == sum)
            continue;
        snprintf(
            r->error, sizeof r->error,
            "the reference took %lld iterations with sum %lld, but %lld and %lld are known to be right: was it built "
            "with -ffast-math or fused multiply-add?",
            (long long)iterations, (long long)sum, (long long)g->iterations, (long long)g->sum);
        return -1;
    }
    return 0;
}

static int reference(struct run *r, struct work *w)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;
    int64_t iterations = 0, escaped = 0, sum = 0;

    for (int row = 0; row < m->height; row++)
        for (int i = 0; i < m->width; i++) {
            int32_t it = mandelbrot_escape(m->x[i], m->y[row], m->maxiter);
            bool out_of_set = it < m->maxiter;

            iterations += out_of_set ? it + 1 : it;
            escaped += out_of_set;
            sum += out_of_set ? it : 0;
            *out++ = out_of_set ? it : 0;
        }
    w->elements = (double)iterations;
    w->flops = 7.0 * (double)iterations;
    w->bytes_read = 8.0 * (m->width + m->height);
    w->bytes_written = (double)r->output_bytes;
    return check_golden(r, iterations, escaped, sum);
}

/*
 * A variant with a tolerance may move that share of the pixels, and a handful of a picture so small that the share says little;
 * but no tolerance covers a value that is no iteration number at all, such as one that was never written.
 */
static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    const struct mandelbrot *m = r->problem;
    const int32_t *is = r->output, *should = wanted;
    int64_t pixels = mandelbrot_pixels(m), first = -1, impossible = -1, shown;
    double allowed = tolerance * (double)pixels;

    *v = (struct verdict){.match = MATCH_SAME_BITS};
    for (int64_t i = 0; i < pixels; i++) {
        if (is[i] == should[i])
            continue;
        v->deviations++;
        if (first < 0)
            first = i;
        if (impossible < 0 && (is[i] < 0 || is[i] >= m->maxiter))
            impossible = i;
    }
    if (!v->deviations)
        return;
    if (tolerance > 0 && impossible < 0 && (double)v->deviations <= (allowed > HANDFUL ? allowed : HANDFUL)) {
        v->match = MATCH_TOLERANCE;
        return;
    }
    v->match = MATCH_WRONG;
    shown = tolerance > 0 && impossible >= 0 ? impossible : first;
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else if (output_untouched(&is[shown], sizeof is[shown]))
        snprintf(v->text, sizeof v->text, "pixel (%d, %d) was not written, should be %d; %lld of %lld pixels differ",
                 (int)(shown % m->width), (int)(shown / m->width), should[shown], (long long)v->deviations,
                 (long long)pixels);
    else
        snprintf(v->text, sizeof v->text, "pixel (%d, %d) is %d, should be %d; %lld of %lld pixels differ",
                 (int)(shown % m->width), (int)(shown / m->width), is[shown], should[shown], (long long)v->deviations,
                 (long long)pixels);
}

const struct kernel kernel_mandelbrot = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the Mandelbrot set of the EuroPython 2011 tutorial, to the last bit",
    .element = "iteration",
    .axes = axes,
    .footprint = footprint,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
