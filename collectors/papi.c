/*
 * Hardware counters of the CPU, through PAPI.
 *
 * Sets of events that fit the hardware together and prove themselves on a known loop (papi_plan.c, papi_proof.c) are counted
 * per thread or with all children (papi_set.c), never multiplexed, in user space unless the kernel's share is asked for. What
 * can be asked for stands in groups of events (groups/NAME.txt), and is listed with and without PAPI.
 * needs: papi
 * libs: -lpapi
 */
#include "collector.h"
#include "groups.h"

#include "papi_plan.h"
#include "papi_set.h"

#include <stdio.h>

static const struct metric *catalogue(void)
{
    return groups_catalogue("papi");
}

#ifdef WITHOUT_PAPI

static const char *probe(const char **cure)
{
    if (cure)
        *cure = "install libpapi-dev and build again without PAPI=0";
    return "built without PAPI";
}

#else

static const char *probe(const char **cure)
{
    static char reason[400];
    struct err e = {0};

    if (cure)
        *cure = "";
    if (!papi_works(cure, &e))
        return NULL;
    snprintf(reason, sizeof reason, "%.390s", e.text);
    return reason;
}

static void *papi_open(const char *events, const struct target *target, struct err *e)
{
    return papi_set_open(events, target, e);
}

static int papi_start(void *handle)
{
    return papi_set_start(handle);
}

static int papi_stop(void *handle)
{
    return papi_set_stop(handle);
}

static size_t papi_read(void *handle, struct reading *out, size_t capacity)
{
    return papi_set_read(handle, out, capacity);
}

static void papi_close(void *handle)
{
    papi_set_close(handle);
}

#endif

const struct collector collector_papi = {
    .abi = COLLECTOR_ABI,
    .summary = "Hardware counters of the CPU: cycles, instructions, cache misses, branches",
    .scope = SCOPE_THREAD,
    .claims = CLAIM_CPU_PMU,
    .in_time_pass = false,
    .probe = probe,
    .catalogue = catalogue,
    .plan = papi_plan,
#ifndef WITHOUT_PAPI
    .open = papi_open,
    .start = papi_start,
    .stop = papi_stop,
    .read = papi_read,
    .close = papi_close,
#endif
};
