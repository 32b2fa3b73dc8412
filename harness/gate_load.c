/* The gate's reading of runs: how, where and from which commit they were measured, and their points. Their values: gate_load_values.c. */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "run.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    if (load_run(g, side, id, e) || load_points(g, side, id, e) || gate_medians_load(g, side, id, e))
        return -1;
    sort_side(side);
    return gate_repetition_noise_load(g, side, id, e);
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
