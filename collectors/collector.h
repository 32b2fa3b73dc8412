/*
 * The contract between the harness and an instrument. A collector includes this header (which brings base/err.h and
 * base/metric.h) and its vendor's; nothing else of the project except the base layer.
 *
 * collectors/NAME.c defines `const struct collector collector_NAME`. First-comment lines `cflags:`, `libs:`, `needs:` as in
 * variants; if a need is off the file is compiled with -DWITHOUT_<NEED> and listed with that reason.
 *
 * A pass is a text "collector:event,event,..." that names one set of events that fit the hardware together, or "" for pass 0
 * (time alone: every collector with `in_time_pass`). Passes are made at planning, once per machine, in a process of their own.
 */
#ifndef COLLECTORS_COLLECTOR_H
#define COLLECTORS_COLLECTOR_H

#include "../harness/base/err.h"
#include "../harness/base/metric.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COLLECTOR_ABI 3

enum collector_scope { SCOPE_THREAD, SCOPE_PROCESS, SCOPE_SOCKET, SCOPE_DEVICE };

/* Collectors with a common claim are never in the same pass. */
enum collector_claim {
    CLAIM_NONE = 0,
    CLAIM_CPU_PMU = 1,
    CLAIM_GPU_PROFILER = 2,
    CLAIM_GPU_TRACE = 4,
    CLAIM_SIMULATOR = 8
};

/* Collectors with SCOPE_DEVICE are used for variants with that kind of device alone, and the others for the others. */
enum target_kind {
    TARGET_THREADS, /* these threads of this process, each with its own set (variant workers) */
    TARGET_TREE,    /* this process with children made after open, by inheritance (variants that fork) */
    TARGET_CHILD,   /* another process, stopped before exec, and its children (any program) */
};

struct target {
    enum target_kind kind;
    const pid_t *threads; /* TARGET_THREADS: the ids, the calling thread first */
    size_t thread_count;
    pid_t child;       /* TARGET_CHILD */
    bool count_kernel; /* the kernel's share too; default is user space alone */
    bool raw;          /* what an empty region costs is not taken away: that is what somebody wants to see */
};

struct reading {
    const char *metric; /* a name from the catalogue; valid until close */
    double value;       /* NaN when unavailable */
    enum quality quality;
    double share;     /* QUALITY_MULTIPLEXED: share of the time that the event was counted, 0..1 */
    char reason[120]; /* for suspect and unavailable; else "" */
};

/* A text list that a collector fills: passes, or one line per event that cannot be had with its reason. */
struct text_list {
    char **items;
    size_t count;
    size_t capacity;
};
void text_list_add(struct text_list *l, const char *text); /* copies */
void text_list_free(struct text_list *l);

struct passes {
    struct text_list passes;  /* "papi:PAPI_TOT_CYC,PAPI_TOT_INS,PAPI_L1_DCM", proven */
    struct text_list missing; /* "papi.PAPI_FP_OPS\treason": becomes an `unavailable` sample per point */
};

struct collector {
    int abi; /* COLLECTOR_ABI */
    const char *summary;
    enum collector_scope scope;
    unsigned claims;   /* enum collector_claim bits */
    bool in_time_pass; /* part of pass 0 */
    bool once; /* speaks of a launch as a whole: read once, behind the last repetition, and nothing in between */

    /* NULL if it works here, else the reason. `cure` (may be NULL) receives what the user can do, one sentence, or "". */
    const char *(*probe)(const char **cure);
    /* Every metric it can give, as an array ended by a NULL name; valid for the life of the process. */
    const struct metric *(*catalogue)(void);
    /* Splits what is wanted ("" = its default, else a group name or event names joined by +) into proven passes.
     * NULL for collectors of pass 0. */
    int (*plan)(const char *wanted, struct passes *out, struct err *e);
    /* A simulator: words to put before the command line of what is counted: of the worker (which says in `open`, `start` and `stop`
     * what of it counts), or, for TARGET_CHILD, of any program, counted whole. The first is a program to be found on PATH. The
     * environment variable COUNTERMARK_SCRATCH names an empty folder for the launch's files, removed after it. 0 or -1.
     * NULL: no simulator, nothing is put before. */
    int (*wrap)(const char *events, enum target_kind kind, struct text_list *words, struct err *e);
    /* Of a simulator, roughly: how many times as long counted work takes, and what is executed in it without being counted. */
    double slowdown, idle_slowdown;
    /* Opens the events of one pass (the text after the colon) on the target; returns a handle or NULL. */
    void *(*open)(const char *events, const struct target *target, struct err *e);
    /* start and stop bracket the timed region; they do no more than they must. 0 or -1. */
    int (*start)(void *handle);
    int (*stop)(void *handle);
    /* How many regions of equal work one reading takes (counters that do not fit the hardware at once): the harness brackets
     * so many before it reads, each after a reset. NULL: one. */
    int (*rounds)(void *handle);
    /* After stop: fills up to `capacity` readings of the last region, returns how many. The empty region's cost, measured at
     * open, is already subtracted. Thread spread comes as NAME.thread_min and NAME.thread_max when there are two or more. */
    size_t (*read)(void *handle, struct reading *out, size_t capacity);
    void (*close)(void *handle);

    /* What it could count on a model of a device ("GH100") that need not be here. NULL if it knows no models. Lines with tabs:
     *   metrics: "metric\tunit\tcounted as\tmeaning"       first those of groups, then all the device has
     *   groups:  "group\tpasses\tlaunches\tmetrics, blank-separated\tmissing, blank-separated\tsummary"
     * passes: how often the work is run for one reading of the whole group; launches: in how many worker processes.
     * -1: the model is unknown (CM_USAGE, the sentence names those there are) or it cannot be asked. */
    int (*model)(const char *model, struct text_list *metrics, struct text_list *groups, struct err *e);
};

#endif
