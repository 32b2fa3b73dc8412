/*
 * Memory that is there or the program ends.
 *
 * Running out of memory in the harness has no cure that keeps data safe other than stopping: what is stored is stored, one
 * launch at a time. All functions abort with a sentence on standard error when memory runs out; none returns NULL.
 */
#ifndef HARNESS_BASE_MEM_H
#define HARNESS_BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t count, size_t size);             /* zeroed; free with free() */
void *mem_grow(void *old, size_t count, size_t size); /* realloc to count * size, checked for overflow */
char *mem_copy(const char *text);                     /* strdup; NULL gives NULL */
char *mem_copy_n(const char *text, size_t length);    /* strndup */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));

/* Makes room for one more element in a growing array: VEC_PUSH(list, count, capacity) = value; */
#define VEC_ROOM(array, count, capacity)                                                                               \
    do {                                                                                                               \
        if ((count) == (capacity)) {                                                                                   \
            (capacity) = (capacity) ? 2 * (capacity) : 8;                                                              \
            (array) = mem_grow((array), (capacity), sizeof *(array));                                                  \
        }                                                                                                              \
    } while (0)

#endif
