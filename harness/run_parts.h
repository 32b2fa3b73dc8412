/* What the run's own files share. Nobody else includes this. */
#ifndef HARNESS_RUN_PARTS_H
#define HARNESS_RUN_PARTS_H

#include "launch.h"
#include "run.h"

/* What was learnt about a point in this run; [0] time launches, [1] counter launches. */
struct point_state {
    int64_t id;
    int64_t inner[2];
    double wall_sum[2];
    double wall_known[2]; /* from earlier runs; 0 unknown */
    double execution_s;   /* in this run; 0 unknown */
    int measured[2];
    /* In a row, with the same status and reason: what counters cannot do is no reason to give up the time. */
    struct point_failures {
        int count;
        enum launch_status status;
        char *reason;
        bool told;
    } failures[2];
    char *checksum; /* of any program's output, from its first launch */
};

/* The program of the anchors, kept for each machine. */
struct run_anchor {
    bool wanted;
    char *program, *hash, *references;
    char *unable; /* why there are no anchors in this run, or NULL */
};

struct progress {
    enum progress_style style;
    bool terminal, line_open;
    int64_t started_ns, shown_ns;
    int shown_tenth;
};

struct session {
    const struct run_request *q;
    struct run_outcome *out; /* host and plan live there */
    struct store *store;
    struct passes counters;
    char *fake_script;
    const struct registry_collector *stand_in; /* a simulator, where the CPU's counters count nothing; or NULL */
    size_t too_large;                          /* points that it is not given the time for */
    char *uncounted;                           /* the reason that was told last why a launch counted nothing */
    char *references;
    int64_t *launch_ids;
    struct point_state *points;
    struct run_anchor anchor;
    struct progress progress;
    uint64_t seed;
};

/* run_collect.c: refuses unknown collectors; "papi:base+cache,fake:x.json" -> passes and the script. */
int run_check_collectors(const char *list, struct err *e);
int run_collect(struct session *s, const char *list, struct err *e);
int run_fake_script(const char *list, char **script,
                    struct err *e); /* the fake collector's file in the list, or NULL */
/* Stores the descriptors of every metric that the passes can bring. */
int run_store_metrics(struct session *s, struct err *e);

/* run_resume.c: finds the newest incomplete run of this very plan and takes over what it has. -1 with the reason why there is none;
 * out->nothing_missing if the newest run of this plan is complete. */
int run_resume(struct session *s, struct err *e);

/* run_ties.c: before the run is closed, marks the counter passes that saw other work than the rest. */
int run_tie_points(struct session *s, struct err *e);

/* run_core.c */
int run_make_plan(struct session *s, uint64_t seed, struct err *e);

/* run_launch.c: runs or decides launch i of the plan, and stores it. */
int run_launch(struct session *s, size_t i, struct err *e);
int run_store_status(struct session *s, size_t i, enum launch_status status, const char *reason, struct err *e);
int run_point_id(struct session *s, size_t point, struct err *e); /* into the point's state */
/* Counts an outcome, stored before or just now. */
void run_note_outcome(struct session *s, size_t i, enum launch_status status, const char *reason, int64_t inner);

/* run_calibrate.c: counts events that are new to this machine where their counts are known. Fails only if the user stops it. */
int run_calibrate(struct session *s, struct err *e);

/* run_anchor.c: whether this run is to have anchors; finds or keeps their program, and says if there is none; after a plan was made,
 * marks those that cannot run; of a run that is taken up again, whether its anchors were of the same program. */
int run_anchor_wanted(struct session *s, int launches, struct err *e);
int run_anchor_find(struct session *s, struct err *e);
void run_anchor_mark(struct session *s);
int run_anchor_resume(struct session *s, struct err *e);
void run_anchor_free(struct run_anchor *a);

/* run_isolate.c: finds out what isolation workers can have here, says what they cannot, and notes it in the environment. */
void run_isolate(struct host *h);

/* run_simulate.c: why the CPU's counters count nothing in this run, or NULL: they count, or nobody asked for them. */
const char *run_uncountable(const struct session *s);
/* What a counted execution of a point may take under a simulator, and what launch i is expected to take, or 0: it is too large. */
double run_simulate_limit(const struct session *s, size_t point);
double run_simulate_expected(const struct session *s, size_t i);
/* Takes a point's time from one of its launches. */
void run_simulate_learn(struct session *s, size_t point, const struct launch_outcome *out);
/* Why launch i is not worth being made, or NULL; free(). */
char *run_simulate_too_large(struct session *s, size_t i);
/* Counts a launch's reason if it is that; and tells how many there were. */
void run_simulate_note(struct session *s, const char *reason);
void run_simulate_tell(const struct session *s);

/* run_progress.c */
void progress_start(struct session *s);
void progress_show(struct session *s, size_t next);
void progress_note(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void progress_end(struct session *s);
/* What launch i takes, as well as is known. */
double run_expected(const struct session *s, size_t i);
double run_expected_left(const struct session *s, size_t from);
/* Reads what earlier runs took. */
int run_read_history(struct session *s, struct err *e);

#endif
