/*
 * What the two variants that count operations on numbers share: eight chains of x = x * 1 + 1 in eight registers, four steps a
 * round, none of them fused. The result is exact, so it tells the number of steps.
 *
 * TRUTH_CHAINS writes the loop for registers of one kind. Its first word is the instructions' ending on x86-64 ("sd", "ps"),
 * its second how AArch64 writes a register ("d" for a single double, ".2d" for a vector).
 */
#ifndef VARIANTS_TRUTH_ARITHMETIC_H
#define VARIANTS_TRUTH_ARITHMETIC_H

#include "truth.h"

#define TRUTH_CHAIN_COUNT 8
#define TRUTH_STEPS 4
#define TRUTH_OPERATIONS (TRUTH_CHAIN_COUNT * TRUTH_STEPS * 2) /* instructions a round that compute */

/* The axis of both. */
#define TRUTH_PRECISION                                                                                                \
    {                                                                                                                  \
        "precision", "fp64,fp32", "fp64", "double or single", false                                                    \
    }

static inline bool truth_is_single(const struct run *r)
{
    return !strcmp(run_word(r, "precision"), "fp32");
}

#if defined(__x86_64__)
#define TRUTH_REGISTER "x"
#define TRUTH_STEP(x86, arm, x) "mul" x86 " %[one], %[" x "]\n\tadd" x86 " %[one], %[" x "]\n\t"
#define TRUTH_CLOSE "sub $1, %[n]\n\tjnz 1b"
#elif defined(__aarch64__)
#define TRUTH_REGISTER "w"
#define TRUTH_STEP(x86, arm, x)                                                                                        \
    "fmul " arm("[" x "]") ", " arm("[" x "]") ", " arm("[one]") "\n\t"                                                \
                                                                 "fadd " arm("[" x "]") ", " arm("[" x "]") ", " arm(  \
                                                                     "[one]") "\n\t"
#define TRUTH_CLOSE "subs %[n], %[n], #1\n\tb.ne 1b"
#endif
/* How AArch64 writes them. */
#define TRUTH_D(name) "%d" name
#define TRUTH_S(name) "%s" name
#define TRUTH_2D(name) "%" name ".2d"
#define TRUTH_4S(name) "%" name ".4s"

#if TRUTH_ASSEMBLER
#define TRUTH_CHAINS(x86, arm, x, n, one)                                                                              \
    __asm__ volatile(                                                                                                  \
        "1:\n\t.rept 4\n\t" /* TRUTH_STEPS */                                                                          \
        TRUTH_STEP(x86, arm, "x0") TRUTH_STEP(x86, arm, "x1") TRUTH_STEP(x86, arm, "x2") TRUTH_STEP(x86, arm, "x3")    \
            TRUTH_STEP(x86, arm, "x4") TRUTH_STEP(x86, arm, "x5") TRUTH_STEP(x86, arm, "x6")                           \
                TRUTH_STEP(x86, arm, "x7") ".endr\n\t" TRUTH_CLOSE                                                     \
        : [x0] "+&" TRUTH_REGISTER((x)[0]), [x1] "+&" TRUTH_REGISTER((x)[1]), [x2] "+&" TRUTH_REGISTER((x)[2]),        \
          [x3] "+&" TRUTH_REGISTER((x)[3]), [x4] "+&" TRUTH_REGISTER((x)[4]), [x5] "+&" TRUTH_REGISTER((x)[5]),        \
          [x6] "+&" TRUTH_REGISTER((x)[6]), [x7] "+&" TRUTH_REGISTER((x)[7]), [n] "+&r"(n)                             \
        : [one] TRUTH_REGISTER(one)                                                                                    \
        : "cc")
#else
#define TRUTH_CHAINS(x86, arm, x, n, one)                                                                              \
    do                                                                                                                 \
        for (volatile uint64_t left = (n); left; left--)                                                               \
            for (int step = 0; step < TRUTH_STEPS; step++)                                                             \
                for (int k = 0; k < TRUTH_CHAIN_COUNT; k++)                                                            \
                    (x)[k] = (x)[k] * (one) + (one);                                                                   \
    while (0)
#endif

/* What both expect; `lanes` numbers are computed by one instruction. */
static inline size_t truth_arithmetic(const struct run *r, double lanes, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r), flops = n * TRUTH_OPERATIONS * lanes;
    bool single = truth_is_single(r);
    const char *computed =
                   lanes > 1
                       ? "64 vector instructions a round, each of them a product or a sum per lane; an event that "
                         "counts instructions shows one for all lanes"
                       : "32 products and 32 sums a round, none of them fused",
               *none = "numbers of the other precision alone";
    const struct expected all[] = {
        {single ? "fp32_flops" : "fp64_flops", flops, TRUTH_EXACT, computed},
        {single ? "fp64_flops" : "fp32_flops", 0, TRUTH_NONE, none},
        {"instructions", n * (TRUTH_OPERATIONS + 2), TRUTH_EXACT, "64 that compute and 2 of the loop a round"},
        {"branches", n, TRUTH_EXACT, "one that closes the loop a round"},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

#endif
