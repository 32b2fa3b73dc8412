/*
 * Conditional branches that always go the same way: a round has eight groups of three that are never taken and one that always is,
 * and jumps over an addition that would spoil the result.
 */
#include "truth.h"

#define GROUPS 8
#define TAKEN (GROUPS + 1) /* with the one that closes the loop; in the last round that one is not */
#define NOT_TAKEN (GROUPS * 3)
#define OTHERS TRUTH_EITHER(3, 2)

static uint64_t branch(uint64_t n)
{
    uint64_t rounds = 0, spoilt = 0, zero = 0;

#if defined(__x86_64__)
    __asm__ volatile("1:\n\t"
                     "test %[zero], %[zero]\n\t"
                     ".rept 8\n\t"
                     "jnz 3f\n\t"
                     "jnz 3f\n\t"
                     "jz 2f\n\t"
                     "add $1, %[spoilt]\n"
                     "2:\n\t"
                     "jnz 3f\n\t"
                     ".endr\n\t"
                     "add $1, %[rounds]\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b\n"
                     "3:"
                     : [rounds] "+&r"(rounds), [spoilt] "+&r"(spoilt), [n] "+&r"(n)
                     : [zero] "r"(zero)
                     : "cc");
#elif defined(__aarch64__)
    __asm__ volatile("1:\n\t"
                     ".rept 8\n\t"
                     "cbnz %[zero], 3f\n\t"
                     "cbnz %[zero], 3f\n\t"
                     "cbz %[zero], 2f\n\t"
                     "add %[spoilt], %[spoilt], #1\n"
                     "2:\n\t"
                     "cbnz %[zero], 3f\n\t"
                     ".endr\n\t"
                     "add %[rounds], %[rounds], #1\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b\n"
                     "3:"
                     : [rounds] "+&r"(rounds), [spoilt] "+&r"(spoilt), [n] "+&r"(n)
                     : [zero] "r"(zero)
                     : "cc");
#else
    for (volatile uint64_t i = 0; i < n; i++)
        if (!zero)
            rounds++;
#endif
    return rounds - spoilt;
}

static int run(struct run *r)
{
    truth_result(r, branch((uint64_t)run_number(r, "n")));
    return 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"branches", n * (TAKEN + NOT_TAKEN), TRUTH_EXACT, "33 a round, all conditional"},
        {"branches_taken", n * TAKEN - 1, TRUTH_EXACT, "9 a round, but the last one leaves the loop"},
        {"branches_not_taken", n * NOT_TAKEN + 1, TRUTH_EXACT, "24 a round, and the one that leaves the loop"},
        {"branch_misses", 0, TRUTH_NONE, "each goes the same way every time"},
        {"instructions", n * (TAKEN + NOT_TAKEN + OTHERS), TRUTH_EXACT,
         TRUTH_EITHER("33 branches and 3 others a round", "33 branches and 2 others a round")},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_branches = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known branches: always taken and never taken",
    .run = run,
    .expected = expected,
};
