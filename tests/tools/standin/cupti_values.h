/*
 * Part of the stand-in for CUPTI: what a set of launches counts, as a function that tests can compute by hand.
 *
 * Of all launches of a range: B blocks, T threads, W warps (of 32, begun), NS nanoseconds by the device's clock. A base metric's
 * .sum is what the table below says, T for one that it does not name. .avg, .min and .max are the sum over the units: 4 per
 * SM for smsp__, 1 per SM for sm__ and l1tex__, 1 for all else. Behind them, .per_second divides by NS (in s), .per_cycle_active is 0.5 and
 * .pct_of_peak_... 62.5; .peak_... is 1000. A ratio or throughput is 62.5, but for two:
 * smsp__average_thread_inst_executed_per_inst_executed.ratio is T / W, and sectors per request 4.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_VALUES_H
#define TESTS_TOOLS_STANDIN_CUPTI_VALUES_H

/* What one pass of one range saw. */
struct totals {
    double launches, blocks, threads, warps, ns;
};

static void totals_add(struct totals *t, const struct standin_event *event)
{
    double blocks = (double)event->grid[0] * event->grid[1] * event->grid[2];
    unsigned threads = event->block[0] * event->block[1] * event->block[2];

    if (event->kind != STANDIN_KERNEL)
        return;
    t->launches++;
    t->blocks += blocks;
    t->threads += blocks * threads;
    t->warps += blocks * ((threads + 31) / 32);
    t->ns += (double)(event->end - event->start);
}

/* sum = factor * one of the totals. */
struct count_rule {
    const char *base;
    double factor;
    char of; /* B, T, W or N (ns) */
};

static const struct count_rule count_rules[] = {
    {"gpu__time_duration", 1, 'N'},
    {"gpc__cycles_elapsed", 2, 'N'},
    {"sm__cycles_elapsed", 2, 'N'},
    {"sm__cycles_active", 200, 'N'},
    {"smsp__inst_executed", 1000, 'W'},
    {"smsp__sass_inst_executed", 1000, 'W'},
    {"smsp__thread_inst_executed", 1000, 'T'},
    {"smsp__thread_inst_executed_pred_on", 900, 'T'},
    {"smsp__inst_executed_op_branch", 50, 'W'},
    {"smsp__warps_launched", 1, 'W'},
    {"sm__ctas_launched", 1, 'B'},
    {"dram__bytes", 128, 'T'},
    {"dram__bytes_read", 96, 'T'},
    {"dram__bytes_op_read", 96, 'T'},
    {"dram__bytes_write", 32, 'T'},
    {"dram__bytes_op_write", 32, 'T'},
    {"lts__t_sectors", 4, 'T'},
    {"lts__t_sectors_lookup_hit", 3, 'T'},
    {"lts__t_sectors_lookup_miss", 1, 'T'},
    {"lts__t_sectors_op_read", 3, 'T'},
    {"lts__t_sectors_op_write", 1, 'T'},
    {"l1tex__t_sectors", 8, 'T'},
    {"l1tex__t_sectors_lookup_hit", 6, 'T'},
    {"smsp__sass_thread_inst_executed_op_dadd_pred_on", 5, 'T'},
    {"smsp__sass_thread_inst_executed_op_dmul_pred_on", 3, 'T'},
    {"smsp__sass_thread_inst_executed_op_dfma_pred_on", 10, 'T'},
    {"smsp__sass_thread_inst_executed_op_fadd_pred_on", 2, 'T'},
    {"smsp__sass_thread_inst_executed_op_fmul_pred_on", 1, 'T'},
    {"smsp__sass_thread_inst_executed_op_ffma_pred_on", 4, 'T'},
    {"smsp__sass_thread_inst_executed_op_hadd_pred_on", 0, 'T'},
    {"smsp__sass_thread_inst_executed_op_hmul_pred_on", 0, 'T'},
    {"smsp__sass_thread_inst_executed_op_hfma_pred_on", 0, 'T'},
    {"smsp__sass_branch_targets", 20, 'T'},
    {"smsp__sass_branch_targets_threads_uniform", 18, 'T'},
    {"smsp__sass_branch_targets_threads_divergent", 2, 'T'},
};

/* The factor behind "base:" in STANDIN_SCALE. */
static double scale_of(const char *base)
{
    const char *list = getenv("STANDIN_SCALE");
    size_t length = strlen(base);

    for (; list && *list; list += strcspn(list, ","), list += *list == ',')
        if (!strncmp(list, base, length) && list[length] == ':')
            return strtod(list + length + 1, NULL);
    return 1;
}

static double sum_of(const char *base, const struct totals *t)
{
    struct count_rule rule = {base, 1, 'T'};

    for (size_t i = 0; i < sizeof count_rules / sizeof *count_rules; i++)
        if (!strcmp(count_rules[i].base, base))
            rule = count_rules[i];
    return scale_of(base) * rule.factor *
           (rule.of == 'B'   ? t->blocks
            : rule.of == 'W' ? t->warps
            : rule.of == 'N' ? t->ns
                             : t->threads);
}

static double units_of(const char *base)
{
    int sms = driver()->chip()->sms;

    return !strncmp(base, "smsp__", 6)                                 ? 4.0 * sms
           : !strncmp(base, "sm__", 4) || !strncmp(base, "l1tex__", 7) ? sms
                                                                       : 1;
}

static double value_of(const char *metric, const struct totals *t)
{
    const char *not_a_number = getenv("STANDIN_NAN");
    char base[128];
    const char *rest;
    double value;

    if (not_a_number && *not_a_number && strstr(metric, not_a_number))
        return NAN;
    snprintf(base, sizeof base, "%.*s", (int)strcspn(metric, "."), metric);
    rest = metric + strcspn(metric, ".");
    if (!strcmp(rest, ".ratio") || !strcmp(rest, ".pct") || !strcmp(rest, ".max_rate"))
        return scale_of(base) * (!strcmp(base, "smsp__average_thread_inst_executed_per_inst_executed") && t->warps > 0
                                     ? t->threads / t->warps
                                 : strstr(base, "sectors_per_request") ? 4
                                                                       : 62.5);
    if (strlen(rest) < 4) /* no rollup: nothing that could have been scheduled */
        return NAN;
    value = sum_of(base, t);
    if (strncmp(rest, ".sum", 4) != 0)
        value /= units_of(base);
    rest += 4; /* .sum .avg .min .max */
    if (!strncmp(rest, ".per_second", 11))
        return t->ns > 0 ? value / t->ns * 1e9 : NAN;
    if (!strncmp(rest, ".per_cycle", 10))
        return 0.5 * scale_of(base);
    if (!strncmp(rest, ".pct_of_peak", 12))
        return 62.5 * scale_of(base);
    return !strncmp(rest, ".peak", 5) ? 1000 : value;
}

#endif
