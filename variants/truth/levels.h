/* What is expected of the caches of data when a known footprint is gone through again and again. */
#ifndef VARIANTS_TRUTH_LEVELS_H
#define VARIANTS_TRUTH_LEVELS_H

#include "truth.h"

/*
 * A footprint of at most a quarter of a level is held by it, whatever its pages' addresses are; of one that is eight times
 * as large hardly a line is left when its turn comes again, however the level chooses what to drop. Between the two nobody
 * knows.
 */
#define TRUTH_HELD 4
#define TRUTH_LOST 8

/*
 * Adds the misses in the first, second and last level, and returns how many there are to be added. `distance`: bytes of the
 * footprint between one access and the next, n of them an execution. `tolerance` and `because` are for levels that cannot hold
 * the footprint.
 */
size_t truth_level_misses(const struct run *r, struct expected *out, double distance, double tolerance,
                          const char *because);

#endif
