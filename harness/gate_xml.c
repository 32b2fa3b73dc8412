/*
 * Foreign text for XML, of which JUnit's reports and the pictures are made: names of points and reasons may hold anything, and one wrong
 * byte would make a reader refuse the whole document.
 */
#include "gate_model.h"

#include <string.h>

/* How many bytes the UTF-8 character at `text` has; 0: it is none, or one that XML 1.0 does not know. */
static size_t character(const unsigned char *text)
{
    size_t length = *text < 0x80 ? 1 : *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2;
    unsigned code = length == 1 ? *text : *text & (0xffU >> (length + 1));
    static const unsigned least[] = {0, 0x20, 0x80, 0x800, 0x10000};

    if ((*text >= 0x80 && *text < 0xc2) || *text > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < least[length] || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000) ||
        (code & 0xfffe) == 0xfffe || code > 0x10ffff)
        return 0;
    return length;
}

void gate_add_xml(struct buf *out, const char *text)
{
    while (text && *text) {
        size_t length = character((const unsigned char *)text);
        char one[5] = {(unsigned char)*text < 0x20 ? ' ' : '?', 0};

        if (length)
            memcpy(one, text, length);
        buf_add_html(out, one);
        text += length ? length : 1;
    }
}

void gate_add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " %s=\"", name);
    gate_add_xml(out, value);
    buf_add(out, "\"");
}
