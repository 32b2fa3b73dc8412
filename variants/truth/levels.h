/* What is expected of the caches of data when a known footprint is gone through again and again. */
#ifndef VARIANTS_TRUTH_LEVELS_H
#define VARIANTS_TRUTH_LEVELS_H

#include "truth.h"

/*
 * A footprint of at most a quarter of a level is held by it, whatever its pages' addresses are; of one that is eight times as
 * large hardly a line is left when its turn comes again, however the level chooses what to drop. Between the two nobody knows.
 */
#define TRUTH_HELD 4
#define TRUTH_LOST 8

/*
 * Adds the misses that `lines` accesses, each to a new line, have in the first, second and last level with this footprint, and
 * returns how many were added. `tolerance` and `because` are for levels that cannot hold it.
 */
size_t truth_level_misses(struct expected *out, double footprint, double lines, double tolerance, const char *because);

#endif
