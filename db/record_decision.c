/* Decisions of people and verdicts, taken from records. */
#include "record.h"

#include <math.h>
#include <string.h>

static const int64_t latest = INT64_C(1) << 40;

/* The run that a uuid names, wherever it came from; 0 if it is not here. */
static int run_by_uuid(struct store *s, const char *uuid, int64_t *run, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT id FROM run WHERE uuid = ?1", e);
    int code;

    *run = 0;
    if (!q || !uuid)
        return q ? 0 : -1;
    sql_bind_text(q, 1, uuid);
    code = sql_step(s, q, e, "reading runs");
    if (code == SQL_ROW)
        *run = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}

static int write_decision(struct store *s, const struct ledger_row *l, int64_t created, const char *origin,
                          struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "INSERT INTO ledger (kind, points, metrics, run, reason, until, created, commit_id, origin) "
                "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE kind = ?1 AND "
                "points = ?2 AND metrics = ?3 AND run IS ?4 AND reason = ?5 AND until IS ?6 AND created = ?7 AND "
                "commit_id = ?8)",
                e);

    if (!q)
        return -1;
    sql_bind_text(q, 1, l->kind);
    sql_bind_text(q, 2, l->points);
    sql_bind_text(q, 3, l->metrics);
    if (l->run)
        sqlite3_bind_int64(q, 4, l->run);
    sql_bind_text(q, 5, l->reason);
    sql_bind_text_or_null(q, 6, l->until);
    sqlite3_bind_int64(q, 7, created);
    sql_bind_text(q, 8, l->commit);
    sql_bind_text(q, 9, origin);
    return sql_do(s, q, e, "storing a decision");
}

int take_decision(struct taker *t, const json_t *r, struct err *e)
{
    struct ledger_row l = {0};
    const char *uuid, *origin;
    int64_t created;

    if (field_name(r, "kind", &l.kind, e) || field_name(r, "points", &l.points, e) ||
        field_name(r, "metrics", &l.metrics, e) || field_text(r, "reason", &l.reason, e) ||
        field_text(r, "run", &uuid, e) || field_text(r, "until", &l.until, e) ||
        field_text(r, "commit", &l.commit, e) || field_text(r, "origin", &origin, e) ||
        field_integer(r, "created", 0, latest, &created, e) || run_by_uuid(taker_store(t), uuid, &l.run, e))
        return -1;
    if (!ledger_kind_ok(l.kind))
        return err_set(e, CM_INTERNAL, "'%.40s' is no kind of decision", l.kind);
    if (l.until && !ledger_date_ok(l.until))
        return err_set(e, CM_INTERNAL, "the decision has no good 'until': '%.40s' is no date", l.until);
    if (l.commit && !commit_word_ok(l.commit))
        return err_set(e, CM_INTERNAL, "the decision has no good 'commit': '%.40s' is none", l.commit);
    if (origin && strcmp(origin, "file") != 0)
        return err_set(e, CM_INTERNAL, "the decision has no good 'origin': '%.40s' is none", origin);
    if (uuid && !l.run)
        return err_set(e, CM_INTERNAL, "the decision is about a run that did not come before");
    if (!strcmp(l.kind, "accept") && !l.run)
        return err_set(e, CM_INTERNAL, "the decision accepts no run");
    return write_decision(taker_store(t), &l, created, origin, e);
}

int take_verdict(struct taker *t, const json_t *r, struct err *e)
{
    static const char *const words[] = {"slower", "faster", "same", "ambiguous", "incomparable", "wrong", "new"};
    struct verdict_row v = {0};
    const char *uuid, *baseline;
    int64_t run, finding;
    size_t word;
    bool added;

    if (field_name(r, "run", &uuid, e) || field_name(r, "point", &v.point, e) ||
        field_name(r, "metric", &v.metric, e) || field_text(r, "baseline", &baseline, e) ||
        field_word(r, "verdict", words, 7, &word, e) || field_number(r, "ratio", -INFINITY, &v.ratio, e) ||
        field_number(r, "ratio_low", -INFINITY, &v.ratio_low, e) ||
        field_number(r, "ratio_high", -INFINITY, &v.ratio_high, e) || field_text(r, "reason", &v.reason, e) ||
        field_integer(r, "finding", 0, INT32_MAX, &finding, e) || taker_run(t, uuid, &run, &added, e))
        return -1;
    /* a run that was here before keeps the verdicts that were reached here; a baseline that did not travel is left open */
    if (!added)
        return 0;
    if (run_by_uuid(taker_store(t), baseline, &v.baseline, e))
        return -1;
    v.verdict = words[word];
    v.finding = (int)finding;
    return verdict_add(taker_store(t), run, &v, e);
}
