/*
 * One plot: query -> data file -> gnuplot -> SVG. gnuplot runs in a scratch folder, without a shell, without the user's start-up
 * file and with a time limit. Text from the database reaches it as cells of the data file and as single-quoted strings alone.
 */
#ifndef REPORTS_REPORT_PLOT_H
#define REPORTS_REPORT_PLOT_H

#include "../db/store.h"
#include "report_data.h"
#include "report_file.h"

/* Each plot is drawn four times: for wide and narrow windows, light and dark; people's browsers pick. */
enum plot_form { PLOT_DARK = 1, PLOT_NARROW = 2, PLOT_FORMS = 4 };

struct plotter {
    struct store *store;
    const char *program; /* gnuplot; NULL: none, tables only */
    const char *scratch; /* an empty folder */
    const char *folder;  /* where the SVG files go */
};

struct plot {
    bool drawn;
    bool empty;    /* the query found nothing */
    char *reading; /* the sentence: what the data say, or why there is no plot */
    char *stem;    /* files are STEM.svg STEM-dark.svg STEM-narrow.svg STEM-narrow-dark.svg */
    char *problem; /* gnuplot failed: what it said; NULL if all is well */
};

/* parameters: run and kernel ("" for all). A failing query is -1; a failing gnuplot is a plot with a problem. */
int plot_make(const struct plotter *p, const struct report_file *r, const char *const parameters[2], const char *stem,
              struct plot *out, struct err *e);
void plot_free(struct plot *p);

/* A picture whose data are there already. */
struct plot_job {
    const struct report_file *report;
    struct report_data data;
    struct buf variables; /* gnuplot assignments, as report_data_variables writes them */
    char *stem;
    char *problem; /* gnuplot failed: what it said */
    bool drawn;
};

/* Draws many, few at a time: starting gnuplot costs more than a picture does. One that fails takes no other with it. */
int plot_draw(const struct plotter *p, struct plot_job *jobs, size_t count, struct err *e);
void plot_job_free(struct plot_job *job);

const char *plot_suffix(int form); /* "", "-dark", "-narrow", "-narrow-dark" */

/* A text as it may stand in a data file: no control characters, no quotes or escapes that gnuplot would take apart. */
char *plot_cell(const char *text);

/* The program's full path when `name` (or, if NULL, "gnuplot" on PATH) can be run, else NULL; free(). */
char *plot_find_gnuplot(const char *name);

#endif
