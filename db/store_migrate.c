/*
 * The schema: asset_schema[i] brings a file from version i to i + 1, each step in a transaction of its own together with the
 * version number, so that a kill in the middle leaves the older version whole.
 */
#include "store_internal.h"

#include "../harness/base/log.h"
#include "../harness/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

/* Since this version a launch's summary leaves suspect durations out: see store_summary.c. */
enum { VERSION_WITH_DOUBTS = 2 };

#define LARGE 67108864 /* bytes: what is smaller is done in a moment */

int store_version(struct store *s, int64_t *version, struct err *e)
{
    return sql_integer(s, "PRAGMA user_version", version, e);
}

int store_recognise(struct store *s, int64_t newest, bool *empty, int64_t *version, struct err *e)
{
    int64_t tables, application;

    /* the first statement that reads the file: SQLite says here whether it is a database at all */
    if (sql_integer(s, "SELECT count(*) FROM sqlite_master", &tables, e) ||
        sql_integer(s, "PRAGMA application_id", &application, e) || store_version(s, version, e))
        return -1;
    *empty = tables == 0 && application == 0 && *version == 0;
    if (*empty)
        return 0;
    if (application != STORE_APPLICATION_ID)
        return err_set(e, CM_USAGE, "%s is an SQLite file of another program: name another file with --db", s->path);
    if (*version > newest)
        return err_set(e, CM_USAGE,
                       "%s was made by a newer countermark (its schema is version %" PRId64
                       ", this program knows %" PRId64 "): use that program, or name another file with --db",
                       s->path, *version, newest);
    return 0;
}

static int step(struct store *s, const struct asset *schema, int64_t from, struct err *e)
{
    char *settings =
        mem_format("PRAGMA application_id = %d; PRAGMA user_version = %" PRId64, STORE_APPLICATION_ID, from + 1);
    int result = sql_exec(s, "BEGIN IMMEDIATE", e, "changing the schema");
    bool mine = result == 0;

    if (!result)
        result = sql_exec(s, schema[from].text, e, schema[from].name);
    if (!result && schema == asset_schema && from + 1 == VERSION_WITH_DOUBTS)
        result = summary_follow_rule(s, e);
    if (!result)
        result = sql_exec(s, settings, e, "changing the schema");
    free(settings);
    return txn_end(s, mine, result, e);
}

/* Nobody should have to wonder what takes so long. */
static int tell(struct store *s, int64_t from, int64_t to, struct err *e)
{
    int64_t pages, size;

    if (from == 0 || from >= to)
        return 0;
    if (sql_integer(s, "PRAGMA page_count", &pages, e) || sql_integer(s, "PRAGMA page_size", &size, e))
        return -1;
    if (pages * size >= LARGE)
        log_note("%s: its %" PRId64 " MiB are brought from schema %" PRId64 " to %" PRId64
                 ", once; this may take minutes",
                 s->path, pages * size >> 20, from, to);
    return 0;
}

int store_migrate(struct store *s, const struct asset *schema, struct err *e)
{
    int64_t version, newest = 0;

    while (schema[newest].name)
        newest++;
    if (store_version(s, &version, e) || tell(s, version, newest, e))
        return -1;
    for (; version < newest; version++)
        if (step(s, schema, version, e))
            return -1;
    return 0;
}
