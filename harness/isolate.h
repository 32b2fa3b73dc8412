/*
 * Isolated workers (run --isolate): on CPUs of their own, ahead of others, at fixed addresses. Not every user and container may do all
 * of that, so each is tried once before a run; what could not be done is said, and stored with the run.
 */
#ifndef HARNESS_ISOLATE_H
#define HARNESS_ISOLATE_H

#include <stddef.h>

/* Nice value of an isolated worker. */
#define ISOLATE_PRIORITY (-10)

/* What was found out: 0, or the errno of the attempt. */
struct isolation {
    int cpus, priority, aslr;
};

/* Tries everything in a child, as for a worker of one thread. */
void isolate_try(struct isolation *out);
/* "cpus, priority, aslr", or with "not priority: permission denied": the fact `isolate` of the environment. Returns `out`. */
const char *isolate_words(const struct isolation *i, char *out, size_t size);
/* What the user can do about what could not be done, one sentence; "" if all could. Returns `out`. */
const char *isolate_cure(const struct isolation *i, char *out, size_t size);

/* Processes that are started from here on get fixed addresses: 0 or an errno. And as it was before, with what `before` received. */
int isolate_fix_addresses(unsigned long *before);
void isolate_restore_addresses(unsigned long before);

#endif
