/*
 * What the files of this folder share and nobody else includes: the handle, its prepared statements, transactions and the
 * helpers that turn SQLite's answers into sentences.
 */
#ifndef DB_STORE_INTERNAL_H
#define DB_STORE_INTERNAL_H

#include "../harness/base/asset.h"
#include "../harness/base/buf.h"
#include "store.h"

#include <sqlite3.h>

#define STORE_APPLICATION_ID 0x434d524b /* "CMRK", in the file's header: tells our files from other SQLite files */
#define STORE_BUSY_MS 10000

/* Texts seen before with their ids, so that a sample costs no look-up in the database. Open addressing, doubled when half full. */
struct id_cache {
    struct id_entry {
        char *text;
        int64_t id;
    } * slots;
    size_t count, capacity;
};

enum { STORE_STATEMENTS = 160 };

struct store {
    sqlite3 *db;
    char *path; /* as people named it, for sentences */
    char *real; /* absolute, links resolved: what the lock and SQLite use */
    enum store_mode mode;
    int lock; /* descriptor of the held writer lock, or -1 */
    struct {
        const char *sql; /* a literal: its address is the key */
        sqlite3_stmt *statement;
    } statements[STORE_STATEMENTS];
    struct id_cache metrics, qualities;
    struct temporary {
        char *name, *parameters; /* what it was made with */
    } * temporary;
    size_t temporary_count, temporary_capacity;
};

/* db/store_lock.c: the writer lock, held by an open descriptor of PATH.lock, so that the kernel releases it with the process. */
int lock_take(const char *database, const char *shown, int wait_ms, int *descriptor, struct err *e);
void lock_release(const char *database, int descriptor);
bool lock_is_held(const char *database); /* by any process, this one included */

/* db/store_migrate.c: brings the file to the last version of `schema` (ends with a NULL name), one transaction per step. */
int store_migrate(struct store *s, const struct asset *schema, struct err *e);
int store_version(struct store *s, int64_t *version, struct err *e);
int store_recognise(struct store *s, int64_t newest, bool *empty, int64_t *version, struct err *e);

/* db/store_sql.c */
enum { SQL_ERROR = -1, SQL_DONE = 0, SQL_ROW = 1 };
int sql_fail(struct store *s, struct err *e, const char *doing); /* a sentence for SQLite's last error; always -1 */
sqlite3_stmt *sql_use(struct store *s, const char *literal,
                      struct err *e); /* prepared once, reset and unbound; NULL on error */
int sql_step(struct store *s, sqlite3_stmt *q, struct err *e, const char *doing); /* SQL_ROW, SQL_DONE, SQL_ERROR */
int sql_do(struct store *s, sqlite3_stmt *q, struct err *e, const char *doing);   /* runs to its end, resets: 0 or -1 */
int sql_exec(struct store *s, const char *sql, struct err *e, const char *doing);
int sql_integer(struct store *s, const char *literal, int64_t *value,
                struct err *e);                                   /* first column of the first row, 0 if none */
void sql_bind_text(sqlite3_stmt *q, int index, const char *text); /* NULL becomes ''; broken UTF-8 is mended */
void sql_bind_text_or_null(sqlite3_stmt *q, int index, const char *text);
void sql_bind_number(sqlite3_stmt *q, int index, double value); /* NaN and infinities become NULL */
const char *sql_text(sqlite3_stmt *q, int column);              /* "" for NULL */
double sql_number(sqlite3_stmt *q, int column);                 /* NaN for NULL */
int txn_begin(struct store *s, bool *mine, struct err *e);      /* mine: false inside another transaction */
int txn_end(struct store *s, bool mine, int result,
            struct err *e);                        /* commits if result is 0, else rolls back; the final result */
int sql_functions(struct store *s, struct err *e); /* those that store.h names */
/* db/store_facts.c: cm_fingerprint(MACHINE FACTS, ENVIRONMENT FACTS), both JSON as stored */
void function_fingerprint(sqlite3_context *context, int count, sqlite3_value **values);

/* db/store_open.c */
bool store_network_magic(unsigned long magic);

/* db/store_query.c: a number where the text is one as SQLite prints it */
void sql_bind_parameter(sqlite3_stmt *q, int index, const char *text);

/* db/store_cache.c */
bool cache_find(const struct id_cache *c, const char *text, int64_t *id);
void cache_add(struct id_cache *c, const char *text, int64_t id);
void cache_clear(struct id_cache *c);

/* db/store_identity.c */
int identity_quality(struct store *s, const char *text, int64_t *id, struct err *e);
int identity_metric(struct store *s, const char *name, int64_t *id, struct err *e); /* -1 if it was not stored before */
int store_writable(struct store *s, struct err *e);
enum { NAME_LIMIT = 4096 };     /* bytes */
bool name_ok(const char *text); /* printable and of bearable length: what identity is made of */
/* Refuses names that could not travel; NULL counts as empty. */
int name_check(const char *what, const char *text, bool may_be_empty, struct err *e);
int metric_take(struct store *s, const struct metric *m,
                struct err *e); /* one from elsewhere: what is known here stays */

/* Rows with facts as JSON text, for merge and import, where they are JSON already. */
int identity_machine(struct store *s, const char *name, const char *klass, const char *facts, int64_t *id,
                     struct err *e);
int identity_environment(struct store *s, const char *fingerprint, const char *facts, int64_t *id, struct err *e);
int identity_build(struct store *s, const struct build_row *b, const char *facts, int64_t *id, struct err *e);

/* db/quality.c */
char *quality_text(const struct sample *sample); /* free() */
int quality_rank(const char *text);              /* enum quality, or -1 */
bool quality_worse(const char *a, const char *b);
bool quality_known(const char *text); /* well-formed as well */

/* db/store_launch.c */
int launch_write_result(struct store *s, int64_t launch, const struct launch_result *r, struct err *e);

/* db/store_trust.c */
int calibration_add(struct store *s, const struct trust_home *home, const struct calibration_row *r, int64_t created,
                    struct err *e);
int calibration_forget(struct store *s, const struct trust_home *home, struct err *e); /* all rows of that home */
/* newest: it is newer than all that is here, whatever the clock says */
int noise_add(struct store *s, const struct trust_home *home, const struct noise_row *r, int64_t created, bool newest,
              struct err *e);

/* db/store_summary.c */
struct summary_row {
    int64_t metric, n;
    double median, low, high;
    char *quality;
};
struct summary_list {
    struct summary_row *rows;
    size_t count, capacity;
};
void summary_list_free(struct summary_list *l);
/* Values of one metric after the other, with their qualities; the summary of each is appended when the next begins. `choose`: those
 * that are suspect are left out while they are the smaller part. */
struct gather {
    struct heap {
        double *values;
        size_t count, capacity;
        char *worst;
    } all, trusted; /* trusted: those that are not suspect */
    int64_t metric;
    bool choose;
};
void gather_add(struct gather *g, struct summary_list *out, int64_t metric, bool choose, double value,
                const char *quality);
void gather_end(struct gather *g, struct summary_list *out); /* the last one, and frees what was gathered */
/* Appends the median, least and greatest of `values`; quality is copied. */
void summary_add(struct summary_list *l, int64_t metric, int64_t n, const double *values, size_t count,
                 const char *quality);
int summary_of_launch(struct store *s, int64_t launch, struct summary_list *out, struct err *e); /* from its samples */
int summary_of_point(struct store *s, int64_t run, int64_t point, struct summary_list *out,
                     struct err *e); /* without derived */
int summary_write_launch(struct store *s, int64_t launch, const struct summary_list *l, struct err *e);
int summary_renew_launch(struct store *s, int64_t launch,
                         struct err *e); /* from its samples, replacing what was there */
int summary_write_point(struct store *s, int64_t run, int64_t point, struct err *e); /* with derived */
/* After the rule about suspect durations came: the launches that it changes, and the runs that they are of. */
int summary_follow_rule(struct store *s, struct err *e);
int summary_write_rows(struct store *s, int64_t run, int64_t point, const struct summary_row *rows, size_t count,
                       struct err *e);
int summary_write_run(struct store *s, int64_t run, struct err *e);
int run_points(struct store *s, int64_t run, int64_t **points, size_t *count, struct err *e); /* free() */

/* db/store_derive.c: appends the derived metrics that the rows of the list allow. */
int derive_point(struct store *s, int64_t run, int64_t point, struct summary_list *l, struct err *e);
/* After a formula came or changed: this metric, and those that may build on it, in all finished runs. */
int derive_everywhere(struct store *s, const char *metric, struct err *e);

/* db/store_ledger.c */
bool ledger_date_ok(const char *text);
bool ledger_kind_ok(const char *kind);
int ledger_check(struct store *s, const struct ledger_row *l, struct err *e); /* writable, and all fields are good */
int verdict_add(struct store *s, int64_t run, const struct verdict_row *v, struct err *e);

/* db/commit.c */
struct commit_row;
bool commit_ok(const char *text);          /* all digits of a commit */
bool commit_word_ok(const char *text);     /* its first digits at least */
bool commit_parents_ok(const char *text);  /* commits with blanks between them, or "" */
bool commit_status_ok(const char *status); /* of an outcome */
/* keep: what is known here stays, and only gaps are filled. */
int commit_add_place(struct store *s, const struct commit_row *c, bool keep, struct err *e);
/* newest: it is newer than what is here, whatever the clock says. */
int commit_add_outcome(struct store *s, const struct commit_row *c, int64_t tried, bool newest, struct err *e);

/* db/store_run.c */
int launch_add(struct store *s, int64_t run, const struct launch_row *l, int64_t *launch,
               struct err *e); /* `planned` */
/* Status and summaries, inside the caller's transaction; finished 0: when its last launch ended. */
int run_settle(struct store *s, int64_t run, bool interrupted, int64_t finished, struct err *e);
int run_settle_left(struct store *s,
                    struct err *e); /* runs that a killed writer left `running`; needs the writer lock */

#endif
