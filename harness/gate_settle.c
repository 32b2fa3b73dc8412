/*
 * What follows from the verdicts: streaks of ambiguous, what becomes a baseline, the stored verdicts and the exit code.
 */
#include "gate_base.h"

#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAK 3
#define LOOK_BACK 12 /* checked runs, of which those with too few launches say nothing */

/* The checked run of the same home before `started`/`run`; 0 if there is none. */
static int checked_before(struct gate *g, int64_t run, int64_t *before, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, g->candidate.machine, g->candidate.branch, g->candidate.scripted ? "1" : "0"};
    double value;
    bool found;

    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_number(g->store,
                     "SELECT r.id FROM run r JOIN machine c ON c.id = r.machine JOIN build b ON b.id = r.build"
                     " WHERE (r.started, r.id) < (SELECT started, id FROM run WHERE id = ?1) AND c.name = ?2"
                     " AND b.branch = ?3 AND r.scripted = ?4 AND EXISTS (SELECT 1 FROM verdict v WHERE v.run = r.id)"
                     " ORDER BY r.started DESC, r.id DESC LIMIT 1",
                     parameters, 4, &value, &found, e))
        return -1;
    *before = found ? (int64_t)value : 0;
    return 0;
}

bool gate_counts_as_ambiguous(const struct gate *g, const struct gate_item *item)
{
    return item->c.verdict == COMPARE_AMBIGUOUS && !item->excused && (g->options->strict || item->streak >= STREAK);
}

/* What an earlier check said: 1 ambiguous, 0 something else or nothing; -1 nothing that counts, for want of launches. */
static int earlier_verdict(struct gate *g, int64_t run, const struct gate_item *item, int *was, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, item->point->text, item->metric->name, GATE_FEW};
    double value;
    bool found;

    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_number(g->store,
                     "SELECT CASE WHEN verdict <> 'ambiguous' THEN 0 WHEN substr(reason, 1, length(?4)) = ?4 THEN -1"
                     " ELSE 1 END FROM verdict WHERE run = ?1 AND point = ?2 AND metric = ?3",
                     parameters, 4, &value, &found, e))
        return -1;
    *was = found ? (int)value : 0;
    return 0;
}

static int item_streak(struct gate *g, const int64_t runs[LOOK_BACK], struct gate_item *item, struct err *e)
{
    int was = 1;

    item->streak = item->c.verdict == COMPARE_AMBIGUOUS && !item->few;
    for (size_t k = 0; k < LOOK_BACK && runs[k] && item->streak && item->streak < STREAK && was; k++) {
        if (earlier_verdict(g, runs[k], item, &was, e))
            return -1;
        item->streak += was == 1;
    }
    return 0;
}

int gate_streaks(struct gate *g, struct err *e)
{
    int64_t runs[LOOK_BACK] = {0}, from = g->candidate.run;

    for (size_t i = 0; i < LOOK_BACK && from; i++) {
        if (checked_before(g, from, &runs[i], e))
            return -1;
        from = runs[i];
    }
    for (size_t i = 0; i < g->item_count; i++) {
        if (item_streak(g, runs, &g->items[i], e))
            return -1;
    }
    return 0;
}

static bool is_acceptable(const struct gate *g, const struct gate_item *item)
{
    bool fresh = item->c.verdict == COMPARE_NEW || item->cause == CAUSE_VERSION;

    if (item->c.verdict == COMPARE_NEW && gate_base_is_accepted(g, item->point->text, item->metric->name))
        return false;
    return fresh && item->new_series && item->point->wrong == 0 && item->point->failed == 0;
}

/* A point's text as a glob that matches this text alone: commas would part globs. */
char *gate_point_glob(const char *point)
{
    struct buf b = {0};

    for (; *point; point++) {
        if (strchr("*?[\\,", *point))
            buf_add(&b, "\\");
        buf_add_n(&b, point, 1);
    }
    return buf_take(&b);
}

static int accept_item(struct gate *g, const struct gate_item *item, struct err *e)
{
    char *glob = gate_point_glob(item->point->text);
    struct ledger_row row = {.kind = "accept",
                             .points = glob,
                             .metrics = item->metric->name,
                             .run = g->candidate.run,
                             .reason = item->cause == CAUSE_VERSION ? GATE_FIRST_VERSION : GATE_FIRST_POINT};
    int failed = store_ledger_add(g->store, &row, NULL, e);

    free(glob);
    return failed;
}

/* The whole run as one decision: also for metrics that do not gate today. */
static int accept_all(struct gate *g, struct err *e)
{
    struct ledger_row row = {
        .kind = "accept", .points = "*", .metrics = "*", .run = g->candidate.run, .reason = GATE_FIRST_RUN};

    return store_ledger_add(g->store, &row, NULL, e);
}

static int accept_some(struct gate *g, struct err *e)
{
    for (size_t i = 0; i < g->item_count; i++) {
        if (is_acceptable(g, &g->items[i]) && accept_item(g, &g->items[i], e))
            return -1;
    }
    return 0;
}

static int any_real_run(struct gate *g, bool *any, struct err *e)
{
    double value;

    return store_number(g->store, "SELECT 1 FROM run WHERE scripted = 0 LIMIT 1", NULL, 0, &value, any, e);
}

/* Whether this run may become a baseline; if not, the note says why. */
static int may_accept(struct gate *g, bool *may, struct err *e)
{
    bool real = false;

    *may = false;
    if (strcmp(g->candidate.status, "complete")) {
        g->accept_note =
            mem_format("run %" PRId64 " is %s: not stored as a baseline", g->candidate.run, g->candidate.status);
        return 0;
    }
    if (g->candidate.scripted && any_real_run(g, &real, e))
        return -1;
    if (real)
        g->accept_note =
            mem_format("run %" PRId64 " is scripted: not stored as a baseline among real runs", g->candidate.run);
    *may = !real;
    return 0;
}

static size_t count_acceptable(const struct gate *g, bool *all)
{
    const struct gate_point *last = NULL;
    size_t points = 0;

    *all = g->item_count > 0;
    for (size_t i = 0; i < g->item_count; i++) {
        if (!is_acceptable(g, &g->items[i])) {
            *all = false;
            continue;
        }
        points += g->items[i].point != last;
        last = g->items[i].point;
    }
    return points;
}

int gate_accept_first(struct gate *g, struct err *e)
{
    bool all, may;
    size_t points = count_acceptable(g, &all);

    g->first_baseline = g->item_count > 0;
    for (size_t i = 0; i < g->item_count; i++)
        g->first_baseline = g->first_baseline && !g->items[i].baseline;
    if (!g->options->accept_first || (g->options->baseline && !gate_base_is_floating(g)) || points == 0)
        return 0;
    if (may_accept(g, &may, e))
        return -1;
    if (!may)
        return 0;
    if (all && g->first_baseline ? accept_all(g, e) : accept_some(g, e))
        return -1;
    g->accepted_points = points;
    g->accept_note = mem_format("%zu point%s of run %" PRId64 " stored as the first baseline", points,
                                points == 1 ? "" : "s", g->candidate.run);
    return 0;
}

/* Why it moved, which the first point of a finding tells for all; "" if nobody knows. */
static const char *first_why(const struct gate *g, size_t at)
{
    const struct gate_item *item = &g->items[at];

    for (size_t i = 0; i < at && item->finding; i++)
        if (g->items[i].finding == item->finding)
            return "";
    for (size_t i = 0; i < g->finding_count; i++)
        if (g->findings[i].number == item->finding && g->findings[i].verdict == item->c.verdict && g->findings[i].why)
            return g->findings[i].why;
    return "";
}

int gate_store_verdicts(struct gate *g, struct err *e)
{
    struct verdict_row *rows = mem_new(g->item_count + 1, sizeof *rows);
    int failed;

    for (size_t i = 0; i < g->item_count; i++) {
        const struct gate_item *item = &g->items[i];

        rows[i] = (struct verdict_row){.point = item->point->text,
                                       .metric = item->metric->name,
                                       .baseline = item->baseline ? item->baseline->run : 0,
                                       .verdict = compare_verdict_name(item->c.verdict),
                                       .ratio = item->c.ratio,
                                       .ratio_low = item->c.low,
                                       .ratio_high = item->c.high,
                                       .reason = item->reason ? item->reason : first_why(g, i),
                                       .finding = item->finding};
    }
    failed = store_verdicts(g->store, g->candidate.run, rows, g->item_count, e);
    free(rows);
    return failed;
}

/* A point's worst verdict counts; the order of the enum is not that of badness. */
static int badness(enum compare_verdict v)
{
    static const int rank[] = {
        [COMPARE_SAME] = 0,      [COMPARE_NEW] = 1,    [COMPARE_INCOMPARABLE] = 2, [COMPARE_FASTER] = 3,
        [COMPARE_AMBIGUOUS] = 4, [COMPARE_SLOWER] = 5, [COMPARE_WRONG] = 6};

    return rank[v];
}

static void count_points(struct gate *g)
{
    memset(g->points_of, 0, sizeof g->points_of);
    for (size_t i = 0; i < g->item_count;) {
        enum compare_verdict worst = COMPARE_INCOMPARABLE; /* of a point whose metrics are all barred */
        bool spoken = false;
        size_t k = i;

        for (; k < g->item_count && g->items[k].point == g->items[i].point; k++) {
            if (!g->items[k].barred && (!spoken || badness(g->items[k].c.verdict) > badness(worst)))
                worst = g->items[k].c.verdict;
            spoken = spoken || !g->items[k].barred;
        }
        g->points_of[worst]++;
        g->failed_points += g->items[i].point->failed > 0 && g->items[i].point->wrong == 0;
        i = k;
    }
}

size_t gate_count_streaks(const struct gate *g)
{
    size_t n = 0;

    for (size_t i = 0; i < g->item_count; i++)
        n += gate_counts_as_ambiguous(g, &g->items[i]);
    return n;
}

static bool anything_compared(const struct gate *g)
{
    for (size_t i = 0; i < g->item_count; i++) {
        enum compare_verdict v = g->items[i].c.verdict;

        if (v == COMPARE_SAME || v == COMPARE_FASTER || v == COMPARE_SLOWER || v == COMPARE_AMBIGUOUS)
            return true;
    }
    return false;
}

/* What one comparison says, before all are taken together. */
static int item_code(const struct gate *g, const struct gate_item *item)
{
    enum compare_verdict v = item->c.verdict;
    int code = CM_FINE;

    if (v == COMPARE_WRONG) /* which nobody excuses */
        code = CM_WRONG;
    if (item->excused)
        return code;
    if (v == COMPARE_SLOWER || (v == COMPARE_FASTER && g->options->fail_on_faster))
        code = exit_worst(code, CM_REGRESSION);
    if (gate_counts_as_ambiguous(g, item) || (item->point->failed > 0 && item->point->wrong == 0))
        code = exit_worst(code, CM_UNTRUSTED);
    return code;
}

static int exit_code(const struct gate *g)
{
    int code = CM_FINE;

    for (size_t i = 0; i < g->item_count; i++)
        code = exit_worst(code, item_code(g, &g->items[i]));
    if (!anything_compared(g) &&
        (g->accepted_points == 0 || g->points_of[COMPARE_NEW] == 0)) /* another identity is no first night */
        code = exit_worst(code, CM_NOTHING);
    return code;
}

void gate_conclude(struct gate *g)
{
    count_points(g);
    g->exit_code = exit_code(g);
    g->story = gate_tell(g);
    gate_sight(g);
}
