/*
 * The best cut of a series into levels: the least sum of squares plus a price
 * for each cut, exactly.
 *
 * What the best cut of the first t values costs is a function of the level that
 * the last piece has: the least of parabolas, one for each place where that
 * piece may have begun. Only places that are the best for some level are kept,
 * a handful, so that the time grows in proportion to the values, with or
 * without changes (functional pruning, Maidstone and others, 2017). A parabola
 * is kept as count, mean and cost at the mean, which loses no digits in long
 * series.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Levels from `low` to `high`: there it is best that the last piece began at
 * `start`; it costs cost + count (level - mean)^2. */
struct arc {
    double low, high, mean, cost, count;
    size_t start;
};

struct arcs {
    struct arc *items;
    size_t count, capacity;
};

static void add(struct arcs *list, struct arc a)
{
    struct arc *last = list->count ? &list->items[list->count - 1] : NULL;

    if (last && last->start == a.start) {
        last->high = a.high;
        return;
    }
    VEC_ROOM(list->items, list->count, list->capacity);
    list->items[list->count++] = a;
}

/* Where an arc costs more than `bar`, a piece that begins at `start` is better.
 */
static void add_parts(struct arcs *out, const struct arc *a, double bar, size_t start)
{
    double reach = bar > a->cost ? sqrt((bar - a->cost) / a->count) : 0;
    double low = fmax(a->low, a->mean - reach), high = fmin(a->high, a->mean + reach);
    struct arc fresh = {a->low, a->high, 0, bar, 0, start}, kept = *a;

    if (!(low < high)) {
        add(out, fresh);
        return;
    }
    if (low > a->low) {
        fresh.high = low;
        add(out, fresh);
    }
    kept.low = low;
    kept.high = high;
    add(out, kept);
    if (high < a->high) {
        fresh.low = high;
        fresh.high = a->high;
        add(out, fresh);
    }
}

static void renew(struct arcs *now, struct arcs *next, double bar, size_t start)
{
    struct arcs old = *now;

    next->count = 0;
    for (size_t i = 0; i < old.count; i++)
        add_parts(next, &old.items[i], bar, start);
    *now = *next;
    *next = old;
}

static void add_value(struct arcs *list, double z)
{
    for (size_t i = 0; i < list->count; i++) {
        struct arc *a = &list->items[i];
        double away = z - a->mean;

        a->cost += a->count / (a->count + 1) * away * away;
        a->count++;
        a->mean += away / a->count;
    }
}

/* The least cost of all arcs, and where its piece began. */
static double least(const struct arcs *list, size_t *start)
{
    double best = INFINITY;

    for (size_t i = 0; i < list->count; i++) {
        const struct arc *a = &list->items[i];
        double away = a->mean < a->low ? a->low - a->mean : a->mean > a->high ? a->mean - a->high : 0;
        double cost = a->cost + a->count * away * away;

        if (cost < best) {
            best = cost;
            *start = a->start;
        }
    }
    return best;
}

static size_t trace(const size_t *began, size_t n, size_t *starts)
{
    size_t levels = 0, at = n;

    for (size_t end = n; end > 0; end = began[end - 1])
        levels++;
    starts[levels] = n;
    for (size_t i = levels; i-- > 0;) {
        at = began[at - 1];
        starts[i] = at;
    }
    return levels;
}

size_t change_fit(const double *z, size_t n, double price, size_t *starts)
{
    struct arcs now = {0}, next = {0};
    size_t *began = mem_new(n + 1, sizeof *began), levels;
    double low = z[0], high = z[0], cost = 0;

    for (size_t i = 1; i < n; i++) {
        low = fmin(low, z[i]);
        high = fmax(high, z[i]);
    }
    add(&now, (struct arc){low - 1, high + 1, 0, 0, 0, 0});
    for (size_t i = 0; i < n; i++) {
        if (i)
            renew(&now, &next, cost + price, i);
        add_value(&now, z[i]);
        cost = least(&now, &began[i]);
    }
    levels = trace(began, n, starts);
    free(began);
    free(now.items);
    free(next.items);
    return levels;
}
