/* Reads runs and points out of the store into the documents of show.h. */
#include "base/text.h"
#include "show.h"
#include "trust.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    json_t *into; /* object or array */
    const struct show_filter *f;
};

/* SQL text is UTF-8 as the store wrote it; a foreign hand may have written otherwise. */
static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);

    return value ? value : json_string("?");
}

/* Names ending in "!" are texts whatever they look like, in "?" true or false, in "{" JSON objects; the rest as they come. */
static void put(json_t *object, const struct cell *c)
{
    size_t length = strlen(c->name);
    char kind = c->name[length - 1], name[64];
    json_t *value = NULL;

    snprintf(name, sizeof name, "%s", c->name);
    if (strchr("!?{", kind))
        name[length - 1] = '\0';
    if (!c->text)
        value = json_null();
    else if (kind == '?')
        value = json_boolean(c->number > 0 || c->number < 0);
    else if (kind == '{')
        value = json_loads(c->text, 0, NULL);
    else if (kind != '!' && !isnan(c->number))
        value = strpbrk(c->text, ".eEn") ? json_real(c->number) : json_integer((json_int_t)c->number);
    json_object_set_new(object, name, value ? value : text_value(c->text));
}

static int take_object(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct reading *r = user;

    (void)e;
    for (size_t i = 0; i < count; i++)
        put(r->into, &cells[i]);
    return 0;
}

static int take_row(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct reading *r = user, row = {json_object(), NULL};

    take_object(cells, count, &row, e);
    json_array_append_new(r->into, row.into);
    return 0;
}

static int read_part(struct store *s, json_t *document, const char *part, const char *sql, const char *id,
                     struct err *e)
{
    struct reading r = {json_object(), NULL};

    json_object_set_new(document, part, r.into);
    return store_query(s, sql, &id, 1, take_object, &r, e);
}

static int read_heads(struct store *s, json_t *document, const char *id, struct err *e)
{
    return read_part(
               s, document, "run",
               "SELECT id AS run, uuid AS 'uuid!', status AS 'status!', started, finished, plan AS 'plan!', "
               "arguments AS 'arguments!', run_group AS 'group!', shard, shards, scripted AS 'scripted?' FROM run "
               "WHERE id = ?1",
               id, e) ||
                   read_part(s, document, "machine",
                             "SELECT name AS 'name!', class AS 'class!', facts AS 'facts{' FROM machine "
                             "WHERE id = (SELECT machine FROM run WHERE id = ?1)",
                             id, e) ||
                   read_part(s, document, "environment",
                             "SELECT fingerprint AS 'fingerprint!', facts AS 'facts{' FROM environment "
                             "WHERE id = (SELECT environment FROM run WHERE id = ?1)",
                             id, e) ||
                   read_part(s, document, "build",
                             "SELECT commit_id AS 'commit!', branch AS 'branch!', subject AS 'subject!', commit_time, "
                             "dirty AS 'dirty?', compiler AS 'compiler!', flags AS 'flags!', binary_hash AS 'binary!', "
                             "facts AS 'facts{' FROM build WHERE id = (SELECT build FROM run WHERE id = ?1)",
                             id, e)
               ? -1
               : 0;
}

/* A point with an empty list of metrics, which the next query fills. */
static int take_point(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct reading *r = user, row = {json_object(), NULL};

    if (text_glob(r->f->points, cells[1].text)) {
        take_object(cells, count, &row, e);
        json_object_set_new(row.into, "metrics", json_array());
        json_array_append_new(r->into, row.into);
    } else {
        json_decref(row.into);
    }
    return 0;
}

/* Rows come in the order of the points: the search goes on where it stood. */
struct filling {
    json_t *points;
    const struct show_filter *f;
    size_t at;
};

static int take_metric(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct filling *fill = user;
    struct reading row = {NULL, NULL};
    json_t *point;

    while ((point = json_array_get(fill->points, fill->at)) != NULL &&
           json_number_value(json_object_get(point, "id")) < cells[0].number)
        fill->at++;
    if (!point || json_number_value(json_object_get(point, "id")) > cells[0].number ||
        !metric_matches(fill->f->metrics, cells[1].text))
        return 0;
    row.into = json_object();
    take_object(cells + 1, count - 1, &row, e);
    json_array_append_new(json_object_get(point, "metrics"), row.into);
    return 0;
}

static int read_points(struct store *s, json_t *document, const char *id, const struct show_filter *f, struct err *e)
{
    struct reading r = {json_array(), f};
    struct filling fill = {r.into, f, 0};
    json_t *point;
    size_t i;

    json_object_set_new(document, "points", r.into);
    if (store_query(s,
                    "SELECT point_id AS id, point AS 'point!', kernel_version AS 'kernel_version!', variant_version AS "
                    "'variant_version!', code_hash AS 'code!', launches, done, wrong, failed, unavailable, "
                    "CASE match WHEN 0 THEN 'same bits' WHEN 1 THEN 'within tolerance' WHEN 2 THEN 'wrong' ELSE "
                    "'not verified' END AS 'result!', deviations FROM v_points WHERE run = ?1 ORDER BY point_id",
                    &id, 1, take_point, &r, e) ||
        store_query(s,
                    "SELECT u.point, m.name AS 'metric!', m.unit AS 'unit!', m.kind AS 'kind!', u.n, u.median, u.low, "
                    "u.high, q.text AS 'quality!' FROM summary u JOIN metric m ON m.id = u.metric JOIN quality q "
                    "ON q.id = u.quality WHERE u.run = ?1 ORDER BY u.point, m.kind = 'derived', m.id",
                    &id, 1, take_metric, &fill, e))
        return -1;
    json_array_foreach(r.into, i, point)
    {
        json_object_del(point, "id"); /* of this file only */
    }
    return 0;
}

static int take_failure(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct reading *r = user;

    return text_glob(r->f->points, cells[0].text) ? take_row(cells, count, user, e) : 0;
}

static int read_failures(struct store *s, json_t *document, const char *id, const struct show_filter *f, struct err *e)
{
    struct reading r = {json_array(), f};

    json_object_set_new(document, "failures", r.into);
    return store_query(s,
                       "SELECT p.text AS 'point!', l.pass AS 'pass!', l.status AS 'status!', l.reason AS 'reason!', "
                       "count(*) AS launches FROM planned_launch l JOIN point p ON p.id = l.point WHERE l.run = ?1 AND "
                       "l.status <> 'done' GROUP BY l.point, l.pass, l.status, l.reason ORDER BY min(l.sequence)",
                       &id, 1, take_failure, &r, e);
}

/* Every metric of every point with what is known of it where the run was made. */
static int mark_truth(struct store *s, int64_t run, json_t *points, struct err *e)
{
    struct trust t;
    json_t *point, *metric;
    size_t i, k;
    int failed = trust_of_run(s, run, &t, e);

    json_array_foreach(points, i, point)
    {
        json_array_foreach(json_object_get(point, "metrics"), k, metric)
        {
            const struct trust_event *event = trust_find(&t, json_string_value(json_object_get(metric, "metric")));

            json_object_set_new(metric, "truth", event ? text_value(event->words) : json_null());
        }
    }
    trust_free(&t);
    return failed;
}

json_t *show_run(struct store *s, int64_t run, const struct show_filter *f, struct err *e)
{
    json_t *document = json_pack("{s:s}", "kind", "run");
    char id[24];

    snprintf(id, sizeof id, "%" PRId64, run);
    if (!read_heads(s, document, id, e) && !read_points(s, document, id, f, e) &&
        !read_failures(s, document, id, f, e) && !mark_truth(s, run, json_object_get(document, "points"), e))
        return document;
    json_decref(document);
    return NULL;
}

/* Rows come newest run first; the count of runs is cut here, for a glob that matches nothing takes none. */
struct taking {
    struct reading rows;
    int64_t runs;
    double last_run;
};

static int take_history(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct taking *t = user;

    if (!metric_matches(t->rows.f->metrics, cells[6].text))
        return 0;
    if (cells[0].number < t->last_run || cells[0].number > t->last_run) {
        if (t->runs++ == t->rows.f->runs)
            return 1;
        t->last_run = cells[0].number;
    }
    return take_row(cells, count, &t->rows, e);
}

static int fail_unknown(struct store *s, const char *points, struct err *e)
{
    double count;
    bool found;
    char *some = NULL;

    if (store_number(s, "SELECT count(DISTINCT text) FROM point WHERE role = ''", NULL, 0, &count, &found, e) ||
        store_text(s,
                   "SELECT group_concat(text, '  ') FROM (SELECT DISTINCT text FROM point WHERE role = '' ORDER BY text"
                   " LIMIT 5)",
                   NULL, 0, &some, e))
        return -1;
    err_set(e, CM_USAGE, "%s has no result of %.200s; it holds %.0f points, such as: %.500s", store_path(s), points,
            count, some ? some : "none");
    free(some);
    return -1;
}

/* The rows of one statement as a document, or NULL: nothing in it leaves `e` alone. */
static json_t *read_rows(struct store *s, const struct show_filter *f, const char *sql, const char *const *parameters,
                         size_t count, struct err *e)
{
    struct taking t = {{json_array(), f}, 0, -1};
    json_t *document = json_pack("{s:s, s:o}", "kind", "points", "rows", t.rows.into);

    if (!store_query(s, sql, parameters, count, take_history, &t, e) && json_array_size(t.rows.into))
        return document;
    json_decref(document);
    return NULL;
}

json_t *show_points(struct store *s, const struct show_filter *f, struct err *e)
{
    json_t *document =
        read_rows(s, f,
                  "SELECT run, started, commit_id AS 'commit!', machine AS 'machine!', status AS 'status!', "
                  "point AS 'point!', metric AS 'metric!', unit AS 'unit!', n, value AS median, low, high, "
                  "quality AS 'quality!' FROM v_history WHERE cm_glob(?1, point) "
                  "ORDER BY started DESC, run DESC, point_id, metric",
                  &f->points, 1, e);

    if (!document && !e->code)
        fail_unknown(s, f->points, e);
    return document;
}

json_t *show_anchors(struct store *s, const struct show_filter *f, const char *machine, struct err *e)
{
    struct show_filter mine = {f->points ? f->points : "*", f->metrics ? f->metrics : "wall.time", f->runs};
    const char *const parameters[] = {mine.points, machine ? machine : ""};
    json_t *document =
        read_rows(s, &mine,
                  "SELECT a.run, a.started, b.commit_id AS 'commit!', a.machine AS 'machine!', a.status AS 'status!', "
                  "a.point AS 'point!', a.metric AS 'metric!', a.unit AS 'unit!', a.n, a.value AS median, a.low, "
                  "a.high, a.quality AS 'quality!', a.code_hash AS 'program!' FROM v_anchors a "
                  "JOIN run r ON r.id = a.run JOIN build b ON b.id = r.build WHERE cm_glob(?1, a.point) "
                  "AND (?2 = '' OR a.machine = ?2) ORDER BY a.started DESC, a.run DESC, a.point, a.metric",
                  parameters, 2, e);

    if (!document && !e->code)
        err_set(e, CM_NOTHING, "%s has no such anchors; runs with 8 or more time launches a point measure them",
                store_path(s));
    return document;
}
