/*
 * A launch's result with its samples and its summary, in one transaction: a kill leaves either all of it or a launch that is
 * still `planned`.
 */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sample with its ids, to be sorted into the order of the table. */
struct keyed {
    int64_t metric, quality;
    char *text; /* of the quality; NULL is exact */
    const struct sample *sample;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    return (x->sample->repetition > y->sample->repetition) - (x->sample->repetition < y->sample->repetition);
}

static bool plain_exact(const struct sample *m)
{
    return m->quality == QUALITY_EXACT && isfinite(m->value);
}

static int key_one(struct store *s, const struct sample *sample, struct keyed *k, struct err *e)
{
    k->sample = sample;
    k->text = plain_exact(sample) ? NULL : quality_text(sample);
    if (identity_metric(s, sample->metric, &k->metric, e))
        return -1;
    return identity_quality(s, k->text ? k->text : "exact", &k->quality, e);
}

static int insert_one(struct store *s, sqlite3_stmt *q, int64_t launch, const struct keyed *k, struct err *e)
{
    bool unavailable = k->sample->quality == QUALITY_UNAVAILABLE;

    sqlite3_bind_int64(q, 1, launch);
    sqlite3_bind_int64(q, 2, k->metric);
    sqlite3_bind_int(q, 3, k->sample->repetition);
    sql_bind_number(q, 4, unavailable ? NAN : k->sample->value);
    sqlite3_bind_int64(q, 5, k->quality);
    return sql_do(s, q, e, "storing samples");
}

static int write_sorted(struct store *s, int64_t launch, const struct keyed *k, size_t count, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "INSERT INTO sample (launch, metric, repetition, value, quality) VALUES (?1, ?2, ?3, ?4, ?5)", e);
    int result = q ? 0 : -1;
    size_t i;

    for (i = 0; !result && i < count; i++) {
        if (i && k[i].metric == k[i - 1].metric && k[i].sample->repetition == k[i - 1].sample->repetition)
            result = err_set(e, CM_INTERNAL, "%s: two samples of %s came for repetition %d of one launch", s->path,
                             k[i].sample->metric, k[i].sample->repetition);
        else
            result = insert_one(s, q, launch, &k[i], e);
    }
    return result;
}

static int kind_of(struct store *s, int64_t metric, enum metric_kind *kind, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT kind FROM metric WHERE id = ?1", e);
    int code;

    *kind = METRIC_COUNT;
    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, metric);
    code = sql_step(s, q, e, "looking up a metric");
    for (enum metric_kind k = METRIC_DURATION; code == SQL_ROW && k <= METRIC_DERIVED; k++)
        *kind = strcmp(sql_text(q, 0), metric_kind_name(k)) ? *kind : k;
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}

/* Values are of one execution; a gauge is a state, such as a share in percent: the same however often the work was done. */
static int summarise(struct store *s, int64_t launch, int64_t inner, const struct keyed *k, size_t count, struct err *e)
{
    struct summary_list list = {0};
    struct gather g = {0};
    enum metric_kind kind = METRIC_COUNT;
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        bool whole = k[i].sample->repetition < 0;

        if (!i || k[i].metric != k[i - 1].metric)
            result = kind_of(s, k[i].metric, &kind, e);
        whole = whole || kind == METRIC_GAUGE;
        if (!k[i].text || quality_rank(k[i].text) != QUALITY_UNAVAILABLE)
            gather_add(&g, &list, k[i].metric, kind == METRIC_DURATION,
                       k[i].sample->value / (whole || inner < 1 ? 1.0 : (double)inner),
                       k[i].text ? k[i].text : "exact");
    }
    gather_end(&g, &list);
    if (!result)
        result = summary_write_launch(s, launch, &list, e);
    summary_list_free(&list);
    return result;
}

/* The samples, and the summary of a launch that is done: the same as summary_of_launch would read, without reading. */
static int write_samples(struct store *s, int64_t launch, const struct launch_result *r, const struct sample *samples,
                         size_t count, struct err *e)
{
    struct keyed *k = mem_new(count + 1, sizeof *k);
    int result = 0;
    size_t i;

    for (i = 0; !result && i < count; i++)
        result = key_one(s, &samples[i], &k[i], e);
    if (!result) {
        qsort(k, count, sizeof *k, by_key);
        result = write_sorted(s, launch, k, count, e);
    }
    if (!result && r->status == LAUNCH_DONE)
        result = summarise(s, launch, r->inner, k, count, e);
    for (i = 0; i < count; i++)
        free(k[i].text);
    free(k);
    return result;
}

int launch_write_result(struct store *s, int64_t launch, const struct launch_result *r, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "UPDATE launch SET status = ?2, reason = ?3, signal = ?4, exit_code = ?5, inner = ?6, "
                "started = ?7, wall_s = ?8, executing_s = ?9, match = ?10, deviations = ?11, elements = ?12, "
                "flops = ?13, bytes_read = ?14, bytes_written = ?15, checksum = ?16 WHERE id = ?1",
                e);
    bool ran = r->status != LAUNCH_UNAVAILABLE && r->status != LAUNCH_SKIPPED;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    sql_bind_text(q, 2, launch_status_name(r->status));
    if (r->reason && *r->reason)
        sql_bind_text(q, 3, r->reason);
    if (r->status == LAUNCH_CRASHED)
        sqlite3_bind_int(q, 4, r->signal);
    if (ran)
        sqlite3_bind_int(q, 5, r->exit_code);
    if (ran) /* stays NULL for what never ran, like all below */
        sqlite3_bind_int64(q, 6, r->inner < 1 && r->status == LAUNCH_DONE ? 1 : r->inner);
    if (r->started)
        sqlite3_bind_int64(q, 7, r->started);
    if (ran) {
        sql_bind_number(q, 8, r->wall_s);
        sql_bind_number(q, 9, r->executing_s);
        if (r->match >= 0) {
            sqlite3_bind_int(q, 10, r->match);
            sqlite3_bind_int64(q, 11, r->deviations);
        }
        sql_bind_number(q, 12, r->elements);
        sql_bind_number(q, 13, r->flops);
        sql_bind_number(q, 14, r->bytes_read);
        sql_bind_number(q, 15, r->bytes_written);
        if (r->checksum && *r->checksum)
            sql_bind_text(q, 16, r->checksum);
    }
    return sql_do(s, q, e, "storing a launch");
}

/* Which run and point a launch belongs to; refuses launches that are not `planned`. */
static int claim(struct store *s, int64_t launch, int64_t *run, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT run, status FROM launch WHERE id = ?1", e);
    int code, result = 0;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    code = sql_step(s, q, e, "reading a launch");
    if (code == SQL_DONE)
        return err_set(e, CM_INTERNAL, "%s has no launch %" PRId64, s->path, launch);
    if (code == SQL_ERROR)
        return -1;
    *run = sqlite3_column_int64(q, 0);
    if (strcmp(sql_text(q, 1), "planned"))
        result = err_set(e, CM_INTERNAL, "%s: launch %" PRId64 " has its result already (%s)", s->path, launch,
                         sql_text(q, 1));
    sqlite3_reset(q);
    return result;
}

/* A resumed run is `running` again from its first new launch on. */
static int mark_running(struct store *s, int64_t run, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "UPDATE run SET status = 'running', finished = NULL WHERE id = ?1 AND status <> 'running'", e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    return sql_do(s, q, e, "storing a launch");
}

static int write_planned(struct store *s, int64_t launch, const struct launch_result *r, const struct sample *samples,
                         size_t count, struct err *e)
{
    int64_t run = 0;

    if (claim(s, launch, &run, e) || mark_running(s, run, e) || launch_write_result(s, launch, r, e))
        return -1;
    return write_samples(s, launch, r, samples, count, e);
}

static int check_result(struct store *s, const struct launch_result *r, struct err *e)
{
    if (store_writable(s, e))
        return -1;
    if (r->status == LAUNCH_PLANNED)
        return err_set(e, CM_INTERNAL, "%s: a launch without an outcome came", s->path);
    return 0;
}

int store_launch(struct store *s, int64_t launch, const struct launch_result *r, const struct sample *samples,
                 size_t count, struct err *e)
{
    bool mine;

    if (check_result(s, r, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, write_planned(s, launch, r, samples, count, e), e);
}

static int next_sequence(struct store *s, int64_t run, int *sequence, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT coalesce(max(sequence), -1) + 1 FROM launch WHERE run = ?1", e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    if (sql_step(s, q, e, "reading launches") != SQL_ROW)
        return -1;
    *sequence = sqlite3_column_int(q, 0);
    sqlite3_reset(q);
    return 0;
}

static int write_extra(struct store *s, int64_t run, const struct launch_row *l, const struct launch_result *r,
                       const struct sample *samples, size_t count, struct err *e)
{
    struct launch_row row = *l;
    int64_t launch;

    if (next_sequence(s, run, &row.sequence, e) || launch_add(s, run, &row, &launch, e) ||
        launch_write_result(s, launch, r, e) || write_samples(s, launch, r, samples, count, e))
        return -1;
    return summary_write_point(s, run, l->point, e); /* the run is finished: its summary follows at once */
}

int store_launch_extra(struct store *s, int64_t run, const struct launch_row *l, const struct launch_result *r,
                       const struct sample *samples, size_t count, struct err *e)
{
    bool mine;

    if (check_result(s, r, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, write_extra(s, run, l, r, samples, count, e), e);
}
