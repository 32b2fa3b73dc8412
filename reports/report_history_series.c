/*
 * One history: every series with its changes, what it has to do with findings, and how much it matters. The values of a series are
 * there while it is read; those that get a picture are kept.
 */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PICTURES = 40, /* of a machine: what comes behind has its row in a table, and its small inline picture */
};

bool history_worse(const struct history_series *s, const struct change *c)
{
    double way = c->after - c->before;

    if (c->kind == CHANGE_MODES)
        return false;
    if (c->kind == CHANGE_SPREAD)
        return way > 0;
    return s->better == BETTER_LOWER ? way > 0 : s->better == BETTER_HIGHER && way < 0;
}

static double change_size(const struct change *c)
{
    double size = fabs(log(c->ratio));

    return c->kind == CHANGE_MODES ? 0.01 : isfinite(size) ? size : 10;
}

/* ---- what a series has to do with findings */

/* One line of a finding: the series that it tells of. */
struct told {
    const struct finding *finding;
    const struct finding_series *series;
};

struct reading {
    struct history *h;
    struct told *told; /* sorted by point and metric */
    size_t told_count;
    size_t kept; /* pictures so far */
};

static int by_name(const struct told *t, const char *point, const char *metric)
{
    int order = strcmp(t->series->point, point);

    return order ? order : strcmp(t->series->metric, metric);
}

static int by_told(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    int order = by_name(x, y->series->point, y->series->metric);

    return order ? order : x->finding->number - y->finding->number;
}

static void list_told(struct reading *r)
{
    const struct findings *f = &r->h->findings;
    size_t count = 0;

    for (size_t i = 0; i < f->count; i++)
        count += f->items[i].series_count;
    r->told = mem_new(count + 1, sizeof *r->told);
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; k < f->items[i].series_count; k++)
            r->told[r->told_count++] = (struct told){&f->items[i], &f->items[i].series[k]};
    qsort(r->told, r->told_count, sizeof *r->told, by_told);
}

static const struct finding *finding_of(const struct reading *r, const struct history_series *s, const struct change *c)
{
    size_t from = 0, to = r->told_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (by_name(&r->told[middle], s->point, s->metric) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    for (; from < r->told_count && !by_name(&r->told[from], s->point, s->metric); from++) {
        const struct change *told = &r->told[from].series->change;

        if (told->kind == c->kind && told->index == c->index)
            return r->told[from].finding;
    }
    return NULL;
}

static enum history_rank rank_of(const struct history_series *s, const struct change *c, const struct finding *f)
{
    if (!f)
        return HISTORY_OTHER;
    if (f->undone_by || !history_worse(s, c) || !finding_lasts(c, s->level))
        return HISTORY_MOVED;
    if (f->state == FINDING_ACCEPTED || f->state == FINDING_IGNORED)
        return HISTORY_SETTLED;
    return c->pending ? HISTORY_PENDING : HISTORY_OPEN;
}

static void judge(const struct reading *r, struct history_series *s)
{
    s->rank = HISTORY_STILL;
    for (size_t i = 0; i < s->changes.count; i++) {
        const struct change *c = &s->changes.items[i];
        const struct finding *f = finding_of(r, s, c);
        enum history_rank rank = rank_of(s, c, f);
        double size = change_size(c);

        if (rank < s->rank || (rank == s->rank && size > s->size)) {
            s->rank = rank;
            s->size = size;
            s->change = i;
            s->finding = f;
        }
    }
}

/* ---- one series, as it is read */

/* Appends the changes of values from..to, which can be compared with one another; places become runs of the home. */
static void find_changes(const struct series *s, size_t from, size_t to, struct change_list *out)
{
    struct change_options o = {.deterministic = s->deterministic};
    size_t first = out->count;

    changes_find(s->value + from, to - from, &o, out);
    for (size_t i = first; i < out->count; i++) {
        struct change *c = &out->items[i];
        size_t end = from + c->end;

        c->index = s->run[from + c->index];
        c->end = end < s->count ? s->run[end] : s->run[s->count - 1] + 1;
    }
}

static void add_changes(const struct series *s, struct change_list *out)
{
    size_t from = 0;

    for (size_t i = 1; i <= s->count; i++)
        if (i == s->count || s->another[i]) {
            find_changes(s, from, i, out);
            from = i;
        }
}

/* The median of the values at runs first .. end - 1. */
static double median_of(const struct series *s, size_t first, size_t end)
{
    size_t from = 0, to;

    while (from < s->count && s->run[from] < first)
        from++;
    for (to = from; to < s->count && s->run[to] < end; to++)
        ;
    return stats_median(s->value + from, to - from);
}

/* Where the level at its beginning ends, and where the newest one begins: as runs. */
static void outer_levels(const struct series *s, struct history_series *out)
{
    size_t first_end = SIZE_MAX, last_start = 0, newest = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->another[i])
            newest = s->run[i];
    last_start = newest;
    for (size_t i = 0; i < out->changes.count; i++) {
        const struct change *c = &out->changes.items[i];

        if (c->pending || c->kind == CHANGE_SPREAD || c->kind == CHANGE_MODES)
            continue;
        if (c->index < first_end)
            first_end = c->index;
        if ((c->kind == CHANGE_CREEP ? c->end : c->index) > last_start)
            last_start = c->kind == CHANGE_CREEP ? c->end : c->index;
    }
    if (newest && newest < first_end)
        first_end = newest;
    out->origin = median_of(s, 0, first_end);
    out->level = median_of(s, last_start, SIZE_MAX);
    if (isnan(out->level))
        out->level = s->value[s->count - 1];
    if (isnan(out->origin))
        out->origin = s->value[0];
}

static struct history_values *keep_values(const struct series *s)
{
    struct history_values *v = mem_new(1, sizeof *v);

    v->count = s->count;
    v->run = mem_new(s->count, sizeof *v->run);
    v->value = mem_new(3 * s->count, sizeof *v->value);
    v->low = v->value + s->count;
    v->high = v->low + s->count;
    v->another = mem_new(2 * s->count, sizeof *v->another);
    v->suspect = v->another + s->count;
    memcpy(v->run, s->run, s->count * sizeof *v->run);
    memcpy(v->value, s->value, s->count * sizeof *v->value);
    memcpy(v->low, s->low, s->count * sizeof *v->low);
    memcpy(v->high, s->high, s->count * sizeof *v->high);
    memcpy(v->another, s->another, s->count * sizeof *v->another);
    memcpy(v->suspect, s->suspect, s->count * sizeof *v->suspect);
    return v;
}

void history_values_free(struct history_values *v)
{
    if (v) {
        free(v->run);
        free(v->value);
        free(v->another);
        free(v);
    }
}

/* What matters first; what gates before what explains; else by name. */
static int by_weight(const void *a, const void *b)
{
    const struct history_series *x = a, *y = b;
    int order;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    if (x->gates != y->gates)
        return x->gates ? -1 : 1;
    order = strcmp(x->point, y->point);
    return order ? order : strcmp(x->metric, y->metric);
}

/* A picture for the newest series; where there are too many then, that of the least important one goes. */
static void keep_picture(struct reading *r, const struct series *s)
{
    struct history *h = r->h;
    struct history_series *least = NULL;

    h->series[h->count - 1].values = keep_values(s);
    if (h->series[h->count - 1].wanted || ++r->kept <= PICTURES)
        return;
    for (size_t i = 0; i < h->count; i++) {
        struct history_series *o = &h->series[i];

        if (o->values && !o->wanted && (!least || by_weight(o, least) > 0))
            least = o;
    }
    history_values_free(least->values);
    least->values = NULL;
    r->kept--;
}

static void meet_findings(struct history *h, const struct series *s, struct history_series *own)
{
    for (size_t i = 0; i < h->findings.count; i++) {
        const struct finding *f = &h->findings.items[i];

        if (!f->series_count || strcmp(f->series[0].point, s->point))
            continue;
        if (i < HISTORY_FINDINGS)
            history_effect(h, s, own, f);
        if (strcmp(f->series[0].metric, s->metric))
            continue;
        own->wanted |= i < PICTURES;
        h->undone[i] = f->undone_by || !finding_lasts(&f->series[0].change, own->level);
    }
}

/* ---- reading */
static int add_series(const struct series *s, void *user, struct err *e)
{
    struct reading *r = user;
    struct history *h = r->h;
    struct history_series *own;

    (void)e;
    if (!s->count)
        return 0;
    VEC_ROOM(h->series, h->count, h->capacity);
    own = &h->series[h->count++];
    *own = (struct history_series){.point = mem_copy(s->point),
                                   .kernel = mem_copy(s->kernel),
                                   .metric = mem_copy(s->metric),
                                   .unit = mem_copy(s->unit),
                                   .better = s->better,
                                   .count = s->count,
                                   .value = s->value[s->count - 1],
                                   .gates = text_glob(METRICS_GATING, s->metric)};
    add_changes(s, &own->changes);
    outer_levels(s, own);
    judge(r, own);
    meet_findings(h, s, own);
    own->spark = history_spark(s->value, s->count);
    keep_picture(r, s);
    return 0;
}

/* Names of files and of places in pages: numbers in the order of what matters. */
static void name_pictures(struct history *h)
{
    const struct site *site = h->site;
    size_t number = 0;

    for (size_t i = 0; i < h->count; i++)
        if (h->series[i].values)
            snprintf(h->series[i].anchor, sizeof h->series[i].anchor, "series-%s%s%zu",
                     site->machine_count > 1 ? site->machines[h->machine].slug : "", site->machine_count > 1 ? "_" : "",
                     ++number);
}

int history_series(struct history *h, struct err *e)
{
    struct reading r = {.h = h};
    int result;

    list_told(&r);
    h->undone = mem_new(h->findings.count + 1, sizeof *h->undone);
    h->files = history_finding_files(h);
    result = series_each(h->site->store, &h->findings.home, NULL, NULL, add_series, &r, e);
    if (h->count)
        qsort(h->series, h->count, sizeof *h->series, by_weight);
    name_pictures(h);
    free(r.told);
    return result;
}
