/*
 * Points of any program, the request's or a plan's: the axes come from -s and the plan's line and replace {axis} in its words.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AXES = 32 };

struct program {
    const char *where; /* of mistakes: "" or "plan 'nightly', line 3: " */
    char *const *words;
    const char *verify; /* or NULL */
    char *name;         /* in its points */
    char *version;      /* of the arguments */
    double cost_s;
    struct plan_axis axes[MAX_AXES];
    size_t count;
    struct point_list *out;
};

static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = mem_copy(slash && slash[1] ? slash + 1 : path);

    for (char *p = name; *p; p++) {
        char one[2] = {*p, 0};

        if (!text_is_name(one))
            *p = '_';
    }
    return name;
}

/* Other arguments are another computation: results of the two are not comparable. */
static char *arguments_version(char *const *words, const char *verify)
{
    uint64_t hash = 0;

    for (size_t i = 1; words[i]; i++)
        hash = text_hash(words[i], strlen(words[i]) + 1, hash);
    if (verify)
        hash = text_hash(verify, strlen(verify) + 1, hash);
    return mem_format("%08" PRIx32, (uint32_t)(hash ^ (hash >> 32)));
}

/* The length of the name in "{name}", or 0. */
static size_t braced(const char *at)
{
    size_t length = *at == '{' ? strcspn(at + 1, "{}") : 0;
    char *name = mem_copy_n(at + (length > 0), length);
    bool good = length && at[length + 1] == '}' && text_is_name(name);

    free(name);
    return good ? length : 0;
}

static bool escaped(const char *at)
{
    size_t length = *at == '{' ? braced(at + 1) : 0;

    return length && at[length + 3] == '}';
}

char *plan_fill(const char *word, const struct fact *axes)
{
    struct buf b = {0};

    while (*word) {
        const struct fact *found = NULL;
        size_t length = braced(word);

        if (escaped(word)) {
            length = braced(++word) + 2;
            buf_add_n(&b, word, length);
            word += length + 1;
            continue;
        }
        for (const struct fact *a = axes; a && a->name && length && !found; a++)
            found = strlen(a->name) == length && !strncmp(word + 1, a->name, length) ? a : NULL;
        if (found) {
            buf_add(&b, found->value);
            word += length + 2;
        } else {
            buf_add_n(&b, word++, 1);
        }
    }
    return b.text ? buf_take(&b) : mem_copy("");
}

static int unfilled(const char *at, size_t length, const char *const *names, size_t count, const char *where,
                    struct err *e)
{
    char *word = mem_copy_n(at + 1, length), near[300];

    err_set(
        e, CM_USAGE,
        "%s'{%s}' names no axis%s; give it values, %s%s=1000,2000, or write {{%s}} for braces that the program gets",
        where, word, text_near(word, names, count, near, sizeof near), *where ? "" : "-s ", word, word);
    free(word);
    return -1;
}

/* "{}", JSON and a shell's ${name} are the program's own business. */
int plan_check_filled(char *const *words, const char *const *names, size_t count, const char *where, struct err *e)
{
    for (size_t i = 0; words[i]; i++)
        for (const char *p = strchr(words[i], '{'); p; p = strchr(p + 1, '{')) {
            size_t length = braced(p);
            bool known = !length || (p > words[i] && p[-1] == '$');

            if (escaped(p)) {
                p++; /* at the inner brace: the search goes on behind it */
                continue;
            }
            for (size_t j = 0; j < count && !known; j++)
                known = strlen(names[j]) == length && !strncmp(names[j], p + 1, length);
            if (!known)
                return unfilled(p, length, names, count, where, e);
        }
    return 0;
}

static int add_command_point(const struct fact *axes, void *user, struct err *e)
{
    struct program *g = user;
    struct plan_point p = {.kernel = "command", .cost_s = g->cost_s};
    size_t words = 0, n = 0;

    while (g->words[words])
        words++;
    while (axes[n].name)
        n++;
    p.variant = mem_copy(g->name);
    p.variant_version = mem_copy(g->version);
    p.verify = g->verify ? mem_copy(g->verify) : NULL;
    p.command = mem_new(words + 1, sizeof *p.command);
    for (size_t i = 0; i < words; i++)
        p.command[i] = plan_fill(g->words[i], axes);
    p.axes = mem_new(n + 1, sizeof *p.axes);
    for (size_t i = 0; i < n; i++)
        p.axes[i] = (struct fact){mem_copy(axes[i].name), mem_copy(axes[i].value)};
    p.text = plan_point_text(p.kernel, p.variant, axes, NULL, NULL);
    return point_list_add(g->out, &p, e);
}

static bool mentions(char *const *words, const char *axis)
{
    size_t length = strlen(axis);

    for (size_t i = 0; words[i]; i++)
        for (const char *p = strchr(words[i], '{'); p; p = strchr(p + 1, '{')) {
            if (escaped(p))
                p++;
            else if (braced(p) == length && !strncmp(p + 1, axis, length))
                return true;
        }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct plan_axis *)a)->name, ((const struct plan_axis *)b)->name);
}

/* Takes "AXIS=SWEEP"; `q` may have another sweep for it, or is NULL. */
static int read_axis(struct program *g, const struct plan_request *q, const char *text, const struct host *h,
                     struct err *e)
{
    const char *sweep, *other;
    char *name;

    if (plan_split_sweep(text, &name, &sweep, e))
        return -1;
    for (size_t i = 0; i < g->count; i++)
        if (!strcmp(g->axes[i].name, name)) {
            err_set(e, CM_USAGE, "%s%sthe axis '%s' is named twice; join its values by commas", g->where,
                    *g->where ? "" : "-s: ", name);
            free(name);
            return -1;
        }
    if (g->count >= MAX_AXES) {
        free(name);
        return err_set(e, CM_USAGE, "%sa command has no more than %d axes", g->where, MAX_AXES);
    }
    g->axes[g->count++].name = name;
    if (!mentions(g->words, name))
        return err_set(e, CM_USAGE, "%saxis '%s' is not used by the command: write {%s} where its value goes", g->where,
                       name, name);
    other = q ? plan_override(q, name) : NULL;
    g->axes[g->count - 1].values = plan_values(other ? other : sweep, true, h, &g->axes[g->count - 1].count, e);
    return g->axes[g->count - 1].values ? 0 : -1;
}

static int add_points(struct program *g, struct err *e)
{
    const char *names[MAX_AXES];

    qsort(g->axes, g->count, sizeof *g->axes, by_name);
    for (size_t i = 0; i < g->count; i++)
        names[i] = g->axes[i].name;
    if (plan_check_filled(g->words, names, g->count, g->where, e))
        return -1;
    return plan_combine(g->axes, g->count, add_command_point, g, e);
}

static void program_free(struct program *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free((char *)g->axes[i].name);
        free(g->axes[i].values);
    }
    free(g->name);
    free(g->version);
}

int plan_points_command(const struct plan_request *q, const struct host *h, struct point_list *out, struct err *e)
{
    struct program g = {.where = "", .words = q->command, .verify = q->verify, .out = out};
    int result = 0;

    if (!q->command[0] || !*q->command[0])
        return err_set(e, CM_USAGE, "a command is missing behind '--'");
    if (q->kernels || q->variants)
        return err_set(e, CM_USAGE, "-k and -v choose built-in variants; a command behind '--' takes -s alone");
    g.name = q->called ? mem_copy(q->called) : base_name(q->command[0]);
    g.version = arguments_version(q->command, q->verify);
    for (size_t i = 0; i < q->sweep_count && !result; i++)
        result = read_axis(&g, NULL, q->sweeps[i], h, e);
    if (!result)
        result = add_points(&g, e);
    program_free(&g);
    return result;
}

bool plan_program_mentions(const struct plan_text *t, const char *axis)
{
    bool found = false;

    for (size_t i = 0; i < t->program_count; i++)
        found = found || mentions(t->programs[i].words, axis);
    return found;
}

/* Axes of the plan's line with -s before them, and those that -s alone names. */
static int read_axes(struct program *g, const struct plan_program *p, const struct plan_request *q,
                     const struct host *h, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < p->sweep_count && !result; i++)
        result = read_axis(g, q, p->sweeps[i], h, e);
    for (size_t i = 0; i < q->sweep_count && !result; i++) {
        const char *sweep;
        char *name;
        bool there = false;

        if (plan_split_sweep(q->sweeps[i], &name, &sweep, e))
            return -1;
        for (size_t j = 0; j < g->count; j++)
            there = there || !strcmp(g->axes[j].name, name);
        if (!there && mentions(g->words, name))
            result = read_axis(g, NULL, q->sweeps[i], h, e);
        free(name);
    }
    return result;
}

static bool is_selected(const struct plan_request *q, const char *name)
{
    char *full = mem_format("command/%s", name);
    bool selected = text_glob(q->kernels, "command") &&
                    (!q->variants || text_glob(q->variants, name) || text_glob(q->variants, full));

    free(full);
    return selected;
}

/* Two commands of one name would be one point. */
static int check_name(const struct plan_text *t, size_t at, const char *where, const char *name, struct err *e)
{
    bool found = false;

    for (size_t i = 0; i < at && !found; i++) {
        char *other = t->programs[i].called ? mem_copy(t->programs[i].called) : base_name(t->programs[i].words[0]);

        found = !strcmp(other, name);
        free(other);
    }
    return found ? err_set(e, CM_USAGE,
                           "%sa second command is called '%s': give it another name, as in command %s2 -- ...", where,
                           name, name)
                 : 0;
}

/* An axis of -s must be one of the plan's; plans with variants look among theirs, too. */
static int check_overrides(const struct plan_request *q, const struct plan_text *t, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < q->sweep_count && !t->use_count && !result; i++) {
        const char *sweep;
        char *name;

        if (plan_split_sweep(q->sweeps[i], &name, &sweep, e))
            return -1;
        if (!plan_program_mentions(t, name))
            result = err_set(e, CM_USAGE, "-s: no command of plan '%s' has an axis {%s}", t->name, name);
        free(name);
    }
    return result;
}

int plan_points_programs(const struct plan_request *q, const struct plan_text *t, const struct host *h,
                         struct point_list *out, struct err *e)
{
    int result = check_overrides(q, t, e);

    for (size_t i = 0; i < t->program_count && !result; i++) {
        const struct plan_program *p = &t->programs[i];
        struct program g = {.words = p->words, .verify = t->verify, .cost_s = p->cost_s, .out = out};
        char where[200];

        snprintf(where, sizeof where, "plan '%s', line %d: ", t->name, p->line);
        g.where = where;
        g.name = p->called ? mem_copy(p->called) : base_name(p->words[0]);
        g.version = arguments_version(p->words, t->verify);
        result = check_name(t, i, where, g.name, e);
        if (!result && is_selected(q, g.name))
            result = read_axes(&g, p, q, h, e) || add_points(&g, e) ? -1 : 0;
        program_free(&g);
    }
    return result;
}
