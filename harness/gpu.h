/*
 * GPUs, as the parent sees them: asked of a worker process (`worker --gpu`), once, and only when somebody wants to know, since the
 * driver may take a second, hold files open, or crash. Without a driver nobody is asked.
 */
#ifndef HARNESS_GPU_H
#define HARNESS_GPU_H

#include "../collectors/cuda_driver.h"
#include "base/buf.h"
#include "host.h"

/* What is here; asked once, kept for the life of the process. Never NULL: `reason` tells what is missing. */
const struct cuda_facts *gpu_here(void);

/* Why this variant's device cannot be used here, or NULL. */
struct variant;
const char *gpu_reason(const struct variant *v);

/* `worker --gpu`: the facts as one JSON line on descriptor 4. Returns the exit code. */
int gpu_serve(struct err *e);
/* The parent's reading of that line; false if it is none. For tests. */
bool gpu_parse(const char *line, size_t length, struct cuda_facts *out);

#endif
