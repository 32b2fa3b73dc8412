/*
 * Derived metrics: formulas over the medians of one point in one run, and over `elements`, `work.flops`, `work.bytes_read` and
 * `work.bytes_written` of one execution. A formula may use another derived metric; what lacks an input gives no row.
 */
#include "store_internal.h"

#include "../harness/base/formula.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct derived_metric {
    int64_t id;
    char *name, *formula;
    bool done;
};

/* The values that a formula may name, at one point. */
struct inputs {
    struct {
        char *name;
        double value;
    } * items;
    size_t count, capacity;
};

static void inputs_add(struct inputs *in, const char *name, double value)
{
    VEC_ROOM(in->items, in->count, in->capacity);
    in->items[in->count].name = mem_copy(name);
    in->items[in->count++].value = value;
}

static void inputs_free(struct inputs *in)
{
    size_t i;

    for (i = 0; i < in->count; i++)
        free(in->items[i].name);
    free(in->items);
    *in = (struct inputs){0};
}

static double look_up(const char *name, void *user)
{
    const struct inputs *in = user;
    size_t i;

    for (i = 0; i < in->count; i++)
        if (!strcmp(in->items[i].name, name))
            return in->items[i].value;
    return NAN;
}

static int read_metrics(struct store *s, struct derived_metric **list, size_t *count, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT id, name, formula FROM metric WHERE kind = 'derived' AND formula IS NOT NULL "
                              "ORDER BY id",
                              e);
    size_t capacity = 0;
    int code;

    *list = NULL;
    *count = 0;
    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading metrics")) == SQL_ROW) {
        VEC_ROOM(*list, *count, capacity);
        (*list)[(*count)++] = (struct derived_metric){
            .id = sqlite3_column_int64(q, 0), .name = mem_copy(sql_text(q, 1)), .formula = mem_copy(sql_text(q, 2))};
    }
    return code;
}

static void free_metrics(struct derived_metric *list, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        free(list[i].name);
        free(list[i].formula);
    }
    free(list);
}

/* Names of the measured metrics in the list, and the work of one execution as its launches declared it. */
static int read_inputs(struct store *s, int64_t run, int64_t point, const struct summary_list *l, struct inputs *in,
                       struct err *e)
{
    static const char *const names[] = {"elements", "work.flops", "work.bytes_read", "work.bytes_written"};
    sqlite3_stmt *work = sql_use(s,
                                 "SELECT max(elements), max(flops), max(bytes_read), max(bytes_written) "
                                 "FROM planned_launch WHERE point = ?2 AND run = ?1 AND status = 'done'",
                                 e);
    sqlite3_stmt *metric = sql_use(s, "SELECT name FROM metric WHERE id = ?1", e);
    size_t i;

    if (!work || !metric)
        return -1;
    for (i = 0; i < l->count; i++) {
        sqlite3_bind_int64(metric, 1, l->rows[i].metric);
        if (sql_step(s, metric, e, "reading metrics") != SQL_ROW)
            return err_set(e, CM_INTERNAL, "%s: a summary names a metric that is not there", s->path);
        inputs_add(in, sql_text(metric, 0), l->rows[i].median);
        sqlite3_reset(metric);
    }
    sqlite3_bind_int64(work, 1, run);
    sqlite3_bind_int64(work, 2, point);
    if (sql_step(s, work, e, "reading launches") != SQL_ROW)
        return -1;
    for (i = 0; i < 4; i++)
        inputs_add(in, names[i], sql_number(work, (int)i));
    sqlite3_reset(work);
    return 0;
}

/* Evaluates in rounds, so that a metric may use one that stands behind it; ends when a round brings nothing new. */
static void evaluate(struct derived_metric *metrics, size_t count, struct inputs *in, struct summary_list *l)
{
    bool again = true;
    double value;
    size_t i;

    while (again) {
        again = false;
        for (i = 0; i < count; i++) {
            if (metrics[i].done)
                continue;
            /* a formula that was broken by hand gives no row; the check names it */
            if (formula_evaluate(metrics[i].formula, look_up, in, &value, NULL) || !isfinite(value))
                continue;
            summary_add(l, metrics[i].id, 0, &value, 1, "derived");
            inputs_add(in, metrics[i].name, value);
            metrics[i].done = again = true;
        }
    }
}

int derive_point(struct store *s, int64_t run, int64_t point, struct summary_list *l, struct err *e)
{
    struct derived_metric *metrics;
    struct inputs in = {0};
    size_t count;
    int result = 0;

    if (l->count == 0)
        return 0;
    result = read_metrics(s, &metrics, &count, e);
    if (!result && count)
        result = read_inputs(s, run, point, l, &in, e);
    if (!result)
        evaluate(metrics, count, &in, l);
    inputs_free(&in);
    free_metrics(metrics, count);
    return result;
}

/* ---- a formula that came or changed while there are runs ------------------------------------------------------------------ */

struct mention {
    const char *name;
    bool found;
};

static void note_mention(const char *name, void *user)
{
    struct mention *m = user;

    if (!strcmp(m->name, name))
        m->found = true;
}

/* Marks as done all but the named metric and those that build on it, directly or through others. */
static void keep_affected(struct derived_metric *metrics, size_t count, const char *name)
{
    bool again = true;
    size_t i, k;

    for (i = 0; i < count; i++)
        metrics[i].done = strcmp(metrics[i].name, name) != 0;
    while (again) {
        again = false;
        for (i = 0; i < count; i++) {
            for (k = 0; metrics[i].done && k < count; k++) {
                struct mention m = {.name = metrics[k].name};

                if (metrics[k].done)
                    continue;
                if (!formula_names(metrics[i].formula, note_mention, &m, NULL) && m.found) {
                    metrics[i].done = false;
                    again = true;
                }
            }
        }
    }
}

static int forget(struct store *s, int64_t run, int64_t point, const struct derived_metric *metrics, size_t count,
                  struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "DELETE FROM summary WHERE run = ?1 AND point = ?2 AND metric = ?3", e);
    size_t i;

    for (i = 0; q && i < count; i++) {
        if (metrics[i].done)
            continue;
        sqlite3_bind_int64(q, 1, run);
        sqlite3_bind_int64(q, 2, point);
        sqlite3_bind_int64(q, 3, metrics[i].id);
        if (sql_do(s, q, e, "storing a summary"))
            return -1;
    }
    return q ? 0 : -1;
}

static int read_medians(struct store *s, int64_t run, int64_t point, struct summary_list *l, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT metric, median FROM summary WHERE run = ?1 AND point = ?2", e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sqlite3_bind_int64(q, 2, point);
    while ((code = sql_step(s, q, e, "reading summaries")) == SQL_ROW) {
        double median = sqlite3_column_double(q, 1);

        summary_add(l, sqlite3_column_int64(q, 0), 1, &median, 1, "exact");
    }
    return code;
}

/* One point: the affected metrics anew, from the other rows of its summary. `metrics` is a fresh copy of the marks. */
static int rederive(struct store *s, int64_t run, int64_t point, struct derived_metric *metrics, size_t count,
                    struct err *e)
{
    struct summary_list list = {0};
    struct inputs in = {0};
    size_t known;
    int result;

    result = forget(s, run, point, metrics, count, e);
    if (!result)
        result = read_medians(s, run, point, &list, e);
    known = list.count;
    if (!result)
        result = read_inputs(s, run, point, &list, &in, e);
    if (!result)
        evaluate(metrics, count, &in, &list);
    if (!result)
        result = summary_write_rows(s, run, point, list.rows + known, list.count - known, e);
    inputs_free(&in);
    summary_list_free(&list);
    return result;
}

struct place {
    int64_t run, point;
};

static int read_places(struct store *s, struct place **places, size_t *count, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT DISTINCT run, point FROM summary", e);
    size_t capacity = 0;
    int code;

    *places = NULL;
    *count = 0;
    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading summaries")) == SQL_ROW) {
        VEC_ROOM(*places, *count, capacity);
        (*places)[*count].run = sqlite3_column_int64(q, 0);
        (*places)[(*count)++].point = sqlite3_column_int64(q, 1);
    }
    return code;
}

int derive_everywhere(struct store *s, const char *metric, struct err *e)
{
    struct derived_metric *metrics = NULL, *marks;
    struct place *places;
    size_t count = 0, place_count, i;
    int result;

    result = read_places(s, &places, &place_count, e);
    if (!result && place_count)
        result = read_metrics(s, &metrics, &count, e);
    if (!result)
        keep_affected(metrics, count, metric);
    marks = mem_new(count + 1, sizeof *marks);
    for (i = 0; !result && i < place_count; i++) {
        if (count)
            memcpy(marks, metrics, count * sizeof *marks);
        result = rederive(s, places[i].run, places[i].point, marks, count, e);
    }
    free(marks);
    free_metrics(metrics, count);
    free(places);
    return result;
}
