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
void list_free(struct list *l);
extern const char list_kinds[]; /* comma-separated */

void list_text(const struct list *l, struct buf *out);
int list_json(const struct list *l, const char *kind, struct buf *out, struct err *e);

#endif
