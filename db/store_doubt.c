/*
 * Doubts: samples that became suspect after they were stored, for instance since two passes of one point do not agree. Values stay as
 * they were measured; the launch's summary follows at once, the run's with it if the run has ended. Also what an older file
 * needs whose summaries did not leave suspect durations out.
 */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

struct doubted {
    int64_t run, point;
    bool done, ended;
};

static int find_launch(struct store *s, int64_t launch, struct doubted *d, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT l.run, l.point, l.status = 'done', r.status <> 'running' FROM launch l "
                              "JOIN run r ON r.id = l.run WHERE l.id = ?1",
                              e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    code = sql_step(s, q, e, "reading a launch");
    if (code == SQL_DONE)
        return err_set(e, CM_INTERNAL, "%s has no launch %" PRId64, s->path, launch);
    if (code == SQL_ERROR)
        return -1;
    d->run = sqlite3_column_int64(q, 0);
    d->point = sqlite3_column_int64(q, 1);
    d->done = sqlite3_column_int(q, 2) != 0;
    d->ended = sqlite3_column_int(q, 3) != 0;
    sqlite3_reset(q);
    return 0;
}

static int mark(struct store *s, int64_t launch, const char *metrics, int64_t quality, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "UPDATE sample SET quality = ?3 WHERE launch = ?1 AND metric IN (SELECT id FROM metric "
                              "WHERE cm_glob(?2, name)) AND quality NOT IN (SELECT id FROM quality WHERE text LIKE "
                              "'suspect%' OR text LIKE 'unavailable%')",
                              e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    sql_bind_text(q, 2, metrics);
    sqlite3_bind_int64(q, 3, quality);
    return sql_do(s, q, e, "marking samples");
}

static int doubt(struct store *s, int64_t launch, const char *metrics, const char *reason, struct err *e)
{
    struct sample suspect = {.quality = QUALITY_SUSPECT, .reason = reason};
    struct doubted d = {0};
    int64_t quality;
    char *text;
    int result;

    if (find_launch(s, launch, &d, e))
        return -1;
    text = quality_text(&suspect);
    result = identity_quality(s, text, &quality, e);
    free(text);
    if (result || mark(s, launch, metrics, quality, e))
        return -1;
    if (!d.done || sqlite3_changes(s->db) == 0)
        return 0;
    if (summary_renew_launch(s, launch, e))
        return -1;
    return d.ended ? summary_write_point(s, d.run, d.point, e) : 0; /* a run under way gets its summary at its end */
}

int store_doubt(struct store *s, int64_t launch, const char *metrics, const char *reason, struct err *e)
{
    bool mine;

    if (store_writable(s, e))
        return -1;
    if (!reason || !*reason)
        return err_set(e, CM_INTERNAL, "%s: samples of launch %" PRId64 " are doubted without a reason", s->path,
                       launch);
    if (txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, doubt(s, launch, metrics, reason, e), e);
}

/* Ids in ascending order; free(). */
static int read_affected(struct store *s, int64_t **launches, size_t *count, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "SELECT DISTINCT x.launch FROM sample x JOIN launch l ON l.id = x.launch "
                "WHERE l.status = 'done' AND x.metric IN (SELECT id FROM metric WHERE kind IN ('duration', 'count')) "
                "AND x.quality IN (SELECT id FROM quality WHERE text LIKE 'suspect%') ORDER BY 1",
                e);
    size_t capacity = 0;
    int code;

    *launches = NULL;
    *count = 0;
    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "changing the schema")) == SQL_ROW) {
        VEC_ROOM(*launches, *count, capacity);
        (*launches)[(*count)++] = sqlite3_column_int64(q, 0);
    }
    return code;
}

int summary_follow_rule(struct store *s, struct err *e)
{
    int64_t *launches;
    size_t count, i;
    int result = read_affected(s, &launches, &count, e);

    for (i = 0; !result && i < count; i++) {
        struct doubted d = {0};

        result = find_launch(s, launches[i], &d, e);
        if (!result)
            result = summary_renew_launch(s, launches[i], e);
        if (!result && d.ended)
            result = summary_write_point(s, d.run, d.point, e);
    }
    free(launches);
    return result;
}
