/* See err.h. */
#include "err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int err_set(struct err *e, enum exit_code code, const char *format, ...)
{
    va_list arguments;

    if (!e || e->code)
        return -1;
    e->code = code;
    va_start(arguments, format);
    vsnprintf(e->text, sizeof e->text, format, arguments);
    va_end(arguments);
    return -1;
}

void err_clear(struct err *e)
{
    e->code = 0;
    e->text[0] = '\0';
}

/* An interrupt outranks all: the user asked. A usage error stands above a verdict, since nothing that follows was meant. */
static int rank(int code)
{
    static const int order[] = {CM_FINE,  CM_NOTHING, CM_UNTRUSTED, CM_REGRESSION,
                                CM_WRONG, CM_USAGE,   CM_INTERNAL,  CM_INTERRUPTED};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (order[i] == code)
            return (int)i;
    return CM_INTERNAL;
}

int exit_worst(int a, int b)
{
    return rank(a) >= rank(b) ? a : b;
}
