/*
 * Loops whose counts are known by construction: what an instrument shows for them tells how right it counts on this machine.
 * Each loop is written in assembler, from its first instruction to its last, so no compiler has a say in it; around it stand
 * the call and a few moves, which `tolerance` allows for. Elsewhere than on x86-64 and AArch64 plain code takes
 * its place, and the counts are unknown, with that reason.
 *
 * Every variant does `n` rounds, and its result is what its own loop added up, n if all were done. A variant measured at two
 * n tells the fixed cost from the cost per round.
 *
 * Names of events, as in struct expected:
 *     instructions branches branches_taken branches_not_taken    retired; taken and not taken of conditional ones
 *     branch_misses                                              branches whose direction was foretold wrongly
 *     loads stores                                               of data
 *     l1d_misses l2_misses llc_misses                            lines of data that were not there when asked for
 *     dtlb_misses                                                pages of data whose translation was not there
 *     fp64_flops fp32_flops                                      operations on numbers: a vector of four counts four
 *     page_faults                                                pages that the kernel had to hand out
 *     warp_instructions dram_bytes gpu_fp64_flops gpu_fp32_flops on a GPU; fused ones are two operations
 *
 * The first of a variant's is the one that it is about. Where 0 is expected, the tolerance is per round. What `flushed` expects
 * of caches is for real ones: a simulator does not see the flush.
 */
#ifndef VARIANTS_TRUTH_TRUTH_H
#define VARIANTS_TRUTH_TRUTH_H

#include "../variant.h"

#include <math.h>
#include <stdio.h>

#define TRUTH_ROUNDS 64                 /* n is a multiple of this */
#define TRUTH_MOST_ROUNDS (1 << 22)     /* a float still holds four times this */
#define TRUTH_LINE 64                   /* bytes from one access to the next, where lines are counted */
#define TRUTH_EXACT 5e-4                /* an interrupt now and then */
#define TRUTH_AROUND 250                /* instructions around the loop, at most; of other kinds less than half */
#define TRUTH_NONE 2e-3                 /* per round, where there should be none */
#define TRUTH_UNKNOWN __builtin_nan("") /* with the reason in `because` */

#if defined(__x86_64__) || defined(__aarch64__)
#define TRUTH_ASSEMBLER 1
#else
#define TRUTH_ASSEMBLER 0
#endif

/* What differs between the two. */
#ifdef __aarch64__
#define TRUTH_EITHER(x86, arm) (arm)
#else
#define TRUTH_EITHER(x86, arm) (x86)
#endif

/* Ends an execution. */
static inline void truth_result(struct run *r, uint64_t rounds)
{
    memcpy(r->output, &rounds, sizeof rounds);
}

static inline double truth_rounds(const struct run *r)
{
    return (double)run_number(r, "n");
}

/* The share of what stands around the loop, in a count of retired instructions of any kind. */
static inline double truth_around(const struct expected *e)
{
    static const char *const kinds[] = {"instructions",       "branches", "branches_taken",
                                        "branches_not_taken", "loads",    "stores"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (e->count > 0 && !strcmp(e->event, kinds[i]))
            return (i ? TRUTH_AROUND / 2 : TRUTH_AROUND) / e->count;
    return 0;
}

/* Fills what `expected` returns. `assembler`: the counts are those of the loops in assembler. */
static inline size_t truth_list(struct expected *out, size_t capacity, const struct expected *all, size_t count,
                                bool assembler)
{
    size_t n = count < capacity ? count : capacity;

    for (size_t i = 0; i < n; i++) {
        out[i] = all[i];
        out[i].tolerance += truth_around(&all[i]);
        if (assembler && !TRUTH_ASSEMBLER) {
            out[i].count = TRUTH_UNKNOWN;
            out[i].because = "no loop of known length is written for this CPU: a compiler chose its instructions";
        }
    }
    return n;
}

#define TRUTH_LIST(out, capacity, all, assembler)                                                                      \
    truth_list((out), (capacity), (all), sizeof(all) / sizeof((all)[0]), (assembler))

#endif
