/*
 * One branch a round that nobody can foretell: it goes by the highest bit of a generator (xorshift, multiplied) that goes on from
 * execution to execution, so that no predictor meets the same sequence twice. However it predicts, it is wrong half of the time.
 */
#include "truth.h"

#define MULTIPLIER UINT64_C(0x2545F4914F6CDD1D)

struct generator {
    uint64_t x; /* never 0 */
};

static int prepare(struct run *r)
{
    struct generator *g = malloc(sizeof *g);

    r->state = g;
    if (!g) {
        snprintf(r->error, sizeof r->error, "no memory for the generator");
        return -1;
    }
    g->x = (r->seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    return 0;
}

static uint64_t draw(struct generator *g, uint64_t n)
{
    uint64_t x = g->x, taken = 0, straight = 0;

#if defined(__x86_64__)
    uint64_t t, u;

    __asm__ volatile(
        "1:\n\t"
        "mov %[x], %[t]\n\t"
        "shr $12, %[t]\n\t"
        "xor %[t], %[x]\n\t"
        "mov %[x], %[t]\n\t"
        "shl $25, %[t]\n\t"
        "xor %[t], %[x]\n\t"
        "mov %[x], %[t]\n\t"
        "shr $27, %[t]\n\t"
        "xor %[t], %[x]\n\t"
        "mov %[x], %[t]\n\t"
        "imul %[m], %[t]\n\t"
        "mov %[t], %[u]\n\t"
        "shr $63, %[u]\n\t"
        "add %[u], %[taken]\n\t"
        "test %[t], %[t]\n\t"
        "js 2f\n\t"
        "add $1, %[straight]\n"
        "2:\n\t"
        "sub $1, %[n]\n\t"
        "jnz 1b"
        : [x] "+&r"(x), [taken] "+&r"(taken), [straight] "+&r"(straight), [n] "+&r"(n), [t] "=&r"(t), [u] "=&r"(u)
        : [m] "r"(MULTIPLIER)
        : "cc");
#elif defined(__aarch64__)
    uint64_t t;

    __asm__ volatile("1:\n\t"
                     "eor %[x], %[x], %[x], lsr #12\n\t"
                     "eor %[x], %[x], %[x], lsl #25\n\t"
                     "eor %[x], %[x], %[x], lsr #27\n\t"
                     "mul %[t], %[x], %[m]\n\t"
                     "add %[taken], %[taken], %[t], lsr #63\n\t"
                     "tbnz %[t], #63, 2f\n\t"
                     "add %[straight], %[straight], #1\n"
                     "2:\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [x] "+&r"(x), [taken] "+&r"(taken), [straight] "+&r"(straight), [n] "+&r"(n), [t] "=&r"(t)
                     : [m] "r"(MULTIPLIER)
                     : "cc");
#else
    for (volatile uint64_t i = 0; i < n; i++) {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        if (x * MULTIPLIER >> 63)
            taken++;
        else
            straight++;
    }
#endif
    g->x = x;
    return taken + straight;
}

static int run(struct run *r)
{
    truth_result(r, draw(r->state, (uint64_t)run_number(r, "n")));
    return 0;
}

static void finish(struct run *r)
{
    free(r->state);
    r->state = NULL;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r), draws = 4 / sqrt(n); /* four standard deviations of n coins, as a share of n / 2 */
    const struct expected all[] = {
        {"branch_misses", n / 2, draws + 0.01, "half of the random ones, one a round; within four standard deviations"},
        {"branches", n * 2, TRUTH_EXACT, "a random one and one that closes the loop a round"},
        {"branches_taken", n * 1.5 - 1, draws / 3 + TRUTH_EXACT, "half of the random ones, and the loop's"},
        {"branches_not_taken", n / 2 + 1, draws + TRUTH_EXACT, "half of the random ones"},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_random = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known mispredictions: a branch that goes by random bits",
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .expected = expected,
};
