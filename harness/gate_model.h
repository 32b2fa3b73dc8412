/*
 * What the parts of the gate share: runs as loaded, comparisons as judged, findings as grouped. Private to harness/gate*.c and
 * to the two commands that show comparisons (check, compare).
 *
 * The order of work: gate_side_load per run, gate_judge, gate_recount, gate_confirm, gate_group, gate_settle, then one of the
 * writers.
 */
#ifndef HARNESS_GATE_MODEL_H
#define HARNESS_GATE_MODEL_H

#include "../db/ledger.h"
#include "../reports/analysis/compare.h"
#include "gate.h"

/* Begins the reason of a time that is ambiguous for want of launches alone; stored verdicts are recognised by it. */
#define GATE_FEW "too few launches: "
/* Reasons of acceptances that the gate makes by itself; they are recognised by them. */
#define GATE_FIRST_RUN "first run on this machine and branch"
#define GATE_FIRST_POINT "first result of this point"
#define GATE_FIRST_VERSION "first result of this version"
/* Launches of interleaved re-runs stand in the candidate's run under these passes; summaries and baselines leave them out. */
#define GATE_PASS_OLD "interleaved:old"
#define GATE_PASS_NEW "interleaved:new"

/* The runs that run ?1 stands for, as SQL: itself, and of a sharded plan the newest of each other shard up to then. Shards of two
 * nights of one commit are of one group. */
#define GATE_RUNS                                                                                                      \
    "(SELECT o.id FROM run r JOIN run o ON o.id = r.id OR (r.shards > 1 AND o.run_group = r.run_group"                 \
    " AND o.shards = r.shards AND o.shard <> r.shard AND o.machine = r.machine AND o.status = 'complete'"              \
    " AND (o.started, o.id) <= (r.started, r.id) AND NOT EXISTS (SELECT 1 FROM run n WHERE n.run_group = o.run_group"  \
    " AND n.shards = o.shards AND n.shard = o.shard AND n.machine = o.machine AND n.status = 'complete'"               \
    " AND (n.started, n.id) > (o.started, o.id) AND (n.started, n.id) <= (r.started, r.id))) WHERE r.id = ?1)"

/* A metric as the store describes it. */
struct gate_metric {
    char *name, *unit;
    bool deterministic, duration;
    enum metric_better better;
};

/* One metric of one point in one run: a median per launch that ended well. */
struct gate_series {
    char *point, *metric;
    double *values;
    size_t count, capacity;
    char quality[200];       /* of the worst launch, with its reason: "exact", "suspect(...)" */
    char doubt[200];         /* of a duration: the quality of its suspect samples, or "" */
    double sampled, doubted; /* how many samples there are, and how many of them are suspect */
    double repetition_noise; /* spread of the repetitions inside the launches, as a share */
};

/* One point of a run with the fate of its launches. */
struct gate_point {
    int64_t id;
    char *text, *kernel, *variant, *kernel_version, *variant_version, *code_hash;
    int done, wrong, failed, unavailable, cut;
    int deviations;
    char *reason; /* of the worst launch, or NULL */
};

struct gate_side {
    int64_t run;
    char *uuid, *plan, *arguments, *status, *machine, *klass, *commit, *branch, *subject, *binary_hash;
    char *script;                     /* of a scripted run, or NULL */
    char *gpu;                        /* the machine's first, or "" */
    char *compiler, *flags, *toolkit; /* what built the program; the last is CUDA's */
    int64_t started;
    bool scripted, dirty;
    struct fact *environment;
    struct gate_point *points; /* sorted by text */
    size_t point_count, point_capacity;
    struct gate_series *series; /* sorted by point, metric */
    size_t series_count, series_capacity;
};

/* What a series does by itself, as measured on this machine (doctor --aa, doctor --layout). NaN: not measured. */
struct gate_noise {
    char *point, *metric;
    double launches;   /* of an A/A run */
    double noise;      /* relative standard deviation of launches */
    double drift;      /* how far two runs lie apart beyond what their launches say */
    double detectable; /* smallest change found; INFINITY: none up to a factor of 2 */
    double layout;     /* relative standard deviation between layouts of the same code */
    int layouts;
};

/* Where it is known from how small a change would have been seen. */
enum gate_sight_from { SIGHT_NONE, SIGHT_AA, SIGHT_ESTIMATE };

/* Whether the machine moved since a baseline: gate_anchor.h. */
struct gate_drift;

/* Why something could not be compared: what may be stored as a new baseline depends on it. */
enum gate_cause { CAUSE_NONE, CAUSE_VERSION, CAUSE_FAILED, CAUSE_OTHER };

/* One metric of one point, judged. */
struct gate_item {
    const struct gate_point *point; /* the candidate's */
    const struct gate_metric *metric;
    const struct gate_side *baseline; /* NULL: none */
    const struct gate_series *old_series, *new_series;
    double apart; /* how far the runs of a baseline lie apart that is made of several, or NaN */
    struct comparison c;
    double old_value, new_value; /* medians per execution, NaN unknown */
    char *reason;                /* one sentence, or NULL */
    enum gate_cause cause;
    bool suspect;      /* time moved against stored runs: to be measured again */
    bool confirmed;    /* measured again; `c` is of the re-run, for counts with the stored launches */
    bool same_code;    /* the point's machine code; of the user's programs the files of their command line */
    bool same_program; /* the whole program, and its script */
    bool few;          /* ambiguous for want of launches alone */
    const struct gate_drift *drift; /* of a stored time: the machine moved since the baseline; or NULL */
    double stored_ratio;            /* with a drift: of the stored launches */
    bool barred;  /* incomparable, since this machine counts the metric wrong: the point's other metrics speak for it */
    int streak;   /* checks running in which it was ambiguous, this one included */
    int finding;  /* number from 1, or 0 */
    char *ledger; /* what people decided about it, or NULL */
    bool excused; /* so that it does not count in the exit code */
    double
        detectable; /* the smallest change that would have been seen, as a share; INFINITY: none up to a factor of 2 */
    enum gate_sight_from detectable_from;
};

/* One run in the past of a finding: gate_past.c. */
struct gate_past {
    int64_t run;
    char commit[48];
    double value, low, high; /* median, smallest and largest launch */
    bool suspect;
};

/* One cause: what moved the same way in one variant. */
struct gate_finding {
    int number;
    enum compare_verdict verdict;
    bool failed; /* launches crashed, hung, ...: verdict is incomparable */
    const char *kernel, *variant;
    const struct gate_point **points;
    size_t point_count, point_capacity;
    char *summary;     /* "instructions +3.0 % (7 points), time +2.1 ... 3.3 % (7 points)" */
    char *reason;      /* of its worst point, or NULL */
    char *environment; /* what changed since the baseline, or NULL */
    char *why;         /* with --why, or NULL */
    char *rerun, *perf;
    char *ledger; /* what people decided about it: "ignored until 2026-12-31: known, fixed next week", or NULL */
    bool excused; /* by that it does not count in the exit code */
    const struct gate_item *shown; /* the comparison that moved most, once the past was read; or NULL */
    struct gate_past *past; /* of that: the last runs, the candidate's own last; none is known where it is NULL */
    size_t past_count;
    char *picture; /* the link to it, or NULL */
    double worst;  /* |log ratio| for the order */
};

struct gate {
    const struct gate_options *options;
    struct store *store;
    char *metrics_glob;
    struct gate_metric *metrics;
    size_t metric_count, metric_capacity;
    struct gate_side candidate;
    struct gate_base *base; /* what points are compared with: gate_base.h */
    char *base_note;        /* how a word was understood, or NULL */
    struct gate_side **baselines;
    size_t baseline_count, baseline_capacity;
    struct gate_item *items;
    size_t item_count, item_capacity;
    struct gate_finding *findings;
    size_t finding_count, finding_capacity;
    size_t points_of[COMPARE_NEW + 1]; /* points by their worst verdict */
    size_t failed_points, unavailable_points, accepted_points;
    bool first_baseline; /* nothing was accepted before */
    char *accept_note;   /* what was stored as a baseline, or why not; or NULL */
    char *confirm_note;  /* how many suspects were measured again; or NULL */
    double confirm_spent_s;
    struct gate_noise *noise; /* sorted by point, metric */
    size_t noise_count, noise_capacity;
    struct gate_trust *trusts; /* what is known of events where runs were made: gate_trust.c */
    size_t trust_count, trust_capacity;
    struct gate_drift *drifts; /* one per baseline: gate_anchor.c */
    size_t drift_count;
    char **barred; /* gating metrics that were left out, each with its reason */
    size_t barred_count, barred_capacity;
    char *sight;          /* how small a change this gate sees, one sentence; or NULL */
    struct ledger ledger; /* as of now */
    char **ledger_notes;  /* sentences about entries that expired or match nothing */
    size_t ledger_note_count, ledger_note_capacity;
    int exit_code;
    char *story;
};

/* gate_load_values.c; `run` is the side's number as text */
int gate_metrics_load(struct gate *g, struct err *e);
int gate_medians_load(struct gate *g, struct gate_side *side, const char *run, struct err *e);
/* What repetitions of one launch do to counts; the side is sorted by then. */
int gate_repetition_noise_load(struct gate *g, struct gate_side *side, const char *run, struct err *e);

/* gate_load.c */
int gate_side_load(struct gate *g, int64_t run, struct gate_side *side, struct err *e);
int gate_side_identity(struct gate *g, int64_t run, struct gate_side *side, struct err *e); /* without values */
void gate_side_free(struct gate_side *side);
const struct gate_point *gate_side_point(const struct gate_side *side, const char *text);
const struct gate_series *gate_side_series(const struct gate_side *side, const char *point, const char *metric);

/* gate_base.c: "the newest 10 runs before, of the present level"; NULL where runs speak for themselves. */
const char *gate_base_words(const struct gate *g);

/* gate_judge.c; sides are those of gate_base.c */
struct compare_options gate_compare_options(const struct gate *g);
int gate_judge(struct gate *g, struct err *e);
/* True where another variant of the same run is what it is compared with: both were measured in turns already. */
bool gate_in_one_run(const struct gate *g, const struct gate_item *item);

/* Whether the point is a program of the user: those are started by nobody but the user. */
/* The reason of an item whose program was started with other arguments than now. */
void gate_other_arguments(struct gate_item *item, const struct gate_side *now, const struct gate_side *before);
bool gate_is_command(const struct gate_point *point);
bool gate_is_device(const struct gate_point *point); /* does a GPU compute it? */
/* True, with the reason, when the GPU or the major version of what counts it is another than in the baseline. */
bool gate_other_device(struct gate_item *item, const struct gate_side *now);

/* gate_recount.c: counts that moved a little, or of parallel points, are counted again in more launches. */
int gate_recount(struct gate *g, struct err *e);
/* gate_confirm.c: what the budget for measuring again still allows; -INFINITY without one. And the note about it. */
double gate_budget_left(const struct gate *g);
void gate_note_measured(struct gate *g, size_t measured, size_t suspects, const char *how, double seconds);
/* gate_confirm.c: measures suspects again, `all` also what is no suspect (compare --interleave). */
int gate_confirm(struct gate *g, bool all, struct err *e);
/* gate_disturbed.c: times that moved and were not settled are told with what disturbed one of the two runs. */
int gate_disturbed(struct gate *g, struct err *e);

/* gate_ledger.c: reads the ledger, and the user's file of it; marks what people decided about, and notes what ended or covers nothing. */
int gate_ledger_open(struct gate *g, struct err *e);
int gate_ledger_apply(struct gate *g, struct err *e);

/* gate_group.c: findings from items, numbered: wrong, slower, failed, ambiguous, faster. */
void gate_group(struct gate *g);
const char *gate_finding_word(const struct gate_finding *f); /* "slower", "failed", ... */
/* Ambiguous, and without effect on the exit code: people are told in one line. */
bool gate_finding_is_quiet(const struct gate *g, const struct gate_finding *f);
/* Excused by the ledger, and without effect on the exit code: people are told in one line, too. */
bool gate_finding_is_decided(const struct gate *g, const struct gate_finding *f);
/* The quiet findings, those with one reason in a row, and who shares the reason of the first one: "F3, F4". free() both. */
const struct gate_finding **gate_quiet_findings(const struct gate *g, size_t *count);
size_t gate_same_reason(const struct gate_finding *const *list, size_t count, char **names);
/* gate_words.c */
const char *gate_run_words(const struct gate_side *side, char *out, size_t size); /* "commit abc1234", "run 3" */
char *gate_rerun_line(const struct gate *g, const struct gate_finding *f);
/* How another tool counts it: perf, ncu for GPUs, valgrind's where this machine's counts are simulated; its name. */
char *gate_perf_line(const struct gate *g, const struct gate_finding *f);
const char *gate_tool_words(const struct gate_finding *f, char *out, size_t size); /* "perf" */

/* gate_changes.c: what is another around the program: "governor performance -> powersave"; `built`: what built it too. NULL: nothing
 * is. free() */
char *gate_environment_words(const struct gate_side *before, const struct gate_side *now);
char *gate_changed_words(const struct gate_side *before, const struct gate_side *now, bool built);
const char *gate_environment_line(const struct gate_finding *f); /* what the reason does not say already; or NULL */

/* gate_anchor.c: reads whether the machine moved, and suspects times that moved beyond or against it; the change of an item beyond
 * the machine's; puts both, and what changed around the program, into the reasons of what moved; likewise for the story. */
int gate_anchor_judge(struct gate *g, struct err *e);
double gate_anchor_beyond(const struct gate_item *item);
void gate_explain(struct gate *g);
void gate_machine_story(const struct gate *g, struct buf *out);
void gate_anchor_free(struct gate *g);

/* gate_why.c: the first cause of what moved, one sentence; NULL if nothing can be read. free() */
char *gate_why(struct gate *g, const struct gate_item *item);

/* gate_sight.c: what is known of this machine's noise; the thresholds that follow, `in_turns`: for launches of both programs in turns,
 * between which nothing drifts; how far a point's time moves by layout alone (0: not measured); how small a change was visible. */
int gate_sight_load(struct gate *g, struct err *e);
void gate_sight_free(struct gate *g);
struct compare_options gate_item_base(const struct gate *g, const struct gate_item *item); /* as configured */
struct compare_options gate_item_options(const struct gate *g, const struct gate_item *item, bool in_turns);
double gate_suspect_p(const struct gate *g, const struct gate_item *item); /* up to which p time is suspected */
double gate_layout_within(const struct gate *g, const struct gate_item *item);
void gate_sight(struct gate *g);
struct sight;
void gate_sights(const struct gate *g, struct sight *list); /* one per metric, time first; sight_free each */
const char *gate_sight_words(const struct gate_item *item, char *out, size_t size); /* "1.4 %", "about 2 %", or "" */

/* gate_trust.c: why a metric of a run is known to be counted wrong, or NULL. True, with the reason, when the item is therefore not
 * judged. What was left out so, for the story. */
const char *gate_barred(struct gate *g, int64_t run, const char *metric);
bool gate_judge_trust(struct gate *g, struct gate_item *item);
struct buf;
void gate_trust_story(const struct gate *g, struct buf *out);
void gate_trust_free(struct gate *g);

/* gate_settle.c: whether an ambiguous item counts in the exit code; streaks of ambiguous, what becomes a baseline, stored verdicts and
 * exit code. */
bool gate_counts_as_ambiguous(const struct gate *g, const struct gate_item *item);
int gate_streaks(struct gate *g, struct err *e);
int gate_accept_first(struct gate *g, struct err *e);
int gate_store_verdicts(struct gate *g, struct err *e);
void gate_conclude(struct gate *g);
size_t gate_count_streaks(const struct gate *g); /* comparisons that count as ambiguous */
/* gate_story.c: free() */
char *gate_tell(const struct gate *g);
char *gate_point_glob(const char *point); /* matches this point alone; free() */

/* The writers. */
void gate_write_text(const struct gate *g, struct buf *out);
void gate_write_same(const struct gate *g, struct buf *out);  /* a part of the text: gate_same.c */
void gate_write_moved(const struct gate *g, struct buf *out); /* the same, too */
bool gate_is_slight(const struct gate_item *item);            /* moved for certain, but by less than counts */
void gate_write_table(const struct gate *g, struct buf *out); /* every comparison: cmd_compare */
void gate_write_json(const struct gate *g, struct buf *out);
void gate_write_markdown(const struct gate *g, struct buf *out);
void gate_write_junit(const struct gate *g, struct buf *out);
void gate_write_github(const struct gate *g, struct buf *out);

/* gate_past.c: the past of each finding; gate_svg.c: its picture; gate_xml.c: foreign text in either; gate_files.c: all of these and the
 * files that were asked for. */
int gate_past_load(struct gate *g, struct err *e);
void gate_past_free(struct gate_finding *f);
bool gate_has_picture(const struct gate_finding *f);
void gate_write_picture(const struct gate_finding *f, struct buf *out);
void gate_add_xml(struct buf *out, const char *text);
void gate_add_attribute(struct buf *out, const char *name, const char *value);
int gate_write_files(struct gate *g, struct err *e);

/* gate.c: the steps for commands that need more than gate_run. Free also after a failure. */
int gate_open(struct gate *g, const struct gate_options *o, bool write, struct err *e);
/* Counts, then times, until they are settled or the user interrupts. */
int gate_measure_again(struct gate *g, bool all, struct err *e);
void gate_free(struct gate *g);
/* An item's set reason is replaced. */
void gate_reason(struct gate_item *item, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
