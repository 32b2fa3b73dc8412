/* See report_page.h. */
#include "report_page.h"
#include "../harness/base/clock.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "report_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void page_text(struct buf *b, const char *text)
{
    char *copy = report_clean(text);

    buf_add_html(b, copy);
    free(copy);
}

void page_textf(struct buf *b, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    page_text(b, text ? text : "");
    free(text);
}

void page_begin(struct buf *b, const char *site, const char *title, const struct page_link *links, size_t count,
                const char *current)
{
    buf_add(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
               "<meta name=\"color-scheme\" content=\"light dark\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n"
               "<link rel=\"stylesheet\" href=\"style.css\"/>\n<title>");
    page_text(b, title);
    if (strcmp(title, site)) {
        buf_add(b, " - ");
        page_text(b, site);
    }
    buf_add(b, "</title>\n</head>\n<body>\n<header><nav>\n");
    for (size_t i = 0; i < count; i++) {
        buf_add(b, "<a href=\"");
        page_text(b, links[i].file);
        buf_add(b, !strcmp(links[i].file, current) ? "\" aria-current=\"page\">" : "\">");
        page_text(b, links[i].label);
        buf_add(b, "</a>\n");
    }
    buf_add(b, "</nav></header>\n<main>\n<h1>");
    page_text(b, title);
    buf_add(b, "</h1>\n");
}

void page_end(struct buf *b)
{
    char now[32];

    clock_iso8601(clock_wall_seconds(), now);
    buf_addf(
        b,
        "</main>\n<footer>Made by countermark at <time datetime=\"%s\">%s</time>. Everything here is in the database; "
        "this page holds no script and needs no network.</footer>\n</body>\n</html>\n",
        now, now);
}

static void add_time(struct buf *b, double seconds)
{
    char text[32];

    clock_iso8601((int64_t)seconds, text);
    text[10] = ' '; /* 2026-01-31 12:00 UTC */
    text[16] = '\0';
    buf_addf(b, "%s UTC", text);
}

void page_metric(struct buf *b, const char *metric)
{
    const char *words = metric_words(metric);

    if (words != metric) {
        buf_add(b, "<span title=\"");
        page_text(b, metric);
        buf_add(b, "\">");
    }
    page_text(b, words);
    if (words != metric)
        buf_add(b, "</span>");
}

/* A name that people type; long ones may break behind their commas. */
void page_code(struct buf *b, const char *text)
{
    const char *comma;

    buf_add(b, "<code>");
    while ((comma = strchr(text, ','))) {
        char *part = mem_copy_n(text, (size_t)(comma - text) + 1);

        page_text(b, part);
        buf_add(b, "<wbr/>");
        free(part);
        text = comma + 1;
    }
    page_text(b, text);
    buf_add(b, "</code>");
}

static void add_quantity(struct buf *b, double value, const char *unit)
{
    char text[64];

    page_text(b, text_quantity(value, unit, text, sizeof text));
}

static void add_stacked(struct buf *b, const char *text)
{
    char *copy = mem_copy(text), *rest = strchr(copy, '\n');

    if (rest)
        *rest++ = '\0';
    page_text(b, copy);
    if (rest) {
        buf_add(b, "<small>");
        page_text(b, rest);
        buf_add(b, "</small>");
    }
    free(copy);
}

void page_value(struct buf *b, const struct cell *c, enum column_kind kind)
{
    char text[64];

    if (!c->text || (!*c->text && kind != COLUMN_TEXT && kind != COLUMN_CODE)) {
        buf_add(b, "<span class=\"none\">-</span>");
        return;
    }
    switch (kind) {
    case COLUMN_TEXT: page_text(b, c->text); break;
    case COLUMN_CODE: page_code(b, c->text); break;
    case COLUMN_STACKED: add_stacked(b, c->text); break;
    case COLUMN_NS: add_quantity(b, c->number, "ns"); break;
    case COLUMN_COUNT: add_quantity(b, c->number, "1"); break;
    case COLUMN_INTEGER: buf_addf(b, "%.0f", c->number); break;
    case COLUMN_BYTES: add_quantity(b, c->number, "bytes"); break;
    case COLUMN_RATIO: buf_addf(b, "%.4g", c->number); break;
    case COLUMN_TIME: add_time(b, c->number); break;
    case COLUMN_SECONDS: page_text(b, text_duration_words(c->number, text, sizeof text)); break;
    case COLUMN_VERDICT:
        /* the class is a plain word or nothing: it never carries text from the database */
        buf_addf(b, "<span class=\"verdict %s\">", text_is_name(c->text) ? c->text : "");
        page_text(b, c->text);
        buf_add(b, "</span>");
        break;
    }
}

struct table {
    struct buf *b;
    const char *caption;
    const struct column *columns;
    size_t column_count, rows;
};

static bool is_numeric(enum column_kind kind)
{
    return kind != COLUMN_TEXT && kind != COLUMN_STACKED && kind != COLUMN_CODE && kind != COLUMN_VERDICT &&
           kind != COLUMN_TIME;
}

static const char *cell_class(const struct cell *c, enum column_kind kind)
{
    if (is_numeric(kind))
        return " class=\"number\"";
    if (kind == COLUMN_TIME || kind == COLUMN_STACKED || (kind == COLUMN_TEXT && (!c->text || strlen(c->text) < 20)))
        return " class=\"short\"";
    return kind == COLUMN_TEXT ? " class=\"words\"" : "";
}

static int add_row(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct table *t = user;

    (void)e;
    if (!t->rows++) {
        if (t->caption) {
            buf_add(t->b, "<p class=\"facts\">");
            page_text(t->b, t->caption);
            buf_add(t->b, "</p>\n");
        }
        buf_add(t->b, "<div class=\"scroll\"><table>\n<thead><tr>");
        for (size_t i = 0; i < t->column_count; i++) {
            buf_add(t->b,
                    is_numeric(t->columns[i].kind) ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
            page_text(t->b, t->columns[i].heading);
            buf_add(t->b, "</th>");
        }
        buf_add(t->b, "</tr></thead>\n<tbody>\n");
    }
    buf_add(t->b, "<tr>");
    for (size_t i = 0; i < t->column_count && i < count; i++) {
        buf_addf(t->b, "<td%s>", cell_class(&cells[i], t->columns[i].kind));
        page_value(t->b, &cells[i], t->columns[i].kind);
        buf_add(t->b, "</td>");
    }
    buf_add(t->b, "</tr>\n");
    return 0;
}

int page_table(struct buf *b, struct store *s, const char *sql, const char *const *parameters, size_t parameter_count,
               const char *caption, const struct column *columns, size_t column_count, size_t *rows, struct err *e)
{
    struct table t = {.b = b, .caption = caption, .columns = columns, .column_count = column_count};
    int result = store_query(s, sql, parameters, parameter_count, add_row, &t, e);

    if (t.rows)
        buf_add(b, "</tbody></table></div>\n");
    if (rows)
        *rows = t.rows;
    return result;
}

static void add_source(struct buf *b, const char *media, const char *stem, int form)
{
    buf_addf(b, "<source media=\"%s\" srcset=\"%s%s.svg\"/>", media, stem, plot_suffix(form));
}

void page_picture(struct buf *b, const char *stem, const char *words)
{
    buf_add(b, "<picture>");
    add_source(b, "screen and (max-width: 640px) and (prefers-color-scheme: dark)", stem, PLOT_NARROW | PLOT_DARK);
    add_source(b, "(max-width: 640px)", stem, PLOT_NARROW);
    add_source(b, "screen and (prefers-color-scheme: dark)", stem, PLOT_DARK);
    buf_addf(b, "<img src=\"%s.svg\" alt=\"", stem);
    page_text(b, words);
    buf_add(b, "\"/></picture>\n");
}

void page_plot(struct buf *b, const struct report_file *r, const struct plot *p)
{
    buf_add(b, "<figure>\n<h3>");
    page_text(b, r->keys[REPORT_TITLE]);
    buf_add(b, "</h3>\n");
    if (p->drawn) {
        page_picture(b, p->stem, p->reading ? p->reading : r->keys[REPORT_TITLE]);
    } else if (p->problem) {
        buf_add(b, "<p class=\"absent\">No plot: ");
        page_text(b, p->problem);
        buf_add(b, "</p>\n");
    }
    buf_add(b, "<figcaption>");
    if (p->reading) {
        buf_add(b, "<p class=\"reading\">");
        page_text(b, p->reading);
        buf_add(b, "</p>");
    }
    if (p->drawn) {
        buf_add(b, "<p class=\"meaning\">");
        page_text(b, r->keys[REPORT_MEANING]);
        buf_add(b, "</p>");
    }
    buf_add(b, "</figcaption>\n</figure>\n");
}
