/*
 * Metrics: one row per name. What a stored number means never changes under it: another unit or kind for a name is refused. Words and
 * formulas may improve; a new or changed formula is evaluated for the runs that are there already.
 */
#include "store_internal.h"

#include "../harness/base/formula.h"

#include <string.h>

int identity_metric(struct store *s, const char *name, int64_t *id, struct err *e)
{
    sqlite3_stmt *q;
    int code;

    if (cache_find(&s->metrics, name, id))
        return 0;
    q = sql_use(s, "SELECT id FROM metric WHERE name = ?1", e);
    if (!q)
        return -1;
    sql_bind_text(q, 1, name);
    code = sql_step(s, q, e, "looking up a metric");
    if (code == SQL_DONE)
        return err_set(e, CM_INTERNAL, "%s: a sample came for the metric %s, which was not described before", s->path,
                       name);
    if (code == SQL_ERROR)
        return -1;
    *id = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    cache_add(&s->metrics, name, *id);
    return 0;
}

static void bind_metric(sqlite3_stmt *q, const struct metric *m)
{
    bool derived = m->kind == METRIC_DERIVED;

    sql_bind_text(q, 1, m->name);
    sql_bind_text(q, 2, m->unit);
    sql_bind_text(q, 3, metric_kind_name(m->kind));
    sql_bind_text(q, 4, metric_better_name(m->better));
    sqlite3_bind_int(q, 5, m->deterministic);
    sql_bind_text_or_null(q, 6, derived ? m->formula : NULL);
    sql_bind_text(q, 7, m->meaning);
}

static int add_metric(struct store *s, const struct metric *m, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO metric (name, unit, kind, better, deterministic, formula, meaning) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              e);

    if (!q || store_writable(s, e))
        return -1;
    bind_metric(q, m);
    return sql_do(s, q, e, "storing a metric");
}

static int update_metric(struct store *s, const struct metric *m, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "UPDATE metric SET unit = ?2, kind = ?3, better = ?4, deterministic = ?5, formula = ?6, "
                              "meaning = ?7 WHERE name = ?1",
                              e);

    if (!q || store_writable(s, e))
        return -1;
    bind_metric(q, m);
    return sql_do(s, q, e, "storing a metric");
}

/* What is known of the name: *found, *same (nothing to do) and *formula (the same one); an error if it means something else. */
static int look_at_metric(struct store *s, const struct metric *m, bool *found, bool *same, bool *formula,
                          struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "SELECT unit, kind, better, deterministic, formula, meaning FROM metric WHERE name = ?1", e);
    const char *wanted = m->kind == METRIC_DERIVED && m->formula ? m->formula : "";
    const char *unit = m->unit ? m->unit : "", *kind = metric_kind_name(m->kind);
    int code, result = 0;

    *found = *same = *formula = false;
    if (!q)
        return -1;
    sql_bind_text(q, 1, m->name);
    code = sql_step(s, q, e, "looking up a metric");
    if (code != SQL_ROW)
        return code;
    *found = true;
    *formula = !strcmp(wanted, sql_text(q, 4));
    *same = *formula && !strcmp(unit, sql_text(q, 0)) && !strcmp(kind, sql_text(q, 1)) &&
            !strcmp(metric_better_name(m->better), sql_text(q, 2)) && m->deterministic == !!sqlite3_column_int(q, 3) &&
            !strcmp(m->meaning ? m->meaning : "", sql_text(q, 5));
    if (strcmp(kind, sql_text(q, 1)) || (m->kind != METRIC_DERIVED && strcmp(unit, sql_text(q, 0))))
        result = err_set(
            e, CM_INTERNAL,
            "%s keeps the metric %s as %s in '%s', and now it came as %s in '%s': give the new one another name",
            s->path, m->name, sql_text(q, 1), sql_text(q, 0), kind, unit);
    sqlite3_reset(q);
    return result;
}

static int put_metric(struct store *s, const struct metric *m, struct err *e)
{
    bool found, same, formula;

    if (look_at_metric(s, m, &found, &same, &formula, e))
        return -1;
    if (same)
        return 0;
    if (found ? update_metric(s, m, e) : add_metric(s, m, e))
        return -1;
    return m->kind == METRIC_DERIVED && !formula ? derive_everywhere(s, m->name, e) : 0;
}

static int check_metric(struct store *s, const struct metric *m, struct err *e)
{
    if (name_check("metric's name", m->name, false, e) || name_check("metric's unit", m->unit, true, e))
        return -1;
    if (m->kind == METRIC_DERIVED && !m->formula)
        return err_set(e, CM_INTERNAL, "%s: the derived metric %s has no formula", s->path, m->name);
    return m->kind == METRIC_DERIVED ? formula_names(m->formula, NULL, NULL, e) : 0;
}

int metric_take(struct store *s, const struct metric *m, struct err *e)
{
    bool found, same, formula;

    if (check_metric(s, m, e) || look_at_metric(s, m, &found, &same, &formula, e))
        return -1;
    return found ? 0 : put_metric(s, m, e);
}

int store_metric(struct store *s, const struct metric *m, struct err *e)
{
    bool mine = false;

    if (check_metric(s, m, e) || (s->mode != STORE_READ && txn_begin(s, &mine, e)))
        return -1;
    return txn_end(s, mine, put_metric(s, m, e), e);
}
