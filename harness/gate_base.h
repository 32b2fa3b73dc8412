/*
 * What each point is compared with, as the word after --baseline says:
 *
 *     nothing      the accepted run of each point and metric
 *     a REF        one run: of a number, a commit, a tag, the branch point (ref_words.h)
 *     window:N     the launches of the newest N runs before, as far back as the present level reaches, so that one odd night is no
 *                  baseline
 *     best         the best run before: the middle one of those three in a row whose median is best, so that one lucky night is none
 *     variant:V    the same point of another variant, in the same run
 *
 * Runs before are those of the candidate's machine and branch in the order of history, as long as kernel and variant have the version of
 * the last of them. Runs built from local changes are left out, unless the candidate is one, and so are suspect values.
 */
#ifndef HARNESS_GATE_BASE_H
#define HARNESS_GATE_BASE_H

#include "../db/series.h"
#include "gate_model.h"

/* Side NULL: there is none. */
struct gate_reference {
    const struct gate_side *side;
    const char *point;                /* its text there */
    const struct gate_series *series; /* gathered from several runs; NULL: that of the side */
    double drift;                     /* how far those runs lie apart beyond what their launches say, or NaN */
};

int gate_base_open(struct gate *g, struct err *e);
int gate_base_find(struct gate *g, const struct gate_point *p, const char *metric, struct gate_reference *r,
                   struct err *e);
/* A baseline that moves with the history: new points become part of it by themselves. */
bool gate_base_is_floating(const struct gate *g);
/* Something else was accepted for it before: only its place in such a baseline is missing. */
bool gate_base_is_accepted(const struct gate *g, const char *point, const char *metric);
void gate_base_free(struct gate *g);

/* gate_past_runs.c: what window and best choose for each point and metric. */
struct gate_choice {
    char *point, *metric;
    int64_t *runs; /* newest first */
    size_t run_count;
    struct gate_series series;
    size_t *starts; /* where each run's values begin in the series; with one more for the end */
    double drift;
};

struct gate_choices {
    struct gate_choice *items; /* sorted by point, then metric */
    size_t count, capacity;
};

/* window 0: best. */
int gate_choices_load(struct gate *g, size_t window, struct gate_choices *out, struct err *e);
const struct gate_choice *gate_choice_find(const struct gate_choices *list, const char *point, const char *metric);
void gate_choices_free(struct gate_choices *list);
/* The place of the candidate in the history; where it has none (it is not complete), behind all that started before. */
size_t gate_place(const struct gate *g, const struct series_home *home);

#endif
