/*
 * Launches of a gate: one point measured again with the kept programs of both runs. Private to gate_rerun.c, gate_confirm.c
 * (time) and gate_recount.c (counts).
 *
 * A re-run is made like the stored launches of its pass: inner, repetitions, axes, counters. Its launches are stored in the
 * candidate's run under passes of their own. Scripted runs are re-run each with its own run's script, launch numbers counting on.
 */
#ifndef HARNESS_GATE_RERUN_H
#define HARNESS_GATE_RERUN_H

#include "../reports/analysis/sequential.h"
#include "gate_model.h"
#include "kept_command.h"

#define RERUN_MOST SEQUENTIAL_MOST /* launches of a side */

enum rerun_side { RERUN_OLD, RERUN_NEW };

/* What one side of the re-run is: a countermark program (NULL: this one), its script and its cached references; of a program of the
 * user what is kept of it. */
struct contestant {
    char *program, *script, *references;
    struct kept_command command;
};

/* One point's re-run. */
struct rerun {
    struct gate_item *item;
    double suspicion, launch_s;
    char *pass; /* of the stored launches that are done again; "" for time */
    int64_t inner;
    int repetitions, number;
    bool count_kernel, isolate;
    struct fact *axes;
    size_t axis_count, axis_capacity;
    struct contestant sides[2];
    double medians[2][RERUN_MOST];
    size_t counts[2];
    /* Time, in turns: what is known after the looks so far. */
    struct sequential now;
    enum sequential_answer answer;
    enum rerun_state { RERUN_OPEN, RERUN_DECIDED, RERUN_FAILED, RERUN_LATE, RERUN_WITHOUT } state;
    double stored; /* the ratio of the stored launches */
};

/* Kept programs of the baseline are in use: newer ones make no room by taking them away. */
void rerun_spare(const struct gate *g);
/* Finds the program of one side: NULL, or why it cannot be run again; free(). */
char *rerun_find(const struct gate *g, struct rerun *r, enum rerun_side which);
/* Reads how the stored launches of r->pass were made. */
int rerun_shape(struct gate *g, struct rerun *r, struct err *e);
/* One launch, measured and stored. Its median joins the side's if it ended well; if not, the item's reason says why. */
int rerun_launch(struct gate *g, struct rerun *r, enum rerun_side which, int number, uint64_t layout, struct err *e);
/* The launches before a look, both sides in shuffled turns; the random stack offset is another for every turn. `well` as below. */
int rerun_block(struct gate *g, struct rerun *r, size_t look, uint64_t *seed, bool *well, struct err *e);
/* One launch of each side. `well` receives false if one of them failed: the other side alone would say nothing. */
int rerun_pair(struct gate *g, struct rerun *r, bool old_first, int number, uint64_t *seed, bool *well, struct err *e);
void rerun_free(struct rerun *r);
/* The launch's median of the metric, per execution, by the rule of stored summaries: suspect times are left out while they are the
 * smaller part. NaN if it did not end well or its values cannot be trusted: a count if any is suspect, a time if half are (`why`
 * is then the reason of one). */
struct launch_outcome;
double rerun_median(const struct launch_outcome *out, const struct gate_metric *metric, const char **why);

#endif
