/*
 * Commits made runnable: each is checked out in a worktree of its own under the cache folder beside the database, built there by the
 * user's build command, and kept while there is room. backfill and bisect share what was built.
 *
 * .countermark.yaml:
 *
 *     build:
 *       command: make -j2 all          # run by sh in the worktree; nothing is built without it
 *       program: build/countermark     # a countermark program that holds the plug-ins; without it this program is used
 *       run: -k mandelbrot --launches 8     # arguments of `countermark run`; a command of the user's behind `--`
 *       timeout: 30m
 */
#ifndef HARNESS_COMMIT_BUILD_H
#define HARNESS_COMMIT_BUILD_H

#include "base/err.h"
#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct commit {
    char *id;      /* 40 hex digits */
    char *parents; /* blank between them; "" of the first commit; NULL where a shallow clone ends */
    char *subject;
    int64_t time;
};

struct commit_list {
    struct commit *items; /* oldest first, along the first parents */
    size_t count, capacity;
};

/* `range` as git rev-list has it: A..B. The commits after A up to B. CM_USAGE names what git does not know. */
int commits_in(const char *repository, const char *range, struct commit_list *out, struct err *e);
/* Likewise, at most `most` ("--max-count=N", or NULL) of the newest. */
int commits_before(const char *repository, const char *range, const char *most, struct commit_list *out, struct err *e);
int commit_of(const char *repository, const char *revision, struct commit *out, struct err *e);
void commits_free(struct commit_list *list);
void commit_free(struct commit *c);

struct commit_build {
    char *folder;   /* the worktree, where commands of the user run */
    char *program;  /* the countermark program that measures it */
    bool built;     /* false: it does not build, `reason` says why: an outcome, not an error */
    bool cached;    /* it was built before */
    char *reason;   /* the last line that the build said */
    char *log;      /* file with all that it said */
    double seconds; /* that it took, now or when it was built */
    int lock;       /* private: it is not removed while this is held */
};

/* Builds once; a failed build is remembered, too. -1: nothing could be tried (no git, disk full, interrupted). */
int commit_build(const char *database, const struct config *c, const char *repository, const struct commit *commit,
                 struct commit_build *out, struct err *e);
void commit_build_free(struct commit_build *b); /* twice is fine */
/* What is remembered of it: 1 it was built, 0 it does not build, -1 nothing, -2 only of another command. */
int commit_build_known(const char *database, const struct config *c, const struct commit *commit);
/* Removes its worktree and what is remembered. */
int commit_build_forget(const char *database, const char *repository, const struct commit *commit, struct err *e);

#endif
