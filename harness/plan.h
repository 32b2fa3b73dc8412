/*
 * From what is asked to the fixed list of launches. Pure: the same input gives the same list, on every machine that has the same
 * host facts; so a resumed run can tell what is missing and N shards are the whole plan.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "host.h"
#include "registry.h"

struct plan_request {
    const char *plan;          /* name of a plan file or of one in the configuration; NULL: "quick" axes of "default" plan */
    const char *plan_text;     /* instead of a name: the text itself (from the configuration), or NULL */
    const char *kernels;       /* globs, or NULL */
    const char *variants;
    const char *const *sweeps; /* "AXIS=V1,V2", "AXIS=LO:HI:STEP", "AXIS=pow2:LO:HI": override the plan's */
    size_t sweep_count;
    const char *collect;       /* "papi", "papi:cache+branch", "fake:script.json", "wall"; NULL: the plan's */
    int launches;              /* time launches per point; 0: the plan's (8) */
    double budget_s;           /* 0: none; cuts whole rounds */
    uint64_t seed;             /* of the order */
    int shard, shards;         /* I of N; 0, 0: all */
    char *const *command;      /* any program: argv with {axis} placeholders, or NULL */
};

struct plan_point {
    char *text;
    const char *kernel, *variant; /* "command" and the program's base name for any program */
    struct fact *axes;         /* all of them, sorted, ended by a NULL name */
    const struct registry_kernel *kernel_row;   /* NULL for any program */
    const struct registry_variant *variant_row;
    char **command;            /* placeholders replaced; NULL for variants */
    char *unavailable;         /* reason why it cannot run here (probe, build, memory), or NULL: stored, not run */
};

struct plan_launch {
    size_t point;    /* index */
    int number;      /* of this point and pass */
    int round;       /* budget cuts whole rounds */
    const char *pass; /* "" or one of plan.passes */
};

struct plan {
    char *name;
    struct plan_point *points;
    size_t point_count;
    char **passes;   /* counter passes */
    size_t pass_count;
    char **missing;  /* "metric\treason": events this machine cannot count */
    size_t missing_count;
    struct plan_launch *launches; /* in order, this shard's */
    size_t launch_count;
    double target_s; /* per launch */
    double expected_s; /* a rough estimate before anything is known */
};

int plan_make(const struct plan_request *q, const struct host *h, const struct passes *counters, struct plan *out,
              struct err *e);
void plan_free(struct plan *p);

/* One axis' sweep text -> values, with LLC, L1, L2, CPUS resolved. The array is one block: free() it. */
char **plan_values(const char *sweep, const struct host *h, size_t *count, struct err *e);
/* kernel/variant:axis=v,... from sorted axes; axes marked added_later are left out at their default. free() it. */
char *plan_point_text(const char *kernel, const char *variant, const struct fact *axes, const struct axis *kernel_axes,
                      const struct axis *variant_axes);

#endif
