/* Inside commit_*.c and backfill*.c: programs that work in a worktree, what became of a build, the worktrees themselves. */
#ifndef HARNESS_COMMIT_PARTS_H
#define HARNESS_COMMIT_PARTS_H

#include "commit_build.h"

/* A program that works in a folder of its own and writes all that it says into a file. */
struct commit_process {
    const char *program; /* path */
    char *const *argv;
    char *const *more;  /* for its environment: "NAME=value", ended by NULL; or NULL */
    const char *folder; /* its working folder */
    const char *log;    /* replaced */
    double timeout_s;   /* 0: none */
    bool asked;         /* interrupted, it is asked to end, and gets the time to leave all in order */
};

struct commit_end {
    int status; /* its exit status, 128 + the signal's number if it was killed */
    bool timed_out;
    double seconds;
};

/* -1: it could not be started (CM_INTERNAL), or somebody interrupted (CM_INTERRUPTED). What it left running is ended. */
int commit_execute(const struct commit_process *p, struct commit_end *end, struct err *e);
/* The line of the file that tells best why it ended: the first that speaks of an error, else the last one; free(). */
char *commit_last_words(const char *log);

/* What became of a commit's build, as kept beside its worktree. Another command, or another program, is another build. */
struct commit_stamp {
    bool known, built;
    bool other; /* there is one, of another command */
    char *reason;
    double seconds;
};
void commit_stamp_read(const char *base, const struct config_build *b, struct commit_stamp *out);
int commit_stamp_write(const char *base, const struct config_build *b, const struct commit_stamp *s, struct err *e);
void commit_stamp_forget(const char *base);
void commit_stamp_touch(const char *base); /* it is in use: the room of others is taken first */
void commit_stamp_free(struct commit_stamp *s);

/* The folder of all worktrees of this database, absolute, made if it is not there; free(). NULL on failure. */
char *commit_home(const char *database, struct err *e);
/* Makes room where there is little, then checks the commit out in base/tree. */
int commit_tree_add(const char *home, const char *base, const char *repository, const char *id, struct err *e);
bool commit_tree_is(const char *tree, const char *id); /* whole, and still this commit's */
void commit_tree_remove(const char *base, const char *repository);
/* Holds base's lock: alone, to build or remove; else with others, to use it. Waits; -1 when interrupted. */
int commit_lock(const char *base, bool alone, bool wait, int *descriptor, struct err *e);

#endif
