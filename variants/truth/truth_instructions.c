/* Additions to four registers, nothing else: sixty of them a round, and two instructions that make it a loop. */
#include "truth.h"

#define ADDITIONS 60
#define A_ROUND (ADDITIONS + 2)

static uint64_t add(uint64_t n)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;

#if defined(__x86_64__)
    __asm__ volatile("1:\n\t"
                     ".rept 15\n\t"
                     "add $1, %[a]\n\t"
                     "add $1, %[b]\n\t"
                     "add $1, %[c]\n\t"
                     "add $1, %[d]\n\t"
                     ".endr\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b"
                     : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [n] "+&r"(n)
                     :
                     : "cc");
#elif defined(__aarch64__)
    __asm__ volatile("1:\n\t"
                     ".rept 15\n\t"
                     "add %[a], %[a], #1\n\t"
                     "add %[b], %[b], #1\n\t"
                     "add %[c], %[c], #1\n\t"
                     "add %[d], %[d], #1\n\t"
                     ".endr\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [n] "+&r"(n)
                     :
                     : "cc");
#else
    for (volatile uint64_t i = 0; i < n; i++)
        a += ADDITIONS;
#endif
    return a + b + c + d;
}

static int run(struct run *r)
{
    truth_result(r, add((uint64_t)run_number(r, "n")) / ADDITIONS);
    return 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"instructions", n * A_ROUND, TRUTH_EXACT, "60 additions and 2 instructions of the loop a round"},
        {"branches", n, TRUTH_EXACT, "one that closes the loop a round"},
        {"branch_misses", 0, TRUTH_NONE, "a loop that is left once"},
        {"loads", 0, TRUTH_NONE, "registers alone"},
        {"stores", 0, TRUTH_NONE, "registers alone"},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_instructions = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known instructions: additions in registers",
    .run = run,
    .expected = expected,
};
