/* The records that the store keeps, as plain structs. Strings are borrowed for the duration of a call, never kept. */
#ifndef DB_SAMPLE_H
#define DB_SAMPLE_H

#include "../harness/base/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One metric of one repetition, as measured. For a repetition of `inner` executions the value is of the whole repetition; a gauge, which
 * is a state such as a share in percent, is what it is. */
struct sample {
    const char *metric; /* stored by store_metric before */
    int repetition;     /* from 0; -1 for values of the whole launch (peak memory) */
    double value;       /* NaN with QUALITY_UNAVAILABLE */
    enum quality quality;
    double share;       /* QUALITY_MULTIPLEXED */
    const char *reason; /* suspect, unavailable; else NULL or "" */
};

enum launch_status {
    LAUNCH_PLANNED,     /* not run yet */
    LAUNCH_DONE,        /* measured and verified */
    LAUNCH_WRONG,       /* the result was wrong: samples never enter a comparison */
    LAUNCH_CRASHED,     /* died from a signal */
    LAUNCH_HUNG,        /* killed at its time limit */
    LAUNCH_MEMORY,      /* killed at its memory limit, or could not allocate */
    LAUNCH_EXITED,      /* ended with a non-zero status */
    LAUNCH_GARBLED,     /* broke the protocol */
    LAUNCH_UNAVAILABLE, /* cannot run here, with the reason */
    LAUNCH_SKIPPED,     /* cut by the budget */
};
const char *launch_status_name(
    enum launch_status s); /* planned done wrong crashed hung memory exited garbled unavailable skipped */
int launch_status_parse(const char *name); /* -1 if unknown */

/* Name and value of a fact; lists end with a NULL name. Names are dotted: "cpu.model", "cache.L1d.bytes", "kernel.release". */
struct fact {
    char *name;
    char *value;
};

/* Hash of two lists of facts, hex: "machine and environment", by which calibration and noise are found again. */
void fact_fingerprint(const struct fact *first, const struct fact *second, char hex[17]);

struct machine_row {
    const char *name;  /* stable: --machine, or made from the hardware */
    const char *klass; /* machines meant to be alike, or "" */
    const struct fact *facts;
};

struct environment_row {
    const char *fingerprint; /* hash of the facts, hex */
    const struct fact *facts;
};

struct build_row {
    const char *commit; /* 40 hex digits, or "" outside a repository */
    const char *branch; /* or "" */
    const char *subject;
    int64_t commit_time; /* seconds since 1970, 0 unknown */
    bool dirty;
    const char *compiler;
    const char *flags;
    const char *binary_hash;  /* of the program file, hex */
    const struct fact *facts; /* library versions and the like */
};

/* What is measured: one point with the identity that makes it comparable. */
struct point_row {
    const char *text; /* kernel/variant:axis=v,... */
    const char *kernel;
    const char *variant;
    const char *kernel_version;
    const char *variant_version;
    const char *code_hash;   /* of the variant's machine code in this build; "" for programs of the user */
    const struct fact *axes; /* every axis with its value, defaults included */
    const char *role;        /* "" or NULL: what users measure; "anchor" */
};

struct run_row {
    const char *uuid;      /* made by the caller; merge and import recognise a run by it */
    const char *group;     /* shards of one plan share it */
    const char *plan;      /* its name, or "custom" */
    const char *arguments; /* the command line, for people */
    uint64_t seed;
    int shard, shards;                   /* 1/1 without sharding */
    bool scripted;                       /* used the fake collector */
    int64_t machine, environment, build; /* ids */
};

/* One planned worker process. */
struct launch_row {
    int sequence;     /* position in the run's order, from 0 */
    int64_t point;    /* id from store_point */
    int number;       /* counts launches of this point and pass, from 0 */
    const char *pass; /* "" is pass 0, else "papi:EVENTS" */
};

struct launch_result {
    enum launch_status status;
    const char *reason; /* one sentence unless done */
    int signal;         /* crashed */
    int exit_code;
    int64_t inner;      /* executions per repetition */
    int64_t started;    /* seconds since 1970 */
    double wall_s;      /* the whole launch, as the parent saw it */
    double executing_s; /* of that, inside the variant (warm-up and verification included) */
    int match;          /* enum match of the verification, or -1 if not verified */
    int64_t deviations; /* elements that differ */
    double elements;    /* of one execution */
    double flops, bytes_read, bytes_written;
    const char *checksum; /* of the output, hex, or "" */
};

/* One event counted where its count is known; see schema/0002_trust.sql. NaN is NULL. */
struct calibration_row {
    const char *metric, *point, *event;
    double expected, measured, error, spread, overhead, tolerance;
    bool deterministic;
    const char *verdict; /* "right", "wrong", "unknown", "unavailable" */
    const char *note;
};

/* What a series does when nothing changed; see schema/0002_trust.sql. NaN is NULL. */
struct noise_row {
    const char *point, *metric;
    int64_t runs, launches, comparisons, layouts;
    double noise, autocorrelation, false_alarms, drift, detectable, layout;
};

#endif
