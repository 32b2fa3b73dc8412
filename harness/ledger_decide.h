/*
 * Decisions of people: accept, ignore and note say the same things about the same kinds of target, so they share their options and the
 * way from a word to rows of the ledger.
 *
 *     F1          a finding of the last check: its points; of accept all their metrics, else those that moved
 *     REF         a run: all of it, or what --points names
 *     --points    a glob, maybe of one --commit, such as `history` names
 */
#ifndef HARNESS_LEDGER_DECIDE_H
#define HARNESS_LEDGER_DECIDE_H

#include "../db/store.h"
#include "base/buf.h"
#include "config.h"
#include "opt.h"

struct decide_options {
    const char *reason, *until, *database, *machine, *points, *metrics, *commit;
};

extern const struct option_row decide_rows[];

struct decision {
    const char *kind; /* accept, ignore, note */
    const char *what; /* the operand, or NULL */
    const struct decide_options *options;
};

/* The whole command: an exit code; what people are told is in `said`. */
int decide_command(const char *kind, int argc, char **argv, struct buf *said, struct err *e);

/* ledger_finding.c: what the last check says of a finding. */
struct decide_finding {
    int number;
    int64_t run, baseline; /* that was checked; what with, 0 unknown */
    char *commit;          /* the run's, or "" where it is not what changed */
    char **points, **metrics;
    size_t point_count, point_capacity, metric_count, metric_capacity;
    bool wrong, failed;
};
/* "F3" or "f3" -> 3; 0 for anything else. */
int decide_finding_number(const char *word);
int decide_finding_read(struct store *s, const char *machine, int number, struct decide_finding *f, struct err *e);
void decide_finding_free(struct decide_finding *f);
/* Globs for all its points, so many in a text as the ledger takes; free() each, and the list, which ends with NULL. */
char **decide_finding_globs(const struct decide_finding *f);

#endif
