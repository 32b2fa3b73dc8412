/*
 * A plan against itself: the same program, the same plan, run after run into a database of its own; and every two of the runs compared
 * as the gate would compare them. See doctor_trust.h and reports/analysis/power.h.
 */
#include "doctor_trust.h"

#include "../reports/analysis/power.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "gate_model.h"
#include "launch.h"
#include "sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One series over all runs. */
struct aa_series {
    const char *point, *metric;
    const struct gate_metric *row;
    struct compare_side *runs; /* as many as there are; empty where a run has none that can be trusted */
    struct power power;
};

struct aa {
    const struct trust_request *q;
    char *database; /* of the runs */
    int64_t runs[AA_MOST];
    size_t run_count;
    char *plan, *machine, *fingerprint;
    bool scripted, interrupted;
    size_t launches; /* of a point in a run */
    double seconds;
    struct gate gate; /* metrics and sides as the gate loads them */
    struct gate_options options;
    struct gate_side *sides;
    struct aa_series *series;
    size_t series_count, series_capacity;
};

json_t *doctor_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

int doctor_store_noise(const char *database, const struct trust_home *home, const struct noise_row *rows, size_t count,
                       struct err *e)
{
    struct store *s = NULL;
    int failed = store_open(&s, database, file_exists(database) ? STORE_UPDATE : STORE_WRITE, e);

    if (!failed)
        failed = store_noise(s, home, rows, count, e);
    store_close(s);
    return failed;
}

static void take_home(struct aa *a, const struct run_outcome *o)
{
    if (a->machine)
        return;
    a->machine = mem_copy(o->host.machine_name);
    a->fingerprint = mem_copy(o->host.machine_fingerprint);
    a->plan = mem_copy(o->plan.name);
    a->scripted = o->scripted;
    a->launches = o->plan.round_count;
}

/* One more run. A wrong or failed launch costs its point; a run of which nothing ran is the end. */
static int run_once(struct aa *a, size_t i, struct err *e)
{
    struct run_request r = a->q->run;
    struct run_outcome o;
    int failed;

    r.database = a->database;
    r.plan.seed += i;
    r.again = i > 0;
    failed = run_plan(&r, &o, e);
    if (!failed && !o.done)
        failed = err_set(e, CM_NOTHING, "no launch of the plan gave a number; `countermark run` shows why");
    if (!failed) {
        take_home(a, &o);
        a->runs[a->run_count++] = o.run;
    }
    run_outcome_free(&o);
    return failed;
}

static void show(const struct aa *a, size_t i, double gone)
{
    size_t wanted = (size_t)a->q->runs;
    char left[48];

    if (a->q->run.progress == PROGRESS_OFF)
        return;
    if (i)
        log_note("A/A run %zu of %zu, about %s left", i + 1, wanted,
                 text_duration_words(fmax(1, gone / (double)i * (double)(wanted - i)), left, sizeof left));
    else
        log_note("A/A run 1 of %zu", wanted);
}

static int run_all(struct aa *a, struct err *e)
{
    int64_t started = clock_ns();
    size_t wanted = (size_t)a->q->runs;
    int failed = 0;

    launch_catch_signals(true); /* between runs too */
    for (size_t i = 0; i < wanted && !failed; i++) {
        show(a, i, (double)(clock_ns() - started) / 1e9);
        failed = run_once(a, i, e);
    }
    launch_catch_signals(false);
    a->seconds = (double)(clock_ns() - started) / 1e9;
    if (!failed || e->code != CM_INTERRUPTED)
        return failed;
    if (a->run_count < 2) {
        err_clear(e);
        return err_set(e, CM_INTERRUPTED, "stopped before two A/A runs were there: nothing was learnt");
    }
    err_clear(e);
    a->interrupted = true;
    log_note("stopped: the %zu runs that are there are used", a->run_count);
    return 0;
}

static int load(struct aa *a, struct err *e)
{
    a->options = (struct gate_options){.database = a->database, .min_effect = a->q->min_effect};
    a->gate = (struct gate){.options = &a->options};
    a->gate.metrics_glob = mem_copy(a->q->metrics && *a->q->metrics ? a->q->metrics : METRICS_GATING);
    a->sides = mem_new(a->run_count, sizeof *a->sides);
    if (store_open(&a->gate.store, a->database, STORE_READ, e) || gate_metrics_load(&a->gate, e))
        return -1;
    for (size_t i = 0; i < a->run_count; i++)
        if (gate_side_load(&a->gate, a->runs[i], &a->sides[i], e))
            return -1;
    return 0;
}

static const struct gate_metric *metric_of(const struct aa *a, const char *name)
{
    for (size_t i = 0; i < a->gate.metric_count; i++)
        if (!strcmp(a->gate.metrics[i].name, name))
            return &a->gate.metrics[i];
    return NULL;
}

static struct aa_series *series_of(struct aa *a, const struct gate_series *s)
{
    struct aa_series *new;

    for (size_t i = 0; i < a->series_count; i++)
        if (!strcmp(a->series[i].point, s->point) && !strcmp(a->series[i].metric, s->metric))
            return &a->series[i];
    VEC_ROOM(a->series, a->series_count, a->series_capacity);
    new = &a->series[a->series_count++];
    *new = (struct aa_series){.point = s->point, .metric = s->metric, .row = metric_of(a, s->metric)};
    new->runs = mem_new(a->run_count, sizeof *new->runs);
    return new;
}

/* What cannot be trusted is no noise: the gate does not judge by it either. */
static void gather(struct aa *a)
{
    for (size_t r = 0; r < a->run_count; r++)
        for (size_t i = 0; i < a->sides[r].series_count; i++) {
            const struct gate_series *s = &a->sides[r].series[i];

            if (!text_starts(s->quality, quality_name(QUALITY_SUSPECT)))
                series_of(a, s)->runs[r] = (struct compare_side){s->values, s->count};
        }
}

static int by_blindness(const void *a, const void *b)
{
    const struct aa_series *x = a, *y = b;
    double dx = isnan(x->power.detectable) ? INFINITY : x->power.detectable;
    double dy = isnan(y->power.detectable) ? INFINITY : y->power.detectable;
    int order;

    if (dx != dy)
        return dx < dy ? 1 : -1;
    order = strcmp(x->metric, y->metric);
    return order ? -order : strverscmp(x->point, y->point); /* time before counts */
}

static void measure(struct aa *a)
{
    struct power_rule rule = {.compare = gate_compare_options(&a->gate), .largest_p = SIGHT_P_KNOWN};

    rule.compare.min_effect_deterministic = SIGHT_COUNT_FLOOR;
    for (size_t i = 0; i < a->series_count; i++) {
        struct aa_series *s = &a->series[i];
        struct power_series p = {.runs = s->runs,
                                 .run_count = a->run_count,
                                 .deterministic = s->row->deterministic,
                                 .better_lower = s->row->better == BETTER_LOWER};

        power_measure(&p, &rule, &s->power);
    }
    qsort(a->series, a->series_count, sizeof *a->series, by_blindness);
}

static int store(const struct aa *a, struct err *e)
{
    const struct trust_home home = {a->machine, a->fingerprint, a->scripted};
    struct noise_row *rows = mem_new(a->series_count + 1, sizeof *rows);
    size_t n = 0;
    int failed;

    for (size_t i = 0; i < a->series_count; i++) {
        const struct power *p = &a->series[i].power;

        if (p->comparisons)
            rows[n++] = (struct noise_row){.point = a->series[i].point,
                                           .metric = a->series[i].metric,
                                           .runs = (int64_t)p->runs,
                                           .launches = (int64_t)p->launches,
                                           .comparisons = (int64_t)p->comparisons,
                                           .noise = p->noise,
                                           .autocorrelation = p->autocorrelation,
                                           .false_alarms = p->false_alarms,
                                           .drift = p->drift,
                                           .detectable = p->detectable,
                                           .layout = NAN};
    }
    failed = n ? doctor_store_noise(a->q->run.database, &home, rows, n, e)
               : err_set(e, CM_NOTHING, "no series has values in two runs, so nothing was learnt");
    free(rows);
    return failed;
}

static json_t *series_json(const struct aa_series *s)
{
    const struct power *p = &s->power;

    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "point", s->point, "metric",
                     s->metric, "runs", (json_int_t)p->runs, "launches", (json_int_t)p->launches, "noise",
                     doctor_number(p->noise), "autocorrelation", doctor_number(p->autocorrelation), "drift",
                     doctor_number(p->drift), "comparisons", (json_int_t)p->comparisons, "alarms",
                     (json_int_t)p->alarms, "false_alarms", doctor_number(p->false_alarms), "low",
                     doctor_number(p->low), "high", doctor_number(p->high), "detectable", doctor_number(p->detectable));
}

/* All series together. Pairs share their runs, so only half as many of each series as there are runs are taken to be independent. */
static json_t *alarms_json(const struct aa *a)
{
    size_t alarms = 0, comparisons = 0, pairs = 0;
    double low, high, share;

    for (size_t i = 0; i < a->series_count; i++) {
        alarms += a->series[i].power.alarms;
        comparisons += a->series[i].power.comparisons;
        pairs += a->series[i].power.runs / 2;
    }
    share = comparisons ? (double)alarms / (double)comparisons : NAN;
    power_share_interval(share * (double)pairs, (double)pairs, &low, &high);
    return json_pack("{s:o, s:I, s:I, s:o, s:o}", "share", doctor_number(share), "alarms", (json_int_t)alarms,
                     "comparisons", (json_int_t)comparisons, "low", doctor_number(low), "high", doctor_number(high));
}

/* As check tells it, of what was measured here. */
static json_t *sight_json(struct aa *a)
{
    struct sight *list = mem_new(a->gate.metric_count + 1, sizeof *list);
    char *sentence;
    json_t *json;

    gate_sights(&a->gate, list); /* no items yet: names alone, time first */
    for (size_t m = 0; m < a->gate.metric_count; m++)
        for (size_t i = 0; i < a->series_count; i++) {
            const struct power *p = &a->series[i].power;

            if (!strcmp(a->series[i].metric, list[m].metric) && p->comparisons)
                sight_add(&list[m], isnan(p->detectable) ? INFINITY : p->detectable);
        }
    sentence = sight_sentence(list, a->gate.metric_count);
    json = sentence ? json_string(sentence) : json_null();
    for (size_t m = 0; m < a->gate.metric_count; m++)
        sight_free(&list[m]);
    free(list);
    free(sentence);
    return json;
}

static json_t *tell(struct aa *a)
{
    json_t *series = json_array();

    for (size_t i = 0; i < a->series_count; i++)
        json_array_append_new(series, series_json(&a->series[i]));
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:f, s:I, s:I, s:o, s:o, s:o}", "aa", 1, "machine",
                     a->machine, "fingerprint", a->fingerprint, "database", a->q->run.database, "plan", a->plan,
                     "scripted", a->scripted, "interrupted", a->interrupted, "seconds", a->seconds, "runs",
                     (json_int_t)a->run_count, "launches", (json_int_t)a->launches, "sight", sight_json(a),
                     "false_alarms", alarms_json(a), "series", series);
}

static void aa_free(struct aa *a)
{
    for (size_t i = 0; i < a->series_count; i++)
        free(a->series[i].runs);
    free(a->series);
    for (size_t i = 0; a->sides && i < a->run_count; i++)
        gate_side_free(&a->sides[i]);
    free(a->sides);
    gate_free(&a->gate);
    free(a->database);
    free(a->plan);
    free(a->machine);
    free(a->fingerprint);
    free(a);
}

json_t *doctor_aa(const struct trust_request *q, struct err *e)
{
    struct aa *a = mem_new(1, sizeof *a);
    char *folder = mem_format("%s.builds", q->run.database);
    json_t *document = NULL;
    int failed = file_folder(folder, e);

    a->q = q;
    a->database = mem_format("%s/aa.db", folder);
    if (!failed)
        failed = run_all(a, e);
    if (!failed)
        failed = load(a, e);
    if (!failed && a->launches < gate_compare_options(&a->gate).min_launches)
        log_warning(
            "%zu launches of a point are too few for a verdict on time, so no change of it was found; %zu are needed",
            a->launches, gate_compare_options(&a->gate).min_launches);
    if (!failed) {
        gather(a);
        measure(a);
        failed = store(a, e);
    }
    if (!failed) {
        document = tell(a);
        if (!document)
            err_set(e, CM_INTERNAL, "what was learnt could not be written as JSON");
    }
    aa_free(a);
    free(folder);
    return document;
}
