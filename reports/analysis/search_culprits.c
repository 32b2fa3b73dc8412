/* From what is known of every commit to culprits, and what each of them did. */
#include "search_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"
#include "rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOCATED 0.95  /* so probable it must be that a change came with one of some commits */
#define PRESENT 0.5   /* what is left unexplained, in expected changes, that makes one more culprit */
#define LEFT_OVER 0.1 /* and what may be left when the search is over */

size_t search_nearest(const struct search *s, size_t low, size_t high, size_t at)
{
    for (size_t away = 0; at + away < high || at >= low + 1 + away; away++) {
        if (at >= low + 1 + away && at - away < high && !s->commits[at - away].skipped)
            return at - away;
        if (at + away < high && at + away > low && !s->commits[at + away].skipped)
            return at + away;
    }
    return low;
}

struct search_culprit *search_culprit_add(struct search *s)
{
    VEC_ROOM(s->culprits, s->culprit_count, s->culprit_capacity);
    return &s->culprits[s->culprit_count++];
}

/* The narrowest surroundings of the likeliest place that are sure to hold it; what they hold is taken out. */
static double surround(double *left, size_t n, size_t peak, size_t *first, size_t *last)
{
    double mass = left[peak];

    *first = *last = peak;
    left[peak] = 0;
    while (mass < LOCATED) {
        double down = *first > 1 ? left[*first - 1] : 0, up = *last + 1 < n ? left[*last + 1] : 0;
        size_t at = down >= up ? --*first : ++*last;

        if (down <= 0 && up <= 0) {
            *(at == *first ? first : last) = at == *first ? at + 1 : at - 1;
            break;
        }
        mass += left[at];
        left[at] = 0;
    }
    return fmin(mass, 1);
}

/* Is there nothing between them that could be measured? */
static bool is_located(const struct search *s, const struct search_culprit *c)
{
    return search_nearest(s, c->first - 1, c->last, (c->first - 1 + c->last) / 2) == c->first - 1;
}

static int by_place(const void *a, const void *b)
{
    const struct search_culprit *x = a, *y = b;

    return (x->first > y->first) - (x->first < y->first);
}

bool search_culprits(struct search *s, const struct search_view *v)
{
    double *left = mem_new(s->count, sizeof *left), sum = 0;
    bool all = true;

    s->culprit_count = 0;
    memcpy(left, v->change, s->count * sizeof *left);
    for (;;) {
        struct search_culprit c = {.ratio = NAN};
        size_t peak = 1;

        sum = 0;
        for (size_t i = 1; i < s->count; i++) {
            sum += left[i];
            peak = left[i] > left[peak] ? i : peak;
        }
        if (sum < PRESENT || !(left[peak] > 0))
            break;
        c.probability = surround(left, s->count, peak, &c.first, &c.last);
        all = all && c.probability >= LOCATED && is_located(s, &c);
        *search_culprit_add(s) = c;
    }
    free(left);
    if (s->culprit_count)
        qsort(s->culprits, s->culprit_count, sizeof *s->culprits, by_place);
    return all && s->culprit_count && sum <= LEFT_OVER;
}

/* The launches of commits from `from` up to `to`; free(). */
static double *gather(const struct search *s, size_t from, size_t to, size_t *count)
{
    double *all = mem_new(s->launches + 1, sizeof *all);

    *count = 0;
    for (size_t i = from; i < to; i++) {
        for (size_t k = 0; k < s->commits[i].count; k++)
            all[(*count)++] = s->commits[i].values[k];
    }
    return all;
}

static void ratio_of(struct search_culprit *c, const double *old, size_t n, const double *now, size_t m, bool exact)
{
    struct rank_result r = {.ratio = NAN, .low = NAN, .high = NAN};

    c->before = stats_median(old, n);
    c->after = stats_median(now, m);
    c->before_launches = n;
    c->after_launches = m;
    if (n && m && exact && c->before > 0)
        r = (struct rank_result){.ratio = c->after / c->before,
                                 .low = stats_min(now, m) / stats_max(old, n),
                                 .high = stats_max(now, m) / stats_min(old, n)};
    else if (n && m && stats_min(old, n) > 0)
        rank_compare(old, n, now, m, 0, &r);
    c->ratio = r.ratio;
    c->low = r.low;
    c->high = r.high;
}

void search_effects(struct search *s)
{
    for (size_t i = 0; i < s->culprit_count; i++) {
        struct search_culprit *c = &s->culprits[i];
        size_t from = i ? s->culprits[i - 1].last : 0, n, m;
        size_t to = i + 1 < s->culprit_count ? s->culprits[i + 1].first : s->count;
        /* Counts speak for their own commit; of levels that creep the ends alone are meant. */
        bool exact = s->options.deterministic;
        double *old =
            gather(s, exact ? search_nearest(s, from ? from - 1 : 0, c->first, c->first - 1) : from, c->first, &n);
        double *now = gather(s, c->last, exact ? c->last + 1 : to, &m);

        ratio_of(c, old, n, now, m, exact);
        free(old);
        free(now);
    }
}
