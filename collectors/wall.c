/*
 * Time by the wall clock. start and stop are one read of the monotonic clock each and nothing else.
 *
 * Nothing is subtracted: one read costs some 20 ns, and a repetition is made at least 100 times as long. A constant cost below
 * 1 % does less harm to comparisons than the noise of a subtracted estimate. Instead the clock's smallest step and its cost
 * are measured once per process, and a region too short for them is marked.
 */
#include "collector.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* A region must last this many times as long as the clock's step and cost together. */
enum { SHORTEST = 10 };

struct wall {
    int64_t begun, ended;
    double grain; /* the clock's step and cost, ns */
};

static const char *probe(const char **cure)
{
    struct timespec t;

    if (cure)
        *cure = "";
    return clock_gettime(CLOCK_MONOTONIC, &t) ? "the system has no monotonic clock" : NULL;
}

static const struct metric *catalogue(void)
{
    static const struct metric metrics[] = {
        {"wall.time", "ns", "Time that passed, by the monotonic clock", NULL, METRIC_DURATION, BETTER_LOWER, false},
        {0},
    };

    return metrics;
}

static void *wall_open(const char *events, const struct target *target, struct err *e)
{
    static double grain;
    struct wall *w = mem_new(1, sizeof *w);

    (void)events;
    (void)target;
    (void)e;
    if (grain <= 0)
        grain = clock_resolution_ns() + clock_cost_ns();
    w->grain = grain;
    return w;
}

static int wall_start(void *handle)
{
    struct wall *w = handle;

    w->begun = clock_ns();
    return 0;
}

static int wall_stop(void *handle)
{
    struct wall *w = handle;

    w->ended = clock_ns();
    return 0;
}

static size_t wall_read(void *handle, struct reading *out, size_t capacity)
{
    const struct wall *w = handle;
    double ns = (double)(w->ended - w->begun);

    if (!capacity)
        return 0;
    *out = (struct reading){.metric = "wall.time", .value = ns, .quality = QUALITY_EXACT, .share = 1};
    if (ns < SHORTEST * w->grain) {
        out->quality = QUALITY_SUSPECT;
        snprintf(out->reason, sizeof out->reason, "%.0f ns is too short for a clock with a grain of %.0f ns", ns,
                 w->grain);
    }
    return 1;
}

const struct collector collector_wall = {
    .abi = COLLECTOR_ABI,
    .summary = "Time by the monotonic clock",
    .scope = SCOPE_PROCESS,
    .claims = CLAIM_NONE,
    .in_time_pass = true,
    .probe = probe,
    .catalogue = catalogue,
    .open = wall_open,
    .start = wall_start,
    .stop = wall_stop,
    .read = wall_read,
    .close = free,
};
