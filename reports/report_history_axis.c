/* See report_history_axis.h. */
#include "report_history_axis.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- levels */

/* The change that begins at this run and moves the level; NULL: none does. */
static const struct change *change_at(const struct history_series *s, size_t run)
{
    for (size_t i = 0; i < s->changes.count; i++) {
        const struct change *c = &s->changes.items[i];

        if (c->index == run && (c->kind == CHANGE_STEP || c->kind == CHANGE_CREEP))
            return c;
    }
    return NULL;
}

/* Does a creep end at this run? */
static bool creep_ends(const struct history_series *s, size_t run)
{
    for (size_t i = 0; i < s->changes.count; i++)
        if (s->changes.items[i].kind == CHANGE_CREEP && s->changes.items[i].end == run)
            return true;
    return false;
}

size_t history_levels(const struct history_series *s, struct history_level **list)
{
    const struct history_values *v = s->values;
    size_t count = 0;

    *list = mem_new(v->count + 1, sizeof **list);
    for (size_t i = 0, end; i < v->count; i = end) {
        const struct change *c = change_at(s, v->run[i]);
        struct history_level *l = &(*list)[count++];
        double middle;

        for (end = i + 1;
             end < v->count && !v->another[end] && !change_at(s, v->run[end]) && !creep_ends(s, v->run[end]); end++)
            ;
        middle = stats_median(v->value + i, end - i);
        *l = (struct history_level){v->run[i], v->run[end - 1], middle, middle, c && c->pending};
        if (c && c->kind == CHANGE_CREEP) {
            l->from = c->before;
            l->to = c->after;
        }
    }
    return count;
}

/* ---- the axis */

/* How far values lie from their level: robust, so that spikes do not count. */
static double noise_around(const struct history_values *v, const struct history_level *levels, size_t count)
{
    double *rest = mem_new(v->count + 1, sizeof *rest), noise;
    size_t level = 0;

    for (size_t i = 0; i < v->count; i++) {
        double share;

        while (level + 1 < count && v->run[i] > levels[level].last)
            level++;
        share = levels[level].last > levels[level].first
                    ? (double)(v->run[i] - levels[level].first) / (double)(levels[level].last - levels[level].first)
                    : 0;
        rest[i] = v->value[i] - levels[level].from - share * (levels[level].to - levels[level].from);
    }
    noise = stats_sigma(rest, v->count);
    free(rest);
    return isfinite(noise) ? noise : 0;
}

static void find_range(const struct history_series *s, struct history_axis *a)
{
    const struct history_values *v = s->values;
    struct history_level *levels;
    size_t count = history_levels(s, &levels);
    double room = 6 * noise_around(v, levels, count), middle = fabs(s->level), span;

    a->least = INFINITY;
    a->most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        a->least = fmin(a->least, fmin(levels[i].from, levels[i].to));
        a->most = fmax(a->most, fmax(levels[i].from, levels[i].to));
    }
    free(levels);
    /* no more than there is, and never so little that nothing looks like much */
    a->least = fmax(a->least - room, fmin(stats_min(v->low, v->count), a->least));
    a->most = fmin(a->most + room, fmax(stats_max(v->high, v->count), a->most));
    span = fmax(a->most - a->least, 0.004 * middle);
    if (!(span > 0))
        span = 1;
    room = (span - (a->most - a->least)) / 2 + 0.08 * span;
    /* counts and times have no values below 0 */
    a->least = a->least >= 0 ? fmax(a->least - room, 0) : a->least - room;
    a->most += room;
}

static void find_unit(const char *unit, struct history_axis *a)
{
    static const struct {
        const char *unit;
        double factor;
        const char *label;
    } units[] = {
        {"ns", 1e9, "s"},
        {"ns", 1e6, "ms"},
        {"ns", 1e3, "us"},
        {"ns", 0, "ns"},
        {"bytes", 1073741824, "GiB"},
        {"bytes", 1048576, "MiB"},
        {"bytes", 1024, "KiB"},
        {"bytes", 0, "bytes"},
        {"1", 1e9, "billions"},
        {"1", 1e6, "millions"},
        {"1", 1e3, "thousands"},
        {"1", 0, ""},
    };
    double most = fmax(fabs(a->least), fabs(a->most));

    a->unit = 1;
    a->label = unit;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(unit, units[i].unit) && most >= units[i].factor) {
            a->unit = units[i].factor > 0 ? units[i].factor : 1;
            a->label = units[i].label;
            return;
        }
}

void history_axis(const struct history_series *s, struct history_axis *a)
{
    double step;

    find_range(s, a);
    find_unit(s->unit, a);
    step = (a->most - a->least) / a->unit / 6;
    a->digits = step > 0 && step < 1 ? (int)fmin(ceil(-log10(step)), 9) : 0;
}
