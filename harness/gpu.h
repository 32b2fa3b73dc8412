/*
 * GPUs, as the parent sees them: asked of a worker process (`worker --gpu`), once, and only when somebody wants to know, since the
 * driver may take a second, hold files open, or crash. Without a driver nobody is asked.
 */
#ifndef HARNESS_GPU_H
#define HARNESS_GPU_H

#include "../collectors/cuda_driver.h"
#include "../collectors/cupti_check.h"
#include "base/buf.h"
#include "host.h"

/* What is here; asked once, kept for the life of the process. Never NULL: `reason` tells what is missing. */
const struct cuda_facts *gpu_here(void);

/* Why this variant's device cannot be used here, or NULL. */
struct variant;
const char *gpu_reason(const struct variant *v);

/* Whether counters ("counters") or activity records ("tracing") can be had here: tried, each in a worker of its own. */
void gpu_check(const char *what, struct cupti_check *out);

/* `worker --gpu facts|counters|tracing`: the answer as one JSON line on descriptor 4. Returns the exit code. */
int gpu_serve(const char *what, struct err *e);

/* The parent's reading of those lines; false if it is none. For tests. */
bool gpu_parse(const char *line, size_t length, struct cuda_facts *out);
bool gpu_parse_check(const char *line, size_t length, struct cupti_check *out);
/* And the worker's writing. */
void gpu_write(const struct cuda_facts *f, struct buf *out);
void gpu_write_check(const struct cupti_check *c, struct buf *out);

/* Says in `f` if the driver is too old for programs built with this CUDA ("13.0.88", or ""). */
void gpu_judge_age(struct cuda_facts *f, const char *built_with);

#endif
