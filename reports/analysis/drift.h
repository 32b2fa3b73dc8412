/*
 * Did the machine move? Anchors are the same work by the same program in every run; when their times change, the machine did. Pure
 * functions over launch medians.
 *
 * Anchors that moved alike (or stayed) have one ratio for the machine, of which each has its share by how certain it is. When they
 * disagree, parts of the machine moved, and no one number corrects a point's time: then a point is held against the one that
 * slowed most and the one that slowed least.
 */
#ifndef REPORTS_ANALYSIS_DRIFT_H
#define REPORTS_ANALYSIS_DRIFT_H

#include "compare.h"

enum { DRIFT_MOST = 16 }; /* anchors */

struct drift_anchor {
    const char *name;
    struct compare_side before, now; /* times */
};

struct drift_part {
    const char *name;
    struct comparison c;
    bool moved; /* beyond max(min_effect, its own noise), not by chance */
};

struct drift {
    struct drift_part parts[DRIFT_MOST]; /* those with enough launches on both sides */
    size_t count;
    bool moved, alike;
    double ratio, low, high; /* now / before: of all if they are alike, else of the least and the most moved one */
};

/* `o` as for other times; anchors do with half the launches, since what follows from them is caution. */
void drift_compare(const struct drift_anchor *anchors, size_t count, const struct compare_options *o, struct drift *d);

/* A point's change beyond the machine's: `ratio` divided by the machine's. The range is one value where the anchors are alike. */
void drift_beyond(const struct drift *d, double ratio, double *low, double *high);

/* "the machine changed by +5.2 % (anchors, 95 % 4.9 to 5.5)", or which parts of it; NULL if it has not moved. free() */
char *drift_words(const struct drift *d);

#endif
