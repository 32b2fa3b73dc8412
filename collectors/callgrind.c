/*
 * Counts without a PMU: the worker runs on valgrind's simulated CPU, and callgrind counts the measured region, nothing else.
 * Instructions repeat exactly and gate; cache and branch figures are of a simple model and explain. All of it has the quality
 * `simulated`, and is compared with its like alone.
 *
 * Valgrind executes set-up and verification without counting, several times slower than the CPU; a region is executed twice, first
 * to fill the simulated caches, then counted. Threads are counted all together, forked children by the files that they leave.
 * The simulated CPU lacks AVX-512: a variant that asks for what the CPU has takes another path there, and that one is counted.
 *
 * needs: valgrind
 */
#include "callgrind_plan.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct metric *catalogue(void)
{
    return callgrind_catalogue;
}

static const char *probe(const char **cure)
{
    return callgrind_reason(cure);
}

#ifndef WITHOUT_VALGRIND

#include <pthread.h>
#include <valgrind/callgrind.h>

#define ROUNDS 2 /* regions of a reading: the first fills the simulated caches */

struct simulation {
    char *events;
    const char *folder; /* where callgrind leaves its files */
    enum target_kind kind;
    int region;                    /* of a reading, from 1 */
    struct callgrind_counts empty; /* what an empty region costs */
    char failure[200];             /* why the last region was not counted, or "" */
};

/* Children of the region under way; each leaves a file of its own. */
static size_t children;

/* In the child that a fork made: what its parent did until then is not its own. */
static void begin_child(void)
{
    CALLGRIND_ZERO_STATS;
}

static void note_child(void)
{
    children++;
}

static int callgrind_wrap(const char *events, enum target_kind kind, struct text_list *words, struct err *e)
{
    bool program = kind == TARGET_CHILD;
    const char *reason = callgrind_reason(NULL);

    if (reason)
        return err_set(e, CM_NOTHING, "%s", reason);
    text_list_add(words, "valgrind");
    /* Nobody's ~/.valgrindrc or VALGRIND_OPTS may change a count. */
    text_list_add(words, "--command-line-only=yes");
    text_list_add(words, "--tool=callgrind");
    text_list_add(words, "-q");
    text_list_add(words, "--vgdb=no");
    text_list_add(words, "--fair-sched=try"); /* threads that wait for each other must not starve */
    text_list_add(words, "--dump-line=no");
    text_list_add(words, "--callgrind-out-file=%q{COUNTERMARK_SCRATCH}/%p");
    text_list_add(words, callgrind_needs(events, "cache") ? "--cache-sim=yes" : "--cache-sim=no");
    text_list_add(words, callgrind_needs(events, "branches") ? "--branch-sim=yes" : "--branch-sim=no");
    text_list_add(words, program ? "--trace-children=yes" : "--instr-atstart=no");
    return 0;
}

/* Files that belong to no reading: of children that ended before, or that the first round made. */
static void drop_files(const struct simulation *s)
{
    struct callgrind_counts ignored = {.processes = 0};

    callgrind_dump_take(s->folder, &ignored, NULL);
}

static int callgrind_start(void *handle)
{
    struct simulation *s = handle;

    if (s->region++ && s->kind == TARGET_TREE)
        drop_files(s);
    children = 0;
    if (s->kind != TARGET_CHILD)
        CALLGRIND_ZERO_STATS;
    return 0;
}

static int callgrind_stop(void *handle)
{
    const struct simulation *s = handle;

    if (s->kind != TARGET_CHILD && s->region == ROUNDS)
        CALLGRIND_DUMP_STATS;
    return 0;
}

static int callgrind_rounds(void *handle)
{
    const struct simulation *s = handle;

    return s->kind == TARGET_CHILD ? 1 : ROUNDS;
}

/* Sums up the files of the last region. -1 with the reason in s->failure. */
static int take_counts(struct simulation *s, struct callgrind_counts *counts)
{
    struct err e = {0};

    *counts = (struct callgrind_counts){.processes = 0};
    *s->failure = 0;
    s->region = 0;
    if (callgrind_dump_take(s->folder, counts, &e))
        snprintf(s->failure, sizeof s->failure, "%.190s", e.text);
    else if (!counts->processes)
        snprintf(s->failure, sizeof s->failure, "callgrind left no file");
    else if (s->kind != TARGET_CHILD && counts->processes != 1 + children)
        snprintf(s->failure, sizeof s->failure, "%zu of its %zu processes left no count",
                 1 + children - counts->processes, 1 + children);
    return *s->failure ? -1 : 0;
}

static int measure_empty(struct simulation *s, struct err *e)
{
    for (int i = 0; i < ROUNDS; i++) {
        callgrind_start(s);
        callgrind_stop(s);
    }
    return take_counts(s, &s->empty) ? err_set(e, CM_NOTHING, "nothing is counted: %s", s->failure) : 0;
}

static void callgrind_close(void *handle)
{
    struct simulation *s = handle;

    if (s->kind != TARGET_CHILD)
        CALLGRIND_STOP_INSTRUMENTATION;
    free(s->events);
    free(s);
}

static void *callgrind_open(const char *events, const struct target *target, struct err *e)
{
    static bool prepared;
    struct simulation *s;

    if (target->kind != TARGET_CHILD && !RUNNING_ON_VALGRIND) {
        err_set(e, CM_NOTHING, "this worker does not run under valgrind");
        return NULL;
    }
    s = mem_new(1, sizeof *s);
    s->events = mem_copy(events);
    s->kind = target->kind;
    s->folder = getenv("COUNTERMARK_SCRATCH");
    if (!prepared && target->kind == TARGET_TREE)
        pthread_atfork(NULL, note_child, begin_child);
    prepared = prepared || target->kind == TARGET_TREE;
    if (!s->folder) {
        err_set(e, CM_INTERNAL, "callgrind has no folder for its files");
    } else {
        drop_files(s);
        if (s->kind == TARGET_CHILD)
            return s;
        CALLGRIND_START_INSTRUMENTATION;
        if (!measure_empty(s, e)) {
            if (target->raw)
                memset(&s->empty, 0, sizeof s->empty);
            return s;
        }
    }
    callgrind_close(s);
    return NULL;
}

static void read_metric(const struct simulation *s, const struct callgrind_metric *m,
                        const struct callgrind_counts *counts, struct reading *r)
{
    bool known = !*s->failure;

    for (size_t i = 0; i < sizeof m->sum / sizeof *m->sum && m->sum[i] >= 0; i++) {
        known = known && counts->known[m->sum[i]];
        r->value += counts->values[m->sum[i]] - s->empty.values[m->sum[i]];
    }
    if (known) {
        r->value = r->value > 0 ? r->value : 0; /* an empty region may miss a cache where a full one does not */
        return;
    }
    r->value = (double)NAN;
    r->quality = QUALITY_UNAVAILABLE;
    snprintf(r->reason, sizeof r->reason, "%.110s", *s->failure ? s->failure : "callgrind did not count it");
}

static size_t callgrind_read(void *handle, struct reading *out, size_t capacity)
{
    struct simulation *s = handle;
    struct callgrind_counts counts;
    size_t n = 0;

    take_counts(s, &counts);
    for (size_t i = 0; callgrind_metrics[i].event && n < capacity; i++) {
        if (!callgrind_listed(s->events, callgrind_metrics[i].event))
            continue;
        out[n] = (struct reading){.metric = callgrind_catalogue[i].name, .quality = QUALITY_SIMULATED, .share = 1};
        read_metric(s, &callgrind_metrics[i], &counts, &out[n++]);
    }
    return n;
}

#endif

const struct collector collector_callgrind = {
    .abi = COLLECTOR_ABI,
    .summary =
        "Instructions, branches and cache misses on valgrind's simulated CPU (no AVX-512), 50 to 300 times slower",
    .scope = SCOPE_PROCESS,
    .claims = CLAIM_SIMULATOR,
    .in_time_pass = false,
    .probe = probe,
    .catalogue = catalogue,
    .plan = callgrind_plan,
#ifndef WITHOUT_VALGRIND
    .wrap = callgrind_wrap,
    .slowdown = 60,
    .idle_slowdown = 8,
    .open = callgrind_open,
    .start = callgrind_start,
    .stop = callgrind_stop,
    .rounds = callgrind_rounds,
    .read = callgrind_read,
    .close = callgrind_close,
#endif
};
