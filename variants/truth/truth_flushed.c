/*
 * A chase through lines that were flushed from every cache before: each load misses the last level, however large that is. Lines
 * are visited in pairs, so that a prefetcher that brings lines in pairs brings what is wanted next, and memory is read once for
 * each line, by whom ever. A simulator of caches knows nothing of the flush.
 */
#include "chase.h"

static int prepare(struct run *r)
{
    return chase_prepare(r,
                         &(struct chase_shape){
                             .nodes = (size_t)run_number(r, "n"), .distance = TRUTH_LINE, .together = 2, .stagger = 1});
}

static const char *probe(void)
{
#if TRUTH_ASSEMBLER
    return NULL;
#else
    return "no instruction that flushes a line is known for this CPU";
#endif
}

/* Lines of more than 64 bytes are flushed more than once. */
static bool flush(struct run *r)
{
    const struct chase *c = r->state;

    for (size_t i = 0; i < c->bytes; i += TRUTH_LINE) {
#if defined(__x86_64__)
        __asm__ volatile("clflush %0" : "+m"(c->memory[i]));
#elif defined(__aarch64__)
        __asm__ volatile("dc civac, %0" : : "r"(c->memory + i) : "memory");
#endif
    }
#if defined(__x86_64__)
    __asm__ volatile("mfence" : : : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("dsb ish" : : : "memory");
#endif
    return c->bytes > 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    const struct expected all[] = {
        {"llc_misses", n, 0.2, "every line is flushed before and read once, by a load or by a prefetcher"},
        {"l1d_misses", n, 0.2, "every load goes to a line that is in no cache"},
        {"loads", n, TRUTH_EXACT, "one a round"},
        {"instructions", n * CHASE_INSTRUCTIONS, TRUTH_EXACT, CHASE_WORDS},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_flushed = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known misses of the last level: a chase through lines that were flushed",
    .probe = probe,
    .prepare = prepare,
    .reset = flush,
    .run = chase_run,
    .finish = chase_finish,
    .expected = expected,
};
