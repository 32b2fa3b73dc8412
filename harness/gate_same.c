/*
 * What stayed the same, for people: a line per variant with the change that would have been seen, the blindest first. "Same" says
 * nothing without it. And what is the same although it moved, with the reason: nobody shall have to guess why +4 % are none.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 20         /* variants */
#define MOVED 6          /* comparisons */
#define SLIGHTEST 0.0001 /* counts of hardware wobble by a few in a hundred thousand */

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

/* Stored times drift from run to run: of them nobody can be so sure. */
bool gate_is_slight(const struct gate_item *item)
{
    const struct comparison *c = &item->c;
    double moved = fabs(log(c->ratio));

    if (c->verdict != COMPARE_SAME || !(c->low > 1 || c->high < 1) || moved >= log1p(c->threshold))
        return false;
    return item->metric->deterministic ? moved > fmax(c->noise, SLIGHTEST) : item->confirmed;
}

/* Would it be a change, had nobody set a threshold of its own for it? */
static bool is_allowed(const struct gate *g, const struct gate_item *item)
{
    const struct compare_options usual = gate_compare_options(g), own = gate_item_base(g, item);
    bool counted = item->metric->deterministic;
    double most = counted ? own.min_effect_deterministic : own.min_effect,
           least = counted ? usual.min_effect_deterministic : usual.min_effect;

    return most > least && (item->c.low > 1 || item->c.high < 1) && fabs(log(item->c.ratio)) >= log1p(least);
}

/* The same, though the numbers say otherwise, for a reason that was told or is that threshold. */
static bool is_moved(const struct gate *g, const struct gate_item *item)
{
    double moved = fabs(log(item->c.ratio));

    if (item->c.verdict != COMPARE_SAME || !isfinite(moved) || moved == 0)
        return false;
    return item->reason ? gate_is_slight(item) || moved >= log1p(item->c.threshold) : is_allowed(g, item);
}

static void add_moved(struct buf *out, const struct gate_item *item)
{
    char change[40], most[40];

    buf_addf(out, "    %s %s: ", item->point->text, metric_words(item->metric->name));
    if (item->reason)
        buf_addf(out, "%s\n", item->reason);
    else
        buf_addf(out, "%s is less than the %s that count here\n",
                 text_change_words(item->c.ratio, change, sizeof change),
                 sight_share_words(item->c.threshold, most, sizeof most));
}

static int by_size(const void *a, const void *b)
{
    const struct gate_item *x = *(const struct gate_item *const *)a, *y = *(const struct gate_item *const *)b;
    double of_x = fabs(log(x->c.ratio)), of_y = fabs(log(y->c.ratio));

    if (of_x != of_y)
        return of_x < of_y ? 1 : -1;
    return strverscmp(x->point->text, y->point->text);
}

void gate_write_moved(const struct gate *g, struct buf *out)
{
    const struct gate_item **list = mem_new(g->item_count + 1, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; i < g->item_count; i++)
        if (is_moved(g, &g->items[i]))
            list[count++] = &g->items[i];
    qsort(list, count, sizeof *list, by_size);
    if (count)
        buf_add(out, "the same, although it moved:\n");
    for (size_t i = 0; i < count && i < MOVED; i++)
        add_moved(out, list[i]);
    if (count > MOVED)
        buf_addf(out, "    ... and %zu more, by less (--format json has all)\n", count - MOVED);
    if (count)
        buf_add(out, "\n");
    free(list);
}
