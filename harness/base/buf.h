/*
 * A growing string. Zero-initialise (struct buf b = {0}), append, release with buf_free. `text` is NULL while nothing was
 * appended, else it ends with a zero byte; buf_text never returns NULL.
 */
#ifndef HARNESS_BASE_BUF_H
#define HARNESS_BASE_BUF_H

#include <stddef.h>

struct buf {
    char *text;
    size_t length;
    size_t capacity;
};

void buf_add(struct buf *b, const char *text);
void buf_add_n(struct buf *b, const char *bytes, size_t length);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_html(struct buf *b, const char *text); /* escaped for HTML text and quoted attributes */
/* A gnuplot string in single quotes; single quotes in the text become typographic ones. */
void buf_add_gnuplot(struct buf *b, const char *text);
const char *buf_text(const struct buf *b); /* "" while empty */
char *buf_take(struct buf *b);             /* hands the text over (free()), leaves the buf empty */
void buf_clear(struct buf *b);             /* length 0, memory kept */
void buf_free(struct buf *b);

#endif
