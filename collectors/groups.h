/*
 * Event groups: named sets of counter events that answer one question, kept as text in collectors/groups/NAME.txt.
 *
 *     # a comment
 *     summary: one line: which question the group answers
 *     event: NAME or ALTERNATIVE or ... | meaning | flags
 *     derived: NAME [unit] = formula | meaning | flags
 *
 * An event's metric is papi.NAME whichever alternative this CPU can count; alternatives are tried in order. A derived metric is
 * papi.NAME, its formula (base/formula.h) is over full metric names and `elements`, `work.flops` and the like. Flags are
 * optional words with commas: lower, higher, neither (what is better; lower for events, neither for derived metrics if
 * none is given) and deterministic (repeats exactly on the same code and input).
 */
#ifndef COLLECTORS_GROUPS_H
#define COLLECTORS_GROUPS_H

#include "../harness/base/err.h"
#include "../harness/base/metric.h"

#include <stddef.h>

struct group_event {
    char *name;
    char **alternatives; /* names that PAPI may know; the first is `name` */
    size_t alternative_count;
    struct metric metric; /* papi.NAME */
};

struct group {
    const char *name;
    char *summary;
    struct group_event *events;
    size_t event_count;
    struct metric *derived;
    size_t derived_count;
    size_t event_capacity, derived_capacity;
};

/* Reads one group's text. 0, or -1 with file name and line in the sentence. `name` is borrowed. */
int group_parse(const char *name, const char *text, struct group *out, struct err *e);
void group_free(struct group *g);

/* The groups that were built in, sorted by name; read once, kept for the life of the process. NULL if a text has a mistake. */
const struct group *groups_all(size_t *count, struct err *e);
const struct group *group_find(const char *name);
const struct group_event *group_event_find(const char *name);

/* Every metric of all groups once, events first, ended by a NULL name; kept for the life of the process. */
const struct metric *groups_catalogue(void);

#endif
