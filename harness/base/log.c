/* See log.h. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void log_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    fputs("warning: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
