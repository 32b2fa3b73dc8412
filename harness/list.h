/* What this program knows, as tables: the same rows in every build, each with the reason if it cannot be used here. */
#ifndef HARNESS_LIST_H
#define HARNESS_LIST_H

#include "base/buf.h"
#include "plan.h"

/* A table of texts. The first column names a row. */
struct list {
    const char *const *columns; /* ended by NULL */
    size_t column_count;
    char **cells; /* row after row, as many as columns each */
    size_t count; /* of cells */
    size_t capacity;
};

/* Fills the table of this kind ("kernels", ...), narrowed by the request. */
int list_make(const char *kind, const struct plan_request *q, const struct host *h, struct list *out, struct err *e);
/* The "metrics" or "groups" that a model of a device has ("GH100"), which need not be here: every collector that knows models is
 * asked, in a process of its own. */
int list_make_chip(const char *kind, const char *chip, struct list *out, struct err *e);
/* Leaves the rows whose first cell, or what follows its first '.' or '/', matches. -1 if none does; the sentence names what is near. */
int list_narrow(struct list *l, const char *kind, const char *glob, struct err *e);
/* Fills the column `truth` of the metrics: what `doctor --calibrate` found on this machine as it is now. Nothing where the database
 * is not there, or where nobody looked. */
#define LIST_TRUTH "truth"
int list_mark_truth(struct list *l, const char *database, const struct host *h, struct err *e);
void list_free(struct list *l);
extern const char list_kinds[]; /* for sentences */

/* For those who fill a table: its columns, ended by NULL, and one cell, whose text it takes over; NULL is an empty one. */
void list_columns(struct list *l, const char *const *columns);
void list_add(struct list *l, char *text);

void list_text(const struct list *l, struct buf *out);
int list_json(const struct list *l, const char *kind, struct buf *out, struct err *e);

#endif
