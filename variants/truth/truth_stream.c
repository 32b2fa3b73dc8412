/*
 * One load from each line of a footprint, in order, again and again. Prefetchers do what they can: how many of the lines count as
 * misses differs from CPU to CPU, so what is known is how many lines there are.
 */
#include "levels.h"

#define MOST (INT64_C(1) << 31)
#define A_ROUND TRUTH_EITHER(6, 7)

static const struct axis axes[] = {
    {"size", "L1/4,L2/4,8L2", "8L2", "bytes of the footprint, a multiple of 64", false},
    {0},
};

struct stream {
    char *memory;
    uint64_t bytes, at; /* where the next execution goes on */
};

static int prepare(struct run *r)
{
    int64_t size = run_number(r, "size");
    struct stream *s;

    r->state = NULL;
    if (size < TRUTH_LINE || size > MOST || size % TRUTH_LINE) {
        snprintf(r->error, sizeof r->error, "size is %lld, but must be a multiple of %d up to %lld", (long long)size,
                 TRUTH_LINE, (long long)MOST);
        return -1;
    }
    s = calloc(1, sizeof *s);
    if (s)
        s->memory = aligned_alloc(TRUTH_LINE, (size_t)size);
    if (!s || !s->memory) {
        snprintf(r->error, sizeof r->error, "no memory for %lld bytes", (long long)size);
        free(s);
        return -1;
    }
    s->bytes = (uint64_t)size;
    for (uint64_t i = 0; i < s->bytes; i += sizeof(uint64_t))
        memcpy(s->memory + i, &(uint64_t){1}, sizeof(uint64_t));
    r->state = s;
    return 0;
}

/* n words that are 1, a line apart, from `at` on; returns where the next one is. */
static uint64_t pass(const struct stream *s, uint64_t at, uint64_t n, uint64_t *sum)
{
    uint64_t ones = 0;

#if defined(__x86_64__)
    uint64_t zero = 0;

    __asm__ volatile("1:\n\t"
                     "add (%[memory],%[at]), %[ones]\n\t"
                     "add $64, %[at]\n\t"
                     "cmp %[bytes], %[at]\n\t"
                     "cmove %[zero], %[at]\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b"
                     : [at] "+&r"(at), [ones] "+&r"(ones), [n] "+&r"(n)
                     : [memory] "r"(s->memory), [bytes] "r"(s->bytes), [zero] "r"(zero)
                     : "cc", "memory");
#elif defined(__aarch64__)
    uint64_t t;

    __asm__ volatile("1:\n\t"
                     "ldr %[t], [%[memory], %[at]]\n\t"
                     "add %[ones], %[ones], %[t]\n\t"
                     "add %[at], %[at], #64\n\t"
                     "cmp %[at], %[bytes]\n\t"
                     "csel %[at], xzr, %[at], eq\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [at] "+&r"(at), [ones] "+&r"(ones), [n] "+&r"(n), [t] "=&r"(t)
                     : [memory] "r"(s->memory), [bytes] "r"(s->bytes)
                     : "cc", "memory");
#else
    for (const volatile char *memory = s->memory; n--; at = at + TRUTH_LINE == s->bytes ? 0 : at + TRUTH_LINE)
        ones += *(const volatile uint64_t *)(const volatile void *)(memory + at);
#endif
    *sum = ones;
    return at;
}

static int run(struct run *r)
{
    struct stream *s = r->state;
    uint64_t ones;

    s->at = pass(s, s->at, (uint64_t)run_number(r, "n"), &ones);
    truth_result(r, ones);
    return 0;
}

static void finish(struct run *r)
{
    struct stream *s = r->state;

    free(s->memory);
    free(s);
    r->state = NULL;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    struct expected all[6];
    size_t levels =
        truth_level_misses(r, all, TRUTH_LINE, 1,
                           "a new line every round: up to one miss each where nothing is brought ahead, up "
                           "to two where the lines of a prefetcher count, down to none where they count as there");

    all[levels] = (struct expected){"loads", n, TRUTH_EXACT, "one a round"};
    all[levels + 1] = (struct expected){
        "instructions", n * A_ROUND, TRUTH_EXACT,
        TRUTH_EITHER("one that loads and adds, and 5 others a round", "one load and 6 others a round")};
    all[levels + 2] = (struct expected){"branches", n, TRUTH_EXACT, "one that closes the loop a round"};
    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_stream = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known lines: one load from each line of a footprint, in order",
    .axes = axes,
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .expected = expected,
};
