/* See mem.h. */
#include "mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Plain write and abort: nothing here may need memory. */
static void out_of_memory(void)
{
    static const char text[] = "countermark: out of memory; what was stored before is kept\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

    (void)ignored;
    abort();
}

void *mem_new(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *mem_grow(void *old, size_t count, size_t size)
{
    void *p;

    if (size && count > SIZE_MAX / size)
        out_of_memory();
    p = realloc(old, count && size ? count * size : 1);
    if (!p)
        out_of_memory();
    return p;
}

char *mem_copy(const char *text)
{
    return text ? mem_copy_n(text, strlen(text)) : NULL;
}

char *mem_copy_n(const char *text, size_t length)
{
    char *copy = mem_new(length + 1, 1);

    memcpy(copy, text, length);
    return copy;
}

char *mem_format(const char *format, ...)
{
    va_list arguments, again;
    char *text;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = 0;
    text = mem_new((size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
