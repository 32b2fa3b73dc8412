/*
 * What this machine can and cannot measure, and what cures it: one document for people and programs.
 *
 *     { "doctor": 1,
 *       "machine":    { "name", "cpu", "cpus", "memory_bytes", "hypervisor" },
 *       "collectors": [ { "name", "summary", "works", "reason", "cure" } ],
 *       "gpu":        { "works", "reason", "cure",       whether CUDA can be used
 *                       "driver", "cuda", "restricted",  "580.65.06", "13.0", true: counters are for administrators alone
 *                       "devices":  [ { "name", "capability", "sms", "memory_bytes", "l2_bytes", "sm_clock_mhz",
 *                                       "memory_clock_mhz", "bus_bits", "ecc", "mig", "power_limit_w" } ],
 *                       "counters": { "works", "reason", "cure", "chip", "cupti", "path" },   CUPTI's version and file
 *                       "tracing":  { likewise } },
 *       "groups":     [ { "name", "collector", "summary",
 *                         "events": [ { "name", "meaning", "counted", "as", "reason" } ] } ],   those of the CPU first
 *       "passes":     [ "papi:EVENTS", "cupti:...", ... ],       what counting all groups takes
 *       "clock":      { "resolution_ns", "cost_ns" },
 *       "settings":   [ { "name", "value", "advice" } ],
 *       "noise":      { "database", "run", "trouble",     the newest run of this machine, 0 without one; why it cannot be read
 *                       "rows": [ { "name", "value", "last_run", "advice" } ] },   what moves times; what it did to that run
 *       "tools":      [ { "name", "path", "use", "cure" } ] }
 *
 * Every key is always there; a text is "" where there is nothing to say.
 */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include "base/buf.h"
#include "host.h"

#include <jansson.h>

/* json_decref it. NULL with the reason if the machine itself could not be read. `database` tells of the last run; it need not exist. */
json_t *doctor_examine(const struct host *h, const char *database, struct err *e);

/* The document as aligned text. */
void doctor_text(const json_t *document, struct buf *out);

#endif
