/*
 * Sets of hardware events on threads, on a process with its children, or on another process. See papi_set.h.
 *
 * Every thread has a set of its own, attached to it: a set inherited from the master counts nothing of a pool that exists
 * already. Processes are counted by inheritance. An inherited count keeps what children that ended have counted, whatever is
 * reset, so such a set is read once after its start and the difference is taken.
 *
 * Nothing is ever multiplexed. What an empty region counts is learned at open and subtracted.
 * needs: papi
 * libs: -lpapi
 */
#include "papi_set.h"

#ifndef WITHOUT_PAPI

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"

#include <math.h>
#include <papi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* No event happens this many times per cycle and instruction together. */
#define MOST_PER_TIE 64.0

struct event {
    char *name;   /* logical */
    char *native; /* what PAPI counts */
    char *metric, *metric_min, *metric_max;
};

/* The event set of one thread, or of the one process that is counted. */
struct member {
    int set; /* PAPI_NULL: none */
    bool running;
    long long begun[PAPI_SET_EVENTS], ended[PAPI_SET_EVENTS];
    double empty[PAPI_SET_EVENTS]; /* what a region with nothing in it counts */
};

struct papi_set {
    struct event events[PAPI_SET_EVENTS];
    size_t event_count;
    struct member *members;
    size_t member_count;
    bool inherits;
    double parallel; /* how many CPUs can count at the same time */
    int64_t begun, ended;
    char problem[120]; /* why the last region has no values, or "" */
};

static int events_parse(struct papi_set *s, const char *text, struct err *e)
{
    size_t count;
    char **parts = text_split(text, ',', &count);
    int status = 0;

    if (count > PAPI_SET_EVENTS)
        status = err_set(e, CM_USAGE, "a pass of %zu events is too large: at most %d", count, PAPI_SET_EVENTS);
    for (size_t i = 0; i < count && !status; i++) {
        struct event *event = &s->events[i];
        char *native = strchr(parts[i], '=');

        if (native && !strchr("0123456789", native[1]) && native[1])
            *native++ = '\0';
        else
            native = parts[i];
        if (!*parts[i]) {
            status = err_set(e, CM_USAGE, "the pass \"%s\" has an event without a name", text);
            break;
        }
        event->name = mem_copy(parts[i]);
        event->native = mem_copy(native);
        event->metric = mem_format("papi.%s", event->name);
        event->metric_min = mem_format("papi.%s.thread_min", event->name);
        event->metric_max = mem_format("papi.%s.thread_max", event->name);
        s->event_count++;
    }
    free(parts);
    return status;
}

/* Counters of many threads need many files; the limit is raised as far as it goes. */
static void room_for_files(size_t files)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= files + 64)
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > files + 64 ? files + 64 : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* PAPI tries an event here, so this is where a missing PMU and a missing permission show. */
static int member_attach(struct member *m, pid_t tid, struct err *e)
{
    int code = PAPI_attach(m->set, (unsigned long)tid);

    switch (code) {
    case PAPI_OK: return 0;
    case PAPI_ENOEVNT:
    case PAPI_ENOSUPP:
        papi_reason(code);
        return err_set(e, CM_NOTHING,
                       "there are no hardware counters: no PMU, or a virtual machine without a virtual one");
    case PAPI_EPERM: return err_set(e, CM_NOTHING, "%s", papi_reason(code));
    default: break;
    }
    if (tid == gettid())
        return err_set(e, CM_NOTHING, "the counters cannot be opened: %s", papi_reason(code));
    return err_set(e, CM_NOTHING, "thread or process %d cannot be counted: %s", (int)tid, papi_reason(code));
}

static int member_options(const struct papi_set *s, struct member *m, const struct target *t, pid_t tid, struct err *e)
{
    PAPI_option_t option;
    int code = PAPI_create_eventset(&m->set);

    if (code == PAPI_OK)
        code = PAPI_assign_eventset_component(m->set, PAPI_get_component_index("perf_event"));
    if (code != PAPI_OK)
        return err_set(e, CM_NOTHING, "no event set can be made: %s", papi_reason(code));
    if (t->count_kernel) {
        memset(&option, 0, sizeof option);
        option.domain.eventset = m->set;
        option.domain.domain = PAPI_DOM_USER | PAPI_DOM_KERNEL;
        code = PAPI_set_opt(PAPI_DOMAIN, &option);
        if (code != PAPI_OK)
            return err_set(e, CM_NOTHING, "the kernel's share cannot be counted: %s", papi_reason(code));
    }
    if (s->inherits) {
        memset(&option, 0, sizeof option);
        option.inherit.eventset = m->set;
        option.inherit.inherit = PAPI_INHERIT_ALL;
        code = PAPI_set_opt(PAPI_INHERIT, &option);
        if (code != PAPI_OK)
            return err_set(e, CM_NOTHING, "child processes cannot be counted: %s", papi_reason(code));
    }
    return tid > 0 ? member_attach(m, tid, e) : 0;
}

static int member_open(const struct papi_set *s, struct member *m, const struct target *t, pid_t tid, struct err *e)
{
    if (member_options(s, m, t, tid, e))
        return -1;
    for (size_t i = 0; i < s->event_count; i++) {
        const struct event *event = &s->events[i];
        int number, code = PAPI_event_name_to_code(event->native, &number);

        if (code == PAPI_OK)
            code = PAPI_add_event(m->set, number);
        if (code != PAPI_OK)
            return err_set(e, CM_NOTHING, "%s: %s", event->native, papi_reason(code));
    }
    return 0;
}

static int members_open(struct papi_set *s, const struct target *t, struct err *e)
{
    bool threads = t->kind == TARGET_THREADS;

    s->inherits = !threads;
    s->member_count = threads ? t->thread_count : 1;
    if (!s->member_count)
        return err_set(e, CM_INTERNAL, "there is no thread to count");
    s->members = mem_new(s->member_count, sizeof *s->members);
    for (size_t i = 0; i < s->member_count; i++)
        s->members[i].set = PAPI_NULL;
    s->parallel = threads ? (double)s->member_count : (double)sysconf(_SC_NPROCESSORS_ONLN);
    room_for_files(s->member_count * (s->event_count + 1));
    for (size_t i = 0; i < s->member_count; i++) {
        pid_t tid = threads ? t->threads[i] : t->kind == TARGET_CHILD ? t->child : 0;

        if (member_open(s, &s->members[i], t, tid, e))
            return -1;
    }
    return 0;
}

/* What regions with nothing in them count, as medians. A stopped child runs nothing meanwhile: its cost is none. */
static int learn_empty(struct papi_set *s, struct err *e)
{
    double(*seen)[PAPI_SET_EVENTS][PAPI_EMPTY_REGIONS] = mem_new(s->member_count, sizeof *seen);
    int status = 0;

    for (int r = 0; r < PAPI_EMPTY_REGIONS && !status; r++) {
        if (papi_set_start(s) || papi_set_stop(s))
            status = err_set(e, CM_NOTHING, "%s", s->problem);
        for (size_t m = 0; m < s->member_count; m++)
            for (size_t i = 0; i < s->event_count; i++)
                seen[m][i][r] = (double)(s->members[m].ended[i] - s->members[m].begun[i]);
    }
    for (size_t m = 0; m < s->member_count && !status; m++)
        for (size_t i = 0; i < s->event_count; i++)
            s->members[m].empty[i] = fmax(0, stats_median(seen[m][i], PAPI_EMPTY_REGIONS));
    free(seen);
    return status;
}

static struct papi_set *set_open(const char *events, const struct target *target, bool learn, struct err *e)
{
    struct papi_set *s;

    if (papi_library(e))
        return NULL;
    s = mem_new(1, sizeof *s);
    if (events_parse(s, events, e) || members_open(s, target, e) || (learn && learn_empty(s, e))) {
        papi_set_close(s);
        return NULL;
    }
    return s;
}

struct papi_set *papi_set_open(const char *events, const struct target *target, struct err *e)
{
    return set_open(events, target, target->kind != TARGET_CHILD && !target->raw, e);
}

int papi_set_try(const char *events, struct err *e)
{
    pid_t self = gettid();
    const struct target target = {.kind = TARGET_THREADS, .threads = &self, .thread_count = 1};
    struct papi_set *s = set_open(events, &target, false, e);
    int status = s ? 0 : -1;

    if (s && (papi_set_start(s) || papi_set_stop(s)))
        status = err_set(e, CM_NOTHING, "%s", s->problem);
    papi_set_close(s);
    return status;
}

static int halt(struct papi_set *s, const char *what, int code)
{
    snprintf(s->problem, sizeof s->problem, "the counters cannot be %s: %s", what, papi_reason(code));
    for (size_t i = 0; i < s->member_count; i++) {
        if (s->members[i].running)
            PAPI_stop(s->members[i].set, s->members[i].ended);
        s->members[i].running = false;
    }
    return -1;
}

/* The calling thread is first in the list: it starts last and stops first, so that it counts least of this. */
int papi_set_start(struct papi_set *s)
{
    s->problem[0] = '\0';
    s->begun = clock_ns();
    for (size_t i = s->member_count; i-- > 0;) {
        struct member *m = &s->members[i];
        int code = PAPI_start(m->set);

        if (code != PAPI_OK)
            return halt(s, "started", code);
        m->running = true;
        if (s->inherits && (code = PAPI_read(m->set, m->begun)) != PAPI_OK)
            return halt(s, "read", code);
    }
    return 0;
}

int papi_set_stop(struct papi_set *s)
{
    if (s->problem[0])
        return -1;
    for (size_t i = 0; i < s->member_count; i++) {
        struct member *m = &s->members[i];
        int code = PAPI_stop(m->set, m->ended);

        if (code != PAPI_OK)
            return halt(s, "stopped", code);
        m->running = false;
    }
    s->ended = clock_ns();
    return 0;
}

/* One event of the last region over all threads. */
struct total {
    double raw, empty, value, least, most;
};

static struct total add_up(const struct papi_set *s, size_t event)
{
    struct total t = {.least = INFINITY, .most = -INFINITY};

    for (size_t i = 0; i < s->member_count; i++) {
        const struct member *m = &s->members[i];
        double raw = (double)(m->ended[event] - m->begun[event]);
        double value = raw < 0 ? raw : fmax(0, raw - m->empty[event]);

        t.raw += raw;
        t.empty += m->empty[event];
        t.value += value;
        t.least = fmin(t.least, value);
        t.most = fmax(t.most, value);
    }
    return t;
}

/* The total of a tie-point, or one whose raw is NaN if the set has none. */
static struct total tie_point(const struct papi_set *s, const char *name)
{
    for (size_t i = 0; i < s->event_count; i++)
        if (!strcmp(s->events[i].name, name))
            return add_up(s, i);
    return (struct total){.raw = NAN};
}

/* What is wrong with the tie-points is wrong with the whole region. */
static void check_ties(const struct papi_set *s, char *reason, size_t size)
{
    double cycles = tie_point(s, PAPI_CYCLES).raw, instructions = tie_point(s, PAPI_INSTRUCTIONS).raw;
    double ghz = cycles / ((double)(s->ended - s->begun) * s->parallel);

    reason[0] = '\0';
    if (ghz > PAPI_FASTEST_GHZ)
        snprintf(reason, size, "implied clock %.1f GHz", ghz);
    else if (cycles < 0 || instructions < 0)
        snprintf(reason, size, "a tie-point is negative: %.0f cycles, %.0f instructions", cycles, instructions);
    else if (!(cycles != 0) || !(instructions != 0))
        snprintf(reason, size, "the counters stood still: another user of them (perf, the NMI watchdog) has them");
}

/* What is wrong with one event alone. */
static void check_event(const struct papi_set *s, const struct total *t, char *reason, size_t size)
{
    double ties = tie_point(s, PAPI_CYCLES).raw + tie_point(s, PAPI_INSTRUCTIONS).raw;

    if (t->least < 0)
        snprintf(reason, size, "a negative count: %.0f", t->least);
    else if (t->raw > MOST_PER_TIE * ties)
        snprintf(reason, size, "%.0f of it in %.0f cycles and instructions", t->raw, ties);
    else if (t->raw < 0.5 * t->empty - 64)
        snprintf(reason, size, "%.0f, but a region with nothing in it counts %.0f", t->raw, t->empty);
}

static size_t put(struct reading *out, size_t at, size_t capacity, const char *metric, double value, const char *reason)
{
    struct reading *r = &out[at];

    if (at == capacity)
        return at;
    *r = (struct reading){.metric = metric, .value = value, .quality = QUALITY_EXACT, .share = 1};
    if (*reason) {
        r->quality = isnan(value) ? QUALITY_UNAVAILABLE : QUALITY_SUSPECT;
        snprintf(r->reason, sizeof r->reason, "%s", reason);
    }
    return at + 1;
}

size_t papi_set_read(struct papi_set *s, struct reading *out, size_t capacity)
{
    char ties[sizeof out->reason], reason[sizeof out->reason];
    size_t n = 0;

    check_ties(s, ties, sizeof ties);
    for (size_t i = 0; i < s->event_count; i++) {
        const struct event *event = &s->events[i];
        struct total t = add_up(s, i);

        if (s->problem[0]) {
            n = put(out, n, capacity, event->metric, NAN, s->problem);
            continue;
        }
        memcpy(reason, ties, sizeof reason);
        if (!*reason)
            check_event(s, &t, reason, sizeof reason);
        n = put(out, n, capacity, event->metric, t.value, reason);
        if (s->member_count > 1) {
            n = put(out, n, capacity, event->metric_min, t.least, reason);
            n = put(out, n, capacity, event->metric_max, t.most, reason);
        }
    }
    return n;
}

void papi_set_close(struct papi_set *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->members && i < s->member_count; i++) {
        struct member *m = &s->members[i];

        if (m->set == PAPI_NULL)
            continue;
        if (m->running)
            PAPI_stop(m->set, m->ended);
        PAPI_cleanup_eventset(m->set);
        PAPI_destroy_eventset(&m->set);
    }
    for (size_t i = 0; i < s->event_count; i++) {
        free(s->events[i].name);
        free(s->events[i].native);
        free(s->events[i].metric);
        free(s->events[i].metric_min);
        free(s->events[i].metric_max);
    }
    free(s->members);
    free(s);
}

#endif
