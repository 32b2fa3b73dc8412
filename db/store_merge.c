/* Merge: the records of another store, taken in one transaction. */
#include "record.h"

#include <string.h>

static int pass_on(json_t *record, void *user, struct err *e)
{
    return taker_take(user, record, e);
}

int store_merge(struct store *into, const char *from_path, int64_t *runs_added, struct err *e)
{
    struct store *from;
    struct taker *t;
    bool mine;
    int result;

    *runs_added = 0;
    if (store_writable(into, e) || store_open(&from, from_path, STORE_READ, e))
        return -1;
    if (!strcmp(from->real, into->real)) {
        store_close(from);
        return err_set(e, CM_USAGE, "%s cannot be merged into itself", from_path);
    }
    if (txn_begin(into, &mine, e)) {
        store_close(from);
        return -1;
    }
    t = taker_new(into);
    result = record_each(from, 0, pass_on, t, e);
    if (!result)
        result = taker_end(t, runs_added, e);
    result = txn_end(into, mine, result, e);
    if (result)
        *runs_added = 0;
    taker_free(t);
    store_close(from);
    return result;
}
