/* What calibrate*.c share. Nobody else includes this. */
#ifndef HARNESS_CALIBRATE_PARTS_H
#define HARNESS_CALIBRATE_PARTS_H

#include "../collectors/collector.h"
#include "calibrate.h"
#include "launch.h"

enum { CALIBRATE_EXPECTED = 24 }; /* most counts that a point states */

/* A kernel of known counts at its axes' defaults. */
struct truth_point {
    const struct plan_point *plan;
    struct expected expected[CALIBRATE_EXPECTED];
    size_t expected_count;
    double elements; /* of one execution, once it was measured */
    bool device;
    bool initial; /* every axis at its default */
};

/* One metric on one point, over all launches and repetitions: per execution. */
struct tally {
    char *metric;
    const struct truth_point *point;
    double *values;
    size_t count, capacity;
    double overhead;  /* NaN unknown */
    bool suspect;     /* `values` are of suspect samples alone */
    char reason[200]; /* why there is no value, or why they are suspect */
};

struct truth_rule;

/* One calibration under way. */
struct work_list {
    const struct calibrate_request *q;
    const char *vendor; /* of the CPU, or NULL */
    struct plan plan;
    struct truth_point *points;
    struct tally *tallies;
    size_t tally_count, tally_capacity;
    struct calibration *out;
};

/* calibrate_tally.c */
const struct tally *tally_find(const struct work_list *w, const char *metric,
                               const struct truth_point *p);                                  /* p NULL: on any point */
struct tally *tally_of(struct work_list *w, const char *metric, const struct truth_point *p); /* finds or makes */
const struct truth_rule *tally_rule(const struct work_list *w, const char *metric);
/* Does the point state what the metric should count? */
bool tally_is_about(const struct work_list *w, const struct truth_point *p, const char *metric);
void tally_explain(struct tally *t, const char *reason); /* why there is no value, unless there is one */
/* Takes in what a launch that ended well counted; `metrics` are those that its pass names. */
void tally_samples(struct work_list *w, struct truth_point *p, const struct text_list *metrics,
                   const struct launch_outcome *out);

/* calibrate_events.c: what an event should count on this CPU. */
struct truth_rule {
    const char *metric;
    const char *native; /* glob over what is counted for it ("perf::L1-DCACHE-LOADS"), or NULL: any */
    const char *vendor; /* glob over the fact cpu.vendor, or NULL: any */
    const char *events; /* a formula over the names of truth.h; NULL: nothing is known by construction */
    const char *note;   /* what it counts here, or "" */
};
/* Whether anything is known of it on any CPU. */
bool calibrate_known(const char *metric);
/* Never NULL: what nobody knows has a rule without events. `native` may be NULL. */
const struct truth_rule *calibrate_rule(const char *metric, const char *native, const char *vendor);
/* What a pass counts for this metric: "perf::L1-DCACHE-LOADS"; NULL if it is the name itself, or not in the pass. free() */
char *calibrate_native(const struct passes *p, const char *metric);

/* What the point states for what the rule asks. False: it states nothing of some of it, or the instrument is blind there. */
bool calibrate_expected(const struct truth_point *p, const struct truth_rule *rule, struct expected *out);

/* calibrate_judge.c: fills the row from what was counted. Pure. `text` keeps texts that are made. */
void calibrate_judge(const struct tally *t, const struct truth_rule *rule, const char *native, struct calibration *out);

#endif
