/*
 * When a run ends: do the counter passes of each point agree about what they have in common? What a pass that does not has counted is
 * marked, with the reason, and said once. What is measured in turns in one launch ("papi:A,B|C,D", see multiplex.h) is one
 * pass for each of its sets.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "multiplex.h"
#include "run_parts.h"
#include "tie_points.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What passes have in common, with the least and the most that is taken as the noise of launches. Other cycles for the same
 * instructions say that the machine was another, not that the count is wrong: instructions stay. Cycles are asked about only where
 * repetitions show how restless they are.
 */
static const struct tie_metric {
    const char *name, *words;
    double least, least_unknown; /* the latter where no runs of the plan against itself told the noise */
    double most;
    size_t repetitions;
    const char *spared;
} tie_metrics[] = {
    {"papi.PAPI_TOT_INS", "instructions", 0.00025, 0.00025, 0.005, 1, NULL},
    {"papi.PAPI_TOT_CYC", "cycles", 0.0025, 0.025, 0.05, 3, "papi.PAPI_TOT_INS"},
    {"callgrind.instructions", "instructions", 0.00025, 0.00025, 0.005, 1, NULL},
    {"cupti.warp_instructions", "warp instructions", 0.00025, 0.00025, 0.005, 1, NULL},
};
#define TIE_NAMES "('papi.PAPI_TOT_INS', 'papi.PAPI_TOT_CYC', 'callgrind.instructions', 'cupti.warp_instructions')"

/* One pass of one point, or one set of a pass that measures several in turns. */
struct group {
    char *pass;
    int set, sets;
    double *values;
    size_t count, capacity;
    int64_t *launches;
    size_t launch_count, launch_capacity;
};

/* One metric of one point, while its rows last. */
struct series {
    char *point, *metric;
    struct group *groups;
    size_t count, capacity;
};

struct doubt {
    int64_t launch;
    char *metrics, *reason;
};

struct reader {
    struct session *session;
    struct series series;
    struct doubt *doubts;
    size_t count, capacity;
    size_t passes; /* that differ */
    char *first;   /* what is told: the first of them */
};

static void series_clear(struct series *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->groups[i].pass);
        free(s->groups[i].values);
        free(s->groups[i].launches);
    }
    free(s->groups);
    free(s->point);
    free(s->metric);
    *s = (struct series){0};
}

static struct group *group_for(struct series *s, const char *pass, int repetition)
{
    int sets = (int)multiplex_sets(pass), set = repetition % sets;
    struct group *g;

    for (size_t i = s->count; i-- > 0;)
        if (s->groups[i].set == set && !strcmp(s->groups[i].pass, pass))
            return &s->groups[i];
    VEC_ROOM(s->groups, s->count, s->capacity);
    g = &s->groups[s->count++];
    *g = (struct group){.pass = mem_copy(pass), .set = set, .sets = sets};
    return g;
}

static void group_add(struct group *g, int64_t launch, double value)
{
    VEC_ROOM(g->values, g->count, g->capacity);
    g->values[g->count++] = value;
    if (g->launch_count && g->launches[g->launch_count - 1] == launch)
        return;
    VEC_ROOM(g->launches, g->launch_count, g->launch_capacity);
    g->launches[g->launch_count++] = launch;
}

static const struct tie_metric *metric_of(const char *name)
{
    for (size_t i = 0; i < sizeof tie_metrics / sizeof *tie_metrics; i++)
        if (!strcmp(tie_metrics[i].name, name))
            return &tie_metrics[i];
    return NULL;
}

/* What runs of the plan against itself told of this series, or NaN. */
static int known_noise(const struct session *s, const struct series *one, double *noise, struct err *e)
{
    const char *parameters[] = {s->out->host.machine_name, one->point, one->metric, s->fake_script ? "1" : "0"};

    return store_number(s->store,
                        "SELECT noise FROM noise WHERE machine = ?1 AND point = ?2 AND metric = ?3 AND scripted = ?4"
                        " AND noise IS NOT NULL ORDER BY created DESC LIMIT 1",
                        parameters, 4, noise, NULL, e);
}

/* "instructions of this pass are 3.2 % above those of the other passes (1.23 M, not 1.19 M; they agree within 0.1 %)" */
static char *reason_of(const struct group *g, const struct tie_pass *p, size_t passes, const char *words, double limit)
{
    const char *others = g->sets > 1 ? "the other sets" : passes == 2 ? "the other pass" : "the other passes";
    char here[40], there[40], off[60];

    if (p->off > 1)
        snprintf(off, sizeof off, "%.3g times", 1 + p->off);
    else
        snprintf(off, sizeof off, "%.2g %% %s", 100 * fabs(p->off), p->off > 0 ? "above" : "below");
    return mem_format("%s of this %s are %s those of %s (%s, not %s; up to %.2g %% may be chance)", words,
                      g->sets > 1 ? "set" : "pass", off, others, text_quantity(p->median, "1", here, sizeof here),
                      text_quantity(p->others, "1", there, sizeof there), 100 * limit);
}

/* All launches of the pass: its own events with their spread over threads, or all that the collector counts in it. */
static void note(struct reader *r, const struct group *g, const char *spared, char *reason)
{
    for (size_t i = 0; i < g->launch_count; i++) {
        VEC_ROOM(r->doubts, r->count, r->capacity);
        r->doubts[r->count++] =
            (struct doubt){g->launches[i], multiplex_globs(g->pass, g->set, spared), mem_copy(reason)};
    }
    if (!r->passes++)
        r->first = mem_format("%s, %s: %s", r->series.point, g->pass, reason);
    free(reason);
}

/* What is taken as noise at least. Where the passes say nothing of it, only what no program does by itself is doubted. */
static double least_of(const struct tie_metric *m, const struct series *s, double noise)
{
    bool single = s->groups[0].count < 2 && s->groups[1].count < 2;

    if (!isnan(noise))
        return m->least;
    return tie_points_blind(s->count, single, text_workers(s->point)) ? m->most : m->least_unknown;
}

static int judge(struct reader *r, struct err *e)
{
    const struct series *s = &r->series;
    const struct tie_metric *m = s->metric ? metric_of(s->metric) : NULL;
    struct tie_pass *passes;
    double noise = NAN, limit;

    if (!m || s->count < 2)
        return 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->groups[i].count < m->repetitions)
            return 0;
    if (known_noise(r->session, s, &noise, e))
        return -1;
    passes = mem_new(s->count, sizeof *passes);
    for (size_t i = 0; i < s->count; i++)
        passes[i] = tie_pass_of(s->groups[i].values, s->groups[i].count);
    if (tie_points_test(passes, s->count, noise, least_of(m, s, noise), m->most, &limit))
        for (size_t i = 0; i < s->count; i++)
            if (passes[i].differs)
                note(r, &s->groups[i], m->spared, reason_of(&s->groups[i], &passes[i], s->count, m->words, limit));
    free(passes);
    return 0;
}

static int take_row(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct reader *r = user;
    struct series *s = &r->series;

    (void)count;
    if (!s->point || strcmp(s->point, c[0].text) || strcmp(s->metric, c[1].text)) {
        if (judge(r, e))
            return -1;
        series_clear(s);
        s->point = mem_copy(c[0].text);
        s->metric = mem_copy(c[1].text);
    }
    group_add(group_for(s, c[2].text, (int)c[4].number), (int64_t)c[3].number, c[5].number);
    return 0;
}

static int read_all(struct reader *r, struct err *e)
{
    char run[24];
    const char *parameters[] = {run};

    snprintf(run, sizeof run, "%" PRId64, r->session->out->run);
    if (store_query(r->session->store,
                    "SELECT p.text, m.name, l.pass, l.id, x.repetition, x.value / max(1, coalesce(l.inner, 1))"
                    " FROM planned_launch l JOIN point p ON p.id = l.point JOIN sample x ON x.launch = l.id"
                    " JOIN metric m ON m.id = x.metric JOIN quality q ON q.id = x.quality"
                    " WHERE l.run = ?1 AND l.status = 'done' AND l.pass <> '' AND x.repetition >= 0"
                    " AND x.value IS NOT NULL AND m.name IN " TIE_NAMES
                    " AND q.text NOT LIKE 'suspect%' ORDER BY p.text, m.name, l.pass, l.sequence, x.repetition",
                    parameters, 1, take_row, r, e))
        return -1;
    return judge(r, e);
}

/* A run that will be gone on with is judged at its end: what is missing may tell which of two passes is right. */
static bool has_ended(const struct session *s)
{
    for (size_t i = 0; i < s->out->plan.launch_count; i++)
        if (s->out->status[i] == LAUNCH_PLANNED)
            return false;
    return true;
}

int run_tie_points(struct session *s, struct err *e)
{
    struct reader r = {.session = s};
    int failed = has_ended(s) ? read_all(&r, e) : 0;

    for (size_t i = 0; i < r.count; i++) {
        if (!failed)
            failed = store_doubt(s->store, r.doubts[i].launch, r.doubts[i].metrics, r.doubts[i].reason, e);
        free(r.doubts[i].metrics);
        free(r.doubts[i].reason);
    }
    if (!failed && r.passes)
        log_warning("%zu counter pass%s saw other work than the rest of %s and %s suspect now%s %s", r.passes,
                    r.passes == 1 ? "" : "es", r.passes == 1 ? "its point" : "their points",
                    r.passes == 1 ? "is" : "are", r.passes == 1 ? ":" : "; the first:", r.first);
    series_clear(&r.series);
    free(r.doubts);
    free(r.first);
    return failed;
}
