/*
 * Times that only a variant can tell, by its device's clock (enum figure in variant.h): metrics of the time pass. One is of a
 * repetition, the others are of the launch and can come with any answer.
 */
#ifndef HARNESS_WORKER_FIGURES_H
#define HARNESS_WORKER_FIGURES_H

#include "../collectors/collector.h"
#include "../variants/variant.h"

/* In the order of enum figure; ends with a NULL name. */
extern const struct metric figure_metrics[FIGURES + 1];

/* What the variant has told so far, ns; NaN where it has not. */
struct worker_figures {
    double values[FIGURES];
};

void worker_figures_start(struct worker_figures *f);
/* Asks the variant. What it told of a repetition before is forgotten, so ask in front of one too. */
void worker_figures_ask(struct worker_figures *f, const struct variant *v, struct run *r);
/* The repetition's, behind the other readings; returns the new count. */
size_t worker_figures_add(const struct worker_figures *f, struct reading *readings, size_t count, size_t capacity);
/* A launch's figure as a reading; false if it is not known. */
bool worker_figures_launch(const struct worker_figures *f, enum figure which, struct reading *out);

#endif
