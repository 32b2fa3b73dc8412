/*
 * Slow moves: a level, a slope, another level. A creep is told from a step by
 * its squares, and it may take the place of several steps in one direction,
 * since that is what cutting makes of a slope. Where a level was left without a
 * cut there may be a slope, too: one too gentle to be cut.
 */
#include "change_parts.h"

#include "../../harness/base/stats.h"

#include <math.h>
#include <string.h>

#define GRID 32       /* places that are tried first, along a piece */
#define MOST_STEPS 12 /* that a creep may take the place of */
#define SHORTEST 8    /* slope: fewer values are a step with a blurred edge */
#define PARAMETER 3.0 /* times log n: what one number more of a model must gain */

/* From `from` to `to`: the slope begins at `begin`, `end` is the first value of
 * the level behind it. */
struct slope {
    size_t from, begin, end, to;
    double before, after; /* levels */
    double squares;       /* around all of it */
};

/* What the best levels are, and what they leave: regression on the share of the
 * way that each value has gone. */
static void fit(const struct change_sums *s, struct slope *l)
{
    long double length = (long double)(l->end - l->begin + 1), n = (long double)(l->to - l->from);
    long double behind = (long double)(l->to - l->end - 1);
    /* shares are 1 / length, 2 / length ... 1, then 1 */
    long double sum = (length + 1) / 2 + behind, squares = (length + 1) * (2 * length + 1) / (6 * length) + behind;
    long double with = (s->moments[l->end + 1] - s->moments[l->begin] -
                        ((long double)l->begin - 1) * (s->z[l->end + 1] - s->z[l->begin])) /
                           length +
                       s->z[l->to] - s->z[l->end + 1];
    long double total = s->z[l->to] - s->z[l->from], spread = squares - sum * sum / n;
    long double step = spread > 0 ? (with - sum * total / n) / spread : 0;

    l->before = (double)((total - step * sum) / n);
    l->after = l->before + (double)step;
    l->squares = fmax(0, change_squares(s, l->from, l->to) - (double)(step * (with - sum * total / n)));
}

static void attempt(const struct change_sums *s, struct slope *best, size_t begin, size_t end)
{
    struct slope l = {best->from, begin, end, best->to, 0, 0, 0};

    if (begin <= l.from || begin >= l.to || end >= l.to || end < begin + SHORTEST)
        return;
    fit(s, &l);
    if (l.squares < best->squares)
        *best = l;
}

static struct slope best_slope(const struct change_sums *s, size_t from, size_t to)
{
    struct slope best = {from, from, from, to, 0, 0, INFINITY};
    size_t stride = (to - from) / GRID + 1;

    for (size_t begin = from + 1; begin + SHORTEST < to; begin += stride)
        for (size_t end = begin + SHORTEST; end < to; end += stride)
            attempt(s, &best, begin, end);
    while (stride > 1) {
        struct slope around = best;

        stride /= 2;
        for (size_t i = 0; i < 25; i++)
            attempt(s, &best, around.begin + i / 5 * stride - 2 * stride, around.end + i % 5 * stride - 2 * stride);
    }
    return best;
}

/* Squares of the cuts first + 1 ... last of these levels. */
static double squares_of(const struct change_sums *s, const size_t *starts, size_t first, size_t last)
{
    double sum = 0;

    for (size_t i = first; i <= last; i++)
        sum += change_squares(s, starts[i], starts[i + 1]);
    return sum;
}

/* Where on its way a value is: 0 before, 1 behind. */
static double share_at(const struct slope *l, size_t i)
{
    return i < l->begin ? 0 : i >= l->end ? 1 : (double)(i + 1 - l->begin) / (double)(l->end + 1 - l->begin);
}

/*
 * What a slope leaves must look like noise: `dependent` is how its neighbours correlate, the answer the score of the best cut that is
 * still in it. A step that a slope was drawn through gives itself away.
 */
static double left_over(const struct change_view *v, const struct slope *l, double *dependent)
{
    size_t n = l->to - l->from;
    double sum = 0, squares = 0, products = 0, last = 0, most = 0;

    for (size_t i = l->from; i < l->to; i++) {
        double rest = v->z[i] - l->before - (l->after - l->before) * share_at(l, i), done = (double)(i + 1 - l->from);

        sum += rest;
        squares += rest * rest;
        products += rest * last;
        last = rest;
        if (i + 1 < l->to)
            most = fmax(most, fabs(sum) * sqrt((double)n / (done * ((double)n - done))));
    }
    *dependent = squares > 0 ? fmax(0, products / squares) : 0;
    return most;
}

/* What is left around a level, or around a slope if that is better by what it costs: a level and two places more. */
static double squares_of_piece(const struct change_sums *s, size_t from, size_t to, double parameter)
{
    return fmin(change_squares(s, from, to), best_slope(s, from, to).squares + 3 * parameter);
}

/* Is one of the cuts that a slope takes the place of a step still? Then two pieces, cut there, picture the values better. */
static bool hides_step(const struct change_view *v, const struct change_sums *s, const struct slope *l,
                       const size_t *starts, size_t first, size_t last)
{
    double parameter = PARAMETER * log((double)v->n);

    for (size_t k = first + 1; k <= last; k++)
        if (squares_of_piece(s, l->from, starts[k], parameter) + squares_of_piece(s, starts[k], l->to, parameter) +
                parameter <
            l->squares)
            return true;
    return false;
}

/* How far its levels lie apart, by their medians where they have some values. */
static double moved(const struct change_view *v, const struct slope *l)
{
    if (l->begin - l->from < v->shortest || l->to - l->end < v->shortest)
        return (l->after - l->before) * v->sigma;
    return change_median(v->x + l->end, l->to - l->end) - change_median(v->x + l->from, l->begin - l->from);
}

static bool is_creep(const struct change_view *v, const struct change_options *o, const struct slope *l, size_t steps,
                     double squares)
{
    double gain = squares - l->squares, dependent, limit = change_limit(v->n) + 1, rest;
    double wider = change_widest(&v->memory);

    if (!(l->squares < INFINITY) || fabs(moved(v, l)) < change_smallest(v, o) * v->sigma)
        return false;
    rest = left_over(v, l, &dependent);
    if (!steps)
        return rest < limit * sqrt(wider) && gain > limit * limit * wider;
    /* Steps have a level and a place each, a creep two levels and two places. */
    return rest < limit &&
           gain > (2.0 - (double)steps) * PARAMETER * log((double)v->n) * (1 + dependent) / (1 - dependent);
}

static void add(const struct change_view *v, const struct change_sums *s, const struct slope *l,
                struct change_list *out)
{
    double gain = (change_squares(s, l->from, l->to) - l->squares) / change_widest(&v->memory);
    struct change *c = change_append(out, CHANGE_CREEP);

    c->index = v->where[l->begin];
    c->end = v->where[l->end];
    c->confidence = change_confidence(sqrt(fmax(0, gain)), v->n);
    change_describe(v, &(struct change_flat){l->from, l->begin, l->end, l->to}, c);
}

/* The last of the levels that go on in the direction of the first two. */
static size_t last_alike(const struct change_sums *s, const size_t *starts, size_t first, size_t levels)
{
    size_t last = first;
    bool up = false;

    while (last + 1 < levels && last < first + MOST_STEPS) {
        bool here = change_mean(s, starts[last + 1], starts[last + 2]) > change_mean(s, starts[last], starts[last + 1]);

        up = last == first ? here : up;
        if (here != up)
            break;
        last++;
    }
    return last;
}

size_t change_creeps(const struct change_view *v, const struct change_sums *s, const struct change_options *o,
                     size_t *starts, size_t levels, struct change_flat *flats, struct change_list *out)
{
    size_t left = 0;

    for (size_t i = 0; i < levels;) {
        size_t last = last_alike(s, starts, i, levels), from = starts[i];
        struct slope l;

        while (l = best_slope(s, from, starts[last + 1]),
               last > i && (!is_creep(v, o, &l, last - i, squares_of(s, starts, i, last)) ||
                            hides_step(v, s, &l, starts, i, last)))
            last--;
        flats[left] = (struct change_flat){from, starts[last + 1], from, starts[last + 1]};
        if (last > i || is_creep(v, o, &l, 0, squares_of(s, starts, i, i))) {
            add(v, s, &l, out);
            flats[left] = (struct change_flat){from, l.begin, l.end, l.to};
        }
        starts[left++] = from;
        i = last + 1;
    }
    starts[left] = v->n;
    return left;
}
