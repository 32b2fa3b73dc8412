/* HTML: the frame of a page, tables from queries. Every text from the database is escaped here. */
#ifndef REPORTS_REPORT_PAGE_H
#define REPORTS_REPORT_PAGE_H

#include "../db/store.h"
#include "../harness/base/buf.h"
#include "report_plot.h"

/* The style sheet of all pages, written beside them as style.css. */
extern const char report_css[];

/* buf_add_html without what no page may hold: see report_text.h. */
void page_text(struct buf *b, const char *text);
void page_textf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One entry of the navigation: a page of the site. */
struct page_link {
    const char *file, *label;
};

void page_begin(struct buf *b, const char *site, const char *title, const struct page_link *links, size_t count,
                const char *current);
void page_end(struct buf *b);

/* How a column of a query is shown. */
enum column_kind {
    COLUMN_TEXT,
    COLUMN_STACKED, /* text whose further lines are smaller */
    COLUMN_CODE,    /* names that people type */
    COLUMN_NS,      /* nanoseconds, scaled */
    COLUMN_COUNT,   /* a plain number, scaled: 51.4 M */
    COLUMN_INTEGER, /* a plain number with all its digits */
    COLUMN_BYTES,
    COLUMN_RATIO,   /* 1.03 */
    COLUMN_TIME,    /* seconds since 1970 */
    COLUMN_SECONDS, /* a length of time */
    COLUMN_VERDICT, /* a word with a colour of its own */
};

struct column {
    const char *heading;
    enum column_kind kind;
};

/* A table with a row per row of the query; the query's first columns, in order. `rows` (may be NULL) receives how many there were;
 * without any, nothing is written. `caption` may be NULL. */
int page_table(struct buf *b, struct store *s, const char *sql, const char *const *parameters, size_t parameter_count,
               const char *caption, const struct column *columns, size_t column_count, size_t *rows, struct err *e);

void page_code(struct buf *b, const char *text);
void page_metric(struct buf *b, const char *metric); /* what people call it, its name where they point at it */
/* One cell's content, as page_table writes it. */
void page_value(struct buf *b, const struct cell *c, enum column_kind kind);

/* The picture in the form that suits the window; `words` are for who cannot see it. */
void page_picture(struct buf *b, const char *stem, const char *words);
/* The plot with its title, its reading and what it means. */
void page_plot(struct buf *b, const struct report_file *r, const struct plot *p);

#endif
