/* Planning of counter passes: which of the wanted events this machine counts right, and in which sets. */
#ifndef COLLECTORS_PAPI_PLAN_H
#define COLLECTORS_PAPI_PLAN_H

#include "collector.h"

/* What is counted if nothing in particular is wanted. */
#define PAPI_PLAN_DEFAULT "base+cache+branch"

/* 0 if cycles and instructions can be counted here, else -1 with the reason and what cures it (`cure` may be NULL). They are
 * really started and read, but need not prove themselves: that is for planning. Tried once per process. */
int papi_works(const char **cure, struct err *e);

/* As collector.h's plan. Events that cannot be counted become `missing`; only a mistyped name is an error. */
int papi_plan(const char *wanted, struct passes *out, struct err *e);

#endif
