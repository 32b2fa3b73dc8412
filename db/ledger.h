/*
 * The ledger: what people decided about findings. Kept in the database, and as a text file that lives in the user's repository.
 *
 *     accept   what was measured then is the baseline from now on
 *     ignore   does not fail the gate, up to its date; it is reported and drawn all the same
 *     note     a remark that is drawn
 */
#ifndef DB_LEDGER_H
#define DB_LEDGER_H

#include "store.h"

struct ledger_entry {
    int64_t id;
    char *kind, *points, *metrics; /* globs */
    int64_t run;                   /* or 0 */
    char *commit;                  /* the commit that it is about, or "" */
    char *reason;
    char *until; /* "2026-12-31", inclusive, or NULL */
    int64_t created;
    bool expired; /* its date has passed */
};

struct ledger {
    struct ledger_entry *items; /* oldest first */
    size_t count, capacity;
};

int ledger_load(struct store *s, struct ledger *l, struct err *e);
void ledger_free(struct ledger *l);
/* The newest entry of that kind, not expired, that matches this point and metric; NULL if there is none. `kind` NULL: any. */
const struct ledger_entry *ledger_find(const struct ledger *l, const char *kind, const char *point, const char *metric);

#endif
