/*
 * What the anchors share. Each does a fixed amount of work whose outcome is known by arithmetic, and leaves in the output how far
 * its outcome is from that: 0 if it is right.
 */
#ifndef VARIANTS_ANCHOR_ANCHOR_H
#define VARIANTS_ANCHOR_ANCHOR_H

#include "../variant.h"

/* Numbers that the compiler must not know. */
struct anchor {
    double factor, summand; /* both 1 */
    uint64_t stride;        /* 3 */
};

/* Memory in large pages where the system has them: fewer reasons to differ from launch to launch. free() it; NULL without. */
void *anchor_memory(size_t bytes);

static inline void anchor_finish(struct run *r)
{
    free(r->state);
    r->state = NULL;
}

static inline void anchor_result(const struct run *r, uint64_t is, uint64_t should)
{
    uint64_t distance = is - should;

    memcpy(r->output, &distance, sizeof distance);
}

#endif
