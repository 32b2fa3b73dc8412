/*
 * Summaries: per launch the median over its repetitions, per point of a run the median over its launches' medians, without
 * interleaved re-runs. What is suspect is left out while it is the smaller part: repetitions of a duration, and launches of a
 * count, for one pass that counts wrong says nothing against the others. All of it can be computed again from the samples,
 * which is what the check does.
 */
#include "store_internal.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"

#include <stdlib.h>
#include <string.h>

void summary_list_free(struct summary_list *l)
{
    size_t i;

    for (i = 0; i < l->count; i++)
        free(l->rows[i].quality);
    free(l->rows);
    *l = (struct summary_list){0};
}

void summary_add(struct summary_list *l, int64_t metric, int64_t n, const double *values, size_t count,
                 const char *quality)
{
    VEC_ROOM(l->rows, l->count, l->capacity);
    l->rows[l->count++] = (struct summary_row){
        .metric = metric,
        .n = n,
        .median = stats_median(values, count),
        .low = stats_min(values, count),
        .high = stats_max(values, count),
        .quality = mem_copy(quality),
    };
}

static void heap_add(struct heap *h, double value, const char *quality)
{
    VEC_ROOM(h->values, h->count, h->capacity);
    h->values[h->count++] = value;
    if (!h->worst || (strcmp(quality, h->worst) && quality_worse(quality, h->worst))) {
        free(h->worst);
        h->worst = mem_copy(quality);
    }
}

static void heap_clear(struct heap *h)
{
    h->count = 0;
    free(h->worst);
    h->worst = NULL;
}

/*
 * A repetition that is known to be disturbed says nothing about the code, a pass that is known to count wrong nothing about the
 * others: they are left out. Where half of them or more are, nothing sound is left to go by: all are kept, and the whole is suspect.
 */
static void gather_flush(struct gather *g, struct summary_list *out)
{
    size_t suspect = g->all.count - g->trusted.count;
    const struct heap *used = g->choose && 2 * suspect < g->all.count ? &g->trusted : &g->all;

    if (used->count)
        summary_add(out, g->metric, (int64_t)used->count, used->values, used->count, used->worst);
    heap_clear(&g->all);
    heap_clear(&g->trusted);
}

void gather_add(struct gather *g, struct summary_list *out, int64_t metric, bool choose, double value,
                const char *quality)
{
    if (g->metric != metric)
        gather_flush(g, out);
    g->metric = metric;
    g->choose = choose;
    heap_add(&g->all, value, quality);
    if (!strcmp(quality, "exact") || quality_rank(quality) != QUALITY_SUSPECT)
        heap_add(&g->trusted, value, quality);
}

void gather_end(struct gather *g, struct summary_list *out)
{
    gather_flush(g, out);
    free(g->all.values);
    free(g->trusted.values);
    *g = (struct gather){0};
}

/* Reads rows of (metric, value, quality, whether few suspect ones are left out) in the order of metrics. */
static int gather_all(struct store *s, sqlite3_stmt *q, struct summary_list *out, struct err *e)
{
    struct gather g = {0};
    int code;

    while ((code = sql_step(s, q, e, "reading samples")) == SQL_ROW)
        gather_add(&g, out, sqlite3_column_int64(q, 0), sqlite3_column_int(q, 3) != 0, sqlite3_column_double(q, 1),
                   sql_text(q, 2));
    gather_end(&g, out);
    return code;
}

int summary_of_launch(struct store *s, int64_t launch, struct summary_list *out, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "SELECT s.metric, CASE WHEN s.repetition < 0 OR m.kind = 'gauge' THEN s.value "
                "ELSE s.value / max(1, coalesce(l.inner, 1)) END, q.text, m.kind = 'duration' "
                "FROM launch l JOIN sample s ON s.launch = l.id JOIN metric m ON m.id = s.metric "
                "JOIN quality q ON q.id = s.quality WHERE l.id = ?1 AND l.status = 'done' AND s.value IS NOT NULL "
                "AND q.text NOT LIKE 'unavailable%' ORDER BY s.metric, s.repetition",
                e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    return gather_all(s, q, out, e);
}

int summary_of_point(struct store *s, int64_t run, int64_t point, struct summary_list *out, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT u.metric, u.median, q.text, m.kind = 'count' FROM planned_launch l "
                              "JOIN launch_summary u ON u.launch = l.id JOIN metric m ON m.id = u.metric "
                              "JOIN quality q ON q.id = u.quality WHERE l.point = ?2 AND l.run = ?1 "
                              "ORDER BY u.metric, l.sequence",
                              e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sqlite3_bind_int64(q, 2, point);
    return gather_all(s, q, out, e);
}

int summary_write_launch(struct store *s, int64_t launch, const struct summary_list *l, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "INSERT INTO launch_summary (launch, metric, n, median, quality) VALUES (?1, ?2, ?3, ?4, ?5)", e);
    int64_t quality;
    size_t i;

    if (!q)
        return -1;
    for (i = 0; i < l->count; i++) {
        if (identity_quality(s, l->rows[i].quality, &quality, e))
            return -1;
        sqlite3_bind_int64(q, 1, launch);
        sqlite3_bind_int64(q, 2, l->rows[i].metric);
        sqlite3_bind_int64(q, 3, l->rows[i].n);
        sql_bind_number(q, 4, l->rows[i].median);
        sqlite3_bind_int64(q, 5, quality);
        if (sql_do(s, q, e, "storing a summary"))
            return -1;
    }
    return 0;
}

int summary_renew_launch(struct store *s, int64_t launch, struct err *e)
{
    sqlite3_stmt *old = sql_use(s, "DELETE FROM launch_summary WHERE launch = ?1", e);
    struct summary_list list = {0};
    int result;

    if (!old)
        return -1;
    sqlite3_bind_int64(old, 1, launch);
    result = sql_do(s, old, e, "storing a summary");
    if (!result)
        result = summary_of_launch(s, launch, &list, e);
    if (!result)
        result = summary_write_launch(s, launch, &list, e);
    summary_list_free(&list);
    return result;
}

int summary_write_rows(struct store *s, int64_t run, int64_t point, const struct summary_row *rows, size_t count,
                       struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO summary (run, point, metric, n, median, low, high, quality) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                              e);
    int64_t quality;
    size_t i;

    if (!q)
        return -1;
    for (i = 0; i < count; i++) {
        if (identity_quality(s, rows[i].quality, &quality, e))
            return -1;
        sqlite3_bind_int64(q, 1, run);
        sqlite3_bind_int64(q, 2, point);
        sqlite3_bind_int64(q, 3, rows[i].metric);
        sqlite3_bind_int64(q, 4, rows[i].n);
        sql_bind_number(q, 5, rows[i].median);
        sql_bind_number(q, 6, rows[i].low);
        sql_bind_number(q, 7, rows[i].high);
        sqlite3_bind_int64(q, 8, quality);
        if (sql_do(s, q, e, "storing a summary"))
            return -1;
    }
    return 0;
}

int summary_write_point(struct store *s, int64_t run, int64_t point, struct err *e)
{
    sqlite3_stmt *old = sql_use(s, "DELETE FROM summary WHERE run = ?1 AND point = ?2", e);
    struct summary_list list = {0};
    int result;

    if (!old)
        return -1;
    sqlite3_bind_int64(old, 1, run);
    sqlite3_bind_int64(old, 2, point);
    result = sql_do(s, old, e, "storing a summary");
    if (!result)
        result = summary_of_point(s, run, point, &list, e);
    if (!result)
        result = derive_point(s, run, point, &list, e);
    if (!result)
        result = summary_write_rows(s, run, point, list.rows, list.count, e);
    summary_list_free(&list);
    return result;
}

int summary_write_run(struct store *s, int64_t run, struct err *e)
{
    int64_t *points;
    size_t count, i;
    int result = run_points(s, run, &points, &count, e);

    for (i = 0; !result && i < count; i++)
        result = summary_write_point(s, run, points[i], e);
    free(points);
    return result;
}
