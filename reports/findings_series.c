/* One series of a history: its levels, and its changes with the runs that they lie between. */
#include "findings_parts.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "analysis/creep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MEMORY 0.8

/* A count that is suspect was counted wrong; a time that is was still taken, and a robust detector bears it. */
static bool usable(const struct series *s, size_t i)
{
    return !s->suspect[i] || s->kind == METRIC_DURATION;
}

static struct findings_series *new_series(struct findings *f, const struct series *s)
{
    struct findings_series *one;

    VEC_ROOM(f->all, f->series, f->series_capacity);
    one = &f->all[f->series++];
    *one = (struct findings_series){
        .point = mem_copy(s->point),
        .kernel = mem_copy(s->kernel),
        .variant = mem_copy(s->variant),
        .metric = mem_copy(s->metric),
        .unit = mem_copy(s->unit),
        .better = s->better,
        .kind = s->kind,
        .deterministic = s->deterministic,
        .noise = NAN,
    };
    return one;
}

/* The values of a piece of the series that is comparable in itself. */
struct piece {
    const struct series *series;
    const double *values; /* NaN where one is not usable */
    size_t from, count;   /* in the series */
};

static size_t run_of(const struct piece *p, size_t index)
{
    return p->series->run[p->from + (index < p->count ? index : p->count - 1)];
}

static bool got_worse(const struct series *s, const struct change *c)
{
    if (c->kind == CHANGE_SPREAD)
        return c->after > c->before;
    if (s->better == BETTER_NEITHER || c->after == c->before)
        return false;
    return (s->better == BETTER_LOWER) ==
           (c->kind == CHANGE_CREEP && c->ratio > 0 ? c->ratio > 1 : c->after > c->before);
}

static void take_change(struct finding_reading *r, const struct piece *p, const struct change *c, bool since)
{
    struct found *one;
    size_t before = c->index;

    if (c->index == 0 || c->index >= p->count)
        return;
    while (before-- > 1 && isnan(p->values[before]))
        ;
    if (r->has_since && run_of(p, c->index) <= r->since)
        return;
    VEC_ROOM(r->found, r->count, r->capacity);
    one = &r->found[r->count++];
    *one = (struct found){.change = *c,
                          .series = r->f->series - 1,
                          .before = run_of(p, before),
                          .finding = FOUND_FREE,
                          .since = since,
                          .worse = got_worse(p->series, c)};
    one->change.index = run_of(p, c->index);
    one->change.end = run_of(p, c->end);
}

static void add_level(struct findings_series *s, const struct piece *p, size_t from, size_t to, bool creeping)
{
    double *v = mem_new(to - from + 1, sizeof *v);
    struct findings_level l = {.run = run_of(p, from), .last = run_of(p, to - 1), .creeping = creeping};

    for (size_t i = from; i < to; i++)
        if (!isnan(p->values[i]))
            v[l.count++] = p->values[i];
    if (l.count) {
        l.median = stats_median(v, l.count);
        l.low = stats_min(v, l.count);
        l.high = stats_max(v, l.count);
        l.another = s->count > 0 && from == 0;
        VEC_ROOM(s->levels, s->count, s->capacity);
        s->levels[s->count++] = l;
    }
    free(v);
}

/* The next place after `from` where a level begins or ends; `creeping` tells what begins there. */
static size_t next_border(const struct change_list *changes, size_t from, size_t count, bool *creeping)
{
    size_t next = count;

    *creeping = false;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *c = &changes->items[i];

        if (c->kind != CHANGE_STEP && c->kind != CHANGE_CREEP)
            continue;
        if (c->index > from && c->index <= next) {
            *creeping = (c->index == next && *creeping) || c->kind == CHANGE_CREEP;
            next = c->index;
        }
        if (c->kind == CHANGE_CREEP && c->end > from && c->end < next) {
            next = c->end;
            *creeping = false;
        }
    }
    return next;
}

static void take_levels(struct findings_series *s, const struct piece *p, const struct change_list *changes)
{
    bool creeping = false, creeps_next;

    for (size_t from = 0; from < p->count;) {
        size_t to = next_border(changes, from, p->count, &creeps_next);

        add_level(s, p, from, to, creeping);
        creeping = creeps_next;
        from = to;
    }
}

static void take_piece(struct finding_reading *r, const struct piece *p, bool newest)
{
    const bool counts = p->series->deterministic;
    const struct change_options o = {.min_effect = counts ? 0 : r->o->min_effect, .deterministic = counts};
    struct findings_series *s = &r->f->all[r->f->series - 1];
    struct change_list changes = {0};
    struct change creep;
    size_t from = 0;

    changes_find(p->values, p->count, &o, &changes);
    take_levels(s, p, &changes);
    for (size_t i = 0; i < changes.count; i++)
        take_change(r, p, &changes.items[i], false);
    while (from + 1 < p->count && run_of(p, from + 1) <= r->since)
        from++;
    if (newest && r->has_since && creep_since(p->values, p->count, from, &changes, &o, &creep))
        take_change(r, p, &creep, true);
    changes_free(&changes);
}

/* How much of a deviation is still there a run later; what lies far out counts as if it lay at three deviations. */
static double memory_of(double *rest, size_t count, double noise)
{
    double together = 0, square = 0;

    for (size_t i = 0; i < count; i++) {
        rest[i] = fmin(fmax(rest[i] - 1, -3 * noise), 3 * noise);
        square += rest[i] * rest[i];
        together += i > 0 ? rest[i] * rest[i - 1] : 0;
    }
    return square > 0 ? fmin(fmax(together / square, 0), MOST_MEMORY) : 0;
}

/* How the values lie around their levels. */
static void measure_noise(struct findings_series *s, const struct series *series, const double *values, size_t first)
{
    double *rest = mem_new(series->count + 1, sizeof *rest);
    size_t count = 0;

    for (size_t i = first, l = 0; i < series->count; i++) {
        while (l + 1 < s->count && series->run[i] >= s->levels[l + 1].run)
            l++;
        if (!isnan(values[i]) && l < s->count && !s->levels[l].creeping && s->levels[l].median != 0)
            rest[count++] = values[i] / s->levels[l].median;
    }
    s->noise = stats_sigma(rest, count);
    s->memory = s->noise > 0 ? memory_of(rest, count, s->noise) : 0;
    free(rest);
}

int findings_take_series(const struct series *series, void *user, struct err *e)
{
    struct finding_reading *r = user;
    struct findings_series *s = new_series(r->f, series);
    size_t first = 0, from;

    (void)e;
    while (first < series->count && series->run[first] < r->first)
        first++;
    if (series->count > r->value_capacity) {
        r->value_capacity = series->count * 2;
        r->values = mem_grow(r->values, r->value_capacity, sizeof *r->values);
    }
    for (size_t i = 0; i < series->count; i++)
        r->values[i] = usable(series, i) ? series->value[i] : NAN;
    for (size_t i = from = first; i < series->count; i++) {
        bool last = i + 1 == series->count;

        if (!last && !series->another[i + 1])
            continue;
        take_piece(r, &(struct piece){series, r->values + from, from, i + 1 - from}, last);
        from = i + 1;
    }
    measure_noise(s, series, r->values, first);
    r->f->values += series->count - first;
    return 0;
}

double findings_level_at(const struct findings_series *s, size_t run)
{
    double level = NAN;

    for (size_t l = 0; l < s->count && s->levels[l].run <= run; l++)
        if (!s->levels[l].creeping || isnan(level) || run <= s->levels[l].last)
            level = s->levels[l].median;
    return level;
}
