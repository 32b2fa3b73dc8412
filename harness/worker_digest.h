/* SHA-256 of what a program put out: its standard output, or files. */
#ifndef HARNESS_WORKER_DIGEST_H
#define HARNESS_WORKER_DIGEST_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define DIGEST_HEX 65

/* An output stream under way. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *bytes, size_t length);
void digest_finish(struct digest *d, char hex[DIGEST_HEX]); /* frees it */

/* All files that match, in the order of their names; names and lengths belong to what is hashed. -1 when none
 * matches, one cannot be read, or one is older than `since`, so that the program cannot have written it. */
int digest_files(const char *pattern, const struct timespec *since, char hex[DIGEST_HEX], struct err *e);

#endif
