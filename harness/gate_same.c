/*
 * What stayed the same, for people: a line per variant with the change that would have been seen, the blindest first. "Same" says
 * nothing without it.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 20 /* variants */

/* What stayed the same in one variant: of each metric what would have been seen. */
struct same {
    const struct gate_point *point; /* its first */
    double worst;                   /* the largest change that would not have been seen */
};

static bool is_same(const struct gate_item *item, const struct gate_point *of)
{
    return item->c.verdict == COMPARE_SAME && item->detectable_from != SIGHT_NONE &&
           (!of || (!strcmp(item->point->kernel, of->kernel) && !strcmp(item->point->variant, of->variant)));
}

static int by_worst(const void *a, const void *b)
{
    const struct same *x = a, *y = b;

    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    return strverscmp(x->point->text, y->point->text);
}

static struct same *collect_same(const struct gate *g, size_t *count)
{
    struct same *list = mem_new(g->item_count + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; i < g->item_count; i++) {
        size_t k = 0;

        if (!is_same(&g->items[i], NULL))
            continue;
        while (k < *count && !is_same(&g->items[i], list[k].point))
            k++;
        if (k == *count)
            list[(*count)++] = (struct same){g->items[i].point, 0};
        list[k].worst = fmax(list[k].worst, g->items[i].detectable);
    }
    qsort(list, *count, sizeof *list, by_worst);
    return list;
}

/* "time 1.4 % (at worst 3 %, 5 points)", "instructions 0.02 %": half of the variant's points are seen as well. */
static void add_same_metric(struct buf *out, const struct gate *g, const struct sight *metric,
                            const struct gate_point *of, bool *first)
{
    struct sight s = {.words = metric->words};
    char half[40], worst[40];
    double most = 0;

    for (size_t i = 0; i < g->item_count; i++) {
        const struct gate_item *item = &g->items[i];

        if (strcmp(item->metric->name, metric->metric) || !is_same(item, of))
            continue;
        sight_add(&s, item->detectable);
        s.estimated += item->detectable_from == SIGHT_ESTIMATE;
        most = fmax(most, item->detectable);
    }
    if (s.count) {
        sight_share_words(sight_half(&s), half, sizeof half);
        sight_share_words(most, worst, sizeof worst);
        buf_addf(out, "%s%s %s%s", *first ? "" : ", ", s.words, s.estimated && sight_half(&s) <= 1 ? "about " : "",
                 half);
        if (strcmp(half, worst))
            buf_addf(out, " (at worst %s, %zu points)", worst, s.count);
        *first = false;
    }
    sight_free(&s);
}

void gate_write_same(const struct gate *g, struct buf *out)
{
    struct sight *metrics = mem_new(g->metric_count + 1, sizeof *metrics);
    size_t count;
    struct same *list = collect_same(g, &count);

    gate_sights(g, metrics);
    if (count)
        buf_add(out, "same, and the change that would have been seen:\n");
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        bool first = true;

        buf_addf(out, "    %s/%s: ", list[i].point->kernel, list[i].point->variant);
        for (size_t m = 0; m < g->metric_count; m++)
            add_same_metric(out, g, &metrics[m], list[i].point, &first);
        buf_add(out, "\n");
    }
    if (count > SHOWN)
        buf_addf(out, "    ... and %zu more, which are seen better (countermark compare shows all)\n", count - SHOWN);
    if (count)
        buf_add(out, "\n");
    for (size_t m = 0; m < g->metric_count; m++)
        sight_free(&metrics[m]);
    free(metrics);
    free(list);
}
