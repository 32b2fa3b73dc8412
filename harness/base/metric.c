/* See metric.h. */
#include "metric.h"

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
