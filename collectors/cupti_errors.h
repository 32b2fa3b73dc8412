/*
 * What CUPTI's error numbers mean for a user, as sentences with cures. Pure: no CUPTI needed.
 */
#ifndef COLLECTORS_CUPTI_ERRORS_H
#define COLLECTORS_CUPTI_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

/* What is known when a call fails. */
struct cupti_failure {
    int error;              /* CUptiResult */
    const char *call;       /* "cuptiRangeProfilerStart" */
    const char *chip;       /* "GH100", or "" */
    const char *driver;     /* "580.65.06", or "" */
    const char *cupti;      /* "13.0.1", or "" */
    const char *other_tool; /* a subscriber's name, or "" */
    int cuda;               /* the driver's CUDA version, 13000, or 0 */
    bool restricted;        /* RmProfilingAdminOnly is 1 */
};

/* One sentence each, without a full stop; `cure` may be "". Both say "GPU times are still taken" nowhere: the caller does. */
void cupti_explain(const struct cupti_failure *f, char *reason, size_t reason_size, char *cure, size_t cure_size);

/* "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES" for 35; "error 1234" for a number that is not known. */
const char *cupti_error_name(int error, char *room, size_t size);

#endif
