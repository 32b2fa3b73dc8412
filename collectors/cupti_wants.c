/*
 * What somebody wants of the GPU, from words to metrics: groups, their metrics, the inputs of derived ones, and names of CUPTI's
 * own. Needs no CUPTI: a mistyped word is told on any machine.
 */
#include "cupti_parts.h"

#include "../harness/base/formula.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "cupti_activity.h"
#include "groups.h"

#include <stdlib.h>
#include <string.h>

static const char usual[] = "activity+gpu_core", family[] = "cupti.",
                  letters[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_.";

static void want(struct cupti_wants *w, const char *name)
{
    const struct group_event *known = group_event_find("cupti", name);

    for (size_t i = 0; i < w->count; i++)
        if (!strcmp(w->items[i].name, name))
            return;
    VEC_ROOM(w->items, w->count, w->capacity);
    w->items[w->count++] = (struct cupti_want){.name = mem_copy(name),
                                               .alternatives = known ? known->alternatives : NULL,
                                               .count = known ? known->alternative_count : 1};
}

static bool is_activity(const char *name)
{
    for (const struct metric *m = cupti_activity_metrics; m->name; m++)
        if (!strcmp(m->name + strlen(family), name))
            return true;
    return false;
}

/* An input of a derived metric: ours, or the time and the work that are there anyway. */
static void want_input(const char *name, void *user)
{
    struct cupti_wants *w = user;

    if (!text_starts(name, family))
        return;
    name += strlen(family);
    if (is_activity(name))
        w->activity = true;
    else if (group_event_find("cupti", name))
        want(w, name);
}

static const struct metric *derived_find(const char *name)
{
    const struct metric *m = groups_catalogue("cupti");

    while (m->name && (!m->formula || strcmp(m->name + strlen(family), name)))
        m++;
    return m->name ? m : NULL;
}

static void near_add(const char **names, size_t *count, size_t capacity, const char *name)
{
    if (*count < capacity)
        names[(*count)++] = name;
}

static int unknown(const char *word, struct err *e)
{
    const char *names[300];
    char near[300];
    size_t groups = 0, count = 0, capacity = sizeof names / sizeof *names;
    const struct group *g = groups_all(&groups, e);

    if (!g)
        return -1;
    near_add(names, &count, capacity, "activity");
    for (size_t i = 0; i < groups; i++)
        if (!strcmp(g[i].collector, "cupti"))
            near_add(names, &count, capacity, g[i].name);
    for (const struct metric *m = groups_catalogue("cupti"); m->name; m++)
        near_add(names, &count, capacity, m->name + strlen(family));
    for (const struct metric *m = cupti_activity_metrics; m->name; m++)
        near_add(names, &count, capacity, m->name + strlen(family));
    text_near(word, names, count, near, sizeof near);
    return err_set(e, CM_USAGE,
                   "cupti: there is no group or metric \"%s\"%s; `countermark list groups` shows them, and "
                   "`countermark list metrics --chip NAME` all that CUPTI knows",
                   word, near);
}

static int want_word(struct cupti_wants *w, const char *word, struct err *e)
{
    const struct group *g;
    const struct metric *derived;

    if (text_starts(word, family))
        word += strlen(family);
    if (!strcmp(word, "activity") || is_activity(word)) {
        w->activity = true;
        return 0;
    }
    g = group_find("cupti", word);
    for (size_t i = 0; g && i < g->event_count; i++)
        want(w, g->events[i].name);
    if (g)
        return 0;
    derived = derived_find(word);
    if (derived)
        return formula_names(derived->formula, want_input, w, e);
    /* CUPTI's own names have a unit of the hardware in front: smsp__inst_executed.sum. */
    if (!group_event_find("cupti", word) && (!strstr(word, "__") || word[strspn(word, letters)]))
        return unknown(word, e);
    want(w, word);
    return 0;
}

int cupti_wants_parse(struct cupti_wants *w, const char *wanted, struct err *e)
{
    size_t count;
    char **words = text_split(wanted && *wanted ? wanted : usual, '+', &count);
    int status = 0;

    for (size_t i = 0; i < count && !status; i++)
        status = want_word(w, words[i], e);
    free(words);
    if (status)
        cupti_wants_free(w);
    return status;
}

void cupti_wants_free(struct cupti_wants *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->items[i].name);
    free(w->items);
    *w = (struct cupti_wants){0};
}
