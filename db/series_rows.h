/*
 * Rows of summaries as values of series: what the files of series_each share. Whose rows, and in which order points come, is
 * series_read.c; what a row means is series_rows.c.
 */
#ifndef DB_SERIES_ROWS_H
#define DB_SERIES_ROWS_H

#include "series.h"
#include "store_internal.h"

struct value {
    size_t index;      /* of the home's run */
    int64_t run;       /* two shards may have measured the point: the later one counts */
    const char *whose; /* versions of kernel and variant */
    double value, low, high;
    int launches;
    bool suspect;
};

/* A metric that is wanted, with the values of the text at hand. */
struct wanted {
    int64_t id;
    char *name, *unit;
    enum metric_better better;
    enum metric_kind kind;
    bool deterministic;
    struct value *values;
    size_t count, capacity;
};

/* One identity of the text at hand. */
struct identity {
    int64_t id;
    char *whose;
};

/* A launch was wrong: the point's values of that run stand in no history. */
struct wrong {
    int64_t point, run;
};

struct rows {
    struct store *s;
    const struct series_home *home;
    struct wanted *metrics; /* by id */
    size_t metric_count, metric_capacity;
    size_t *by_name; /* indices of metrics */
    bool together;   /* most metrics are wanted: one walk over a point instead of one per metric */
    int64_t *doubts; /* qualities that are suspect, by id */
    size_t doubt_count, doubt_capacity;
    int64_t quality; /* the last one that was looked up */
    bool doubted;
    struct wrong *wrong; /* by point, then run */
    size_t wrong_count, wrong_capacity;
};

/* What is needed before any row. */
int rows_open(struct rows *r, struct store *s, const struct series_home *home, const char *metrics, struct err *e);
void rows_close(struct rows *r);
/* Appends the values of one identity to those of its metrics. */
int rows_read(struct rows *r, const struct identity *whose, struct err *e);

#endif
