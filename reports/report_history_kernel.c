/* A kernel's history: pictures of the series that matter most, with their changes in words, and a table of all. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES = 12, MARKS = 30 }; /* told in words; all of them are drawn */

static void change_line(struct buf *b, const struct history *h, const struct change *c)
{
    const struct series_home *home = &h->findings.home;
    char *words = history_effect_words(c);

    buf_add(b, "<li>");
    page_text(b, words);
    if (c->index < home->count) {
        buf_add(b, " at ");
        history_run_html(b, &home->runs[c->index]);
    }
    buf_add(b, "</li>\n");
    free(words);
}

/* Newest first: that is what people look for. */
static void change_lines(struct buf *b, const struct history *h, const struct history_series *s)
{
    size_t count = s->changes.count;

    if (!count)
        return;
    buf_add(b, "<ul class=\"facts\">\n");
    for (size_t i = 0; i < count && i < CHANGES; i++)
        change_line(b, h, &s->changes.items[count - 1 - i]);
    if (count > CHANGES)
        buf_addf(b, "<li>and %zu older ones</li>\n", count - CHANGES);
    buf_add(b, "</ul>\n");
}

void history_ledger_lines(struct buf *b, const struct history *h, const char *point, const char *metric)
{
    bool any = false;

    for (size_t i = 0; i < h->ledger.count; i++) {
        const struct ledger_entry *entry = &h->ledger.items[i];
        double place;

        if (!text_glob(entry->points, point) || !metric_matches(entry->metrics, metric) ||
            !history_ledger_place(h, entry, &place))
            continue;
        buf_add(b, any ? "<li>" : "<ul class=\"facts\">\n<li>");
        any = true;
        page_text(b, !strcmp(entry->kind, "accept") ? "accepted" : !strcmp(entry->kind, "ignore") ? "ignored" : "note");
        if (entry->until)
            page_textf(b, " %s %s", entry->expired ? "(expired)" : "until", entry->until);
        buf_add(b, ": ");
        page_text(b, entry->reason ? entry->reason : "");
        buf_add(b, "</li>\n");
    }
    if (any)
        buf_add(b, "</ul>\n");
}

char *history_series_words(const struct history_series *s)
{
    char value[64], change[64];

    text_quantity(s->level, s->unit, value, sizeof value);
    if (!(s->origin > 0 && s->level > 0))
        return mem_format("%s now.", value);
    text_change_words(s->level / s->origin, change, sizeof change);
    if (!strcmp(change, "0 %"))
        return mem_format("%s now, as at the beginning.", value);
    return mem_format("%s now, %s since the beginning.", value, change);
}

static void figure(struct buf *b, const struct history *h, const struct history_series *s)
{
    char *reading = history_series_words(s);

    buf_addf(b, "<figure id=\"%s\">\n<h3>", s->anchor);
    page_code(b, s->point);
    buf_add(b, " ");
    page_metric(b, s->metric);
    buf_add(b, "</h3>\n");
    if (s->stem)
        page_picture(b, s->stem, reading);
    else if (s->problem) {
        buf_add(b, "<p class=\"absent\">No plot: ");
        page_text(b, s->problem);
        buf_add(b, "</p>\n");
    }
    buf_add(b, "<figcaption><p class=\"reading\">");
    page_text(b, reading);
    buf_add(b, "</p>\n");
    change_lines(b, h, s);
    history_ledger_lines(b, h, s->point, s->metric);
    buf_add(b, "</figcaption>\n</figure>\n");
    free(reading);
}

/* What else happened, the newest first: surroundings, and commits without a run. */
static void marks(struct buf *b, const struct history *h, bool around, const char *heading)
{
    size_t count = 0;

    for (size_t i = h->mark_count; i-- > 0;) {
        const struct history_mark *m = &h->marks[i];

        if (m->around != around || count++ > MARKS)
            continue;
        if (count == 1)
            buf_addf(b, "<h3>%s</h3>\n<ul class=\"facts\">\n", heading);
        if (count <= MARKS) {
            buf_add(b, "<li>");
            history_run_html(b, &h->findings.home.runs[m->run]);
            buf_add(b, ": ");
            page_text(b, m->words);
            buf_add(b, "</li>\n");
        }
    }
    if (count > MARKS)
        buf_add(b, "<li>and older ones</li>\n");
    if (count)
        buf_add(b, "</ul>\n");
}

void history_home_line(struct buf *b, const struct history *h)
{
    const struct series_home *home = &h->findings.home;
    size_t measured = 0, absent = 0;
    char *first, *last;

    for (size_t i = 0; i < home->count; i++) {
        measured += home->runs[i].id != 0;
        absent += !home->runs[i].id;
    }
    first = history_run_day(&home->runs[0]);
    last = history_run_day(&home->runs[home->count - 1]);
    buf_add(b, "<p class=\"facts\">");
    if (home->branch && *home->branch)
        page_textf(b, "Branch %s: ", home->branch);
    page_textf(b, "%zu runs, %s to %s. ", measured, first, last);
    if (absent)
        page_textf(b, "%zu commit%s could not be measured. ", absent, absent > 1 ? "s" : "");
    page_textf(b, "%zu series. ", h->count);
    if (home->scripted)
        page_text(b, "Their numbers come from a script, not from a measurement. ");
    buf_add(b, "</p>\n");
    free(first);
    free(last);
}

/* How to read the pictures: said once. */
static void meaning(struct buf *b, const struct site *site)
{
    const struct report_file *r = history_picture_file(site);

    if (!site->plotter.program || !r)
        return;
    buf_add(b, "<p class=\"meaning\">");
    page_text(b, r->keys[REPORT_MEANING]);
    buf_add(b, "</p>\n");
}

static size_t count_of(const struct history *h, const char *kernel)
{
    size_t count = 0;

    for (size_t i = 0; i < h->count; i++)
        count += !strcmp(h->series[i].kernel, kernel);
    return count;
}

static void section(struct buf *b, const struct history *h, const char *kernel)
{
    const struct site_machine *m = &h->site->machines[h->machine];
    size_t all = count_of(h, kernel), pictures = 0;

    if (!all)
        return;
    buf_addf(b, "<section class=\"machine\" id=\"%s\">\n<h2>", m->slug);
    page_textf(b, "On %s", m->name);
    buf_add(b, "</h2>\n");
    history_home_line(b, h);
    history_findings_table(b, h, kernel, HISTORY_FINDINGS);
    for (size_t i = 0; i < h->count; i++)
        if (h->series[i].values && !strcmp(h->series[i].kernel, kernel)) {
            if (!pictures++)
                meaning(b, h->site);
            figure(b, h, &h->series[i]);
        }
    buf_addf(b, "<h3>%s %zu series</h3>\n<details%s>\n<summary>Sorted by what matters</summary>\n",
             all == 1 ? "Its" : "All", all, all <= 40 ? " open=\"open\"" : "");
    history_series_table(b, h, kernel, SIZE_MAX);
    buf_add(b, "</details>\n");
    marks(b, h, true, "Machine and environment");
    marks(b, h, false, "Commits that could not be measured");
    buf_add(b, "</section>\n");
}

/* Does any machine have a history of this kernel? */
static bool is_told(const struct history *list, size_t count, const char *kernel)
{
    for (size_t i = 0; i < count; i++)
        if (count_of(&list[i], kernel))
            return true;
    return false;
}

int history_kernels(struct site *site, const struct history *list, size_t count, struct err *e)
{
    struct buf b = {0};
    int result = 0;

    for (size_t i = 0; i < site->kernel_count && !result; i++) {
        const char *kernel = site->kernels[i].name;
        char *file, *title;

        if ((i && !strcmp(site->kernels[i - 1].name, kernel)) || !is_told(list, count, kernel))
            continue;
        file = history_kernel_file(site, kernel);
        title = mem_format("History of %s", kernel);
        buf_clear(&b);
        site_page_begin(site, &b, title, "history.html");
        buf_addf(&b, "<p><a href=\"history.html\">All histories</a>; <a href=\"%s\">", site->kernels[i].file);
        page_textf(&b, "%s as it is now", kernel);
        buf_add(&b, "</a></p>\n");
        for (size_t k = 0; k < count; k++)
            section(&b, &list[k], kernel);
        page_end(&b);
        result = site_write(site, file, &b, e);
        free(file);
        free(title);
    }
    buf_free(&b);
    return result;
}
