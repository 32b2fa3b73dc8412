/*
 * The run that people mean where they name none. Mostly that is what was measured last; but a backfill measures the past, and the ends of
 * its range before what lies between, so what it measured last says nothing of today: then it is the newest commit's run.
 */
#include "ref.h"

#include "series.h"
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <stdlib.h>

struct origin {
    bool backfilled, scripted;
    char *machine, *branch;
};

static int read_origin(struct store *s, int64_t run, struct origin *o, struct err *e)
{
    /* how harness/backfill_measure.c begins the command line of a commit's run */
    sqlite3_stmt *q =
        sql_use(s,
                "SELECT r.arguments LIKE 'countermark run --db % --progress off --machine %' AND b.commit_id <> '' "
                "AND NOT b.dirty, r.scripted, m.name, b.branch FROM run r JOIN machine m ON m.id = r.machine "
                "JOIN build b ON b.id = r.build WHERE r.id = ?1",
                e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    code = sql_step(s, q, e, "reading runs");
    if (code == SQL_ROW)
        *o = (struct origin){sqlite3_column_int(q, 0) != 0, sqlite3_column_int(q, 1) != 0, mem_copy(sql_text(q, 2)),
                             mem_copy(sql_text(q, 3))};
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}

/* The newest of the newest commit, as it was committed. */
static int64_t newest_in(const struct series_home *home, int64_t run)
{
    for (size_t i = home->count; i-- > 0;)
        if (home->runs[i].id && *home->runs[i].commit && !home->runs[i].dirty)
            return home->runs[i].id;
    return run;
}

int ref_newest_commit(struct store *s, int64_t run, int64_t *newest, struct err *e)
{
    struct series_home home = {0};
    struct origin o = {0};
    int result = read_origin(s, run, &o, e);

    *newest = run;
    if (!result && o.backfilled) {
        result = series_home_load(s, o.machine, o.branch, &home, e);
        if (!result && home.scripted == o.scripted)
            *newest = newest_in(&home, run);
    }
    series_home_free(&home);
    free(o.machine);
    free(o.branch);
    return result;
}
