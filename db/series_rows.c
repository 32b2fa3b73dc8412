/* What a summary's row is worth in a history: see series_rows.h. */
#include "series_rows.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdlib.h>
#include <string.h>

static int compare_name(const void *a, const void *b, void *user)
{
    const struct wanted *metrics = user;

    return strcmp(metrics[*(const size_t *)a].name, metrics[*(const size_t *)b].name);
}

static void take_metric(struct rows *r, sqlite3_stmt *q)
{
    struct wanted *m;

    VEC_ROOM(r->metrics, r->metric_count, r->metric_capacity);
    m = &r->metrics[r->metric_count++];
    *m = (struct wanted){.id = sqlite3_column_int64(q, 0),
                         .name = mem_copy(sql_text(q, 1)),
                         .unit = mem_copy(sql_text(q, 2)),
                         .deterministic = sqlite3_column_int(q, 5) != 0};
    while (m->kind < METRIC_DERIVED && strcmp(metric_kind_name(m->kind), sql_text(q, 3)) != 0)
        m->kind++;
    while (m->better < BETTER_NEITHER && strcmp(metric_better_name(m->better), sql_text(q, 4)) != 0)
        m->better++;
}

static int read_metrics(struct rows *r, const char *globs, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s, "SELECT id, name, unit, kind, better, deterministic FROM metric ORDER BY id", e);
    size_t all = 0;
    int code;

    if (!q)
        return -1;
    for (; (code = sql_step(r->s, q, e, "reading metrics")) == SQL_ROW; all++)
        if (metric_matches(globs, sql_text(q, 1)))
            take_metric(r, q);
    r->together = 2 * r->metric_count > all;
    r->by_name = mem_new(r->metric_count + 1, sizeof *r->by_name);
    for (size_t i = 0; i < r->metric_count; i++)
        r->by_name[i] = i;
    if (r->metric_count)
        qsort_r(r->by_name, r->metric_count, sizeof *r->by_name, compare_name, r->metrics);
    return code;
}

static int read_doubts(struct rows *r, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s, "SELECT id FROM quality WHERE text LIKE 'suspect%' ORDER BY id", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading qualities")) == SQL_ROW) {
        VEC_ROOM(r->doubts, r->doubt_count, r->doubt_capacity);
        r->doubts[r->doubt_count++] = sqlite3_column_int64(q, 0);
    }
    return code;
}

static int read_wrong(struct rows *r, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s,
                              "SELECT DISTINCT point, run FROM launch WHERE status = 'wrong' "
                              "AND pass NOT LIKE 'interleaved:%' ORDER BY point, run",
                              e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading launches")) == SQL_ROW) {
        VEC_ROOM(r->wrong, r->wrong_count, r->wrong_capacity);
        r->wrong[r->wrong_count++] = (struct wrong){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
    }
    return code;
}

static int compare_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int compare_wrong(const void *a, const void *b)
{
    const struct wrong *x = a, *y = b;
    int by = compare_id(&x->point, &y->point);

    return by ? by : compare_id(&x->run, &y->run);
}

/* Nearly all rows have the quality of the row before. */
static bool is_doubted(struct rows *r, int64_t quality)
{
    if (quality != r->quality) {
        r->quality = quality;
        r->doubted =
            r->doubt_count && bsearch(&quality, r->doubts, r->doubt_count, sizeof *r->doubts, compare_id) != NULL;
    }
    return r->doubted;
}

static bool is_wrong(const struct rows *r, int64_t point, int64_t run)
{
    struct wrong key = {point, run};

    return r->wrong_count && bsearch(&key, r->wrong, r->wrong_count, sizeof *r->wrong, compare_wrong) != NULL;
}

/* Where we are in two lists that rise like the rows: metrics, and the home's runs. */
struct cursor {
    size_t metric, member;
    int64_t last; /* metric of the row before */
};

/* Columns: metric, run, n, median, low, high, quality. */
static void take_row(struct rows *r, struct cursor *c, const struct identity *whose, sqlite3_stmt *q)
{
    int64_t metric = sqlite3_column_int64(q, 0), run = sqlite3_column_int64(q, 1);
    const struct series_home *home = r->home;
    struct wanted *m;

    if (metric != c->last) {
        c->last = metric;
        c->member = 0;
        while (c->metric < r->metric_count && r->metrics[c->metric].id < metric)
            c->metric++;
    }
    if (c->metric == r->metric_count || r->metrics[c->metric].id != metric)
        return;
    while (c->member < home->member_count && home->members[c->member].run < run)
        c->member++;
    if (c->member == home->member_count || home->members[c->member].run != run || is_wrong(r, whose->id, run))
        return;
    m = &r->metrics[c->metric];
    VEC_ROOM(m->values, m->count, m->capacity);
    m->values[m->count++] = (struct value){.index = home->members[c->member].index,
                                           .run = run,
                                           .whose = whose->whose,
                                           .value = sqlite3_column_double(q, 3),
                                           .low = sqlite3_column_double(q, 4),
                                           .high = sqlite3_column_double(q, 5),
                                           .launches = sqlite3_column_int(q, 2),
                                           .suspect = is_doubted(r, sqlite3_column_int64(q, 6))};
}

static int walk(struct rows *r, struct cursor *c, const struct identity *whose, sqlite3_stmt *q, struct err *e)
{
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading series")) == SQL_ROW)
        take_row(r, c, whose, q);
    return code;
}

int rows_read(struct rows *r, const struct identity *whose, struct err *e)
{
    struct cursor c = {.last = -1};
    sqlite3_stmt *q;

    if (r->together) {
        q = sql_use(r->s,
                    "SELECT metric, run, n, median, low, high, quality FROM summary WHERE point = ?1 "
                    "ORDER BY metric, run",
                    e);
        if (q)
            sqlite3_bind_int64(q, 1, whose->id);
        return walk(r, &c, whose, q, e);
    }
    for (size_t i = 0; i < r->metric_count; i++) {
        q = sql_use(r->s,
                    "SELECT metric, run, n, median, low, high, quality FROM summary WHERE point = ?1 AND metric = ?2 "
                    "ORDER BY run",
                    e);
        if (q) {
            sqlite3_bind_int64(q, 1, whose->id);
            sqlite3_bind_int64(q, 2, r->metrics[i].id);
        }
        if (walk(r, &c, whose, q, e))
            return -1;
    }
    return 0;
}

int rows_open(struct rows *r, struct store *s, const struct series_home *home, const char *metrics, struct err *e)
{
    *r = (struct rows){.s = s, .home = home, .quality = -1};
    return read_metrics(r, metrics, e) || read_doubts(r, e) || read_wrong(r, e) ? -1 : 0;
}

void rows_close(struct rows *r)
{
    for (size_t i = 0; i < r->metric_count; i++) {
        free(r->metrics[i].name);
        free(r->metrics[i].unit);
        free(r->metrics[i].values);
    }
    free(r->metrics);
    free(r->by_name);
    free(r->doubts);
    free(r->wrong);
}
