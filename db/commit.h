/*
 * What became of commits that somebody wanted measured: their place in the history, and why one of them has no run. A commit that does
 * not build is an outcome, not a hole.
 */
#ifndef DB_COMMIT_H
#define DB_COMMIT_H

#include "store.h"

struct commit_row {
    const char *commit;  /* 40 hex digits */
    const char *parents; /* blank between them, first parent first; "" for a root; NULL not known */
    const char *branch, *subject;
    int64_t time;        /* seconds since 1970 */
    const char *status;  /* "known" (nothing was tried), "measured", "unbuildable", "unrunnable" */
    const char *reason;  /* one sentence: the last line that the build said, or "" */
    const char *machine; /* that tried it, or "" */
};

/* Adds or replaces; a known place in the history (parents) is kept where the new row does not know it. */
int store_commits(struct store *s, const struct commit_row *rows, size_t count, struct err *e);
/* The status as stored for that machine: free(); NULL if nothing is stored. */
int store_commit_status(struct store *s, const char *commit, const char *machine, char **status, char **reason,
                        struct err *e);

/* The commits that `newer` has in its history and `older` has not, `newer` included, oldest first. Empty where the way from one to the
 * other is not known: their parents are not stored, or neither descends from the other. */
struct commit_known {
    char *commit, *subject;
    int64_t time;
};
struct commit_path {
    struct commit_known *items;
    size_t count, capacity;
};
int store_commits_between(struct store *s, const char *older, const char *newer, struct commit_path *out,
                          struct err *e);
void commit_path_free(struct commit_path *l);

#endif
