/* Before and after of every metric, at the worst point of a finding. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "analysis/compare.h"

#include <math.h>

enum { NEAR = 50 }; /* values on each side: older ones are of another time */

/* The values next to a place that belong to its level: those up to the next change, or to where values cannot be compared. */
static size_t level_from(const struct series *s, const struct history_series *own, size_t split)
{
    size_t from = split;

    while (from > 0 && split - from < NEAR && !s->another[from]) {
        for (size_t i = 0; i < own->changes.count && from < split; i++)
            if (own->changes.items[i].index == s->run[from] && own->changes.items[i].kind == CHANGE_STEP)
                return from;
        from--;
    }
    return from;
}

static size_t level_end(const struct series *s, const struct history_series *own, size_t split)
{
    size_t end = split;

    while (end < s->count && end - split < NEAR && (end == split || !s->another[end])) {
        for (size_t i = 0; i < own->changes.count && end > split; i++)
            if (own->changes.items[i].index == s->run[end])
                return end;
        end++;
    }
    return end;
}

static void compare_sides(const struct series *s, size_t from, size_t split, size_t start, size_t end,
                          struct history_effect *out)
{
    struct compare_side before = {s->value + from, split - from}, after = {s->value + start, end - start};
    struct compare_options o = {.min_effect_deterministic = 0.0005, .min_launches = 2, .false_discovery = 0.05};
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

void history_effect(struct history *h, const struct series *s, const struct history_series *own,
                    const struct finding *f)
{
    size_t after_run = f->kind == CHANGE_CREEP ? f->last : f->run, split = 0, start;
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
                                   .now = own->level,
                                   .ratio = NAN,
                                   .low = NAN,
                                   .high = NAN};
    from = level_from(s, own, split);
    if (from == split)
        from--;
    end = level_end(s, own, start);
    out->before = stats_median(s->value + from, split - from);
    out->after = stats_median(s->value + start, end - start);
    if (!s->another[start])
        compare_sides(s, from, split, start, end, out);
}
