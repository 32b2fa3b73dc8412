/*
 * What ran on the device, by CUPTI's activity records: buffers that CUPTI fills and hands back, from threads of its own, whenever it
 * likes. So the callbacks only pass buffers on, and what they hold is read when the region is over. Memory that CUPTI may still
 * write to is never freed.
 *
 * No callback for timestamps is registered: with one, libraries from 12.6.2 to 13.0 deliver kernels without a start.
 *
 * needs: cuda
 */
#include "cupti_activity.h"

#ifndef WITHOUT_CUDA

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"
#include "cupti_errors.h"
#include "cupti_library.h"
#include "cupti_tally.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A full megabyte holds about five thousand records. Beyond the limit CUPTI is given none and reports what it lost. */
enum { BUFFER_BYTES = 1 << 20, BUFFERS = 256, BUFFERS_AT_START = 4 };

struct buffer {
    uint8_t *bytes;
    size_t valid; /* of a filled one */
    enum { FREE, LENT, FILLED } state;
};

/* CUPTI's callbacks know nothing of who asked: there is one pool. */
static struct {
    pthread_mutex_t lock;
    struct buffer items[BUFFERS];
    size_t count;
    size_t dropped;
    const struct cupti *cupti;
    bool in_use;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct cupti_activity {
    const struct cupti *cupti;
    CUpti_SubscriberHandle subscriber;
    struct cuda_facts facts;
    struct cupti_tally tally;
    int64_t begun;
    bool registered; /* CUPTI has the callbacks */
    size_t enabled;  /* kinds */
};

static const CUpti_ActivityKind kinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                           CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_OVERHEAD};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- buffers; the lock is held */

/* Zeroed and touched, so that CUPTI's writing brings no page fault into the region. */
static struct buffer *make_buffer(void)
{
    struct buffer *b = pool.count < BUFFERS ? &pool.items[pool.count] : NULL;

    if (!b || !(b->bytes = aligned_alloc(64, BUFFER_BYTES)))
        return NULL;
    memset(b->bytes, 0, BUFFER_BYTES);
    b->state = FREE;
    pool.count++;
    return b;
}

static struct buffer *free_buffer(void)
{
    for (size_t i = 0; i < pool.count; i++)
        if (pool.items[i].state == FREE)
            return &pool.items[i];
    return make_buffer();
}

static void CUPTIAPI on_request(uint8_t **bytes, size_t *size, size_t *most_records)
{
    struct buffer *b;

    pthread_mutex_lock(&pool.lock);
    b = free_buffer();
    if (b)
        b->state = LENT;
    pthread_mutex_unlock(&pool.lock);
    *bytes = b ? b->bytes : NULL;
    *size = b ? BUFFER_BYTES : 0;
    *most_records = 0;
}

static void CUPTIAPI on_complete(CUcontext context, uint32_t stream, uint8_t *bytes, size_t size, size_t valid)
{
    size_t dropped = 0;

    (void)size;
    if (pool.cupti->cuptiActivityGetNumDroppedRecords(context, stream, &dropped))
        dropped = 0;
    pthread_mutex_lock(&pool.lock);
    pool.dropped += dropped;
    for (size_t i = 0; i < pool.count; i++)
        if (pool.items[i].bytes == bytes) {
            pool.items[i].valid = valid;
            pool.items[i].state = valid ? FILLED : FREE;
        }
    pthread_mutex_unlock(&pool.lock);
}

/* ---- records: under names that every toolkit from 12.6 on has. Later ones add fields at the end, and it is CUPTI that steps from
 * one record to the next, so newer records can be read as older ones. */

static void take_kernel(struct cupti_tally *t, const CUpti_Activity *record)
{
    const CUpti_ActivityKernel9 *k = (const CUpti_ActivityKernel9 *)record;
    const struct cupti_kernel row = {
        .start = k->start,
        .end = k->end,
        .device = k->deviceId,
        .registers = k->registersPerThread,
        .block_threads = k->blockX * k->blockY * k->blockZ,
        .shared_bytes = (int64_t)k->staticSharedMemory + k->dynamicSharedMemory,
        .local_bytes = k->localMemoryPerThread,
        .grid_blocks = (int64_t)k->gridX * k->gridY * k->gridZ,
    };

    cupti_tally_kernel(t, &row);
}

static void take_copy(struct cupti_tally *t, const CUpti_Activity *record)
{
    const CUpti_ActivityMemcpy5 *m = (const CUpti_ActivityMemcpy5 *)record;
    enum cupti_copy where = COPY_ELSEWHERE;

    switch (m->copyKind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOA: where = COPY_TO_DEVICE; break;
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOH: where = COPY_TO_HOST; break;
    default: break;
    }
    cupti_tally_copy(t, where, m->bytes, m->start, m->end);
}

static void take_overhead(struct cupti_tally *t, const CUpti_Activity *record)
{
    const CUpti_ActivityOverhead2 *o = (const CUpti_ActivityOverhead2 *)record;

    cupti_tally_sum(&t->overhead, o->start, o->end);
#if CUPTI_API_VERSION >= 130000
    free(((const CUpti_ActivityOverhead3 *)record)->overheadData); /* by contract it is ours */
#endif
}

static void take_record(struct cupti_tally *t, const CUpti_Activity *record)
{
    const CUpti_ActivityMemset4 *s = (const CUpti_ActivityMemset4 *)record;

    switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: take_kernel(t, record); break;
    case CUPTI_ACTIVITY_KIND_MEMCPY: take_copy(t, record); break;
    case CUPTI_ACTIVITY_KIND_MEMSET: cupti_tally_sum(&t->sets, s->start, s->end); break;
    case CUPTI_ACTIVITY_KIND_OVERHEAD: take_overhead(t, record); break;
    default: break;
    }
}

/* Reads what CUPTI has handed back so far and makes the buffers free again. Where all was lost there is no buffer to tell it. */
static void drain(struct cupti_activity *a)
{
    size_t dropped = 0;

    if (!a->cupti->cuptiActivityGetNumDroppedRecords(NULL, 0, &dropped))
        a->tally.dropped += dropped;
    pthread_mutex_lock(&pool.lock);
    for (size_t i = 0; i < pool.count; i++) {
        struct buffer *b = &pool.items[i];
        CUpti_Activity *record = NULL;

        if (b->state != FILLED)
            continue;
        while (!a->cupti->cuptiActivityGetNextRecord(b->bytes, b->valid, &record))
            take_record(&a->tally, record);
        b->state = FREE;
    }
    a->tally.dropped += pool.dropped;
    pool.dropped = 0;
    pthread_mutex_unlock(&pool.lock);
}

/* ---- errors */

static char last_cure[320];

/* Why a call failed, with what helps to tell; the cure is kept apart. */
static int fail(struct cupti_activity *a, int error, const char *call, const char *other, struct err *e)
{
    const struct cupti_failure f = {.error = error,
                                    .call = call,
                                    .chip = "",
                                    .driver = a->facts.driver,
                                    .cupti = a->cupti->version,
                                    .other_tool = other,
                                    .cuda = a->facts.cuda,
                                    .restricted = a->facts.profiling_restricted};
    char reason[320];

    cupti_explain(&f, reason, sizeof reason, last_cure, sizeof last_cure);
    return err_set(e, CM_NOTHING, "%s", reason);
}

/* Of a region: all of its readings will say it. */
static void spoil(struct cupti_activity *a, int error, const char *call)
{
    char name[64];

    if (!*a->tally.reason)
        snprintf(a->tally.reason, sizeof a->tally.reason, "%s failed: %s, %d", call,
                 cupti_error_name(error, name, sizeof name), error);
}

/* ---- open and close */

static void CUPTIAPI on_nothing(void *user, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void *data)
{
    (void)user;
    (void)domain;
    (void)id;
    (void)data;
}

/* Nothing is subscribed to: it is how CUPTI tells of another profiler, newer libraries with its name. */
static int subscribe(struct cupti_activity *a, struct err *e)
{
    int error;
#if CUPTI_API_VERSION >= 130000
    void *library = dlopen(a->cupti->path, RTLD_NOW | RTLD_NOLOAD), *found;
    __typeof__(cuptiSubscribe_v2) *second = NULL;
    char other[256] = "";
    CUpti_SubscriberParams params = {.structSize = CUpti_SubscriberParams_STRUCT_SIZE,
                                     .subscriberName = "countermark",
                                     .oldSubscriberName = other,
                                     .oldSubscriberSize = sizeof other};

    found = library ? dlsym(library, "cuptiSubscribe_v2") : NULL;
    memcpy(&second, &found, sizeof found);
    if (second) {
        error = (int)second(&a->subscriber, on_nothing, NULL, &params);
        other[sizeof other - 1] = '\0';
        return error ? fail(a, error, "cuptiSubscribe", other, e) : 0;
    }
#endif
    error = (int)a->cupti->cuptiSubscribe(&a->subscriber, on_nothing, NULL);
    return error ? fail(a, error, "cuptiSubscribe", "", e) : 0;
}

static int enable(struct cupti_activity *a, struct err *e)
{
    int error = (int)a->cupti->cuptiActivityRegisterCallbacks(on_request, on_complete);

    if (error)
        return fail(a, error, "cuptiActivityRegisterCallbacks", "", e);
    a->registered = true;
    for (; a->enabled < KINDS; a->enabled++) {
        error = (int)a->cupti->cuptiActivityEnable(kinds[a->enabled]);
        if (error)
            return fail(a, error, "cuptiActivityEnable", "", e);
    }
    return 0;
}

struct cupti_activity *cupti_activity_open(struct err *e)
{
    const struct cupti *c = cuda_context(e) ? cupti_library(e) : NULL;
    struct cupti_activity *a;

    if (!c)
        return NULL;
    if (pool.in_use) {
        err_set(e, CM_INTERNAL, "activity records are read in this process already");
        return NULL;
    }
    pthread_mutex_lock(&pool.lock);
    pool.in_use = true;
    pool.cupti = c;
    while (pool.count < BUFFERS_AT_START && make_buffer())
        continue;
    pthread_mutex_unlock(&pool.lock);
    a = mem_new(1, sizeof *a);
    a->cupti = c;
    cuda_facts_read(&a->facts);
    if (!subscribe(a, e) && !enable(a, e))
        return a;
    cupti_activity_close(a);
    return NULL;
}

/* Before 13.0.1 switching kernels off can hang; then they stay on until the process ends. */
static void disable(struct cupti_activity *a)
{
    uint32_t version = 0;

    if (a->cupti->cuptiGetVersion(&version) || version < 130001)
        return;
    while (a->enabled)
        a->cupti->cuptiActivityDisable(kinds[--a->enabled]);
}

void cupti_activity_close(struct cupti_activity *a)
{
    cuda_synchronise();
    if (a->registered)
        a->cupti->cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    disable(a);
    if (a->subscriber)
        a->cupti->cuptiUnsubscribe(a->subscriber);
    drain(a);
    cupti_tally_free(&a->tally);
    free(a);
    pool.in_use = false;
}

/* ---- the region */

/* Nothing runs any more, so a forced flush cuts no record short. */
static void collect(struct cupti_activity *a, uint32_t flag)
{
    int error = cuda_synchronise();

    if (error && !*a->tally.reason)
        snprintf(a->tally.reason, sizeof a->tally.reason, "cuCtxSynchronize failed: error %d", error);
    error = (int)a->cupti->cuptiActivityFlushAll(flag);
    if (error)
        spoil(a, error, "cuptiActivityFlushAll");
    drain(a);
}

static bool silent(const struct cupti_tally *t)
{
    return !t->kernel_count && !t->timeless && !t->copies.count && !t->sets.count && !*t->reason;
}

/* What ran before, as transfers of the input, is not of the region: none of it may be held back. */
int cupti_activity_start(struct cupti_activity *a)
{
    collect(a, CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    cupti_tally_clear(&a->tally); /* with a failure, which comes again at the end or does not matter */
    a->begun = clock_ns();
    return 0;
}

int cupti_activity_stop(struct cupti_activity *a)
{
    int64_t ended = clock_ns();

    collect(a, 0);
    if (silent(&a->tally)) /* some versions hand over no buffer unless forced */
        collect(a, CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    a->tally.traced_ns = (double)(ended - a->begun);
    return 0;
}

const char *cupti_activity_reason(const struct cupti_activity *a)
{
    return a->tally.reason;
}

const char *cupti_activity_cure(void)
{
    return last_cure;
}

size_t cupti_activity_read(struct cupti_activity *a, struct reading *out, size_t capacity)
{
    return cupti_tally_read(&a->tally, &a->facts, out, capacity);
}

#endif
