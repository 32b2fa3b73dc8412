/*
 * Bytes from one array to another, as the library of each machine does it best: the ceiling that bandwidths are compared with.
 * `size` is what the two arrays take together.
 */
#include "copy.h"

#define LINE 64
#define LARGEST (INT64_C(1) << 44)
#define SMALLEST ((int64_t)(2 * sizeof(uint64_t)))
/* Arrays that start at the same place of a page make stores look like the loads that follow them. */
#define STAGGER 1344

static const struct axis axes[] = {
    {"size", "pow2:4K:4LLC", "1M", "bytes of the two arrays together", false},
    {0},
};

/* The arrays, and the reference beside them. */
static int64_t footprint(const struct run *r)
{
    int64_t size = run_number(r, "size");

    return size + size / 2 + 2 * STAGGER;
}

static void teardown(struct run *r)
{
    struct copy *c = r->problem;

    if (c)
        free(c->memory);
    free(c);
    r->problem = NULL;
    r->output = NULL;
    r->output_bytes = 0;
}

static void fill(uint64_t *words, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t h = (seed + i) * UINT64_C(0x9E3779B97F4A7C15);

        words[i] = h ^ h >> 29;
    }
}

static int setup(struct run *r)
{
    int64_t size = run_number(r, "size");
    struct copy *c;
    size_t room = 0;

    r->problem = r->output = NULL;
    if (size < SMALLEST || size > LARGEST) {
        snprintf(r->error, sizeof r->error, "size is %lld, but must be a number of bytes, at least %lld",
                 (long long)size, (long long)SMALLEST);
        return -1;
    }
    c = calloc(1, sizeof *c);
    if (c) {
        r->problem = c;
        c->bytes = (size_t)size / SMALLEST * sizeof(uint64_t);
        room = (c->bytes + LINE - 1) / LINE * LINE + STAGGER;
        c->memory = aligned_alloc(LINE, 2 * room);
    }
    if (!c || !c->memory) {
        teardown(r);
        snprintf(r->error, sizeof r->error, "no memory for %lld bytes of arrays", (long long)size);
        return -1;
    }
    c->to = c->memory;
    c->from = (char *)c->memory + room;
    fill((uint64_t *)c->memory + room / sizeof(uint64_t), c->bytes / sizeof(uint64_t), r->seed);
    r->output = c->to;
    r->output_bytes = c->bytes;
    return 0;
}

static int reference(struct run *r, struct work *w)
{
    const struct copy *c = r->problem;

    memcpy(c->to, c->from, c->bytes);
    w->elements = (double)c->bytes / sizeof(uint64_t);
    w->flops = 0;
    w->bytes_read = w->bytes_written = (double)c->bytes;
    return 0;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    const uint64_t *is = r->output, *should = wanted;
    size_t n = r->output_bytes / sizeof(uint64_t), first = 0;

    (void)tolerance; /* a copy is a copy */
    *v = (struct verdict){.match = MATCH_SAME_BITS};
    for (size_t i = n; i-- > 0;)
        if (is[i] != should[i]) {
            first = i;
            v->deviations++;
        }
    if (!v->deviations)
        return;
    v->match = MATCH_WRONG;
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else
        snprintf(v->text, sizeof v->text, "word %zu is %016llx, should be %016llx; %lld of %zu words differ", first,
                 (unsigned long long)is[first], (unsigned long long)should[first], (long long)v->deviations, n);
}

const struct kernel kernel_copy = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "bytes from one array to another: the ceiling of bandwidths",
    .element = "word of 8 bytes",
    .axes = axes,
    .footprint = footprint,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
