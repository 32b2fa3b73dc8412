/*
 * From what is asked to the fixed list of launches. Pure: the same input gives the same list, on every machine that has the same
 * host facts; so a resumed run can tell what is missing and N shards are the whole plan.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "config.h"
#include "host.h"
#include "registry.h"

struct plan_request {
    const char *plan;                /* name of a plan file or of one in `plans`; NULL: "default" */
    const struct config_plan *plans; /* the configuration's, found before the built-in ones */
    size_t plan_count;
    const char *kernels; /* globs, or NULL */
    const char *variants;
    const char *const *sweeps; /* "AXIS=V1,V2", "AXIS=LO:HI:STEP", "AXIS=pow2:LO:HI": override the plan's */
    size_t sweep_count;
    const char *collect;  /* "papi", "papi:cache+branch", "fake:script.json", "wall"; NULL: the plan's */
    int launches;         /* time launches per point; 0: the plan's (8) */
    double simulate_s;    /* without counters: for a simulator where the plan gives it no time; 0: none */
    uint64_t seed;        /* of the order */
    int shard, shards;    /* I of N; 0, 0: all */
    char *const *command; /* any program: argv with {axis} placeholders, or NULL */
    const char *called;   /* what the command is called in its points; NULL: its program's base name */
    const char *verify;   /* of any program: part of its points' identity; NULL none */
    bool anchors;         /* adds the machine's anchors to plans with so many time launches that times are judged */
};

enum { PLAN_ANCHOR_LAUNCHES = 8 }; /* the least that a time verdict needs */
#define PLAN_ANCHOR_TARGET_S 0.03  /* how long one launch of an anchor measures, whatever the plan */

/* A plan as written: what plan_statements and harness/plans/default.plan explain. */
struct plan_use {
    char *glob;
    struct fact *sweeps; /* axis -> sweep text, as written; ends with a NULL name */
    double cost_s;       /* of one execution, for the first estimate; 0 unknown */
    bool also;           /* adds points instead of deciding */
    int line;
};
/* Any program that a plan starts: "command NAME AXIS=SWEEP ~TIME -- PROGRAM ARG". */
struct plan_program {
    char *called;        /* or NULL */
    const char **sweeps; /* "AXIS=SWEEP" */
    size_t sweep_count;
    char **words; /* one block, ends with NULL */
    double cost_s;
    int line;
};
struct plan_text {
    char *name, *summary;
    char *verify;  /* of its programs, or NULL */
    char *collect; /* the request's, or else the plan's */
    int launches, counter_launches;
    double target_s;
    double simulate_s; /* without counters: what an execution may take under a simulator; 0: nothing is simulated */
    struct plan_use *uses;
    size_t use_count;
    struct plan_program *programs;
    size_t program_count;
};
/* What a line may begin with, for those who read and write plans; ends with a NULL name. */
struct plan_statement {
    const char *name, *value, *meaning; /* the value's default is in the meaning's brackets */
    int kind;
    size_t offset;
};
extern const struct plan_statement plan_statements[];
/* Finds and reads the plan that the request names; the request's own settings are already applied. */
int plan_read(const struct plan_request *q, struct plan_text *out, struct err *e);
void plan_text_free(struct plan_text *t);

struct plan_point {
    char *text;
    const char *kernel, *variant;             /* "command" and what it is called for any program */
    struct fact *axes;                        /* all of them, sorted, ended by a NULL name */
    const struct registry_kernel *kernel_row; /* NULL for any program */
    const struct registry_variant *variant_row;
    char *variant_version; /* of any program: a hash of its arguments; NULL for variants */
    char **command;        /* placeholders replaced; NULL for variants */
    char *verify;          /* of any program, or NULL */
    char *unavailable;     /* reason why it cannot run here (probe, build, memory), or NULL: stored, not run */
    double cost_s;         /* of one execution, roughly, from the plan's text; 0 unknown */
    int64_t footprint;     /* bytes that the kernel says these values need; 0 unknown */
    bool anchor;           /* of the machine's anchor program: tells whether the machine moved, and is no result */
};

struct plan_launch {
    size_t point;     /* index */
    int number;       /* of this point and pass */
    int round;        /* budget cuts whole rounds */
    const char *pass; /* "" or one of plan.passes */
};

struct plan {
    char *name;
    struct plan_point *points;
    size_t point_count;
    char **passes; /* counter passes */
    size_t pass_count;
    char **missing; /* "metric\treason": events this machine cannot count */
    size_t missing_count;
    struct plan_launch *launches; /* in order, this shard's */
    size_t launch_count;
    size_t round_count;
    size_t shard_of;   /* launches of all shards together */
    double target_s;   /* per launch */
    double simulate_s; /* as in its text */
    double expected_s; /* a rough estimate before anything is known */
};

/* What one launch of a point takes as long as nobody measured it. */
double plan_launch_guess(const struct plan *p, const struct plan_point *point);

int plan_make(const struct plan_request *q, const struct host *h, const struct passes *counters, struct plan *out,
              struct err *e);
void plan_free(struct plan *p);

/* Of points that can have one: a variant of this program, rather than programs alone? */
bool plan_has_variants(const struct plan *p);
/* A word of a command with every {axis} replaced, and {{word}} become {word}; free() it. */
char *plan_fill(const char *word, const struct fact *axes);
/* -1 with a sentence if a word has a {name} that is no axis: it would reach the program as it stands. */
int plan_check_filled(char *const *words, const char *const *names, size_t count, const char *where, struct err *e);

/* Does a glob of -v match: "simd*", or "triad/simd"? */
bool plan_variant_matches(const char *globs, const struct registry_variant *v);
/* -1 with the nearest names if a glob of -k or -v matches nothing. */
int plan_check_globs(const struct plan_request *q, struct err *e);
/* Why this machine or this build cannot run the variant, or NULL. */
const char *plan_cannot_run(const struct registry_variant *v);
/* Collectors of devices count what a device computes, and the others the rest. `text` begins with the collector's name: a pass
 * "papi:...", a metric "papi.EVENT", or the plain name. */
bool plan_concerns(const struct plan_point *p, const char *text);
/* Is there a point that this collector counts and that can run here? */
bool plan_has_use(const struct plan *p, const char *collector);

/* One axis' sweep text -> values without repetition, numbers in plain decimal, LLC, L1, L2, CPUS, MEM resolved. `literal` keeps
 * numbers as typed (arguments of the user's programs). The array is one block: free() it. */
char **plan_values(const char *sweep, bool literal, const struct host *h, size_t *count, struct err *e);
/* kernel/variant:axis=v,... from sorted axes; axes marked added_later are left out at their default. free() it. */
char *plan_point_text(const char *kernel, const char *variant, const struct fact *axes, const struct axis *kernel_axes,
                      const struct axis *variant_axes);

#endif
