/* What the pages of the site share: whose results are shown, and where the pages go. */
#ifndef REPORTS_REPORT_SITE_H
#define REPORTS_REPORT_SITE_H

#include "report.h"
#include "report_file.h"
#include "report_page.h"

/* One kernel on one machine, with the newest complete run that measured it. */
struct site_kernel {
    char *name; /* the kernel's */
    char *file; /* its page: "mandelbrot.html" */
    size_t machine;
    size_t variants;
    char run[24];
};

struct site_machine {
    char *name;
    char run[24];        /* the newest complete run */
    char slug[24];       /* "m1": anchors and file names */
    struct buf headline; /* figures of its headline kernel, for the overview */
};

struct history; /* report_history.h */

struct site {
    struct store *store;
    const char *title;
    struct plotter plotter;
    const char *missing; /* why there are no plots, or NULL */
    struct report_file *reports;
    size_t report_count;
    struct site_machine *machines;
    size_t machine_count, machine_capacity;
    struct site_kernel *kernels; /* sorted by name, then machine */
    size_t kernel_count, kernel_capacity;
    struct page_link *links;
    size_t link_count, link_capacity;
    char **files; /* names written so far */
    size_t file_count, file_capacity;
    struct history *histories; /* of machines that have two runs or more */
    size_t history_count;
    char *problem; /* the first plot that gnuplot could not draw */
};

/* Finds what to show: o->run alone, or the newest complete run of every machine. CM_NOTHING when there is none. */
int site_find(struct site *site, int64_t run, struct err *e);
void site_free(struct site *site);

/* Draws the reports of a scope; what has no data becomes a list. `kernel` is "" for all. `headline` (or NULL) receives a
 * copy of the figures that the overview shows too. */
int site_plots(struct site *site, struct buf *b, const char *scope, const char *run, const char *kernel,
               const char *stem, struct buf *headline, struct err *e);
/* One paragraph: run, plan, time, commit, and what is unusual about it. */
int site_run_line(struct site *site, struct buf *b, const char *run, struct err *e);
int site_write(struct site *site, const char *file, struct buf *b, struct err *e);
/* All forms of a picture, if it was drawn; else the first problem is remembered. */
void site_wrote_plot(struct site *site, const char *stem, bool drawn, const char *problem);
void site_link(struct site *site, size_t at, const char *file,
               const char *label); /* the navigation's entry number `at` */
void site_page_begin(struct site *site, struct buf *b, const char *title, const char *file);

/* The pages; each writes its files. Kernel pages come first: the overview shows their headline. */
int site_kernel_pages(struct site *site, struct err *e);
int site_machine_page(struct site *site, struct err *e);
int site_overview(struct site *site, struct err *e);
/* Reads the histories and gives them their entry in the navigation; nothing for the report of one run. */
int site_history_read(struct site *site, struct err *e);
void site_history_free(struct site *site);
int site_history(struct site *site, struct err *e); /* pictures and pages */
/* What other pages tell of a history: the machine's on the overview, the kernel's on its page; how much the kernel's matters (0 most). */
void site_history_overview(struct site *site, struct buf *b, size_t machine);
void site_history_line(struct site *site, struct buf *b, size_t machine, const char *kernel);
int site_history_rank(const struct site *site, size_t machine, const char *kernel);
/* report_truth.c: how right the machine counts; nothing if it was not calibrated. */
int site_truth(struct site *site, struct buf *b, const char *run, struct err *e);
int site_verdicts(struct site *site, struct buf *b, const struct site_machine *m, struct err *e);

#endif
