/*
 * Which points a plan and the options select: variants that match, their axes' values, every combination.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AXES = 32 };

/* An axis of a variant under selection, declared by its kernel or by itself. */
struct selected {
    const struct registry_kernel *kernel;
    const struct registry_variant *variant;
    const struct axis *axes[MAX_AXES]; /* sorted by name */
    size_t axis_count;
};

struct selection {
    const struct plan_request *q;
    const struct plan_text *text;
    const struct host *host;
    struct point_list *out;
    struct selected *items;
    size_t count, capacity;
    bool every_role; /* anchors and the like too */
};

static int by_axis_name(const void *a, const void *b)
{
    return strcmp((*(const struct axis *const *)a)->name, (*(const struct axis *const *)b)->name);
}

static void collect_axes(struct selected *s)
{
    const struct axis *lists[] = {s->kernel->kernel->axes, s->variant->variant->axes};

    for (size_t l = 0; l < 2; l++)
        for (const struct axis *a = lists[l]; a && a->name && s->axis_count < MAX_AXES; a++)
            s->axes[s->axis_count++] = a;
    qsort(s->axes, s->axis_count, sizeof *s->axes, by_axis_name);
}

bool plan_variant_matches(const char *globs, const struct registry_variant *v)
{
    char full[200];

    snprintf(full, sizeof full, "%s/%s", v->kernel, v->name);
    return text_glob(globs, v->name) || text_glob(globs, full);
}

/* Each part of -k must name something; so must each part of -v among the kernels that -k leaves. */
static int check_kernel_globs(const struct plan_request *q, struct err *e)
{
    const char *names[200];
    size_t parts, n = 0;
    char **part = text_split(q->kernels, ',', &parts), near[300];
    int result = 0;

    for (const struct registry_kernel *k = registry_kernels; k->name && n < 200; k++)
        names[n++] = k->name;
    for (size_t i = 0; i < parts && !result; i++) {
        bool found = false;

        for (size_t j = 0; j < n && !found; j++)
            found = *part[i] && text_glob(part[i], names[j]);
        if (!found)
            result = err_set(e, CM_USAGE, "there is no kernel '%s'%s; `countermark list kernels` shows them", part[i],
                             text_near(part[i], names, n, near, sizeof near));
    }
    free(part);
    return result;
}

static int check_variant_globs(const struct plan_request *q, struct err *e)
{
    const char *names[1000];
    size_t parts, n = 0;
    char **part = text_split(q->variants, ',', &parts), near[300];
    int result = 0;

    for (size_t i = 0; i < parts && !result; i++) {
        bool found = false;

        n = 0;
        for (const struct registry_variant *v = registry_variants; v->name && n < 1000; v++) {
            if (!text_glob(q->kernels, v->kernel))
                continue;
            names[n++] = v->name;
            found = found || (*part[i] && plan_variant_matches(part[i], v));
        }
        if (!found)
            result = err_set(e, CM_USAGE, "there is no variant '%s'%s%s%s; `countermark list variants` shows them",
                             part[i], q->kernels ? " of kernel " : "", q->kernels ? q->kernels : "",
                             text_near(part[i], names, n, near, sizeof near));
    }
    free(part);
    return result;
}

int plan_check_globs(const struct plan_request *q, struct err *e)
{
    return (q->kernels && check_kernel_globs(q, e)) || (q->variants && check_variant_globs(q, e)) ? -1 : 0;
}

/* What is there for the harness's own sake is measured only where its kernel is named in full: no glob means it. */
static bool is_meant(const struct selection *s, const struct registry_variant *v)
{
    const struct registry_kernel *k = registry_kernel(v->kernel);
    size_t parts;
    char **part = text_split(s->q->kernels ? s->q->kernels : "", ',', &parts);
    bool named = s->every_role || !k || k->kernel->role == ROLE_WORK;

    for (size_t i = 0; i < parts && !named; i++)
        named = !strcmp(part[i], v->kernel);
    free(part);
    return named;
}

/* Nothing is selected: why? */
static int nothing_selected(const struct plan_request *q, struct err *e)
{
    for (const struct registry_kernel *k = registry_kernels; k->name; k++)
        if (q->kernels && k->kernel->role != ROLE_WORK && text_glob(q->kernels, k->name))
            return err_set(e, CM_USAGE, "kernel %s is measured only where it is named in full: -k %s", k->name,
                           k->name);
    return err_set(e, CM_USAGE, "no variant matches both -k and -v");
}

static int select_variants(struct selection *s, struct err *e)
{
    const struct plan_request *q = s->q;

    if (plan_check_globs(q, e))
        return -1;
    for (const struct registry_variant *v = registry_variants; v->name; v++) {
        if (!text_glob(q->kernels, v->kernel) || (q->variants && !plan_variant_matches(q->variants, v)) ||
            !is_meant(s, v))
            continue;
        VEC_ROOM(s->items, s->count, s->capacity);
        s->items[s->count] = (struct selected){.kernel = registry_kernel(v->kernel), .variant = v};
        if (!s->items[s->count].kernel)
            return err_set(e, CM_INTERNAL, "variant %s/%s has no kernel file variants/%s/%s.c", v->kernel, v->name,
                           v->kernel, v->kernel);
        collect_axes(&s->items[s->count++]);
    }
    return s->count ? 0 : nothing_selected(q, e);
}

/* Is the axis known to a selected variant that the glob matches? Otherwise the sentence with the nearest names. */
static int check_axis(const struct selection *s, const char *axis, const char *glob, const char *where, struct err *e)
{
    const char *names[200];
    char near[300];
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++) {
        if (glob && !plan_variant_matches(glob, s->items[i].variant))
            continue;
        for (size_t j = 0; j < s->items[i].axis_count; j++) {
            bool seen = false;

            if (!strcmp(s->items[i].axes[j]->name, axis))
                return 0;
            for (size_t k = 0; k < n; k++)
                seen = seen || !strcmp(names[k], s->items[i].axes[j]->name);
            if (!seen && n < 200)
                names[n++] = s->items[i].axes[j]->name;
        }
    }
    return err_set(e, CM_USAGE, "%s: no selected variant has an axis '%s'%s", where, axis,
                   text_near(axis, names, n, near, sizeof near));
}

static int check_overrides(const struct selection *s, struct err *e)
{
    for (size_t i = 0; i < s->q->sweep_count; i++) {
        const char *sweep;
        char *axis;
        int failed;

        if (plan_split_sweep(s->q->sweeps[i], &axis, &sweep, e))
            return -1;
        failed = plan_program_mentions(s->text, axis) ? 0 : check_axis(s, axis, NULL, "-s", e);
        free(axis);
        if (failed)
            return -1;
    }
    return 0;
}

const char *plan_override(const struct plan_request *q, const char *axis)
{
    const char *found = NULL;
    size_t length = strlen(axis);

    for (size_t i = 0; i < q->sweep_count; i++)
        if (!strncmp(q->sweeps[i], axis, length) && q->sweeps[i][length] == '=')
            found = q->sweeps[i] + length + 1;
    return found;
}

static const char *sweep_of(const struct plan_request *q, const struct plan_use *use, const struct axis *axis)
{
    const char *sweep = plan_override(q, axis->name), *rest = NULL;

    for (const struct fact *f = use->sweeps; !sweep && f->name; f++) {
        if (!strcmp(f->name, axis->name))
            sweep = f->value;
        else if (!strcmp(f->name, "*"))
            rest = f->value;
    }
    sweep = sweep ? sweep : rest;
    if (!sweep)
        return axis->initial;
    return strcmp(sweep, "all") ? sweep : axis->values;
}

/* Kernels take whole numbers: a fraction would be measured as another value than the one in the point's name. */
static bool is_number(const char *text)
{
    text += *text == '-';
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* Words must be among the axis' own; numbers are free where the axis has numbers. */
static int check_values(const struct selected *v, const struct axis *axis, char *const *values, size_t count,
                        const struct host *h, struct err *e)
{
    size_t n;
    char near[300], **declared = plan_values(axis->values, false, h, &n, e);
    bool numbers = false, words = false;
    int result = declared ? 0 : -1;

    for (size_t i = 0; declared && i < n; i++) {
        numbers = numbers || is_number(declared[i]);
        words = words || !is_number(declared[i]);
    }
    for (size_t i = 0; !result && i < count; i++) {
        bool found = numbers && is_number(values[i]);

        for (size_t j = 0; j < n && !found; j++)
            found = !strcmp(declared[j], values[i]);
        if (!found && !words)
            result = err_set(e, CM_USAGE, "axis %s of %s/%s takes whole numbers (%s), not '%s'", axis->name,
                             v->variant->kernel, v->variant->name, axis->meaning, values[i]);
        else if (!found)
            result = err_set(e, CM_USAGE, "axis %s of %s/%s has no value '%s'%s; it takes %s", axis->name,
                             v->variant->kernel, v->variant->name, values[i],
                             text_near(values[i], (const char *const *)declared, n, near, sizeof near), axis->values);
    }
    free(declared);
    return result;
}

/* Context of one expansion, for the callback per combination. */
struct expansion {
    struct selection *s;
    const struct selected *variant;
    double cost_s;
    const char *reason;
};

/* Bytes that the kernel says these values need, 0 if it does not say. */
static int64_t footprint(const struct selected *v, const struct fact *axes, const struct host *h)
{
    struct value values[MAX_AXES];
    struct run r = {.values = values, .cpus = h->cpus};

    if (!v->kernel->kernel->footprint)
        return 0;
    for (; axes[r.value_count].name; r.value_count++) {
        const struct fact *a = &axes[r.value_count];

        values[r.value_count] = (struct value){a->name, a->value, strtoll(a->value, NULL, 10)};
    }
    return v->kernel->kernel->footprint(&r);
}

/* More memory than this machine can spare: the reason, or NULL. */
static char *too_large(int64_t bytes, const struct host *h)
{
    char need[40], have[40];

    if (h->memory_bytes <= 0 || (double)bytes <= 0.6 * (double)h->memory_bytes)
        return NULL;
    return mem_format("needs %s; at most 60 %% of this machine's %s are used",
                      text_quantity((double)bytes, "bytes", need, sizeof need),
                      text_quantity((double)h->memory_bytes, "bytes", have, sizeof have));
}

static struct fact *copy_facts(const struct fact *facts)
{
    size_t n = 0;
    struct fact *copy;

    while (facts[n].name)
        n++;
    copy = mem_new(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct fact){mem_copy(facts[i].name), mem_copy(facts[i].value)};
    return copy;
}

static int add_variant_point(const struct fact *axes, void *user, struct err *e)
{
    struct expansion *x = user;
    const struct selected *v = x->variant;
    struct plan_point p = {
        .kernel = v->kernel->name,
        .variant = v->variant->name,
        .kernel_row = v->kernel,
        .variant_row = v->variant,
        .axes = copy_facts(axes),
        .cost_s = x->cost_s,
        .footprint = footprint(v, axes, x->s->host),
    };

    p.text = plan_point_text(p.kernel, p.variant, axes, v->kernel->kernel->axes, v->variant->variant->axes);
    p.unavailable = x->reason ? mem_copy(x->reason) : too_large(p.footprint, x->s->host);
    return point_list_add(x->s->out, &p, e);
}

static int expand(struct selection *s, const struct selected *v, const struct plan_use *use, struct err *e)
{
    struct plan_axis axes[MAX_AXES] = {0};
    struct expansion x = {s, v, use->cost_s, plan_cannot_run(v->variant)};
    int result = 0;

    for (size_t i = 0; i < v->axis_count && !result; i++) {
        const struct axis *a = v->axes[i];

        axes[i].name = a->name;
        axes[i].values = plan_values(sweep_of(s->q, use, a), false, s->host, &axes[i].count, e);
        result = axes[i].values ? check_values(v, a, axes[i].values, axes[i].count, s->host, e) : -1;
    }
    if (!result)
        result = plan_combine(axes, v->axis_count, add_variant_point, &x, e);
    for (size_t i = 0; i < v->axis_count; i++)
        free(axes[i].values);
    return result;
}

static int expand_all(struct selection *s, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < s->count && !result; i++) {
        const struct selected *v = &s->items[i];
        bool decided = false;

        for (size_t u = 0; u < s->text->use_count && !result; u++) {
            const struct plan_use *use = &s->text->uses[u];

            if (!use->also && !decided && plan_variant_matches(use->glob, v->variant)) {
                decided = true;
                result = expand(s, v, use, e);
            }
        }
        for (size_t u = 0; u < s->text->use_count && !result && decided; u++) {
            const struct plan_use *use = &s->text->uses[u];

            if (use->also && plan_variant_matches(use->glob, v->variant))
                result = expand(s, v, use, e);
        }
    }
    return result;
}

/* A glob or an axis of the plan's own text that means nothing is a mistake in it; it is looked for among all variants. */
static int check_plan_lines(const struct plan_text *t, struct err *e)
{
    struct plan_request everything = {0};
    struct selection s = {.q = &everything, .text = t, .every_role = true};
    int result = select_variants(&s, e);

    for (size_t u = 0; u < t->use_count && !result; u++) {
        char where[200];
        bool found = false;

        snprintf(where, sizeof where, "plan '%s', line %d", t->name, t->uses[u].line);
        for (size_t i = 0; i < s.count && !found; i++)
            found = plan_variant_matches(t->uses[u].glob, s.items[i].variant);
        if (!found)
            result = err_set(e, CM_USAGE, "%s: no variant matches '%s'; `countermark list variants` shows them", where,
                             t->uses[u].glob);
        for (const struct fact *f = t->uses[u].sweeps; f->name && !result; f++)
            if (strcmp(f->name, "*"))
                result = check_axis(&s, f->name, t->uses[u].glob, where, e);
    }
    free(s.items);
    return result;
}

int plan_points_variants(const struct plan_request *q, const struct plan_text *t, const struct host *h,
                         struct point_list *out, struct err *e)
{
    struct selection s = {.q = q, .text = t, .host = h, .out = out};
    int result = check_plan_lines(t, e);

    if (!result)
        result = select_variants(&s, e);
    if (!result)
        result = check_overrides(&s, e);
    if (!result)
        result = expand_all(&s, e);
    free(s.items);
    return result;
}
