/*
 * The gate's reading: metrics, and runs with their points and launch medians. Samples of launches that were wrong, crashed or
 * were part of an interleaved re-run have no place here; the store keeps medians of launches that ended well only.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "run.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int add_metric(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct gate *g = user;
    struct gate_metric *m;

    (void)count;
    (void)e;
    if (!text_glob(g->metrics_glob, cells[0].text) || !strcmp(cells[3].text, metric_better_name(BETTER_NEITHER)))
        return 0;
    VEC_ROOM(g->metrics, g->metric_count, g->metric_capacity);
    m = &g->metrics[g->metric_count++];
    m->name = mem_copy(cells[0].text);
    m->unit = mem_copy(cells[1].text);
    m->duration = !strcmp(cells[2].text, metric_kind_name(METRIC_DURATION));
    m->better = !strcmp(cells[3].text, metric_better_name(BETTER_HIGHER)) ? BETTER_HIGHER : BETTER_LOWER;
    m->deterministic = cells[4].number > 0;
    return 0;
}

int gate_metrics_load(struct gate *g, struct err *e)
{
    if (store_query(g->store,
                    "SELECT name, unit, kind, better, deterministic FROM metric WHERE kind <> 'derived'"
                    /* what only GPUs have comes last: an unsound point is told under the first */
                    " ORDER BY name LIKE 'device.%' OR name LIKE 'cupti.%', name",
                    NULL, 0, add_metric, g, e))
        return -1;
    if (g->metric_count == 0 && strcmp(g->metrics_glob, METRICS_GATING))
        return err_set(e, CM_NOTHING,
                       "no stored metric with a better direction matches '%s'; see: countermark list metrics",
                       g->metrics_glob);
    return 0;
}

static void take_environment(struct gate_side *side, const char *json)
{
    json_t *root = json_loads(json, 0, NULL), *value;
    const char *name;
    size_t n = 0;

    side->environment = mem_new(json_object_size(root) + 1, sizeof *side->environment);
    json_object_foreach(root, name, value)
    {
        if (!json_is_string(value))
            continue;
        side->environment[n].name = mem_copy(name);
        side->environment[n++].value = mem_copy(json_string_value(value));
    }
    json_decref(root);
}

/* "fake:FILE" in a list of collectors -> FILE; or NULL. */
static char *script_in(const char *list)
{
    size_t count;
    char **entries = text_split(list, ',', &count), *script = NULL;

    for (size_t i = 0; i < count && !script; i++)
        script = text_starts(entries[i], "fake:") ? mem_copy(entries[i] + 5) : NULL;
    free(entries);
    return script;
}

/* The fake collector's file in a run's own command line, which the store keeps quoted; or NULL. */
static char *script_of(const char *arguments)
{
    size_t count;
    char **words = run_unquote(arguments, &count), *script = NULL;
    bool next = false; /* this word is a list of collectors */

    for (size_t i = 0; words && i < count && words[i] && strcmp(words[i], "--") && !script; i++) {
        if (next)
            script = script_in(words[i]);
        else if (text_starts(words[i], "--collect="))
            script = script_in(words[i] + strlen("--collect="));
        next = !strcmp(words[i], "--collect");
    }
    free(words);
    return script;
}

static int take_run(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct gate_side *side = user;

    (void)count;
    (void)e;
    side->uuid = mem_copy(c[0].text);
    side->plan = mem_copy(c[1].text);
    side->arguments = mem_copy(c[2].text);
    side->status = mem_copy(c[3].text);
    side->scripted = c[4].number > 0;
    side->started = (int64_t)c[5].number;
    side->machine = mem_copy(c[6].text);
    side->klass = mem_copy(c[7].text);
    side->commit = mem_copy(c[8].text);
    side->branch = mem_copy(c[9].text);
    side->subject = mem_copy(c[10].text);
    side->dirty = c[11].number > 0;
    side->binary_hash = mem_copy(c[12].text);
    side->script = side->scripted ? script_of(side->arguments) : NULL;
    take_environment(side, c[13].text);
    side->gpu = mem_copy(c[14].text ? c[14].text : "");
    side->compiler = mem_copy(c[15].text);
    side->flags = mem_copy(c[16].text);
    side->toolkit = mem_copy(c[17].text ? c[17].text : "");
    return 0;
}

static int load_run(struct gate *g, struct gate_side *side, const char *run, struct err *e)
{
    const char *const parameters[] = {run};

    if (store_query(g->store,
                    "SELECT r.uuid, r.plan, r.arguments, r.status, r.scripted, r.started, c.name, c.class, b.commit_id,"
                    " b.branch, b.subject, b.dirty, b.binary_hash, v.facts, json_extract(c.facts, '$.\"gpu.0.name\"'),"
                    " b.compiler, b.flags, json_extract(b.facts, '$.\"cuda.toolkit\"')"
                    " FROM run r JOIN machine c ON c.id = r.machine JOIN build b ON b.id = r.build"
                    " JOIN environment v ON v.id = r.environment WHERE r.id = ?1",
                    parameters, 1, take_run, side, e))
        return -1;
    return side->uuid ? 0 : err_set(e, CM_USAGE, "there is no run %s in %s", run, store_path(g->store));
}

static int add_point(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct gate_side *side = user;
    struct gate_point *p;

    (void)count;
    (void)e;
    VEC_ROOM(side->points, side->point_count, side->point_capacity);
    p = &side->points[side->point_count++];
    p->id = (int64_t)c[0].number;
    p->text = mem_copy(c[1].text);
    p->kernel = mem_copy(c[2].text);
    p->variant = mem_copy(c[3].text);
    p->kernel_version = mem_copy(c[4].text);
    p->variant_version = mem_copy(c[5].text);
    p->code_hash = mem_copy(c[6].text);
    p->done = (int)c[7].number;
    p->wrong = (int)c[8].number;
    p->failed = (int)c[9].number;
    p->unavailable = (int)c[10].number;
    p->cut = (int)c[11].number;
    p->deviations = isnan(c[12].number) ? 0 : (int)fmin(c[12].number, 2e9);
    p->reason = mem_copy(c[13].text);
    return 0;
}

static int load_points(struct gate *g, struct gate_side *side, const char *run, struct err *e)
{
    const char *const parameters[] = {run};

    return store_query(
        g->store,
        "SELECT p.id, p.text, p.kernel, p.variant, p.kernel_version, p.variant_version, p.code_hash,"
        " sum(l.status = 'done'), sum(l.status = 'wrong'),"
        " sum(l.status NOT IN ('done', 'wrong', 'planned', 'skipped', 'unavailable')), sum(l.status = 'unavailable'),"
        " sum(l.status IN ('planned', 'skipped')), max(CASE WHEN l.status = 'wrong' THEN l.deviations END),"
        /* one reason for the point: that of a wrong launch, else of a failed one, else why it cannot run */
        " coalesce(min(CASE WHEN l.status = 'wrong' THEN l.reason END),"
        " min(CASE WHEN l.status NOT IN ('done', 'planned', 'skipped', 'unavailable') THEN l.reason END),"
        " min(CASE WHEN l.status <> 'done' THEN l.reason END))"
        " FROM planned_launch l JOIN point p ON p.id = l.point WHERE l.run IN " GATE_RUNS " AND p.role = ''"
        " GROUP BY p.id ORDER BY p.text",
        parameters, 1, add_point, side, e);
}

static int quality_rung(const char *text)
{
    for (int q = QUALITY_EXACT; q <= QUALITY_UNAVAILABLE; q++) {
        const char *name = quality_name((enum quality)q);

        if (text_starts(text, name) && strchr("(", text[strlen(name)]))
            return q;
    }
    return QUALITY_UNAVAILABLE;
}

struct series_load {
    struct gate *g;
    struct gate_side *side;
};

static const struct gate_metric *find_metric(const struct gate *g, const char *name)
{
    for (size_t i = 0; i < g->metric_count; i++) {
        if (!strcmp(g->metrics[i].name, name))
            return &g->metrics[i];
    }
    return NULL;
}

/* Rows come sorted by point and metric: a row belongs to the last series or begins a new one. */
static struct gate_series *series_for(struct gate_side *side, const char *point, const char *metric)
{
    struct gate_series *s;

    if (side->series_count) {
        s = &side->series[side->series_count - 1];
        if (!strcmp(s->point, point) && !strcmp(s->metric, metric))
            return s;
    }
    VEC_ROOM(side->series, side->series_count, side->series_capacity);
    s = &side->series[side->series_count++];
    *s = (struct gate_series){.point = mem_copy(point), .metric = mem_copy(metric), .quality = "exact"};
    return s;
}

/*
 * A time that was taken while the machine was known to be held back is kept and marked. A few of many move no median: the series is
 * doubtful only if most of its samples are.
 */
static void note_doubt(struct gate_series *s, const char *quality, double suspect)
{
    s->doubted += suspect;
    if (!*s->doubt || strcmp(quality, s->doubt) > 0)
        snprintf(s->doubt, sizeof s->doubt, "%s", quality);
}

static int add_median(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct series_load *load = user;
    const struct gate_metric *m = find_metric(load->g, c[1].text);
    struct gate_series *s;

    (void)count;
    (void)e;
    /* A duration counts from launches without counters only. */
    if (!m || (m->duration && c[4].text[0]))
        return 0;
    s = series_for(load->side, c[0].text, c[1].text);
    s->sampled += c[5].number;
    if (m->duration && c[6].number > 0)
        note_doubt(s, c[3].text, c[6].number);
    else if (quality_rung(c[3].text) > quality_rung(s->quality))
        snprintf(s->quality, sizeof s->quality, "%s", c[3].text);
    VEC_ROOM(s->values, s->count, s->capacity);
    s->values[s->count++] = c[2].number;
    return 0;
}

static int load_medians(struct gate *g, struct gate_side *side, const char *run, struct err *e)
{
    const char *const parameters[] = {run};
    struct series_load load = {g, side};

    if (store_query(g->store,
                    "SELECT p.text, m.name, s.median, q.text, l.pass, s.n, CASE WHEN q.text LIKE 'suspect%' THEN"
                    " (SELECT count(*) FROM sample x JOIN quality d ON d.id = x.quality WHERE x.launch = l.id"
                    " AND x.metric = m.id AND d.text LIKE 'suspect%') ELSE 0 END"
                    " FROM planned_launch l JOIN point p ON p.id = l.point AND p.role = ''"
                    " JOIN launch_summary s ON s.launch = l.id JOIN metric m ON m.id = s.metric"
                    " JOIN quality q ON q.id = s.quality WHERE l.run IN " GATE_RUNS " AND l.status = 'done'"
                    /* one pass that counts wrong says nothing against the others */
                    " AND NOT (m.kind = 'count' AND q.text LIKE 'suspect%' AND"
                    " (SELECT 2 * sum(d.text LIKE 'suspect%') < count(*) FROM planned_launch k"
                    " JOIN launch_summary v ON v.launch = k.id AND v.metric = m.id JOIN quality d ON d.id = v.quality"
                    " WHERE k.run IN " GATE_RUNS " AND k.point = l.point AND k.status = 'done'))"
                    " ORDER BY p.text, m.name, l.sequence",
                    parameters, 1, add_median, &load, e))
        return -1;
    for (size_t i = 0; i < side->series_count; i++) {
        struct gate_series *s = &side->series[i];

        if (2 * s->doubted > s->sampled)
            snprintf(s->quality, sizeof s->quality, "%s", s->doubt);
    }
    return 0;
}

/* The repetitions of one launch, gathered while the rows of that launch last. */
struct repetition_load {
    struct gate_side *side;
    const struct gate_series *series;
    double launch;
    double *values;
    size_t count, capacity;
};

/* Three standard deviations of what repetitions of one launch do, robustly: work shared by chance between threads shows here. */
static void close_launch(struct repetition_load *load)
{
    struct gate_series *s = (struct gate_series *)load->series;
    double median = stats_median(load->values, load->count);

    if (s && load->count > 2 && median != 0)
        s->repetition_noise = fmax(s->repetition_noise, 3 * stats_sigma(load->values, load->count) / fabs(median));
    load->count = 0;
}

static int add_repetition(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct repetition_load *load = user;

    (void)count;
    (void)e;
    if (!load->series || load->launch != c[0].number || strcmp(load->series->metric, c[2].text)) {
        close_launch(load);
        load->series = gate_side_series(load->side, c[1].text, c[2].text);
        load->launch = c[0].number;
    }
    VEC_ROOM(load->values, load->count, load->capacity);
    load->values[load->count++] = c[3].number;
    return 0;
}

static int load_repetition_noise(struct gate *g, struct gate_side *side, const char *run, struct err *e)
{
    struct repetition_load load = {.side = side};
    int failed;

    for (size_t i = 0; i < g->metric_count; i++) {
        const char *const parameters[] = {run, g->metrics[i].name};

        if (!g->metrics[i].deterministic)
            continue;
        failed = store_query(g->store,
                             "SELECT l.id, p.text, m.name, s.value FROM planned_launch l"
                             " JOIN point p ON p.id = l.point AND p.role = ''"
                             " JOIN metric m ON m.name = ?2 JOIN sample s ON s.launch = l.id AND s.metric = m.id"
                             " WHERE l.run IN " GATE_RUNS
                             " AND l.status = 'done' AND s.repetition >= 0 AND s.value IS NOT NULL"
                             " ORDER BY l.id",
                             parameters, 2, add_repetition, &load, e);
        close_launch(&load);
        load.series = NULL;
        if (failed) {
            free(load.values);
            return -1;
        }
    }
    free(load.values);
    return 0;
}

static int order_points(const void *a, const void *b)
{
    return strverscmp(((const struct gate_point *)a)->text, ((const struct gate_point *)b)->text);
}

static int order_series(const void *a, const void *b)
{
    const struct gate_series *x = a, *y = b;
    int order = strverscmp(x->point, y->point);

    return order ? order : strcmp(x->metric, y->metric);
}

/* Numbers in names count as numbers: size=64 comes before size=128, for people and for the look-ups below. */
static void sort_side(struct gate_side *side)
{
    if (side->point_count)
        qsort(side->points, side->point_count, sizeof *side->points, order_points);
    if (side->series_count)
        qsort(side->series, side->series_count, sizeof *side->series, order_series);
}

int gate_side_identity(struct gate *g, int64_t run, struct gate_side *side, struct err *e)
{
    char id[24];

    memset(side, 0, sizeof *side);
    side->run = run;
    snprintf(id, sizeof id, "%" PRId64, run);
    if (load_run(g, side, id, e) || load_points(g, side, id, e))
        return -1;
    sort_side(side);
    return 0;
}

int gate_side_load(struct gate *g, int64_t run, struct gate_side *side, struct err *e)
{
    char id[24];

    memset(side, 0, sizeof *side);
    side->run = run;
    snprintf(id, sizeof id, "%" PRId64, run);
    if (load_run(g, side, id, e) || load_points(g, side, id, e) || load_medians(g, side, id, e))
        return -1;
    sort_side(side);
    return load_repetition_noise(g, side, id, e);
}

void gate_side_free(struct gate_side *s)
{
    char *texts[] = {s->uuid,    s->plan,        s->arguments, s->status, s->machine,  s->klass, s->commit, s->branch,
                     s->subject, s->binary_hash, s->script,    s->gpu,    s->compiler, s->flags, s->toolkit};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (struct fact *f = s->environment; f && f->name; f++) {
        free(f->name);
        free(f->value);
    }
    free(s->environment);
    for (size_t i = 0; i < s->point_count; i++) {
        struct gate_point *p = &s->points[i];
        char *parts[] = {p->text,      p->kernel, p->variant, p->kernel_version, p->variant_version,
                         p->code_hash, p->reason};

        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            free(parts[k]);
    }
    free(s->points);
    for (size_t i = 0; i < s->series_count; i++) {
        free(s->series[i].point);
        free(s->series[i].metric);
        free(s->series[i].values);
    }
    free(s->series);
    memset(s, 0, sizeof *s);
}

static int compare_point(const void *key, const void *row)
{
    return strverscmp(key, ((const struct gate_point *)row)->text);
}

const struct gate_point *gate_side_point(const struct gate_side *side, const char *text)
{
    return side->point_count ? bsearch(text, side->points, side->point_count, sizeof *side->points, compare_point)
                             : NULL;
}

static int compare_series(const void *key, const void *row)
{
    const char *const *names = key;
    const struct gate_series *s = row;
    int order = strverscmp(names[0], s->point);

    return order ? order : strcmp(names[1], s->metric);
}

const struct gate_series *gate_side_series(const struct gate_side *side, const char *point, const char *metric)
{
    const char *const key[] = {point, metric};

    return side->series_count ? bsearch(key, side->series, side->series_count, sizeof *side->series, compare_series)
                              : NULL;
}
