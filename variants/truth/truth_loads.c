/* Sixteen loads a round from two lines that stay in the first cache. */
#include "truth.h"

#define LOADS 16
#define A_ROUND TRUTH_EITHER(LOADS + 2, 2 * LOADS + 2)

static uint64_t load(const uint64_t *words, uint64_t n)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;

#if defined(__x86_64__)
    __asm__ volatile("1:\n\t"
                     ".rept 4\n\t"
                     "add (%[p]), %[a]\n\t"
                     "add 8(%[p]), %[b]\n\t"
                     "add 64(%[p]), %[c]\n\t"
                     "add 72(%[p]), %[d]\n\t"
                     ".endr\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b"
                     : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [n] "+&r"(n)
                     : [p] "r"(words)
                     : "cc", "memory");
#elif defined(__aarch64__)
    uint64_t t;

    __asm__ volatile("1:\n\t"
                     ".rept 4\n\t"
                     "ldr %[t], [%[p]]\n\t"
                     "add %[a], %[a], %[t]\n\t"
                     "ldr %[t], [%[p], #8]\n\t"
                     "add %[b], %[b], %[t]\n\t"
                     "ldr %[t], [%[p], #64]\n\t"
                     "add %[c], %[c], %[t]\n\t"
                     "ldr %[t], [%[p], #72]\n\t"
                     "add %[d], %[d], %[t]\n\t"
                     ".endr\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [n] "+&r"(n), [t] "=&r"(t)
                     : [p] "r"(words)
                     : "cc", "memory");
#else
    for (const volatile uint64_t *p = words; n--;)
        for (int i = 0; i < LOADS / 4; i++) {
            a += p[0];
            b += p[1];
            c += p[8];
            d += p[9];
        }
#endif
    return a + b + c + d;
}

static int run(struct run *r)
{
    static _Alignas(64) const uint64_t words[16] = {[0] = 1, [1] = 1, [8] = 1, [9] = 1};

    truth_result(r, load(words, (uint64_t)run_number(r, "n")) / LOADS);
    return 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"loads", n * LOADS, TRUTH_EXACT, "16 a round"},
        {"stores", 0, TRUTH_NONE, "the loop only reads"},
        {"l1d_misses", 0, TRUTH_NONE, "two lines, again and again"},
        {"instructions", n * A_ROUND, TRUTH_EXACT,
         TRUTH_EITHER("16 that load and add, and 2 of the loop a round",
                      "16 loads, 16 additions and 2 of the loop a round")},
        {"branches", n, TRUTH_EXACT, "one that closes the loop a round"},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_loads = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known loads, all from the first cache",
    .run = run,
    .expected = expected,
};
