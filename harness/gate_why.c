/*
 * The first cause of a finding: what both runs counted of its worst point, handed to why_sentence (reports/analysis/why.h).
 *
 * Every launch gives one value, the median of its repetitions per execution. Values that cannot be trusted are left out, and so
 * are events that this machine counts wrongly: the sentence says which.
 */
#include "gate_model.h"

#include "../reports/analysis/why.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one such event can cost at most, ns; of others no more than a miss to memory. */
static const struct event_cost {
    const char *metric;
    double most_ns;
} event_costs[] = {
    {"os.faults_minor", 5e3},
    {"os.faults_major", 1e8},
    {"os.switches_voluntary", 1e8},
    {"os.switches_involuntary", 1e8},
};

/* One metric of one run, while its samples are read. */
struct side_load {
    double *launches; /* medians */
    size_t count, capacity;
    double spread;
};

struct metric_load {
    char *name;
    struct side_load sides[2];
};

struct why_load {
    struct metric_load *metrics;
    size_t count, capacity;
    int side;
    double launch; /* whose repetitions are being gathered, NaN none */
    double *values;
    size_t value_count, value_capacity;
};

static struct metric_load *metric_named(struct why_load *load, const char *name)
{
    for (size_t i = 0; i < load->count; i++)
        if (!strcmp(load->metrics[i].name, name))
            return &load->metrics[i];
    return NULL;
}

static struct metric_load *metric_for(struct why_load *load, const char *name)
{
    struct metric_load *m = metric_named(load, name);

    if (m)
        return m;
    VEC_ROOM(load->metrics, load->count, load->capacity);
    m = &load->metrics[load->count++];
    *m = (struct metric_load){.name = mem_copy(name)};
    return m;
}

/* The repetitions gathered so far become one launch of the newest metric of this side. */
static void close_launch(struct why_load *load, const char *metric)
{
    struct side_load *s = &metric_for(load, metric)->sides[load->side];
    double median = stats_median(load->values, load->value_count);

    VEC_ROOM(s->launches, s->count, s->capacity);
    s->launches[s->count++] = median;
    if (load->value_count > 2 && median != 0)
        s->spread = fmax(s->spread, stats_sigma(load->values, load->value_count) / fabs(median));
    load->value_count = 0;
}

struct row_load {
    struct why_load *load;
    char *metric; /* of the gathered repetitions, or NULL */
};

/* Rows of metric, launch, value, sorted. */
static int add_value(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct row_load *rows = user;
    struct why_load *load = rows->load;

    (void)count;
    (void)e;
    if (rows->metric && (strcmp(rows->metric, c[0].text) || load->launch != c[1].number)) {
        close_launch(load, rows->metric);
        free(rows->metric);
        rows->metric = NULL;
    }
    if (!rows->metric)
        rows->metric = mem_copy(c[0].text);
    load->launch = c[1].number;
    VEC_ROOM(load->values, load->value_count, load->value_capacity);
    load->values[load->value_count++] = c[2].number;
    return 0;
}

/* What a run counted of the point. Times of counter launches are no times. */
static int load_side(struct gate *g, int64_t run, const char *point, struct why_load *load, int side)
{
    char id[24];
    const char *const parameters[] = {id, point};
    struct row_load rows = {load, NULL};
    int failed;

    snprintf(id, sizeof id, "%" PRId64, run);
    load->side = side;
    failed = store_query(g->store,
                         "SELECT m.name, l.id, CASE WHEN s.repetition < 0 OR m.kind = 'gauge' THEN s.value"
                         " ELSE s.value / max(1, coalesce(l.inner, 1)) END"
                         " FROM planned_launch l JOIN point p ON p.id = l.point JOIN sample s ON s.launch = l.id"
                         " JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality"
                         " WHERE l.run IN " GATE_RUNS " AND p.text = ?2 AND l.status = 'done' AND s.value IS NOT NULL"
                         " AND q.text NOT LIKE 'suspect%' AND m.name NOT LIKE '%.thread_%' AND"
                         " (m.kind = 'count' OR (l.pass = '' AND m.name IN ('wall.time', 'device.time')))"
                         " ORDER BY m.name, l.id",
                         parameters, 2, add_value, &rows, NULL);
    if (rows.metric)
        close_launch(load, rows.metric);
    free(rows.metric);
    return failed;
}

static struct why_series series_of(const struct metric_load *m)
{
    struct why_series s = {.words = m ? metric_words(m->name) : ""};

    if (!m)
        return s;
    s.before = (struct compare_side){m->sides[0].launches, m->sides[0].count};
    s.now = (struct compare_side){m->sides[1].launches, m->sides[1].count};
    s.spread = fmax(m->sides[0].spread, m->sides[1].spread);
    for (size_t i = 0; i < sizeof event_costs / sizeof *event_costs; i++)
        if (!strcmp(event_costs[i].metric, m->name))
            s.most_ns = event_costs[i].most_ns;
    return s;
}

static bool is_on_both_sides(const struct metric_load *m)
{
    return m && m->sides[0].count && m->sides[1].count;
}

static void free_load(struct why_load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        free(load->metrics[i].name);
        free(load->metrics[i].sides[0].launches);
        free(load->metrics[i].sides[1].launches);
    }
    free(load->metrics);
    free(load->values);
}

/* The factors of the time have names of their own; what is left is for the list of counters. */
static bool is_factor(const struct metric_load *m, const struct gate_item *item,
                      const struct metric_load *const factors[3])
{
    return m == factors[0] || m == factors[1] || m == factors[2] || !strcmp(m->name, item->metric->name) ||
           !strcmp(m->name, "wall.time") || !strcmp(m->name, "device.time");
}

/* Events that count wrong, then or now, are no cause of anything: they are emptied, and named. */
static void drop_barred(struct gate *g, const struct gate_item *item, struct why_load *load, struct buf *names)
{
    for (size_t i = 0; i < load->count; i++) {
        struct metric_load *m = &load->metrics[i];

        if (!is_on_both_sides(m) ||
            (!gate_barred(g, g->candidate.run, m->name) && !gate_barred(g, item->baseline->run, m->name)))
            continue;
        m->sides[0].count = m->sides[1].count = 0;
        buf_addf(names, "%s%s", names->length ? ", " : "", m->name);
    }
}

static char *sentence(const struct gate_item *item, struct why_load *load)
{
    bool device = gate_is_device(item->point);
    const struct metric_load *time = metric_named(load, device ? "device.time" : "wall.time");
    const struct metric_load *cycles = metric_named(load, device ? "cupti.gpc_cycles" : "papi.PAPI_TOT_CYC");
    const struct metric_load *work = metric_named(load, device ? "cupti.warp_instructions" : "papi.PAPI_TOT_INS");
    bool simulated = !device && !is_on_both_sides(work);
    struct why_series *counters = mem_new(load->count + 1, sizeof *counters);
    struct why_input in = {.what = metric_words(item->metric->name), .ratio = item->c.ratio};
    char text[500];

    if (simulated)
        work = metric_named(load, "callgrind.instructions");
    in.time = series_of(time);
    in.instructions = series_of(is_on_both_sides(work) ? work : NULL);
    in.cycles = series_of(is_on_both_sides(cycles) ? cycles : NULL);
    in.simulated = simulated;
    in.parallel = text_workers(item->point->text) > 1; /* their cycles are added up */
    for (size_t i = 0; i < load->count; i++) {
        const struct metric_load *const factors[3] = {time, cycles, work};

        if (is_on_both_sides(&load->metrics[i]) && !is_factor(&load->metrics[i], item, factors))
            counters[in.counter_count++] = series_of(&load->metrics[i]);
    }
    in.counters = counters;
    why_sentence(&in, text, sizeof text);
    free(counters);
    return mem_copy(text);
}

char *gate_why(struct gate *g, const struct gate_item *item)
{
    struct why_load load = {.launch = NAN};
    struct buf barred = {0};
    char *text = NULL;

    if (item->baseline && !load_side(g, item->baseline->run, item->point->text, &load, 0) &&
        !load_side(g, g->candidate.run, item->point->text, &load, 1)) {
        drop_barred(g, item, &load, &barred);
        text = sentence(item, &load);
    }
    if (text && barred.length) {
        char *whole = mem_format("%s; left out, as this machine counts it wrong: %s", text, buf_text(&barred));

        free(text);
        text = whole;
    }
    buf_free(&barred);
    free_load(&load);
    return text;
}
