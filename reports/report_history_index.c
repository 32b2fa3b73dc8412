/* The first page of the histories: what was found, then every series, sorted by what matters; and their lines on other pages. */
#include "report_history.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FINDINGS = 100, SERIES = 100, OVERVIEW = 6 };

struct tally {
    size_t open, pending, better, settled, noise, gone;
};

static struct tally count_findings(const struct history *h, const char *kernel)
{
    struct tally t = {0};

    for (size_t i = 0; i < h->findings.count; i++) {
        const struct finding *f = &h->findings.items[i];

        if (kernel && strcmp(f->kernel, kernel))
            continue;
        if (h->undone[i])
            t.gone++;
        else if (f->state == FINDING_ACCEPTED || f->state == FINDING_IGNORED)
            t.settled++;
        else if (f->pending || f->doubtful)
            t.pending++;
        else if (f->worse)
            t.open++;
        else if (f->kind == CHANGE_STEP || f->kind == CHANGE_CREEP)
            t.better++;
        else
            t.noise++;
    }
    return t;
}

static void add_count(struct buf *b, size_t *before, size_t count, const char *one, const char *many)
{
    if (!count)
        return;
    buf_addf(b, "%s%zu %s", *before ? ", " : "", count, count == 1 ? one : many);
    ++*before;
}

/* "2 regressions open, 1 not confirmed yet, 3 improvements" */
static void tally_words(struct buf *b, const struct tally *t)
{
    size_t before = 0;

    add_count(b, &before, t->open, "open regression", "open regressions");
    add_count(b, &before, t->pending, "not certain", "not certain");
    add_count(b, &before, t->better, "improvement", "improvements");
    add_count(b, &before, t->noise, "change of the noise", "changes of the noise");
    add_count(b, &before, t->settled, "accepted or ignored", "accepted or ignored");
    add_count(b, &before, t->gone, "gone again", "gone again");
    buf_add(b, before ? "." : "No change.");
}

static const struct history *history_of(const struct site *site, size_t machine)
{
    for (size_t i = 0; i < site->history_count; i++)
        if (site->histories[i].machine == machine)
            return &site->histories[i];
    return NULL;
}

void site_history_overview(struct site *site, struct buf *b, size_t machine)
{
    const struct history *h = history_of(site, machine);
    struct tally t;

    if (!h)
        return;
    t = count_findings(h, NULL);
    buf_addf(
        b, "<h3>History</h3>\n<p><a href=\"history.html#%s\">Since the first run</a>: ", site->machines[machine].slug);
    tally_words(b, &t);
    buf_add(b, "</p>\n");
    /* open ones stand first in the list */
    history_findings_table(b, h, NULL, t.open < OVERVIEW ? t.open : OVERVIEW);
}

void site_history_line(struct site *site, struct buf *b, size_t machine, const char *kernel)
{
    const struct history *h = history_of(site, machine);
    char *file = h ? history_kernel_file(site, kernel) : NULL;
    bool any = false;

    for (size_t i = 0; file && i < h->count && !any; i++)
        any = !strcmp(h->series[i].kernel, kernel);
    if (any) {
        struct tally t = count_findings(h, kernel);

        buf_addf(b, "<p><a href=\"%s#%s\">History</a>: ", file, site->machines[machine].slug);
        tally_words(b, &t);
        buf_add(b, "</p>\n");
    }
    free(file);
}

int site_history_rank(const struct site *site, size_t machine, const char *kernel)
{
    const struct history *h = history_of(site, machine);

    for (size_t i = 0; h && i < h->count; i++)
        if (!strcmp(h->series[i].kernel, kernel))
            return (int)h->series[i].rank;
    return (int)HISTORY_STILL + 1;
}

/* ---- the page */

/* The kernels in the order in which their first series stand: what matters first. */
static void kernels(struct buf *b, const struct history *h)
{
    buf_add(b, "<h3>By kernel</h3>\n<ul>\n");
    for (size_t i = 0; i < h->count; i++) {
        const char *kernel = h->series[i].kernel;
        size_t count = 0, before = 0;
        char *file;

        while (before < i && strcmp(h->series[before].kernel, kernel))
            before++;
        if (before < i || !(file = history_kernel_file(h->site, kernel)))
            continue;
        for (size_t k = i; k < h->count; k++)
            count += !strcmp(h->series[k].kernel, kernel);
        buf_addf(b, "<li><a href=\"%s#%s\">", file, h->site->machines[h->machine].slug);
        page_text(b, kernel);
        buf_addf(b, "</a>: %zu series</li>\n", count);
        free(file);
    }
    buf_add(b, "</ul>\n");
}

static void section(struct buf *b, const struct history *h)
{
    const struct site_machine *m = &h->site->machines[h->machine];
    struct tally t = count_findings(h, NULL);

    buf_addf(b, "<section class=\"machine\" id=\"%s\">\n<h2>", m->slug);
    page_text(b, m->name);
    buf_add(b, "</h2>\n<p class=\"lead\">");
    tally_words(b, &t);
    buf_add(b, "</p>\n");
    history_home_line(b, h);
    if (h->findings.count) {
        buf_add(b, "<h3>Findings</h3>\n");
        history_findings_table(b, h, NULL, FINDINGS);
        if (h->findings.count > FINDINGS)
            buf_addf(b, "<p class=\"facts\">And %zu more, on the pages of the kernels.</p>\n",
                     h->findings.count - FINDINGS);
    }
    kernels(b, h);
    buf_add(b, "<h3>Series, sorted by what matters</h3>\n");
    history_series_table(b, h, NULL, SERIES);
    if (h->count > SERIES)
        buf_addf(b, "<p class=\"facts\">And %zu more, on the pages of the kernels.</p>\n", h->count - SERIES);
    buf_add(b, "</section>\n");
}

int history_index(struct site *site, const struct history *list, size_t count, struct err *e)
{
    struct buf b = {0};
    int result;

    site_page_begin(site, &b, "History", "history.html");
    for (size_t i = 0; i < count; i++)
        section(&b, &list[i]);
    page_end(&b);
    result = site_write(site, "history.html", &b, e);
    buf_free(&b);
    return result;
}
