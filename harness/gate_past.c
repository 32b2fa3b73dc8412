/*
 * The past of what a finding is about: the stored values of its worst point, run by run up to the one that is judged. A change is told by
 * two runs; whether the older one was usual is seen in those before.
 */
#include "gate_base.h"

#include "../db/series.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS 60 /* whose past is read, worst first */
#define RUNS 40     /* of it */

struct reading {
    const struct gate *g;
    const struct series_home *home;
    size_t candidate; /* its place in the history */
    struct gate_finding *finding;
};

/* The comparison that shows the finding best: of those that moved the one that moved most. */
static const struct gate_item *shown_item(const struct gate *g, const struct gate_finding *f)
{
    const struct gate_item *shown = NULL;
    double most = -1;

    for (size_t i = 0; i < g->item_count; i++) {
        const struct gate_item *item = &g->items[i];
        double moved = isnan(item->c.ratio) ? 0 : fabs(log(item->c.ratio));

        if (item->finding == f->number && moved > most) {
            most = moved;
            shown = item;
        }
    }
    return shown;
}

/* Runs after the one that is judged are no past of it: in the order of history, for a backfill measures the past later. */
static bool is_past(const struct reading *r, size_t index)
{
    const struct series_run *run = &r->home->runs[index];

    return run->id && (index < r->candidate || (index == r->candidate && run->started <= r->g->candidate.started));
}

static int take(const struct series *s, void *user, struct err *e)
{
    struct reading *r = user;
    struct gate_finding *f = r->finding;

    (void)e;
    f->past = mem_new(s->count + 1, sizeof *f->past);
    f->past_count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct series_run *run = &r->home->runs[s->run[i]];

        if (!is_past(r, s->run[i]))
            continue;
        if (s->another[i])
            f->past_count = 0; /* what was before cannot be compared */
        f->past[f->past_count] = (struct gate_past){
            .run = run->id, .value = s->value[i], .low = s->low[i], .high = s->high[i], .suspect = s->suspect[i]};
        snprintf(f->past[f->past_count++].commit, sizeof f->past->commit, "%s", run->commit);
    }
    if (f->past_count > RUNS) {
        memmove(f->past, f->past + f->past_count - RUNS, RUNS * sizeof *f->past);
        f->past_count = RUNS;
    }
    return 1; /* one series is all there is */
}

static int read_past(struct gate *g, const struct series_home *home, struct gate_finding *f, struct err *e)
{
    struct reading r = {g, home, gate_place(g, home), f};
    char *glob;
    int failed;

    f->shown = shown_item(g, f);
    if (!f->shown || !home->count)
        return 0;
    glob = gate_point_glob(f->shown->point->text);
    failed = series_each(g->store, home, glob, f->shown->metric->name, take, &r, e);
    free(glob);
    return failed && e->code ? -1 : 0;
}

int gate_past_load(struct gate *g, struct err *e)
{
    struct series_home home = {0};
    struct err none = {0};
    int failed = 0;

    if (!g->finding_count)
        return 0;
    /* A run that is not complete has no home yet: its findings are shown without a past. */
    if (series_home_load(g->store, g->candidate.machine, g->candidate.branch, &home, &none) &&
        none.code != CM_NOTHING) {
        *e = none;
        failed = -1;
    }
    for (size_t i = 0; i < g->finding_count && i < FINDINGS && !failed; i++)
        failed = read_past(g, &home, &g->findings[i], e);
    series_home_free(&home);
    return failed;
}

void gate_past_free(struct gate_finding *f)
{
    free(f->past);
    f->past = NULL;
    f->past_count = 0;
}
