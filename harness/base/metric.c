/* See metric.h. */
#include "metric.h"

#include <stddef.h>
#include <string.h>

const char *quality_name(enum quality q)
{
    static const char *const names[] = {"exact", "multiplexed", "simulated", "derived", "suspect", "unavailable"};

    return names[q];
}

const char *metric_kind_name(enum metric_kind k)
{
    static const char *const names[] = {"duration", "count", "gauge", "derived"};

    return names[k];
}

const char *metric_better_name(enum metric_better b)
{
    static const char *const names[] = {"lower", "higher", "neither"};

    return names[b];
}

const char *metric_words(const char *metric)
{
    static const char *const words[][2] = {
        {"wall.time", "time"},
        {"papi.PAPI_TOT_INS", "instructions"},
        {"callgrind.instructions", "instructions"},
        {"device.time", "device time"},
        {"cupti.warp_instructions", "warp instructions"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(metric, words[i][0]))
            return words[i][1];
    return metric;
}
