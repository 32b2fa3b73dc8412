/*
 * The static site: reads the store, never measures. Each reports/NAME.gp is one plot: leading comment lines tell title, meaning,
 * scope, query and reading; the rest is gnuplot. See README, "adding a report".
 */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "../db/store.h"

struct report_options {
    const char *folder;  /* created; files of an older report are replaced */
    int64_t run;         /* 0: the newest complete run of each machine */
    const char *title;   /* or NULL */
    const char *gnuplot; /* program, or NULL for the one on PATH */
};

/* Writes index.html, one page per kernel, machine pages, plots as SVG. Without gnuplot: pages with tables and the reason in place of
 * the plots, and CM_NOTHING is not raised: the sentence stands in the page and in `note` (free(), may come back NULL). */
int report_site(struct store *s, const struct report_options *o, char **note, struct err *e);

#endif
