/* See metric.h. */
#include "metric.h"

#include "text.h"

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
        {"papi.PAPI_TOT_CYC", "cycles"},
        {"papi.PAPI_L1_DCM", "L1D misses"},
        {"papi.PAPI_L1_ICM", "L1I misses"},
        {"papi.PAPI_L2_DCM", "L2 misses"},
        {"papi.PAPI_L2_TCM", "L2 misses of code and data"},
        {"papi.PAPI_L3_TCM", "last-level misses"},
        {"papi.PAPI_BR_INS", "branches"},
        {"papi.PAPI_BR_CN", "conditional branches"},
        {"papi.PAPI_BR_TKN", "branches taken"},
        {"papi.PAPI_BR_MSP", "branch mispredictions"},
        {"papi.PAPI_TLB_DM", "data-TLB misses"},
        {"papi.PAPI_TLB_IM", "instruction-TLB misses"},
        {"papi.PAPI_LD_INS", "loads"},
        {"papi.PAPI_SR_INS", "stores"},
        {"papi.PAPI_LST_INS", "loads and stores"},
        {"callgrind.branches", "simulated branches"},
        {"callgrind.branch_misses", "simulated mispredictions"},
        {"callgrind.indirect_branches", "simulated indirect branches"},
        {"callgrind.indirect_misses", "simulated indirect mispredictions"},
        {"callgrind.reads", "simulated loads"},
        {"callgrind.writes", "simulated stores"},
        {"callgrind.l1i_misses", "simulated L1I misses"},
        {"callgrind.l1d_misses", "simulated L1D misses"},
        {"callgrind.llc_misses", "simulated last-level misses"},
        {"os.faults_minor", "page faults"},
        {"os.faults_major", "page faults that read a disk"},
        {"os.switches_voluntary", "waits"},
        {"os.switches_involuntary", "times taken off the CPU"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(metric, words[i][0]))
            return words[i][1];
    return metric;
}

bool metric_matches(const char *globs, const char *metric)
{
    return text_glob(globs, metric) || text_glob(globs, metric_words(metric));
}
