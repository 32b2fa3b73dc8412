/*
 * Measures commits of the past: each is checked out and built in a worktree (commit_build.h), measured there as `countermark run` would
 * have measured it then, and stored as the run of that commit on the branch that was asked for. What is measured already, or is known
 * not to build, is not done again; where the time ends early, the commits that tell most have been done: the ends of the range, then
 * the middle of the largest gap.
 */
#ifndef HARNESS_BACKFILL_H
#define HARNESS_BACKFILL_H

#include "commit_build.h"

struct backfill_request {
    const char *database, *repository;
    const char *range;           /* REV..REV */
    const struct config *config; /* how to build; plans */
    const char *machine;         /* or NULL */
    char *const *words;          /* arguments of `run` */
    size_t word_count;
    size_t every;    /* only every so manieth commit, from the newest; 0: all */
    double budget_s; /* 0: none */
    bool again;      /* also what is measured already, or did not build */
};

struct backfill_outcome {
    size_t wanted; /* commits of the range that were asked for */
    size_t before; /* of these, done by earlier calls */
    size_t measured, unbuildable, unrunnable;
    size_t troubled; /* could not be tried to the end: nothing is stored of them */
    size_t left;     /* not begun, as the time was up */
    double seconds;
};

/* 0, or -1: bad input, or stopped; the outcome tells what was done until then. */
int backfill_run(const struct backfill_request *q, struct backfill_outcome *out, struct err *e);

/* Pure: the commit to measure next among those that are not done, or `count` if all are. */
size_t backfill_next(const bool *done, size_t count);

#endif
