/*
 * The same bits with the widest vectors that this CPU has, chosen when the program runs: mandelbrot_staged.h tells how. One
 * core.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot_staged.h"

static const struct axis axes[] = {
#if defined __aarch64__
    {"isa", "auto,neon", "auto", "instruction set; auto: the widest of this CPU", false},
#else
    {"isa", "auto,sse2,avx2,avx512", "auto", "instruction set; auto: the widest of this CPU", false},
#endif
    {0},
};

static int prepare(struct run *r)
{
    const char *wanted = run_word(r, "isa");
    const struct staged_isa *widest = staged_widest();

    if (!strcmp(wanted, "auto") && widest)
        return staged_prepare(r, widest);
    for (const struct staged_isa *i = staged_isas; i->name; i++)
        if (!strcmp(i->name, wanted) && staged_has(wanted))
            return staged_prepare(r, i);
    snprintf(r->error, sizeof r->error, "this CPU has no vectors called %.40s; the widest it has are %s", wanted,
             widest ? widest->name : "none");
    return -1;
}

const struct variant variant_mandelbrot_simd = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the widest vectors of this CPU, several in flight, the same bits",
    .axes = axes,
    .probe = staged_probe,
    .prepare = prepare,
    .run = staged_run,
    .finish = staged_finish,
};
