/* What is known to have disturbed a repetition, and what becomes of its times. Private to worker*.c. */
#ifndef HARNESS_WORKER_NOISE_H
#define HARNESS_WORKER_NOISE_H

#include "../collectors/collector.h"

/* Marks the times among the readings of one repetition as suspect if something held them back; the rule stands in worker_noise.c. */
void worker_noise_mark(struct reading *readings, size_t count);

/* The readings tell of an undisturbed machine: before a script has its say. */
void worker_noise_forget(struct reading *readings, size_t count);

#endif
