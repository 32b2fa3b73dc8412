/*
 * Findings: one per cause. All points of one variant that moved in the same direction are one finding, however many they are
 * and whichever gating metrics show it; likewise those that are wrong, failed or stayed ambiguous.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What findings are made of, in the order in which people should read them. */
enum category { WRONG, SLOWER, FAILED, AMBIGUOUS, FASTER, CATEGORIES };

static const enum compare_verdict verdict_of[CATEGORIES] = {
    [WRONG] = COMPARE_WRONG,         [SLOWER] = COMPARE_SLOWER, [FAILED] = COMPARE_INCOMPARABLE,
    [AMBIGUOUS] = COMPARE_AMBIGUOUS, [FASTER] = COMPARE_FASTER,
};

const char *gate_finding_word(const struct gate_finding *f)
{
    return f->failed ? "failed" : compare_verdict_name(f->verdict);
}

static bool belongs(const struct gate_item *item, enum category c)
{
    if (c == FAILED)
        return item->point->failed > 0 && item->point->wrong == 0;
    return item->c.verdict == verdict_of[c];
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* What people excused is told apart from what counts. */
static bool is_decided_alike(const struct gate_finding *f, const struct gate_item *item)
{
    return f->excused == item->excused && (!f->excused || same_text(f->ledger, item->ledger));
}

/* The finding of this category and variant, made at its first item. */
static struct gate_finding *finding_of(struct gate *g, const struct gate_item *item, enum category c, size_t first)
{
    struct gate_finding *f;

    for (size_t i = first; i < g->finding_count; i++) {
        f = &g->findings[i];
        if (!strcmp(f->kernel, item->point->kernel) && !strcmp(f->variant, item->point->variant) &&
            is_decided_alike(f, item))
            return f;
    }
    VEC_ROOM(g->findings, g->finding_count, g->finding_capacity);
    f = &g->findings[g->finding_count++];
    *f = (struct gate_finding){.verdict = verdict_of[c],
                               .failed = c == FAILED,
                               .kernel = item->point->kernel,
                               .variant = item->point->variant,
                               .excused = item->excused,
                               .worst = -1};
    return f;
}

static double distance(const struct gate_item *item)
{
    double d = fabs(log(item->c.ratio));

    return isnan(d) ? 0 : d;
}

static void join(struct gate_finding *f, const struct gate_item *item)
{
    const char *reason = f->failed ? item->point->reason : item->reason;

    if (!f->ledger)
        f->ledger = mem_copy(item->ledger);
    if (f->point_count == 0 || f->points[f->point_count - 1] != item->point) {
        VEC_ROOM(f->points, f->point_count, f->point_capacity);
        f->points[f->point_count++] = item->point;
    }
    if (distance(item) > f->worst) {
        f->worst = distance(item);
        free(f->reason);
        f->reason = mem_copy(reason);
    }
}

static int by_worst(const void *a, const void *b)
{
    const struct gate_finding *x = a, *y = b;

    if (x->excused != y->excused)
        return x->excused ? 1 : -1;
    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    return strcmp(x->points[0]->text, y->points[0]->text);
}

static bool is_of(const struct gate_item *item, const struct gate_finding *f)
{
    return item->c.verdict == f->verdict && !strcmp(item->point->kernel, f->kernel) &&
           !strcmp(item->point->variant, f->variant) && is_decided_alike(f, item);
}

/* "instructions +3.0 % (7 points)" or "time +2.1 % to +3.3 % (5 points)". */
static void add_range(struct buf *b, const char *metric, double low, double high, size_t points)
{
    char from[32], to[32];

    text_change_words(low, from, sizeof from);
    text_change_words(high, to, sizeof to);
    buf_addf(b, "%s%s %s", b->length ? ", " : "", metric_words(metric), from);
    if (strcmp(from, to))
        buf_addf(b, " to %s", to);
    buf_addf(b, " (%zu point%s)", points, points == 1 ? "" : "s");
}

/* What moved, metric by metric; for failures how many points. */
static char *summary_of(const struct gate *g, const struct gate_finding *f)
{
    struct buf b = {0};

    for (size_t m = 0; m < g->metric_count && !f->failed && f->verdict != COMPARE_WRONG; m++) {
        double low = INFINITY, high = -INFINITY;
        size_t points = 0;

        for (size_t i = 0; i < g->item_count; i++) {
            const struct gate_item *item = &g->items[i];

            if (item->metric != &g->metrics[m] || !is_of(item, f) || isnan(item->c.ratio))
                continue;
            low = fmin(low, item->c.ratio);
            high = fmax(high, item->c.ratio);
            points++;
        }
        if (points)
            add_range(&b, g->metrics[m].name, low, high, points);
    }
    if (!b.length)
        buf_addf(&b, "%zu point%s", f->point_count, f->point_count == 1 ? "" : "s");
    return buf_take(&b);
}

static const struct gate_item *worst_item(const struct gate *g, const struct gate_finding *f)
{
    const struct gate_item *worst = NULL;

    for (size_t i = 0; i < g->item_count; i++) {
        if (is_of(&g->items[i], f) && (!worst || distance(&g->items[i]) > distance(worst)))
            worst = &g->items[i];
    }
    return worst;
}

/* Counters speak for what moved; of what is ambiguous where it is told in full. */
static bool needs_cause(const struct gate *g, const struct gate_finding *f)
{
    return f->verdict == COMPARE_SLOWER || f->verdict == COMPARE_FASTER ||
           (f->verdict == COMPARE_AMBIGUOUS && !gate_finding_is_quiet(g, f));
}

static void describe(struct gate *g, struct gate_finding *f)
{
    const struct gate_item *item = worst_item(g, f);

    f->summary = summary_of(g, f);
    f->rerun = gate_rerun_line(g, f);
    f->perf = gate_perf_line(g, f);
    if (item && item->baseline && item->baseline != &g->candidate)
        f->environment = gate_changed_words(item->baseline, &g->candidate, !gate_is_command(item->point));
    if (item && !gate_in_one_run(g, item) && needs_cause(g, f))
        f->why = gate_why(g, item);
}

bool gate_finding_is_quiet(const struct gate *g, const struct gate_finding *f)
{
    bool counts = false;

    for (size_t i = 0; i < g->item_count; i++)
        counts = counts || (g->items[i].finding == f->number && gate_counts_as_ambiguous(g, &g->items[i]));
    return f->verdict == COMPARE_AMBIGUOUS && !counts && !f->excused && !g->options->why;
}

bool gate_finding_is_decided(const struct gate *g, const struct gate_finding *f)
{
    return f->excused && !g->options->why;
}

static bool same_reason(const struct gate_finding *a, const struct gate_finding *b)
{
    return same_text(a->reason, b->reason);
}

const struct gate_finding **gate_quiet_findings(const struct gate *g, size_t *count)
{
    const struct gate_finding **list = mem_new(g->finding_count + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; i < g->finding_count; i++) {
        size_t at = *count;

        if (!gate_finding_is_quiet(g, &g->findings[i]))
            continue;
        while (at > 0 && !same_reason(list[at - 1], &g->findings[i]))
            at--;
        at = at > 0 ? at : *count; /* behind the last one with its reason, else at the end */
        memmove(list + at + 1, list + at, (*count - at) * sizeof *list);
        list[at] = &g->findings[i];
        ++*count;
    }
    return list;
}

size_t gate_same_reason(const struct gate_finding *const *list, size_t count, char **names)
{
    struct buf b = {0};
    size_t n = 0;

    for (; n < count && same_reason(list[0], list[n]); n++)
        buf_addf(&b, "%sF%d", n ? ", " : "", list[n]->number);
    *names = buf_take(&b);
    return n;
}

/* A point whose launches failed partly is compared all the same: its items belong to what the comparison says first. */
static void mark_items(struct gate *g, const struct gate_finding *f)
{
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];
        bool mine = !strcmp(item->point->kernel, f->kernel) && !strcmp(item->point->variant, f->variant) &&
                    is_decided_alike(f, item);

        if (mine && (f->failed ? item->point->failed > 0 && item->finding == 0 : item->c.verdict == f->verdict))
            item->finding = f->number;
    }
}

void gate_group(struct gate *g)
{
    gate_explain(g);
    for (enum category c = WRONG; c < CATEGORIES; c++) {
        size_t first = g->finding_count;

        for (size_t i = 0; i < g->item_count; i++) {
            if (belongs(&g->items[i], c))
                join(finding_of(g, &g->items[i], c, first), &g->items[i]);
        }
        if (g->finding_count > first)
            qsort(g->findings + first, g->finding_count - first, sizeof *g->findings, by_worst);
    }
    for (size_t i = 0; i < g->finding_count; i++) {
        g->findings[i].number = (int)i + 1;
        mark_items(g, &g->findings[i]);
        describe(g, &g->findings[i]);
    }
}
