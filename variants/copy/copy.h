/* What the variants of the copy kernel share: its two arrays. */
#ifndef VARIANTS_COPY_COPY_H
#define VARIANTS_COPY_COPY_H

#include "../variant.h"

#include <stdio.h>

/* run.problem of this kernel. The arrays do not overlap and start at cache lines. */
struct copy {
    size_t bytes; /* of each array */
    void *to;     /* the output */
    const void *from;
    void *memory;
};

#endif
