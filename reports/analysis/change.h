/*
 * Where does a series of numbers change? Levels that stepped, levels that crept, spread that grew, values that began to fall into two
 * groups. Pure functions over arrays; everything is computed anew from the values, there is no state to go stale. The method, its
 * assumptions and its measured errors stand in change.c.
 *
 * Values are in the order of history, one per run or commit; NaN is a missing value and belongs to no level.
 */
#ifndef REPORTS_ANALYSIS_CHANGE_H
#define REPORTS_ANALYSIS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

enum change_kind {
    CHANGE_STEP,   /* from one level to another */
    CHANGE_CREEP,  /* from one level to another by steps that are each too small to be seen */
    CHANGE_SPREAD, /* the level stayed, the noise around it is another */
    CHANGE_MODES,  /* values fall into two groups, which they did not before, or not as often */
};
const char *change_kind_name(enum change_kind kind); /* "step", "creep", "spread", "modes" */

struct change {
    enum change_kind kind;
    size_t index; /* the first value of the new level; of a creep: where it begins */
    size_t
        end; /* of a creep: the first value at its final level; else the next step's index, or the number of values */
    double before,
        after; /* medians of the levels on both sides; of CHANGE_SPREAD robust standard deviations, of CHANGE_MODES the
                                 share of values in the higher group */
    double ratio, low, high; /* after / before with its 95 % interval; NaN where `before` is not above 0 */
    double confidence;       /* 1 - p, with what looking everywhere costs paid for; from 0 to 1 */
    bool pending;            /* seen in too few values at the end to be sure: one or two more nights will tell */
};

struct change_options {
    double min_effect;  /* steps and creeps below this share do not count; 0: the default */
    bool deterministic; /* counts: what moves them is a change, down to a thousandth */
    double noise; /* a relative standard deviation that is known of the series; 0: it is estimated from the values */
};

struct change_list {
    struct change *items; /* by index; pending ones last */
    size_t count, capacity;
};

/* Appends nothing for series that are too short to say anything. `o` may be NULL. */
void changes_find(const double *values, size_t n, const struct change_options *o, struct change_list *out);
void changes_free(struct change_list *list);
size_t changes_least(const struct change_options *o); /* of fewer values no step is sure */

#endif
