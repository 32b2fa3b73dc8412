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
    bool expired;   /* its date has passed */
    bool from_file; /* it follows the text file of the user's repository */
};

struct ledger {
    struct ledger_entry *items; /* oldest first */
    size_t count, capacity;
};

int ledger_load(struct store *s, struct ledger *l, struct err *e);
void ledger_free(struct ledger *l);

/* Takes decisions that are not there yet, with when they were made (created[i], seconds since 1970; 0: now). One transaction.
 * `follow`: these are all of the user's text file, whose decisions go when they are taken out there. The same ones that were made
 * here belong to the file from then on. */
int ledger_take(struct store *s, const struct ledger_row *rows, const int64_t *created, size_t count, bool follow,
                size_t *added, size_t *removed, struct err *e);
/* CM_USAGE if there is none of that number. */
int ledger_remove(struct store *s, int64_t id, struct err *e);

#endif
