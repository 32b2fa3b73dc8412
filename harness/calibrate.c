/*
 * Measures the truth kernels by every pass that counts something of what they know, and gathers what was counted. Counts are of
 * single executions: how many of them a repetition holds would else differ from launch to launch, and with it the harness's share.
 */
#include "base/clock.h"
#include "base/formula.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "calibrate_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGET_S 0.02
#define TIMEOUT_S 60
#define SIMULATED 2 /* launches, and repetitions: a simulator takes its time, and repeats itself exactly */

/* The kernels with this role, as -k takes them; free(). NULL: this program has none. */
static char *truth_kernels(void)
{
    struct buf b = {0};

    for (const struct registry_kernel *k = registry_kernels; k->name; k++)
        if (k->kernel->role == ROLE_TRUTH)
            buf_addf(&b, "%s%s", b.length ? "," : "", k->name);
    return b.length ? buf_take(&b) : NULL;
}

static void ask_expected(struct truth_point *p)
{
    const struct variant *v = p->plan->variant_row->variant;
    struct value values[32];
    struct run r = {.values = values, .cpus = 1};

    for (const struct fact *a = p->plan->axes; a->name && r.value_count < 32; a++)
        values[r.value_count++] = (struct value){a->name, a->value, strtoll(a->value, NULL, 10)};
    p->expected_count = v->expected ? v->expected(&r, p->expected, CALIBRATE_EXPECTED) : 0;
    p->elements = 1;
    p->device = v->device != DEVICE_NONE;
}

static int plan_points(const struct work_list *w, const char *kernels, const char *use, struct plan *out, struct err *e)
{
    char *text = mem_format("launches 1\ncollect wall\n%s\n", use);
    struct config_plan mine = {(char *)"calibrate", text};
    const struct plan_request q = {.plan = mine.name, .plans = &mine, .plan_count = 1, .kernels = kernels};
    int failed = plan_make(&q, w->q->host, NULL, out, e);

    free(text);
    return failed;
}

/* Both plans are sorted by the points' text. */
static int by_text(const void *key, const void *point)
{
    return strcmp(key, ((const struct plan_point *)point)->text);
}

static int list_points(struct work_list *w, struct err *e)
{
    char *kernels = truth_kernels();
    struct plan initial = {0};
    int failed = 0;

    if (kernels &&
        (plan_points(w, kernels, "use *", &initial, e) || plan_points(w, kernels, "use * *=all", &w->plan, e)))
        failed = -1;
    w->points = mem_new(w->plan.point_count + 1, sizeof *w->points);
    for (size_t i = 0; i < w->plan.point_count && !failed; i++) {
        w->points[i].plan = &w->plan.points[i];
        w->points[i].initial = initial.point_count && bsearch(w->plan.points[i].text, initial.points,
                                                              initial.point_count, sizeof *initial.points, by_text);
        ask_expected(&w->points[i]);
    }
    plan_free(&initial);
    free(kernels);
    return failed;
}

static struct launch_spec spec_of(const struct work_list *w, const struct plan_point *p, const char *pass, int number)
{
    return (struct launch_spec){
        .point = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .axes = p->axes,
        .pass = pass,
        .number = number,
        .inner = 1,
        .target_s = TARGET_S,
        .min_repetitions = w->q->repetitions,
        .max_repetitions = w->q->repetitions,
        .seed = text_hash(p->kernel, strlen(p->kernel), 0),
        .layout_seed = text_hash(&number, sizeof number, 0),
        .timeout_s = TIMEOUT_S,
        .reference_folder = w->q->references,
        .fake_script = w->q->script,
    };
}

/* The launch failed: whatever this pass would have told of the point is missing for that reason. */
static void take_failure(struct work_list *w, const struct truth_point *p, const struct text_list *metrics,
                         const struct launch_result *r)
{
    char reason[200];

    snprintf(reason, sizeof reason, "its launch was %s: %s", launch_status_name(r->status), r->reason ? r->reason : "");
    for (size_t i = 0; i < metrics->count; i++)
        if (tally_is_about(w, p, metrics->items[i]))
            tally_explain(tally_of(w, metrics->items[i], p), reason);
}

static int launch(struct work_list *w, const struct launch_spec *spec, struct launch_outcome *out, struct err *e)
{
    if (launch_execute(spec, out, e))
        return -1;
    w->out->launches++;
    w->out->seconds += out->result.wall_s;
    return 0;
}

static int measure_point(struct work_list *w, struct truth_point *p, const char *pass, const struct text_list *metrics,
                         bool simulated, struct err *e)
{
    int launches = simulated ? SIMULATED : w->q->launches;

    for (int n = 0; n < launches; n++) {
        struct launch_spec spec = spec_of(w, p->plan, pass, n);
        struct launch_outcome out = {0};

        if (simulated && spec.max_repetitions > SIMULATED)
            spec.min_repetitions = spec.max_repetitions = SIMULATED;
        if (launch(w, &spec, &out, e))
            return -1;
        if (out.result.status == LAUNCH_DONE)
            tally_samples(w, p, metrics, &out);
        else
            take_failure(w, p, metrics, &out.result);
        launch_outcome_free(&out);
    }
    return 0;
}

/* What a region with nothing in it reads, before a collector takes that away: the empty kernel, counted raw. */
static int measure_empty(struct work_list *w, const char *pass, bool device, struct err *e)
{
    static struct fact no_axes[] = {{0}};
    const char *variant = device ? "cuda" : "empty";
    char text[40];
    const struct plan_point point = {.text = text, .kernel = "null", .variant = variant, .axes = no_axes};
    struct launch_spec spec = spec_of(w, &point, pass, 0);
    struct launch_outcome out = {0};
    double values[64];

    snprintf(text, sizeof text, "null/%s", variant);
    spec.raw = true;
    spec.fake_script = NULL;
    if (!registry_variant("null", variant))
        return 0;
    if (launch(w, &spec, &out, e))
        return -1;
    for (size_t t = 0; t < w->tally_count; t++) {
        size_t n = 0;

        for (size_t i = 0; i < out.sample_count && n < sizeof values / sizeof *values; i++)
            if (!strcmp(out.samples[i].metric, w->tallies[t].metric) && !isnan(out.samples[i].value))
                values[n++] = out.samples[i].value;
        if (n && isnan(w->tallies[t].overhead))
            w->tallies[t].overhead = stats_median(values, n);
    }
    launch_outcome_free(&out);
    return 0;
}

/* Metrics that are made of what this pass counts, and of which something is known. */
static void add_derived(const char *collector, struct text_list *metrics)
{
    const struct registry_collector *c = registry_collector(collector);
    size_t counted = metrics->count;

    for (const struct metric *m = c && c->collector->catalogue ? c->collector->catalogue() : NULL; m && m->name; m++)
        for (size_t i = 0; m->formula && calibrate_known(m->name) && i < counted; i++)
            if (strstr(m->formula, metrics->items[i])) {
                text_list_add(metrics, m->name);
                break;
            }
}

/* Every metric that this pass can bring: those that it names; of pass 0 what the system counts, and what a script may say. */
static void metrics_of(const char *pass, const char *collector, bool scripted, struct text_list *out)
{
    calibrate_metrics(pass, out);
    add_derived(collector, out);
    for (const struct registry_collector *c = registry_collectors; c->name && !*pass; c++)
        for (const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL; m && m->name; m++)
            if ((scripted && calibrate_known(m->name)) ||
                (c->collector->in_time_pass && c->collector->scope != SCOPE_DEVICE && m->kind == METRIC_COUNT))
                text_list_add(out, m->name);
}

/* Does the point tell anything of the pass; for a quick look, anything that no other point told? */
static bool is_worth(const struct work_list *w, const struct truth_point *p, const struct text_list *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct tally *t = tally_find(w, metrics->items[i], NULL);
        struct expected x = {.count = NAN};

        if (calibrate_expected(p, tally_rule(w, metrics->items[i]), &x) &&
            (!w->q->quick || (!isnan(x.count) && !(t && t->count))))
            return true;
    }
    return false;
}

static int measure_pass(struct work_list *w, const char *pass, struct err *e)
{
    char *name = mem_copy_n(pass, strcspn(pass, ":"));
    const struct registry_collector *c = registry_collector(name);
    bool device = c && c->collector->scope == SCOPE_DEVICE, any = false;
    bool simulated = c && c->collector->wrap;
    bool initial = w->q->quick || simulated || (w->q->script && !*pass); /* a script says the same of all values */
    struct text_list metrics = {0};
    int failed = 0;

    metrics_of(pass, name, w->q->script != NULL, &metrics);
    for (size_t i = 0; i < w->plan.point_count && !failed; i++) {
        struct truth_point *p = &w->points[i];

        if (p->plan->unavailable || p->device != device || (initial && !p->initial) || !is_worth(w, p, &metrics))
            continue;
        any = true;
        failed = measure_point(w, p, pass, &metrics, simulated, e);
    }
    if (any && !failed)
        failed = measure_empty(w, pass, device, e);
    text_list_free(&metrics);
    free(name);
    return failed;
}

/* Metrics of the passes that no point could tell anything of still have their row, and so has what cannot be counted. */
static void add_the_rest(struct work_list *w)
{
    struct text_list metrics = {0};

    for (size_t i = 0; i < w->q->passes->passes.count; i++)
        calibrate_metrics(w->q->passes->passes.items[i], &metrics);
    for (size_t i = 0; i < metrics.count; i++)
        if (!tally_find(w, metrics.items[i], NULL))
            tally_of(w, metrics.items[i], NULL);
    for (size_t i = 0; i < w->q->passes->missing.count; i++) {
        const char *line = w->q->passes->missing.items[i], *tab = strchr(line, '\t');
        char *metric = mem_copy_n(line, strcspn(line, "\t"));

        if (!tally_find(w, metric, NULL))
            tally_explain(tally_of(w, metric, NULL), tab ? tab + 1 : NULL);
        free(metric);
    }
    text_list_free(&metrics);
}

static int by_metric(const void *a, const void *b)
{
    const struct calibration_row *x = a, *y = b;
    int order = strcmp(x->metric, y->metric);

    return order ? order : strcmp(x->point, y->point);
}

static void judge_all(struct work_list *w)
{
    for (size_t i = 0; i < w->tally_count; i++) {
        char *native = calibrate_native(w->q->passes, w->tallies[i].metric);

        calibrate_judge(&w->tallies[i], tally_rule(w, w->tallies[i].metric), native, w->out);
        free(native);
    }
    if (w->out->count)
        qsort(w->out->rows, w->out->count, sizeof *w->out->rows, by_metric);
}

int calibrate(const struct calibrate_request *q, struct calibration *out, struct err *e)
{
    struct work_list w = {.q = q, .vendor = host_fact(q->host->machine, "cpu.vendor"), .out = out};
    int failed;

    *out = (struct calibration){0};
    failed = list_points(&w, e) || measure_pass(&w, "", e) ? -1 : 0;
    for (size_t i = 0; i < q->passes->passes.count && !failed; i++)
        failed = measure_pass(&w, q->passes->passes.items[i], e);
    if (!failed) {
        add_the_rest(&w);
        judge_all(&w);
    }
    for (size_t i = 0; i < w.tally_count; i++) {
        free(w.tallies[i].metric);
        free(w.tallies[i].values);
    }
    free(w.tallies);
    free(w.points);
    plan_free(&w.plan);
    if (failed)
        calibration_free(out);
    return failed;
}
