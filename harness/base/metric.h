/* What a number means and how far it can be trusted: shared by collectors, store and reports. */
#ifndef HARNESS_BASE_METRIC_H
#define HARNESS_BASE_METRIC_H

#include <stdbool.h>

enum metric_kind { METRIC_DURATION, METRIC_COUNT, METRIC_GAUGE, METRIC_DERIVED };
enum metric_better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };

struct metric {
    const char *name;    /* family.metric: "wall.time", "papi.PAPI_TOT_INS" */
    const char *unit;    /* "ns", "1" (plain count), "bytes", "instructions/cycle", ... */
    const char *meaning; /* one line */
    const char *formula; /* METRIC_DERIVED only: over other metrics' names and `elements`; else NULL (see formula.h) */
    enum metric_kind kind;
    enum metric_better better;
    bool deterministic; /* repeats exactly on the same code and input, up to stated noise */
};

enum quality {
    QUALITY_EXACT,
    QUALITY_MULTIPLEXED,
    QUALITY_SIMULATED,
    QUALITY_DERIVED,
    QUALITY_SUSPECT,
    QUALITY_UNAVAILABLE
};

/* "exact", "multiplexed", ... ; the store writes it with its reason: "suspect(implied clock 9.1 GHz)". */
const char *quality_name(enum quality q);
/* Times and instructions, of CPUs and GPUs, as globs: what gates decide on, and histories tell without being asked. */
#define METRICS_GATING "wall.time,papi.PAPI_TOT_INS,callgrind.instructions,device.time,cupti.warp_instructions"
/* What people call them: "time", "instructions"; of other metrics the name. */
const char *metric_words(const char *metric);
/* Do the globs mean it, by its name or by what people call it? NULL and "" mean all. */
bool metric_matches(const char *globs, const char *metric);
const char *metric_kind_name(enum metric_kind k);     /* duration count gauge derived */
const char *metric_better_name(enum metric_better b); /* lower higher neither */

#endif
