/*
 * The check: is the file sound, do the rows refer to rows that exist, do the words belong to the vocabulary, and are the summaries
 * what the samples say? One snapshot, read only.
 */
#include "store_internal.h"

#include "../harness/base/formula.h"
#include "../harness/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { problem_limit = 100 };

struct checker {
    struct store *s;
    store_say *say;
    void *user;
    int64_t problems;
    char first[500];
};

static void problem(struct checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void problem(struct checker *c, const char *format, ...)
{
    char line[500];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (c->problems++ == 0)
        memcpy(c->first, line, sizeof line);
    if (c->problems <= problem_limit && c->say)
        c->say(line, c->user);
    if (c->problems == problem_limit + 1 && c->say)
        c->say("more problems are not listed", c->user);
}

/* SQLite's own look at pages and indices: anything but "ok" is a problem. */
static int check_file(struct checker *c, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s, "PRAGMA integrity_check(100)", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
        if (strcmp(sql_text(q, 0), "ok") != 0)
            problem(c, "the file is damaged: %s", sql_text(q, 0));
    return code;
}

static int check_references(struct checker *c, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s, "PRAGMA foreign_key_check", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
        problem(c, "a row of %s (%s) refers to a row of %s that is not there", sql_text(q, 0), sql_text(q, 1),
                sql_text(q, 2));
    return code;
}

/* Each query finds offenders: one column with what to say. */
static const char *const rules[] = {
    "SELECT 'run ' || id || ' has the unknown status ' || status FROM run WHERE status NOT IN "
    "('running', 'complete', 'interrupted', 'incomplete')",
    "SELECT 'launch ' || id || ' has the unknown status ' || status FROM launch WHERE status NOT IN ('planned', "
    "'done', "
    "'wrong', 'crashed', 'hung', 'memory', 'exited', 'garbled', 'unavailable', 'skipped')",
    "SELECT 'metric ' || name || ' is of unknown kind or direction' FROM metric WHERE kind NOT IN "
    "('duration', 'count', 'gauge', 'derived') OR better NOT IN ('lower', 'higher', 'neither')",
    "SELECT 'metric ' || name || ' is derived without a formula, or has one without being derived' FROM metric "
    "WHERE (kind = 'derived') <> (formula IS NOT NULL)",
    "SELECT 'run ' || r.id || ' is ' || r.status || ', but ' || count(l.id) || ' of its launches are planned' FROM run "
    "r "
    "JOIN launch l ON l.run = r.id AND l.status = 'planned' WHERE r.status = 'complete' GROUP BY r.id",
    "SELECT 'run ' || id || ' is ' || status || ', but no launch of it is planned any more' FROM run r WHERE status IN "
    "('interrupted', 'incomplete') AND NOT EXISTS (SELECT 1 FROM launch WHERE run = r.id AND status = 'planned')",
    "SELECT 'launch ' || id || ' is done without a number of executions' FROM launch WHERE status = 'done' AND "
    "(inner IS NULL OR inner < 1)",
    "SELECT 'launch ' || id || ' is planned but has samples' FROM launch l WHERE status = 'planned' AND EXISTS "
    "(SELECT 1 FROM sample WHERE launch = l.id)",
    "SELECT 'decision ' || id || ' is of unknown kind ' || kind FROM ledger WHERE kind NOT IN ('accept', 'ignore', "
    "'note')",
    "SELECT 'decision ' || id || ' has the unknown origin ' || origin FROM ledger WHERE origin NOT IN ('', 'file')",
    "SELECT 'commit ' || commit_id || ' has the unknown status ' || status FROM commit_outcome WHERE status NOT IN "
    "('measured', 'unbuildable', 'unrunnable')",
    "SELECT 'point ' || text || ' has the unknown role ' || role FROM point WHERE role NOT IN ('', 'anchor')",
    "SELECT 'the calibration of ' || metric || ' at ' || point || ' on ' || machine || ' has the unknown verdict ' || "
    "verdict FROM calibration WHERE verdict NOT IN ('right', 'wrong', 'unknown', 'unavailable')",
    "SELECT 'the calibration of ' || metric || ' at ' || point || ' on ' || machine || ' is ' || verdict || "
    "' without what was measured' FROM calibration WHERE verdict IN ('right', 'wrong') AND measured IS NULL",
    "SELECT 'the noise of ' || metric || ' at ' || point || ' on ' || machine || ' is no spread, or its share of false "
    "alarms is none' FROM noise WHERE noise < 0 OR layout < 0 OR detectable < 0 OR drift < 0 OR false_alarms < 0 OR "
    "false_alarms > 1 OR launches < 0 OR comparisons < 0 OR layouts < 0 OR runs < 0",
};

static int check_rules(struct checker *c, struct err *e)
{
    size_t i;

    for (i = 0; i < sizeof rules / sizeof *rules; i++) {
        sqlite3_stmt *q = sql_use(c->s, rules[i], e);
        int code;

        if (!q)
            return -1;
        while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
            problem(c, "%s", sql_text(q, 0));
        if (code == SQL_ERROR)
            return -1;
    }
    return 0;
}

/* Commits are hexadecimal digits, wherever they are named. */
static int check_commits(struct checker *c, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s, "SELECT commit_id, coalesce(parents, '') FROM commits", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
        if (!commit_ok(sql_text(q, 0)) || !commit_parents_ok(sql_text(q, 1)))
            problem(c, "'%.80s' is no commit, or its parents are none", sql_text(q, 0));
    if (code == SQL_ERROR || !(q = sql_use(c->s, "SELECT id, commit_id FROM ledger WHERE commit_id <> ''", e)))
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
        if (!commit_word_ok(sql_text(q, 1)))
            problem(c, "decision %lld is about '%.80s', which is no commit", sqlite3_column_int64(q, 0),
                    sql_text(q, 1));
    return code;
}

/* Texts with an inner form: qualities and formulas. */
static int check_forms(struct checker *c, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s, "SELECT name, formula FROM metric WHERE formula IS NOT NULL", e);
    struct err why = {0};
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW) {
        if (formula_names(sql_text(q, 1), NULL, NULL, &why))
            problem(c, "metric %s: %s", sql_text(q, 0), why.text);
        err_clear(&why);
    }
    if (code == SQL_ERROR || !(q = sql_use(c->s, "SELECT text FROM quality", e)))
        return -1;
    while ((code = sql_step(c->s, q, e, "checking")) == SQL_ROW)
        if (!quality_known(sql_text(q, 0)))
            problem(c, "'%s' is no quality", sql_text(q, 0));
    return code;
}

/* Formulas may round differently on another processor; anything beyond that is a difference. */
static bool alike(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

static bool row_alike(const struct summary_row *a, const struct summary_row *b)
{
    return a->n == b->n && alike(a->median, b->median) && alike(a->low, b->low) && alike(a->high, b->high) &&
           !strcmp(a->quality, b->quality);
}

static int read_rows(struct store *s, sqlite3_stmt *q, struct summary_list *l, struct err *e)
{
    int code;

    while ((code = sql_step(s, q, e, "checking")) == SQL_ROW) {
        VEC_ROOM(l->rows, l->count, l->capacity);
        l->rows[l->count++] = (struct summary_row){
            .metric = sqlite3_column_int64(q, 0),
            .n = sqlite3_column_int64(q, 1),
            .median = sqlite3_column_double(q, 2),
            .low = sqlite3_column_double(q, 3),
            .high = sqlite3_column_double(q, 4),
            .quality = mem_copy(sql_text(q, 5)),
        };
    }
    return code;
}

static int by_metric(const void *a, const void *b)
{
    const struct summary_row *x = a, *y = b;

    return (x->metric > y->metric) - (x->metric < y->metric);
}

/* Says where the stored rows differ from what the samples give. */
static void compare(struct checker *c, const char *what, int64_t id, int64_t point, struct summary_list *stored,
                    struct summary_list *right)
{
    size_t i, k = 0;

    if (right->count)
        qsort(right->rows, right->count, sizeof *right->rows, by_metric);
    for (i = 0; i < stored->count && k < right->count && row_alike(&stored->rows[i], &right->rows[k]) &&
                stored->rows[i].metric == right->rows[k].metric;)
        i++, k++;
    if (i == stored->count && k == right->count)
        return;
    if (point)
        problem(c, "the summary of point %" PRId64 " in %s %" PRId64 " is not what its samples give", point, what, id);
    else
        problem(c, "the summary of %s %" PRId64 " is not what its samples give", what, id);
}

static int check_launch(struct checker *c, int64_t launch, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s,
                              "SELECT u.metric, u.n, u.median, u.median, u.median, q.text FROM launch_summary u "
                              "JOIN quality q ON q.id = u.quality WHERE u.launch = ?1 ORDER BY u.metric",
                              e);
    struct summary_list stored = {0}, right = {0};
    size_t i;
    int result = -1;

    if (q) {
        sqlite3_bind_int64(q, 1, launch);
        result = read_rows(c->s, q, &stored, e);
    }
    if (!result)
        result = summary_of_launch(c->s, launch, &right, e);
    for (i = 0; i < right.count; i++)
        right.rows[i].low = right.rows[i].high = right.rows[i].median; /* a launch keeps its median alone */
    if (!result)
        compare(c, "launch", launch, 0, &stored, &right);
    summary_list_free(&stored);
    summary_list_free(&right);
    return result;
}

static int check_point(struct checker *c, int64_t run, int64_t point, struct err *e)
{
    sqlite3_stmt *q = sql_use(c->s,
                              "SELECT u.metric, u.n, u.median, u.low, u.high, q.text FROM summary u "
                              "JOIN quality q ON q.id = u.quality WHERE u.run = ?1 AND u.point = ?2 ORDER BY u.metric",
                              e);
    struct summary_list stored = {0}, right = {0};
    int result = -1;

    if (q) {
        sqlite3_bind_int64(q, 1, run);
        sqlite3_bind_int64(q, 2, point);
        result = read_rows(c->s, q, &stored, e);
    }
    if (!result)
        result = summary_of_point(c->s, run, point, &right, e);
    if (!result)
        result = derive_point(c->s, run, point, &right, e);
    if (!result)
        compare(c, "run", run, point, &stored, &right);
    summary_list_free(&stored);
    summary_list_free(&right);
    return result;
}

static int read_ids(struct store *s, const char *literal, int64_t **ids, size_t *count, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, literal, e);
    size_t capacity = 0;
    int code;

    *ids = NULL;
    *count = 0;
    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "checking")) == SQL_ROW) {
        VEC_ROOM(*ids, *count, capacity);
        (*ids)[(*count)++] = sqlite3_column_int64(q, 0);
    }
    return code;
}

static int check_run(struct checker *c, int64_t run, struct err *e)
{
    int64_t *points;
    size_t count, i;
    int result = run_points(c->s, run, &points, &count, e);

    for (i = 0; !result && i < count; i++)
        result = check_point(c, run, points[i], e);
    free(points);
    return result;
}

static int check_summaries(struct checker *c, struct err *e)
{
    int64_t *ids;
    size_t count, i;
    int result = read_ids(c->s, "SELECT id FROM launch ORDER BY id", &ids, &count, e);

    for (i = 0; !result && i < count; i++)
        result = check_launch(c, ids[i], e);
    free(ids);
    ids = NULL;
    /* a run that is being written gets its summary at its end */
    if (!result)
        result = read_ids(c->s, "SELECT id FROM run WHERE status <> 'running' ORDER BY id", &ids, &count, e);
    for (i = 0; !result && i < count; i++)
        result = check_run(c, ids[i], e);
    free(ids);
    return result;
}

int store_check(struct store *s, store_say *say, void *user, struct err *e)
{
    static int (*const parts[])(struct checker * c, struct err * e) = {
        check_file, check_references, check_rules, check_commits, check_forms, check_summaries};
    struct checker c = {.s = s, .say = say, .user = user};
    bool mine = sqlite3_get_autocommit(s->db) != 0;
    int result = mine ? sql_exec(s, "BEGIN", e, "checking") : 0;
    size_t i;

    for (i = 0; !result && i < sizeof parts / sizeof *parts; i++)
        result = parts[i](&c, e);
    if (mine && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    if (result || !c.problems)
        return result;
    return err_set(e, CM_INTERNAL, "%s has %" PRId64 " problem%s; the first: %s", s->path, c.problems,
                   c.problems == 1 ? "" : "s", c.first);
}
