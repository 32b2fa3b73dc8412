/*
 * Which commit changed a metric of a point: commits between two ends are built in worktrees (commit_build.h) and their programs launched
 * as an adaptive search asks for it (reports/analysis/search.h). Every launch is stored in a database of bisect's own beside the
 * user's (DB.builds/bisect.db), each commit a run: so a search that was stopped goes on, and no baseline ever sees it.
 */
#ifndef HARNESS_BISECT_H
#define HARNESS_BISECT_H

#include "../reports/analysis/search.h"
#include "base/buf.h"
#include "commit_build.h"

struct bisect_request {
    const char *database, *repository;
    const struct config *config;
    const char *machine; /* or NULL */
    const char *point, *metric;
    const char *good, *bad; /* revisions */
    double budget_s;        /* 0: none */
    double min_effect;      /* 0: 1 %, of counts 0.1 % */
    size_t launches;        /* at most; 0: the search's own limit */
};

/* What is known of a commit besides its launches. */
struct bisect_commit {
    int64_t run;    /* in bisect's database; 0: none yet */
    double *stored; /* values that are there already; the search takes them before it measures */
    size_t stored_count, stored_taken, stored_capacity;
    char *reason; /* why it cannot be measured, or NULL */
};

struct bisect_outcome {
    struct commit_list commits; /* the good end first */
    struct search search;
    struct bisect_commit *known; /* of each commit */
    char *unit, **why;           /* of each culprit one sentence, or NULL */
    bool swapped;                /* the bad end is the older one */
    bool scripted, stopped;      /* stopped: by its budget or its limit of launches */
    size_t builds, launches, reused;
    double build_s, launch_s, seconds;
};

/* 0, or -1: what was asked cannot be done, or somebody interrupted. To be freed either way. */
int bisect_run(const struct bisect_request *q, struct bisect_outcome *out, struct err *e);
void bisect_outcome_free(struct bisect_outcome *o);

/* 0 found, 3 no change, 4 undecided. */
int bisect_exit_code(const struct bisect_outcome *o);
void bisect_write_text(const struct bisect_request *q, const struct bisect_outcome *o, struct buf *out);
void bisect_write_json(const struct bisect_request *q, const struct bisect_outcome *o, struct buf *out);

#endif
