/* Metrics that were held against known counts on this machine are listed with what came out. */
#include "base/file.h"
#include "base/mem.h"
#include "list.h"
#include "trust.h"

#include <stdlib.h>
#include <string.h>

int list_mark_truth(struct list *l, const char *database, const struct host *h, struct err *e)
{
    struct store *s = NULL;
    struct trust t = {0};
    size_t column = 0;
    int failed;

    while (column < l->column_count && strcmp(l->columns[column], LIST_TRUTH) != 0)
        column++;
    if (column == l->column_count || !file_exists(database))
        return 0;
    failed = store_open(&s, database, STORE_READ, e);
    if (!failed)
        failed = trust_of_host(s, h, false, &t, e);
    for (size_t i = 0; i + column < l->count && !failed; i += l->column_count) {
        const struct trust_event *event = trust_find(&t, l->cells[i]);

        if (!event)
            continue;
        free(l->cells[i + column]);
        l->cells[i + column] = mem_copy(event->words);
    }
    trust_free(&t);
    store_close(s);
    return failed;
}
