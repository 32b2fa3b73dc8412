/* Reads the histories of the site's machines: see report_history.h. */
#include "report_history.h"

#include "../harness/base/mem.h"

#include <stdlib.h>

#pragma weak findings_read
#pragma weak findings_free
#pragma weak ledger_load
#pragma weak ledger_free

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

int history_read(struct site *site, struct history **list, size_t *count, struct err *e)
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

void history_free(struct history *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        history_clear(&list[i]);
    free(list);
}
