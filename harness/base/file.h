/* Whole files: read, replace without leaving half of one, folders. Errors name the path and the system's reason. */
#ifndef HARNESS_BASE_FILE_H
#define HARNESS_BASE_FILE_H

#include "err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole file with a zero byte behind it; free(). `length` may be NULL. */
char *file_read(const char *path, size_t *length, struct err *e);
/* Writes a temporary file beside `path`, then renames: readers see the old or the new content, never half. */
int file_replace(const char *path, const void *bytes, size_t length, struct err *e);
int file_folder(const char *path, struct err *e); /* mkdir -p */
bool file_exists(const char *path);
/* A hash of the content, for telling files apart; quick enough for programs of many megabytes. */
int file_hash(const char *path, uint64_t *hash, struct err *e);
int file_copy(const char *from, const char *to, struct err *e); /* atomic like file_replace, keeps the mode */

/* A file or a folder with all that is in it, links themselves; goes on behind what cannot be removed. -1: something is left. */
int file_remove_all(const char *path);

/* The executable file that a command's first word means, through PATH unless it has a slash; free(). NULL with errno set. */
char *file_find_program(const char *name);

#endif
