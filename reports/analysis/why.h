/*
 * A first cause for a point that moved, in one sentence, from what was counted. Pure.
 *
 * Cycles = instructions x cycles per instruction: the sentence says which of the two factors carries the change, or that
 * nothing was counted on this machine. Further counters that moved are named, the strongest first.
 */
#ifndef REPORTS_ANALYSIS_WHY_H
#define REPORTS_ANALYSIS_WHY_H

#include <stddef.h>

struct why_counter {
    const char *name; /* "papi.PAPI_L2_DCM" */
    double baseline, candidate;
};

struct why_input {
    double time[2]; /* baseline, candidate; NaN unknown */
    double instructions[2];
    double cycles[2];
    const struct why_counter *counters; /* others, in any order */
    size_t counter_count;
};

/* Writes one sentence without a full stop, never an empty one. Returns `out`. */
const char *why_sentence(const struct why_input *w, char *out, size_t size);

#endif
