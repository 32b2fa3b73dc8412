/*
 * A stand-in for CUPTI 13, libcupti.so.13: what collectors/cupti_*.c call. Its host side (which metrics a chip has, and in how many
 * passes) is the real library's where there is one, its device side a strict state machine that turns the log of the stand-in
 * for the driver into records and counts: standin/cupti_values.h has the formulas. The order of calls is
 * that of NVIDIA's documents; what breaks it is answered with an error or, with STANDIN_STRICT=1, ends the program. The three calls
 * that end a program without a driver do so here as well.
 * needs: cuda
 * libs: -ldl
 *
 * What it should be stands in the environment, beside what standin/enter.h tells of failures:
 *
 *     STANDIN_CUPTI_REAL=FOLDER       where the real library is, if not where the build found it; "none": a small catalogue of its own
 *     STANDIN_VERSION=130001          what cuptiGetVersion answers
 *     STANDIN_PASSES=n                passes of every set, instead of what the host side planned
 *     STANDIN_SCALE=NAME:1.01,...     the counts of this base metric are so many times as high
 *     STANDIN_NAN=TEXT                metrics whose names hold the text are not a number
 *     STANDIN_DROPPED_RANGES=n        so many ranges are reported as dropped
 *     STANDIN_NO_EMPTY_RANGES=1       a range in which nothing ran is not kept
 *     STANDIN_DROPPED=n               the last n activity records of a flush are dropped
 *     STANDIN_NO_TIMES=n              the first n kernel records of a flush have no time stamps
 *     STANDIN_REGISTERS=n             registers of every kernel's threads (32)
 *     STANDIN_SUBSCRIBER=NAME         another tool is attached
 *     STANDIN_UNSUPPORTED=WORD        cuptiProfilerDeviceSupported says no because of architecture, sli, vGpu,
 *                                     confidentialCompute, cmp or wsl
 *     STANDIN_CHIP                    as for the driver; of a chip before 7.5 the architecture is not supported
 */
#if !defined(WITHOUT_CUDA) && defined(__has_include)
#if __has_include(<cupti_range_profiler.h>)
#define STANDIN_CUPTI
#endif
#endif

#ifndef STANDIN_CUPTI

/* Without CUPTI's headers there is nothing to stand in for. */
extern int standin_cupti_is_off;
int standin_cupti_is_off = 1;

#else

#include "standin/enter.h"
#include "standin/standin.h"

#include <cuda.h>
#include <cupti_activity.h>
#include <cupti_callbacks.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_result.h>
#include <cupti_target.h>
#include <cupti_version.h>

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>

#include "standin/cupti_common.h"

#include "standin/cupti_catalogue.h"
#include "standin/cupti_host.h"
#include "standin/cupti_values.h"

#include "standin/cupti_activity.h"
#include "standin/cupti_range.h"
#include "standin/cupti_target.h"

#endif
