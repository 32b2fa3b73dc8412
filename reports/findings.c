/* See findings.h: the order of work stands in findings_parts.h. */
#include "findings_parts.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Where the newest `window` runs begin. */
static size_t first_of(const struct series_home *home, size_t window)
{
    size_t first = home->count;

    if (!window)
        return 0;
    for (size_t runs = 0; first > 0 && runs < window; first--)
        runs += home->runs[first - 1].id != 0;
    return first;
}

static int read_changes(struct store *s, struct finding_reading *r, struct err *e)
{
    struct findings *f = r->f;

    if (series_home_load(s, r->o->machine, r->o->branch, &f->home, e))
        return -1;
    r->first = first_of(&f->home, r->o->window);
    if (findings_since(r, e))
        return -1;
    return series_each(s, &f->home, r->o->points, r->o->metrics ? r->o->metrics : METRICS_GATING, findings_take_series,
                       r, e);
}

int findings_read(struct store *s, const struct findings_options *o, struct findings *f, struct err *e)
{
    struct finding_reading r = {.f = f, .o = o};
    int result;

    *f = (struct findings){0};
    result = read_changes(s, &r, e);
    if (!result) {
        findings_group(&r);
        findings_chance(&r);
        result = findings_place(s, f, e);
    }
    if (!result)
        result = findings_settle(s, f, e);
    if (!result)
        result = findings_anchors(s, f, e);
    if (!result)
        findings_words(f);
    free(r.found);
    free(r.values);
    if (result)
        findings_free(f);
    return result;
}

static void finding_free(struct finding *f)
{
    for (size_t i = 0; i < f->series_count; i++) {
        free(f->series[i].point);
        free(f->series[i].metric);
        free(f->series[i].unit);
    }
    free(f->series);
    free(f->slug);
    free(f->kernel);
    free(f->variants);
    free(f->region);
    free(f->summary);
    free(f->machine_note);
    free(f->ledger);
    commit_path_free(&f->between);
}

void findings_free(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        finding_free(&f->items[i]);
    for (size_t i = 0; i < f->series; i++) {
        free(f->all[i].point);
        free(f->all[i].kernel);
        free(f->all[i].variant);
        free(f->all[i].metric);
        free(f->all[i].unit);
        free(f->all[i].levels);
    }
    free(f->items);
    free(f->all);
    series_home_free(&f->home);
    *f = (struct findings){0};
}
