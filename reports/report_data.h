/* The rows of a report's query as gnuplot reads them: tab-separated, blocks with a header row each, split where `series` changes. */
#ifndef REPORTS_REPORT_DATA_H
#define REPORTS_REPORT_DATA_H

#include "../db/store.h"
#include "../harness/base/buf.h"

struct report_data {
    struct buf table;  /* the data file */
    struct buf header; /* its header row */
    char **series;     /* the name of each block; one "" without a column `series` */
    size_t count, capacity;
    size_t rows;
    char *last; /* the series of the row before, as it came */
};

int report_data_read(struct report_data *d, struct store *s, const char *sql, const char *const parameters[2],
                     struct err *e);
/* By hand: begins a block with this header row; rows follow as lines of `table`, counted in `rows`. */
void report_data_block(struct report_data *d, const char *header, const char *name);
void report_data_free(struct report_data *d);

/* The one row of a variables query as gnuplot assignments: numbers as numbers, texts quoted, no value as NaN. */
int report_data_variables(struct buf *script, struct store *s, const char *sql, const char *const parameters[2],
                          const char *report, struct err *e);

#endif
