/*
 * Multiply-adds and nothing else: independent chains of x = x * a + b, so many that no unit waits for a result. What the best
 * variant reaches is the ceiling that other kernels' arithmetic is compared with.
 */
#include "peak.h"

#define LARGEST_SIZE (INT64_C(1) << 32)
#define LARGEST_STEPS INT64_C(16000000) /* above, a float could not hold the result */

static const struct axis axes[] = {
    {"precision", "fp64,fp32", "fp64", "double or single", false},
    {"size", "16K,64K", "16K", "independent chains, a multiple of 1024", false},
    {"steps", "640,6400", "6400", "multiply-adds of each chain, a multiple of 640", false},
    {0},
};

static size_t width(const struct peak *p)
{
    return p->single ? sizeof(float) : sizeof(double);
}

/* The output, and the reference beside it. */
static int64_t footprint(const struct run *r)
{
    return run_number(r, "size") * 2 * (int64_t)sizeof(double);
}

static int check_values(struct run *r)
{
    int64_t size = run_number(r, "size"), steps = run_number(r, "steps");
    const char *precision = run_word(r, "precision");

    if (size < PEAK_CHAINS || size > LARGEST_SIZE || size % PEAK_CHAINS)
        snprintf(r->error, sizeof r->error, "size is %lld, but must be a multiple of %d", (long long)size, PEAK_CHAINS);
    else if (steps < PEAK_STEPS || steps > LARGEST_STEPS || steps % PEAK_STEPS)
        snprintf(r->error, sizeof r->error, "steps is %lld, but must be a multiple of %d up to %lld", (long long)steps,
                 PEAK_STEPS, (long long)LARGEST_STEPS);
    else if (strcmp(precision, "fp64") && strcmp(precision, "fp32"))
        snprintf(r->error, sizeof r->error, "precision is %.40s, but must be fp64 or fp32", precision);
    else
        return 0;
    return -1;
}

static void teardown(struct run *r)
{
    free(r->problem);
    free(r->output);
    r->problem = NULL;
    r->output = NULL;
    r->output_bytes = 0;
}

static int setup(struct run *r)
{
    struct peak *p;

    r->problem = r->output = NULL;
    if (check_values(r))
        return -1;
    p = calloc(1, sizeof *p);
    if (p) {
        r->problem = p;
        *p = (struct peak){(size_t)run_number(r, "size"), run_number(r, "steps"),
                           !strcmp(run_word(r, "precision"), "fp32"), 1, 1};
        r->output_bytes = p->chains * width(p);
        r->output = aligned_alloc(64, r->output_bytes);
    }
    if (!p || !r->output) {
        teardown(r);
        snprintf(r->error, sizeof r->error, "no memory for the results of %lld chains",
                 (long long)run_number(r, "size"));
        return -1;
    }
    return 0;
}

/* What chain i ends with. */
static double result(const struct peak *p, size_t i)
{
    return PEAK_START(i) + (double)p->steps;
}

static int reference(struct run *r, struct work *w)
{
    const struct peak *p = r->problem;
    double *doubles = r->output;
    float *floats = r->output;

    for (size_t i = 0; i < p->chains; i++)
        if (p->single)
            floats[i] = (float)result(p, i);
        else
            doubles[i] = result(p, i);
    w->elements = (double)p->chains * (double)p->steps;
    w->flops = 2 * w->elements;
    w->bytes_read = 0;
    w->bytes_written = (double)r->output_bytes;
    return 0;
}

static double value_at(const struct peak *p, const void *values, size_t i)
{
    return p->single ? (double)((const float *)values)[i] : ((const double *)values)[i];
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    const struct peak *p = r->problem;
    const char *is = r->output, *should = wanted;
    size_t bytes = width(p), first = 0;

    (void)tolerance; /* whole numbers that every rounding leaves as they are */
    *v = (struct verdict){.match = MATCH_SAME_BITS};
    for (size_t i = p->chains; i-- > 0;)
        if (memcmp(is + i * bytes, should + i * bytes, bytes) != 0) {
            first = i;
            v->deviations++;
        }
    if (!v->deviations)
        return;
    v->match = MATCH_WRONG;
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else
        snprintf(v->text, sizeof v->text, "chain %zu ends with %.17g, should be %.17g; %lld of %zu differ", first,
                 value_at(p, r->output, first), value_at(p, wanted, first), (long long)v->deviations, p->chains);
}

const struct kernel kernel_peak = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "multiply-adds and nothing else: the ceiling of arithmetic",
    .element = "multiply-add",
    .axes = axes,
    .footprint = footprint,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
