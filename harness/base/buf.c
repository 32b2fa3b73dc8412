/* See buf.h. */
#include "buf.h"
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct buf *b, size_t more)
{
    size_t need = b->length + more + 1;

    if (need <= b->capacity)
        return;
    b->capacity = need < 2 * b->capacity ? 2 * b->capacity : need;
    b->text = mem_grow(b->text, b->capacity, 1);
}

void buf_add_n(struct buf *b, const char *bytes, size_t length)
{
    reserve(b, length);
    if (length)
        memcpy(b->text + b->length, bytes, length);
    b->length += length;
    b->text[b->length] = '\0';
}

void buf_add(struct buf *b, const char *text)
{
    buf_add_n(b, text, strlen(text));
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        reserve(b, (size_t)length);
        vsnprintf(b->text + b->length, (size_t)length + 1, format, again);
        b->length += (size_t)length;
    }
    va_end(again);
}

void buf_add_html(struct buf *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<': buf_add(b, "&lt;"); break;
        case '>': buf_add(b, "&gt;"); break;
        case '&': buf_add(b, "&amp;"); break;
        case '"': buf_add(b, "&quot;"); break;
        case '\'': buf_add(b, "&#39;"); break;
        default: buf_add_n(b, text, 1);
        }
    }
}

/*
 * Inside single quotes gnuplot expands nothing. Its way to write a quote there is to double it, but 5.4 ends the string at two such
 * pairs in a row and reads on as commands: so a quote becomes a typographic one. A line break would end the command.
 */
void buf_add_gnuplot(struct buf *b, const char *text)
{
    buf_add_n(b, "'", 1);
    for (; *text; text++) {
        if (*text == '\'')
            buf_add(b, "\xe2\x80\x99");
        else
            buf_add_n(b, (unsigned char)*text < ' ' ? " " : text, 1);
    }
    buf_add_n(b, "'", 1);
}

const char *buf_text(const struct buf *b)
{
    return b->text ? b->text : "";
}

char *buf_take(struct buf *b)
{
    char *text = b->text ? b->text : mem_new(1, 1);

    *b = (struct buf){0};
    return text;
}

void buf_clear(struct buf *b)
{
    b->length = 0;
    if (b->text)
        b->text[0] = '\0';
}

void buf_free(struct buf *b)
{
    free(b->text);
    *b = (struct buf){0};
}
