/*
 * CUPTI and its performance library, opened at run time from, in this order: the folder in COUNTERMARK_CUPTI, the folder that the
 * build found, the loader's own search. Never linked, never closed. Included only where CUPTI's headers are (no WITHOUT_CUDA).
 */
#ifndef COLLECTORS_CUPTI_LIBRARY_H
#define COLLECTORS_CUPTI_LIBRARY_H

#include "../harness/base/err.h"

#include <cuda.h>
#include <cupti_activity.h>
#include <cupti_callbacks.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_result.h>
#include <cupti_target.h>
#include <cupti_version.h>

#include <stdbool.h>

/* Every function of CUPTI that we call, under its own name. X(name) for each. */
#define CUPTI_FUNCTIONS(X)                                                                                             \
    X(cuptiGetVersion)                                                                                                 \
    X(cuptiGetResultString)                                                                                            \
    X(cuptiSubscribe)                                                                                                  \
    X(cuptiUnsubscribe)                                                                                                \
    X(cuptiActivityRegisterCallbacks)                                                                                  \
    X(cuptiActivityEnable)                                                                                             \
    X(cuptiActivityDisable)                                                                                            \
    X(cuptiActivityFlushAll)                                                                                           \
    X(cuptiActivityGetNextRecord)                                                                                      \
    X(cuptiActivityGetNumDroppedRecords)                                                                               \
    X(cuptiProfilerInitialize)                                                                                         \
    X(cuptiProfilerDeInitialize)                                                                                       \
    X(cuptiProfilerDeviceSupported)                                                                                    \
    X(cuptiProfilerGetCounterAvailability)                                                                             \
    X(cuptiDeviceGetChipName)                                                                                          \
    X(cuptiRangeProfilerEnable)                                                                                        \
    X(cuptiRangeProfilerDisable)                                                                                       \
    X(cuptiRangeProfilerSetConfig)                                                                                     \
    X(cuptiRangeProfilerStart)                                                                                         \
    X(cuptiRangeProfilerStop)                                                                                          \
    X(cuptiRangeProfilerPushRange)                                                                                     \
    X(cuptiRangeProfilerPopRange)                                                                                      \
    X(cuptiRangeProfilerDecodeData)                                                                                    \
    X(cuptiRangeProfilerGetCounterDataSize)                                                                            \
    X(cuptiRangeProfilerCounterDataImageInitialize)                                                                    \
    X(cuptiRangeProfilerGetCounterDataInfo)                                                                            \
    X(cuptiProfilerHostInitialize)                                                                                     \
    X(cuptiProfilerHostDeinitialize)                                                                                   \
    X(cuptiProfilerHostGetSupportedChips)                                                                              \
    X(cuptiProfilerHostGetBaseMetrics)                                                                                 \
    X(cuptiProfilerHostGetSubMetrics)                                                                                  \
    X(cuptiProfilerHostGetMetricProperties)                                                                            \
    X(cuptiProfilerHostConfigAddMetrics)                                                                               \
    X(cuptiProfilerHostGetConfigImageSize)                                                                             \
    X(cuptiProfilerHostGetConfigImage)                                                                                 \
    X(cuptiProfilerHostGetNumOfPasses)                                                                                 \
    X(cuptiProfilerHostEvaluateToGpuValues)

struct cupti {
#define MEMBER(name) __typeof__(name) *(name);
    CUPTI_FUNCTIONS(MEMBER)
#undef MEMBER
    char version[16]; /* "13.0.1" */
    char path[256];   /* of the library */
};

/* The library, opened once; NULL with the reason: not found, another major version, a function that is missing, a build with the
 * address sanitizer (which the library's own loading ends) unless COUNTERMARK_CUPTI names a folder. Host-side calls work
 * from here on, with or without a driver. */
const struct cupti *cupti_library(struct err *e);

/* The same with driver, context and cuptiProfilerInitialize: only then may device-side calls be made (without a driver some of
 * them end the process). NULL with the reason and, in *cure (may be NULL), what the user can do. */
const struct cupti *cupti_device(const char **cure, struct err *e);

#endif
