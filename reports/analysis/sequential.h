/*
 * Two programs in turns, and no more launches than it takes: same, different, or not yet. Pure functions over launch medians.
 *
 * Launches come in blocks of as many old as new ones: the first in a shuffled order, the others in pairs, of which a coin decides who
 * goes first. After each block all of them are looked at again: ratios are taken inside the first block and inside pairs alone, so that
 * what the machine does more slowly than a pair takes hits both sides alike. And since the coin decides who had which turn, the test
 * is exact whatever the noise looks like: heavy tails, two speeds, drift, launches that depend on those before. Looking several
 * times is paid for: p and interval hold over all looks together, however early one stops.
 *
 * Where noise is such that not even all launches would tell, the rest of them are not spent.
 *
 * Significant and relevant are two things: p says whether there is a difference, the threshold whether anybody should care.
 */
#ifndef REPORTS_ANALYSIS_SEQUENTIAL_H
#define REPORTS_ANALYSIS_SEQUENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQUENTIAL_LOOKS 9
#define SEQUENTIAL_MOST 96 /* launches of a side after the last look */

enum sequential_answer {
    SEQUENTIAL_NOT_YET,
    SEQUENTIAL_HOPELESS,  /* not decided, and at this noise it hardly will be by the launches that are left */
    SEQUENTIAL_SAME,      /* no difference shows, and one that counts is excluded */
    SEQUENTIAL_SLIGHT,    /* there is a difference, too small to count */
    SEQUENTIAL_DIFFERENT, /* there is a difference, and it counts */
};

struct sequential {
    size_t looks; /* so many were taken */
    double ratio, low,
        high;     /* new / old with the 95 % interval; 0 and INFINITY: nothing is excluded yet. NaN: no look yet */
    double p;     /* 1 lies outside low ... high exactly if p <= 0.05 */
    double noise; /* robust standard deviation of a launch beside its partner, as a share */
};

/* Launches of a side that the first `looks` looks see together; from 0 to SEQUENTIAL_LOOKS. */
size_t sequential_launches(size_t looks);
/* The turns of the block before that look (from 0), in order: true is the new program's. Twice as many as the block has
 * launches a side; answers that number. */
size_t sequential_turns(size_t look, bool turns[2 * SEQUENTIAL_MOST], uint64_t *seed);

/* Launches of each side in the order in which they were made; what exceeds the last whole block is not looked at. */
void sequential_compare(const double *old, const double *now, size_t launches, struct sequential *s);
/* `threshold`: the share that counts. `significance`: p up to this is a difference, 0.05 or what the control over many points
 * leaves of it. */
enum sequential_answer sequential_answer(const struct sequential *s, double threshold, double significance);
/* Half the width that the interval would have after all launches, as a share, at the noise that was seen. */
double sequential_reach(const struct sequential *s);

#endif
