/*
 * Multiplexing on request: all sets of a collector in one launch, by turns. Repetition i counts set i modulo the number of sets, so
 * every value is a real count of its own repetition and none is extrapolated; what one set alone counts has fewer repetitions,
 * and its quality says which share. The sets stand in the pass, parted by bars: "papi:A,B|A,C".
 */
#ifndef HARNESS_MULTIPLEX_H
#define HARNESS_MULTIPLEX_H

#include "measure.h"

/* Of a pass or of its events: how many sets there are, at least 1. */
size_t multiplex_sets(const char *pass);
/* The share of the sets that count the metric, 0 to 1, and whether set number `set` does. 0: it is no event of this pass. */
double multiplex_share(const char *pass, const char *metric, int set, bool *counted);
/* Globs of the metrics that only this set of the pass counts, with their spread over threads, without `spared` (or NULL); of a pass
 * with one set, of all of its events. "" if there are none. free(). */
char *multiplex_globs(const char *pass, int set, const char *spared);

/* Joins passes of the same collector, as far as its sets can take turns. */
void multiplex_join(struct text_list *passes);

/* In the worker: drops readings of events that another set counts, and gives the others their quality. Returns how many stay. */
size_t multiplex_mark(const char *pass, int repetition, struct reading *readings, size_t count);

#endif
