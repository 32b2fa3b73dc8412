/*
 * Part of the stand-in for CUPTI: the range profiler, user ranges with user replay.
 *
 *     Enable -> CounterDataSize -> CounterDataImageInitialize -> SetConfig
 *            -> { Start -> { PushRange -> work, waited for -> PopRange }* -> Stop }* until all passes are submitted
 *            -> DecodeData -> (values) -> again from CounterDataImageInitialize, or Disable
 *
 * A metric is counted in one of the passes, the i-th in pass i modulo their number: so unequal work in the passes is seen.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_RANGE_H
#define TESTS_TOOLS_STANDIN_CUPTI_RANGE_H

enum { RANGES = 8, PASSES = 64, NAME_BYTES = 64 };

#define DATA_MAGIC 0x61746164ULL

/* A counter data image: this, `rooms` of struct range, and the metrics' names. */
struct data {
    uint64_t magic, size, rooms, ranges, complete, passes, names_size, count;
};

struct range {
    char name[NAME_BYTES];
    struct totals passes[PASSES];
};

struct CUpti_RangeProfiler_Object {
    bool live, configured, running, submitted, decoded;
    void *context;
    size_t data_size, rooms;
    struct names metrics; /* of the data's size */
    struct image config;
    struct data *data;
    size_t max_ranges, levels;
    uint64_t pass; /* the next one */
    /* what the passes saw since SetConfig */
    struct range ranges[RANGES];
    size_t range_count, dropped, in_pass, depth;
    size_t open[RANGES];
    unsigned long begun; /* place in the log where the innermost range began */
};

static CUpti_RangeProfiler_Object profilers[16];

static bool profiler_of(const void *context)
{
    for (size_t i = 0; i < sizeof profilers / sizeof *profilers; i++)
        if (profilers[i].live && profilers[i].context == context)
            return true;
    return false;
}

/* Whether this is an object that is enabled, in whose context we are. */
#define NEED_PROFILER(object)                                                                                          \
    do {                                                                                                               \
        NEED((object) >= profilers && (object) < profilers + sizeof profilers / sizeof *profilers && (object)->live,   \
             CUPTI_ERROR_INVALID_PARAMETER, "this is no enabled range profiler");                                      \
        NEED(driver()->current() == (object)->context, CUPTI_ERROR_INVALID_CONTEXT,                                    \
             "the profiler's context is not current");                                                                 \
    } while (0)

CUptiResult cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params *p)
{
    CUpti_RangeProfiler_Object *r = profilers;

    ENTER_WITH(p, CUpti_RangeProfiler_Enable_Params);
    if (!driver_works() || !profiler_ready || !p->ctx)
        fall(__func__, "called without a driver, a context or cuptiProfilerInitialize");
    NEED(driver()->is_context(p->ctx), CUPTI_ERROR_INVALID_CONTEXT, "this is no context");
    NEED(!profiler_of(p->ctx), CUPTI_ERROR_INVALID_OPERATION, "the context has a range profiler already");
    while (r->live)
        r++;
    memset(r, 0, sizeof *r);
    r->live = true;
    r->context = p->ctx;
    p->pRangeProfilerObject = r;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params *p)
{
    ENTER_WITH(p, CUpti_RangeProfiler_Disable_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    NEED(!p->pRangeProfilerObject->running, CUPTI_ERROR_INVALID_OPERATION, "disabled between Start and Stop");
    free(p->pRangeProfilerObject->metrics.text);
    memset(p->pRangeProfilerObject, 0, sizeof *p->pRangeProfilerObject);
    return CUPTI_SUCCESS;
}

/* ---- the counter data image */
CUptiResult cuptiRangeProfilerGetCounterDataSize(CUpti_RangeProfiler_GetCounterDataSize_Params *p)
{
    CUpti_RangeProfiler_Object *r;

    ENTER_WITH(p, CUpti_RangeProfiler_GetCounterDataSize_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(p->numMetrics && p->pMetricNames, CUPTI_ERROR_INVALID_PARAMETER, "no metrics are given");
    NEED(p->maxNumOfRanges >= 1 && p->maxNumOfRanges <= RANGES && p->maxNumRangeTreeNodes >= p->maxNumOfRanges,
         CUPTI_ERROR_INVALID_PARAMETER, "maxNumRangeTreeNodes must be at least maxNumOfRanges, and that 1");
    free(r->metrics.text);
    memset(&r->metrics, 0, sizeof r->metrics);
    for (size_t i = 0; i < p->numMetrics; i++)
        names_add(&r->metrics, p->pMetricNames[i]);
    r->rooms = p->maxNumOfRanges;
    r->data_size = sizeof(struct data) + r->rooms * sizeof(struct range) + r->metrics.size;
    p->counterDataSize = r->data_size;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerCounterDataImageInitialize(CUpti_RangeProfiler_CounterDataImage_Initialize_Params *p)
{
    struct data head = {.magic = DATA_MAGIC};
    const CUpti_RangeProfiler_Object *r;

    ENTER_WITH(p, CUpti_RangeProfiler_CounterDataImage_Initialize_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(p->pCounterData && r->data_size, CUPTI_ERROR_INVALID_PARAMETER, "no image, or its size was not asked for");
    NEED((uintptr_t)p->pCounterData % 8 == 0, CUPTI_ERROR_INVALID_PARAMETER, "the image is not aligned to 8 bytes");
    NEED(p->counterDataSize >= r->data_size, CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT,
         "the image is smaller than GetCounterDataSize said");
    NEED(!r->running, CUPTI_ERROR_INVALID_OPERATION, "called between Start and Stop");
    head.size = p->counterDataSize;
    head.rooms = r->rooms;
    head.names_size = r->metrics.size;
    head.count = r->metrics.count;
    memset(p->pCounterData, 0, p->counterDataSize);
    memcpy(p->pCounterData, &head, sizeof head);
    memcpy(p->pCounterData + sizeof head + r->rooms * sizeof(struct range), r->metrics.text, r->metrics.size);
    return CUPTI_SUCCESS;
}

static const struct data *data_of(const uint8_t *bytes, size_t size)
{
    const struct data *d = (const void *)bytes;

    return d && size >= sizeof *d && d->magic == DATA_MAGIC && d->size == size ? d : NULL;
}

static const struct range *data_ranges(const struct data *d)
{
    return (const void *)(d + 1);
}

static const char *data_names(const struct data *d)
{
    return (const char *)(data_ranges(d) + d->rooms);
}

/* ---- the configuration */
CUptiResult cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params *p)
{
    CUpti_RangeProfiler_Object *r;
    const struct data *d;
    const char *name;

    ENTER_WITH(p, CUpti_RangeProfiler_SetConfig_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(!r->running, CUPTI_ERROR_INVALID_OPERATION, "called between Start and Stop");
    NEED(is_image(p->pConfig, p->configSize), CUPTI_ERROR_INVALID_PARAMETER, "this is no config image");
    d = data_of(p->pCounterDataImage, p->counterDataImageSize);
    NEED(d && !d->ranges && !d->complete, CUPTI_ERROR_INVALID_PARAMETER, "the counter data image is not initialised");
    NEED(p->range == CUPTI_UserRange && p->replayMode == CUPTI_UserReplay, CUPTI_ERROR_INVALID_OPERATION,
         "not a user range with user replay");
    NEED(p->maxRangesPerPass >= 1 && p->maxRangesPerPass <= r->rooms, CUPTI_ERROR_INVALID_PARAMETER,
         "maxRangesPerPass is 0, or more than the image has room for");
    NEED(p->numNestingLevels >= 1 && p->minNestingLevel == 1 && p->targetNestingLevel == 1 && !p->passIndex,
         CUPTI_ERROR_INVALID_PARAMETER, "nesting levels must be 1, the first pass 0");
    memcpy(&r->config, p->pConfig, sizeof r->config);
    NEED(!strcmp(r->config.chip, driver()->chip()->name), CUPTI_ERROR_INVALID_PARAMETER,
         "the config image is made for another chip");
    NEED(r->config.passes <= PASSES, CUPTI_ERROR_INVALID_PARAMETER, "more passes than the stand-in can keep");
    name = (const char *)p->pConfig + sizeof r->config;
    for (size_t i = 0; i < r->config.count; i++, name += strlen(name) + 1)
        NEED(names_have(data_names(d), d->count, name), CUPTI_ERROR_INVALID_PARAMETER,
             "the counter data image was sized for other metrics");
    r->data = (struct data *)(void *)p->pCounterDataImage;
    r->max_ranges = p->maxRangesPerPass;
    r->levels = p->numNestingLevels;
    r->pass = r->range_count = r->dropped = 0;
    memset(r->ranges, 0, sizeof r->ranges);
    r->configured = true;
    r->submitted = r->decoded = false;
    return CUPTI_SUCCESS;
}

/* ---- one pass */
CUptiResult cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params *p)
{
    CUpti_RangeProfiler_Object *r;

    ENTER_WITH(p, CUpti_RangeProfiler_Start_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(r->configured, CUPTI_ERROR_INVALID_OPERATION, "called before SetConfig");
    NEED(!r->running, CUPTI_ERROR_INVALID_OPERATION, "called twice without Stop");
    NEED(!r->submitted, CUPTI_ERROR_INVALID_OPERATION, "all passes are submitted: a new reading needs SetConfig");
    NEED(!driver()->log()->waiting, CUPTI_ERROR_INVALID_OPERATION, "earlier work was not waited for");
    r->running = true;
    r->in_pass = r->depth = 0;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerPushRange(CUpti_RangeProfiler_PushRange_Params *p)
{
    CUpti_RangeProfiler_Object *r;
    size_t place;

    ENTER_WITH(p, CUpti_RangeProfiler_PushRange_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(r->running, CUPTI_ERROR_INVALID_OPERATION, "called outside of Start and Stop");
    NEED(p->pRangeName && *p->pRangeName, CUPTI_ERROR_INVALID_PARAMETER, "a range needs a name");
    NEED(r->depth < r->levels, CUPTI_ERROR_INVALID_OPERATION, "nested deeper than SetConfig said");
    place = r->in_pass++;
    if (place >= r->max_ranges) {
        r->dropped++;
        place = RANGES; /* not kept */
    } else {
        NEED(!r->pass || !strcmp(r->ranges[place].name, p->pRangeName), CUPTI_ERROR_INVALID_OPERATION,
             "the range has another name than in the first pass");
        snprintf(r->ranges[place].name, NAME_BYTES, "%s", p->pRangeName);
        r->range_count = r->range_count > place ? r->range_count : place + 1;
    }
    r->open[r->depth++] = place;
    r->begun = driver()->log()->count;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerPopRange(CUpti_RangeProfiler_PopRange_Params *p)
{
    CUpti_RangeProfiler_Object *r;
    const struct standin_log *log;
    size_t place;

    ENTER_WITH(p, CUpti_RangeProfiler_PopRange_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    log = driver()->log();
    NEED(r->running && r->depth, CUPTI_ERROR_INVALID_OPERATION, "there is no open range");
    NEED(!log->waiting, CUPTI_ERROR_INVALID_OPERATION, "the range's work was not waited for");
    place = r->open[--r->depth];
    if (place < RANGES && r->begun == log->count && enter_number("STANDIN_NO_EMPTY_RANGES", 0))
        r->range_count = place;
    for (unsigned long i = r->begun; place < RANGES && i < log->count; i++)
        totals_add(&r->ranges[place].passes[r->pass], &log->events[i]);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params *p)
{
    CUpti_RangeProfiler_Object *r;

    ENTER_WITH(p, CUpti_RangeProfiler_Stop_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(r->running, CUPTI_ERROR_INVALID_OPERATION, "called without Start");
    NEED(!r->depth, CUPTI_ERROR_INVALID_OPERATION, "a range is still open");
    r->running = false;
    r->pass++;
    r->submitted = r->pass >= r->config.passes;
    p->passIndex = r->submitted ? 0 : r->pass;
    p->targetNestingLevel = 1;
    p->isAllPassSubmitted = r->submitted;
    return CUPTI_SUCCESS;
}

/* ---- what was counted */
CUptiResult cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params *p)
{
    CUpti_RangeProfiler_Object *r;

    ENTER_WITH(p, CUpti_RangeProfiler_DecodeData_Params);
    NEED_PROFILER(p->pRangeProfilerObject);
    r = p->pRangeProfilerObject;
    NEED(r->configured && !r->running && r->pass, CUPTI_ERROR_INVALID_OPERATION, "called before Stop");
    NEED(!r->decoded, CUPTI_ERROR_INVALID_OPERATION, "these passes are decoded already");
    r->decoded = r->submitted;
    r->data->ranges = r->range_count;
    r->data->complete = r->submitted;
    r->data->passes = r->config.passes;
    memcpy(r->data + 1, r->ranges, r->range_count * sizeof *r->ranges);
    p->numOfRangeDropped = r->dropped + (size_t)enter_number("STANDIN_DROPPED_RANGES", 0);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerGetCounterDataInfo(CUpti_RangeProfiler_GetCounterDataInfo_Params *p)
{
    const struct data *d;

    ENTER_WITH(p, CUpti_RangeProfiler_GetCounterDataInfo_Params);
    d = data_of(p->pCounterDataImage, p->counterDataImageSize);
    NEED(d, CUPTI_ERROR_INVALID_PARAMETER, "this is no counter data image");
    p->numTotalRanges = d->ranges;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerCounterDataGetRangeInfo(CUpti_RangeProfiler_CounterData_GetRangeInfo_Params *p)
{
    const struct data *d;

    ENTER_WITH(p, CUpti_RangeProfiler_CounterData_GetRangeInfo_Params);
    d = data_of(p->pCounterDataImage, p->counterDataImageSize);
    NEED(d && p->rangeIndex < d->ranges, CUPTI_ERROR_INVALID_PARAMETER, "there is no such range");
    p->rangeName = data_ranges(d)[p->rangeIndex].name;
    return CUPTI_SUCCESS;
}

/* A metric's place in the image. */
static size_t place_of(const struct data *d, const char *metric)
{
    const char *name = data_names(d);
    size_t place = 0;

    for (; place < d->count && strcmp(name, metric) != 0; place++)
        name += strlen(name) + 1;
    return place;
}

CUptiResult cuptiProfilerHostEvaluateToGpuValues(CUpti_Profiler_Host_EvaluateToGpuValues_Params *p)
{
    const struct data *d;
    const struct range *range;

    ENTER_WITH(p, CUpti_Profiler_Host_EvaluateToGpuValues_Params);
    NEED_HOST(p->pHostObject);
    d = data_of(p->pCounterDataImage, p->counterDataImageSize);
    NEED(d, CUPTI_ERROR_INVALID_PARAMETER, "this is no counter data image");
    NEED(d->complete, CUPTI_ERROR_INVALID_OPERATION, "not all passes are decoded");
    NEED(p->rangeIndex < d->ranges, CUPTI_ERROR_INVALID_PARAMETER, "there is no such range");
    NEED(p->numMetrics && p->ppMetricNames && p->pMetricValues, CUPTI_ERROR_INVALID_PARAMETER, "nothing to evaluate");
    range = &data_ranges(d)[p->rangeIndex];
    for (size_t i = 0; i < p->numMetrics; i++) {
        const struct names *host = &p->pHostObject->metrics;

        NEED(names_have(data_names(d), d->count, p->ppMetricNames[i]) &&
                 names_have(host->text, host->count, p->ppMetricNames[i]),
             CUPTI_ERROR_INVALID_METRIC_NAME, "this metric was not counted");
        p->pMetricValues[i] =
            value_of(p->ppMetricNames[i], &range->passes[place_of(d, p->ppMetricNames[i]) % d->passes]);
    }
    return CUPTI_SUCCESS;
}

#endif
