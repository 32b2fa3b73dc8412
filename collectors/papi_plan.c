/*
 * From wanted events to proven sets.
 *
 * Each event is first tried alone with the tie-points, its alternatives in order; what fails there is missing, with the
 * reason of each alternative. The others are packed into as few sets as hold them: an event joins the first set that still
 * counts the known loop right with it, and opens a new set if none does. So a set that PAPI accepts but counts wrong is split.
 * Built without PAPI, everything that is wanted is missing for that reason.
 * needs: papi
 */
#include "papi_plan.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "groups.h"
#include "papi_proof.h"
#include "papi_set.h"

#include <stdlib.h>
#include <string.h>

/* An event that somebody wants, with the names to try. */
struct want {
    char *name;
    char *const *alternatives;
    size_t count;
};

struct wants {
    struct want *items;
    size_t count, capacity;
};

static void wants_free(struct wants *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->items[i].name);
    free(w->items);
}

/* Events without alternatives in a group are tried by their own name. */
static void want_event(struct wants *w, const char *name)
{
    const struct group_event *known = group_event_find("papi", name);
    struct want *item;

    for (size_t i = 0; i < w->count; i++)
        if (!strcmp(w->items[i].name, name))
            return;
    VEC_ROOM(w->items, w->count, w->capacity);
    item = &w->items[w->count++];
    *item = (struct want){.name = mem_copy(name)};
    item->alternatives = known ? known->alternatives : NULL;
    item->count = known ? known->alternative_count : 1;
}

/* PAPI_SOMETHING, PMU::EVENT:MASK, EVENT_OF_THE_CPU: not a mistyped name of a group. */
static bool looks_like_event(const char *name)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-=";

    return !name[strspn(name, allowed)] && (strchr(name, ':') || (*name && !name[strspn(name, upper)]));
}

static int unknown_group(const char *word, struct err *e)
{
    const char *names[64];
    char near[200];
    size_t count = 0, known = 0;
    const struct group *groups = groups_all(&count, e);

    if (!groups)
        return -1;
    for (size_t i = 0; i < count && known < 64; i++)
        if (!strcmp(groups[i].collector, "papi"))
            names[known++] = groups[i].name;
    text_near(word, names, known, near, sizeof near);
    return err_set(e, CM_USAGE, "papi: there is no event group or event \"%s\"%s; `countermark list groups` shows them",
                   word, near);
}

static int want_word(struct wants *w, const char *word, struct err *e)
{
    const struct group *g = group_find("papi", word);

    if (text_starts(word, "papi."))
        word += strlen("papi.");
    if (g) {
        for (size_t i = 0; i < g->event_count; i++)
            want_event(w, g->events[i].name);
        return 0;
    }
    if (!group_event_find("papi", word) && !looks_like_event(word))
        return unknown_group(word, e);
    want_event(w, word);
    return 0;
}

static int wants_parse(struct wants *w, const char *wanted, struct err *e)
{
    size_t count;
    char **words = text_split(wanted && *wanted ? wanted : PAPI_PLAN_DEFAULT, '+', &count);
    int status = 0;

    for (size_t i = 0; i < count && !status; i++)
        status = want_word(w, words[i], e);
    free(words);
    return status;
}

static void miss(struct passes *out, const char *name, const char *reason)
{
    char *line = mem_format("papi.%s\t%s", name, reason);

    text_list_add(&out->missing, line);
    free(line);
}

#ifdef WITHOUT_PAPI

static const char *proven_ties(struct err *e)
{
    err_set(e, CM_NOTHING, "built without PAPI");
    return NULL;
}

static void plan_sets(const struct wants *w, const char *ties, struct passes *out)
{
    (void)w;
    (void)ties;
    (void)out;
}

#else

/* "SET,NAME" or "SET,NAME=NATIVE". free() it. */
static char *joined(const char *set, const char *name, const char *native)
{
    bool same = !strcmp(name, native);

    return mem_format("%s%s%s%s%s", set, *set ? "," : "", name, same ? "" : "=", same ? "" : native);
}

/* What a set must stand: papi_prove or papi_set_try. */
typedef int test_function(const char *events, struct err *e);

static char *ties_search(test_function *test, struct err *e)
{
    const struct group_event *cycles = group_event_find("papi", PAPI_CYCLES);
    const struct group_event *instructions = group_event_find("papi", PAPI_INSTRUCTIONS);

    if (!cycles || !instructions) {
        err_set(e, CM_INTERNAL, "no event group names " PAPI_CYCLES " and " PAPI_INSTRUCTIONS);
        return NULL;
    }
    for (size_t c = 0; c < cycles->alternative_count; c++) {
        for (size_t i = 0; i < instructions->alternative_count; i++) {
            char *first = joined("", cycles->name, cycles->alternatives[c]);
            char *both = joined(first, instructions->name, instructions->alternatives[i]);

            /* The last failure is told: that of the events that every Linux knows, where there is a PMU. */
            free(first);
            err_clear(e);
            if (!test(both, e))
                return both;
            free(both);
        }
    }
    return NULL;
}

/* The tie-points that stand a test, looked for once. */
struct ties {
    char *text;
    const char *cure;
    struct err failure;
    bool done;
};

static const char *ties_once(struct ties *t, test_function *test, const char **cure, struct err *e)
{
    if (!t->done) {
        if (!papi_library(&t->failure))
            t->text = ties_search(test, &t->failure);
        t->cure = papi_cure(papi_last_code());
        if (t->failure.code == CM_UNTRUSTED)
            t->cure =
                "end other users of the counters (perf, the NMI watchdog); if it stays so, this machine's counters are "
                "not to be trusted";
        t->done = true;
    }
    if (t->text)
        return t->text;
    if (cure)
        *cure = t->cure;
    err_set(e, CM_NOTHING, "%s", t->failure.text);
    return NULL;
}

int papi_works(const char **cure, struct err *e)
{
    static struct ties accepted;

    return ties_once(&accepted, papi_set_try, cure, e) ? 0 : -1;
}

static const char *proven_ties(struct err *e)
{
    static struct ties proven;

    return ties_once(&proven, papi_prove, NULL, e);
}

/* The first alternative that is right alone with the tie-points, or NULL with all reasons in `why`. */
static const char *choose(const char *ties, const struct want *w, struct buf *why)
{
    for (size_t i = 0; i < w->count; i++) {
        const char *native = w->alternatives ? w->alternatives[i] : w->name;
        char *set = joined(ties, w->name, native);
        struct err e = {0};
        int status = papi_prove(set, &e);

        free(set);
        if (!status)
            return native;
        buf_addf(why, "%s%s%s%s", i ? "; " : "", text_starts(e.text, native) ? "" : native,
                 text_starts(e.text, native) ? "" : ": ", e.text);
    }
    return NULL;
}

/* Adds the event to the first set that still proves right with it. */
static void pack(struct text_list *sets, const char *ties, const char *name, const char *native)
{
    char *alone = joined(ties, name, native);

    for (size_t i = 0; i < sets->count; i++) {
        char *larger = joined(sets->items[i], name, native);
        struct err ignored = {0};

        if (!papi_prove(larger, &ignored)) {
            free(sets->items[i]);
            sets->items[i] = larger;
            free(alone);
            return;
        }
        free(larger);
    }
    text_list_add(sets, alone);
    free(alone);
}

static void plan_sets(const struct wants *w, const char *ties, struct passes *out)
{
    struct text_list sets = {0};

    for (size_t i = 0; i < w->count; i++) {
        const struct want *item = &w->items[i];
        struct buf why = {0};
        const char *native;

        if (!strcmp(item->name, PAPI_CYCLES) || !strcmp(item->name, PAPI_INSTRUCTIONS))
            continue;
        native = choose(ties, item, &why);
        if (native)
            pack(&sets, ties, item->name, native);
        else
            miss(out, item->name, buf_text(&why));
        buf_free(&why);
    }
    if (!sets.count && w->count)
        text_list_add(&sets, ties);
    for (size_t i = 0; i < sets.count; i++) {
        char *pass = mem_format("papi:%s", sets.items[i]);

        text_list_add(&out->passes, pass);
        free(pass);
    }
    text_list_free(&sets);
}

#endif

int papi_plan(const char *wanted, struct passes *out, struct err *e)
{
    struct wants w = {0};
    struct err why = {0};
    int status = wants_parse(&w, wanted, e);
    const char *ties = status ? NULL : proven_ties(&why);

    if (!status && ties)
        plan_sets(&w, ties, out);
    for (size_t i = 0; !status && !ties && i < w.count; i++)
        miss(out, w.items[i].name, why.text);
    wants_free(&w);
    return status;
}
