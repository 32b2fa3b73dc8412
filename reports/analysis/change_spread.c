/*
 * Changes of the noise beside changes of the level. Spread: the size of
 * differences of neighbours steps, which no level and no slope touches. Modes:
 * within one level values fall into two groups far apart, and how often into
 * the higher one steps.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRICE 4.0          /* times log n, as of levels */
#define BEYOND 0.5         /* what a score needs beyond that of levels */
#define SPREAD_SHORTEST 15 /* values with one spread */
#define MOST_BLOCKS 10000  /* of long series, where a spread that changes slowly would take long to cut */
#define SPREAD_RATIO 1.5   /* of standard deviations that count as different */
#define MOST_AWAY 2.5      /* standard deviations that such a root may lie from the middle */
#define MODE_SHORTEST 10
#define MODE_APART 5.0  /* groups, in standard deviations within them */
#define MODE_SHARE 0.1  /* of values in the rarer group, at least */
#define MODE_SHIFT 0.2  /* of the share: less is not told */
#define MOST_STICKY 0.9 /* correlation of neighbours' groups */

/* Cuts of values of any scale: how they vary and depend on each other within levels is taken from the first cut of them. */
struct pieces {
    struct change_sums sums;
    double sigma;
    struct change_memory memory;
    size_t *starts, count;
};

static void vary(const double *z, const struct change_sums *s, struct pieces *p)
{
    double squares = 0, products = 0, n = (double)p->starts[p->count];

    for (size_t i = 0; i < p->count; i++) {
        size_t from = p->starts[i], to = p->starts[i + 1];
        double mean = change_mean(s, from, to);

        squares += change_squares(s, from, to);
        for (size_t k = from + 1; k < to; k++)
            products += (z[k] - mean) * (z[k - 1] - mean);
    }
    p->sigma = sqrt(squares / n);
    p->memory.dependent = squares > 0 ? fmax(0, fmin(MOST_STICKY, products / squares)) : 0;
}

static struct pieces pieces_make(const double *z, size_t n, double limit, size_t shortest)
{
    struct pieces p = {.sums = change_sums_make(z, n), .starts = mem_new(n + 1, sizeof *p.starts)};
    struct change_rule rule = {.shortest = shortest};

    p.count = change_fit(z, n, PRICE * log((double)n), p.starts);
    p.count = change_judge(&p.sums, &rule, p.starts, p.count);
    vary(z, &p.sums, &p);
    rule.memory = p.memory;
    rule.limit = limit * p.sigma;
    p.count = change_judge(&p.sums, &rule, p.starts, p.count);
    return p;
}

static void pieces_free(struct pieces *p)
{
    change_sums_free(&p->sums);
    free(p->starts);
}

static double confidence(const struct pieces *p, size_t i, size_t n)
{
    double score = change_score(&p->sums, &p->memory, p->starts[i - 1], p->starts[i], p->starts[i + 1]);

    return change_confidence(p->sigma > 0 ? score / p->sigma : INFINITY, n);
}

/* Two groups of sorted values, as far apart as can be in terms of squares: how
 * many belong to the lower. */
static size_t part(const struct change_sums *s, size_t n)
{
    size_t best = 0;
    double least = INFINITY;

    for (size_t low = 1; low < n; low++) {
        double squares = change_squares(s, 0, low) + change_squares(s, low, n);

        if (squares < least) {
            least = squares;
            best = low;
        }
    }
    return best;
}

/* Where the higher of two groups begins, if there are two; else NaN. */
static double threshold(const double *x, size_t n, double smallest)
{
    double *sorted = mem_new(n, sizeof *sorted), apart, within, middle = NAN;
    struct change_sums s;
    size_t low;

    memcpy(sorted, x, n * sizeof *x);
    stats_sort(sorted, n);
    for (size_t i = n; i-- > 0;)
        sorted[i] -= sorted[0]; /* the first one last: no digits are lost in squares */
    s = change_sums_make(sorted, n);
    low = part(&s, n);
    apart = change_mean(&s, low, n) - change_mean(&s, 0, low);
    within = sqrt(fmax(change_squares(&s, 0, low) / (double)low, change_squares(&s, low, n) / (double)(n - low)));
    if ((double)fmin(low, n - low) >= MODE_SHARE * (double)n && apart > fmax(smallest, MODE_APART * within))
        middle = (sorted[low - 1] + sorted[low]) / 2 + stats_min(x, n);
    change_sums_free(&s);
    free(sorted);
    return middle;
}

/* z: whether a value is in the higher group, standardised. */
static void groups(const double *x, size_t n, double middle, double *z)
{
    double share = 0;

    for (size_t i = 0; i < n; i++)
        share += x[i] > middle;
    share /= (double)n;
    for (size_t i = 0; i < n; i++)
        z[i] = ((x[i] > middle) - share) / sqrt(share * (1 - share));
}

static double share_above(const double *x, size_t from, size_t to, double middle)
{
    size_t above = 0;

    for (size_t i = from; i < to; i++)
        above += x[i] > middle;
    return (double)above / (double)(to - from);
}

static bool is_mixed(double share)
{
    return share >= MODE_SHARE && share <= 1 - MODE_SHARE;
}

/* The modes of one level, values from ... to. */
static void find_modes(const struct change_view *v, double smallest, size_t from, size_t to, struct change_list *out)
{
    size_t n = to - from;
    const double *x = v->x + from;
    double middle = n >= 4 * MODE_SHORTEST ? threshold(x, n, smallest * v->sigma) : NAN, *z;
    struct pieces p;

    if (isnan(middle))
        return;
    z = mem_new(n, sizeof *z);
    groups(x, n, middle, z);
    p = pieces_make(z, n, change_limit(v->n) + BEYOND, MODE_SHORTEST);
    for (size_t i = 1; i < p.count; i++) {
        size_t begin = p.starts[i - 1], cut = p.starts[i], end = p.starts[i + 1];
        double before = share_above(x, begin, cut, middle), after = share_above(x, cut, end, middle);
        struct change *c;

        if (fabs(after - before) < MODE_SHIFT || !(is_mixed(before) || is_mixed(after)))
            continue; /* from one group to the other is a step */
        c = change_append(out, CHANGE_MODES);
        c->index = v->where[from + cut];
        c->end = v->where[from + end];
        c->before = before;
        c->after = after;
        c->ratio = before > 0 ? after / before : NAN;
        c->confidence = confidence(&p, i, v->n);
    }
    pieces_free(&p);
    free(z);
}

/* Standard deviation of the noise of raw values from ... to, by differences of
 * neighbours. */
static double spread_of(const struct change_view *v, size_t from, size_t to)
{
    double *differences = mem_new(to - from, sizeof *differences), spread;

    for (size_t i = from + 1; i < to; i++)
        differences[i - from - 1] = fabs(v->raw[i] - v->raw[i - 1]);
    spread = 1.4826 / sqrt(2) * change_middle(differences, to - from - 1);
    free(differences);
    return spread;
}

static bool told_as_modes(const struct change_list *out, size_t index)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct change *c = &out->items[i];

        if (c->kind == CHANGE_MODES && index + SPREAD_SHORTEST > c->index && c->index + SPREAD_SHORTEST > index)
            return true;
    }
    return false;
}

static void add_spread(const struct change_view *v, double sure, size_t from, size_t cut, size_t to,
                       struct change_list *out)
{
    double before = spread_of(v, from, cut), after = spread_of(v, cut, to), half;
    struct change *c;

    if (told_as_modes(out, v->where[cut]) || fmax(before, after) < SPREAD_RATIO * fmin(before, after))
        return;
    c = change_append(out, CHANGE_SPREAD);
    c->index = v->where[cut];
    c->end = v->where[to];
    c->before = before;
    c->after = after;
    c->confidence = sure;
    if (!(before > 0))
        return;
    /* The logarithm of a robust standard deviation of n values is good to 1.2 /
   * sqrt(n). */
    half = 1.96 * 1.2 * sqrt(1 / (double)(cut - from) + 1 / (double)(to - cut));
    c->ratio = after / before;
    c->low = c->ratio * exp(-half);
    c->high = c->ratio * exp(half);
}

/* Distances from the level, or from the slope between two. */
static void distances(const struct change_view *v, const struct change_flat *f, double *out)
{
    double before = change_median(v->x + f->from, f->head - f->from);
    double after = change_median(v->x + f->tail, f->to - f->tail);

    for (size_t i = f->from; i < f->to; i++) {
        double share = i < f->head ? 0 : i >= f->tail ? 1 : (double)(i + 1 - f->head) / (double)(f->tail + 1 - f->head);

        out[i] = fabs(v->x[i] - before - share * (after - before));
    }
}

/* Square roots of distances are nearly normal; z has them standardised. */
static bool standardise(const struct change_view *v, const struct change_flat *flats, size_t levels, double *z)
{
    double middle, sigma, *away = mem_new(v->n, sizeof *away);

    for (size_t i = 0; i < levels; i++)
        distances(v, &flats[i], z);
    for (size_t i = 0; i < v->n; i++)
        z[i] = sqrt(z[i] / v->sigma);
    middle = change_median(z, v->n);
    for (size_t i = 0; i < v->n; i++)
        away[i] = fabs(z[i] - middle);
    sigma = 1.4826 * change_middle(away, v->n);
    for (size_t i = 0; i < v->n && sigma > 0; i++)
        z[i] = fmax(-MOST_AWAY, fmin(MOST_AWAY, (z[i] - middle) / sigma));
    free(away);
    return sigma > 0;
}

/* Means of blocks, as wide as what they are means of; what is left at the end is left out. Returns how many. */
static size_t to_blocks(double *z, size_t n, size_t block)
{
    for (size_t i = 0; block > 1 && i < n / block; i++) {
        double sum = 0;

        for (size_t k = 0; k < block; k++)
            sum += z[i * block + k];
        z[i] = sum / sqrt((double)block);
    }
    return n / block;
}

void change_spreads(const struct change_view *v, double smallest, const struct change_flat *flats, size_t levels,
                    struct change_list *out)
{
    double *z;

    for (size_t i = 0; i < levels; i++) {
        find_modes(v, smallest, flats[i].from, flats[i].head, out);
        if (flats[i].head < flats[i].to)
            find_modes(v, smallest, flats[i].tail, flats[i].to, out);
    }
    if (v->n < 2 * SPREAD_SHORTEST)
        return;
    z = mem_new(v->n, sizeof *z);
    if (standardise(v, flats, levels, z)) {
        size_t block = v->n / MOST_BLOCKS + 1, n = to_blocks(z, v->n, block);
        struct pieces p = pieces_make(z, n, change_limit(v->n) + BEYOND, (SPREAD_SHORTEST + block - 1) / block);

        for (size_t i = 1; i < p.count; i++)
            add_spread(v, confidence(&p, i, v->n), block * p.starts[i - 1], block * p.starts[i],
                       i + 1 < p.count ? block * p.starts[i + 1] : v->n, out);
        pieces_free(&p);
    }
    free(z);
}
