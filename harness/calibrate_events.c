/*
 * What each event should count, in terms of what the truth kernels know, and what it really counts on which CPU: one name of
 * PAPI means different things on different CPUs, so the expectation depends on the vendor and on what stands in for the name.
 */
#include "base/formula.h"
#include "base/mem.h"
#include "base/text.h"
#include "calibrate_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AMD "AuthenticAMD"
#define INTEL "GenuineIntel"
#define SIMULATED "of caches that are simulated: no prefetcher, no other program, two levels"

/* Of the rows of one metric the first that fits decides. */
static const struct truth_rule rules[] = {
    {"papi.PAPI_TOT_INS", NULL, NULL, "instructions", ""},
    {"papi.PAPI_TOT_CYC", NULL, NULL, NULL, "how many cycles something takes is not known by construction"},

    {"papi.PAPI_BR_INS", NULL, NULL, "branches", "branches of all kinds, jumps, calls and returns too"},
    {"papi.PAPI_BR_CN", NULL, NULL, "branches_taken + branches_not_taken", ""},
    {"papi.PAPI_BR_TKN", NULL, AMD, "branches - branches_not_taken",
     "all taken branches on AMD, jumps, calls and returns too; conditional ones alone on Intel"},
    {"papi.PAPI_BR_TKN", NULL, NULL, "branches_taken", "conditional branches alone"},
    {"papi.PAPI_BR_MSP", "perf::*", NULL, "branch_misses", "wrong guesses of branches of all kinds"},
    {"papi.PAPI_BR_MSP", NULL, AMD, "branch_misses",
     "wrong guesses of branches of all kinds on AMD; of conditional ones alone on Intel"},
    {"papi.PAPI_BR_MSP", NULL, INTEL, "branch_misses",
     "wrong guesses of conditional branches alone on Intel; of all kinds on AMD"},
    {"papi.PAPI_BR_MSP", NULL, NULL, "branch_misses", ""},

    {"papi.PAPI_L1_DCM", "perf::*", NULL, "l1d_misses", "loads that missed, stores not"},
    {"papi.PAPI_L1_DCM", NULL, AMD, "l1d_misses",
     "requests of level 1 to level 2 for data on AMD, those of its prefetcher too"},
    {"papi.PAPI_L1_DCM", NULL, INTEL, "l1d_misses", "lines that came into level 1 on Intel, prefetched ones too"},
    {"papi.PAPI_L1_DCM", NULL, NULL, "l1d_misses", ""},
    {"papi.PAPI_L2_DCM", "L2_RQSTS:DEMAND*", NULL, "l2_misses", "reads that missed, prefetches and stores not"},
    {"papi.PAPI_L2_DCM", NULL, AMD, "l2_misses",
     "requests of level 1 for data that missed level 2 on AMD, those of level 1's prefetcher too"},
    {"papi.PAPI_L2_DCM", NULL, INTEL, "l2_misses",
     "requests to the last level without those for code on Intel, those of prefetchers too"},
    {"papi.PAPI_L2_DCM", NULL, NULL, "l2_misses", ""},
    {"papi.PAPI_L3_TCM", "perf::*", NULL, "llc_misses", "loads that missed, stores and prefetches not"},
    {"papi.PAPI_L3_TCM", NULL, NULL, "llc_misses", "misses of data and of code"},
    {"papi.PAPI_LST_INS", "perf::L1-DCACHE-LOADS", NULL, "loads", "loads alone"},
    {"papi.PAPI_LST_INS", NULL, AMD, "loads + stores",
     "accesses that were begun on AMD, those behind wrongly guessed branches too"},
    {"papi.PAPI_LST_INS", NULL, NULL, "loads + stores", ""},

    {"papi.PAPI_TLB_DM", "perf::*", NULL, "dtlb_misses", "translations for loads alone"},
    {"papi.PAPI_TLB_DM", NULL, AMD, "dtlb_misses",
     "misses of the first level on AMD, whether the second held them or not"},
    {"papi.PAPI_TLB_DM", NULL, INTEL, "dtlb_misses", "walks through the page tables on Intel, of loads and stores"},
    {"papi.PAPI_TLB_DM", NULL, NULL, "dtlb_misses", ""},

    {"papi.PAPI_FP_OPS", NULL, AMD, "fp64_flops + fp32_flops",
     "operations of both precisions on AMD, each lane of a vector one, a multiply-add two"},
    {"papi.PAPI_FP_OPS", NULL, NULL, "fp64_flops + fp32_flops", "operations of both precisions"},
    {"papi.PAPI_DP_OPS", NULL, NULL, "fp64_flops", "each lane of a vector is one operation, a multiply-add two"},
    {"papi.PAPI_SP_OPS", NULL, NULL, "fp32_flops", "each lane of a vector is one operation, a multiply-add two"},

    {"callgrind.instructions", NULL, NULL, "instructions", "as valgrind executes them"},
    {"callgrind.branches", NULL, NULL, "branches_taken + branches_not_taken", "conditional branches alone"},
    {"callgrind.branch_misses", NULL, NULL, "branch_misses", "of a branch predictor that is simulated"},
    {"callgrind.reads", NULL, NULL, "loads", ""},
    {"callgrind.writes", NULL, NULL, "stores", ""},
    {"callgrind.l1d_misses", NULL, NULL, "l1d_misses", SIMULATED},
    {"callgrind.llc_misses", NULL, NULL, "llc_misses", SIMULATED},

    {"os.faults_minor", NULL, NULL, "page_faults", "pages that the system gave without reading a disk"},

    {"cupti.warp_instructions", NULL, NULL, "warp_instructions", ""},
    {"cupti.dram_bytes", NULL, NULL, "dram_bytes", ""},
    {"cupti.fp64_flops", NULL, NULL, "gpu_fp64_flops", "a multiply-add is two operations"},
    {"cupti.fp32_flops", NULL, NULL, "gpu_fp32_flops", "a multiply-add is two operations"},
};

bool calibrate_known(const char *metric)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].metric, metric))
            return true;
    return false;
}

const struct truth_rule *calibrate_rule(const char *metric, const char *native, const char *vendor)
{
    static const struct truth_rule none = {.metric = "", .note = "nothing is known of it by construction"};

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct truth_rule *r = &rules[i];

        if (strcmp(r->metric, metric) || (r->native && (!native || !text_glob(r->native, native))) ||
            (r->vendor && (!vendor || !text_glob(r->vendor, vendor))))
            continue;
        return r;
    }
    return &none;
}

static const struct expected *stated(const struct truth_point *p, const char *event)
{
    for (size_t i = 0; i < p->expected_count; i++)
        if (!strcmp(p->expected[i].event, event))
            return &p->expected[i];
    return NULL;
}

/* One formula on one point. */
struct wanted {
    const struct truth_point *point;
    struct expected *out;
    bool all;
};

static void note_name(const char *event, void *user)
{
    struct wanted *w = user;
    const struct expected *x = stated(w->point, event);

    w->all = w->all && x;
    if (!x)
        return;
    w->out->tolerance = fmax(w->out->tolerance, x->tolerance);
    if (!w->out->because || isnan(x->count))
        w->out->because = x->because;
}

static double count_of(const char *event, void *user)
{
    const struct expected *x = stated(((const struct wanted *)user)->point, event);

    return x ? x->count : NAN;
}

/* Points that tell nothing of an instrument: caches that are simulated cannot be flushed. */
static bool is_blind(const struct truth_point *p, const struct truth_rule *rule)
{
    return text_glob("callgrind.*_misses", rule->metric) && text_glob("*/flushed*", p->plan->text);
}

bool calibrate_expected(const struct truth_point *p, const struct truth_rule *rule, struct expected *out)
{
    struct wanted w = {p, out, true};
    const char *events = rule->events;

    *out = (struct expected){.event = events, .count = NAN};
    if (!events || is_blind(p, rule) || formula_names(events, note_name, &w, NULL) || !w.all)
        return false;
    return !formula_evaluate(events, count_of, &w, &out->count, NULL);
}

void calibrate_metrics(const char *pass, struct text_list *out)
{
    const char *colon = strchr(pass, ':');
    char *events = colon ? mem_copy(colon + 1) : NULL, **parts;
    size_t count;

    if (!events)
        return;
    for (char *c = events; *c; c++)
        *c = *c == '|' ? ',' : *c;
    parts = text_split(events, ',', &count);
    for (size_t i = 0; i < count; i++) {
        char *metric;

        parts[i][strcspn(parts[i], "=")] = '\0';
        if (!*parts[i])
            continue;
        metric = mem_format("%.*s.%s", (int)(colon - pass), pass, parts[i]);
        text_list_add(out, metric);
        free(metric);
    }
    free(parts);
    free(events);
}

char *calibrate_native(const struct passes *p, const char *metric)
{
    const char *event = strchr(metric, '.');
    size_t length = event ? strlen(event + 1) : 0;

    for (size_t i = 0; event && p && i < p->passes.count; i++)
        for (const char *at = strchr(p->passes.items[i], ':'); at; at = strpbrk(at, ",|")) {
            at++;
            if (text_starts(at, event + 1) && at[length] == '=')
                return mem_copy_n(at + length + 1, strcspn(at + length + 1, ",|"));
        }
    return NULL;
}
