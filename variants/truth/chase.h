/*
 * A chase: each load tells where the next one goes, so there is one at a time and nothing to fetch ahead. The nodes lie in memory
 * at equal distances, and the chain goes through all of them in random order before it comes back. A node's low half is the
 * next one's place, its high half 1: their sum tells how many loads there were.
 */
#ifndef VARIANTS_TRUTH_CHASE_H
#define VARIANTS_TRUTH_CHASE_H

#include "truth.h"

struct chase {
    char *memory;
    size_t bytes;
    uint64_t at; /* where the next execution goes on */
};

/* How the chain goes. */
struct chase_shape {
    size_t nodes;    /* at least 2 */
    size_t distance; /* bytes between nodes */
    size_t together; /* neighbours that are visited one after the other: 1, or 2 */
    size_t
        stagger; /* node i lies (i modulo this) lines into its place, so that pages do not share one set of the cache */
};

/* Reserves and links; run.state is the chase. 0, or -1 with the sentence. */
int chase_prepare(struct run *r, const struct chase_shape *shape);
void chase_finish(struct run *r);
/* n loads; the result is what they add up to. */
int chase_run(struct run *r);
/* Of one load. */
#define CHASE_INSTRUCTIONS TRUTH_EITHER(7, 5)
#define CHASE_WORDS TRUTH_EITHER("one load and 6 others a round", "one load and 4 others a round")

#endif
