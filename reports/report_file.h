/*
 * One report: a gnuplot file whose leading comment lines say what it is. The keys, each "# key: text", go on in following comment
 * lines that are indented by two spaces or more behind the '#':
 *
 *     title     what stands over the plot
 *     meaning   one or two sentences for people who see such a plot for the first time
 *     scope     words: kernel (once per kernel), machine, overview; headline: a kernel plot that the overview shows too;
 *               series: one metric of one point over its history, whose data the program gives (no query, reading, empty)
 *     order     a number; plots stand in this order
 *     query     SQL, one SELECT (or WITH ... SELECT) over the views and the tables of report_tables.h; ?1 is the run, ?2 the kernel
 *     variables optional SQL with one row: each column becomes a gnuplot variable of that name
 *     reading   SQL with one text: the sentence under the plot, computed from the data
 *     empty     SQL with one text: the sentence that stands in place of the plot when the query finds nothing; no row or no text: it
 *               does not concern this page (GPUs, where there are none) and is left out without a word
 *
 * What follows the comment is plain gnuplot; see style.gp for what it finds defined.
 */
#ifndef REPORTS_REPORT_FILE_H
#define REPORTS_REPORT_FILE_H

#include "../harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum report_key {
    REPORT_TITLE,
    REPORT_MEANING,
    REPORT_SCOPE,
    REPORT_ORDER,
    REPORT_QUERY,
    REPORT_VARIABLES,
    REPORT_READING,
    REPORT_EMPTY,
    REPORT_KEYS
};

struct report_file {
    const char *name;        /* borrowed: the file's, without folder and ending */
    const char *body;        /* borrowed: the gnuplot text, the whole file */
    char *keys[REPORT_KEYS]; /* NULL where not given */
    long order;
};

/* -1 names the report, the line and the mistake: an unknown or repeated key, or a missing one. */
int report_file_parse(struct report_file *r, const char *name, const char *text, struct err *e);
void report_file_free(struct report_file *r);
bool report_file_scope(const struct report_file *r, const char *word);

/* All reports among the assets (style left out), sorted by order and name. free() the array after freeing its items. */
int report_files(struct report_file **list, size_t *count, struct err *e);
void report_files_free(struct report_file *list, size_t count);

#endif
