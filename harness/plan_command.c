/*
 * Points of any program: the axes come from -s alone and replace {axis} in its arguments.
 */
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AXES = 32 };

struct program {
    const struct plan_request *q;
    struct point_list *out;
    char *name;    /* base name, safe in a point's text */
    char *version; /* of the arguments */
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
static char *arguments_version(const struct plan_request *q)
{
    uint64_t hash = 0;

    for (size_t i = 1; q->command[i]; i++)
        hash = text_hash(q->command[i], strlen(q->command[i]) + 1, hash);
    if (q->verify)
        hash = text_hash(q->verify, strlen(q->verify) + 1, hash);
    return mem_format("%08" PRIx32, (uint32_t)(hash ^ (hash >> 32)));
}

/* `template` with every {axis} replaced. */
static char *filled(const char *template, const struct fact *axes)
{
    struct buf b = {0};

    while (*template) {
        const struct fact *found = NULL;

        for (const struct fact *a = axes; a->name && *template == '{' && !found; a++) {
            size_t n = strlen(a->name);

            if (!strncmp(template + 1, a->name, n) && template[n + 1] == '}')
                found = a;
        }
        if (found) {
            buf_add(&b, found->value);
            template += strlen(found->name) + 2;
        } else
            buf_add_n(&b, template ++, 1);
    }
    return b.text ? buf_take(&b) : mem_copy("");
}

static int add_command_point(const struct fact *axes, void *user, struct err *e)
{
    struct program *g = user;
    struct plan_point p = {.kernel = "command"};
    size_t words = 0, n = 0;

    while (g->q->command[words])
        words++;
    while (axes[n].name)
        n++;
    p.variant = mem_copy(g->name);
    p.variant_version = mem_copy(g->version);
    p.command = mem_new(words + 1, sizeof *p.command);
    for (size_t i = 0; i < words; i++)
        p.command[i] = filled(g->q->command[i], axes);
    p.axes = mem_new(n + 1, sizeof *p.axes);
    for (size_t i = 0; i < n; i++)
        p.axes[i] = (struct fact){mem_copy(axes[i].name), mem_copy(axes[i].value)};
    p.text = plan_point_text(p.kernel, p.variant, axes, NULL, NULL);
    return point_list_add(g->out, &p, e);
}

static bool mentions(char *const *command, const char *axis)
{
    char *word = mem_format("{%s}", axis);
    bool found = false;

    for (size_t i = 0; command[i] && !found; i++)
        found = strstr(command[i], word) != NULL;
    free(word);
    return found;
}

/* "{sise}" with an axis `size` around is a slip; one without any is worth a word, for it may be meant; "{}" or JSON in an argument is
 * the user's own business. */
static int check_placeholders(const struct plan_request *q, const struct plan_axis *axes, size_t count, struct err *e)
{
    static bool told; /* a plan is made more than once */
    const char *names[MAX_AXES];
    char near[300];

    for (size_t i = 0; i < count; i++)
        names[i] = axes[i].name;
    for (size_t i = 0; q->command[i]; i++)
        for (const char *p = strchr(q->command[i], '{'); p; p = strchr(p + 1, '{')) {
            size_t length = strcspn(p + 1, "{}");
            char *word = mem_copy_n(p + 1, length);
            bool known = p[length + 1] != '}' || !text_is_name(word);

            for (size_t j = 0; j < count; j++)
                known = known || !strcmp(names[j], word);
            text_near(word, names, count, near, sizeof near);
            if (!known && !*near && !told) {
                log_warning("the command gets '{%s}' as it stands: no -s %s=... gives it values", word, word);
                told = true;
            }
            if (!known && *near)
                err_set(e, CM_USAGE, "'{%s}' names no axis of -s%s", word, near);
            free(word);
            if (!known && *near)
                return -1;
        }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct plan_axis *)a)->name, ((const struct plan_axis *)b)->name);
}

static int read_axis(const struct plan_request *q, const char *text, const struct host *h, struct plan_axis *axes,
                     size_t *count, struct err *e)
{
    const char *sweep;
    char *name;

    if (plan_split_sweep(text, &name, &sweep, e))
        return -1;
    for (size_t i = 0; i < *count; i++)
        if (!strcmp(axes[i].name, name)) {
            err_set(e, CM_USAGE, "-s names the axis '%s' twice; join its values by commas", name);
            free(name);
            return -1;
        }
    axes[*count].name = name;
    axes[(*count)++].values = NULL;
    if (!mentions(q->command, name))
        return err_set(e, CM_USAGE, "axis '%s' is not used by the command: write {%s} where its value goes", name,
                       name);
    axes[*count - 1].values = plan_values(sweep, true, h, &axes[*count - 1].count, e);
    return axes[*count - 1].values ? 0 : -1;
}

int plan_points_command(const struct plan_request *q, const struct host *h, struct point_list *out, struct err *e)
{
    struct plan_axis axes[MAX_AXES] = {0};
    struct program g = {.q = q, .out = out};
    size_t count = 0;
    int result = 0;

    if (!q->command[0] || !*q->command[0])
        return err_set(e, CM_USAGE, "a command is missing behind '--'");
    if (q->kernels || q->variants)
        return err_set(e, CM_USAGE, "-k and -v choose built-in variants; a command behind '--' takes -s alone");
    if (q->sweep_count > MAX_AXES)
        return err_set(e, CM_USAGE, "-s names more than %d axes", MAX_AXES);
    for (size_t i = 0; i < q->sweep_count && !result; i++)
        result = read_axis(q, q->sweeps[i], h, axes, &count, e);
    qsort(axes, count, sizeof *axes, by_name);
    if (!result)
        result = check_placeholders(q, axes, count, e);
    if (!result) {
        g.name = base_name(q->command[0]);
        g.version = arguments_version(q);
        result = plan_combine(axes, count, add_command_point, &g, e);
        free(g.name);
        free(g.version);
    }
    for (size_t i = 0; i < count; i++) {
        free((char *)axes[i].name);
        free(axes[i].values);
    }
    return result;
}
