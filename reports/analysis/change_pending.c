/*
 * The newest values, when they are too few for a level but lie where the last
 * level hardly has any: one or two more will tell whether it was a bad night.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>

#define RARE 0.95 /* share of a level's own values that lie nearer to it than the newest ones */

/* How far the `count` newest values lie from the level before them, all to one
 * side: the least of them; 0 if they do not. */
static double newest_apart(const struct change_view *v, double level, size_t count, double *middle)
{
    double least = INFINITY, *away = mem_new(count, sizeof *away);

    for (size_t i = 0; i < count; i++)
        away[i] = (v->x[v->n - count + i] - level) / v->sigma;
    *middle = change_median(away, count);
    for (size_t i = 0; i < count; i++)
        least = fmin(least, *middle > 0 ? away[i] : -away[i]);
    free(away);
    return fmax(0, least);
}

static double usual_distance(const struct change_view *v, double level, size_t from, size_t to)
{
    double *away = mem_new(to - from, sizeof *away), usual;

    for (size_t i = from; i < to; i++)
        away[i - from] = fabs(v->x[i] - level) / v->sigma;
    usual = stats_quantile(away, to - from, RARE);
    free(away);
    return usual;
}

void change_pending(const struct change_view *v, const struct change_options *o, size_t from, struct change_list *out)
{
    double smallest = change_smallest(v, o);

    for (size_t count = v->shortest - 1; count > 0; count--) {
        size_t cut = v->n - count;
        double level, middle, least, score;
        struct change *c;

        if (cut < from + v->shortest)
            continue;
        level = change_median(v->x + from, cut - from);
        least = newest_apart(v, level, count, &middle);
        score = fabs(middle) / sqrt(change_wider(&v->memory, cut - from) / (double)(cut - from) +
                                    change_wider(&v->memory, count) / (double)count);
        if (least < fmax(smallest, fabs(middle) / 2) || score < change_limit(v->n) ||
            fabs(middle) <= usual_distance(v, level, from, cut))
            continue;
        c = change_append(out, CHANGE_STEP);
        c->pending = true;
        c->index = v->where[cut];
        c->end = v->where[v->n];
        c->confidence = change_confidence(score, v->n);
        change_describe(v, &(struct change_flat){from, cut, cut, v->n}, c);
        return;
    }
}
