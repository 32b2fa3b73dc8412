/*
 * Whether the machine moved between a baseline and the candidate, as its anchors tell: the same work by the same program in both
 * runs. Under a machine that moved stored times say nothing certain: what moved with it may be the machine's doing, and what did
 * not move may hide that the code did. Both are suspects, which only a measurement in turns settles; until then they are
 * ambiguous, and told with the change as it was measured and what of it is beyond the machine's.
 *
 * Counts do not drift, times on a device have a machine of their own, and one program in one environment has one time anyway.
 */
#include "gate_anchor.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD 3 /* baselines whose changes are told one by one */

/* One anchor of a run: a median per launch. */
struct anchor {
    char *name, *text, *code, *version;
    double *values;
    size_t count, capacity;
};

struct anchors {
    struct anchor *items;
    size_t count, capacity;
};

/* Rows come sorted: a row belongs to the last anchor or begins a new one. */
static struct anchor *anchor_of(struct anchors *list, const struct cell *c)
{
    struct anchor *a;

    if (list->count) {
        a = &list->items[list->count - 1];
        if (!strcmp(a->text, c[0].text) && !strcmp(a->code, c[2].text) && !strcmp(a->version, c[3].text))
            return a;
    }
    VEC_ROOM(list->items, list->count, list->capacity);
    a = &list->items[list->count++];
    *a = (struct anchor){.text = mem_copy(c[0].text),
                         .name = mem_copy(c[1].text),
                         .code = mem_copy(c[2].text),
                         .version = mem_copy(c[3].text)};
    return a;
}

static int take_median(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct anchor *a = anchor_of(user, c);

    (void)count;
    (void)e;
    VEC_ROOM(a->values, a->count, a->capacity);
    a->values[a->count++] = c[4].number;
    return 0;
}

/* Launches whose times are marked are left out. */
static int load(struct gate *g, int64_t run, struct anchors *out, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, run);
    return store_query(g->store,
                       "SELECT p.text, p.variant, p.code_hash, p.kernel_version || '/' || p.variant_version, s.median"
                       " FROM planned_launch l JOIN point p ON p.id = l.point"
                       " JOIN launch_summary s ON s.launch = l.id JOIN metric m ON m.id = s.metric"
                       " JOIN quality q ON q.id = s.quality WHERE l.run IN " GATE_RUNS " AND l.status = 'done'"
                       " AND p.role = 'anchor' AND m.name = 'wall.time' AND q.text NOT LIKE 'suspect%'"
                       " ORDER BY p.text, p.code_hash, 4, l.sequence",
                       parameters, 1, take_median, out, e);
}

static void anchors_free(struct anchors *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].text);
        free(list->items[i].name);
        free(list->items[i].code);
        free(list->items[i].version);
        free(list->items[i].values);
    }
    free(list->items);
}

/* How far times of two runs lie apart here by themselves, where that was learnt: as for half of the points, so for anchors. */
static double usual_drift(const struct gate *g)
{
    double *drifts = mem_new(g->noise_count + 1, sizeof *drifts), usual;
    size_t n = 0;

    for (size_t i = 0; i < g->noise_count; i++)
        if (!strcmp(g->noise[i].metric, "wall.time") && isfinite(g->noise[i].drift))
            drifts[n++] = g->noise[i].drift;
    usual = n ? stats_median(drifts, n) : 0;
    free(drifts);
    return usual;
}

/* Only what the same program did in both runs is compared. */
static void compare(const struct gate *g, const struct anchors *before, const struct anchors *now, struct drift *d)
{
    struct drift_anchor pairs[DRIFT_MOST];
    struct compare_options o = gate_compare_options(g);
    size_t count = 0;

    o.drift = usual_drift(g);
    for (size_t i = 0; i < before->count; i++)
        for (size_t k = 0; k < now->count && count < DRIFT_MOST; k++) {
            const struct anchor *a = &before->items[i], *b = &now->items[k];

            if (!strcmp(a->text, b->text) && !strcmp(a->code, b->code) && !strcmp(a->version, b->version))
                pairs[count++] = (struct drift_anchor){b->name, {a->values, a->count}, {b->values, b->count}};
        }
    drift_compare(pairs, count, &o, d);
    for (size_t i = 0; i < d->count; i++) /* names outlive the loaded runs */
        d->parts[i].name = mem_copy(d->parts[i].name);
}

/* One drift per baseline, in the same order: also where nothing is known of it. */
static int load_drifts(struct gate *g, struct err *e)
{
    struct anchors now = {0};
    int failed = load(g, g->candidate.run, &now, e);

    g->drifts = mem_new(g->baseline_count + 1, sizeof *g->drifts);
    for (size_t i = 0; i < g->baseline_count && !failed; i++) {
        struct gate_drift *d = &g->drifts[g->drift_count++];
        struct anchors before = {0};

        d->baseline = g->baselines[i];
        if (d->baseline->run == g->candidate.run || strcmp(d->baseline->machine, g->candidate.machine) ||
            d->baseline->scripted != g->candidate.scripted)
            continue;
        failed = load(g, d->baseline->run, &before, e);
        if (!failed)
            compare(g, &before, &now, &d->machine);
        d->words = failed ? NULL : drift_words(&d->machine);
        anchors_free(&before);
    }
    anchors_free(&now);
    return failed;
}

void gate_anchor_free(struct gate *g)
{
    for (size_t i = 0; i < g->drift_count; i++) {
        for (size_t k = 0; k < g->drifts[i].machine.count; k++)
            free((char *)g->drifts[i].machine.parts[k].name);
        free(g->drifts[i].words);
    }
    free(g->drifts);
    g->drifts = NULL;
    g->drift_count = 0;
}

static const struct gate_drift *drift_of(const struct gate *g, const struct gate_item *item)
{
    for (size_t i = 0; i < g->drift_count; i++)
        if (g->drifts[i].baseline == item->baseline)
            return g->drifts[i].words ? &g->drifts[i] : NULL;
    return NULL;
}

static bool is_timed(const struct gate_item *item)
{
    enum compare_verdict v = item->c.verdict;

    return item->old_series && item->new_series && !item->few && !strcmp(item->metric->name, "wall.time") &&
           !gate_is_device(item->point) && (v == COMPARE_SAME || v == COMPARE_SLOWER || v == COMPARE_FASTER);
}

/* How far the change of a point's stored times is from the machine's, at the farthest. */
double gate_anchor_beyond(const struct gate_item *item)
{
    double low, high;

    if (!item->drift)
        return item->c.ratio;
    drift_beyond(&item->drift->machine, item->stored_ratio, &low, &high);
    return fabs(log(low)) > fabs(log(high)) ? low : high;
}

int gate_anchor_judge(struct gate *g, struct err *e)
{
    if (load_drifts(g, e))
        return -1;
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];

        if (!is_timed(item) || !drift_of(g, item))
            continue;
        item->drift = drift_of(g, item);
        item->stored_ratio = item->c.ratio;
        /* Settled already: the very program of the baseline cannot hide a change of its code under the machine's. */
        if (item->same_program && item->c.verdict == COMPARE_SAME)
            continue;
        item->suspect = item->suspect || fabs(log(gate_anchor_beyond(item))) >= log1p(item->c.threshold);
    }
    return 0;
}

/* "+5.4 % here, +0.2 % beyond that". */
static char *beyond_words(const struct gate_item *item)
{
    double low, high;
    char raw[32], least[32], most[32];

    drift_beyond(&item->drift->machine, item->stored_ratio, &low, &high);
    text_change_words(item->stored_ratio, raw, sizeof raw);
    text_change_words(low, least, sizeof least);
    text_change_words(high, most, sizeof most);
    if (item->drift->machine.alike)
        return mem_format("%s here is %s beyond that", raw, least);
    return mem_format("%s here is between %s and %s beyond that", raw, least, most);
}

static void explain_drift(struct gate_item *item)
{
    char *beyond = beyond_words(item), *reason;

    if (item->confirmed || item->c.verdict == COMPARE_SAME)
        reason = item->reason ? mem_format("%s; %s since run %" PRId64, item->reason, item->drift->words,
                                           item->drift->baseline->run)
                              : NULL;
    else
        reason = mem_format("%s since run %" PRId64 ": %s; %s", item->drift->words, item->drift->baseline->run, beyond,
                            item->reason ? item->reason : "only stored launches speak");
    if (reason)
        gate_reason(item, "%s", reason);
    free(reason);
    free(beyond);
}

/* What changed around the program is named wherever something moved, unless the reason does so already. */
static void explain_changes(const struct gate *g, struct gate_item *item)
{
    enum compare_verdict v = item->c.verdict;
    char *changed, *reason;

    if ((v != COMPARE_SLOWER && v != COMPARE_FASTER && v != COMPARE_AMBIGUOUS) || !item->baseline)
        return;
    changed = gate_changed_words(item->baseline, &g->candidate, !gate_is_command(item->point));
    if (changed && !(item->reason && strstr(item->reason, changed))) {
        reason = mem_format("%s%schanged since run %" PRId64 ": %s", item->reason ? item->reason : "",
                            item->reason ? "; " : "", item->baseline->run, changed);
        gate_reason(item, "%s", reason);
        free(reason);
    }
    free(changed);
}

void gate_explain(struct gate *g)
{
    for (size_t i = 0; i < g->item_count; i++) {
        if (g->items[i].drift)
            explain_drift(&g->items[i]);
        explain_changes(g, &g->items[i]);
    }
}

void gate_machine_story(const struct gate *g, struct buf *out)
{
    /* Of many runs each would tell the same. */
    for (size_t i = 0; i < g->baseline_count && g->baseline_count <= TOLD; i++) {
        const struct gate_side *before = g->baselines[i];
        char *changed = NULL;

        if (before->run == g->candidate.run || strcmp(before->machine, g->candidate.machine))
            continue;
        if (i < g->drift_count && g->drifts[i].words)
            buf_addf(out, "; %s since run %" PRId64, g->drifts[i].words, before->run);
        changed = gate_changed_words(before, &g->candidate, true);
        if (changed)
            buf_addf(out, "; changed since run %" PRId64 ": %s", before->run, changed);
        free(changed);
    }
}
