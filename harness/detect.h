/*
 * Numbers from anywhere, for `countermark detect`: one value a line, or a column of a CSV file; and what is found in them, in words
 * and as JSON.
 */
#ifndef HARNESS_DETECT_H
#define HARNESS_DETECT_H

#include "../reports/analysis/change.h"
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

struct detect_series {
    const char *file; /* as it was named; "-" is standard input */
    double *values;   /* NaN: missing */
    size_t n, capacity, missing;
    size_t least; /* of fewer values no step is sure */
    struct change_list changes;
};

/* Reads a file, or standard input as "-". `column` NULL: one value a line. CM_USAGE with file and line where something is no number. */
int detect_read(struct detect_series *s, const char *file, const char *column, struct err *e);
void detect_free(struct detect_series *s);

void detect_text(const struct detect_series *s, struct buf *out);
json_t *detect_json(const struct detect_series *s); /* one item of "series" */

#endif
