/*
 * Tie-points: counts that several counter passes of one point have in common, cycles and instructions. Each pass is a launch of its
 * own, and what its other events count stands beside the rest only if all of them saw the same work. Pure functions over arrays.
 */
#ifndef HARNESS_TIE_POINTS_H
#define HARNESS_TIE_POINTS_H

#include <stdbool.h>
#include <stddef.h>

struct tie_pass {
    double median; /* of its repetitions, per execution */
    double spread; /* relative standard deviation of its repetitions, robust */
    bool differs;  /* answered: it is not what the other passes say */
    double off;    /* answered: the share by which it lies above the others, below if negative */
    double others; /* answered: their median */
};

/* Median and spread of one pass. */
struct tie_pass tie_pass_of(const double *values, size_t count);

/*
 * Do these passes say nothing of how launches differ? Two single counts do not; nor do two passes of a point in which threads or
 * processes share the work: how they meet differs from launch to launch, and its repetitions do not show it.
 */
bool tie_points_blind(size_t count, bool single, double workers);

/*
 * Marks the passes that differ from the others by more than launches of the same program do; answers how many. `noise` is the
 * relative standard deviation between launches when nothing changed, from runs of the plan against itself, or NaN: then it is
 * estimated from the passes at hand, their distances counting up to `most`. It is never taken to be less than `least`. `limit`
 * receives the share within which passes agree. Of two passes that differ nobody knows which is right: both are marked.
 */
size_t tie_points_test(struct tie_pass *passes, size_t count, double noise, double least, double most, double *limit);

#endif
