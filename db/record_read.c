/* Rows of a store as records: see record.h. */
#include "record.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Columns whose names are the fields' names; facts and axes are JSON text, flags are 0 or 1. */
struct table {
    const char *type, *sql;
    const char *objects; /* space-separated columns that hold JSON */
    const char *flags;   /* space-separated columns that are true or false */
};

/* What is known of the machine that a run was made on, whatever its fingerprint was then. */
#define OF_THE_RUN                                                                                                     \
    "?1 = 0 OR machine = (SELECT m.name FROM run r JOIN machine m ON m.id = r.machine WHERE r.id = ?1) ORDER BY id"

/* ?1 is the run, 0 for all. */
static const struct table tables[] = {
    {"machine",
     "SELECT id, name, class, facts FROM machine WHERE ?1 = 0 OR id = (SELECT machine FROM run WHERE id = ?1) ORDER BY "
     "id",
     "facts", ""},
    {"environment",
     "SELECT id, fingerprint, facts FROM environment WHERE ?1 = 0 OR id = (SELECT environment FROM run WHERE id = ?1) "
     "ORDER BY id",
     "facts", ""},
    {"build",
     "SELECT id, commit_id AS 'commit', branch, subject, commit_time, dirty, compiler, flags, binary_hash, facts "
     "FROM build WHERE ?1 = 0 OR id = (SELECT build FROM run WHERE id = ?1) ORDER BY id",
     "facts", "dirty"},
    {"point",
     "SELECT id, text, kernel, variant, kernel_version, variant_version, code_hash, nullif(role, '') AS role, "
     "(SELECT json_group_object(axis, value) FROM point_axis WHERE point = p.id) AS axes FROM point p "
     "WHERE ?1 = 0 OR id IN (SELECT point FROM launch WHERE run = ?1) ORDER BY id",
     "axes", ""},
    {"metric",
     "SELECT name, unit, kind, better, deterministic, formula, meaning FROM metric WHERE ?1 IS NOT NULL ORDER BY id",
     "", "deterministic"},
    {"run",
     "SELECT uuid, run_group AS 'group', machine, environment, build, plan, arguments, seed, shard, shards, scripted, "
     "started, finished, status FROM run WHERE ?1 IN (0, id) ORDER BY id",
     "", "scripted"},
    {"launch",
     "SELECT l.id AS ' id', r.uuid AS run, sequence, point, number, pass, l.status, reason, signal, exit_code, inner, "
     "l.started, wall_s, executing_s, match, deviations, elements, flops, bytes_read, bytes_written, checksum "
     "FROM launch l JOIN run r ON r.id = l.run WHERE ?1 IN (0, r.id) ORDER BY l.run, l.sequence",
     "", ""},
    {"commit",
     "SELECT commit_id AS 'commit', parents, branch, subject, commit_time AS 'time', (SELECT json_group_array("
     "json_object('machine', machine, 'status', status, 'reason', reason, 'tried', tried)) FROM commit_outcome o "
     "WHERE o.commit_id = c.commit_id) AS outcomes FROM commits c WHERE ?1 = 0 OR commit_id = (SELECT b.commit_id FROM "
     "run r JOIN build b ON b.id = r.build WHERE r.id = ?1) ORDER BY commit_id",
     "outcomes", ""},
    {"decision",
     "SELECT kind, points, metrics, r.uuid AS run, nullif(commit_id, '') AS 'commit', reason, until, created, "
     "nullif(origin, '') AS origin FROM ledger a LEFT JOIN run r ON r.id = a.run WHERE ?1 IN (0, a.run) ORDER BY a.id",
     "", ""},
    {"verdict",
     "SELECT r.uuid AS run, point, metric, b.uuid AS baseline, verdict, ratio, ratio_low, ratio_high, reason, finding "
     "FROM verdict v JOIN run r ON r.id = v.run LEFT JOIN run b ON b.id = v.baseline WHERE ?1 IN (0, v.run) "
     "ORDER BY v.run, v.point, v.metric",
     "", ""},
    {"calibration",
     "SELECT machine, fingerprint, scripted, metric, point, event, expected, measured, error, spread, overhead, "
     "tolerance, deterministic, verdict, note, created FROM calibration WHERE " OF_THE_RUN,
     "", "scripted deterministic"},
    {"noise",
     "SELECT machine, fingerprint, scripted, point, metric, runs, launches, comparisons, layouts, noise, "
     "autocorrelation, false_alarms, drift, detectable, layout, created FROM noise WHERE " OF_THE_RUN,
     "", "scripted"},
};

static bool among(const char *names, const char *name)
{
    size_t length = strlen(name);
    const char *found = length ? strstr(names, name) : NULL;

    return found && (found == names || found[-1] == ' ') && (!found[length] || found[length] == ' ');
}

static json_t *column(sqlite3_stmt *q, int i, const struct table *t)
{
    const char *name = sqlite3_column_name(q, i), *text;
    json_t *value;

    switch (sqlite3_column_type(q, i)) {
    case SQLITE_INTEGER:
        if (among(t->flags, name))
            return json_boolean(sqlite3_column_int(q, i));
        return json_integer(sqlite3_column_int64(q, i));
    case SQLITE_FLOAT: return json_real(sqlite3_column_double(q, i));
    case SQLITE_NULL: return NULL;
    default: break;
    }
    text = sql_text(q, i);
    if (!among(t->objects, name))
        return json_string(text);
    value = json_loads(text, 0, NULL);
    return value ? value : json_object();
}

/* What stands in a REAL column may come as a whole number: it stays a number with a point. */
static json_t *sample_value(sqlite3_stmt *q, int i)
{
    return sqlite3_column_type(q, i) == SQLITE_NULL ? json_null() : json_real(sqlite3_column_double(q, i));
}

static json_t *sample_row(sqlite3_stmt *q)
{
    json_t *row = json_array();

    json_array_append_new(row, json_integer(sqlite3_column_int64(q, 1)));
    json_array_append_new(row, sample_value(q, 2));
    if (strcmp(sql_text(q, 3), "exact") != 0)
        json_array_append_new(row, json_string(sql_text(q, 3)));
    return row;
}

static int add_samples(struct store *s, int64_t launch, json_t *record, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s,
                "SELECT m.name, s.repetition, s.value, q.text FROM sample s JOIN metric m ON m.id = s.metric "
                "JOIN quality q ON q.id = s.quality WHERE s.launch = ?1 ORDER BY s.metric, s.repetition",
                e);
    json_t *samples, *rows;
    int code;

    if (!q)
        return -1;
    samples = json_object();
    json_object_set_new(record, "samples", samples);
    sqlite3_bind_int64(q, 1, launch);
    while ((code = sql_step(s, q, e, "reading samples")) == SQL_ROW) {
        rows = json_object_get(samples, sql_text(q, 0));
        if (!rows) {
            rows = json_array();
            json_object_set_new(samples, sql_text(q, 0), rows);
        }
        json_array_append_new(rows, sample_row(q));
    }
    return code;
}

static int hand_over(struct store *s, sqlite3_stmt *q, const struct table *t, record_function *each, void *user,
                     struct err *e)
{
    json_t *record = json_object(), *value;
    int i, result = 0;

    json_object_set_new(record, "type", json_string(t->type));
    for (i = 0; i < sqlite3_column_count(q); i++)
        if (*sqlite3_column_name(q, i) != ' ' && (value = column(q, i, t)))
            json_object_set_new(record, sqlite3_column_name(q, i), value);
    if (!strcmp(t->type, "launch"))
        result = add_samples(s, sqlite3_column_int64(q, 0), record, e);
    if (!result)
        result = each(record, user, e);
    json_decref(record);
    return result;
}

static int each_of(struct store *s, const struct table *t, int64_t run, record_function *each, void *user,
                   struct err *e)
{
    sqlite3_stmt *q = sql_use(s, t->sql, e);
    int code;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    while ((code = sql_step(s, q, e, "reading")) == SQL_ROW) {
        if (hand_over(s, q, t, each, user, e)) {
            sqlite3_reset(q);
            return -1;
        }
    }
    return code;
}

int record_each(struct store *s, int64_t run_or_0, record_function *each, void *user, struct err *e)
{
    bool mine = sqlite3_get_autocommit(s->db) != 0; /* one snapshot, while a run may be writing */
    int result = mine ? sql_exec(s, "BEGIN", e, "reading") : 0;
    size_t i;

    for (i = 0; !result && i < sizeof tables / sizeof *tables; i++)
        result = each_of(s, &tables[i], run_or_0, each, user, e);
    if (mine && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    return result;
}
