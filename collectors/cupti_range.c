/*
 * Counting a region with CUPTI's range profiler.
 *
 * A session counts one range, "region". Where the set needs several rounds, the region is run again by the harness (user replay) until
 * CUPTI has submitted all; then the data are decoded and each metric is evaluated by its own name. For the next reading the
 * session is configured anew with an empty image, and if CUPTI refuses that the profiler is made anew.
 *
 * start and stop never fail the launch: an error is kept and becomes the reason of every reading.
 * needs: cuda
 */
#include "cupti_range.h"

#ifndef WITHOUT_CUDA

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"
#include "cuda_driver.h"
#include "cupti_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char range_name[] = "region";

struct cupti_range {
    const struct cupti *c;
    struct cupti_chip chip;
    struct cupti_set set;
    CUpti_RangeProfiler_Object *profiler;
    uint8_t *data; /* what was counted, in CUPTI's own form */
    size_t data_size;
    bool configured; /* a session that nothing was read of */
    bool first;      /* it is this profiler's first */
    bool running, pushed;
    bool stuck;     /* PopRange, Stop or Disable failed: nothing more is asked of this profiler */
    bool submitted; /* CUPTI has all rounds */
    bool empty;     /* every call went well, but CUPTI saw no work in the region */
    bool spoiled;   /* what this profiler counted could not be read: the next session gets a new one */
    int done;       /* rounds of this reading */
    int counted;    /* those in which something was counted */
    int64_t begun;
    double counted_ns; /* all of them */
    struct err problem;
};

/* Records why a call failed; -1. */
static int failed(struct cupti_range *r, const char *call, CUptiResult result)
{
    return cupti_failed(r->c, call, (int)result, NULL, &r->problem);
}

/* Calls NAME with its parameters and returns -1 from the function that uses it if that fails. */
#define CALL(r, name, params)                                                                                          \
    do {                                                                                                               \
        CUptiResult result_ = (r)->c->name(params);                                                                    \
        if (result_ != CUPTI_SUCCESS)                                                                                  \
            return failed((r), #name, result_);                                                                        \
    } while (0)

static int enable(struct cupti_range *r)
{
    CUpti_RangeProfiler_Enable_Params p = {.structSize = CUpti_RangeProfiler_Enable_Params_STRUCT_SIZE,
                                           .ctx = r->chip.context};

    CALL(r, cuptiRangeProfilerEnable, &p);
    r->profiler = p.pRangeProfilerObject;
    r->first = true;
    r->spoiled = false;
    return 0;
}

static void disable(struct cupti_range *r)
{
    CUpti_RangeProfiler_Disable_Params p = {.structSize = CUpti_RangeProfiler_Disable_Params_STRUCT_SIZE,
                                            .pRangeProfilerObject = r->profiler};

    if (r->profiler && !r->stuck)
        r->stuck = r->c->cuptiRangeProfilerDisable(&p) != CUPTI_SUCCESS;
    r->profiler = NULL;
}

/* The image that receives one range; each name once. */
static int data_make(struct cupti_range *r)
{
    const char **names = mem_new(r->set.count + 1, sizeof *names);
    CUpti_RangeProfiler_GetCounterDataSize_Params p = {.structSize =
                                                           CUpti_RangeProfiler_GetCounterDataSize_Params_STRUCT_SIZE,
                                                       .pRangeProfilerObject = r->profiler,
                                                       .pMetricNames = names,
                                                       .maxNumOfRanges = 1,
                                                       .maxNumRangeTreeNodes = 1};
    CUptiResult result;

    for (size_t i = 0; i < r->set.count; i++) {
        size_t k = 0;

        while (k < p.numMetrics && strcmp(names[k], r->set.counted[i]))
            k++;
        names[k] = r->set.counted[i];
        p.numMetrics += k == p.numMetrics;
    }
    result = r->c->cuptiRangeProfilerGetCounterDataSize(&p);
    free(names);
    if (result != CUPTI_SUCCESS)
        return failed(r, "cuptiRangeProfilerGetCounterDataSize", result);
    r->data_size = p.counterDataSize;
    r->data = mem_new(p.counterDataSize ? p.counterDataSize : 1, 1);
    return 0;
}

static int configure(struct cupti_range *r)
{
    CUpti_RangeProfiler_CounterDataImage_Initialize_Params image = {
        .structSize = CUpti_RangeProfiler_CounterDataImage_Initialize_Params_STRUCT_SIZE,
        .pRangeProfilerObject = r->profiler,
        .counterDataSize = r->data_size,
        .pCounterData = r->data};
    CUpti_RangeProfiler_SetConfig_Params p = {.structSize = CUpti_RangeProfiler_SetConfig_Params_STRUCT_SIZE,
                                              .pRangeProfilerObject = r->profiler,
                                              .configSize = r->set.image_size,
                                              .pConfig = r->set.image,
                                              .counterDataImageSize = r->data_size,
                                              .pCounterDataImage = r->data,
                                              .range = CUPTI_UserRange,
                                              .replayMode = CUPTI_UserReplay,
                                              .maxRangesPerPass = 1,
                                              .numNestingLevels = 1,
                                              .minNestingLevel = 1,
                                              .passIndex = 0,
                                              .targetNestingLevel = 1};

    memset(r->data, 0, r->data_size);
    CALL(r, cuptiRangeProfilerCounterDataImageInitialize, &image);
    CALL(r, cuptiRangeProfilerSetConfig, &p);
    r->configured = true;
    return 0;
}

static int make_anew(struct cupti_range *r)
{
    err_clear(&r->problem);
    disable(r);
    free(r->data);
    r->data = NULL;
    if (r->stuck)
        return err_set(&r->problem, CM_NOTHING, "CUPTI's range profiler cannot be ended, so it cannot count again");
    return enable(r) || data_make(r) || configure(r) ? -1 : 0;
}

/* A new session on the same profiler, or else on a new one. */
static int configure_again(struct cupti_range *r)
{
    r->first = false;
    return r->profiler && r->data && !r->spoiled && !configure(r) ? 0 : make_anew(r);
}

struct cupti_range *cupti_range_open(const char *events, struct err *e)
{
    struct cupti_range *r = mem_new(1, sizeof *r);

    r->c = cupti_chip_here(&r->chip, NULL, e);
    if (r->c &&
        !cupti_set_make(r->c, r->chip.name, r->chip.availability, r->chip.availability_size, events, &r->set, e) &&
        !enable(r) && !data_make(r) && !configure(r)) {
        cupti_catalogue_add(r->c, &r->set);
        return r;
    }
    if (r->problem.code)
        err_set(e, (enum exit_code)r->problem.code, "%s%s%s", r->problem.text, *cupti_last_cure() ? "; " : "",
                cupti_last_cure());
    cupti_range_close(r);
    return NULL;
}

static int begin(struct cupti_range *r)
{
    CUpti_RangeProfiler_Start_Params start = {.structSize = CUpti_RangeProfiler_Start_Params_STRUCT_SIZE,
                                              .pRangeProfilerObject = r->profiler};
    CUpti_RangeProfiler_PushRange_Params push = {.structSize = CUpti_RangeProfiler_PushRange_Params_STRUCT_SIZE,
                                                 .pRangeProfilerObject = r->profiler,
                                                 .pRangeName = range_name};

    CALL(r, cuptiRangeProfilerStart, &start);
    r->running = true;
    CALL(r, cuptiRangeProfilerPushRange, &push);
    r->pushed = true;
    return 0;
}

int cupti_range_start(struct cupti_range *r)
{
    if (!r->done && !r->stuck) {
        err_clear(&r->problem);
        r->submitted = false;
        r->counted = 0;
        r->counted_ns = 0;
        if (!r->configured && configure_again(r))
            return 0;
    }
    if (r->problem.code || r->submitted)
        return 0;
    /* What was asked of the device before is no part of the region. */
    if (cuda_synchronise())
        err_set(&r->problem, CM_NOTHING, "the device failed before the region was counted");
    else if (begin(r) && !r->first && !r->done && !r->running && !make_anew(r))
        begin(r); /* a profiler that counts but once */
    r->begun = clock_ns();
    return 0;
}

static int pop(struct cupti_range *r)
{
    CUpti_RangeProfiler_PopRange_Params p = {.structSize = CUpti_RangeProfiler_PopRange_Params_STRUCT_SIZE,
                                             .pRangeProfilerObject = r->profiler};

    if (!r->pushed)
        return 0;
    r->pushed = false;
    CALL(r, cuptiRangeProfilerPopRange, &p);
    return 0;
}

static int halt(struct cupti_range *r)
{
    CUpti_RangeProfiler_Stop_Params p = {.structSize = CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE,
                                         .pRangeProfilerObject = r->profiler};

    if (!r->running)
        return 0;
    r->running = false;
    CALL(r, cuptiRangeProfilerStop, &p);
    r->submitted = p.isAllPassSubmitted;
    return 0;
}

/* Also after an error in the region: a session that stays open spoils the next one. */
static void end(struct cupti_range *r)
{
    if (!r->stuck && (pop(r) || halt(r)))
        r->stuck = true;
}

int cupti_range_stop(struct cupti_range *r)
{
    int error = cuda_synchronise();

    if (r->running) {
        r->counted_ns += (double)(clock_ns() - r->begun);
        r->counted++;
    }
    if (error)
        err_set(&r->problem, CM_NOTHING, "the device failed while it was counted (error %d)", error);
    r->configured = false;
    r->done++;
    end(r);
    return r->problem.code ? -1 : 0;
}

int cupti_range_rounds(struct cupti_range *r)
{
    return r->set.rounds;
}

/* The counted data of this reading: decoded, one range, nothing lost. */
static int decode(struct cupti_range *r)
{
    CUpti_RangeProfiler_DecodeData_Params decoded = {.structSize = CUpti_RangeProfiler_DecodeData_Params_STRUCT_SIZE,
                                                     .pRangeProfilerObject = r->profiler};
    CUpti_RangeProfiler_GetCounterDataInfo_Params info = {.structSize =
                                                              CUpti_RangeProfiler_GetCounterDataInfo_Params_STRUCT_SIZE,
                                                          .pCounterDataImage = r->data,
                                                          .counterDataImageSize = r->data_size};

    r->empty = !r->submitted;
    if (!r->submitted)
        return err_set(&r->problem, CM_NOTHING, "CUPTI wants more than the %d rounds that it had planned",
                       r->set.rounds);
    CALL(r, cuptiRangeProfilerDecodeData, &decoded);
    if (decoded.numOfRangeDropped)
        return err_set(&r->problem, CM_NOTHING, "CUPTI lost what it had counted (%zu dropped)",
                       decoded.numOfRangeDropped);
    CALL(r, cuptiRangeProfilerGetCounterDataInfo, &info);
    r->empty = !info.numTotalRanges;
    if (r->empty)
        return err_set(&r->problem, CM_NOTHING, "CUPTI saw no work of the GPU in the region");
    if (info.numTotalRanges != 1)
        return err_set(&r->problem, CM_NOTHING, "CUPTI counted %zu ranges instead of one", info.numTotalRanges);
    return 0;
}

/* A reason that is too long ends with its last whole part. */
static void tell(struct reading *out, const char *reason)
{
    size_t length = strlen(reason);

    if (length >= sizeof out->reason) {
        length = sizeof out->reason - 1;
        for (size_t i = length; i > length / 2; i--)
            if (!strncmp(reason + i, "; ", 2)) {
                length = i;
                break;
            }
    }
    out->quality = QUALITY_UNAVAILABLE;
    snprintf(out->reason, sizeof out->reason, "%.*s", (int)length, reason);
}

static void evaluate(struct cupti_range *r, const struct cupti_metric *m, struct reading *out)
{
    const char *names[] = {m->counted};
    double value = NAN;
    CUpti_Profiler_Host_EvaluateToGpuValues_Params p = {.structSize =
                                                            CUpti_Profiler_Host_EvaluateToGpuValues_Params_STRUCT_SIZE,
                                                        .pHostObject = r->set.host,
                                                        .pCounterDataImage = r->data,
                                                        .counterDataImageSize = r->data_size,
                                                        .rangeIndex = 0,
                                                        .ppMetricNames = names,
                                                        .numMetrics = 1,
                                                        .pMetricValues = &value};
    CUptiResult result = r->c->cuptiProfilerHostEvaluateToGpuValues(&p);
    struct err why = {0};

    if (result != CUPTI_SUCCESS)
        cupti_failed(r->c, "cuptiProfilerHostEvaluateToGpuValues", (int)result, NULL, &why);
    else if (!isfinite(value))
        err_set(&why, CM_NOTHING,
                "CUPTI has no value: nothing that it is a share of has run, or a counter that may not be read here (a "
                "part of a GPU that is shared, MIG)");
    if (why.code) {
        tell(out, why.text);
        return;
    }
    out->value = value * m->factor;
    if (m->factor == 1)
        return;
    out->quality = QUALITY_SUSPECT;
    snprintf(out->reason, sizeof out->reason, "an estimate: %g x %.80s", m->factor, m->counted);
}

size_t cupti_range_read(struct cupti_range *r, struct reading *out, size_t capacity)
{
    size_t n = 0;

    r->empty = false;
    if (!r->problem.code && decode(r))
        r->spoiled = true;
    for (size_t i = 0; i <= r->set.count && n < capacity; i++) {
        bool time = i == r->set.count;
        struct reading *one = &out[n++];

        *one = (struct reading){.metric = time ? "cupti.counted_time" : r->set.metrics[i].name,
                                .value = NAN,
                                .quality = QUALITY_EXACT,
                                .share = 1};
        if (r->problem.code)
            tell(one, r->problem.text);
        else if (time)
            one->value = r->counted_ns / (r->counted ? r->counted : 1);
        else
            evaluate(r, &r->set.metrics[i], one);
    }
    r->done = 0;
    return n;
}

const char *cupti_range_problem(const struct cupti_range *r)
{
    return r->problem.text;
}

bool cupti_range_was_empty(const struct cupti_range *r)
{
    return r->empty;
}

void cupti_range_close(struct cupti_range *r)
{
    if (!r)
        return;
    if (r->c) {
        end(r);
        disable(r);
        cupti_set_free(r->c, &r->set);
    }
    if (r->c && !r->stuck)
        cupti_device_end(r->c);
    cupti_chip_free(&r->chip);
    free(r->data);
    free(r);
}

#endif
