/*
 * A stand-in for the PAPI library: the calls that collectors/papi_*.c make, as a strict state machine that counts by rule. With
 * it every path of the counters is tested on machines without a PMU.
 * libs: -Wl,-soname,libpapi.so.7.0
 * needs: papi
 *
 * Use: tests/unit/papi.c includes this file. Elsewhere: LD_PRELOAD=$BUILD/tests/tools/libpapi.so countermark ...; what it should
 * do stands in the environment variable CM_STANDIN (or is given to standin_configure), words with blanks between them:
 *
 *     pmu=none         no event can be opened             pmu=denied    the system does not permit it
 *     pmu=off          the component says it is disabled
 *     missing=A+B      these events are not there         presets=none  only perf:: events are there
 *     late=A           A is added, but its set does not start
 *     counters=4       how many events fit beside cycles and instructions
 *     wrong=A          sets with A count 16 times too many instructions
 *     wrongpair=A+B    so do sets with both A and B, not those with one of them
 *     more=A           sets with A count 3.2 % more instructions
 *     huge=A           sets with A count 2^47 cycles      still=A       sets with A count nothing at all
 *     negative=A       A counts -5
 *     work=N           instructions of a region (PAPI_PROOF_INSTRUCTIONS)
 *     other=N          what other events count in it (1000)
 *     cycles=N         cycles of it, instead of those that go by the clock
 *     failstop=N       the Nth stop of the process fails
 *
 * What is counted: the first PAPI_EMPTY_REGIONS regions of a set (none, if it is attached to another process) are the cost of start
 * and stop alone; later ones have `work` on top, sets of the second thread twice, of the third three times, and so on. Cycles go by
 * the clock, 3 a nanosecond. With the kernel's share `work` counts double. An inheriting set never forgets what a region's
 * children counted, as with perf_event. Calls in a wrong order end the program with a sentence and abort(): the real library
 * answers some of them with success.
 */
#ifdef WITHOUT_PAPI

extern int standin_is_off;
int standin_is_off = 1;

#else

#include "../../collectors/papi_proof.h"
#include "../../collectors/papi_set.h"

#include <papi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SETS = 1024, COST = 3000, CYCLES_COST = 300, OTHER_COST = 7 };

/* What was asked for, in words. */
static char asked[512];
static int asked_known, initialised, stops;

struct standin_set {
    int live, assigned, attached, child, inherits, kernel, running, factor, count, regions;
    unsigned long thread; /* that it is attached to */
    int events[PAPI_SET_EVENTS];
    long long carry[PAPI_SET_EVENTS]; /* what children of earlier regions counted */
    long long begun;
};

static struct standin_set sets[SETS];
static char names[256][100];
static int name_count;

void standin_configure(const char *text);
int standin_live_sets(void);

void standin_configure(const char *text)
{
    snprintf(asked, sizeof asked, "%s", text ? text : "");
    asked_known = 1;
    stops = 0;
}

int standin_live_sets(void)
{
    int live = 0;

    for (int i = 0; i < SETS; i++)
        live += sets[i].live;
    return live;
}

static void __attribute__((noreturn)) violated(const char *call, const char *what)
{
    fprintf(stderr, "stand-in for PAPI: %s: %s\n", call, what);
    abort();
}

/* The text behind "key=" in what was asked, up to the next blank, or NULL. */
static const char *option_text(const char *key, char *out, size_t size)
{
    size_t length = strlen(key);

    for (const char *at = asked; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strncmp(at, key, length) || at[length] != '=')
            continue;
        snprintf(out, size, "%.*s", (int)strcspn(at + length + 1, " "), at + length + 1);
        return out;
    }
    return NULL;
}

static int option_is(const char *key, const char *value)
{
    char text[200];

    return option_text(key, text, sizeof text) && !strcmp(text, value);
}

static long long option_number(const char *key, long long otherwise)
{
    char text[200];

    return option_text(key, text, sizeof text) ? strtoll(text, NULL, 10) : otherwise;
}

/* Whether `name` is one of those joined by + behind "key=". */
static int option_names(const char *key, const char *name)
{
    char text[200], *rest = text, *word;

    if (!option_text(key, text, sizeof text))
        return 0;
    while ((word = strsep(&rest, "+")))
        if (!strcmp(word, name))
            return 1;
    return 0;
}

static int set_has(const struct standin_set *s, const char *key, int all)
{
    int hits = 0;

    for (int i = 0; i < s->count; i++)
        hits += option_names(key, names[s->events[i]]);
    return all ? hits >= 2 : hits >= 1;
}

static int is_cycles(const char *name)
{
    return !strcmp(name, "PAPI_TOT_CYC") || !strcmp(name, "perf::CYCLES");
}

static int is_instructions(const char *name)
{
    return !strcmp(name, "PAPI_TOT_INS") || !strcmp(name, "perf::INSTRUCTIONS");
}

static long long now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int PAPI_library_init(int version)
{
    if (!asked_known)
        standin_configure(getenv("CM_STANDIN"));
    if (version != PAPI_VER_CURRENT)
        return PAPI_EINVAL;
    initialised = 1;
    return PAPI_VER_CURRENT;
}

static struct standin_set *the_set(const char *call, int id)
{
    if (!initialised)
        violated(call, "the library was not initialised");
    if (id < 0 || id >= SETS || !sets[id].live)
        violated(call, "there is no such event set");
    return &sets[id];
}

/* An option of a set: after its component is known, before events are in it, while it stands. */
static struct standin_set *set_for_options(const char *call, int id)
{
    struct standin_set *s = the_set(call, id);

    if (!s->assigned)
        violated(call, "the event set has no component yet");
    if (s->count)
        violated(call, "the event set has events already, which would be opened anew");
    if (s->running)
        violated(call, "the event set is running");
    return s;
}

char *PAPI_strerror(int code)
{
    static char text[40];

    snprintf(text, sizeof text, "code %d of the stand-in", code);
    return text;
}

int PAPI_get_component_index(const char *name)
{
    if (!initialised)
        violated(__func__, "the library was not initialised");
    return strcmp(name, "perf_event") ? PAPI_ENOCMP : 0;
}

const PAPI_component_info_t *PAPI_get_component_info(int component)
{
    static PAPI_component_info_t info;

    if (component)
        violated(__func__, "there is one component, 0");
    memset(&info, 0, sizeof info);
    strcpy(info.name, "perf_event");
    info.disabled = option_is("pmu", "off");
    if (info.disabled)
        strcpy(info.disabled_reason, "disabled by the stand-in");
    return &info;
}

int PAPI_create_eventset(int *id)
{
    if (!initialised || *id != PAPI_NULL)
        violated(__func__, initialised ? "the set's number is not PAPI_NULL" : "the library was not initialised");
    for (int i = 0; i < SETS; i++)
        if (!sets[i].live) {
            sets[i] = (struct standin_set){.live = 1, .factor = 1};
            *id = i;
            return PAPI_OK;
        }
    return PAPI_ENOMEM;
}

int PAPI_assign_eventset_component(int id, int component)
{
    struct standin_set *s = the_set(__func__, id);

    if (s->assigned || component)
        violated(__func__, "assigned twice, or to a component that is not there");
    s->assigned = 1;
    return PAPI_OK;
}

static int refused(void)
{
    return option_is("pmu", "none") ? PAPI_ENOEVNT : option_is("pmu", "denied") ? PAPI_EPERM : PAPI_OK;
}

int PAPI_set_opt(int option, PAPI_option_t *o)
{
    if (option == PAPI_DOMAIN) {
        set_for_options("PAPI_set_opt(PAPI_DOMAIN)", o->domain.eventset)->kernel = 1;
        if (o->domain.domain != (PAPI_DOM_USER | PAPI_DOM_KERNEL))
            violated(__func__,
                     "user space is the default, and user space with the kernel all that is asked for besides");
    } else if (option == PAPI_INHERIT) {
        struct standin_set *s = set_for_options("PAPI_set_opt(PAPI_INHERIT)", o->inherit.eventset);

        s->inherits = o->inherit.inherit == PAPI_INHERIT_ALL;
    } else {
        violated(__func__, "an option that is not expected");
    }
    return refused();
}

/* Which of the attached threads this is, counted from 1. */
static int factor_of(unsigned long tid)
{
    int most = 0;

    for (int i = 0; i < SETS; i++) {
        if (!sets[i].live || !sets[i].attached)
            continue;
        if (sets[i].thread == tid)
            return sets[i].factor;
        most = sets[i].factor > most ? sets[i].factor : most;
    }
    return most + 1;
}

int PAPI_attach(int id, unsigned long tid)
{
    struct standin_set *s = set_for_options(__func__, id);
    char path[64];

    if (s->attached)
        violated(__func__, "the event set is attached already");
    snprintf(path, sizeof path, "/proc/%lu", tid);
    if (access(path, F_OK))
        return PAPI_ESYS;
    snprintf(path, sizeof path, "/proc/self/task/%lu", tid);
    s->factor = factor_of(tid);
    s->thread = tid;
    s->child = access(path, F_OK) != 0;
    s->attached = 1;
    return refused();
}

int PAPI_event_name_to_code(const char *name, int *code)
{
    static const char *const known[] = {
        "PAPI_TOT_CYC", "PAPI_TOT_INS", "PAPI_L1_DCM", "PAPI_L2_DCM", "PAPI_L3_TCM", "PAPI_LST_INS",
        "PAPI_BR_INS",  "PAPI_BR_MSP",  "PAPI_BR_CN",  "PAPI_BR_TKN", "PAPI_TLB_DM", "PAPI_TLB_IM",
        "PAPI_FP_OPS",  "PAPI_DP_OPS",  "PAPI_SP_OPS", "PAPI_VEC_DP", "PAPI_VEC_SP", "PAPI_FML_INS",
    };
    int there = !strncmp(name, "perf::", 6);

    if (!initialised)
        violated(__func__, "the library was not initialised");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        there = there || !strcmp(name, known[i]);
    if (!there || name_count == sizeof names / sizeof *names)
        return PAPI_ENOEVNT;
    for (*code = 0; *code < name_count; ++*code)
        if (!strcmp(names[*code], name))
            return PAPI_OK;
    snprintf(names[name_count++], sizeof names[0], "%s", name);
    return PAPI_OK;
}

int PAPI_add_event(int id, int code)
{
    struct standin_set *s = the_set(__func__, id);

    if (!s->assigned || s->running)
        violated(__func__, "the event set has no component, or is running");
    if (code < 0 || code >= name_count)
        violated(__func__, "there is no such event");
    for (int i = 0; i < s->count; i++)
        if (s->events[i] == code)
            violated(__func__, "the event is in the set already");
    if (refused())
        return refused();
    if (option_names("missing", names[code]) || (option_is("presets", "none") && !strncmp(names[code], "PAPI_", 5)))
        return PAPI_ENOEVNT;
    if (s->count == PAPI_SET_EVENTS || s->count >= 2 + option_number("counters", 4))
        return PAPI_ECNFLCT;
    s->events[s->count++] = code;
    return PAPI_OK;
}

int PAPI_start(int id)
{
    struct standin_set *s = the_set(__func__, id);

    if (s->running || !s->count)
        violated(__func__, s->running ? "the event set is running" : "the event set is empty");
    for (int i = 0; i < SETS; i++)
        if (sets[i].live && sets[i].running && sets[i].attached == s->attached && sets[i].thread == s->thread)
            violated(__func__, "another event set of this thread is running");
    if (set_has(s, "late", 0))
        return PAPI_ECNFLCT;
    s->running = 1;
    s->regions++;
    s->begun = now();
    return PAPI_OK;
}

/* What event `i` has counted, `work` times the region's work included. */
static long long count_of(const struct standin_set *s, int i, int work)
{
    const char *name = names[s->events[i]];
    long long instructions = option_number("work", PAPI_PROOF_INSTRUCTIONS), other = option_number("other", 1000);
    long long cycles = option_number("cycles", 0);

    if (set_has(s, "still", 0))
        return 0;
    if (option_names("negative", name))
        return -5;
    if (is_cycles(name))
        return set_has(s, "huge", 0) ? 1LL << 47 : CYCLES_COST + (cycles ? work * cycles : 3 * (now() - s->begun));
    if (is_instructions(name))
        return (COST + work * s->factor * instructions * (s->kernel ? 2 : 1)) *
               (set_has(s, "wrong", 0) || set_has(s, "wrongpair", 1) ? 16 : 1) * (set_has(s, "more", 0) ? 1032 : 1000) /
               1000;
    return OTHER_COST + work * s->factor * other;
}

/* The beginning of a region, as far as an inheriting set is concerned: nothing but what it never forgot. */
int PAPI_read(int id, long long *values)
{
    struct standin_set *s = the_set(__func__, id);

    if (!s->running)
        violated(__func__, "the event set is not running");
    memcpy(values, s->carry, (size_t)s->count * sizeof *values);
    return PAPI_OK;
}

int PAPI_stop(int id, long long *values)
{
    struct standin_set *s = the_set(__func__, id);
    int work = s->child || s->regions > PAPI_EMPTY_REGIONS;

    if (!s->running)
        violated(__func__, "the event set is not running");
    if (++stops == option_number("failstop", 0))
        return PAPI_ESYS; /* and goes on running, as the real one does */
    s->running = 0;
    for (int i = 0; i < s->count; i++) {
        values[i] = s->carry[i] + count_of(s, i, work);
        if (s->inherits)
            s->carry[i] += values[i] - s->carry[i];
    }
    return PAPI_OK;
}

int PAPI_cleanup_eventset(int id)
{
    struct standin_set *s = the_set(__func__, id);

    if (s->running)
        violated(__func__, "the event set is running");
    s->count = 0;
    return PAPI_OK;
}

int PAPI_destroy_eventset(int *id)
{
    struct standin_set *s = the_set(__func__, *id);

    if (s->count || s->running)
        violated(__func__, "the event set is not empty");
    s->live = 0;
    *id = PAPI_NULL;
    return PAPI_OK;
}

#endif
