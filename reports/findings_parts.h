/*
 * What the files of findings*.c share: the changes as they are found, series by series, before they become findings.
 *
 * The order of work: findings_take_series per series, findings_group, findings_place, findings_settle (what took
 * what back, ledger, order, numbers), findings_words.
 */
#ifndef REPORTS_FINDINGS_PARTS_H
#define REPORTS_FINDINGS_PARTS_H

#include "../db/ledger.h"
#include "findings.h"

/* One change of one series. `index` and `end` of the change are into home->runs already. */
struct found {
    struct change change;
    size_t series;  /* into findings->all */
    size_t before;  /* the last run without it */
    size_t finding; /* into findings->items, FOUND_FREE: none yet */
    bool since, worse;
    double sharp; /* its size in noise, squared */
    double fall;  /* how fast places beside its own become unlikely: findings_group.c */
    size_t reach; /* runs that it may lie beside its place */
};

#define FOUND_FREE ((size_t)-1)

struct finding_reading {
    struct findings *f;
    const struct findings_options *o;
    size_t first; /* runs before it are not looked at */
    bool has_since;
    size_t since; /* the last run up to that commit or day */
    struct found *found;
    size_t count, capacity;
    double *values; /* of the series at hand */
    size_t value_capacity;
};

/* findings_series.c: a series_function; `user` is the reading. */
int findings_take_series(const struct series *series, void *user, struct err *e);
/* The level of the series at that run; NaN before its first one. */
double findings_level_at(const struct findings_series *s, size_t run);

/* findings_since.c: where "since" is. CM_USAGE names what there is. */
int findings_since(struct finding_reading *r, struct err *e);

/* findings_group.c: every change into a finding. */
void findings_group(struct finding_reading *r);
struct finding *findings_new(struct finding_reading *r,
                             const struct found *first); /* lives in f->items, which may move */
/* findings_split.c: one finding for what got worse, one for the rest. */
void findings_split(struct finding_reading *r, size_t number);
/* findings_chance.c: what one of so many series shows by chance is doubtful. */
void findings_chance(struct finding_reading *r);

/* findings_place.c: commits between, and what else changed there. */
int findings_place(struct store *s, struct findings *f, struct err *e);

/* findings_anchor.c: says so where the machine itself moved. After the series of findings are in their order. */
int findings_anchors(struct store *s, struct findings *f, struct err *e);

/* findings_settle.c */
int findings_settle(struct store *s, struct findings *f, struct err *e);

/* findings_words.c: variants, region, summary, slug. */
void findings_words(struct findings *f);
const struct findings_series *findings_series_of(const struct findings *f, const char *point, const char *metric);

#endif
