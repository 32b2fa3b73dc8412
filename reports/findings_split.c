/*
 * What one commit did becomes one finding for the points that got worse, and one for the others, with copies of their series. Whether
 * a point got worse is said by its time where that moved, else by its counts.
 */
#include "findings_parts.h"

#include "../harness/base/mem.h"

#include <string.h>

static const struct findings_series *series_of(const struct finding_reading *r, const struct found *c)
{
    return &r->f->all[c->series];
}

static struct finding_series series_copy(const struct finding_reading *r, const struct found *c)
{
    const struct findings_series *s = series_of(r, c);

    return (struct finding_series){mem_copy(s->point), mem_copy(s->metric), mem_copy(s->unit), c->change, c->worse};
}

static void join(struct finding_reading *r, struct finding *f, const struct found *c)
{
    VEC_ROOM(f->series, f->series_count, f->series_capacity);
    f->series[f->series_count++] = series_copy(r, c);
    f->pending = f->pending && c->change.pending;
}

/* How much a metric says about whether a point got worse: times first, then counts, what is derived last. */
static int weight(const struct findings_series *s)
{
    return s->kind == METRIC_DURATION ? 0 : s->kind == METRIC_DERIVED ? 3 : s->deterministic ? 1 : 2;
}

/* Did this point get worse, by the metric that says most about it? */
static bool point_worse(const struct finding_reading *r, size_t finding, const char *point)
{
    const struct found *best = NULL;

    for (const struct found *c = r->found; c < r->found + r->count; c++) {
        const struct findings_series *s = series_of(r, c);

        if (c->finding != finding || strcmp(s->point, point) != 0)
            continue;
        if (!best || weight(s) < weight(series_of(r, best)) ||
            (weight(s) == weight(series_of(r, best)) && c->change.kind < best->change.kind))
            best = c;
    }
    return best && best->worse;
}

/* The same place in a finding of its own, for points that moved the other way. */
static size_t other_finding(struct finding_reading *r, size_t number, const struct found *c, bool worse)
{
    struct finding *f = findings_new(r, c), *old = &r->f->items[number];

    f->kind = old->kind;
    f->run = old->run;
    f->before = old->before;
    f->last = old->last;
    f->blur = old->blur;
    f->worse = worse;
    return r->f->count - 1;
}

void findings_split(struct finding_reading *r, size_t number)
{
    size_t other = FOUND_FREE;
    bool first = true;

    for (size_t i = 0; i < r->count; i++) {
        struct found *c = &r->found[i];
        bool worse;

        if (c->finding != number)
            continue;
        worse = point_worse(r, number, series_of(r, c)->point);
        if (first)
            r->f->items[number].worse = worse;
        else if (worse != r->f->items[number].worse && other == FOUND_FREE)
            other = other_finding(r, number, c, worse);
        first = false;
        join(r, &r->f->items[worse == r->f->items[number].worse ? number : other], c);
    }
}
