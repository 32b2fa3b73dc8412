/*
 * The history pages: what every series of a machine did from commit to commit. One pass over all series keeps a few numbers of
 * each, and the values of those alone that get a picture, so that thousands of series over thousands of runs stay cheap.
 *
 *     history.html            findings, and all series sorted by what matters
 *     history-KERNEL.html     pictures of the kernel's series that matter most, a table of all
 *     finding-SLUG.html       one finding: before and after of every metric, the commits between, what to type next
 */
#ifndef REPORTS_REPORT_HISTORY_H
#define REPORTS_REPORT_HISTORY_H

#include "../db/ledger.h"
#include "findings.h"
#include "report_site.h"

/* The findings of a machine that have a page of their own: the first ones, which are those that matter. */
enum { HISTORY_FINDINGS = 300 };

/* What matters first. */
enum history_rank {
    HISTORY_OPEN,    /* a regression that nobody has decided about, and that is still there */
    HISTORY_PENDING, /* perhaps one: too few values yet */
    HISTORY_MOVED,   /* improvements, regressions that are gone again, spread */
    HISTORY_SETTLED, /* regressions that were accepted or are ignored */
    HISTORY_OTHER,   /* changes in metrics that explain, and which no finding tells */
    HISTORY_STILL,   /* no change */
};

/* The values of a series that gets a picture. */
struct history_values {
    size_t count;
    size_t *run;
    double *value, *low, *high;
    bool *another, *suspect;
};

struct history_series {
    char *point, *kernel, *metric, *unit;
    enum metric_better better;
    size_t count;
    double value;               /* the newest */
    double origin, level;       /* of its first and its newest level */
    struct change_list changes; /* index and end: into home.runs, as in findings */
    enum history_rank rank;
    double size;                   /* |log| of the change that gave it its rank */
    size_t change;                 /* that change; meaningless without any */
    const struct finding *finding; /* that tells it, or NULL */
    bool gates;                    /* its metric is one that gates */
    bool wanted;                   /* a finding's page shows it */
    struct history_values *values; /* NULL: no picture */
    char anchor[40];               /* where its picture stands on the kernel's page; with values */
    char *stem, *problem;          /* its picture's files, or why it could not be drawn; or NULL */
    char *spark;                   /* a small inline picture: SVG */
};

/* One metric of a finding's worst point, before and after. */
struct history_effect {
    const struct finding *finding;
    char *metric, *unit;
    enum metric_better better;
    double before, after, now; /* medians of the levels on both sides, and the newest */
    double ratio, low, high;   /* after / before with its interval */
    bool moved;                /* the interval leaves out "no change" */
    bool another;              /* of another version of kernel or variant: not comparable */
    bool gates;
};

/* Something else that happened at a run, drawn in every picture. */
struct history_mark {
    size_t run;
    bool around; /* the machine or its environment changed; else: this commit could not be measured */
    char *words;
};

struct history {
    struct site *site;
    size_t machine; /* into site->machines */
    struct findings findings;
    struct ledger ledger;
    struct history_series *series; /* sorted by what matters */
    size_t count, capacity;
    struct history_effect *effects; /* by finding; of one, as they were read: by metric */
    size_t effect_count, effect_capacity;
    struct history_mark *marks;
    size_t mark_count, mark_capacity;
    bool *undone; /* per finding: what it tells is not so any more */
    char **files; /* per finding: its page */
};

bool history_worse(const struct history_series *s, const struct change *c); /* against the metric's better direction */
/* The ledger's entry is about this series: the run at which it is drawn, in halves (runs before it have passed). */
bool history_ledger_place(const struct history *h, const struct ledger_entry *entry, double *place);

/* report_history_series.c: all series of a history whose findings are there. */
int history_series(struct history *h, struct err *e);
void history_values_free(struct history_values *v);
/* report_history_effect.c: adds the metric's effect at a finding's place; nothing where one side has no values. */
void history_effect(struct history *h, const struct series *s, const struct history_series *own,
                    const struct finding *f);
/* report_history_marks.c */
int history_marks(struct history *h, struct err *e);

/* report_history_plot.c: draws what has values; sets the stems. */
int history_draw(struct history *list, size_t count, struct err *e);
const struct report_file *history_picture_file(const struct site *site);

/* report_history_spark.c */
char *history_spark(const double *value, size_t count);

/* report_history_words.c: plain words (to be escaped) and HTML. */
char *history_effect_words(const struct change *c);    /* "+4.1 % (3.9 to 4.3)"; free() */
char *history_run_words(const struct series_run *run); /* "3f2a91c", "run 12"; free() */
char *history_run_day(const struct series_run *run);   /* "2026-11-02"; free() */
char *history_since_words(const struct history *h,
                          const struct finding *f);                 /* "3f2a91c", "3 commits after ..."; free() */
void history_run_html(struct buf *b, const struct series_run *run); /* with subject and day */
char *history_series_words(const struct history_series *s); /* "1.2 ms now, +3 % since the beginning."; free() */
void history_badge(struct buf *b, const struct history *h, const struct finding *f);
char **history_finding_files(const struct history *h); /* "finding-....html", one per finding; free() all */
char *history_kernel_file(const struct site *site, const char *kernel); /* or NULL; free() */
/* report_history_table.c: kernel NULL: all. How many rows were written; without any, nothing is. */
size_t history_findings_table(struct buf *b, const struct history *h, const char *kernel, size_t limit);
size_t history_series_table(struct buf *b, const struct history *h, const char *kernel, size_t limit);

/* Shared by the pages. */
void history_home_line(struct buf *b, const struct history *h); /* whose history, how long */
void history_ledger_lines(struct buf *b, const struct history *h, const char *point, const char *metric);
/* report_finding_next.c: commands that see it again, find its commit, decide about it. */
int history_next_lines(struct buf *b, const struct history *h, const struct finding *f, struct err *e);

/* The pages. */
int history_index(struct site *site, const struct history *list, size_t count, struct err *e);
int history_kernels(struct site *site, const struct history *list, size_t count, struct err *e);
int history_findings(struct site *site, const struct history *list, size_t count, struct err *e);

#endif
