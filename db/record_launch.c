/* A launch with its samples, taken from a record: a new one, or the outcome of one that is only planned here. */
#include "record.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { sequence_limit = 100000000, repetition_limit = 1000000000 };

struct incoming {
    const char *uuid;
    struct launch_row row;
    struct launch_result result;
    int64_t run;
    bool added;
};

/* What stands here under that run and sequence. */
struct present {
    int64_t launch, point;
    bool found, planned;
};

static int read_numbers(const json_t *r, struct incoming *in, struct err *e)
{
    struct launch_result *o = &in->result;
    int64_t match, signal, exit_code;

    if (field_integer_or(r, "signal", 0, 1000, 0, &signal, e) ||
        field_integer_or(r, "exit_code", INT32_MIN, INT32_MAX, 0, &exit_code, e) ||
        field_integer_or(r, "inner", 0, INT64_C(1) << 53, 0, &o->inner, e) ||
        field_integer_or(r, "started", 0, INT64_C(1) << 40, 0, &o->started, e) ||
        field_number(r, "wall_s", 0, &o->wall_s, e) || field_number(r, "executing_s", 0, &o->executing_s, e) ||
        field_integer_or(r, "match", 0, 2, -1, &match, e) ||
        field_integer_or(r, "deviations", 0, INT64_MAX, 0, &o->deviations, e) ||
        field_number(r, "elements", 0, &o->elements, e) || field_number(r, "flops", 0, &o->flops, e) ||
        field_number(r, "bytes_read", 0, &o->bytes_read, e) ||
        field_number(r, "bytes_written", 0, &o->bytes_written, e))
        return -1;
    o->signal = (int)signal;
    o->exit_code = (int)exit_code;
    o->match = (int)match;
    return 0;
}

static int read_launch(struct taker *t, const json_t *r, struct incoming *in, struct err *e)
{
    const char *status;
    int64_t sequence, number, point;
    int parsed;

    if (field_name(r, "run", &in->uuid, e) || field_integer(r, "sequence", 0, sequence_limit, &sequence, e) ||
        field_integer(r, "number", 0, sequence_limit, &number, e) ||
        field_integer(r, "point", 0, INT64_MAX, &point, e) || field_label(r, "pass", &in->row.pass, e) ||
        field_name(r, "status", &status, e) || field_text(r, "reason", &in->result.reason, e) ||
        field_text(r, "checksum", &in->result.checksum, e) || read_numbers(r, in, e) ||
        taker_run(t, in->uuid, &in->run, &in->added, e) || taker_id(t, "point", point, &in->row.point, e))
        return -1;
    parsed = launch_status_parse(status);
    if (parsed < 0)
        return err_set(e, CM_INTERNAL, "the launch has no good 'status': '%.40s' is none", status);
    in->result.status = (enum launch_status)parsed;
    if (in->result.status == LAUNCH_DONE && in->result.inner < 1)
        return err_set(e, CM_INTERNAL, "the launch has no good 'inner': one that is done executed at least once");
    in->row.sequence = (int)sequence;
    in->row.number = (int)number;
    return 0;
}

static int look_up(struct store *s, const struct incoming *in, struct present *here, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT id, point, status FROM launch WHERE run = ?1 AND sequence = ?2", e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, in->run);
    sqlite3_bind_int(q, 2, in->row.sequence);
    code = sql_step(s, q, e, "reading launches");
    here->found = code == SQL_ROW;
    if (here->found) {
        here->launch = sqlite3_column_int64(q, 0);
        here->point = sqlite3_column_int64(q, 1);
        here->planned = !strcmp(sql_text(q, 2), "planned");
    }
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}

static int bad_sample(const char *metric, struct err *e)
{
    return err_set(e, CM_INTERNAL,
                   "the launch has no good 'samples': of %.100s, [repetition, value, quality] is needed", metric);
}

static int take_sample(struct store *s, int64_t launch, const char *name, int64_t metric, const json_t *row,
                       struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "INSERT INTO sample (launch, metric, repetition, value, quality) VALUES (?1, ?2, ?3, ?4, ?5)", e);
    const json_t *repetition = json_array_get(row, 0), *value = json_array_get(row, 1), *word = json_array_get(row, 2);
    const char *quality = word ? json_string_value(word) : "exact";
    bool unavailable = quality && quality_rank(quality) == QUALITY_UNAVAILABLE;
    int64_t id;

    if (!json_is_array(row) || json_array_size(row) > 3 || !json_is_integer(repetition) ||
        json_integer_value(repetition) < -1 || json_integer_value(repetition) > repetition_limit || !quality ||
        !quality_known(quality) || (unavailable ? !json_is_null(value) : !json_is_number(value)))
        return bad_sample(name, e);
    if (!q || identity_quality(s, quality, &id, e))
        return -1;
    sqlite3_bind_int64(q, 1, launch);
    sqlite3_bind_int64(q, 2, metric);
    sqlite3_bind_int64(q, 3, json_integer_value(repetition));
    sql_bind_number(q, 4, unavailable ? NAN : json_number_value(value));
    sqlite3_bind_int64(q, 5, id);
    return sql_do(s, q, e, "storing samples");
}

static int take_samples(struct store *s, int64_t launch, const json_t *r, struct err *e)
{
    json_t *samples = json_object_get(r, "samples"), *rows, *row;
    const char *name;
    int64_t metric;
    size_t i;

    if (!json_is_object(samples))
        return bad_sample("all metrics", e);
    json_object_foreach(samples, name, rows)
    {
        if (!json_is_array(rows))
            return bad_sample(name, e);
        if (identity_metric(s, name, &metric, e))
            return -1;
        json_array_foreach(rows, i, row)
        {
            if (take_sample(s, launch, name, metric, row, e))
                return -1;
        }
    }
    return 0;
}

int take_launch(struct taker *t, const json_t *r, struct err *e)
{
    struct store *s = taker_store(t);
    struct incoming in = {0};
    struct present here = {0};

    if (read_launch(t, r, &in, e) || look_up(s, &in, &here, e))
        return -1;
    if (here.found && in.added)
        return err_set(e, CM_INTERNAL, "the launch %d of run %s comes twice", in.row.sequence, in.uuid);
    if (here.found && here.planned && here.point != in.row.point)
        return err_set(e, CM_INTERNAL,
                       "the launch %d of run %s is of another point here: one of the two was changed by hand",
                       in.row.sequence, in.uuid);
    if (here.found && (!here.planned || in.result.status == LAUNCH_PLANNED))
        return 0; /* nothing new */
    if (!here.found && launch_add(s, in.run, &in.row, &here.launch, e))
        return -1;
    taker_touch(t, in.run);
    if (in.result.status == LAUNCH_PLANNED)
        return 0;
    if (launch_write_result(s, here.launch, &in.result, e) || take_samples(s, here.launch, r, e))
        return -1;
    return summary_renew_launch(s, here.launch, e);
}
