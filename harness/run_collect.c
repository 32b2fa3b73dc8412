/*
 * From "papi:base+cache,fake:script.json" to counter passes, and the descriptors of the metrics that they bring.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "multiplex.h"
#include "run_parts.h"
#include "worker_figures.h"

#include <stdlib.h>
#include <string.h>

/* One entry of the list: "name" or "name:rest". */
struct entry {
    char *name;
    const char *rest; /* "" if none */
    const struct registry_collector *row;
};

static int entry_read(const char *text, struct entry *out, struct err *e)
{
    const char *colon = strchr(text, ':'), *names[64];
    char near[200];
    size_t n = 0;

    out->name = colon ? mem_copy_n(text, (size_t)(colon - text)) : mem_copy(text);
    out->rest = colon ? colon + 1 : "";
    out->row = registry_collector(out->name);
    if (out->row)
        return 0;
    for (const struct registry_collector *c = registry_collectors; c->name && n < 64; c++)
        names[n++] = c->name;
    err_set(e, CM_USAGE, "there is no collector '%s'%s; `countermark list collectors` shows them", out->name,
            text_near(out->name, names, n, near, sizeof near));
    free(out->name);
    return -1;
}

int run_fake_script(const char *list, char **script, struct err *e)
{
    size_t count;
    char **parts = text_split(list, ',', &count);
    int result = 0;

    *script = NULL;
    for (size_t i = 0; i < count && !result; i++) {
        if (strcmp(parts[i], "fake") && !text_starts(parts[i], "fake:"))
            continue;
        if (!parts[i][4] || !parts[i][5])
            result = err_set(e, CM_USAGE, "the fake collector needs its script: --collect fake:FILE");
        else {
            free(*script);
            *script = mem_copy(parts[i] + 5);
        }
    }
    free(parts);
    return result;
}

static void append_list(struct text_list *to, const struct text_list *from)
{
    for (size_t i = 0; i < from->count; i++)
        text_list_add(to, from->items[i]);
}

/* Where the plan has nothing for a collector it is not even asked: a GPU's library costs time and may crash. That is worth a word
 * only to somebody who asked for it by hand. */
static bool has_use(const struct session *s, const struct entry *x)
{
    bool use = plan_has_use(&s->out->plan, x->name), device = x->row->collector->scope == SCOPE_DEVICE;

    if (!strcmp(x->name, "fake"))
        return true;
    if (!use && s->q->plan.collect)
        log_note("%s counts nothing in this run: none of its points that can run here computes on %s", x->name,
                 device ? "a device" : "the CPU");
    return use;
}

/* Passes are planned by a process of their own; a collector that cannot work here costs its counters, never the run. */
static int plan_counters(struct session *s, const struct entry *x, struct err *e)
{
    struct passes found = {0};
    struct err trouble = {0};
    /* What a device can count depends on its driver, permissions and other tools, which change and are quickly asked for. */
    bool device = x->row->collector->scope == SCOPE_DEVICE;
    char *cache = device ? NULL : run_cache_folder(s->q->database);
    int failed = launch_plan_collector(x->name, x->rest, cache, s->out->host.machine_fingerprint, &found, &trouble);

    if (!failed) {
        append_list(&s->counters.passes, &found.passes);
        append_list(&s->counters.missing, &found.missing);
    }
    text_list_free(&found.passes);
    text_list_free(&found.missing);
    free(cache);
    if (failed && (trouble.code == CM_USAGE || trouble.code == CM_INTERRUPTED))
        return err_set(e, (enum exit_code)trouble.code, "%s", trouble.text);
    if (failed)
        log_warning("%s counts nothing in this run: %s", x->name, trouble.text);
    return 0;
}

/* A mistyped group is told wherever it is typed: what a laptop takes without a word would end the job on the machine with the GPU. */
static int check_words(const struct session *s, const struct entry *x, struct err *e)
{
    struct passes ignored = {0};
    struct err trouble = {0};

    if (!s->q->plan.collect || !*x->rest)
        return 0;
    launch_plan_collector(x->name, x->rest, NULL, s->out->host.machine_fingerprint, &ignored, &trouble);
    text_list_free(&ignored.passes);
    text_list_free(&ignored.missing);
    if (trouble.code == CM_USAGE || trouble.code == CM_INTERRUPTED)
        return err_set(e, (enum exit_code)trouble.code, "%s", trouble.text);
    return 0;
}

int run_check_collectors(const char *list, struct err *e)
{
    size_t count;
    char **parts = text_split(list, ',', &count);
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        struct entry x;

        result = *parts[i] ? entry_read(parts[i], &x, e) : 0;
        if (!result && *parts[i])
            free(x.name);
    }
    free(parts);
    return result;
}

static bool mentioned(const struct text_list *l, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < l->count; i++)
        if (!strncmp(l->items[i], name, length) && strchr(".:", l->items[i][length]))
            return true;
    return false;
}

/* The CPU's counters, and where they count nothing a simulator: if the plan gives it time, of variants, and not where all is
 * scripted. A program of the user's is put under a simulator only when somebody says so,
 * with a plan. */
static int climb_down(struct session *s, struct err *e)
{
    const struct registry_collector *c = registry_collectors;
    struct entry x = {.rest = ""};
    size_t before = s->counters.passes.count;

    while (c->name && !(c->collector->claims & CLAIM_SIMULATOR))
        c++;
    x.name = (char *)c->name;
    x.row = c;
    if (!c->name || (s->q->plan.command && !s->q->plan.plan) || !(s->out->plan.simulate_s > 0) || s->fake_script ||
        !run_uncountable(s) || mentioned(&s->counters.passes, c->name) || mentioned(&s->counters.missing, c->name) ||
        !has_use(s, &x))
        return 0;
    if (plan_counters(s, &x, e))
        return -1;
    s->stand_in = s->counters.passes.count > before ? c : NULL;
    return 0;
}

int run_collect(struct session *s, const char *list, struct err *e)
{
    size_t count;
    char **parts = text_split(list, ',', &count);
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        struct entry x;

        if (!*parts[i])
            continue;
        if (entry_read(parts[i], &x, e)) {
            result = -1;
            break;
        }
        if (!x.row->collector->in_time_pass && x.row->collector->plan)
            result = has_use(s, &x) ? plan_counters(s, &x, e) : check_words(s, &x, e);
        free(x.name);
    }
    if (!result)
        result = climb_down(s, e);
    free(parts);
    if (s->q->multiplex)
        multiplex_join(&s->counters.passes);
    return result;
}

/* The part of "name\treason" in front of the tab, or of "papi:A,B" one event after the other. */
static bool listed(const struct passes *counters, const char *metric)
{
    size_t family = strcspn(metric, "."); /* "papi.EVENT" stands in a pass "papi:EVENT,EVENT=ALTERNATIVE" */

    for (size_t i = 0; i < counters->missing.count; i++) {
        size_t n = strcspn(counters->missing.items[i], "\t");

        if (strlen(metric) == n && !strncmp(metric, counters->missing.items[i], n))
            return true;
    }
    for (size_t i = 0; metric[family] && i < counters->passes.count; i++) {
        const char *pass = counters->passes.items[i];
        bool first;

        if (strcspn(pass, ":") == family && !strncmp(pass, metric, family) &&
            multiplex_share(pass, metric, 0, &first) > 0)
            return true;
    }
    return false;
}

/* Events that no catalogue describes still get their row: they are stored as unavailable. */
static int store_undescribed(struct session *s, const char *line, struct err *e)
{
    char *name = mem_copy_n(line, strcspn(line, "\t"));
    const char *meaning = "An event that this machine cannot count";
    struct metric plain = {name, "1", meaning, NULL, METRIC_COUNT, BETTER_LOWER, false};
    bool described = false;
    int failed;

    for (const struct registry_collector *c = registry_collectors; c->name && !described; c++)
        for (const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL; m && m->name; m++)
            described = described || !strcmp(m->name, name);
    failed = described ? 0 : store_metric(s->store, &plain, e);
    free(name);
    return failed;
}

/* Derived metrics are always there: an input that is missing makes them absent, not wrong. */
int run_store_metrics(struct session *s, struct err *e)
{
    for (const struct metric *m = figure_metrics; m->name; m++)
        if (store_metric(s->store, m, e))
            return -1;
    for (const struct registry_collector *c = registry_collectors; c->name; c++) {
        const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL;

        for (; m && m->name; m++) {
            bool wanted = c->collector->in_time_pass || m->kind == METRIC_DERIVED || listed(&s->counters, m->name);

            if (wanted && store_metric(s->store, m, e))
                return -1;
        }
    }
    for (size_t i = 0; i < s->counters.missing.count; i++)
        if (store_undescribed(s, s->counters.missing.items[i], e))
            return -1;
    return 0;
}
