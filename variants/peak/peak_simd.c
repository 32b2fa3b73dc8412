/*
 * The widest vectors of this CPU, as many in flight as its units need, on one core.
 *
 * cflags: -ffp-contract=fast
 */
#include "peak_vector.h"

static int run_simd(struct run *r)
{
    const struct peak *p = r->problem;

    peak_widest(p->single)(r->output, 0, p->chains, p->steps, p->a, p->b);
    return 0;
}

const struct variant variant_peak_simd = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the widest vectors of this CPU, a dozen or more in flight",
    .run = run_simd,
};
