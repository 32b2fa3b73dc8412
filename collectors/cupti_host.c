/*
 * CUPTI's host side: which metrics a chip has, and which of them are counted in one run of the work. Needs neither driver nor GPU.
 *
 * Every structure is zeroed and carries its size. A wrong name given to the scheduler is refused without being named and spoils the
 * host object for good, and bytes that are no image end the process: so names are asked for one by one before, each set gets an
 * object of its own, and images come from nowhere but here.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const *cupti_chips(const struct cupti *c, struct err *e)
{
    static const char **chips;
    CUpti_Profiler_Host_GetSupportedChips_Params p = {.structSize =
                                                          CUpti_Profiler_Host_GetSupportedChips_Params_STRUCT_SIZE};
    CUptiResult result;

    if (chips)
        return chips;
    result = c->cuptiProfilerHostGetSupportedChips(&p);
    if (result != CUPTI_SUCCESS) {
        cupti_failed(c, "cuptiProfilerHostGetSupportedChips", (int)result, NULL, e);
        return NULL;
    }
    chips = mem_new(p.numChips + 1, sizeof *chips);
    for (size_t i = 0; i < p.numChips; i++)
        chips[i] = mem_copy(p.ppChipNames[i]);
    return chips;
}

static void unknown_chip(const struct cupti *c, const char *chip, struct err *e)
{
    const char *const *chips = cupti_chips(c, NULL);
    struct buf names = {0};
    char near[120];
    size_t count = 0;

    for (; chips && chips[count]; count++)
        buf_addf(&names, "%s%s", count ? ", " : "", chips[count]);
    text_near(chip, chips, count, near, sizeof near);
    err_set(e, CM_USAGE, "CUPTI %s knows no chip \"%s\"%s; it knows %s", c->version, chip, near, buf_text(&names));
    buf_free(&names);
}

cupti_host *cupti_host_open(const struct cupti *c, const char *chip, const uint8_t *availability, struct err *e)
{
    CUpti_Profiler_Host_Initialize_Params p = {.structSize = CUpti_Profiler_Host_Initialize_Params_STRUCT_SIZE,
                                               .profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER,
                                               .pChipName = chip,
                                               .pCounterAvailabilityImage = availability};
    CUptiResult result = c->cuptiProfilerHostInitialize(&p);

    if (result == CUPTI_SUCCESS)
        return p.pHostObject;
    if (result == CUPTI_ERROR_INVALID_CHIP_NAME)
        unknown_chip(c, chip, e);
    else if (result == CUPTI_ERROR_NOT_SUPPORTED && !availability)
        err_set(e, CM_NOTHING, "CUPTI %s lists the chip %s, but cannot count on it", c->version, chip);
    else
        cupti_failed(c, "cuptiProfilerHostInitialize", (int)result, NULL, e);
    return NULL;
}

void cupti_host_close(const struct cupti *c, cupti_host *host)
{
    CUpti_Profiler_Host_Deinitialize_Params p = {.structSize = CUpti_Profiler_Host_Deinitialize_Params_STRUCT_SIZE,
                                                 .pHostObject = host};

    if (host)
        c->cuptiProfilerHostDeinitialize(&p);
}

const char *const *cupti_base_metrics(const struct cupti *c, cupti_host *host, CUpti_MetricType type, size_t *count)
{
    CUpti_Profiler_Host_GetBaseMetrics_Params p = {
        .structSize = CUpti_Profiler_Host_GetBaseMetrics_Params_STRUCT_SIZE, .pHostObject = host, .metricType = type};

    *count = 0;
    if (c->cuptiProfilerHostGetBaseMetrics(&p) != CUPTI_SUCCESS)
        return NULL;
    *count = p.numMetrics;
    return (const char *const *)p.ppMetricNames;
}

/* Base metrics that look like `base`: those of the same unit of the hardware, or of any if there is no such unit. */
static void near_base(const struct cupti *c, cupti_host *host, const char *base, char *out, size_t size)
{
    const char **names = NULL;
    const char *stage = strstr(base, "__");
    size_t count = 0, capacity = 0;

    for (int unit_only = 1; unit_only >= 0 && !count; unit_only--)
        for (int type = 0; type < CUPTI_METRIC_TYPE__COUNT; type++) {
            size_t known, unit = stage ? (size_t)(stage + 2 - base) : 0;
            const char *const *list = cupti_base_metrics(c, host, (CUpti_MetricType)type, &known);

            for (size_t i = 0; i < known; i++) {
                if (unit_only && strncmp(list[i], base, unit))
                    continue;
                VEC_ROOM(names, count, capacity);
                names[count++] = list[i];
            }
        }
    text_near(base, names, count, out, size);
    free(names);
}

bool cupti_property_read(const struct cupti *c, cupti_host *host, const char *name, struct cupti_property *out)
{
    CUpti_Profiler_Host_GetMetricProperties_Params p = {.structSize =
                                                            CUpti_Profiler_Host_GetMetricProperties_Params_STRUCT_SIZE,
                                                        .pHostObject = host,
                                                        .pMetricName = name};

    if (c->cuptiProfilerHostGetMetricProperties(&p) != CUPTI_SUCCESS)
        return false;
    *out = (struct cupti_property){.description = p.pDescription ? p.pDescription : "",
                                   .unit = p.pDimUnit ? p.pDimUnit : "",
                                   .type = p.metricType};
    return true;
}

const char *cupti_unit(const struct cupti_property *p, char *out, size_t size)
{
    static const char *const words[][2] = {{"", "1"}, {"byte", "bytes"}, {"percent", "%"}, {"nanosecond", "ns"}};

    snprintf(out, size, "%s", p->unit);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(p->unit, words[i][0]))
            snprintf(out, size, "%s", words[i][1]);
    text_disarm(out, false);
    return out;
}

static const char *const rollups[] = {".sum", ".avg", ".min", ".max"};

/* CUPTI tells the properties of names that it then refuses to schedule: a counter needs a rollup, a ratio a form and no rollup, a
 * throughput a rollup and what it is a share of. */
static bool suffix_is_legal(const char *suffix, CUpti_MetricType type)
{
    size_t length = suffix ? 1 + strcspn(suffix + 1, ".") : 0;
    bool rollup = false;

    for (size_t i = 0; suffix && i < sizeof rollups / sizeof *rollups; i++)
        rollup = rollup || (length == strlen(rollups[i]) && !strncmp(suffix, rollups[i], length));
    switch (type) {
    case CUPTI_METRIC_TYPE_COUNTER: return rollup;
    case CUPTI_METRIC_TYPE_RATIO: return suffix && !rollup;
    case CUPTI_METRIC_TYPE_THROUGHPUT: return rollup && suffix[length] == '.';
    default: return false;
    }
}

static const char *legal_suffixes(CUpti_MetricType type)
{
    switch (type) {
    case CUPTI_METRIC_TYPE_COUNTER:
        return "a counter needs .sum, .avg, .min or .max, and may have a form like .per_second behind it";
    case CUPTI_METRIC_TYPE_RATIO: return "a ratio needs .ratio, .pct or .max_rate";
    case CUPTI_METRIC_TYPE_THROUGHPUT: return "a throughput needs a form like .avg.pct_of_peak_sustained_elapsed";
    default: return "its kind is not known";
    }
}

enum cupti_known cupti_metric_known(const struct cupti *c, cupti_host *host, const char *chip, const char *counted,
                                    struct cupti_property *out, struct err *e)
{
    const char *suffix = strchr(counted, '.');
    char *base = mem_copy_n(counted, strcspn(counted, "."));
    struct cupti_property of_base, mine;
    enum cupti_known known = CUPTI_KNOWN;
    char near[300];

    if (!cupti_property_read(c, host, base, &of_base)) {
        near_base(c, host, base, near, sizeof near);
        err_set(e, CM_USAGE, "%s has no metric %s%s", chip, base, near);
        known = CUPTI_NO_BASE;
    } else if (!cupti_property_read(c, host, counted, &mine) || !suffix_is_legal(suffix, of_base.type)) {
        err_set(e, CM_USAGE, "\"%s\" is no form of %s: %s", suffix ? suffix : "", base, legal_suffixes(of_base.type));
        known = CUPTI_NO_SUFFIX;
    } else if (out)
        *out = mine;
    free(base);
    return known;
}

static int add_metrics(const struct cupti *c, cupti_host *host, const char *const *counted, size_t count, struct err *e)
{
    CUpti_Profiler_Host_ConfigAddMetrics_Params p = {.structSize =
                                                         CUpti_Profiler_Host_ConfigAddMetrics_Params_STRUCT_SIZE,
                                                     .pHostObject = host,
                                                     .ppMetricNames = (const char **)counted,
                                                     .numMetrics = count};
    CUptiResult result = count ? c->cuptiProfilerHostConfigAddMetrics(&p) : CUPTI_ERROR_INVALID_PARAMETER;

    return result == CUPTI_SUCCESS ? 0 : cupti_failed(c, "cuptiProfilerHostConfigAddMetrics", (int)result, NULL, e);
}

/* The image that tells the device what to count, and how many rounds it takes. */
static int take_image(const struct cupti *c, cupti_host *host, struct cupti_set *set, struct err *e)
{
    CUpti_Profiler_Host_GetConfigImageSize_Params size = {
        .structSize = CUpti_Profiler_Host_GetConfigImageSize_Params_STRUCT_SIZE, .pHostObject = host};
    CUpti_Profiler_Host_GetConfigImage_Params image = {
        .structSize = CUpti_Profiler_Host_GetConfigImage_Params_STRUCT_SIZE, .pHostObject = host};
    CUpti_Profiler_Host_GetNumOfPasses_Params passes = {.structSize =
                                                            CUpti_Profiler_Host_GetNumOfPasses_Params_STRUCT_SIZE};
    CUptiResult result = c->cuptiProfilerHostGetConfigImageSize(&size);

    if (result != CUPTI_SUCCESS || !size.configImageSize)
        return cupti_failed(c, "cuptiProfilerHostGetConfigImageSize", (int)result, NULL, e);
    set->image_size = image.configImageSize = passes.configImageSize = size.configImageSize;
    set->image = image.pConfigImage = passes.pConfigImage = mem_new(size.configImageSize, 1);
    result = c->cuptiProfilerHostGetConfigImage(&image);
    if (result != CUPTI_SUCCESS)
        return cupti_failed(c, "cuptiProfilerHostGetConfigImage", (int)result, NULL, e);
    result = c->cuptiProfilerHostGetNumOfPasses(&passes);
    if (result != CUPTI_SUCCESS || passes.numOfPasses > 10000)
        return cupti_failed(c, "cuptiProfilerHostGetNumOfPasses", (int)result, NULL, e);
    set->rounds = passes.numOfPasses ? (int)passes.numOfPasses : 1;
    return 0;
}

static int schedule_with(const struct cupti *c, const char *chip, const uint8_t *availability,
                         const char *const *counted, size_t count, struct cupti_set *set, struct err *e)
{
    set->host = cupti_host_open(c, chip, availability, e);
    if (set->host && !add_metrics(c, set->host, counted, count, e) && !take_image(c, set->host, set, e))
        return set->rounds;
    free(set->image);
    cupti_host_close(c, set->host);
    set->image = NULL;
    set->host = NULL;
    return -1;
}

/* Links between GPUs and to the processor are counted for the whole device, and CUPTI 13.0 plans that only without an image of the
 * counters that the context may read. */
static bool beyond_context(const char *const *counted, size_t count)
{
    static const char *const units[] = {"pcie__", "nvl", "c2c", "ctc__"};

    for (size_t i = 0; i < count; i++) {
        bool found = false;

        for (size_t u = 0; u < sizeof units / sizeof *units; u++)
            found = found || text_starts(counted[i], units[u]);
        if (!found)
            return false;
    }
    return true;
}

int cupti_schedule(const struct cupti *c, const char *chip, const uint8_t *availability, const char *const *counted,
                   size_t count, struct cupti_set *set, struct err *e)
{
    struct cupti_set own = {0}, *use = set ? set : &own;
    const uint8_t *image = beyond_context(counted, count) ? NULL : availability;
    int rounds = schedule_with(c, chip, image, counted, count, use, e);

    if (!set && rounds > 0) {
        free(own.image);
        cupti_host_close(c, own.host);
    }
    return rounds;
}

bool cupti_patches(const char *counted)
{
    return strstr(counted, "__sass_") != NULL;
}

#endif
