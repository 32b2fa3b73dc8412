/*
 * A first cause for a point that moved, in one sentence, from what was counted. Pure.
 *
 * Time = cycles / clock, and cycles = instructions x cycles per instruction (CPI). A change of cycles is split exactly into what
 * more or fewer instructions cost at the old CPI, and what another CPI costs for the new instructions:
 *
 *     cycles' - cycles = (instructions' - instructions) x CPI  +  instructions' x (CPI' - CPI)
 *
 * Then come the other counters that moved beyond their own noise, the largest change first, each with its interval. Where both sides have
 * launches enough, intervals are those of times (compare_time); else they follow from the spread of the repetitions. A counter is
 * no cause if its events, at the most that one of them can cost, could not make a twentieth of the change of time.
 */
#ifndef REPORTS_ANALYSIS_WHY_H
#define REPORTS_ANALYSIS_WHY_H

#include "compare.h"

/* One quantity on both sides. */
struct why_series {
    const char *words;               /* "L1D misses" */
    struct compare_side before, now; /* one value per launch, per execution; none: not measured */
    double spread;                   /* relative standard deviation of the repetitions, the wider side's; 0 unknown */
    double most_ns;                  /* what one event can cost at most; 0: 100 ns, a miss to memory */
};

struct why_input {
    const char *what; /* the words of what moved: "time", "instructions" */
    double ratio;     /* by how much, as it was judged; NaN: as the series below says */
    struct why_series time, instructions, cycles;
    bool parallel;                     /* cycles are of several threads: "clock" is then also how many of them ran */
    bool simulated;                    /* instructions come from a simulator */
    const struct why_series *counters; /* others, in any order */
    size_t counter_count;
};

/* Writes one sentence without a full stop, never an empty one. Returns `out`. */
const char *why_sentence(const struct why_input *w, char *out, size_t size);

#endif
