/*
 * How far the place of code moves a point's time: programs of the same machine code, linked in different orders (`make layouts`),
 * measured in turns, launch by launch, all points interleaved. What lies between programs beyond what lies between launches is the
 * layout's doing. See reports/analysis/layout.h.
 */
#include "doctor_trust.h"

#include "../reports/analysis/layout.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "gate_rerun.h"
#include "launch.h"
#include "launch_ask.h"
#include "run_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define METRIC "wall.time"
#define SHOW_S 20 /* seconds between two words about progress */

/* One point: its launches by program. */
struct subject {
    int64_t inner;
    struct launches {
        double *values;
        size_t count, capacity;
    } * of;
    bool told; /* that it failed */
    struct layout_spread spread;
};

struct layout {
    const struct trust_request *q;
    struct host host;
    struct plan plan;
    char *script, *references;
    const char **programs;
    size_t program_count;
    struct subject *subjects; /* by the plan's points */
    uint64_t seed;
    int64_t started, shown;
    bool interrupted;
};

static int ask_codes(const char *program, json_t **codes, struct err *e)
{
    char name[] = "countermark", worker[] = "worker", option[] = "--codes", *argv[] = {name, worker, option, NULL};
    const struct launch_question q = {.program = program,
                                      .argv = argv,
                                      .who = program,
                                      .what = "its machine code",
                                      .longest = 1 << 20,
                                      .patience_s = 20};
    struct buf answer = {0};
    json_t *root = NULL;
    int failed = file_exists(program)
                     ? launch_ask(&q, &answer, e)
                     : err_set(e, CM_USAGE, "there is no program %s; `make layouts` makes some", program);

    if (!failed) {
        root = json_loads(buf_text(&answer), 0, NULL);
        *codes = json_incref(json_object_get(root, "codes"));
        if (!*codes)
            failed =
                err_set(e, CM_USAGE, "%s does not tell its machine code: it is no program of this version", program);
    }
    json_decref(root);
    buf_free(&answer);
    return failed;
}

/* The first variant whose code is another, or NULL. */
static const char *difference(const json_t *a, const json_t *b)
{
    const char *name;
    json_t *hash;

    json_object_foreach((json_t *)a, name, hash)
    {
        if (!json_equal(hash, json_object_get(b, name)))
            return name;
    }
    json_object_foreach((json_t *)b, name, hash)
    {
        if (!json_object_get(a, name))
            return name;
    }
    return NULL;
}

/* Between programs of different code not layout alone would be measured. */
static int check_codes(const struct layout *l, struct err *e)
{
    json_t *first = NULL, *other;
    int failed = ask_codes(l->programs[0], &first, e);

    for (size_t i = 1; i < l->program_count && !failed; i++) {
        const char *name;

        other = NULL;
        failed = ask_codes(l->programs[i], &other, e);
        name = failed ? NULL : difference(first, other);
        if (name)
            failed = err_set(e, CM_USAGE,
                             "%s and %s differ in the machine code of %s, so more than layout lies between them; make "
                             "them anew: make layouts",
                             l->programs[0], l->programs[i], name);
        json_decref(other);
    }
    json_decref(first);
    return failed;
}

static int find_programs(struct layout *l, struct err *e)
{
    if (l->q->program_count < 2)
        return err_set(e, CM_USAGE,
                       "--layout takes two or more programs beside this one: make layouts N=5, then countermark doctor "
                       "--layout build/layouts/*/countermark");
    if (l->q->program_count >= LAYOUT_MOST)
        return err_set(e, CM_USAGE, "--layout takes less than %d programs", LAYOUT_MOST);
    l->programs = mem_new(l->q->program_count + 1, sizeof *l->programs);
    l->programs[l->program_count++] = launch_self();
    for (size_t i = 0; i < l->q->program_count; i++)
        l->programs[l->program_count++] = l->q->programs[i];
    return check_codes(l, e);
}

static int set_up(struct layout *l, struct err *e)
{
    const struct run_request *r = &l->q->run;
    struct plan_text text;
    int failed = plan_read(&r->plan, &text, e);

    if (failed)
        return failed;
    failed = run_check_collectors(text.collect, e) || run_fake_script(text.collect, &l->script, e) ||
             host_read(&l->host, r->machine, r->machine_class, l->script, e) ||
             plan_make(&r->plan, &l->host, NULL, &l->plan, e);
    plan_text_free(&text);
    if (failed)
        return -1;
    l->references = run_reference_folder(r->database, l->host.binary_hash);
    l->subjects = mem_new(l->plan.point_count + 1, sizeof *l->subjects);
    for (size_t i = 0; i < l->plan.point_count; i++)
        l->subjects[i].of = mem_new(l->program_count, sizeof *l->subjects[i].of);
    return file_folder(l->references, e);
}

/* What a GPU computes does not stand in the program's own order. */
static bool has_layout(const struct plan_point *p)
{
    return !p->unavailable && p->variant_row && p->variant_row->variant->device == DEVICE_NONE;
}

static void take(struct layout *l, size_t point, size_t program, const struct launch_outcome *out)
{
    static const struct gate_metric time = {.name = (char *)METRIC, .duration = true, .better = BETTER_LOWER};
    struct subject *s = &l->subjects[point];
    struct launches *to = &s->of[program];
    const char *why = NULL;
    double median = rerun_median(out, &time, &why);

    if (isfinite(median)) {
        s->inner = s->inner ? s->inner : out->result.inner;
        VEC_ROOM(to->values, to->count, to->capacity);
        to->values[to->count++] = median;
    } else if (!s->told) {
        s->told = true;
        why = out->result.reason && *out->result.reason ? out->result.reason : why;
        log_note("%s: %s%s%s", l->plan.points[point].text,
                 out->result.status == LAUNCH_DONE ? "no time that can be trusted"
                                                   : launch_status_name(out->result.status),
                 why ? ": " : "", why ? why : "");
    }
}

static int launch_one(struct layout *l, const struct plan_launch *at, size_t program, uint64_t stack, struct err *e)
{
    const struct plan_point *p = &l->plan.points[at->point];
    struct launch_outcome out = {0};
    struct launch_spec spec = {
        .program = l->programs[program],
        .point = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .axes = p->axes,
        .pass = "",
        .number = at->number + (int)(program * l->plan.round_count), /* so that a script can tell programs apart */
        .inner = l->subjects[at->point].inner,
        .target_s = l->plan.target_s,
        .seed = text_hash(p->kernel, strlen(p->kernel), 0),
        .layout_seed = stack,
        .timeout_s = 60,
        .reference_folder = l->references,
        .fake_script = l->script,
    };

    if (launch_execute(&spec, &out, e))
        return -1;
    take(l, at->point, program, &out);
    launch_outcome_free(&out);
    return 0;
}

/* One launch of every program, in a random order, all with the same place of the stack. */
static int launch_all(struct layout *l, const struct plan_launch *at, struct err *e)
{
    size_t order[LAYOUT_MOST];
    uint64_t stack = stats_random(&l->seed);

    for (size_t i = 0; i < l->program_count; i++)
        order[i] = i;
    for (size_t i = l->program_count; i > 1; i--) {
        size_t k = stats_random(&l->seed) % i, taken = order[k];

        order[k] = order[i - 1];
        order[i - 1] = taken;
    }
    for (size_t i = 0; i < l->program_count; i++)
        if (launch_one(l, at, order[i], stack, e))
            return -1;
    return 0;
}

static void show(struct layout *l, size_t next)
{
    int64_t now = clock_ns();
    double gone = (double)(now - l->started) / 1e9;
    char left[48];

    if (l->q->run.progress == PROGRESS_OFF || now - l->shown < SHOW_S * INT64_C(1000000000) || !next)
        return;
    l->shown = now;
    log_note("%zu of %zu turns, about %s left: %s", next, l->plan.launch_count,
             text_duration_words(gone / (double)next * (double)(l->plan.launch_count - next), left, sizeof left),
             l->plan.points[l->plan.launches[next].point].text);
}

static int measure(struct layout *l, struct err *e)
{
    int failed = 0;

    l->started = l->shown = clock_ns();
    l->seed = (uint64_t)l->started;
    launch_catch_signals(true);
    for (size_t i = 0; i < l->plan.launch_count && !failed; i++) {
        show(l, i);
        if (launch_interrupted())
            failed = err_set(e, CM_INTERRUPTED, "interrupted");
        else if (has_layout(&l->plan.points[l->plan.launches[i].point]))
            failed = launch_all(l, &l->plan.launches[i], e);
    }
    launch_catch_signals(false);
    if (!failed || e->code != CM_INTERRUPTED)
        return failed;
    err_clear(e);
    l->interrupted = true;
    return 0;
}

static size_t launches_of(const struct layout *l, size_t point)
{
    size_t n = 0;

    for (size_t k = 0; k < l->program_count; k++)
        n += l->subjects[point].of[k].count;
    return n;
}

static void conclude(struct layout *l)
{
    struct compare_side sides[LAYOUT_MOST];

    for (size_t i = 0; i < l->plan.point_count; i++) {
        for (size_t k = 0; k < l->program_count; k++)
            sides[k] = (struct compare_side){l->subjects[i].of[k].values, l->subjects[i].of[k].count};
        layout_measure(sides, l->program_count, &l->subjects[i].spread);
    }
}

/* A spread of two layouts is no spread yet. */
static bool is_known(const struct subject *s)
{
    return s->spread.layouts > 2 && isfinite(s->spread.deviation);
}

static int store(const struct layout *l, struct err *e)
{
    const struct trust_home home = {l->host.machine_name, l->host.machine_fingerprint, l->script != NULL};
    struct noise_row *rows = mem_new(l->plan.point_count + 1, sizeof *rows);
    size_t n = 0;
    int failed;

    for (size_t i = 0; i < l->plan.point_count; i++)
        if (is_known(&l->subjects[i]))
            rows[n++] = (struct noise_row){.point = l->plan.points[i].text,
                                           .metric = METRIC,
                                           .noise = NAN,
                                           .autocorrelation = NAN,
                                           .false_alarms = NAN,
                                           .drift = NAN,
                                           .detectable = NAN,
                                           .layout = l->subjects[i].spread.deviation,
                                           .layouts = (int64_t)l->subjects[i].spread.layouts};
    failed = n                ? doctor_store_noise(l->q->run.database, &home, rows, n, e)
             : l->interrupted ? err_set(e, CM_INTERRUPTED, "stopped before three programs had two launches of a point")
                              : err_set(e, CM_NOTHING, "no point has times of three programs, so nothing was learnt");
    free(rows);
    return failed;
}

static json_t *point_json(const struct layout *l, size_t i)
{
    const struct layout_spread *s = &l->subjects[i].spread;

    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "point", l->plan.points[i].text, "metric", METRIC,
                     "layouts", (json_int_t)s->layouts, "launches", (json_int_t)launches_of(l, i), "layout",
                     doctor_number(s->deviation), "range", doctor_number(s->range), "noise",
                     doctor_number(s->launch_noise), "within", doctor_number(layout_within(s->deviation)));
}

static json_t *tell(const struct layout *l)
{
    json_t *points = json_array(), *programs = json_array();
    bool *done = mem_new(l->plan.point_count + 1, sizeof *done);

    for (size_t k = 0; k < l->program_count; k++)
        json_array_append_new(programs, json_string(l->programs[k]));
    for (size_t n = 0; n < l->plan.point_count; n++) {
        size_t worst = l->plan.point_count;

        for (size_t i = 0; i < l->plan.point_count; i++)
            if (!done[i] && is_known(&l->subjects[i]) &&
                (worst == l->plan.point_count || l->subjects[i].spread.deviation > l->subjects[worst].spread.deviation))
                worst = i;
        if (worst == l->plan.point_count)
            break;
        done[worst] = true;
        json_array_append_new(points, point_json(l, worst));
    }
    free(done);
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:f, s:o, s:o}", "layout", 1, "machine", l->host.machine_name,
                     "fingerprint", l->host.machine_fingerprint, "database", l->q->run.database, "plan", l->plan.name,
                     "scripted", l->script != NULL, "interrupted", l->interrupted, "seconds",
                     (double)(clock_ns() - l->started) / 1e9, "programs", programs, "points", points);
}

static void layout_free(struct layout *l)
{
    for (size_t i = 0; l->subjects && i < l->plan.point_count; i++) {
        for (size_t k = 0; k < l->program_count; k++)
            free(l->subjects[i].of[k].values);
        free(l->subjects[i].of);
    }
    free(l->subjects);
    plan_free(&l->plan);
    host_free(&l->host);
    free(l->programs);
    free(l->script);
    free(l->references);
}

json_t *doctor_layout(const struct trust_request *q, struct err *e)
{
    struct layout l = {.q = q};
    json_t *document = NULL;
    int failed = find_programs(&l, e);

    if (!failed)
        failed = set_up(&l, e);
    if (!failed) {
        log_note("measuring %zu programs of the same code in turns", l.program_count);
        failed = measure(&l, e);
    }
    if (!failed) {
        conclude(&l);
        failed = store(&l, e);
    }
    if (!failed) {
        document = tell(&l);
        if (!document)
            err_set(e, CM_INTERNAL, "what was learnt could not be written as JSON");
    }
    layout_free(&l);
    return document;
}
