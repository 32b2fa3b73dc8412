/* What callgrind writes down: the totals of its files, by name of event. Nothing here runs or needs valgrind. */
#ifndef COLLECTORS_CALLGRIND_DUMP_H
#define COLLECTORS_CALLGRIND_DUMP_H

#include "../harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Callgrind's events in its own order; the names are in callgrind_dump.c. */
enum callgrind_event {
    CG_IR,
    CG_DR,
    CG_DW,
    CG_I1MR,
    CG_D1MR,
    CG_D1MW,
    CG_ILMR,
    CG_DLMR,
    CG_DLMW,
    CG_BC,
    CG_BCM,
    CG_BI,
    CG_BIM
};
#define CALLGRIND_EVENTS (CG_BIM + 1)

struct callgrind_counts {
    double values[CALLGRIND_EVENTS];
    bool known[CALLGRIND_EVENTS]; /* some file had the event */
    size_t processes;             /* that left a file */
};

/* Adds the totals of one file's text; of a file with several parts, those of all. -1 if it is none of callgrind's, or was cut. */
int callgrind_dump_add(const char *text, struct callgrind_counts *sum, struct err *e);
/* Adds those of every file in the folder, and removes them. Names are "PROCESS" or "PROCESS.NUMBER". */
int callgrind_dump_take(const char *folder, struct callgrind_counts *sum, struct err *e);

#endif
