/* Runs: their beginning with the fixed list of launches, their end with status and summaries, and the care for killed ones. */
#include "store_internal.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int add_run(struct store *s, const struct run_row *r, int64_t *run, struct err *e)
{
    char seed[24];
    sqlite3_stmt *q =
        sql_use(s,
                "INSERT INTO run (uuid, run_group, machine, environment, build, plan, arguments, seed, shard, "
                "shards, scripted, started, status) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'running')",
                e);

    if (!q)
        return -1;
    snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    sql_bind_text(q, 1, r->uuid);
    sql_bind_text(q, 2, r->group && *r->group ? r->group : r->uuid);
    sqlite3_bind_int64(q, 3, r->machine);
    sqlite3_bind_int64(q, 4, r->environment);
    sqlite3_bind_int64(q, 5, r->build);
    sql_bind_text(q, 6, r->plan);
    sql_bind_text(q, 7, r->arguments);
    sql_bind_text(q, 8, seed);
    sqlite3_bind_int(q, 9, r->shard);
    sqlite3_bind_int(q, 10, r->shards);
    sqlite3_bind_int(q, 11, r->scripted);
    sqlite3_bind_int64(q, 12, clock_wall_seconds());
    if (sql_do(s, q, e, "storing a run"))
        return -1;
    *run = sqlite3_last_insert_rowid(s->db);
    return 0;
}

int launch_add(struct store *s, int64_t run, const struct launch_row *l, int64_t *launch, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO launch (run, sequence, point, number, pass, status) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, 'planned')",
                              e);

    if (!q || name_check("pass", l->pass, true, e))
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sqlite3_bind_int(q, 2, l->sequence);
    sqlite3_bind_int64(q, 3, l->point);
    sqlite3_bind_int(q, 4, l->number);
    sql_bind_text(q, 5, l->pass);
    if (sql_do(s, q, e, "storing the list of launches"))
        return -1;
    *launch = sqlite3_last_insert_rowid(s->db);
    return 0;
}

static int add_launches(struct store *s, int64_t run, const struct launch_row *launches, size_t count, int64_t *ids,
                        struct err *e)
{
    int64_t id;
    size_t i;

    for (i = 0; i < count; i++) {
        if (launch_add(s, run, &launches[i], &id, e))
            return -1;
        if (ids)
            ids[i] = id;
    }
    return 0;
}

int store_run_begin(struct store *s, const struct run_row *r, const struct launch_row *launches, size_t count,
                    int64_t *run, int64_t *launch_ids, struct err *e)
{
    bool mine;
    int result;

    if (store_writable(s, e) || name_check("run's uuid", r->uuid, false, e) ||
        name_check("run's group", r->group, true, e) || name_check("plan's name", r->plan, true, e) ||
        txn_begin(s, &mine, e))
        return -1;
    result = add_run(s, r, run, e);
    if (!result)
        result = add_launches(s, *run, launches, count, launch_ids, e);
    return txn_end(s, mine, result, e);
}

static int count_planned(struct store *s, int64_t run, int64_t *planned, int64_t *ended, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT count(*), sum(l.status = 'planned'), "
                              "coalesce(max(l.started + cast(coalesce(l.wall_s, 0) AS INTEGER)), r.started) "
                              "FROM run r LEFT JOIN launch l ON l.run = r.id WHERE r.id = ?1 GROUP BY r.id",
                              e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    code = sql_step(s, q, e, "reading a run");
    if (code == SQL_DONE)
        return err_set(e, CM_INTERNAL, "%s has no run %" PRId64, s->path, run);
    if (code == SQL_ERROR)
        return -1;
    *planned = sqlite3_column_int64(q, 1);
    *ended = sqlite3_column_int64(q, 2);
    sqlite3_reset(q);
    return 0;
}

int run_settle(struct store *s, int64_t run, bool interrupted, int64_t finished, struct err *e)
{
    int64_t planned = 0, ended = 0;
    sqlite3_stmt *q;

    if (count_planned(s, run, &planned, &ended, e))
        return -1;
    q = sql_use(s, "UPDATE run SET status = ?2, finished = ?3 WHERE id = ?1", e);
    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sql_bind_text(q, 2, !planned ? "complete" : interrupted ? "interrupted" : "incomplete");
    sqlite3_bind_int64(q, 3, finished ? finished : ended);
    if (sql_do(s, q, e, "ending a run"))
        return -1;
    return summary_write_run(s, run, e);
}

int store_run_finish(struct store *s, int64_t run, bool interrupted, struct err *e)
{
    bool mine;

    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, run_settle(s, run, interrupted, clock_wall_seconds(), e), e);
}

int run_settle_left(struct store *s, struct err *e)
{
    int64_t run;
    bool mine;

    for (;;) {
        if (sql_integer(s, "SELECT id FROM run WHERE status = 'running' ORDER BY id LIMIT 1", &run, e))
            return -1;
        if (!run)
            return 0;
        if (txn_begin(s, &mine, e) || txn_end(s, mine, run_settle(s, run, false, 0, e), e))
            return -1;
    }
}

int run_points(struct store *s, int64_t run, int64_t **points, size_t *count, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT DISTINCT point FROM launch WHERE run = ?1 ORDER BY point", e);
    size_t capacity = 0;
    int code;

    *points = NULL;
    *count = 0;
    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    while ((code = sql_step(s, q, e, "reading the points of a run")) == SQL_ROW) {
        VEC_ROOM(*points, *count, capacity);
        (*points)[(*count)++] = sqlite3_column_int64(q, 0);
    }
    if (code == SQL_ERROR) {
        free(*points);
        *points = NULL;
    }
    return code;
}
