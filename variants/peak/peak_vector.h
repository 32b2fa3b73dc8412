/*
 * The chains in vectors, for each instruction set that this architecture may have. Twelve vectors are in flight: a fused
 * multiply-add takes four or five cycles and there are two units, and with two constants they still fit sixteen registers. The
 * includer is compiled with -ffp-contract=fast, which makes one instruction of x * a + b where there is one.
 */
#ifndef VARIANTS_PEAK_PEAK_VECTOR_H
#define VARIANTS_PEAK_PEAK_VECTOR_H

#include "peak.h"

#define PEAK_GROUP 12
#define PEAK_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

/* The chains [from, to) of the output; both are multiples of PEAK_CHAINS. */
typedef void peak_loop(void *out, size_t from, size_t to, int64_t steps, double a, double b);

#define PEAK_LOAD(k) vec x##k = *(vec *)(values + i + (k)*lanes);
#define PEAK_STEP(k) x##k = x##k * va + vb;
#define PEAK_STORE(k) *(vec *)(values + i + (k)*lanes) = x##k;
/* Vectors in groups, then those that are left of them one by one. */
#define PEAK_LOOP(NAME, TARGET, TYPE, BYTES)                                                                           \
    static TARGET void NAME(void *out, size_t from, size_t to, int64_t steps, double a, double b)                      \
    {                                                                                                                  \
        typedef TYPE vec __attribute__((vector_size(BYTES), aligned(sizeof(TYPE)), may_alias));                        \
        enum { lanes = (BYTES) / sizeof(TYPE) };                                                                       \
        const vec va = (vec){0} + (TYPE)a, vb = (vec){0} + (TYPE)b;                                                    \
        TYPE *values = out;                                                                                            \
        size_t i;                                                                                                      \
                                                                                                                       \
        for (i = from; i < to; i++)                                                                                    \
            values[i] = (TYPE)PEAK_START(i);                                                                           \
        for (i = from; i + PEAK_GROUP * lanes <= to; i += PEAK_GROUP * lanes) {                                        \
            PEAK_EACH(PEAK_LOAD)                                                                                       \
            for (int64_t step = 0; step < steps; step++) {                                                             \
                PEAK_EACH(PEAK_STEP)                                                                                   \
            }                                                                                                          \
            PEAK_EACH(PEAK_STORE)                                                                                      \
        }                                                                                                              \
        for (; i < to; i += lanes) {                                                                                   \
            PEAK_LOAD(0)                                                                                               \
            for (int64_t step = 0; step < steps; step++)                                                               \
                PEAK_STEP(0)                                                                                           \
            PEAK_STORE(0)                                                                                              \
        }                                                                                                              \
    }

#if defined __x86_64__
PEAK_LOOP(peak_sse2_double, , double, 16)
PEAK_LOOP(peak_sse2_float, , float, 16)
#define PEAK_AVX2 __attribute__((target("avx2,fma")))
PEAK_LOOP(peak_avx2_double, PEAK_AVX2, double, 32)
PEAK_LOOP(peak_avx2_float, PEAK_AVX2, float, 32)
#define PEAK_AVX512 __attribute__((target("avx512f,avx2,fma")))
PEAK_LOOP(peak_avx512_double, PEAK_AVX512, double, 64)
PEAK_LOOP(peak_avx512_float, PEAK_AVX512, float, 64)
#else
PEAK_LOOP(peak_vector_double, , double, 16)
PEAK_LOOP(peak_vector_float, , float, 16)
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
