/*
 * Nothing: an execution without work and without a result, so that what remains is the harness's own cost. Its result is empty
 * and there is nothing in it that could be wrong or stale.
 */
#include "../variant.h"

static const struct axis axes[] = {{0}};

static int setup(struct run *r)
{
    r->problem = NULL;
    r->output = NULL;
    r->output_bytes = 0;
    return 0;
}

static int reference(struct run *r, struct work *w)
{
    (void)r;
    *w = (struct work){.elements = 1};
    return 0;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    (void)r;
    (void)wanted;
    (void)tolerance;
    *v = (struct verdict){.match = MATCH_SAME_BITS};
}

static void teardown(struct run *r)
{
    (void)r;
}

const struct kernel kernel_null = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "does nothing: the harness's own cost",
    .element = "execution",
    .axes = axes,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
