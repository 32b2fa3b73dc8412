/*
 * Reads a plan's text: statements as plan_statements explains them. Mistakes name the plan and the line.
 */
#include "base/asset.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"
#include "run.h"

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

/* "[NAME] [AXIS=SWEEP]... [~TIME] -- PROGRAM [ARG]...": what stands before the dashes is cut at its blanks. */
static int read_program_head(const struct reader *r, char *text, struct plan_program *p)
{
    char *state = NULL;

    for (char *word = strtok_r(text, " \t", &state); word; word = strtok_r(NULL, " \t", &state)) {
        if (*word == '~') {
            if (read_time(r, word + 1, &p->cost_s))
                return -1;
        } else if (strchr(word, '=')) {
            p->sweeps = mem_grow(p->sweeps, p->sweep_count + 1, sizeof *p->sweeps);
            p->sweeps[p->sweep_count++] = mem_copy(word);
        } else if (p->called || !text_is_name(word)) {
            return complain(r, "a command is called by one name of letters, digits, '.', '_' and '-'", word);
        } else {
            p->called = mem_copy(word);
        }
    }
    return 0;
}

static int read_program(const struct reader *r, char *text)
{
    struct plan_text *t = r->out;
    char *head_end = text_starts(text, "-- ") ? text : strstr(text, " -- "), *line;
    struct plan_program *p;
    size_t count = 0;

    if (!head_end)
        return complain(r, "write it like command NAME n=1000 -- ./prog --size {n}", text);
    line = strstr(head_end, "-- ") + 3;
    if (strstr(line - 1, " \""))
        return complain(r, "blanks inside a word are kept by single quotes", line);
    t->programs = mem_grow(t->programs, t->program_count + 1, sizeof *t->programs);
    p = &t->programs[t->program_count++];
    *p = (struct plan_program){.line = r->line, .words = run_unquote(line, &count)};
    if (!p->words || !count)
        return complain(r, p->words ? "a program is needed behind --" : "a quote is not closed", line);
    *head_end = 0;
    return read_program_head(r, text, p);
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

enum { TEXT, COUNT, TIME, USE, ALSO, PROGRAM };

#define IN_TEXT(kind, field) kind, offsetof(struct plan_text, field)

const struct plan_statement plan_statements[] = {
    {"summary", "TEXT", "one line for countermark list plans", IN_TEXT(TEXT, summary)},
    {"launches", "N", "time launches of every point (8, the least that a verdict on time needs)",
     IN_TEXT(COUNT, launches)},
    {"counter-launches", "N", "launches of every counter pass (1)", IN_TEXT(COUNT, counter_launches)},
    {"target", "TIME", "how long one launch measures (100ms)", IN_TEXT(TIME, target_s)},
    {"simulate", "TIME",
     "without counters: what an execution may take when its instructions are counted by simulation (not at all)",
     IN_TEXT(TIME, simulate_s)},
    {"collect", "LIST", "collectors, joined by commas: papi:GROUP+GROUP, callgrind, or wall (time alone)",
     IN_TEXT(TEXT, collect)},
    {"use", "GLOB [AXIS=SWEEP]... [~TIME]",
     "measures the variants that match, KERNEL/VARIANT; the first line that matches a variant decides its points, an "
     "axis that is not "
     "named stays at its default, and *=all sweeps every other axis; ~TIME is what one execution takes, for the first "
     "estimate",
     USE, 0},
    {"also", "GLOB [AXIS=SWEEP]... [~TIME]", "adds points to the variants that match and have a use line", ALSO, 0},
    {"command", "[NAME] [AXIS=SWEEP]... [~TIME] -- PROGRAM [ARG]...",
     "measures a program of yours as command/NAME (its file's name), once for each value of each axis, which replaces "
     "{axis} in its "
     "words; single quotes keep a word together, and {{word}} reaches the program as {word}",
     PROGRAM, 0},
    {"verify", "sha256|GLOB",
     "what the plan's commands put out, or the files that they write, must be the same in every launch",
     IN_TEXT(TEXT, verify)},
    {0},
};

static int unknown_statement(const struct reader *r, const char *word)
{
    const char *known[sizeof plan_statements / sizeof *plan_statements];
    char near[200];
    struct buf all = {0};
    size_t count = 0;

    for (const struct plan_statement *s = plan_statements; s->name; s++) {
        buf_addf(&all, "%s%s", !count ? "; there are " : s[1].name ? ", " : " and ", s->name);
        known[count++] = s->name;
    }
    text_near(word, known, count, near, sizeof near);
    err_set(r->e, CM_USAGE, "plan '%s', line %d: '%s' is no statement%s (countermark help plans)", r->plan, r->line,
            word, *near ? near : buf_text(&all));
    buf_free(&all);
    return -1;
}

static void replace(char **text, const char *by)
{
    free(*text);
    *text = mem_copy(by);
}

static int read_statement(const struct reader *r, char *line)
{
    const struct plan_statement *s = plan_statements;
    char *rest = line + strcspn(line, " \t");
    void *field;

    if (*rest)
        *rest++ = 0;
    rest += strspn(rest, " \t");
    while (s->name && strcmp(s->name, line))
        s++;
    if (!s->name)
        return unknown_statement(r, line);
    field = (char *)r->out + s->offset;
    switch (s->kind) {
    case TEXT: replace(field, rest); return 0;
    case COUNT: return read_count(r, rest, field);
    case TIME: return read_time(r, rest, field);
    case PROGRAM: return read_program(r, rest);
    default: return read_use(r, rest, s->kind == ALSO);
    }
}

/* Where a comment begins: at a # that no word holds, nor, in a command, a pair of quotes. */
static size_t before_comment(const char *line)
{
    bool quotes = text_starts(line, "command"), quoted = false;
    size_t length = 0;

    for (; line[length] && line[length] != '\r'; length++) {
        quoted ^= quotes && line[length] == '\'';
        if (line[length] == '#' && !quoted && (!length || strchr(" \t", line[length - 1])))
            break;
    }
    return length;
}

static int read_text(struct reader *r, const char *text)
{
    size_t count;
    char **lines = text_split(text, '\n', &count);
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        char *line = lines[i] + strspn(lines[i], " \t\r");
        size_t length = before_comment(line);

        while (length && strchr(" \t", line[length - 1]))
            length--;
        line[length] = 0;
        r->line = (int)i + 1;
        if (*line)
            result = read_statement(r, line);
    }
    free(lines);
    if (!result && !r->out->use_count && !r->out->program_count)
        result =
            err_set(r->e, CM_USAGE, "plan '%s' has no 'use' line and no 'command', so it measures nothing", r->plan);
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
    for (size_t i = 0; i < t->program_count; i++) {
        for (size_t k = 0; k < t->programs[i].sweep_count; k++)
            free((char *)t->programs[i].sweeps[k]);
        free(t->programs[i].sweeps);
        free(t->programs[i].words);
        free(t->programs[i].called);
    }
    free(t->programs);
    free(t->verify);
    free(t->uses);
    free(t->name);
    free(t->summary);
    free(t->collect);
    *t = (struct plan_text){0};
}
