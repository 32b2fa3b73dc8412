/* See change.h. */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRICE 3.0 /* times log n: what a cut costs */
#define MIN_EFFECT 0.01
#define MIN_EFFECT_COUNTS 0.0005

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[] = {"step", "creep", "spread", "modes"};

    return names[kind];
}

void change_view_make(struct change_view *v, const double *values, size_t n, const struct change_options *o)
{
    *v = (struct change_view){.logarithms = true, .shortest = o->deterministic ? 3 : 5};
    v->x = mem_new(n + 1, sizeof *v->x);
    v->z = mem_new(n + 1, sizeof *v->z);
    v->raw = mem_new(n + 1, sizeof *v->raw);
    v->where = mem_new(n + 1, sizeof *v->where);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        v->raw[v->n] = values[i];
        v->where[v->n++] = i;
        v->logarithms = v->logarithms && values[i] > 0;
    }
    for (size_t i = 0; i < v->n; i++)
        v->x[i] = v->logarithms ? log(v->raw[i]) : v->raw[i];
}

void change_view_free(struct change_view *v)
{
    free(v->x);
    free(v->z);
    free(v->raw);
    free(v->where);
    *v = (struct change_view){0};
}

static struct change *append(struct change_list *out)
{
    VEC_ROOM(out->items, out->count, out->capacity);
    out->items[out->count] = (struct change){.ratio = NAN, .low = NAN, .high = NAN};
    return &out->items[out->count++];
}

static void add_step(const struct change_view *v, const size_t *starts, size_t i, size_t n, struct change_list *out)
{
    struct change *c = append(out);
    size_t from = starts[i - 1], cut = starts[i], to = starts[i + 1];
    double half = 1.96 * v->sigma * sqrt(1 / (double)(cut - from) + 1 / (double)(to - cut));

    c->kind = CHANGE_STEP;
    c->index = v->where[cut];
    c->end = to < v->n ? v->where[to] : n;
    c->before = stats_median(v->raw + from, cut - from);
    c->after = stats_median(v->raw + cut, to - cut);
    c->confidence = change_confidence(v, from, cut, to);
    if (c->before > 0) {
        c->ratio = c->after / c->before;
        c->low = v->logarithms ? c->ratio * exp(-half) : c->ratio - half / c->before;
        c->high = v->logarithms ? c->ratio * exp(half) : c->ratio + half / c->before;
    }
}

void changes_find(const double *values, size_t n, const struct change_options *o, struct change_list *out)
{
    struct change_options mine = o ? *o : (struct change_options){0};
    struct change_view v;

    if (mine.min_effect <= 0)
        mine.min_effect = mine.deterministic ? MIN_EFFECT_COUNTS : MIN_EFFECT;
    change_view_make(&v, values, n, &mine);
    if (v.n >= 2 * v.shortest && stats_min(v.x, v.n) < stats_max(v.x, v.n)) {
        size_t *starts = mem_new(v.n + 1, sizeof *starts), levels;

        change_noise(&v, &mine);
        levels = change_fit(v.z, v.n, PRICE * log((double)v.n), starts);
        levels = change_judge(&v, &mine, starts, levels);
        for (size_t i = 1; i < levels; i++)
            add_step(&v, starts, i, n, out);
        free(starts);
    }
    change_view_free(&v);
}

void changes_free(struct change_list *list)
{
    free(list->items);
    *list = (struct change_list){0};
}
