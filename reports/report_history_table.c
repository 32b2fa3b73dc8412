/* Tables of the history pages: findings, and series sorted by what matters. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the series is shown: its picture on the kernel's page; "" if there is none. free() */
static char *place_of(const struct history *h, const struct history_series *s)
{
    char *file = history_kernel_file(h->site, s->kernel), *place;

    if (!file || !s->values)
        place = mem_copy("");
    else
        place = mem_format("%s#%s", file, s->anchor);
    free(file);
    return place;
}

static void series_name(struct buf *b, const struct history *h, const struct history_series *s, bool linked)
{
    char *place = linked ? place_of(h, s) : mem_copy("");

    if (*place) {
        buf_add(b, "<a href=\"");
        page_text(b, place);
        buf_add(b, "\">");
    }
    page_code(b, s->point);
    if (*place)
        buf_add(b, "</a>");
    buf_add(b, "<small>");
    page_metric(b, s->metric);
    buf_add(b, "</small>");
    free(place);
}

/* The change that matters most: how much, where, and what it is called. */
static void series_change(struct buf *b, const struct history *h, const struct history_series *s)
{
    const struct change *c = &s->changes.items[s->change];
    const struct series_home *home = &h->findings.home;
    char *words;

    if (!s->changes.count) {
        buf_add(b, "<td class=\"none\">no change</td>");
        return;
    }
    buf_add(b, "<td class=\"words\">");
    if (s->finding) {
        size_t number = (size_t)(s->finding - h->findings.items);

        history_badge(b, h, s->finding);
        buf_add(b, " ");
        if (number < HISTORY_FINDINGS)
            buf_addf(b, "<a href=\"%s\">", h->files[number]);
    }
    words = history_effect_words(c);
    page_text(b, words);
    free(words);
    if (s->finding && (size_t)(s->finding - h->findings.items) < HISTORY_FINDINGS)
        buf_add(b, "</a>");
    if (c->index < home->count) {
        buf_add(b, "<small>");
        history_run_html(b, &home->runs[c->index]);
        if (s->changes.count > 1)
            buf_addf(b, "; %zu changes in all", s->changes.count);
        buf_add(b, "</small>");
    }
    buf_add(b, "</td>");
}

static void series_row(struct buf *b, const struct history *h, const struct history_series *s)
{
    char text[64];

    buf_add(b, "<tr><td>");
    series_name(b, h, s, true);
    buf_addf(b, "</td><td>%s</td><td class=\"number\">", s->spark ? s->spark : "");
    page_text(b, text_quantity(s->level, s->unit, text, sizeof text));
    buf_add(b, "<small>");
    if (s->origin > 0 && s->level > 0)
        page_text(b, text_change_words(s->level / s->origin, text, sizeof text));
    buf_add(b, "</small></td>");
    series_change(b, h, s);
    buf_add(b, "</tr>\n");
}

size_t history_series_table(struct buf *b, const struct history *h, const char *kernel, size_t limit)
{
    size_t rows = 0;

    for (size_t i = 0; i < h->count && rows < limit; i++) {
        if (kernel && strcmp(h->series[i].kernel, kernel))
            continue;
        if (!rows++)
            buf_add(b, "<div class=\"scroll\"><table class=\"cards\">\n<thead><tr><th scope=\"col\">series</th>"
                       "<th scope=\"col\">history</th><th scope=\"col\" class=\"number\">now</th><th "
                       "scope=\"col\">change that matters most</th></tr></thead>\n<tbody>\n");
        series_row(b, h, &h->series[i]);
    }
    if (rows)
        buf_add(b, "</tbody></table></div>\n");
    return rows;
}

/* ---- findings */
static void finding_row(struct buf *b, const struct history *h, size_t number)
{
    const struct finding *f = &h->findings.items[number];
    const struct series_home *home = &h->findings.home;
    char *since = history_since_words(h, f);

    buf_add(b, "<tr><td>");
    history_badge(b, h, f);
    buf_add(b, "</td><td class=\"words\">");
    if (number < HISTORY_FINDINGS)
        buf_addf(b, "<a href=\"%s\">", h->files[number]);
    page_text(b, f->summary ? f->summary : f->kernel);
    if (number < HISTORY_FINDINGS)
        buf_add(b, "</a>");
    if (f->region && *f->region) {
        buf_add(b, "<small>");
        page_text(b, f->region);
        buf_add(b, "</small>");
    }
    if (f->ledger) {
        buf_add(b, "<small>");
        page_text(b, f->ledger);
        buf_add(b, "</small>");
    }
    buf_add(b, "</td><td class=\"words\">");
    if (f->commits == 1 && f->run < home->count)
        history_run_html(b, &home->runs[f->run]);
    else
        page_text(b, since);
    buf_add(b, "</td></tr>\n");
    free(since);
}

size_t history_findings_table(struct buf *b, const struct history *h, const char *kernel, size_t limit)
{
    size_t rows = 0;

    for (size_t i = 0; i < h->findings.count && rows < limit; i++) {
        if (kernel && strcmp(h->findings.items[i].kernel, kernel))
            continue;
        if (!rows++)
            buf_add(b, "<div class=\"scroll\"><table class=\"cards\">\n<thead><tr><th scope=\"col\"></th><th "
                       "scope=\"col\">finding</th>"
                       "<th scope=\"col\">since</th></tr></thead>\n<tbody>\n");
        finding_row(b, h, i);
    }
    if (rows)
        buf_add(b, "</tbody></table></div>\n");
    return rows;
}
