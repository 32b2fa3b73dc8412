/* Test plug-in, a kernel: squares of 0 to 63. So little that what counts is who calls what, and when. */
#include "traced.h"

static const struct axis axes[] = {{.name = NULL}};

static int setup(struct run *r)
{
    r->output_bytes = TRACED_COUNT * sizeof(int64_t);
    r->output = malloc(r->output_bytes);
    return r->output ? 0 : -1;
}

static bool reset(struct run *r)
{
    (void)r;
    traced_note('K');
    return false;
}

static int reference(struct run *r, struct work *w)
{
    traced_squares(r->output);
    *w = (struct work){.elements = TRACED_COUNT};
    return 0;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    (void)tolerance;
    traced_note('V');
    *v = (struct verdict){.match = memcmp(r->output, wanted, r->output_bytes) ? MATCH_WRONG : MATCH_SAME_BITS,
                          .text = "no squares"};
}

static void teardown(struct run *r)
{
    free(r->output);
}

const struct kernel kernel_traced = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "squares, and a note of every call",
    .element = "square",
    .axes = axes,
    .setup = setup,
    .reset = reset,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
