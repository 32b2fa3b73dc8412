/*
 * What the gate knows of GPUs: which points they compute, and when two runs of one machine are no longer about the same one. A
 * machine that was given another GPU keeps its name and the history of its CPU; what the GPU computes begins anew.
 */
#include "gate_model.h"

#include "base/text.h"
#include "host.h"
#include "registry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool gate_is_device(const struct gate_point *point)
{
    const struct registry_variant *v = registry_variant(point->kernel, point->variant);

    return v && v->variant->device != DEVICE_NONE;
}

/* Counts of two major versions of CUPTI may mean different things under one name. */
static bool other_cupti(struct gate_item *item, const struct gate_side *now)
{
    const char *old = host_fact(item->baseline->environment, "library.cupti");
    const char *new = host_fact(now->environment, "library.cupti");

    if (!old || !new || strtol(old, NULL, 10) == strtol(new, NULL, 10) || !text_starts(item->metric->name, "cupti."))
        return false;
    gate_reason(item, "CUPTI is version %s now and was %s in run %" PRId64, new, old, item->baseline->run);
    return true;
}

bool gate_other_device(struct gate_item *item, const struct gate_side *now)
{
    const struct gate_side *before = item->baseline;
    bool other = *before->gpu && *now->gpu && strcmp(before->gpu, now->gpu);

    if (!gate_is_device(item->point) || (!other && !other_cupti(item, now)))
        return false;
    if (other)
        gate_reason(item, "the GPU is %s now and was %s in run %" PRId64, now->gpu, before->gpu, before->run);
    return true;
}
