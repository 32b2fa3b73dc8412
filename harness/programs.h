/*
 * Two countermark programs as files, such as two builds that nobody committed: each measures a plan's points once, into a database that
 * lives only as long as they are compared. What is compared then is measured in turns, by the gate's own code.
 */
#ifndef HARNESS_PROGRAMS_H
#define HARNESS_PROGRAMS_H

#include "base/err.h"
#include "opt.h"

#include <stdbool.h>

/* Is this operand a file that can be executed, and so no REF? */
bool programs_is_file(const char *operand);

struct programs_request {
    const char *programs[2]; /* the older first */
    const struct option_list *kernels, *variants, *sweeps;
    const char *plan;    /* or NULL */
    const char *collect; /* NULL: wall */
};

/* *folder receives the scratch folder, also after a failure; programs_forget it. The database in it is *database (free()), with the
 * programs as run:1 and run:2. */
int programs_measure(const struct programs_request *q, char **folder, char **database, struct err *e);
/* Removes the folder with all that is in it; frees. NULL is fine. */
void programs_forget(char *folder);

#endif
