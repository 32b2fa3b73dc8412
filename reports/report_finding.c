/* A finding's page: what it is, its picture, before and after of every metric, the commits between, and what to type next. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMITS = 50, POINTS = 100 };

/* The change stands first: on a telephone the others are a swipe away. */
#define NUMBER_HEADS                                                                                                   \
    "<th scope=\"col\" class=\"number\">change</th><th scope=\"col\" class=\"number\">before</th>"                     \
    "<th scope=\"col\" class=\"number\">after</th>"

static bool is_scaled(const char *unit)
{
    return !strcmp(unit, "ns") || !strcmp(unit, "s") || !strcmp(unit, "bytes") || !strcmp(unit, "1");
}

/* Long units stand beside the metric's name. */
static void cell(struct buf *b, double value, const char *unit)
{
    char text[64];

    buf_add(b, "<td class=\"number\">");
    if (isfinite(value))
        page_text(b, text_quantity(value, is_scaled(unit) ? unit : "1", text, sizeof text));
    else
        buf_add(b, "<span class=\"none\">-</span>");
    buf_add(b, "</td>");
}

/* The change in the colour of its direction where it is one, its interval below. */
static void change_cell(struct buf *b, const struct change *c, bool moved, enum metric_better better)
{
    bool lower = c->ratio < 1;
    char text[64];

    buf_addf(b, "<td class=\"number\"><span class=\"%s\">",
             !moved || isnan(c->ratio)           ? "none"
             : better == BETTER_NEITHER          ? ""
             : lower == (better == BETTER_LOWER) ? "verdict faster"
                                                 : "verdict slower");
    page_text(b, isnan(c->ratio) ? "-" : text_change_words(c->ratio, text, sizeof text));
    buf_add(b, "</span>");
    if (isfinite(c->low) && isfinite(c->high) && c->low < c->high)
        buf_addf(b, "<small>%+.*f to %+.*f</small>", fabs(c->ratio - 1) < 0.01 ? 2 : 1, 100 * (c->low - 1),
                 fabs(c->ratio - 1) < 0.01 ? 2 : 1, 100 * (c->high - 1));
    buf_add(b, "</td>");
}

/* ---- every metric at the worst point */

/* What gates, what moved, the rest: each as they were read, which is by name. */
static int place_of(const struct history_effect *x)
{
    return x->gates ? 0 : x->moved ? 1 : 2;
}

static void effect_row(struct buf *b, const struct history_effect *x)
{
    struct change c = {.kind = CHANGE_STEP, .ratio = x->ratio, .low = x->low, .high = x->high};

    buf_add(b, "<tr><td>");
    page_metric(b, x->metric);
    if (!is_scaled(x->unit)) {
        buf_add(b, "<small>");
        page_text(b, x->unit);
        buf_add(b, "</small>");
    }
    buf_add(b, "</td>");
    if (x->another)
        buf_add(b, "<td class=\"number none\">another version</td>");
    else
        change_cell(b, &c, x->moved, x->better);
    cell(b, x->before, x->unit);
    cell(b, x->after, x->unit);
    cell(b, x->now, x->unit);
    buf_add(b, "</tr>\n");
}

static void effects(struct buf *b, const struct history *h, const struct finding *f)
{
    bool any = false;

    for (int place = 0; place < 3; place++)
        for (size_t i = 0; i < h->effect_count; i++) {
            const struct history_effect *x = &h->effects[i];

            if (x->finding != f || place_of(x) != place)
                continue;
            if (!any) {
                buf_add(b, "<h2>Every metric, before and after</h2>\n<p class=\"facts\">At ");
                page_code(b, f->series[0].point);
                buf_add(b, ", where the change is largest. Medians of the levels on both sides; the 95 % interval of "
                           "the change, of counts its range.</p>\n");
                buf_add(b, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">metric</th>" NUMBER_HEADS
                           "<th scope=\"col\" class=\"number\">now</th></tr></thead>\n<tbody>\n");
            }
            any = true;
            effect_row(b, x);
        }
    if (any)
        buf_add(b, "</tbody></table></div>\n");
}

/* ---- every point where it shows */
static void points(struct buf *b, const struct finding *f)
{
    if (f->series_count < 2)
        return;
    buf_addf(b, "<h2>Where it shows</h2>\n<details%s>\n<summary>%zu series</summary>\n",
             f->series_count <= 20 ? " open=\"open\"" : "", f->series_count);
    buf_add(b, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">point</th>" NUMBER_HEADS
               "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < f->series_count && i < POINTS; i++) {
        const struct finding_series *s = &f->series[i];
        bool level = f->kind == CHANGE_STEP || f->kind == CHANGE_CREEP;

        buf_add(b, "<tr><td>");
        page_code(b, s->point);
        buf_add(b, "<small>");
        page_metric(b, s->metric);
        buf_add(b, "</small></td>");
        if (level) {
            change_cell(b, &s->change, true, s->worse == (s->change.ratio > 1) ? BETTER_LOWER : BETTER_HIGHER);
        } else {
            char *words = history_effect_words(&s->change);

            buf_add(b, "<td class=\"words\">");
            page_text(b, words);
            buf_add(b, "</td>");
            free(words);
        }
        cell(b, f->kind == CHANGE_MODES ? NAN : s->change.before, s->unit);
        cell(b, f->kind == CHANGE_MODES ? NAN : s->change.after, s->unit);
        buf_add(b, "</tr>\n");
    }
    buf_add(b, "</tbody></table></div>\n");
    if (f->series_count > POINTS)
        buf_addf(b, "<p class=\"facts\">And %zu more.</p>\n", f->series_count - POINTS);
    buf_add(b, "</details>\n");
}

/* ---- the commits between */
static void commit_line(struct buf *b, const struct series_run *r, const char *remark)
{
    buf_add(b, "<li>");
    history_run_html(b, r);
    if (remark) {
        buf_add(b, " (");
        page_text(b, remark);
        buf_add(b, ")");
    }
    buf_add(b, "</li>\n");
}

/* What the history knows of the way from the last run without it to the first one with it. */
static void commits(struct buf *b, const struct history *h, const struct finding *f)
{
    const struct series_home *home = &h->findings.home;
    size_t last = f->kind == CHANGE_CREEP ? f->last : f->run;

    if (f->before >= home->count || last >= home->count || f->before > last)
        return;
    buf_add(b, "<h2>Commits</h2>\n");
    if (f->commits > 1)
        buf_addf(b, "<p>%s %zu commits.</p>\n", f->kind == CHANGE_CREEP ? "It came with" : "It is one of", f->commits);
    buf_add(b, "<ul>\n");
    commit_line(b, &home->runs[f->before], "the last one without it");
    for (size_t i = f->before + 1, told = 0; i <= last; i++) {
        const struct series_run *r = &home->runs[i];

        if (i < last && told++ >= COMMITS)
            continue;
        commit_line(b, r,
                    !r->id                    ? r->outcome ? r->outcome : "not measured"
                    : i < f->run              ? NULL
                    : i < last                ? "on the way"
                    : f->kind == CHANGE_CREEP ? "the first one at the new level"
                                              : "the first one with it");
    }
    buf_add(b, "</ul>\n");
}

static void lead(struct buf *b, const struct history *h, const struct finding *f)
{
    const struct series_home *home = &h->findings.home;
    char *since = history_since_words(h, f);

    buf_add(b, "<p class=\"lead\">");
    history_badge(b, h, f);
    buf_add(b, " ");
    page_text(b, f->summary ? f->summary : f->kernel);
    buf_addf(b, "</p>\n<p>%s ", f->kind == CHANGE_CREEP ? "It came" : "Since");
    if (f->commits == 1 && f->run < home->count)
        history_run_html(b, &home->runs[f->run]);
    else
        page_text(b, since);
    buf_addf(b, ", on %s", f->region && *f->region ? "" : "every point of ");
    page_text(b, f->region && *f->region ? f->region : f->variants);
    buf_add(b, ".</p>\n");
    if (f->ledger) {
        buf_add(b, "<p>");
        page_text(b, f->ledger);
        buf_add(b, "</p>\n");
    }
    if (f->machine_note) {
        buf_add(b, "<p>");
        page_text(b, f->machine_note);
        buf_add(b, "</p>\n");
    }
    free(since);
}

static const struct history_series *worst_series(const struct history *h, const struct finding *f)
{
    for (size_t i = 0; i < h->count && f->series_count; i++)
        if (!strcmp(h->series[i].point, f->series[0].point) && !strcmp(h->series[i].metric, f->series[0].metric))
            return &h->series[i];
    return NULL;
}

static void picture(struct buf *b, const struct history *h, const struct finding *f)
{
    const struct history_series *s = worst_series(h, f);
    char *reading;

    if (!s || !s->stem)
        return;
    reading = history_series_words(s);
    buf_add(b, "<figure>\n<h3>");
    page_code(b, s->point);
    buf_add(b, " ");
    page_metric(b, s->metric);
    buf_add(b, "</h3>\n");
    page_picture(b, s->stem, reading);
    buf_add(b, "<figcaption><p class=\"reading\">");
    page_text(b, reading);
    buf_add(b, "</p>\n");
    history_ledger_lines(b, h, s->point, s->metric);
    buf_add(b, "</figcaption>\n</figure>\n");
    free(reading);
}

static char *title_of(const struct history *h, const struct finding *f)
{
    const struct series_home *home = &h->findings.home;
    char *run = f->run < home->count ? history_run_words(&home->runs[f->run]) : mem_copy("?");
    const char *word = f->kind == CHANGE_SPREAD  ? "another noise"
                       : f->kind == CHANGE_MODES ? "two groups of values"
                       : f->kind == CHANGE_CREEP ? "a creep"
                       : f->worse                ? "a step for the worse"
                                                 : "a step for the better";
    char *title = mem_format("%s/%s: %s at %s", f->kernel, f->variants ? f->variants : "", word, run);

    free(run);
    return title;
}

static int page(struct site *site, const struct history *h, size_t number, struct err *e)
{
    const struct finding *f = &h->findings.items[number];
    char *title = title_of(h, f), *kernel = history_kernel_file(site, f->kernel);
    struct buf b = {0};
    int result;

    site_page_begin(site, &b, title, "history.html");
    buf_add(&b, "<p><a href=\"history.html\">All findings</a>");
    if (kernel) {
        buf_addf(&b, "; <a href=\"%s\">", kernel);
        page_textf(&b, "history of %s", f->kernel);
        buf_add(&b, "</a>");
    }
    buf_add(&b, "</p>\n");
    lead(&b, h, f);
    picture(&b, h, f);
    effects(&b, h, f);
    points(&b, f);
    commits(&b, h, f);
    result = history_next_lines(&b, h, f, e);
    page_end(&b);
    if (!result)
        result = site_write(site, h->files[number], &b, e);
    buf_free(&b);
    free(title);
    free(kernel);
    return result;
}

int history_findings(struct site *site, const struct history *list, size_t count, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].findings.count && k < HISTORY_FINDINGS && !result; k++)
            result = page(site, &list[i], k, e);
    return result;
}
