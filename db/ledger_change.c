/* Decisions that come from a text file, and those that are taken back: see ledger.h. */
#include "ledger.h"

#include "store_internal.h"

#include "../harness/base/clock.h"

#include <inttypes.h>

static void bind(sqlite3_stmt *q, const struct ledger_row *l)
{
    sql_bind_text(q, 1, l->kind);
    sql_bind_text(q, 2, l->points && *l->points ? l->points : "*");
    sql_bind_text(q, 3, l->metrics && *l->metrics ? l->metrics : "*");
    if (l->run)
        sqlite3_bind_int64(q, 4, l->run);
    sql_bind_text(q, 5, l->reason);
    sql_bind_text_or_null(q, 6, l->until);
    sql_bind_text(q, 7, l->commit);
}

/* *id: of the one that says the same, or 0. When it was made is no part of what it says. */
static int find(struct store *s, const struct ledger_row *l, int64_t *id, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT id FROM ledger WHERE kind = ?1 AND points = ?2 AND metrics = ?3 AND run IS ?4 "
                              "AND reason = ?5 AND until IS ?6 AND commit_id = ?7 ORDER BY id LIMIT 1",
                              e);
    int code;

    *id = 0;
    if (!q)
        return -1;
    bind(q, l);
    code = sql_step(s, q, e, "reading the ledger");
    if (code == SQL_ROW)
        *id = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}

static int insert(struct store *s, const struct ledger_row *l, int64_t created, const char *origin, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO ledger (kind, points, metrics, run, reason, until, commit_id, created, "
                              "origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                              e);

    if (!q)
        return -1;
    bind(q, l);
    sqlite3_bind_int64(q, 8, created ? created : clock_wall_seconds());
    sql_bind_text(q, 9, origin);
    return sql_do(s, q, e, "storing a decision");
}

/* What is in the file is marked 'seen' until all of it was taken. */
static int mark(struct store *s, int64_t id, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "UPDATE ledger SET origin = 'seen' WHERE id = ?1", e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, id);
    return sql_do(s, q, e, "storing a decision");
}

static int take_one(struct store *s, const struct ledger_row *l, int64_t created, bool follow, size_t *added,
                    struct err *e)
{
    int64_t id;

    if (ledger_check(s, l, e) || find(s, l, &id, e))
        return -1;
    if (id)
        return follow ? mark(s, id, e) : 0;
    ++*added;
    return insert(s, l, created, follow ? "seen" : "", e);
}

static int take_all(struct store *s, const struct ledger_row *rows, const int64_t *created, size_t count, bool follow,
                    size_t *added, size_t *removed, struct err *e)
{
    sqlite3_stmt *q;

    for (size_t i = 0; i < count; i++)
        if (take_one(s, &rows[i], created[i], follow, added, e))
            return -1;
    if (!follow)
        return 0;
    q = sql_use(s, "DELETE FROM ledger WHERE origin = 'file'", e);
    if (!q || sql_do(s, q, e, "taking decisions back"))
        return -1;
    *removed = (size_t)sqlite3_changes(s->db);
    q = sql_use(s, "UPDATE ledger SET origin = 'file' WHERE origin = 'seen'", e);
    return q ? sql_do(s, q, e, "storing decisions") : -1;
}

int ledger_take(struct store *s, const struct ledger_row *rows, const int64_t *created, size_t count, bool follow,
                size_t *added, size_t *removed, struct err *e)
{
    bool mine;

    *added = *removed = 0;
    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, take_all(s, rows, created, count, follow, added, removed, e), e);
}

int ledger_remove(struct store *s, int64_t id, struct err *e)
{
    sqlite3_stmt *q;

    if (store_writable(s, e))
        return -1;
    q = sql_use(s, "DELETE FROM ledger WHERE id = ?1", e);
    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, id);
    if (sql_do(s, q, e, "taking a decision back"))
        return -1;
    return sqlite3_changes(s->db) ? 0 : err_set(e, CM_USAGE, "%s has no decision %" PRId64, s->path, id);
}
