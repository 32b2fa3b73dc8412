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

struct finding *findings_new(struct finding_reading *r, const struct found *first)
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

/* Does this series make a step in the finding? */
static bool steps(const struct group *g, size_t number, size_t series)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->finding == number && g->list[i]->series == series && g->list[i]->change.kind == CHANGE_STEP)
            return true;
    return false;
}

/* Series that became noisier where others made a step are a finding of their own: their level did not move. */
static void leave_noise(const struct group *g, size_t number)
{
    for (size_t i = 0; i < g->count; i++) {
        struct found *c = g->list[i];

        if (c->finding == number && c->change.kind != CHANGE_STEP && !steps(g, number, c->series))
            c->finding = FOUND_FREE;
    }
}

/* All that agree on the place, as a finding; NULL: none does. */
static struct finding *gather(const struct group *g, size_t place)
{
    size_t number = g->r->f->count;
    struct finding *f = NULL;

    for (size_t i = 0; i < g->count; i++) {
        struct found *c = g->list[i];

        if (c->finding != FOUND_FREE || !agrees(c, place))
            continue;
        f = f ? f : findings_new(g->r, c);
        c->finding = number;
        f->kind = c->change.kind < f->kind ? c->change.kind : f->kind;
    }
    if (f && f->kind == CHANGE_STEP)
        leave_noise(g, number);
    return f;
}

/* The last run without it, by all its members. */
static size_t last_without(const struct group *g, size_t number, size_t place)
{
    size_t before = 0;

    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->finding == number && g->list[i]->before < place && g->list[i]->before > before)
            before = g->list[i]->before;
    return before < place ? before : place - 1;
}

/* Steps, and what else their series show at their places. */
static void group_steps(const struct group *g)
{
    size_t place = 0;

    while (elect(g, &place)) {
        size_t number = g->r->f->count;
        struct finding *f = gather(g, place);

        if (!f)
            return;
        f->run = f->last = place;
        f->before = last_without(g, number, place);
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
        findings_new(g->r, g->list[i]);
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
        findings_split(r, i);
}
