/*
 * Histories: what one metric of one point did from run to run, at one home (machine and branch), oldest first. Read straight from the
 * summaries, one series at a time, so that thousands of series over thousands of runs need the memory of one.
 *
 * Order: by commit along the branch (ancestors first; commit_time where nothing is known of parents), runs of one commit by when
 * they started; runs without a commit by when they started among those. Dirty builds stand behind the commit they were made from.
 */
#ifndef DB_SERIES_H
#define DB_SERIES_H

#include "store.h"

/* One run of the home, or a commit that could not be measured. */
struct series_run {
    int64_t id;   /* 0: there is no run, `outcome` says why */
    char *commit; /* 40 hex digits or "" */
    char *subject, *branch, *plan;
    char *outcome;       /* NULL: measured; else why this commit could not be: "does not build: ..." */
    int64_t commit_time; /* seconds since 1970, 0 unknown */
    int64_t started;
    int64_t environment; /* id: when it differs from the run before, the machine's surroundings changed */
    int64_t machine;     /* id: likewise for the machine's own facts */
    bool dirty;
};

struct series_member {
    int64_t run;
    size_t index; /* into runs */
};

struct series_home {
    struct series_run *runs; /* in the order of history */
    size_t count, capacity;
    struct series_member
        *members; /* every run that stands in it, all shards too, by id: series_each finds values by it */
    size_t member_count;
    char *machine, *branch; /* names; "" any */
    bool scripted;
};

/*
 * The complete runs of a machine and branch. machine NULL: that of the newest complete run; branch NULL: that of its newest complete
 * run. Shards of one plan count as one run (the newest). CM_NOTHING without any.
 */
int series_home_load(struct store *s, const char *machine, const char *branch, struct series_home *home, struct err *e);
void series_home_free(struct series_home *home);

/* One series; valid during the call. Values that are not there (the run did not measure it, it was wrong) are left out. */
struct series {
    const char *point, *kernel, *variant, *metric, *unit;
    enum metric_better better;
    enum metric_kind kind;
    bool deterministic;
    size_t count;
    const size_t *run;                /* index into home->runs, rising */
    const double *value, *low, *high; /* median, smallest and largest launch; per execution */
    const int *launches;
    const bool *another; /* this value is of another version of kernel or variant than the one before: not comparable */
    const bool *suspect; /* its quality is */
};

/* Non-zero stops, without an error unless `e` is set. */
typedef int series_function(const struct series *series, void *user, struct err *e);

/* Every series of the home whose point and metric match these globs (NULL: all), sorted by point, then metric. Points with a role
 * (anchors) are left out unless `points` names their kernel in full. */
int series_each(struct store *s, const struct series_home *home, const char *points, const char *metrics,
                series_function *each, void *user, struct err *e);

#endif
