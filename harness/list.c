/*
 * The tables of `countermark list`: each kind is a function that adds its rows.
 */
#include "list.h"
#include "../collectors/groups.h"
#include "base/mem.h"
#include "base/text.h"
#include "worker_figures.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char list_kinds[] = "kernels, variants, points, collectors, metrics, groups, reports, plans";

void list_add(struct list *l, char *text)
{
    VEC_ROOM(l->cells, l->count, l->capacity);
    l->cells[l->count++] = text ? text : mem_copy("");
}

static void add(struct list *l, const char *text)
{
    list_add(l, mem_copy(text ? text : ""));
}

void list_columns(struct list *l, const char *const *columns)
{
    l->columns = columns;
    for (l->column_count = 0; columns[l->column_count];)
        l->column_count++;
}

static char *axes_text(const struct axis *const lists[2])
{
    struct buf b = {0};

    for (int i = 0; i < 2; i++)
        for (const struct axis *a = lists[i]; a && a->name; a++)
            buf_addf(&b, "%s%s=%s", b.length ? " " : "", a->name, a->initial);
    return b.text ? buf_take(&b) : NULL;
}

static int list_kernels(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"kernel", "version", "role", "element", "variants", "axes", "summary", NULL};
    static const char *const roles[] = {"work", "anchor", "truth"};

    (void)h;
    list_columns(l, columns);
    if (plan_check_globs(q, e))
        return -1;
    for (const struct registry_kernel *k = registry_kernels; k->name; k++) {
        const struct axis *const lists[2] = {k->kernel->axes, NULL};
        size_t variants = 0;

        if (!text_glob(q->kernels, k->name))
            continue;
        for (const struct registry_variant *v = registry_variants; v->name; v++)
            variants += !strcmp(v->kernel, k->name);
        add(l, k->name);
        add(l, k->kernel->version);
        add(l, roles[k->kernel->role]);
        add(l, k->kernel->element);
        list_add(l, mem_format("%zu", variants));
        list_add(l, axes_text(lists));
        add(l, k->kernel->summary);
    }
    return 0;
}

static int list_variants(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"variant", "version", "here", "axes", "summary", NULL};

    (void)h;
    list_columns(l, columns);
    if (plan_check_globs(q, e))
        return -1;
    for (const struct registry_variant *v = registry_variants; v->name; v++) {
        const struct registry_kernel *k = registry_kernel(v->kernel);
        const struct axis *const lists[2] = {k ? k->kernel->axes : NULL, v->variant->axes};
        const char *reason = plan_cannot_run(v);

        if (!text_glob(q->kernels, v->kernel) || (q->variants && !plan_variant_matches(q->variants, v)))
            continue;
        list_add(l, mem_format("%s/%s", v->kernel, v->name));
        add(l, v->variant->version);
        list_add(l, reason ? mem_format("no: %s", reason) : mem_copy("yes"));
        list_add(l, axes_text(lists));
        add(l, v->variant->summary);
    }
    return 0;
}

static int list_points(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"point", "here", NULL};
    struct plan p;

    list_columns(l, columns);
    if (plan_make(q, h, NULL, &p, e))
        return -1;
    for (size_t i = 0; i < p.point_count; i++) {
        add(l, p.points[i].text);
        list_add(l, p.points[i].unavailable ? mem_format("no: %s", p.points[i].unavailable) : mem_copy("yes"));
    }
    plan_free(&p);
    return 0;
}

static int list_collectors(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"collector", "scope", "summary", "here", "cure", NULL};
    static const char *const scopes[] = {"thread", "process", "socket", "device"};

    (void)q;
    (void)h;
    (void)e;
    list_columns(l, columns);
    for (const struct registry_collector *c = registry_collectors; c->name; c++) {
        const char *cure = "", *reason = c->missing;

        if (!reason && c->collector->probe)
            reason = c->collector->probe(&cure);
        add(l, c->name);
        add(l, scopes[c->collector->scope]);
        add(l, c->collector->summary);
        list_add(l, reason ? mem_format("no: %s", reason) : mem_copy("yes"));
        add(l, reason ? cure : "");
    }
    return 0;
}

static void add_metrics(struct list *l, const struct metric *m)
{
    for (; m && m->name; m++) {
        add(l, m->name);
        add(l, m->unit);
        add(l, metric_kind_name(m->kind));
        add(l, metric_better_name(m->better));
        add(l, m->deterministic ? "yes" : "no");
        add(l, ""); /* list_mark_truth knows */
        add(l, m->meaning);
        add(l, m->formula); /* last, as few have one and it may be long */
    }
}

static int list_metrics(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"metric",   "unit",    "kind",    "better", "deterministic",
                                          LIST_TRUTH, "meaning", "formula", NULL};

    (void)q;
    (void)h;
    (void)e;
    list_columns(l, columns);
    add_metrics(l, figure_metrics);
    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        add_metrics(l, c->collector->catalogue ? c->collector->catalogue() : NULL);
    return 0;
}

static int list_groups(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"group", "collector", "events", "derived", "summary", NULL};
    size_t count;
    const struct group *g = groups_all(&count, e);

    (void)q;
    (void)h;
    list_columns(l, columns);
    for (size_t i = 0; g && i < count; i++) {
        struct buf events = {0}, derived = {0};

        for (size_t j = 0; j < g[i].event_count; j++)
            buf_addf(&events, "%s%s", j ? " " : "", g[i].events[j].name);
        for (size_t j = 0; j < g[i].derived_count; j++)
            buf_addf(&derived, "%s%s", j ? " " : "", g[i].derived[j].name);
        add(l, g[i].name);
        add(l, g[i].collector);
        list_add(l, events.text ? buf_take(&events) : NULL);
        list_add(l, derived.text ? buf_take(&derived) : NULL);
        add(l, g[i].summary);
    }
    return g ? 0 : -1;
}

/* "# key: value" among the leading comment lines, with lines that continue it ("#   more"); free(). */
static char *comment_value(const char *text, const char *key)
{
    size_t length = strlen(key);
    struct buf value = {0};
    bool inside = false;

    while (*text == '#') {
        size_t whole = strcspn(text, "\n"), blanks = strspn(text + 1, " ");
        const char *word = text + 1 + blanks;

        if (blanks == 1)
            inside = !strncmp(word, key, length) && word[length] == ':';
        if (inside && blanks == 1)
            word += length + 1 + strspn(word + length + 1, " ");
        if (inside) {
            buf_add(&value, value.length ? " " : "");
            buf_add_n(&value, word, (size_t)(text + whole - word));
        }
        text += whole + (text[whole] == '\n');
    }
    return value.text ? buf_take(&value) : NULL;
}

static int list_reports(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"report", "title", "meaning", NULL};

    (void)q;
    (void)h;
    (void)e;
    list_columns(l, columns);
    for (const struct asset *a = asset_reports; a->name; a++) {
        char *title = comment_value(a->text, "title");

        if (!title)
            continue; /* shared settings, no report */
        add(l, a->name);
        list_add(l, title);
        list_add(l, comment_value(a->text, "meaning"));
    }
    return 0;
}

static int add_plan(struct list *l, const struct plan_request *q, const char *name, const struct host *h, struct err *e)
{
    struct plan_request mine = *q;
    struct plan_text text;
    struct plan p;
    char expected[40];

    mine.plan = name;
    if (plan_read(&mine, &text, e))
        return -1;
    if (plan_make(&mine, h, NULL, &p, e)) {
        plan_text_free(&text);
        return -1;
    }
    add(l, name);
    list_add(l, mem_format("%zu", p.point_count));
    list_add(l, mem_format("%zu", p.launch_count));
    add(l, text_duration_words(p.expected_s, expected, sizeof expected));
    add(l, text.collect);
    add(l, text.summary);
    plan_free(&p);
    plan_text_free(&text);
    return 0;
}

static int list_plans(struct list *l, const struct plan_request *q, const struct host *h, struct err *e)
{
    static const char *const columns[] = {"plan", "points", "launches", "about", "collect", "summary", NULL};
    int failed = 0;

    list_columns(l, columns);
    for (size_t i = 0; i < q->plan_count && !failed; i++)
        failed = add_plan(l, q, q->plans[i].name, h, e);
    for (const struct asset *a = asset_plans; a->name && !failed; a++) {
        bool hidden = false; /* by a plan of that name in the configuration */

        for (size_t i = 0; i < q->plan_count; i++)
            hidden = hidden || !strcmp(q->plans[i].name, a->name);
        if (!hidden)
            failed = add_plan(l, q, a->name, h, e);
    }
    return failed;
}

typedef int list_function(struct list *l, const struct plan_request *q, const struct host *h, struct err *e);

int list_make(const char *kind, const struct plan_request *q, const struct host *h, struct list *out, struct err *e)
{
    static const struct {
        const char *name;
        list_function *make;
    } kinds[] = {
        {"kernels", list_kernels},       {"variants", list_variants}, {"points", list_points},
        {"collectors", list_collectors}, {"metrics", list_metrics},   {"groups", list_groups},
        {"reports", list_reports},       {"plans", list_plans},
    };
    const char *names[8];
    char near[200];

    *out = (struct list){0};
    for (size_t i = 0; i < 8; i++) {
        names[i] = kinds[i].name;
        if (!strcmp(kinds[i].name, kind))
            return kinds[i].make(out, q, h, e);
    }
    return err_set(e, CM_USAGE, "there is no list of '%s'%s; there are %s", kind,
                   text_near(kind, names, 8, near, sizeof near), list_kinds);
}

/* A name is also known without its family: papi.PAPI_TOT_INS, triad/serial. */
static bool name_matches(const char *glob, const char *name)
{
    size_t family = strcspn(name, "./");

    return text_glob(glob, name) || (name[family] && text_glob(glob, name + family + 1));
}

int list_narrow(struct list *l, const char *kind, const char *glob, struct err *e)
{
    size_t width = l->column_count, kept = 0;
    const char **names;
    char near[200] = "";

    for (size_t i = 0; i < l->count; i += width) {
        bool keep = name_matches(glob, l->cells[i]);

        for (size_t c = 0; c < width && keep; c++) { /* what is left out goes behind, to be freed with the rest */
            char *cell = l->cells[i + c];

            l->cells[i + c] = l->cells[kept];
            l->cells[kept++] = cell;
        }
    }
    if (kept) {
        for (size_t i = kept; i < l->count; i++)
            free(l->cells[i]);
        l->count = kept;
        return 0;
    }
    names = mem_new(l->count / width + 1, sizeof *names);
    for (size_t i = 0; i < l->count; i += width)
        names[i / width] = l->cells[i];
    text_near(glob, names, l->count / width, near, sizeof near);
    free(names);
    return err_set(e, CM_USAGE, "none of the %s is called '%s'%s; there are %zu", kind, glob, near, l->count / width);
}

void list_free(struct list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->cells[i]);
    free(l->cells);
    *l = (struct list){0};
}

/* One row: cells padded to their columns, the last one that says something as it is. */
static void add_row(const struct list *l, const char *const *cells, const size_t *width, struct buf *out)
{
    size_t last = l->column_count - 1;

    while (last && !*cells[last])
        last--;
    for (size_t c = 0; c < last; c++)
        buf_addf(out, "%-*s  ", (int)width[c], cells[c]);
    buf_addf(out, "%s\n", cells[last]);
}

void list_text(const struct list *l, struct buf *out)
{
    size_t *width = mem_new(l->column_count + 1, sizeof *width);

    for (size_t c = 0; c < l->column_count; c++) {
        width[c] = strlen(l->columns[c]);
        for (size_t i = c; i < l->count; i += l->column_count)
            if (strlen(l->cells[i]) > width[c])
                width[c] = strlen(l->cells[i]);
    }
    add_row(l, l->columns, width, out);
    for (size_t i = 0; i < l->count; i += l->column_count)
        add_row(l, (const char *const *)l->cells + i, width, out);
    free(width);
}

int list_json(const struct list *l, const char *kind, struct buf *out, struct err *e)
{
    json_t *rows = json_array(), *root;
    char *name = mem_format("countermark list %s", kind), *text;

    for (size_t i = 0; i < l->count; i += l->column_count) {
        json_t *row = json_object();

        for (size_t c = 0; c < l->column_count; c++)
            json_object_set_new(row, l->columns[c], json_string(l->cells[i + c]));
        json_array_append_new(rows, row);
    }
    root = json_pack("{s:s, s:i, s:o}", "document", name, "version", 1, "rows", rows);
    text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    free(name);
    json_decref(root);
    if (!text)
        return err_set(e, CM_INTERNAL, "the list holds text that is no UTF-8");
    buf_addf(out, "%s\n", text);
    free(text);
    return 0;
}
