/* What of callgrind's is wanted, and whether valgrind works here. Private to collectors/callgrind*.c. */
#ifndef COLLECTORS_CALLGRIND_PLAN_H
#define COLLECTORS_CALLGRIND_PLAN_H

#include "callgrind_dump.h"
#include "collector.h"

/* A metric and what it is the sum of. */
struct callgrind_metric {
    const char *event; /* as in passes: "instructions"; its metric is "callgrind.instructions" */
    const char *group; /* the part of the simulation that gives it: "instructions", "branches", "cache" */
    int sum[3];        /* enum callgrind_event, ended by -1 where it is of fewer */
};
extern const struct callgrind_metric callgrind_metrics[]; /* in the catalogue's order; ends with a NULL event */
extern const struct metric callgrind_catalogue[];

/* Is the event in the pass's list "instructions,branches"? */
bool callgrind_listed(const char *events, const char *event);
/* Does the pass need the simulation of caches, or of branches? */
bool callgrind_needs(const char *events, const char *group);

/* NULL, or why callgrind cannot work here, with the cure. Asks valgrind for its version once. */
const char *callgrind_reason(const char **cure);
int callgrind_plan(const char *wanted, struct passes *out, struct err *e);

#endif
