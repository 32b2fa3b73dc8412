/* Sets that take turns: see multiplex.h. */
#include "multiplex.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>

/* The events of a pass, or the text itself if no collector is named before a colon. */
static const char *events_of(const char *pass)
{
    const char *colon = strchr(pass, ':');
    size_t name = strspn(pass, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return colon && colon == pass + name ? colon + 1 : pass;
}

size_t multiplex_sets(const char *pass)
{
    size_t n = 1;

    for (; *pass; pass++)
        n += *pass == '|';
    return n;
}

/* How long the name of an event is that may go on with "=NATIVE". A mask such as "EVENT:umask=1" belongs to the name. */
static size_t name_length(const char *event)
{
    size_t n = strcspn(event, ",|=");

    while (event[n] == '=' && event[n + 1] >= '0' && event[n + 1] <= '9')
        n += 1 + strcspn(event + n + 1, ",|=");
    return n;
}

static const char *next_event(const char *event)
{
    return event + strcspn(event, ",|");
}

double multiplex_share(const char *pass, const char *metric, int set, bool *counted)
{
    const char *dot = strchr(metric, '.'), *name = dot ? dot + 1 : metric, *spread = strstr(name, ".thread_m");
    size_t length = spread ? (size_t)(spread - name) : strlen(name), hits = 0;
    const char *event = events_of(pass);
    bool here = false;
    int at = 0;

    *counted = false;
    for (;; event++) {
        if (name_length(event) == length && !strncmp(event, name, length))
            here = true;
        event = next_event(event);
        if (*event == ',')
            continue;
        hits += here;
        *counted = *counted || (here && at == set);
        here = false;
        at++;
        if (!*event)
            return (double)hits / at;
    }
}

char *multiplex_globs(const char *pass, int set, const char *spared)
{
    const char *events = events_of(pass), *event;
    int family = events > pass ? (int)(events - pass) - 1 : 0, at = 0;
    bool one = multiplex_sets(pass) == 1, counted;
    struct buf b = {0};
    char *globs;

    for (event = events;; event++) {
        char *metric = mem_format("%.*s.%.*s", family, pass, (int)name_length(event), event);

        if (at == set && (one || multiplex_share(pass, metric, set, &counted) < 1) &&
            !(spared && !strcmp(metric, spared)))
            buf_addf(&b, "%s%s,%s.thread_*", b.length ? "," : "", metric, metric);
        free(metric);
        event = next_event(event);
        at += *event == '|';
        if (!*event)
            break;
    }
    globs = mem_copy(buf_text(&b));
    buf_free(&b);
    for (char *c = globs; *c; c++)
        *c = *c == '=' ? '?' : *c; /* behind a comma it would belong to the text of a point: see text_glob */
    return globs;
}

/* Sets of a simulator, of a device, or those that need several rounds are launches of their own. */
static bool takes_turns(const char *pass)
{
    char *name = mem_copy_n(pass, strcspn(pass, ":"));
    const struct registry_collector *c = registry_collector(name);

    free(name);
    return c && c->collector->plan && !c->collector->wrap && !c->collector->rounds &&
           c->collector->scope != SCOPE_DEVICE && strchr(pass, ':');
}

static bool fit(const char *joined, const char *pass)
{
    size_t name = strcspn(pass, ":") + 1;

    return !strncmp(joined, pass, name) && multiplex_sets(joined) + multiplex_sets(pass) <= MEASURE_INSTRUMENTS;
}

void multiplex_join(struct text_list *passes)
{
    struct text_list joined = {0};

    for (size_t i = 0; i < passes->count; i++) {
        const char *pass = passes->items[i];
        size_t k = 0;

        while (k < joined.count && !(takes_turns(pass) && fit(joined.items[k], pass)))
            k++;
        if (k == joined.count) {
            text_list_add(&joined, pass);
        } else {
            char *longer = mem_format("%s|%s", joined.items[k], events_of(pass));

            free(joined.items[k]);
            joined.items[k] = longer;
        }
    }
    text_list_free(passes);
    *passes = joined;
}

size_t multiplex_mark(const char *pass, int repetition, struct reading *readings, size_t count)
{
    size_t sets = multiplex_sets(pass), kept = 0;

    if (sets < 2 || repetition < 0)
        return count;
    for (size_t i = 0; i < count; i++) {
        bool counted;
        double share = multiplex_share(pass, readings[i].metric, repetition % (int)sets, &counted);

        if (share > 0 && !counted)
            continue;
        if (share > 0 && share < 1 && readings[i].quality == QUALITY_EXACT) {
            readings[i].quality = QUALITY_MULTIPLEXED;
            readings[i].share = share;
        }
        if (kept != i)
            readings[kept] = readings[i];
        kept++;
    }
    return kept;
}
