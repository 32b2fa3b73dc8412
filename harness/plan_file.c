/*
 * Reads a plan's text: statements as harness/plans/default.plan explains them. Mistakes name the plan and the line.
 */
#include "base/asset.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct plan_text *out;
    const char *plan;
    int line;
    struct err *e;
};

static int complain(const struct reader *r, const char *what, const char *text)
{
    return err_set(r->e, CM_USAGE, "plan '%s', line %d: %s: '%s'", r->plan, r->line, what, text);
}

static int read_count(const struct reader *r, const char *text, int *out)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (end == text || *end || n < 1 || n > 10000)
        return complain(r, "a number from 1 to 10000 is needed", text);
    *out = (int)n;
    return 0;
}

static int read_time(const struct reader *r, const char *text, double *out)
{
    if (text_duration(text, out) || !(*out > 0) || *out > 3600)
        return complain(r, "a time such as 100ms or 2s is needed", text);
    return 0;
}

static void add_sweep(struct plan_use *use, size_t *count, char *axis, const char *sweep)
{
    use->sweeps = mem_grow(use->sweeps, *count + 2, sizeof *use->sweeps);
    use->sweeps[(*count)++] = (struct fact){axis, mem_copy(sweep)};
    use->sweeps[*count] = (struct fact){0};
}

/* "GLOB AXIS=SWEEP ... ~TIME", cut at its blanks. */
static int read_use(const struct reader *r, char *text, bool also)
{
    struct plan_text *t = r->out;
    struct plan_use *use;
    size_t sweeps = 0;
    char *state = NULL, *word = strtok_r(text, " \t", &state);

    if (!word)
        return complain(r, "a glob of KERNEL/VARIANT is needed behind", also ? "also" : "use");
    t->uses = mem_grow(t->uses, t->use_count + 1, sizeof *t->uses);
    use = &t->uses[t->use_count++];
    *use = (struct plan_use){.glob = mem_copy(word), .also = also, .line = r->line};
    use->sweeps = mem_new(1, sizeof *use->sweeps);
    while ((word = strtok_r(NULL, " \t", &state))) {
        const char *sweep;
        char *axis;

        if (*word == '~') {
            if (read_time(r, word + 1, &use->cost_s))
                return -1;
            continue;
        }
        if (text_starts(word, "*=")) {
            add_sweep(use, &sweeps, mem_copy("*"), word + 2);
            continue;
        }
        if (plan_split_sweep(word, &axis, &sweep, NULL))
            return complain(r, "AXIS=SWEEP is needed", word);
        add_sweep(use, &sweeps, axis, sweep);
    }
    return 0;
}

static int unknown_statement(const struct reader *r, const char *word)
{
    const char *const known[] = {"summary", "launches", "counter-launches", "target", "simulate", "collect",
                                 "use",     "also"};
    char near[200];

    text_near(word, known, sizeof known / sizeof *known, near, sizeof near);
    return err_set(r->e, CM_USAGE, "plan '%s', line %d: '%s' is no statement%s", r->plan, r->line, word,
                   *near ? near
                         : "; there are summary, launches, counter-launches, target, simulate, collect, use and also");
}

static void replace(char **text, const char *by)
{
    free(*text);
    *text = mem_copy(by);
}

static int read_statement(const struct reader *r, char *line)
{
    struct plan_text *t = r->out;
    char *rest = line + strcspn(line, " \t");

    if (*rest)
        *rest++ = 0;
    rest += strspn(rest, " \t");
    if (!strcmp(line, "summary"))
        replace(&t->summary, rest);
    else if (!strcmp(line, "collect"))
        replace(&t->collect, rest);
    else if (!strcmp(line, "launches"))
        return read_count(r, rest, &t->launches);
    else if (!strcmp(line, "counter-launches"))
        return read_count(r, rest, &t->counter_launches);
    else if (!strcmp(line, "target"))
        return read_time(r, rest, &t->target_s);
    else if (!strcmp(line, "simulate"))
        return read_time(r, rest, &t->simulate_s);
    else if (!strcmp(line, "use") || !strcmp(line, "also"))
        return read_use(r, rest, *line == 'a');
    else
        return unknown_statement(r, line);
    return 0;
}

static int read_text(struct reader *r, const char *text)
{
    size_t count;
    char **lines = text_split(text, '\n', &count);
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        char *line = lines[i] + strspn(lines[i], " \t\r");
        size_t length = strcspn(line, "#\r");

        while (length && strchr(" \t", line[length - 1]))
            length--;
        line[length] = 0;
        r->line = (int)i + 1;
        if (*line)
            result = read_statement(r, line);
    }
    free(lines);
    if (!result && !r->out->use_count)
        result = err_set(r->e, CM_USAGE, "plan '%s' has no 'use' line, so it measures nothing", r->plan);
    return result;
}

static const char *find_text(const struct plan_request *q, const char *name)
{
    for (size_t i = 0; i < q->plan_count; i++)
        if (!strcmp(q->plans[i].name, name))
            return q->plans[i].text;
    for (const struct asset *a = asset_plans; a->name; a++)
        if (!strcmp(a->name, name))
            return a->text;
    return NULL;
}

static int unknown_plan(const struct plan_request *q, const char *name, struct err *e)
{
    const char *names[100];
    char near[300];
    size_t n = 0;

    for (const struct asset *a = asset_plans; a->name && n < 50; a++)
        names[n++] = a->name;
    for (size_t i = 0; i < q->plan_count && n < 100; i++)
        names[n++] = q->plans[i].name;
    return err_set(e, CM_USAGE, "there is no plan '%s'%s; `countermark list plans` shows them", name,
                   text_near(name, names, n, near, sizeof near));
}

int plan_read(const struct plan_request *q, struct plan_text *out, struct err *e)
{
    const char *name = q->plan ? q->plan : "default";
    const char *text = find_text(q, name);
    struct reader r = {.out = out, .plan = name, .e = e};

    *out = (struct plan_text){.launches = 8, .counter_launches = 1, .target_s = 0.1};
    if (!text)
        return unknown_plan(q, name, e);
    out->name = mem_copy(name);
    if (read_text(&r, text)) {
        plan_text_free(out);
        return -1;
    }
    if (q->launches > 0)
        out->launches = q->launches;
    if (q->collect)
        replace(&out->collect, q->collect);
    if (!out->collect)
        out->collect = mem_copy("");
    if (!out->summary)
        out->summary = mem_copy("");
    return 0;
}

void plan_text_free(struct plan_text *t)
{
    for (size_t i = 0; i < t->use_count; i++) {
        for (struct fact *f = t->uses[i].sweeps; f && f->name; f++) {
            free(f->name);
            free(f->value);
        }
        free(t->uses[i].sweeps);
        free(t->uses[i].glob);
    }
    free(t->uses);
    free(t->name);
    free(t->summary);
    free(t->collect);
    *t = (struct plan_text){0};
}
