/* See report_text.h. */
#include "report_text.h"
#include "../harness/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `text`, 0 if it is none: overlong forms, surrogates and what XML forbids are none. */
static size_t character(const unsigned char *text)
{
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc2 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf5 ? 4
                                     : 0;
    uint32_t code = length < 2 ? text[0] : text[0] & (0xffu >> (length + 1));

    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff)
        return 0;
    return length;
}

char *report_clean(const char *text)
{
    char *copy = mem_copy(text);
    unsigned char *c = (unsigned char *)copy;

    while (*c) {
        size_t length = character(c);

        if (!length)
            *c = '?';
        else if (*c < ' ' || *c == 0x7f)
            *c = ' ';
        c += length ? length : 1;
    }
    return copy;
}
