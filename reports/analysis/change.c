/*
 * See change.h. How changes are found:
 *
 *  1. Values on a logarithmic scale if all are above 0; missing ones left out. The noise from differences of neighbours; how much
 *     neighbours depend on each other from differences of values 8 to 12 places apart, and no more than is left within levels
 *     (change_noise.c). Outliers are drawn in to 1.5 standard deviations from the running median of 9 values, but for four and more
 *     in a row that lie 6 off: a short level.
 *  2. The best cut into levels under a price of 4 log n for each cut, exactly (change_fit.c).
 *  3. Every cut judged by the values on both sides, the weakest taken away first (change_judge.c): levels of 5 values at least (4 if
 *     they lie 6 standard deviations off; counts: 3), 1.25 standard deviations and the smallest effect apart, no slope, a score of
 *     0.9 log n (3.5 at least). The score is in the deviation that means of so many values have if each keeps a share of the one
 *     before it (first-order autoregression). What lasts fewer than 10 values must also part the values themselves that well.
 *  4. If levels last fewer than 25 values on average, they are no levels: all again with the noise of values farther apart.
 *  5. Creeps that picture the values better than steps do (change_creep.c); changes of the spread and of two groups
 *     (change_spread.c); what the newest one to four values suggest (change_pending.c).
 *
 * Assumed: noise that is alike along the series but for a few changes of it, and whose memory is short (some 10 values). What is slower
 * than that looks like levels, and is told as such. Of fewer than 24 values, a dependence of 0.4 is assumed.
 *
 * Measured (tests/bench/changes.c; settings were chosen looking at all of these series, so unseen ones may do worse; F1 / cover /
 * precision):
 *     193 performance histories, every other one by name 0.880 / 0.802 / 0.978, the others 0.837 / 0.767 / 0.951
 *     25 series of economy, nature and industry 0.765 / 0.684 / 0.933
 *     false steps per 1,000 values of noise, 200 a series, 20 draws of 40,000 values each: normal 0, dependent (0.5) 0.01, spikes 0,
 *     log-normal 0.03, two groups 0; the worst draw 0.10 (log-normal)
 *     neighbours that correlate by 0.8: 0.3 in series of 200, but 2 in series of 40 to 60; 20 values dependent by 0.5: 1.0 (one series
 *     in 50). Where it fails: what remembers longer than that, such as a random walk below white noise
 *     steps of 2 / 3 standard deviations with 15 values behind them found: 90 / 100 %; dependent by 0.5, of 3 / 4 such: 70 / 93 %
 *     what is taken back after 5 values and more: 98 % at 6 standard deviations; after 4 values 29 / 77 / 97 % at 8 / 10 / 12
 *     a creep of 0.3 % a value over 12 of 40 values and a step of 4 % that is taken back, all told at a noise of 0.1 / 0.3 %: one
 *     before or behind the other 98 / 96 %, the creep on the raised level 97 / 83 %
 *     1,000 values in 0.8 to 0.9 ms, 10,000 in 7 to 12 ms, a million in 0.9 to 1.4 s of a shared, noisy machine
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRICE 4.0       /* times log n: what a cut costs when the best ones are looked for */
#define APART 1.25      /* standard deviations: nearer levels are not seen as two */
#define STRAIGHT 0.9    /* of the squares of two levels: a line that leaves less is better */
#define LIMIT 0.9       /* times log n: what a score needs */
#define LEAST_LIMIT 3.5 /* in short series */
#define MIN_EFFECT 0.01 /* share */
#define MIN_EFFECT_COUNTS 0.0005
#define LEVEL_LASTS 25 /* values on average: what changes oftener is noise that remembers */
#define SOME_CHANGES 3 /* beside that, however short the series */
#define FIRST_APART 5  /* places, for noise that remembers; doubled up to: */
#define MOST_APART 40
#define LARGEST 1e300     /* beyond, differences may be infinite: such values are missing */
#define UNCERTAIN 2.0     /* standard errors of a correlation: what is added to it */
#define OF_MEDIANS 1.2533 /* standard error of a median, in that of a mean */

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[] = {"step", "creep", "spread", "modes"};

    return names[kind];
}

static size_t shortest_level(const struct change_options *o)
{
    return o->deterministic ? 3 : 5;
}

static void view_make(struct change_view *v, const double *values, size_t n, const struct change_options *o)
{
    *v = (struct change_view){.logarithms = true, .shortest = shortest_level(o)};
    v->x = mem_new(n + 1, sizeof *v->x);
    v->z = mem_new(n + 1, sizeof *v->z);
    v->raw = mem_new(n + 1, sizeof *v->raw);
    v->where = mem_new(n + 1, sizeof *v->where);
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(values[i]) < LARGEST))
            continue;
        v->raw[v->n] = values[i];
        v->where[v->n++] = i;
        v->logarithms = v->logarithms && values[i] > 0;
    }
    v->where[v->n] = n;
    for (size_t i = 0; i < v->n; i++)
        v->x[i] = v->logarithms ? log(v->raw[i]) : v->raw[i];
}

static void view_free(struct change_view *v)
{
    free(v->x);
    free(v->z);
    free(v->raw);
    free(v->where);
}

struct change *change_append(struct change_list *out, enum change_kind kind)
{
    VEC_ROOM(out->items, out->count, out->capacity);
    out->items[out->count] = (struct change){.kind = kind, .ratio = NAN, .low = NAN, .high = NAN};
    return &out->items[out->count++];
}

double change_limit(size_t n)
{
    return fmax(LEAST_LIMIT, LIMIT * log((double)n));
}

double change_smallest(const struct change_view *v, const struct change_options *o)
{
    double share = o->min_effect > 0 ? o->min_effect : o->deterministic ? MIN_EFFECT_COUNTS : MIN_EFFECT;
    double smallest = v->logarithms ? log1p(share) : share * fabs(v->middle);

    return fmax(APART, smallest / v->sigma);
}

void change_describe(const struct change_view *v, const struct change_flat *f, struct change *c)
{
    size_t before = f->head - f->from, after = f->to - f->tail;
    double half =
        1.96 * OF_MEDIANS * v->sigma *
        sqrt(change_wider(&v->memory, before) / (double)before + change_wider(&v->memory, after) / (double)after);

    c->before = change_median(v->raw + f->from, f->head - f->from);
    c->after = change_median(v->raw + f->tail, f->to - f->tail);
    if (!(c->before > 0))
        return;
    c->ratio = c->after / c->before;
    c->low = v->logarithms ? c->ratio * exp(-half) : c->ratio - half / c->before;
    c->high = v->logarithms ? c->ratio * exp(half) : c->ratio + half / c->before;
}

/* How values of one level follow each other around its best straight line: a level that creeps is no noise that remembers. */
static double products_around_line(const struct change_view *v, const struct change_sums *s, size_t from, size_t to)
{
    long double n = (long double)(to - from), center = (long double)from + (n - 1) / 2;
    double mean = change_mean(s, from, to), products = 0, last = 0;
    double slope =
        (double)((s->moments[to] - s->moments[from] - center * (s->z[to] - s->z[from])) / (n * (n * n - 1) / 12));

    for (size_t k = from; k < to; k++) {
        double rest = v->z[k] - mean - slope * (double)((long double)k - center);

        products += rest * last;
        last = rest;
    }
    return products;
}

/*
 * Where the noise has no steps in it, its neighbours correlate as they do. A line takes some of that with it, two values in so many
 * (and four times the correlation); this is put back, and what is uncertain is added.
 */
static double dependence_within(const struct change_view *v, const struct change_sums *s, const size_t *starts,
                                size_t levels)
{
    double squares = 0, products = 0, dependent;
    size_t count = 0, used = 0;

    for (size_t i = 0; i < levels; i++) {
        if (starts[i + 1] - starts[i] < v->shortest)
            continue;
        squares += change_line(s, starts[i], starts[i + 1]);
        products += products_around_line(v, s, starts[i], starts[i + 1]);
        count += starts[i + 1] - starts[i];
        used++;
    }
    if (!(squares > 0))
        return 1;
    dependent = products / squares;
    dependent += (2 + 4 * fmax(0, dependent)) * (double)used / (double)count;
    return fmax(0, dependent) + UNCERTAIN / sqrt((double)count);
}

/* Levels with this view's noise, creeps among them. */
static size_t find_levels(struct change_view *v, const struct change_sums *s, const struct change_options *o,
                          bool steps_hide, size_t *starts, struct change_flat *flats, struct change_list *out)
{
    struct change_rule rule = {
        .shortest = v->shortest, .apart = change_smallest(v, o), .limit = change_limit(v->n), .straight = STRAIGHT};
    size_t levels = change_fit(v->z, v->n, PRICE * log((double)v->n), starts);

    if (steps_hide)
        v->memory.dependent = fmin(v->memory.dependent, dependence_within(v, s, starts, levels));
    rule.memory = v->memory;
    rule.excursion = v->shortest > CHANGE_EXCURSION ? CHANGE_EXCURSION : 0;
    levels = change_judge(s, &rule, starts, levels);
    rule.view = v;
    levels = change_judge(s, &rule, starts, levels);
    return change_creeps(v, s, o, starts, levels, flats, out);
}

/* A level before or behind a creep is what is flat of it, but no fewer values than a level has, if it has them. */
static void add_steps(const struct change_view *v, const struct change_sums *s, const size_t *starts,
                      const struct change_flat *flats, size_t levels, struct change_list *out)
{
    for (size_t i = 1; i < levels; i++) {
        struct change *c = change_append(out, CHANGE_STEP);
        size_t cut = starts[i], to = starts[i + 1];
        struct change_flat f = {flats[i - 1].tail, cut, cut, flats[i].head};

        if (f.from + v->shortest > cut)
            f.from = cut - starts[i - 1] < v->shortest ? starts[i - 1] : cut - v->shortest;
        if (cut + v->shortest > f.to)
            f.to = to - cut < v->shortest ? to : cut + v->shortest;
        c->index = v->where[cut];
        c->end = v->where[to];
        c->confidence = change_confidence(change_score(s, &v->memory, f.from, cut, f.to), v->n);
        change_describe(v, &f, c);
    }
}

static int by_index(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    if (x->index != y->index)
        return (x->index > y->index) - (x->index < y->index);
    return (x->kind > y->kind) - (x->kind < y->kind);
}

/* With the noise as it is, or if there are too many levels with the noise of values farther and farther apart. */
static void find(struct change_view *v, const struct change_options *o, struct change_list *out)
{
    size_t *starts = mem_new(v->n + 1, sizeof *starts), levels = 1, first = out->count;
    struct change_flat *flats = mem_new(v->n, sizeof *flats);
    struct change_sums s = {0};

    for (size_t apart = 0; apart <= MOST_APART && 8 * apart <= v->n; apart = apart ? 2 * apart : FIRST_APART) {
        change_sums_free(&s);
        change_noise(v, o, apart);
        s = change_sums_make(v->z, v->n);
        out->count = first;
        levels = find_levels(v, &s, o, !apart, starts, flats, out);
        if (o->deterministic || levels - 1 <= SOME_CHANGES + v->n / LEVEL_LASTS)
            break;
    }
    add_steps(v, &s, starts, flats, levels, out);
    change_spreads(v, change_smallest(v, o), flats, levels, out);
    if (out->count > first)
        qsort(out->items + first, out->count - first, sizeof *out->items, by_index);
    change_pending(v, o, flats[levels - 1].tail, out);
    change_sums_free(&s);
    free(flats);
    free(starts);
}

void changes_find(const double *values, size_t n, const struct change_options *o, struct change_list *out)
{
    static const struct change_options usual;
    struct change_view v;

    o = o ? o : &usual;
    view_make(&v, values, n, o);
    if (v.n > v.shortest && stats_min(v.x, v.n) < stats_max(v.x, v.n))
        find(&v, o, out);
    view_free(&v);
}

size_t changes_least(const struct change_options *o)
{
    return 2 * shortest_level(o);
}

void changes_free(struct change_list *list)
{
    free(list->items);
    *list = (struct change_list){0};
}
