/*
 * Counters must prove themselves: PAPI answers "fine" for sets that then count nonsense. A loop of known length is counted several
 * times through the very calls that measure; only a set that gets it right is used.
 */
#ifndef COLLECTORS_PAPI_PROOF_H
#define COLLECTORS_PAPI_PROOF_H

#include "../harness/base/err.h"

#include <stdint.h>

/* Instructions of one loop, counted exactly; 0 on CPUs for which no loop of known length is written. */
#define PAPI_PROOF_INSTRUCTIONS 500000
/* How far a count may be off. */
#define PAPI_PROOF_TOLERANCE 0.001
/* An interrupt in the middle of a loop can cost a round (seen to add 2,000 to 10,000 on virtual machines); a corrupt set gets none
 * right. So many rounds must be right before as many are wrong. */
enum { PAPI_PROOF_RIGHT = 4, PAPI_PROOF_WRONG = 8 };

/* Runs about `instructions` instructions; returns how many exactly, or 0 if this CPU's are not known. */
int64_t papi_proof_loop(int64_t instructions);

/* 0 if the set of events counts the loop right, else -1 with the reason. */
int papi_prove(const char *events, struct err *e);

#endif
