/*
 * The chains in vectors, for each instruction set that this architecture may have. A fused multiply-add takes four or five cycles
 * and there are two units, so ten vectors must be in flight: twelve where there are sixteen registers, sixteen where there are
 * thirty-two. The includer is compiled with -ffp-contract=fast, which makes one instruction of x * a + b where there is one.
 */
#ifndef VARIANTS_PEAK_PEAK_VECTOR_H
#define VARIANTS_PEAK_PEAK_VECTOR_H

#include "peak.h"

#define PEAK_12(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define PEAK_16(DO) PEAK_12(DO) DO(12) DO(13) DO(14) DO(15)

/* The chains [from, to) of the output; both are multiples of PEAK_CHAINS. */
typedef void peak_loop(void *out, size_t from, size_t to, int64_t steps, double a, double b);

#define PEAK_LOAD(k) vec x##k = *(vec *)(values + i + (k)*lanes);
#define PEAK_STEP(k) x##k = x##k * va + vb;
#define PEAK_STORE(k) *(vec *)(values + i + (k)*lanes) = x##k;
/* What the last group has in common with the one before it is computed twice. */
#define PEAK_LOOP(NAME, TARGET, TYPE, BYTES, GROUP)                                                                    \
    static TARGET void NAME(void *out, size_t from, size_t to, int64_t steps, double a, double b)                      \
    {                                                                                                                  \
        typedef TYPE number;                                                                                           \
        typedef TYPE vec __attribute__((vector_size(BYTES), aligned(sizeof(TYPE)), may_alias));                        \
        enum { lanes = (BYTES) / sizeof(TYPE), group = lanes * (GROUP) };                                              \
        const vec va = (vec){0} + (TYPE)a, vb = (vec){0} + (TYPE)b;                                                    \
        number *values = out;                                                                                          \
                                                                                                                       \
        for (size_t at = from; at < to; at += group) {                                                                 \
            size_t i = at + group <= to ? at : to - group;                                                             \
                                                                                                                       \
            for (size_t k = i; k < i + group; k++)                                                                     \
                values[k] = (TYPE)PEAK_START(k);                                                                       \
            PEAK_##GROUP(PEAK_LOAD) for (int64_t step = 0; step < steps;                                               \
                                         step++){PEAK_##GROUP(PEAK_STEP)} PEAK_##GROUP(PEAK_STORE)                     \
        }                                                                                                              \
    }

#if defined __x86_64__
PEAK_LOOP(peak_sse2_double, , double, 16, 12)
PEAK_LOOP(peak_sse2_float, , float, 16, 12)
#define PEAK_AVX2 __attribute__((target("avx2,fma")))
PEAK_LOOP(peak_avx2_double, PEAK_AVX2, double, 32, 12)
PEAK_LOOP(peak_avx2_float, PEAK_AVX2, float, 32, 12)
#define PEAK_AVX512 __attribute__((target("avx512f,avx2,fma")))
PEAK_LOOP(peak_avx512_double, PEAK_AVX512, double, 64, 16)
PEAK_LOOP(peak_avx512_float, PEAK_AVX512, float, 64, 16)
#else
PEAK_LOOP(peak_vector_double, , double, 16, 16)
PEAK_LOOP(peak_vector_float, , float, 16, 16)
#endif

/* The loop with the widest vectors of this CPU. */
static inline peak_loop *peak_widest(bool single)
{
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return single ? peak_avx512_float : peak_avx512_double;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return single ? peak_avx2_float : peak_avx2_double;
    return single ? peak_sse2_float : peak_sse2_double;
#else
    return single ? peak_vector_float : peak_vector_double;
#endif
}

#endif
