/*
 * REFs: the words by which people name runs, and the baseline that a point is compared with.
 *
 *     run:12, 12      that run
 *     commit:1a2b3c   the newest complete run of that commit built from a clean tree; abbreviations must be unique
 *     last            the newest complete run
 *     accepted        the run of the newest acceptance of everything ("*")
 *     machine:NAME    the newest complete run of that machine
 *
 * What git answers (tag:T, branch-point) is found by harness/ref_words.h, which asks here for the rest; best, window:N and variant:V are
 * no single run: harness/gate_base.h.
 *
 * `machine` and `branch` narrow commit:, last and accepted to one home of series; NULL or "" means any. A name that nothing
 * answers to is CM_USAGE with what exists instead; a database that cannot answer yet (no run, nothing accepted) is CM_NOTHING.
 * Newest means started last, then highest id: ids of merged runs say nothing about time.
 */
#ifndef DB_REF_H
#define DB_REF_H

#include "store.h"

int ref_resolve(struct store *s, const char *ref, const char *machine, const char *branch, int64_t *run, struct err *e);

/* `run` was measured last: if a backfill did that, the newest run of the newest commit of its machine and branch; else `run` itself. */
int ref_newest_commit(struct store *s, int64_t run, int64_t *newest, struct err *e);

/* The acceptances of one home, read once for all its points. */
struct ref_acceptance {
    char *points, *metrics;
    int64_t run;
};
struct ref_acceptances {
    struct ref_acceptance *items; /* newest first */
    size_t count, capacity;
};
/* Those not past their date. Runs that started after `newest_run` are left out, so that an older candidate is never judged by its
 * future, unless their commit is older than its own: a backfill measures the past later. The candidate itself may be the answer once it
 * was accepted. newest_run 0: all. */
int ref_acceptances_load(struct store *s, const char *machine, const char *branch, int64_t newest_run,
                         struct ref_acceptances *a, struct err *e);
/* The run that a point (its text) is compared with: of the newest acceptance whose globs match the point and the metric; `metric` NULL:
 * whose metrics are "*". 0 when there is none. */
int64_t ref_acceptances_find(const struct ref_acceptances *a, const char *point, const char *metric);
void ref_acceptances_free(struct ref_acceptances *a);

#endif
