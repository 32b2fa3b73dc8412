/*
 * A whole run: plan, launch after launch, everything stored as it comes. What `run` and `nightly` share; nothing is printed on
 * standard output here, notes and progress go to standard error.
 */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "base/buf.h"
#include "plan.h"

enum progress_style { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_OFF };

struct run_request {
    struct plan_request plan; /* seed is used if seed_given, else one is made */
    bool seed_given;
    const char *database;
    const char *machine, *machine_class; /* or NULL */
    const char *arguments;               /* the command line: stored, and shown with --resume when stopped */
    double budget_s;                     /* 0: none; cuts whole rounds */
    double precision;                    /* 0: none */
    double timeout_s;                    /* of one launch; 0: 60 s, or 10 minutes for any program */
    bool resume, isolate;
    bool no_anchor;    /* leaves out the anchors */
    bool no_calibrate; /* events that nobody has looked at on this machine are taken at their word */
    bool multiplex;    /* counters: all sets of a collector in one launch, by turns */
    bool count_kernel; /* counters: the kernel's share too; a fact of the environment, so that it is never overlooked */
    bool again;        /* one of several alike: the plan was announced before */
    enum progress_style progress;
};

struct run_outcome {
    int64_t run; /* 0: stopped before there was one */
    struct host host;
    struct plan plan;
    enum launch_status *status;                             /* of plan.launches */
    size_t done, wrong, failed, unavailable, skipped, left; /* launches; left: still planned */
    size_t uncounted; /* of those that are unavailable: counter launches of points that can run */
    struct {
        size_t done, skipped, left; /* launches that are not among those above */
    } anchors;
    double wall_s, executing_s; /* of this call; executing: inside variants */
    bool resumed, nothing_missing, scripted;
    enum exit_code stopped; /* how the run ended if not well: CM_INTERRUPTED, ... */
};

/* 0, or -1: bad input (nothing was stored), store trouble, or CM_INTERRUPTED (what was measured is stored). The outcome is to be
 * freed either way. */
int run_plan(const struct run_request *q, struct run_outcome *out, struct err *e);
void run_outcome_free(struct run_outcome *o);
/* Of a run that was stopped what stopped it; else 5 a wrong result, 4 failed launches, 3 nothing could run, 0 fine. */
int run_exit_code(const struct run_outcome *o);

/* The summary of a stored run for people, or as one JSON document. */
int run_summary_text(const struct run_outcome *o, const char *database, struct buf *out, struct err *e);
int run_summary_json(const struct run_outcome *o, const char *database, struct buf *out, struct err *e);

/* Where a database keeps what belongs to its builds and machines; both free(). */
char *run_reference_folder(const char *database, const char *binary_hash);
char *run_cache_folder(const char *database);

/* argv quoted for a shell, joined by blanks; free(). And back: words of such a line, one block, free(); NULL if it is none. */
char *run_quote(int argc, char *const *argv);
char **run_unquote(const char *line, size_t *count);

#endif
