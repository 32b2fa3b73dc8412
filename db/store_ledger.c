/* What people decided, and what a check concluded. */
#include "store_internal.h"

#include "../harness/base/clock.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* "2026-12-31", and a day that exists. */
bool ledger_date_ok(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, i;

    for (i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return false;
    if (text[10])
        return false;
    year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    month = (text[5] - '0') * 10 + text[6] - '0';
    day = (text[8] - '0') * 10 + text[9] - '0';
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

bool ledger_kind_ok(const char *kind)
{
    return !strcmp(kind, "accept") || !strcmp(kind, "ignore") || !strcmp(kind, "note");
}

static int run_exists(struct store *s, int64_t run, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT 1 FROM run WHERE id = ?1", e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    code = sql_step(s, q, e, "reading a run");
    sqlite3_reset(q);
    if (code == SQL_DONE)
        return err_set(e, CM_USAGE, "%s has no run %" PRId64, s->path, run);
    return code == SQL_ROW ? 0 : -1;
}

int ledger_check(struct store *s, const struct ledger_row *l, struct err *e)
{
    if (store_writable(s, e))
        return -1;
    if (!ledger_kind_ok(l->kind))
        return err_set(e, CM_USAGE, "'%s' is no kind of decision: accept, ignore or note", l->kind);
    if (!l->reason || !*l->reason)
        return err_set(e, CM_USAGE, "a decision needs its reason: --reason TEXT");
    if (name_check("glob of points", l->points, true, e) || name_check("glob of metrics", l->metrics, true, e))
        return -1;
    if (l->until && !ledger_date_ok(l->until))
        return err_set(e, CM_USAGE, "'%s' is no date: write it like 2026-12-31", l->until);
    if (l->commit && *l->commit && !commit_word_ok(l->commit))
        return err_set(e, CM_USAGE, "'%.80s' is no commit: write at least 4 of its hexadecimal digits", l->commit);
    if (!strcmp(l->kind, "accept") && !l->run)
        return err_set(e, CM_USAGE, "an acceptance needs the run that becomes the baseline");
    return l->run ? run_exists(s, l->run, e) : 0;
}

int store_ledger_add(struct store *s, const struct ledger_row *l, int64_t *id, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO ledger (kind, points, metrics, run, reason, until, created, commit_id) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                              e);

    if (!q || ledger_check(s, l, e))
        return -1;
    sql_bind_text(q, 1, l->kind);
    sql_bind_text(q, 2, l->points && *l->points ? l->points : "*");
    sql_bind_text(q, 3, l->metrics && *l->metrics ? l->metrics : "*");
    if (l->run)
        sqlite3_bind_int64(q, 4, l->run);
    sql_bind_text(q, 5, l->reason);
    sql_bind_text_or_null(q, 6, l->until);
    sqlite3_bind_int64(q, 7, clock_wall_seconds());
    sql_bind_text(q, 8, l->commit);
    if (sql_do(s, q, e, "storing a decision"))
        return -1;
    if (id)
        *id = sqlite3_last_insert_rowid(s->db);
    return 0;
}

int verdict_add(struct store *s, int64_t run, const struct verdict_row *v, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "INSERT INTO verdict (run, point, metric, baseline, verdict, ratio, ratio_low, ratio_high, "
                "reason, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                e);

    if (!q || name_check("point", v->point, false, e) || name_check("metric", v->metric, false, e))
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sql_bind_text(q, 2, v->point);
    sql_bind_text(q, 3, v->metric);
    if (v->baseline)
        sqlite3_bind_int64(q, 4, v->baseline);
    sql_bind_text(q, 5, v->verdict);
    sql_bind_number(q, 6, v->ratio);
    sql_bind_number(q, 7, v->ratio_low);
    sql_bind_number(q, 8, v->ratio_high);
    sql_bind_text(q, 9, v->reason);
    sqlite3_bind_int(q, 10, v->finding);
    return sql_do(s, q, e, "storing verdicts");
}

static int replace_verdicts(struct store *s, int64_t run, const struct verdict_row *rows, size_t count, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "DELETE FROM verdict WHERE run = ?1", e);
    size_t i;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    if (sql_do(s, q, e, "storing verdicts"))
        return -1;
    for (i = 0; i < count; i++)
        if (verdict_add(s, run, &rows[i], e))
            return -1;
    return 0;
}

int store_verdicts(struct store *s, int64_t run, const struct verdict_row *rows, size_t count, struct err *e)
{
    bool mine;

    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, replace_verdicts(s, run, rows, count, e), e);
}
