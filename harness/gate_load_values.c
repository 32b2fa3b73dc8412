/*
 * The gate's reading of values: which metrics are judged, and for each point of a run the medians of its launches. Samples of launches
 * that were wrong, crashed or were part of an interleaved re-run have no place here; the store keeps medians of launches that ended well
 * only.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_metric(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct gate *g = user;
    struct gate_metric *m;

    (void)count;
    (void)e;
    if (!metric_matches(g->metrics_glob, cells[0].text) || !strcmp(cells[3].text, metric_better_name(BETTER_NEITHER)))
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

int gate_medians_load(struct gate *g, struct gate_side *side, const char *run, struct err *e)
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

int gate_repetition_noise_load(struct gate *g, struct gate_side *side, const char *run, struct err *e)
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
