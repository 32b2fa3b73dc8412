/* Test plug-in: what the kernel traced and its variants share. */
#ifndef TRACED_H
#define TRACED_H

#include "variants/variant.h"

#include <stdio.h>

#define TRACED_COUNT 64

static inline void traced_squares(int64_t *out)
{
    for (int64_t i = 0; i < TRACED_COUNT; i++)
        out[i] = i * i;
}

/* A letter for a call, to the file that the test names. */
static inline void traced_note(char letter)
{
    const char *path = getenv("CM_TEST_CALLS");
    FILE *f = path ? fopen(path, "a") : NULL;

    if (!f)
        return;
    fputc(letter, f);
    fclose(f);
}

#endif
