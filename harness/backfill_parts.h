/* Inside backfill*.c: one backfill under way, and how a single commit is measured. */
#ifndef HARNESS_BACKFILL_PARTS_H
#define HARNESS_BACKFILL_PARTS_H

#include "backfill.h"
#include "commit_parts.h"

struct backfill {
    const struct backfill_request *q;
    struct backfill_outcome *out;
    struct commit_list commits; /* of the range, oldest first */
    char *database;             /* absolute: programs work elsewhere */
    char *home;                 /* of the worktrees */
    char *branch, *machine;
    char *words;          /* what is measured, quoted: runs with the same words are the same work */
    bool direct;          /* this program measures, into the database itself */
    bool measured_before; /* the words are known to work */
    size_t scratch_runs;
    size_t *wanted; /* indices into commits, rising */
    bool *done;
    size_t count;  /* of both */
    double *costs; /* seconds of each commit that was measured, now or by earlier calls with the same words */
    size_t cost_count, cost_capacity;
    double failed_s; /* what those took that could not be */
    size_t failed;
    int lock;
};

enum backfill_result { BACKFILL_MEASURED, BACKFILL_UNBUILDABLE, BACKFILL_UNRUNNABLE, BACKFILL_TROUBLE };

/* Measures a commit that was built. The reason (free()) says why it could not be. -1: stopped. */
int backfill_measure(struct backfill *b, const struct commit *c, const struct commit_build *built,
                     enum backfill_result *result, char **reason, struct err *e);
void backfill_forget_scratch(const struct backfill *b);

/* Marks as done what is stored already, unless all is done again; what that took says what the rest will take. */
int backfill_read_done(struct backfill *b, struct err *e);
/* Stores places in history at the beginning, and outcomes. */
int backfill_store_places(struct backfill *b, struct err *e);
int backfill_store_outcome(struct backfill *b, const struct commit *c, const char *status, const char *reason,
                           struct err *e);
/* Where a commit's words are kept with which it could not be measured; free(). */
char *backfill_unrunnable_path(const struct backfill *b, const char *id);
/* The branch that a range's end stands for; "" if that is not known; free(). */
char *backfill_branch(const char *repository, const char *range);

#endif
