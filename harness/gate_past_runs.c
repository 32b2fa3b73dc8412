/* Runs before the candidate, chosen point by point: see gate_base.h. */
#include "gate_base.h"

#include "../db/series.h"
#include "../reports/analysis/change.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_BACK = 40 }; /* values that tell the present level, if the window is no wider */

#define ODD 4         /* robust standard deviations of a window's runs */
#define COUNTED 0.001 /* of a count: less is no other level */

struct chooser {
    struct gate *g;
    const struct series_home *home;
    size_t candidate; /* index of the first run that is not before it */
    size_t window;
    bool *kept; /* by index of the home: the run has launches, more than its summaries */
    struct gate_choices *out;
};

/* Values of a series that may be a baseline: index into the series each. */
struct usable {
    size_t *at;
    double *value;
    size_t count;
};

static struct usable usable_of(const struct chooser *c, const struct series *s)
{
    struct usable u = {mem_new(s->count + 1, sizeof *u.at), mem_new(s->count + 1, sizeof *u.value), 0};

    for (size_t i = 0; i < s->count && s->run[i] < c->candidate; i++) {
        const struct series_run *run = &c->home->runs[s->run[i]];

        if (s->another[i])
            u.count = 0;
        if (s->suspect[i] || !run->id || (run->dirty && !c->g->candidate.dirty))
            continue;
        if (!c->window && !c->kept[s->run[i]]) /* of a window the level tells, of the best its launches do */
            continue;
        u.at[u.count] = i;
        u.value[u.count++] = s->value[i];
    }
    return u;
}

/* Where the present level begins: behind the last confirmed step, or a creep that has come to its end. */
static size_t level_start(const double *values, size_t n, bool deterministic)
{
    struct change_options o = {.deterministic = deterministic};
    struct change_list list = {0};
    size_t start = 0;

    changes_find(values, n, &o, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct change *c = &list.items[i];
        size_t at = c->kind == CHANGE_CREEP ? c->end : c->index;

        if (!c->pending && (c->kind == CHANGE_STEP || c->kind == CHANGE_CREEP) && at > start && at < n)
            start = at;
    }
    changes_free(&list);
    return start;
}

/* The last `window` values of the present level. */
static size_t window_start(const struct chooser *c, const struct series *s, const struct usable *u)
{
    size_t look = c->window > LOOK_BACK ? c->window : LOOK_BACK, from = u->count > look ? u->count - look : 0;
    size_t start = from + level_start(u->value + from, u->count - from, s->deterministic);

    return u->count - start > c->window ? u->count - c->window : start;
}

/* What lies far from the middle is an odd night: it is no part of the level. */
static bool is_odd(double value, const double *level, size_t n)
{
    double median = stats_median(level, n), sigma = stats_sigma(level, n);

    return n > 2 && fabs(value - median) > fmax(ODD * sigma, COUNTED * fabs(median));
}

/* The middle one of the three in a row whose median is best; with fewer than three the best one. */
static size_t best_of(const struct series *s, const struct usable *u)
{
    double sign = s->better == BETTER_HIGHER ? -1 : 1, best = INFINITY;
    size_t found = 0;

    for (size_t i = 0; i + 3 <= u->count; i++) {
        double median = stats_median(u->value + i, 3);

        if (sign * median > best)
            continue;
        best = sign * median;
        for (size_t k = i; k < i + 3; k++)
            found = u->value[k] == median ? k : found;
    }
    for (size_t i = 0; i < u->count && u->count < 3; i++) {
        if (sign * u->value[i] < best) {
            best = sign * u->value[i];
            found = i;
        }
    }
    return found;
}

static int choose(const struct series *s, void *user, struct err *e)
{
    struct chooser *c = user;
    struct usable u;
    struct gate_choice *choice;
    size_t from, to;

    (void)e;
    if (!gate_side_point(&c->g->candidate, s->point))
        return 0;
    u = usable_of(c, s);
    if (u.count) {
        from = c->window ? window_start(c, s, &u) : best_of(s, &u);
        to = c->window ? u.count : from + 1;
        VEC_ROOM(c->out->items, c->out->count, c->out->capacity);
        choice = &c->out->items[c->out->count++];
        *choice = (struct gate_choice){.point = mem_copy(s->point), .metric = mem_copy(s->metric), .drift = NAN};
        choice->series.point = choice->point;
        choice->series.metric = choice->metric;
        choice->runs = mem_new(to - from, sizeof *choice->runs);
        choice->starts = mem_new(to - from + 1, sizeof *choice->starts);
        for (size_t i = to; i-- > from;)
            if (!is_odd(u.value[i], u.value + from, to - from))
                choice->runs[choice->run_count++] = c->home->runs[s->run[u.at[i]]].id;
    }
    free(u.at);
    free(u.value);
    return 0;
}

static int order(const void *a, const void *b)
{
    const struct gate_choice *x = a, *y = b;
    int by_point = strcmp(x->point, y->point);

    return by_point ? by_point : strcmp(x->metric, y->metric);
}

const struct gate_choice *gate_choice_find(const struct gate_choices *list, const char *point, const char *metric)
{
    struct gate_choice key = {.point = (char *)point, .metric = (char *)metric};

    return list->count ? bsearch(&key, list->items, list->count, sizeof key, order) : NULL;
}

void gate_choices_free(struct gate_choices *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].point);
        free(list->items[i].metric);
        free(list->items[i].runs);
        free(list->items[i].starts);
        free(list->items[i].series.values);
    }
    free(list->items);
    *list = (struct gate_choices){0};
}

/* Reading the launches of one run into the choices whose next run it is. */
struct filling {
    struct gate *g;
    struct gate_choices *list;
    int64_t run;
};

static size_t place_of(const struct gate_choice *c, int64_t run)
{
    size_t i = 0;

    while (i < c->run_count && c->runs[i] != run)
        i++;
    return i;
}

static bool is_duration(const struct gate *g, const char *metric)
{
    for (size_t i = 0; i < g->metric_count; i++)
        if (!strcmp(g->metrics[i].name, metric))
            return g->metrics[i].duration;
    return false;
}

/* Values of another rung (simulated, multiplexed) than the newest run's are no part of it. */
static bool same_rung(const char *a, const char *b)
{
    size_t length = strcspn(a, "(");

    return length == strcspn(b, "(") && !strncmp(a, b, length);
}

static int take_launch(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct filling *f = user;
    struct gate_choice *choice = (struct gate_choice *)gate_choice_find(f->list, c[0].text, c[1].text);
    struct gate_series *s;
    size_t place;

    (void)count;
    (void)e;
    if (!choice || (is_duration(f->g, c[1].text) && c[4].text[0]))
        return 0;
    place = place_of(choice, f->run);
    s = &choice->series;
    if (place == choice->run_count || (s->count && !same_rung(s->quality, c[3].text)))
        return 0;
    if (!s->count)
        snprintf(s->quality, sizeof s->quality, "%s", c[3].text);
    VEC_ROOM(s->values, s->count, s->capacity);
    s->values[s->count++] = c[2].number;
    for (size_t i = place + 1; i <= choice->run_count; i++)
        choice->starts[i] = s->count;
    return 0;
}

/* Newest run first: its quality is that of the whole. */
static int fill_run(struct gate *g, struct gate_choices *list, int64_t run, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, g->metrics_glob};
    struct filling f = {g, list, run};

    snprintf(id, sizeof id, "%" PRId64, run);
    return store_query(g->store,
                       "SELECT p.text, m.name, s.median, q.text, l.pass FROM planned_launch l"
                       " JOIN point p ON p.id = l.point AND p.role = '' JOIN launch_summary s ON s.launch = l.id"
                       " JOIN metric m ON m.id = s.metric AND cm_glob(?2, m.name) JOIN quality q ON q.id = s.quality"
                       " WHERE l.run IN " GATE_RUNS " AND l.status = 'done' AND q.text NOT LIKE 'suspect%'"
                       " ORDER BY p.text, m.name, l.sequence",
                       parameters, 2, take_launch, &f, e);
}

static bool is_chosen(const struct gate_choices *list, int64_t run)
{
    for (size_t i = 0; i < list->count; i++)
        if (place_of(&list->items[i], run) < list->items[i].run_count)
            return true;
    return false;
}

static void learn_drift(const struct gate *g, struct gate_choice *c)
{
    struct compare_side *sides;

    if (c->run_count < 2 || !is_duration(g, c->metric))
        return;
    sides = mem_new(c->run_count, sizeof *sides);
    for (size_t i = 0; i < c->run_count; i++)
        sides[i] = (struct compare_side){c->series.values + c->starts[i], c->starts[i + 1] - c->starts[i]};
    c->drift = compare_drift(sides, c->run_count);
    free(sides);
}

static int fill(struct gate *g, const struct series_home *home, struct gate_choices *list, struct err *e)
{
    for (size_t i = home->count; i-- > 0;)
        if (home->runs[i].id && is_chosen(list, home->runs[i].id) && fill_run(g, list, home->runs[i].id, e))
            return -1;
    for (size_t i = 0; i < list->count; i++)
        learn_drift(g, &list->items[i]);
    return 0;
}

size_t gate_place(const struct gate *g, const struct series_home *home)
{
    size_t place = 0;

    for (size_t i = 0; i < home->member_count; i++)
        if (home->members[i].run == g->candidate.run)
            return home->members[i].index;
    for (size_t i = 0; i < home->count; i++)
        if (home->runs[i].started <= g->candidate.started)
            place = i + 1;
    return place;
}

static int mark_kept(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct chooser *c = user;

    (void)count;
    (void)e;
    for (size_t i = 0; i < c->home->member_count; i++)
        if ((double)c->home->members[i].run == cells[0].number)
            c->kept[c->home->members[i].index] = true;
    return 0;
}

static int read_kept(struct chooser *c, struct err *e)
{
    c->kept = mem_new(c->home->count + 1, sizeof *c->kept);
    return store_query(
        c->g->store,
        "SELECT id FROM run WHERE EXISTS (SELECT 1 FROM launch l JOIN launch_summary s ON s.launch = l.id"
        " WHERE l.run = run.id)",
        NULL, 0, mark_kept, c, e);
}

int gate_choices_load(struct gate *g, size_t window, struct gate_choices *out, struct err *e)
{
    struct series_home home = {0};
    struct chooser c = {.g = g, .home = &home, .window = window, .out = out};
    int failed;

    *out = (struct gate_choices){0};
    if (series_home_load(g->store, g->candidate.machine, g->candidate.branch, &home, e))
        return -1;
    c.candidate = gate_place(g, &home);
    /* Scripted runs are a history of their own: beside them there is none. */
    failed = read_kept(&c, e);
    if (!failed && home.scripted == g->candidate.scripted)
        failed = series_each(g->store, &home, NULL, g->metrics_glob, choose, &c, e);
    free(c.kept);
    if (!failed && out->count)
        qsort(out->items, out->count, sizeof *out->items, order);
    if (!failed)
        failed = fill(g, &home, out, e);
    series_home_free(&home);
    return failed ? -1 : 0;
}
