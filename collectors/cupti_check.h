/*
 * Whether CUPTI works here, found out by doing it: nothing less shows a missing permission, another profiler or a library that does
 * not fit. For a process of its own, one kind of check in each: CUPTI can crash, and its two halves disturb each other.
 */
#ifndef COLLECTORS_CUPTI_CHECK_H
#define COLLECTORS_CUPTI_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct cupti_check {
    bool works;
    char reason[600], cure[400]; /* why not, and what the user can do; "" where there is nothing to say */
    char chip[32];               /* "GH100", or "" */
    char version[16];            /* CUPTI's: "13.0.1", or "" */
    char path[256];              /* of its library, or "" */
};

/* CUPTI's version, "" if it cannot be loaded; starts nothing. */
void cupti_check_version(char *out, size_t size);
/* Counts the warp instructions of an empty region. */
void cupti_check_counters(struct cupti_check *out);
/* Traces an empty region. */
void cupti_check_tracing(struct cupti_check *out);

#endif
