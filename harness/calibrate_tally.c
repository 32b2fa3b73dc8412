/* What launches of truth kernels counted, sorted by metric and point. */
#include "base/formula.h"
#include "base/mem.h"
#include "calibrate_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct truth_rule *tally_rule(const struct work_list *w, const char *metric)
{
    char *native = calibrate_native(w->q->passes, metric);
    const struct truth_rule *rule = calibrate_rule(metric, native, w->vendor);

    free(native);
    return rule;
}

/* Does the point state what the metric should count? */
bool tally_is_about(const struct work_list *w, const struct truth_point *p, const char *metric)
{
    struct expected ignored = {.count = NAN};

    return calibrate_expected(p, tally_rule(w, metric), &ignored);
}

const struct tally *tally_find(const struct work_list *w, const char *metric, const struct truth_point *p)
{
    for (size_t i = 0; i < w->tally_count; i++)
        if (!strcmp(w->tallies[i].metric, metric) && (!p || w->tallies[i].point == p))
            return &w->tallies[i];
    return NULL;
}

struct tally *tally_of(struct work_list *w, const char *metric, const struct truth_point *p)
{
    for (size_t i = 0; i < w->tally_count; i++)
        if (!strcmp(w->tallies[i].metric, metric) && w->tallies[i].point == p)
            return &w->tallies[i];
    VEC_ROOM(w->tallies, w->tally_count, w->tally_capacity);
    w->tallies[w->tally_count] = (struct tally){.metric = mem_copy(metric), .point = p, .overhead = NAN};
    return &w->tallies[w->tally_count++];
}

void tally_explain(struct tally *t, const char *reason)
{
    if (!t->count)
        snprintf(t->reason, sizeof t->reason, "%s", reason && *reason ? reason : "it could not be counted");
}

/* Suspect values stand only as long as there are no others. */
static void take_value(struct tally *t, double value, bool suspect, const char *reason)
{
    if (suspect && t->count && !t->suspect)
        return;
    if (!suspect && (t->suspect || !t->count))
        t->count = 0, *t->reason = '\0';
    t->suspect = suspect;
    VEC_ROOM(t->values, t->count, t->capacity);
    t->values[t->count++] = value;
    if (suspect)
        snprintf(t->reason, sizeof t->reason, "the values are suspect: %s", reason ? reason : "");
}

/* One launch's samples of one repetition, for formulas. */
struct moment {
    const struct launch_outcome *out;
    int repetition;
};

static double value_then(const char *metric, void *user)
{
    const struct moment *m = user;

    for (size_t i = 0; i < m->out->sample_count; i++)
        if (m->out->samples[i].repetition == m->repetition && !strcmp(m->out->samples[i].metric, metric))
            return m->out->samples[i].value;
    return NAN;
}

/* Derived metrics that something is known of, from the counts of this launch. */
static void take_derived(struct work_list *w, const struct truth_point *p, const struct launch_outcome *out)
{
    int last = -1;

    for (size_t i = 0; i < out->sample_count; i++)
        last = out->samples[i].repetition > last ? out->samples[i].repetition : last;
    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        for (const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL; m && m->name; m++)
            for (struct moment at = {out, 0};
                 m->formula && calibrate_known(m->name) && at.repetition <= last && tally_is_about(w, p, m->name);
                 at.repetition++) {
                double value = NAN;

                if (!formula_evaluate(m->formula, value_then, &at, &value, NULL) && !isnan(value))
                    take_value(tally_of(w, m->name, p), value, false, NULL);
            }
}

static bool is_listed(const struct text_list *l, const char *text)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->items[i], text))
            return true;
    return false;
}

/* What nobody knows anything of is shown on the first point that was measured. */
static bool is_wanted(const struct work_list *w, const struct truth_point *p, const struct text_list *metrics,
                      const char *metric)
{
    if (strstr(metric, ".thread_m"))
        return false; /* the spread over threads of another one */
    if (tally_rule(w, metric)->events)
        return tally_is_about(w, p, metric);
    return is_listed(metrics, metric) && (!tally_find(w, metric, NULL) || tally_find(w, metric, p));
}

void tally_samples(struct work_list *w, struct truth_point *p, const struct text_list *metrics,
                   const struct launch_outcome *out)
{
    double inner = out->result.inner > 1 ? (double)out->result.inner : 1;

    if (out->result.elements > 0)
        p->elements = out->result.elements;
    for (size_t i = 0; i < out->sample_count; i++) {
        const struct sample *s = &out->samples[i];

        if (s->repetition < 0 || !is_wanted(w, p, metrics, s->metric))
            continue;
        if (s->quality == QUALITY_UNAVAILABLE || isnan(s->value))
            tally_explain(tally_of(w, s->metric, p), s->reason);
        else
            take_value(tally_of(w, s->metric, p), s->value / inner, s->quality == QUALITY_SUSPECT, s->reason);
    }
    take_derived(w, p, out);
}
