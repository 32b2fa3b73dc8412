/*
 * Counts are deterministic, but those of threads and processes vary by what waiting and scheduling cost, and one counter launch a
 * side shows no spread. So a count that moved by less than 1 %, or of a point that works in parallel, is not judged from one launch:
 * launches of the same pass are repeated, the kept old program and the new one in turns where they differ, and the ranges of all
 * launches decide (compare_ranges). A point of one thread that moved by 1 % or more is judged at once.
 *
 * Where no launch can be made, the stored ones decide alone, and the reason says so.
 */
#include "gate_rerun.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "registry.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 0.01 /* from here a count of one thread needs no second look */
#define LEAST 4    /* launches of a side */
#define MOST 8

/* A side's launches: the stored ones, then those of the re-run. */
static double *join(const struct gate_series *stored, const struct rerun *r, enum rerun_side which, size_t *count)
{
    double *all = mem_new(stored->count + r->counts[which] + 1, sizeof *all);

    *count = 0;
    for (size_t i = 0; i < stored->count; i++)
        all[(*count)++] = stored->values[i];
    for (size_t i = 0; i < r->counts[which]; i++)
        all[(*count)++] = r->medians[which][i];
    return all;
}

struct recount {
    struct comparison c;
    double old_value, new_value;
    size_t old_count, new_count;
    bool firm;
};

static struct recount look(const struct gate *g, const struct rerun *r)
{
    const struct gate_item *item = r->item;
    struct compare_options o = gate_compare_options(g);
    struct recount k = {.firm = false};
    double *old = join(item->old_series, r, RERUN_OLD, &k.old_count);
    double *now = join(item->new_series, r, RERUN_NEW, &k.new_count);

    o.min_effect_deterministic = item->c.threshold; /* what counts do by themselves was learnt before */
    k.firm = compare_ranges((struct compare_side){old, k.old_count}, (struct compare_side){now, k.new_count},
                            item->metric->better == BETTER_LOWER, &o, &k.c);
    k.old_value = stats_median(old, k.old_count);
    k.new_value = stats_median(now, k.new_count);
    free(old);
    free(now);
    return k;
}

/* The ranges' answer becomes the item's. */
static void settle(struct gate_item *item, const struct recount *k, bool launched)
{
    const char *cause = item->same_code && k->c.verdict != COMPARE_SAME
                            ? "; the machine code is the same: not the commit, look at libraries, environment and data"
                            : "";
    char change[32], spread[32];

    text_change_words(k->c.ratio, change, sizeof change);
    gate_reason(item, "%s%s, where launches spread by %s (%zu before, %zu now)%s", launched ? "counted again: " : "",
                change, text_percent(k->c.noise, spread, sizeof spread), k->old_count, k->new_count, cause);
    item->c = k->c;
    item->old_value = k->old_value;
    item->new_value = k->new_value;
    item->confirmed = launched;
}

/* Stored launches decide alone, as they did already. */
static void keep(struct gate_item *item, const char *why)
{
    char *before = item->reason;

    item->reason = NULL;
    gate_reason(item, "%s%snot counted again: %s", before ? before : "", before ? "; " : "", why);
    free(before);
}

/* By its own word, by counts of its threads, or by its axes: a simulated CPU counts no thread apart. */
static int is_parallel(struct gate *g, const struct gate_item *item, bool *parallel, struct err *e)
{
    const struct registry_variant *v = registry_variant(item->point->kernel, item->point->variant);
    char run[24], point[24];
    const char *const parameters[] = {run, point, item->metric->name};
    double value;

    *parallel = v && v->variant->forks;
    if (*parallel)
        return 0;
    snprintf(run, sizeof run, "%" PRId64, g->candidate.run);
    snprintf(point, sizeof point, "%" PRId64, item->point->id);
    return store_number(g->store,
                        "SELECT 1 WHERE EXISTS (SELECT 1 FROM summary s JOIN metric m ON m.id = s.metric"
                        " WHERE s.run IN " GATE_RUNS " AND s.point = ?2 AND m.name = ?3 || '.thread_min')"
                        " OR EXISTS (SELECT 1 FROM point_axis WHERE point = CAST(?2 AS INTEGER)"
                        " AND axis IN ('threads', 'procs') AND number > 1)",
                        parameters, 3, &value, parallel, e);
}

static int is_wanted(struct gate *g, const struct gate_item *item, bool *wanted, struct err *e)
{
    *wanted = false;
    if (gate_in_one_run(g, item))
        return 0;
    if (!item->metric->deterministic || !item->old_series || !item->new_series ||
        (item->c.verdict != COMPARE_SLOWER && item->c.verdict != COMPARE_FASTER))
        return 0;
    *wanted = fabs(log(item->c.ratio)) < log1p(SMALL);
    return *wanted || gate_is_command(item->point) ? 0 : is_parallel(g, item, wanted, e);
}

/* The pass that the stored value stands in: the first, where several count it, of those that count it right. */
static int find_pass(struct gate *g, struct rerun *r, struct err *e)
{
    char run[24], point[24];
    const char *const parameters[] = {run, point, r->item->metric->name};

    snprintf(run, sizeof run, "%" PRId64, g->candidate.run);
    snprintf(point, sizeof point, "%" PRId64, r->item->point->id);
    return store_text(g->store,
                      "SELECT l.pass FROM planned_launch l JOIN launch_summary s ON s.launch = l.id"
                      " JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality WHERE l.run IN " GATE_RUNS
                      " AND l.point = ?2 AND m.name = ?3"
                      " AND l.status = 'done' ORDER BY q.text LIKE 'suspect%', l.sequence LIMIT 1",
                      parameters, 3, &r->pass, e);
}

/* NULL, or why nothing can be counted again; free(). Without the old program, or where it is the new one, that alone runs. */
static char *find_sides(const struct gate *g, struct rerun *r, bool *both)
{
    char *why, *lacking;

    *both = false;
    why = rerun_find(g, r, RERUN_NEW);
    if (why || r->item->same_program)
        return why;
    lacking = rerun_find(g, r, RERUN_OLD);
    *both = !lacking;
    free(lacking);
    return NULL;
}

/* Until the ranges say something firm, or a launch fails. */
static int launch_until_firm(struct gate *g, struct rerun *r, bool both, uint64_t *seed, struct err *e)
{
    bool well = true;

    for (int i = 0; i < MOST && well; i++) {
        size_t before = r->counts[RERUN_NEW];

        if (i >= LEAST && look(g, r).firm)
            break;
        if (both) {
            if (rerun_pair(g, r, stats_random(seed) % 2, r->number + i, seed, &well, e))
                return -1;
        } else {
            if (rerun_launch(g, r, RERUN_NEW, r->number + i, stats_random(seed), e))
                return -1;
            well = r->counts[RERUN_NEW] > before;
        }
    }
    return 0;
}

static int launch_again(struct gate *g, struct rerun *r, bool both, uint64_t *seed, bool *again, struct err *e)
{
    double left_s = gate_budget_left(g);
    char *before = r->item->reason;
    int failed;

    if (find_pass(g, r, e) || rerun_shape(g, r, e))
        return -1;
    if ((both ? 2 : 1) * LEAST * r->launch_s > left_s) {
        keep(r->item, isinf(left_s) ? "that is switched off" : "the time for it was used up");
        return 0;
    }
    log_note("counting %s again%s", r->item->point->text, both ? ", old and new program in turns" : "");
    r->item->reason = NULL;
    failed = launch_until_firm(g, r, both, seed, e);
    *again = r->counts[RERUN_NEW] >= LEAST;
    if (!*again) {
        char *why = r->item->reason;

        r->item->reason = before;
        keep(r->item, why ? why : "it was interrupted");
        free(why);
        return failed;
    }
    free(before);
    return failed;
}

static int recount_one(struct gate *g, struct gate_item *item, uint64_t *seed, bool *again, struct err *e)
{
    struct rerun r = {.item = item};
    struct recount stored = look(g, &r), now;
    int failed = 0;
    bool both;
    char *why;

    if (stored.firm && stored.old_count >= LEAST && stored.new_count >= LEAST) {
        settle(item, &stored, false);
        return 0;
    }
    why = find_sides(g, &r, &both);
    if (why)
        keep(item, why);
    else
        failed = launch_again(g, &r, both, seed, again, e);
    if (!failed && *again) {
        now = look(g, &r);
        settle(item, &now, true);
    }
    free(why);
    rerun_free(&r);
    return failed;
}

int gate_recount(struct gate *g, struct err *e)
{
    uint64_t seed = (uint64_t)g->candidate.run * 2654435761u + 2;
    double before_s = g->confirm_spent_s;
    size_t suspects = 0, measured = 0;

    for (size_t i = 0; i < g->item_count; i++) {
        int64_t start = clock_ns();
        bool wanted, again = false;

        if (is_wanted(g, &g->items[i], &wanted, e))
            return -1;
        if (!wanted)
            continue;
        if (recount_one(g, &g->items[i], &seed, &again, e))
            return -1;
        suspects++;
        measured += again;
        g->confirm_spent_s += (double)(clock_ns() - start) / 1e9;
    }
    gate_note_measured(g, measured, suspects, ", counters alone", g->confirm_spent_s - before_s);
    return 0;
}
