/* Sixteen stores a round to two lines that stay in the first cache: the number of the round. */
#include "truth.h"

#define STORES 16
#define A_ROUND (STORES + 3)

static uint64_t store(uint64_t *words, uint64_t n)
{
    uint64_t round = 1;

    words[15] = 0;
#if defined(__x86_64__)
    __asm__ volatile("1:\n\t"
                     ".rept 4\n\t"
                     "mov %[round], (%[p])\n\t"
                     "mov %[round], 56(%[p])\n\t"
                     "mov %[round], 64(%[p])\n\t"
                     "mov %[round], 120(%[p])\n\t"
                     ".endr\n\t"
                     "add $1, %[round]\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b"
                     : [round] "+&r"(round), [n] "+&r"(n)
                     : [p] "r"(words)
                     : "cc", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("1:\n\t"
                     ".rept 4\n\t"
                     "str %[round], [%[p]]\n\t"
                     "str %[round], [%[p], #56]\n\t"
                     "str %[round], [%[p], #64]\n\t"
                     "str %[round], [%[p], #120]\n\t"
                     ".endr\n\t"
                     "add %[round], %[round], #1\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [round] "+&r"(round), [n] "+&r"(n)
                     : [p] "r"(words)
                     : "cc", "memory");
#else
    for (volatile uint64_t *p = words; n--; round++)
        for (int i = 0; i < STORES; i++)
            p[i] = round;
#endif
    return words[15];
}

static int run(struct run *r)
{
    _Alignas(64) uint64_t words[16];

    truth_result(r, store(words, (uint64_t)run_number(r, "n")));
    return 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"stores", n * STORES, TRUTH_EXACT, "16 a round"},
        {"loads", 0, TRUTH_NONE, "the loop only writes"},
        {"l1d_misses", 0, TRUTH_NONE, "two lines, again and again"},
        {"instructions", n * A_ROUND, TRUTH_EXACT, "16 stores and 3 others a round"},
        {"branches", n, TRUTH_EXACT, "one that closes the loop a round"},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_stores = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known stores, all to the first cache",
    .run = run,
    .expected = expected,
};
