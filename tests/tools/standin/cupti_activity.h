/*
 * Part of the stand-in for CUPTI: subscribers and activity records, made from the driver's log. Every kernel has 32 registers (or
 * STANDIN_REGISTERS), 1024 bytes of static shared memory (16384 as executed) and 16 bytes of local memory a thread.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_ACTIVITY_H
#define TESTS_TOOLS_STANDIN_CUPTI_ACTIVITY_H

enum { MOST_RECORD_BYTES = sizeof(CUpti_ActivityKernel10), LEAST_BUFFER_BYTES = 1024 };

static struct {
    CUpti_BuffersCallbackRequestFunc request;
    CUpti_BuffersCallbackCompleteFunc complete;
    bool enabled[CUPTI_ACTIVITY_KIND_COUNT];
    bool flushing;
    unsigned long seen; /* place in the driver's log */
    unsigned long *queue;
    size_t queued, room;
    size_t dropped; /* since somebody asked */
} activity;

/* ---- subscribers */
static int subscriber; /* its address is the handle */
static bool subscribed;

CUptiResult cuptiSubscribe(CUpti_SubscriberHandle *handle, CUpti_CallbackFunc callback, void *userdata)
{
    (void)callback;
    (void)userdata;
    ENTER_PLAIN();
    NEED(handle, CUPTI_ERROR_INVALID_PARAMETER, "no room for the handle");
    NEED(driver_works(), CUPTI_ERROR_UNKNOWN, "called before cuInit");
    if (getenv("STANDIN_SUBSCRIBER"))
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    NEED(!subscribed, CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED, "subscribed twice");
    subscribed = true;
    *handle = (CUpti_SubscriberHandle)(void *)&subscriber;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle *handle, CUpti_CallbackFunc callback, void *userdata,
                              CUpti_SubscriberParams *p)
{
    const char *other = getenv("STANDIN_SUBSCRIBER");

    ENTER_PLAIN();
    NEED(!p || p->structSize == CUpti_SubscriberParams_STRUCT_SIZE, CUPTI_ERROR_INVALID_PARAMETER,
         "structSize is not CUpti_SubscriberParams_STRUCT_SIZE");
    if (other && p && p->oldSubscriberName)
        snprintf(p->oldSubscriberName, p->oldSubscriberSize, "%s", other);
    return cuptiSubscribe(handle, callback, userdata);
}

CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle handle)
{
    ENTER_PLAIN();
    NEED(subscribed && (void *)handle == (void *)&subscriber, CUPTI_ERROR_INVALID_PARAMETER, "this is no subscriber");
    subscribed = false;
    return CUPTI_SUCCESS;
}

/* ---- kinds */
CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete)
{
    ENTER_PLAIN();
    NEED(request && complete, CUPTI_ERROR_INVALID_PARAMETER, "a callback is missing");
    activity.request = request;
    activity.complete = complete;
    return CUPTI_SUCCESS;
}

static bool wanted(const struct standin_event *event)
{
    return event->kind == STANDIN_KERNEL
               ? activity.enabled[CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL] || activity.enabled[CUPTI_ACTIVITY_KIND_KERNEL]
           : event->kind == STANDIN_COPY ? activity.enabled[CUPTI_ACTIVITY_KIND_MEMCPY]
                                         : activity.enabled[CUPTI_ACTIVITY_KIND_MEMSET];
}

/* Queues what happened since the last look, as the kinds were enabled meanwhile. */
static void look(void)
{
    const struct standin_log *log = driver()->log();

    for (; activity.seen < log->count; activity.seen++) {
        if (!wanted(&log->events[activity.seen]))
            continue;
        if (activity.queued == activity.room) {
            activity.room = activity.room ? 2 * activity.room : 256;
            activity.queue = realloc(activity.queue, activity.room * sizeof *activity.queue);
            if (!activity.queue)
                abort();
        }
        activity.queue[activity.queued++] = activity.seen;
    }
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind)
{
    ENTER_PLAIN();
    NEED(driver_works(), CUPTI_ERROR_UNKNOWN, "called before cuInit");
    NEED(kind > CUPTI_ACTIVITY_KIND_INVALID && kind < CUPTI_ACTIVITY_KIND_COUNT, CUPTI_ERROR_INVALID_KIND,
         "there is no such kind");
    NEED(activity.request, CUPTI_ERROR_INVALID_OPERATION, "no callbacks are registered: there would be no records");
    NEED(kind != CUPTI_ACTIVITY_KIND_KERNEL || !activity.enabled[CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL],
         CUPTI_ERROR_NOT_COMPATIBLE, "both kinds of kernel records");
    look();
    activity.enabled[kind] = true;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind)
{
    ENTER_PLAIN();
    NEED(kind > CUPTI_ACTIVITY_KIND_INVALID && kind < CUPTI_ACTIVITY_KIND_COUNT && activity.enabled[kind],
         CUPTI_ERROR_INVALID_KIND, "this kind is not enabled");
    look();
    activity.enabled[kind] = false;
    return CUPTI_SUCCESS;
}

/* ---- records */

/* A kernel's name that stays where it is, as CUPTI's do. */
static const char *kept_name(const char *name)
{
    static struct names kept[64];

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!kept[i].text)
            names_add(&kept[i], name);
        if (!strcmp(kept[i].text, name))
            return kept[i].text;
    }
    return "another";
}

static size_t write_kernel(const struct standin_event *event, uint32_t id, bool no_times, uint8_t *at)
{
    CUpti_ActivityKernel10 k;

    memset(&k, 0, sizeof k);
    k.kind = activity.enabled[CUPTI_ACTIVITY_KIND_KERNEL] ? CUPTI_ACTIVITY_KIND_KERNEL
                                                          : CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
    k.registersPerThread = (uint16_t)enter_number("STANDIN_REGISTERS", 32);
    k.start = no_times ? 0 : event->start;
    k.end = k.completed = no_times ? 0 : event->end;
    k.contextId = 1;
    k.streamId = 7;
    k.gridX = (int32_t)event->grid[0], k.gridY = (int32_t)event->grid[1], k.gridZ = (int32_t)event->grid[2];
    k.blockX = (int32_t)event->block[0], k.blockY = (int32_t)event->block[1], k.blockZ = (int32_t)event->block[2];
    k.staticSharedMemory = 1024;
    k.sharedMemoryExecuted = 16384;
    k.localMemoryPerThread = 16;
    k.correlationId = id;
    k.gridId = id;
    k.name = kept_name(event->name);
    memcpy(at, &k, sizeof k);
    return sizeof k;
}

static size_t write_copy(const struct standin_event *event, uint32_t id, uint8_t *at)
{
    CUpti_ActivityMemcpy6 c;

    memset(&c, 0, sizeof c);
    c.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
    c.copyKind = (uint8_t)event->copy_kind;
    c.bytes = event->bytes;
    c.start = event->start;
    c.end = event->end;
    c.contextId = 1;
    c.streamId = 7;
    c.correlationId = id;
    c.copyCount = 1;
    memcpy(at, &c, sizeof c);
    return sizeof c;
}

static size_t write_set(const struct standin_event *event, uint32_t id, uint8_t *at)
{
    CUpti_ActivityMemset4 s;

    memset(&s, 0, sizeof s);
    s.kind = CUPTI_ACTIVITY_KIND_MEMSET;
    s.bytes = event->bytes;
    s.start = event->start;
    s.end = event->end;
    s.contextId = 1;
    s.streamId = 7;
    s.correlationId = id;
    memcpy(at, &s, sizeof s);
    return sizeof s;
}

/* The client's next buffer; false if it gives none. */
static bool request(uint8_t **buffer, size_t *size, size_t *most)
{
    *buffer = NULL;
    *size = *most = 0;
    activity.request(buffer, size, most);
    if (*buffer && ((uintptr_t)*buffer % 8 || *size < LEAST_BUFFER_BYTES)) {
        broken("cuptiActivityFlushAll", 0, "the client's buffer is not aligned to 8 bytes, or too small");
        activity.complete(NULL, 0, *buffer, *size, 0);
        *buffer = NULL;
    }
    return *buffer != NULL;
}

/* Hands over the first `count` of the queue. */
static void deliver(size_t count)
{
    const struct standin_log *log = driver()->log();
    long untimed = enter_number("STANDIN_NO_TIMES", 0);
    uint8_t *buffer = NULL;
    size_t size = 0, most = 0, used = 0, records = 0;

    for (size_t i = 0; i < count; i++) {
        const struct standin_event *event = &log->events[activity.queue[i]];
        uint32_t id = (uint32_t)activity.queue[i] + 1;

        if (buffer && (size - used < MOST_RECORD_BYTES || (most && records == most))) {
            activity.complete(NULL, 0, buffer, size, used);
            buffer = NULL;
        }
        if (!buffer) {
            if (!request(&buffer, &size, &most)) {
                activity.dropped += count - i;
                break;
            }
            used = records = 0;
        }
        if (event->kind == STANDIN_KERNEL)
            used += write_kernel(event, id, untimed-- > 0, buffer + used);
        else
            used += event->kind == STANDIN_COPY ? write_copy(event, id, buffer + used)
                                                : write_set(event, id, buffer + used);
        records++;
    }
    if (buffer)
        activity.complete(NULL, 0, buffer, size, used);
}

CUptiResult cuptiActivityFlushAll(uint32_t flag)
{
    size_t count, lost = (size_t)enter_number("STANDIN_DROPPED", 0);

    ENTER_PLAIN();
    NEED(driver_works(), CUPTI_ERROR_UNKNOWN, "called before cuInit");
    NEED(activity.request, CUPTI_ERROR_INVALID_OPERATION, "no callbacks are registered");
    NEED(!activity.flushing, CUPTI_ERROR_INVALID_OPERATION, "called from a callback");
    look();
    count = activity.queued;
    if (!(flag & CUPTI_ACTIVITY_FLAG_FLUSH_FORCED) && driver()->log()->waiting)
        count = 0; /* not completed yet */
    lost = lost < count ? lost : count;
    activity.dropped += lost;
    activity.flushing = true;
    deliver(count - lost);
    activity.flushing = false;
    activity.queued -= count;
    if (activity.queued)
        memmove(activity.queue, activity.queue + count, activity.queued * sizeof *activity.queue);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t *buffer, size_t valid, CUpti_Activity **record)
{
    uint8_t *at = *record ? (uint8_t *)*record : buffer;

    ENTER_PLAIN();
    NEED(buffer, CUPTI_ERROR_INVALID_PARAMETER, "no buffer");
    if (*record) {
        CUpti_ActivityKind kind = (*record)->kind;

        at += kind == CUPTI_ACTIVITY_KIND_MEMCPY   ? sizeof(CUpti_ActivityMemcpy6)
              : kind == CUPTI_ACTIVITY_KIND_MEMSET ? sizeof(CUpti_ActivityMemset4)
                                                   : sizeof(CUpti_ActivityKernel10);
    }
    if (at >= buffer + valid)
        return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = (CUpti_Activity *)(void *)at;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext context, uint32_t stream, size_t *dropped)
{
    (void)context;
    (void)stream;
    ENTER_PLAIN();
    NEED(dropped, CUPTI_ERROR_INVALID_PARAMETER, "no room for the count");
    *dropped = activity.dropped;
    activity.dropped = 0;
    return CUPTI_SUCCESS;
}

#endif
