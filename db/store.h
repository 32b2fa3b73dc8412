/*
 * The store: one SQLite file. The only folder that sees sqlite3.h; everybody else uses these calls.
 *
 * Writing: one writer at a time, one transaction per launch, so that a kill at any moment loses at most the launch under way.
 * Reading: typed calls below for what the program does often, store_query with SQL over the documented views for reports.
 * Every function returns 0 or -1 (ids come by pointer) and leaves a sentence in `e` on failure: not writable, not our database,
 * made by a newer version, locked by another run, disk full.
 *
 * The exit code is CM_USAGE where another file was meant (not there, a foreign, empty or newer one), else CM_INTERNAL. Names (points,
 * machines, metrics, axes and their values) are printable and at most 4096 bytes, so that all that is stored can travel.
 */
#ifndef DB_STORE_H
#define DB_STORE_H

#include "../harness/base/err.h"
#include "sample.h"

struct store;

enum store_mode {
    STORE_READ, /* must exist; an older one is migrated where it may be written; works in folders that cannot be written */
    STORE_WRITE,  /* created if missing, migrated if older; takes the writer lock for the life of the handle */
    STORE_UPDATE, /* must exist; writes small things (accept, verdicts): waits up to 10 s for the writer lock */
};

/* A run that a killed program left `running` becomes `incomplete` (or `complete`, if every launch has its outcome) with the next store_open,
 * of any mode, that may write the file. */
int store_open(struct store **s, const char *path, enum store_mode mode, struct err *e);
void store_close(struct store *s); /* NULL is fine */
const char *store_path(const struct store *s);

/* Identity: finds or creates, answers the id. */
int store_machine(struct store *s, const struct machine_row *m, int64_t *id, struct err *e);
int store_environment(struct store *s, const struct environment_row *v, int64_t *id, struct err *e);
int store_build(struct store *s, const struct build_row *b, int64_t *id, struct err *e);
int store_point(struct store *s, const struct point_row *p, int64_t *id, struct err *e);
int store_metric(struct store *s, const struct metric *m, struct err *e);

/* A run and its fixed list of launches, written in one transaction. launch_ids[i] is the id of launches[i]. */
int store_run_begin(struct store *s, const struct run_row *r, const struct launch_row *launches, size_t count,
                    int64_t *run, int64_t *launch_ids, struct err *e);
/* Result and samples of a planned launch, one transaction; launches that are not `planned` any more are refused. A run that had
 * ended is `running` again with its first new launch: so resuming needs no call of its own. */
int store_launch(struct store *s, int64_t launch, const struct launch_result *r, const struct sample *samples,
                 size_t count, struct err *e);
/* An extra launch of an existing run that was not in its list (interleaved re-runs): appended as done. */
int store_launch_extra(struct store *s, int64_t run, const struct launch_row *l, const struct launch_result *r,
                       const struct sample *samples, size_t count, struct err *e);
/* `complete`, `interrupted` or `incomplete` follows from the launches; summaries and derived metrics are brought up to date. */
int store_run_finish(struct store *s, int64_t run, bool interrupted, struct err *e);

/* Generic reading: one statement that only reads. Parameters are bound to ?1, ?2, ...: integers and plain decimals as numbers, NULL as
 * NULL, all else as text. cm_glob(PATTERNS, TEXT), cm_quantity(VALUE, UNIT) and cm_bytes(VALUE) are
 * there in SQL: text_glob, text_quantity and text_bytes_words; cm_fingerprint(machine.facts, environment.facts) is the fingerprint by
 * which a run's calibration is found. Cells are valid during the call. */
struct cell {
    const char *name; /* the column's */
    const char *text; /* NULL for SQL NULL */
    double number;    /* NaN for NULL and text that is no number */
};
typedef int store_row_function(const struct cell *cells, size_t count, void *user, struct err *e); /* non-zero stops */
int store_query(struct store *s, const char *sql, const char *const *parameters, size_t parameter_count,
                store_row_function *each, void *user, struct err *e);
/* One number or text from the first row's first column; `found` tells whether there was a row. Text is to be freed. */
int store_number(struct store *s, const char *sql, const char *const *parameters, size_t n, double *value, bool *found,
                 struct err *e);
int store_text(struct store *s, const char *sql, const char *const *parameters, size_t n, char **value, struct err *e);

/* A table of this handle alone, in memory and not in the file, for the queries that follow: the rows of `select`. One that was made
 * with the same name and parameters is left as it is, even if what it was made of has changed since: store_tables_forget has all made
 * anew. `columns` (or NULL) are those that its rows are looked up by. Names and SQL are the program's own; no query may be under way. */
int store_table(struct store *s, const char *name, const char *columns, const char *select,
                const char *const *parameters, size_t parameter_count, struct err *e);
void store_tables_forget(struct store *s);

/* The ledger: decisions of people. `kind` is accept, ignore or note; until is a date "2026-12-31" or NULL. */
struct ledger_row {
    const char *kind;
    const char *points;  /* glob; "*" for a whole run */
    const char *metrics; /* glob */
    int64_t run;         /* the run that becomes the baseline of these points (accept), or 0 */
    const char *reason;
    const char *until;
    const char *commit; /* that it is about: hexadecimal digits, at least 4; NULL or "" none */
};
int store_ledger_add(struct store *s, const struct ledger_row *l, int64_t *id, struct err *e);

/* The verdicts of a check, replaced as a whole for the candidate run, so that reports can show them. */
struct verdict_row {
    const char *point;
    const char *metric;
    int64_t baseline;                    /* run id or 0 */
    const char *verdict;                 /* slower faster same ambiguous incomparable wrong new */
    double ratio, ratio_low, ratio_high; /* candidate / baseline, NaN unknown */
    const char *reason;                  /* one sentence: why incomparable or ambiguous, first cause */
    int finding;                         /* number of the finding it belongs to within this check, from 1; 0 for none */
};
int store_verdicts(struct store *s, int64_t run, const struct verdict_row *rows, size_t count, struct err *e);

/* What is known of a machine's instruments and noise (tables calibration and noise). Whose: */
struct trust_home {
    const char *machine;     /* its name */
    const char *fingerprint; /* host.machine_fingerprint */
    bool scripted;
};
/* Replaces all rows of that home. */
int store_calibration(struct store *s, const struct trust_home *home, const struct calibration_row *rows, size_t count,
                      struct err *e);
/* Replaces the rows of these points and metrics. A NaN `layout` keeps what was measured before, and so do NaNs of noise,
 * autocorrelation, false_alarms and detectable where all four are NaN, with drift: the two are measured by different commands. */
int store_noise(struct store *s, const struct trust_home *home, const struct noise_row *rows, size_t count,
                struct err *e);

/* Marks samples of a launch as suspect, with the reason: those of `metrics` (globs) that are neither unavailable nor suspect already.
 * Values stay as measured. The launch's and the run's summaries follow. */
int store_doubt(struct store *s, int64_t launch, const char *metrics, const char *reason, struct err *e);

/* Care: each returns 0, or -1 with the first problem. check: integrity, foreign keys, summaries recomputed and compared;
 * calls `say` per problem found (CM_INTERNAL if any). */
typedef void store_say(const char *line, void *user);
int store_check(struct store *s, store_say *say, void *user, struct err *e);
int store_merge(struct store *into, const char *from_path, int64_t *runs_added, struct err *e); /* idempotent, atomic */
int store_export(struct store *s, const char *path, int64_t run_or_0,
                 struct err *e); /* versioned JSON lines; "-" is stdout */
int store_import(struct store *s, const char *path, int64_t *runs_added,
                 struct err *e); /* idempotent, atomic; "-" is stdin */

#endif
