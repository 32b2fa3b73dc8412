/* Reading what people decided: see ledger.h. Writing it is store_ledger_add. */
#include "ledger.h"

#include "store_internal.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void take(struct ledger *l, sqlite3_stmt *q)
{
    VEC_ROOM(l->items, l->count, l->capacity);
    l->items[l->count++] = (struct ledger_entry){
        .id = sqlite3_column_int64(q, 0),
        .kind = mem_copy(sql_text(q, 1)),
        .points = mem_copy(sql_text(q, 2)),
        .metrics = mem_copy(sql_text(q, 3)),
        .run = sqlite3_column_int64(q, 4),
        .commit = mem_copy(sql_text(q, 5)),
        .reason = mem_copy(sql_text(q, 6)),
        .until = sqlite3_column_type(q, 7) == SQLITE_NULL ? NULL : mem_copy(sql_text(q, 7)),
        .created = sqlite3_column_int64(q, 8),
        .expired = sqlite3_column_int(q, 9) != 0,
        .from_file = sqlite3_column_int(q, 10) != 0,
    };
}

int ledger_load(struct store *s, struct ledger *l, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT id, kind, points, metrics, run, commit_id, reason, until, created, "
                              "coalesce(until < date('now'), 0), origin = 'file' FROM ledger ORDER BY created, id",
                              e);
    int code;

    *l = (struct ledger){0};
    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading the ledger")) == SQL_ROW)
        take(l, q);
    if (code == SQL_ERROR)
        ledger_free(l);
    return code;
}

void ledger_free(struct ledger *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct ledger_entry *entry = &l->items[i];
        char *texts[] = {entry->kind, entry->points, entry->metrics, entry->commit, entry->reason, entry->until};

        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            free(texts[t]);
    }
    free(l->items);
    *l = (struct ledger){0};
}
