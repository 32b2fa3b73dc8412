/* Before and after of every metric, at the worst point of a finding. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"
#include "analysis/compare.h"

#include <math.h>
#include <string.h>

enum { NEAR = 50 }; /* values on each side: older ones are of another time */

/* Does a level begin at this run? */
static bool begins(const struct history_series *own, size_t run)
{
    for (size_t i = 0; i < own->changes.count; i++) {
        const struct change *c = &own->changes.items[i];

        if ((c->kind == CHANGE_STEP && c->index == run) ||
            (c->kind == CHANGE_CREEP && (c->index == run || c->end == run)))
            return true;
    }
    return false;
}

/* The values next to a place that belong to its level: back to where it begins, or on to where the next one does. */
static size_t level_from(const struct series *s, const struct history_series *own, size_t split)
{
    size_t from = split - 1;

    while (from > 0 && split - from < NEAR && !s->another[from] && !begins(own, s->run[from]))
        from--;
    return from;
}

static size_t level_end(const struct series *s, const struct history_series *own, size_t start)
{
    size_t end = start + 1;

    while (end < s->count && end - start < NEAR && !s->another[end] && !begins(own, s->run[end]))
        end++;
    return end;
}

static void compare_sides(const struct series *s, size_t from, size_t split, size_t start, size_t end,
                          struct history_effect *out)
{
    struct compare_side before = {s->value + from, split - from}, after = {s->value + start, end - start};
    /* many metrics stand side by side: what is said to have moved shall not be one that did so by chance */
    struct compare_options o = {
        .min_effect = 0.005, .min_effect_deterministic = 0.0005, .min_launches = 2, .false_discovery = 0.01};
    struct comparison c;

    if (s->deterministic)
        compare_deterministic(before, after, true, &o, &c);
    else
        compare_time(before, after, true, &o, &c);
    out->ratio = c.ratio;
    out->low = c.low;
    out->high = c.high;
    out->moved = c.verdict == COMPARE_SLOWER || c.verdict == COMPARE_FASTER;
}

/* What the finding itself says of this series; NULL: nothing. */
static const struct finding_series *told_of(const struct finding *f, const struct series *s)
{
    for (size_t i = 0; i < f->series_count && f->kind != CHANGE_SPREAD && f->kind != CHANGE_MODES; i++)
        if (!strcmp(f->series[i].metric, s->metric) && !strcmp(f->series[i].point, s->point))
            return &f->series[i];
    return NULL;
}

static void take_told(struct history_effect *out, const struct change *c)
{
    out->before = c->before;
    out->after = c->after;
    out->ratio = c->ratio;
    out->low = c->low;
    out->high = c->high;
    out->moved = true;
}

/* Became kernel or variant another one on the way? */
static bool is_another(const struct series *s, size_t split, size_t start)
{
    for (size_t i = split; i <= start; i++)
        if (s->another[i])
            return true;
    return false;
}

void history_effect(struct history *h, const struct series *s, const struct history_series *own,
                    const struct finding *f)
{
    size_t after_run = f->kind == CHANGE_CREEP ? f->last : f->run, split = 0, start;
    const struct finding_series *told = told_of(f, s);
    struct history_effect *out;
    size_t from, end;

    while (split < s->count && s->run[split] < f->run)
        split++;
    for (start = split; start < s->count && s->run[start] < after_run; start++)
        ;
    if (!split || start == s->count)
        return;
    VEC_ROOM(h->effects, h->effect_count, h->effect_capacity);
    out = &h->effects[h->effect_count++];
    *out = (struct history_effect){.finding = f,
                                   .metric = mem_copy(s->metric),
                                   .unit = mem_copy(s->unit),
                                   .better = s->better,
                                   .gates = text_glob(METRICS_GATING, s->metric),
                                   .now = own->level,
                                   .ratio = NAN,
                                   .low = NAN,
                                   .high = NAN};
    from = level_from(s, own, split);
    end = level_end(s, own, start);
    out->before = stats_median(s->value + from, split - from);
    out->after = stats_median(s->value + start, end - start);
    out->another = is_another(s, split, start);
    if (!out->another)
        compare_sides(s, from, split, start, end, out);
    if (told)
        take_told(out, &told->change);
}
