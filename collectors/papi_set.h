/*
 * One set of hardware events on its target, through PAPI: what papi.c offers as a pass and what papi_plan.c tries out.
 *
 * The events of a pass are a text: logical names joined by commas, each with the event that PAPI really counts behind an
 * equals sign where that is another one: "PAPI_TOT_CYC,PAPI_TOT_INS,PAPI_L1_DCM=perf::L1-DCACHE-LOAD-MISSES". Two tie-points come
 * first in every set: cycles, then instructions.
 */
#ifndef COLLECTORS_PAPI_SET_H
#define COLLECTORS_PAPI_SET_H

#include "collector.h"

#define PAPI_CYCLES "PAPI_TOT_CYC"
#define PAPI_INSTRUCTIONS "PAPI_TOT_INS"

enum {
    PAPI_SET_EVENTS = 16,   /* most events of one set, tie-points included */
    PAPI_EMPTY_REGIONS = 7, /* regions with nothing in them that are counted at open, to learn their cost */
};

/* A CPU above this clock is not counting right. */
#define PAPI_FASTEST_GHZ 6.0

struct papi_set;

/* Starts the library once in this process. 0, or -1 with the reason. */
int papi_library(struct err *e);
/* How PAPI's error code reads here, and what cures it: "" if nothing is known. */
const char *papi_reason(int code);
const char *papi_cure(int code);
/* The PAPI code of the last failure in this process, to ask the two above about it; 0 if there was none. */
int papi_last_code(void);

struct papi_set *papi_set_open(const char *events, const struct target *target, struct err *e);
int papi_set_start(struct papi_set *s);
int papi_set_stop(struct papi_set *s);
size_t papi_set_read(struct papi_set *s, struct reading *out, size_t capacity);
void papi_set_close(struct papi_set *s); /* NULL is fine */

/* Counts nothing in particular with the set, once, on the calling thread: PAPI says yes to events that then do not start. 0, or
 * -1 with the reason. */
int papi_set_try(const char *events, struct err *e);

#endif
