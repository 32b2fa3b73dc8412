/* Reads the histories of the site's machines: see report_history.h. */
#include "report_history.h"

#include "../harness/base/mem.h"

#include <stdlib.h>

static int read_machine(struct history *h, struct err *e)
{
    struct site *site = h->site;
    struct findings_options o = {.machine = site->machines[h->machine].name};
    size_t measured = 0;

    if (findings_read(site->store, &o, &h->findings, e)) {
        if (e->code != CM_NOTHING)
            return -1;
        *e = (struct err){0}; /* no history there yet */
        return 0;
    }
    for (size_t i = 0; i < h->findings.home.count; i++)
        measured += h->findings.home.runs[i].id != 0;
    if (measured < 2)
        return 0;
    if (ledger_load(site->store, &h->ledger, e) || history_marks(h, e))
        return -1;
    return history_series(h, e);
}

static void history_clear(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        struct history_series *s = &h->series[i];

        free(s->point);
        free(s->kernel);
        free(s->metric);
        free(s->unit);
        free(s->stem);
        free(s->problem);
        free(s->spark);
        changes_free(&s->changes);
        history_values_free(s->values);
    }
    for (size_t i = 0; i < h->effect_count; i++) {
        free(h->effects[i].metric);
        free(h->effects[i].unit);
    }
    for (size_t i = 0; i < h->mark_count; i++)
        free(h->marks[i].words);
    for (size_t i = 0; h->files && i < h->findings.count; i++)
        free(h->files[i]);
    free(h->series);
    free(h->effects);
    free(h->marks);
    free(h->files);
    free(h->undone);
    findings_free(&h->findings);
    ledger_free(&h->ledger);
}

static int read_all(struct site *site, struct history **list, size_t *count, struct err *e)
{
    int result = 0;

    *list = mem_new(site->machine_count, sizeof **list);
    *count = 0;
    for (size_t i = 0; i < site->machine_count && !result; i++) {
        struct history *h = &(*list)[*count];

        *h = (struct history){.site = site, .machine = i};
        result = read_machine(h, e);
        if (h->count || result)
            ++*count;
        else
            history_clear(h);
    }
    return result;
}

void site_history_free(struct site *site)
{
    for (size_t i = 0; i < site->history_count; i++)
        history_clear(&site->histories[i]);
    free(site->histories);
    site->histories = NULL;
    site->history_count = 0;
}

int site_history_read(struct site *site, struct err *e)
{
    if (read_all(site, &site->histories, &site->history_count, e))
        return -1;
    if (site->history_count)
        site_link(site, 1, "history.html", "History");
    return 0;
}

int site_history(struct site *site, struct err *e)
{
    struct history *list = site->histories;
    size_t count = site->history_count;

    if (!count)
        return 0;
    if (history_draw(list, count, e) || history_findings(site, list, count, e) || history_kernels(site, list, count, e))
        return -1;
    return history_index(site, list, count, e);
}
