/*
 * The loop as everyone writes it, compiled like everything else.
 *
 * cflags: -ffp-contract=off
 */
#include "triad.h"

static int run_serial(struct run *r)
{
    const struct triad *t = r->problem;
    double *restrict a = t->a;
    const double *restrict b = t->b, *restrict c = t->c;
    double s = t->scalar;
    size_t n = t->n;

    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
    return 0;
}

const struct variant variant_triad_serial = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the plain loop",
    .run = run_serial,
};
