/*
 * Event groups: named sets of counter events that answer one question, kept as text in collectors/groups/NAME.txt.
 *
 *     # a comment
 *     collector: papi or cupti (papi if there is no such line)
 *     summary: one line: which question the group answers
 *     event: NAME or ALTERNATIVE or ... | meaning | flags
 *     event: NAME [unit] = COUNTED or COUNTED * FACTOR or ... | meaning | flags
 *     derived: NAME [unit] = formula | meaning | flags
 *
 * An event's metric is COLLECTOR.NAME whichever alternative this CPU or GPU can count; alternatives are tried in order. The second
 * form gives a name of ours to what vendors name differently from chip to chip; an alternative with a factor is an estimate,
 * and its values say so. A derived metric is COLLECTOR.NAME; its formula (base/formula.h) is over full metric names and
 * `elements`, `work.flops` and the like. Flags are optional words with commas: lower, higher, neither (what is better; lower for
 * events, neither for derived metrics if none is given), deterministic (repeats exactly on the same code and input) and, for
 * events, gauge: a share or a mean, which stays the same however often the work is run, where a count grows.
 */
#ifndef COLLECTORS_GROUPS_H
#define COLLECTORS_GROUPS_H

#include "../harness/base/err.h"
#include "../harness/base/metric.h"

#include <stddef.h>

struct group_event {
    char *name;
    char **alternatives; /* names that the library may know, some with " * FACTOR"; without "=" the first is `name` */
    size_t alternative_count;
    struct metric metric; /* COLLECTOR.NAME */
};

struct group {
    const char *name;
    char *collector; /* "papi", "cupti" */
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
/* NULL if this collector has none of that name. */
const struct group *group_find(const char *collector, const char *name);
const struct group_event *group_event_find(const char *collector, const char *name);

/* Every metric of this collector's groups once, events first, ended by a NULL name; kept for the life of the process. */
const struct metric *groups_catalogue(const char *collector);

#endif
