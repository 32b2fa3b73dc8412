/* Reads the event groups. The format is described in groups.h. */
#include "groups.h"

#include "../harness/base/asset.h"
#include "../harness/base/formula.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Where a mistake is. */
struct place {
    const char *group;
    int line;
};

static int mistake(const struct place *p, struct err *e, const char *what, const char *text)
{
    return err_set(e, CM_USAGE, "event group %s.txt, line %d: %s: \"%s\"", p->group, p->line, what, text);
}

static char *trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

/* Cuts `text` at the first `separator`: returns what is behind it, trimmed, or NULL; `text` keeps what is before. */
static char *cut(char *text, char separator)
{
    char *at = strchr(text, separator);

    if (!at)
        return NULL;
    *at = '\0';
    return trim(at + 1);
}

static int flags_parse(char *flags, struct metric *m, const struct place *p, struct err *e)
{
    while (flags && *flags) {
        char *rest = cut(flags, ',');
        const char *word = trim(flags);

        if (!strcmp(word, "lower"))
            m->better = BETTER_LOWER;
        else if (!strcmp(word, "higher"))
            m->better = BETTER_HIGHER;
        else if (!strcmp(word, "neither"))
            m->better = BETTER_NEITHER;
        else if (!strcmp(word, "deterministic"))
            m->deterministic = true;
        else if (!strcmp(word, "gauge") && m->kind != METRIC_DERIVED)
            m->kind = METRIC_GAUGE;
        else
            return mistake(p, e, "a flag is one of lower, higher, neither, deterministic, and gauge for events, not",
                           word);
        flags = rest;
    }
    return 0;
}

/* "... | meaning | flags": leaves the part before the first bar in `text`. */
static int tail_parse(char *text, struct metric *m, const struct place *p, struct err *e)
{
    char *meaning = cut(text, '|'), *flags = meaning ? cut(meaning, '|') : NULL;

    if (!meaning || !*trim(meaning))
        return mistake(p, e, "the meaning is missing: write \"... | one line of meaning\" behind", text);
    m->meaning = mem_copy(trim(meaning));
    return flags_parse(flags, m, p, e);
}

/* An event's name, or "NAME * FACTOR". */
static bool event_name_is_safe(char *name)
{
    char *factor = strstr(name, " * "), *end = NULL;
    bool safe;

    if (factor)
        *factor = '\0';
    safe = *name && !name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-=")];
    if (!factor)
        return safe;
    *factor = ' ';
    return strtod(factor + 3, &end) > 0 && !*end && safe;
}

/* "NAME [unit] = ALTERNATIVES": takes name and unit, answers the alternatives; NULL if it is not of that form. */
static char *named_event(char *text, struct group_event *event)
{
    char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL,
         *equals = close ? strchr(close, '=') : NULL;

    if (!equals)
        return NULL;
    *open = *close = *equals = '\0';
    if (trim(close + 1)[0] || !trim(open + 1)[0])
        return NULL;
    event->name = mem_copy(trim(text));
    event->metric.unit = mem_copy(trim(open + 1));
    return trim(equals + 1);
}

static int event_parse(char *text, struct group *g, const struct place *p, struct err *e)
{
    struct group_event *event;
    char *word;

    VEC_ROOM(g->events, g->event_count, g->event_capacity);
    event = &g->events[g->event_count++];
    *event = (struct group_event){.metric = {.kind = METRIC_COUNT, .better = BETTER_LOWER}};
    if (tail_parse(text, &event->metric, p, e))
        return -1;
    word = strchr(text, '[') ? named_event(text, event) : trim(text);
    if (!word)
        return mistake(p, e, "expected NAME [unit] = ALTERNATIVE or ..., not", text);
    if (!event->metric.unit)
        event->metric.unit = mem_copy("1");
    while (word) {
        char *next = strstr(word, " or ");

        if (next) {
            *next = '\0';
            next = trim(next + 4);
        }
        word = trim(word);
        if (!event_name_is_safe(word))
            return mistake(p, e, "no name of an event", word);
        event->alternatives = mem_grow(event->alternatives, event->alternative_count + 1, sizeof *event->alternatives);
        event->alternatives[event->alternative_count++] = mem_copy(word);
        word = next;
    }
    if (!event->name)
        event->name = mem_copy(event->alternatives[0]);
    event->metric.name = mem_format("%s.%s", g->collector, event->name);
    return text_is_name(event->name)
               ? 0
               : mistake(p, e, "the first name becomes the metric's and must be plain", event->name);
}

static void no_name(const char *name, void *user)
{
    (void)name;
    (void)user;
}

static int derived_parse(char *text, struct group *g, const struct place *p, struct err *e)
{
    struct metric *m;
    struct err inner = {0};
    char *formula, *unit, *close;

    VEC_ROOM(g->derived, g->derived_count, g->derived_capacity);
    m = &g->derived[g->derived_count++];
    *m = (struct metric){.kind = METRIC_DERIVED, .better = BETTER_NEITHER};
    if (tail_parse(text, m, p, e))
        return -1;
    formula = cut(text, '=');
    unit = cut(text, '[');
    close = unit ? strchr(unit, ']') : NULL;
    if (!formula || !close || trim(close + 1)[0])
        return mistake(p, e, "expected NAME [unit] = formula | meaning, not", text);
    *close = '\0';
    m->name = mem_format("%s.%s", g->collector, trim(text));
    m->unit = mem_copy(trim(unit));
    m->formula = mem_copy(trim(formula));
    if (!text_is_name(m->name) || !*m->unit)
        return mistake(p, e, "a derived metric needs a plain name and a unit", text);
    if (formula_names(m->formula, no_name, NULL, &inner))
        return mistake(p, e, inner.text, m->formula);
    return 0;
}

static int line_parse(char *line, struct group *g, const struct place *p, struct err *e)
{
    char *rest;

    line = trim(line);
    if (!*line || *line == '#')
        return 0;
    rest = cut(line, ':');
    if (rest && !strcmp(line, "collector")) {
        if (g->event_count || g->derived_count || !text_is_name(rest))
            return mistake(p, e, "collector: names one collector, before the first event, not", rest);
        free(g->collector);
        g->collector = mem_copy(rest);
        return 0;
    }
    if (rest && !strcmp(line, "summary")) {
        if (g->summary)
            return mistake(p, e, "the summary is there twice", rest);
        g->summary = mem_copy(rest);
        return 0;
    }
    if (rest && !strcmp(line, "event"))
        return event_parse(rest, g, p, e);
    if (rest && !strcmp(line, "derived"))
        return derived_parse(rest, g, p, e);
    return mistake(p, e, "a line begins with collector:, summary:, event: or derived:, not", line);
}

int group_parse(const char *name, const char *text, struct group *out, struct err *e)
{
    char *copy = mem_copy(text), *line = copy;
    struct place p = {name, 0};
    int status = 0;

    *out = (struct group){.name = name, .collector = mem_copy("papi")};
    while (line && !status) {
        char *next = strchr(line, '\n');

        if (next)
            *next++ = '\0';
        p.line++;
        status = line_parse(line, out, &p, e);
        line = next;
    }
    if (!status && (!out->summary || !*out->summary))
        status = mistake(&p, e, "the summary: line is missing in group", name);
    if (!status && !out->event_count)
        status = mistake(&p, e, "there is no event: line in group", name);
    free(copy);
    if (status)
        group_free(out);
    return status;
}

static void metric_free(struct metric *m)
{
    free((char *)m->name);
    free((char *)m->meaning);
    free((char *)m->unit);
    free((char *)m->formula);
}

void group_free(struct group *g)
{
    for (size_t i = 0; i < g->event_count; i++) {
        struct group_event *event = &g->events[i];

        for (size_t a = 0; a < event->alternative_count; a++)
            free(event->alternatives[a]);
        free(event->alternatives);
        free(event->name);
        metric_free(&event->metric);
    }
    for (size_t i = 0; i < g->derived_count; i++)
        metric_free(&g->derived[i]);
    free(g->events);
    free(g->derived);
    free(g->summary);
    free(g->collector);
    *g = (struct group){0};
}

const struct group *groups_all(size_t *count, struct err *e)
{
    static struct group *groups;
    static size_t known, capacity;
    static bool done;

    for (const struct asset *a = asset_groups; !done && a->name; a++) {
        VEC_ROOM(groups, known, capacity);
        if (group_parse(a->name, a->text, &groups[known], e)) {
            while (known)
                group_free(&groups[--known]);
            return NULL;
        }
        known++;
    }
    done = true;
    *count = known;
    return groups;
}

const struct group *group_find(const char *collector, const char *name)
{
    size_t count = 0;
    const struct group *groups = groups_all(&count, NULL);

    for (size_t i = 0; groups && i < count; i++)
        if (!strcmp(groups[i].name, name) && !strcmp(groups[i].collector, collector))
            return &groups[i];
    return NULL;
}

const struct group_event *group_event_find(const char *collector, const char *name)
{
    size_t count = 0;
    const struct group *groups = groups_all(&count, NULL);

    for (size_t i = 0; groups && i < count; i++)
        for (size_t k = 0; k < groups[i].event_count; k++)
            if (!strcmp(groups[i].collector, collector) && !strcmp(groups[i].events[k].name, name))
                return &groups[i].events[k];
    return NULL;
}

static void add_once(struct metric **list, size_t *count, size_t *capacity, const struct metric *m)
{
    for (size_t i = 0; i < *count; i++)
        if (!strcmp((*list)[i].name, m->name))
            return;
    VEC_ROOM(*list, *count, *capacity);
    (*list)[(*count)++] = *m;
}

/* One list per collector that has groups; they are few. */
struct catalogue {
    char *collector;
    struct metric *list;
};

static struct metric *catalogue_make(const char *collector)
{
    struct metric *list = NULL;
    size_t count = 0, capacity = 0, group_count = 0;
    const struct group *groups = groups_all(&group_count, NULL);

    for (size_t i = 0; groups && i < group_count; i++)
        for (size_t k = 0; !strcmp(groups[i].collector, collector) && k < groups[i].event_count; k++)
            add_once(&list, &count, &capacity, &groups[i].events[k].metric);
    for (size_t i = 0; groups && i < group_count; i++)
        for (size_t k = 0; !strcmp(groups[i].collector, collector) && k < groups[i].derived_count; k++)
            add_once(&list, &count, &capacity, &groups[i].derived[k]);
    VEC_ROOM(list, count, capacity);
    list[count] = (struct metric){0};
    return list;
}

const struct metric *groups_catalogue(const char *collector)
{
    static struct catalogue *made;
    static size_t count, capacity;

    for (size_t i = 0; i < count; i++)
        if (!strcmp(made[i].collector, collector))
            return made[i].list;
    VEC_ROOM(made, count, capacity);
    made[count] = (struct catalogue){mem_copy(collector), catalogue_make(collector)};
    return made[count++].list;
}
