/*
 * Changes become findings. What one commit did to a kernel is one finding, or two where it made some points better
 * and others worse.
 *
 * A noisy series shows its change beside the place, the farther the smaller the step is in its noise; a count shows
 * it exactly. So the changes of a kernel vote on the place: counts for their own run alone, times also for others,
 * as likely as those are; the place with the most votes takes all that agree with it, and the rest votes again. What
 * lies between two runs because there is no value between them agrees with every run in between.
 *
 * Of a step of d standard deviations whose place is estimated by the best cut, the likelihood of a place falls by d
 * squared / 2 a run, and 95 of 100 estimates lie within about 11 / d squared runs of the truth (that of a step in
 * Brownian motion); farther ones become rarer by d squared / 8 a run. Where a hundred series share a place, some of
 * them are as far off as one in a hundred is: stragglers of the same direction and size belong to it while as many
 * are to be expected there.
 */
#include "findings_parts.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST = 1, FARTHEST = 40 }; /* runs that a noisy change may lie beside its place */
#define WITHIN 11.0                  /* over the square of its size in noise: as many */
#define SLOWEST 0.1                  /* at which, and */
#define FASTEST 1.5                  /* at which votes fall with distance: noise is no better known */
#define ALIKE 0.5                    /* of its size, that a straggler may differ by */
#define EXPECTED 0.05                /* stragglers at that distance, that one is believed */
#define OVERLAP 0.5                  /* of the shorter of two creeps, that they are one */
#define SURE 4.0                     /* votes of a count */
#define PENDING_VOTE 0.1             /* of what is not sure yet: it decides among its like alone */

static const struct findings_series *series_of(const struct finding_reading *r, const struct found *c)
{
    return &r->f->all[c->series];
}

static bool is_exact(const struct finding_reading *r, const struct found *c)
{
    return series_of(r, c)->deterministic;
}

/* How far the change lies from a run: 0 inside the gap that it fell into. */
static size_t distance(const struct found *c, size_t run)
{
    if (run > c->change.index)
        return run - c->change.index;
    return run > c->before ? 0 : c->before + 1 - run;
}

/* How large the step is in the noise of its series, squared; noise that remembers says less. */
static double sharpness(const struct finding_reading *r, const struct found *c)
{
    const double size = log(c->change.ratio), noise = series_of(r, c)->noise, memory = series_of(r, c)->memory;

    if (c->change.kind != CHANGE_STEP || !isfinite(size) || !(noise > 0))
        return WITHIN;
    return size * size / (noise * noise) * (1 - memory) / (1 + memory);
}

static void measure(const struct finding_reading *r, struct found *c)
{
    double sharp = sharpness(r, c);

    c->sharp = sharp;
    c->fall = fmin(fmax(sharp / 2, SLOWEST), FASTEST);
    c->reach = is_exact(r, c) ? 0 : (size_t)fmin(fmax(WITHIN / sharp, NEAREST), FARTHEST);
}

static bool agrees(const struct found *c, size_t run)
{
    return distance(c, run) <= c->reach;
}

static double votes_for(const struct finding_reading *r, const struct found *c, size_t run)
{
    double vote = c->change.pending ? PENDING_VOTE : 1;

    if (!agrees(c, run))
        return 0;
    vote *= is_exact(r, c) ? SURE : exp(-c->fall * (double)distance(c, run));
    return run == c->change.index ? vote : vote * 0.99; /* the first run that shows it, if all else is equal */
}

/* Creeps and since-creeps have no place that could be voted on: those that overlap are one. */
static bool overlap(const struct found *a, const struct found *b)
{
    size_t from = a->change.index > b->change.index ? a->change.index : b->change.index;
    size_t to = a->change.end < b->change.end ? a->change.end : b->change.end;
    size_t x = a->change.end - a->change.index + 1, y = b->change.end - b->change.index + 1;

    return a->since == b->since && from <= to && (double)(to - from + 1) >= OVERLAP * (double)(x < y ? x : y);
}

/* Changes of one kernel and of kinds that may have one cause. */
struct group {
    struct finding_reading *r;
    struct found **list; /* by place */
    size_t count;
    size_t far; /* the most runs that one of them may lie from its place, gaps included */
};

static struct finding *new_finding(struct finding_reading *r, const struct found *first)
{
    struct findings *f = r->f;

    VEC_ROOM(f->items, f->count, f->capacity);
    f->items[f->count] = (struct finding){
        .kind = first->change.kind,
        .kernel = mem_copy(series_of(r, first)->kernel),
        .run = first->change.index,
        .before = first->before,
        .last = first->change.kind == CHANGE_CREEP ? first->change.end : first->change.index,
        .since = first->since,
        .pending = true,
    };
    return &f->items[f->count++];
}

/* All votes for the run of change i: voters stand near it in the list, as far as the widest gap. */
static double count_votes(const struct group *g, size_t i)
{
    size_t run = g->list[i]->change.index, from = i;
    double votes = 0;

    while (from > 0 && g->list[from - 1]->change.index + g->far >= run)
        from--;
    for (size_t k = from; k < g->count && g->list[k]->change.index <= run + g->far; k++)
        if (g->list[k]->finding == FOUND_FREE)
            votes += votes_for(g->r, g->list[k], run);
    return votes;
}

/* The run with the most votes among those of free changes. */
static bool elect(const struct group *g, size_t *place)
{
    double best = 0;

    for (size_t i = 0; i < g->count; i++) {
        size_t run = g->list[i]->change.index;
        double votes;

        if (g->list[i]->finding != FOUND_FREE ||
            (i > 0 && g->list[i - 1]->change.index == run && g->list[i - 1]->finding == FOUND_FREE))
            continue;
        votes = count_votes(g, i);
        if (votes > best) {
            best = votes;
            *place = run;
        }
    }
    return best > 0;
}

/* How far the place of a step may be off, by all that agree on it: counts are exact. */
static size_t blur_of(const struct group *g, size_t number, size_t place)
{
    double sharp = 0;

    for (size_t i = 0; i < g->count; i++) {
        if (g->list[i]->finding != number)
            continue;
        if (is_exact(g->r, g->list[i]) && distance(g->list[i], place) == 0)
            return 0;
        sharp += g->list[i]->sharp;
    }
    return (size_t)(fmin(WITHIN / sharp, FARTHEST) + 0.25);
}

/* The members so far of a finding: how many, and their middle size. */
struct company {
    size_t number, count, place;
    double size;
};

static bool is_derived(const struct group *g, const struct found *c)
{
    return series_of(g->r, c)->kind == METRIC_DERIVED;
}

/* Is something that the derived metric is made of, or its like, a member with the same point? */
static bool shares_point(const struct group *g, const struct found *c, size_t number)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->finding == number && !is_derived(g, g->list[i]) &&
            !strcmp(series_of(g->r, g->list[i])->point, series_of(g->r, c)->point))
            return true;
    return false;
}

/* Is it one of those that lie far from the place of so many like it? What is derived may go the other way. */
static bool straggles(const struct group *g, const struct found *c, const struct company *of)
{
    double size = log(c->change.ratio), d = (double)distance(c, of->place);

    if (is_exact(g->r, c) || c->change.kind != CHANGE_STEP || !isfinite(size) || d > FARTHEST ||
        (double)of->count * exp(-d * c->sharp / 8) <= EXPECTED)
        return false;
    return is_derived(g, c) ? shares_point(g, c, of->number) : fabs(size - of->size) < ALIKE * fabs(of->size);
}

static struct company company_of(const struct group *g, size_t number, size_t place)
{
    struct company of = {.number = number, .place = place};
    double *sizes = mem_new(g->count, sizeof *sizes);

    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->finding == number && g->list[i]->change.kind == CHANGE_STEP && !is_exact(g->r, g->list[i]) &&
            !is_derived(g, g->list[i]))
            sizes[of.count++] = log(g->list[i]->change.ratio);
    of.size = stats_median(sizes, of.count);
    free(sizes);
    return of;
}

static void take_stragglers(const struct group *g, size_t number, size_t place)
{
    struct company of = company_of(g, number, place);

    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->finding == FOUND_FREE && straggles(g, g->list[i], &of))
            g->list[i]->finding = number;
}

/* Steps, and what else lies at their places. */
static void group_steps(const struct group *g)
{
    size_t place = 0;

    while (elect(g, &place)) {
        size_t number = g->r->f->count, before = 0;
        struct finding *f = NULL;

        for (size_t i = 0; i < g->count; i++) {
            struct found *c = g->list[i];

            if (c->finding != FOUND_FREE || !agrees(c, place))
                continue;
            f = f ? f : new_finding(g->r, c);
            c->finding = number;
            f->kind = c->change.kind < f->kind ? c->change.kind : f->kind;
            if (c->before < place && c->before > before)
                before = c->before;
        }
        if (!f)
            return;
        f->run = f->last = place;
        f->before = before < place ? before : place - 1;
        take_stragglers(g, number, place);
        f->blur = blur_of(g, number, place);
    }
}

static void group_creeps(const struct group *g)
{
    for (size_t i = 0; i < g->count; i++) {
        size_t number = g->r->f->count;

        if (g->list[i]->finding != FOUND_FREE)
            continue;
        new_finding(g->r, g->list[i]);
        for (size_t k = i; k < g->count; k++)
            if (g->list[k]->finding == FOUND_FREE && overlap(g->list[i], g->list[k]))
                g->list[k]->finding = number;
    }
}

static int compare_names(const struct finding_reading *r, const struct found *a, const struct found *b)
{
    int order = strcmp(series_of(r, a)->kernel, series_of(r, b)->kernel);

    return order ? order : (a->change.kind == CHANGE_CREEP) - (b->change.kind == CHANGE_CREEP);
}

static int by_kernel_and_place(const void *a, const void *b, void *user)
{
    const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;
    int order = compare_names(user, x, y);

    if (order)
        return order;
    if (x->change.index != y->change.index)
        return x->change.index < y->change.index ? -1 : 1;
    return x->series == y->series ? (int)x->change.kind - (int)y->change.kind : x->series < y->series ? -1 : 1;
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
    struct finding *f = new_finding(r, c), *old = &r->f->items[number];

    f->kind = old->kind;
    f->run = old->run;
    f->before = old->before;
    f->last = old->last;
    f->blur = old->blur;
    f->worse = worse;
    return r->f->count - 1;
}

/* One finding for what got worse, one for the rest. */
static void split(struct finding_reading *r, size_t number)
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

void findings_group(struct finding_reading *r)
{
    struct found **list = mem_new(r->count + 1, sizeof *list);
    size_t made;

    for (size_t i = 0; i < r->count; i++) {
        measure(r, &r->found[i]);
        list[i] = &r->found[i];
    }
    qsort_r(list, r->count, sizeof *list, by_kernel_and_place, r);
    for (size_t i = 0, end; i < r->count; i = end) {
        struct group g = {r, list + i, 0, 0};

        for (end = i; end < r->count && compare_names(r, list[i], list[end]) == 0; end++, g.count++) {
            size_t far = list[end]->reach + list[end]->change.index - list[end]->before;

            g.far = far > g.far ? far : g.far;
        }
        if (list[i]->change.kind == CHANGE_CREEP)
            group_creeps(&g);
        else
            group_steps(&g);
    }
    free(list);
    made = r->f->count;
    for (size_t i = 0; i < made; i++)
        split(r, i);
}
