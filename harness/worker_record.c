/*
 * From readings to samples. Readings come between repetitions, so nothing is written here before everything is
 * measured: the record grows in memory and becomes text at the end.
 */
#include "base/mem.h"
#include "base/text.h"
#include "multiplex.h"
#include "registry.h"
#include "worker.h"
#include "worker_figures.h"
#include "worker_noise.h"

#include <string.h>

struct worker_sample {
    size_t metric;
    int repetition;
    double value, share;
    enum quality quality;
    const char *reason;
};

static void *keep(struct worker_record *r, void *made)
{
    VEC_ROOM(r->made, r->made_count, r->made_capacity);
    r->made[r->made_count++] = made;
    return made;
}

static const struct metric *in_list(const struct metric *m, const char *name)
{
    for (; m && m->name; m++)
        if (!strcmp(m->name, name))
            return m;
    return NULL;
}

static const struct metric *in_catalogue(const struct collector *c, const char *name)
{
    return in_list(c->catalogue ? c->catalogue() : NULL, name);
}

static const struct metric *described(const struct worker *w, const char *name)
{
    const struct metric *m = in_list(figure_metrics, name);

    for (size_t i = 0; i < w->instruments.count && !m; i++)
        m = in_catalogue(w->instruments.items[i].collector, name);
    /* A script can name the metrics of instruments that do not work here. */
    for (const struct registry_collector *c = registry_collectors; c->name && !m; c++)
        m = in_catalogue(c->collector, name);
    return m;
}

/* A metric that nobody describes: the spread over threads of one that somebody does, or a script's own. */
static const struct metric *invent(struct worker *w, const char *name)
{
    struct metric *m = keep(&w->record, mem_new(1, sizeof *m));
    const char *spread = strstr(name, ".thread_m");
    char *base = spread ? mem_copy_n(name, (size_t)(spread - name)) : NULL;
    const struct metric *of = base ? described(w, base) : NULL;

    *m = (struct metric){.unit = "1", .meaning = "scripted", .kind = METRIC_COUNT, .better = BETTER_LOWER};
    if (of) {
        *m = *of;
        m->better = BETTER_NEITHER;
        m->deterministic = false;
        m->meaning = keep(&w->record,
                          mem_format("%s, of the %s thread", of->meaning, strstr(spread, "min") ? "least" : "busiest"));
    }
    m->name = keep(&w->record, mem_copy(name));
    free(base);
    return m;
}

static size_t metric_index(struct worker *w, const char *name)
{
    struct worker_record *r = &w->record;
    const struct metric *m;

    for (size_t i = 0; i < r->metric_count; i++)
        if (!strcmp(r->metrics[i]->name, name))
            return i;
    m = described(w, name);
    VEC_ROOM(r->metrics, r->metric_count, r->metric_capacity);
    r->metrics[r->metric_count] = m ? m : invent(w, name);
    return r->metric_count++;
}

/* Time never comes from a pass with counters, scripted or not. */
static bool out_of_place(const struct worker *w, const char *name)
{
    if (!*w->spec->pass)
        return false;
    if (in_list(figure_metrics, name))
        return true;
    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        if (c->collector->in_time_pass && in_catalogue(c->collector, name))
            return true;
    return false;
}

static struct worker_sample *place(struct worker_record *r, size_t metric, int repetition)
{
    /* A state of the whole launch, such as peak memory: the last one counts. */
    for (size_t i = 0; repetition < 0 && i < r->sample_count; i++)
        if (r->samples[i].metric == metric)
            return &r->samples[i];
    VEC_ROOM(r->samples, r->sample_count, r->sample_capacity);
    return &r->samples[r->sample_count++];
}

static void add(struct worker *w, int repetition, const struct reading *reading)
{
    struct worker_record *r = &w->record;
    size_t metric = metric_index(w, reading->metric);
    bool state = !*w->spec->pass && r->metrics[metric]->kind == METRIC_GAUGE;
    struct worker_sample *s = place(r, metric, state ? -1 : repetition);

    *s = (struct worker_sample){.metric = metric,
                                .repetition = state ? -1 : repetition,
                                .value = reading->value,
                                .share = reading->share,
                                .quality = reading->quality,
                                .reason = *reading->reason ? keep(r, mem_copy(reading->reason)) : ""};
}

/* How many executions the value of this metric is of. */
static double executions(struct worker *w, const char *metric)
{
    size_t index = metric_index(w, metric); /* may move the list */
    bool state = w->record.metrics[index]->kind == METRIC_GAUGE;

    return !state && w->report.inner > 1 ? (double)w->report.inner : 1;
}

/* Scripts speak of one execution: how many a repetition holds is calibrated, and differs from launch to launch. What a script adds
 * belongs to repetitions; of the launch as a whole it changes what is there. */
static size_t scripted(struct worker *w, int repetition, struct reading *readings, size_t count)
{
    size_t capacity = repetition < 0 ? count : MEASURE_READINGS;

    worker_noise_forget(readings, count);
    for (size_t i = 0; i < count; i++)
        readings[i].value /= executions(w, readings[i].metric);
    count = fake_apply(w->fake, w->spec->point, w->spec->number, repetition, readings, count, capacity);
    for (size_t i = 0; i < count; i++)
        readings[i].value *= executions(w, readings[i].metric);
    return count;
}

void worker_record_state(struct worker *w, struct reading *reading)
{
    if (w->fake)
        fake_apply(w->fake, w->spec->point, w->spec->number, -1, reading, 1, 1);
    add(w, -1, reading);
}

void worker_record_readings(int repetition, struct reading *readings, size_t count, void *user)
{
    struct worker *w = user;

    if (w->fake)
        count = scripted(w, repetition, readings, count);
    count = multiplex_mark(w->spec->pass, repetition, readings, count);
    worker_noise_mark(readings, count);
    for (size_t i = 0; i < count; i++)
        if (!w->fake || !out_of_place(w, readings[i].metric))
            add(w, repetition, &readings[i]);
}

void worker_record_write(const struct worker_record *r, struct buf *answer)
{
    for (size_t i = 0; i < r->metric_count; i++)
        launch_answer_metric(answer, r->metrics[i]);
    for (size_t i = 0; i < r->sample_count; i++) {
        const struct worker_sample *s = &r->samples[i];
        struct sample sample = {.repetition = s->repetition,
                                .value = s->value,
                                .quality = s->quality,
                                .share = s->share,
                                .reason = s->reason};

        launch_answer_sample(answer, s->metric, &sample);
    }
}

void worker_record_clear(struct worker_record *r)
{
    for (size_t i = 0; i < r->made_count; i++)
        free(r->made[i]);
    free(r->made);
    free(r->metrics);
    free(r->samples);
    memset(r, 0, sizeof *r);
}
