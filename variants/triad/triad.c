/*
 * a[i] = b[i] + s * c[i], the smallest kernel that shows the memory: `size` says how much the three arrays take together, from
 * well inside the first cache to well outside the last. With cache=cold every line of the arrays is thrown out of all caches
 * before each execution.
 *
 * The numbers are whole and so small that every product and sum is exact: fused or not, in any order, the bits are the same.
 *
 * cflags: -ffp-contract=off
 */
#include "triad.h"

#if defined __x86_64__
#include <emmintrin.h>
#endif

#define LINE 64
#define LARGEST (INT64_C(1) << 44)
/* Arrays that start at the same place of a page make stores look like the loads that follow them: start a third apart. */
#define STAGGER 1344

static const struct axis axes[] = {
    {"cache", "warm,cold", "warm", "cold: the arrays are flushed from all caches before each execution", false},
    {"size", "pow2:4K:4LLC", "1M", "bytes of the three arrays together", false},
    {0},
};

static int64_t elements_of(const struct run *r)
{
    return run_number(r, "size") / (3 * (int64_t)sizeof(double));
}

/* The arrays, and the reference beside them. */
static int64_t footprint(const struct run *r)
{
    int64_t size = run_number(r, "size");

    return size + size / 3 + 3 * STAGGER;
}

/* Small whole numbers that differ from element to element (and with the seed). */
static double number_at(uint64_t seed, uint64_t i)
{
    uint64_t h = (seed + i) * UINT64_C(0x9E3779B97F4A7C15);

    return (double)((h ^ h >> 29) >> 4 & 0xFFFFF);
}

static int check_values(struct run *r)
{
    int64_t size = run_number(r, "size");
    const char *cache = run_word(r, "cache");

    if (size < 3 * (int64_t)sizeof(double) || size > LARGEST) {
        snprintf(r->error, sizeof r->error, "size is %lld, but must be a number of bytes, at least 24",
                 (long long)size);
        return -1;
    }
    if (strcmp(cache, "warm") && strcmp(cache, "cold")) {
        snprintf(r->error, sizeof r->error, "cache is %.40s, but must be warm or cold", cache);
        return -1;
    }
#if !defined __x86_64__ && !defined __aarch64__
    if (!strcmp(cache, "cold")) {
        snprintf(r->error, sizeof r->error, "cache=cold is not possible: this CPU has no cache flush for programs");
        return -1;
    }
#endif
    return 0;
}

static void teardown(struct run *r)
{
    struct triad *t = r->problem;

    if (t)
        free(t->memory);
    free(t);
    r->problem = NULL;
    r->output = NULL;
    r->output_bytes = 0;
}

static void fill(struct triad *t, double *b, double *c, uint64_t seed)
{
    for (size_t i = 0; i < t->n; i++) {
        b[i] = number_at(seed, i);
        c[i] = number_at(~seed, i);
    }
    t->b = b;
    t->c = c;
}

static int setup(struct run *r)
{
    struct triad *t;
    size_t bytes = 0, room = 0;

    r->problem = r->output = NULL;
    if (check_values(r))
        return -1;
    t = calloc(1, sizeof *t);
    if (t) {
        r->problem = t;
        t->n = (size_t)elements_of(r);
        t->scalar = 3.0;
        bytes = t->n * sizeof(double);
        room = (bytes + LINE - 1) / LINE * LINE + STAGGER;
        t->memory = aligned_alloc(LINE, 3 * room);
    }
    if (!t || !t->memory) {
        teardown(r);
        snprintf(r->error, sizeof r->error, "no memory for %lld bytes of arrays", (long long)run_number(r, "size"));
        return -1;
    }
    t->a = t->memory;
    fill(t, t->a + room / sizeof(double), t->a + 2 * room / sizeof(double), r->seed);
    r->output = t->a;
    r->output_bytes = bytes;
    return 0;
}

/* Writes the lines back and drops them from every cache of the machine. */
static void flush(const void *memory, size_t bytes)
{
    const char *p = memory;

    for (size_t i = 0; i < bytes; i += LINE) {
#if defined __x86_64__
        _mm_clflush(p + i);
#elif defined __aarch64__
        __asm__ volatile("dc civac, %0" : : "r"(p + i) : "memory");
#endif
    }
#if defined __x86_64__
    _mm_mfence();
#elif defined __aarch64__
    __asm__ volatile("dsb sy" : : : "memory");
#endif
    (void)p;
}

static bool reset(struct run *r)
{
    const struct triad *t = r->problem;
    size_t bytes = t->n * sizeof(double);

    if (strcmp(run_word(r, "cache"), "cold"))
        return false;
    flush(t->a, bytes);
    flush(t->b, bytes);
    flush(t->c, bytes);
    return true;
}

static int reference(struct run *r, struct work *w)
{
    const struct triad *t = r->problem;
    double *out = r->output;

    for (size_t i = 0; i < t->n; i++)
        out[i] = t->b[i] + t->scalar * t->c[i];
    w->elements = (double)t->n;
    w->flops = 2.0 * (double)t->n;
    w->bytes_read = 16.0 * (double)t->n;
    w->bytes_written = 8.0 * (double)t->n;
    return 0;
}

static bool same_bits(double a, double b)
{
    uint64_t x, y;

    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    const double *is = r->output, *should = wanted;
    size_t n = r->output_bytes / sizeof(double), first = 0;

    *v = (struct verdict){.match = MATCH_SAME_BITS};
    for (size_t i = n; i-- > 0;)
        if (!same_bits(is[i], should[i])) {
            first = i;
            v->deviations++;
        }
    if (!v->deviations)
        return;
    if ((double)v->deviations <= tolerance * (double)n) {
        v->match = MATCH_TOLERANCE;
        return;
    }
    v->match = MATCH_WRONG;
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else
        snprintf(v->text, sizeof v->text, "element %zu is %.17g, should be %.17g; %lld of %zu elements differ", first,
                 is[first], should[first], (long long)v->deviations, n);
}

const struct kernel kernel_triad = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "a[i] = b[i] + s * c[i]: the caches and the memory",
    .element = "update",
    .axes = axes,
    .footprint = footprint,
    .setup = setup,
    .reset = reset,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
