/*
 * One launch: a worker process that measures one point in one pass. The parent's side: exec, limits, protocol, outcome.
 *
 * The worker is `PROGRAM worker`, a fresh exec of this or of an older, kept program: the request goes in as one JSON
 * line on file descriptor 3, JSON lines come back on 4, both with the protocol's version. Crash, hang, memory and
 * non-zero exit end that launch alone and become its status and reason. Only the parent writes the store.
 */
#ifndef HARNESS_LAUNCH_H
#define HARNESS_LAUNCH_H

#include "../db/sample.h"
#include "base/err.h"
#include "base/stats.h"

#define LAUNCH_PROTOCOL 1
/* Begins the reason of a launch that was not made, or not counted, since a simulator would take too long. */
#define LAUNCH_TOO_LARGE "too large to simulate: "
#define LAUNCH_SIMULATE_S 120 /* the limit of what a counted execution may take, where nobody sets another */

struct launch_spec {
    const char *program; /* path of the countermark program to exec; NULL is this one */
    const char *point;   /* its text */
    const char *kernel, *variant;
    const struct fact *axes; /* every axis with its value; ends with a NULL name */
    const char *pass;        /* "" or "papi:EVENTS" */
    int number;              /* counts launches of this point and pass, from 0 (for fake scripts and seeds) */
    int64_t inner;           /* executions per repetition; 0 calibrates */
    double target_s;         /* how long to measure, all repetitions together (default 0.1) */
    int min_repetitions, max_repetitions; /* 0, 0: 1 and 30 */
    double precision;     /* > 0: go on until the median's interval is this narrow (share), up to 10 x target_s */
    uint64_t seed;        /* for input data: the same in every launch of a point */
    uint64_t layout_seed; /* for the random stack offset: another in every launch */
    double timeout_s;     /* 0: 60 s, under a simulator 10 minutes */
    double simulate_s;    /* a simulator: what is expected to take longer is unavailable; 0: LAUNCH_SIMULATE_S */
    int64_t memory_limit; /* bytes of resident memory; 0, and at most, 80 % of what the machine has */
    const char *reference_folder; /* where reference results are cached */
    const char *fake_script;      /* or NULL */
    bool count_kernel;            /* counters: the kernel's share too */
    bool raw;                     /* counters: with what an empty region costs */
    bool isolate;                 /* CPUs of its own, a higher priority, fixed addresses: what is allowed of it */
    /* Any program instead of a variant (kernel "command"): argv ended by NULL, else NULL. */
    char *const *command;
    const char *verify; /* "sha256" (of standard output), or a glob of output files; NULL none */
};

struct launch_outcome {
    struct launch_result result; /* strings owned by the outcome */
    struct metric *metrics;      /* descriptors of the samples' metrics; strings owned */
    size_t metric_count;
    struct sample *samples; /* strings owned */
    size_t sample_count;
    void *memory; /* private */
};

/* 0 with an outcome (also when the launch failed: see its status), or -1 when no process could be made or the user
 * interrupted (CM_INTERRUPTED). */
int launch_execute(const struct launch_spec *spec, struct launch_outcome *out, struct err *e);
void launch_outcome_free(struct launch_outcome *out);

/* True, with the reason in `text`, if an execution that takes `seconds` under a simulator takes more than the limit. */
bool launch_too_large(double seconds, double limit_s, char *text, size_t size);

/* Signal-safe: asks the launch under way to end; launch_execute then returns -1 with CM_INTERRUPTED. */
void launch_interrupt(void);
/* SIGINT, SIGTERM and SIGHUP do so from here on, or what they did before; as many calls with false as with true. */
void launch_catch_signals(bool on);
bool launch_interrupted(void);

/* Path of this very program (/proc/self/exe). */
const char *launch_self(void);

/* Asks `PROGRAM worker --plan-collector NAME WANTED` in a process of its own, so that a crash or a leak in a vendor's
 * library stays there: the collector's passes and missing events. Cached per machine fingerprint in `cache_folder`. */
struct passes;
int launch_plan_collector(const char *collector, const char *wanted, const char *cache_folder, const char *fingerprint,
                          struct passes *out, struct err *e);

/* What a collector could count on a model of a device ("GH100") that need not be here: the lists of its `model` function, asked of a
 * worker process. -1: CM_USAGE if the collector knows no such model (the sentence names those it knows). */
struct text_list;
int launch_collector_model(const char *collector, const char *chip, struct text_list *metrics, struct text_list *groups,
                           struct err *e);

#endif
