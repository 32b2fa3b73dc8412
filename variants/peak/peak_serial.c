/*
 * Eight chains side by side in plain code. Products and sums are separate instructions, since the compiler must not assume that
 * the CPU has fused ones. With -O2 it would keep the eight numbers in memory.
 *
 * cflags: -O3
 */
#include "peak.h"

#define TOGETHER 8

#define PEAK_PLAIN(TYPE)                                                                                               \
    static void plain_##TYPE(TYPE out[], size_t chains, int64_t steps, TYPE a, TYPE b)                                 \
    {                                                                                                                  \
        for (size_t i = 0; i < chains; i += TOGETHER) {                                                                \
            TYPE x[TOGETHER];                                                                                          \
                                                                                                                       \
            for (size_t k = 0; k < TOGETHER; k++)                                                                      \
                x[k] = (TYPE)PEAK_START(i + k);                                                                        \
            for (int64_t step = 0; step < steps; step++)                                                               \
                for (size_t k = 0; k < TOGETHER; k++)                                                                  \
                    x[k] = x[k] * a + b;                                                                               \
            memcpy(out + i, x, sizeof x);                                                                              \
        }                                                                                                              \
    }

PEAK_PLAIN(double)
PEAK_PLAIN(float)

static int run_serial(struct run *r)
{
    const struct peak *p = r->problem;

    if (p->single)
        plain_float(r->output, p->chains, p->steps, (float)p->a, (float)p->b);
    else
        plain_double(r->output, p->chains, p->steps, p->a, p->b);
    return 0;
}

const struct variant variant_peak_serial = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "eight chains side by side, plain code",
    .run = run_serial,
};
