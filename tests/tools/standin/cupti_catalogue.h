/*
 * Part of the stand-in for CUPTI: a small catalogue for where the real library is not, or cannot be loaded (under the address
 * sanitizer). It has the metrics that the group files name, with the grammar of the real ones: a counter needs
 * .sum/.avg/.min/.max, a ratio .pct/.ratio/.max_rate, a throughput both. Metrics that chips of the GB20x line call otherwise are
 * called so there. Passes: sixteen hardware metrics fit one, code-patching (sass) metrics are one more, a throughput takes two,
 * sectors per request one more.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_CATALOGUE_H
#define TESTS_TOOLS_STANDIN_CUPTI_CATALOGUE_H

struct entry {
    const char *name;
    CUpti_MetricType type;
    const char *unit, *meaning;
};

#define COUNTER CUPTI_METRIC_TYPE_COUNTER
#define RATIO CUPTI_METRIC_TYPE_RATIO
#define THROUGHPUT CUPTI_METRIC_TYPE_THROUGHPUT
#define PATCHED(name)                                                                                                  \
    {                                                                                                                  \
        "smsp__sass_" name, COUNTER, "inst", "counted by patching the code"                                            \
    }

static const struct entry catalogue[] = {
    {"gpu__time_duration", COUNTER, "ns", "time of the range"},
    {"gpc__cycles_elapsed", COUNTER, "cycle", "cycles of the processing clusters"},
    {"sm__cycles_active", COUNTER, "cycle", "cycles with a warp resident"},
    {"sm__cycles_elapsed", COUNTER, "cycle", "cycles of the SMs"},
    {"smsp__cycles_active", COUNTER, "cycle", "cycles with a warp resident"},
    {"smsp__inst_executed", COUNTER, "inst", "warp instructions"},
    {"smsp__issue_active", COUNTER, "cycle", "cycles that issued"},
    {"smsp__thread_inst_executed", COUNTER, "inst", "thread instructions"},
    {"smsp__thread_inst_executed_pred_on", COUNTER, "inst", "thread instructions whose predicate holds"},
    {"smsp__inst_executed_op_branch", COUNTER, "inst", "branches"},
    {"smsp__average_thread_inst_executed_per_inst_executed", RATIO, "inst/inst", "threads of a warp instruction"},
    {"smsp__average_warps_active_per_inst_executed", RATIO, "warp/inst", "warps per instruction"},
    {"smsp__warp_issue_stalled_branch_resolving_per_warp_active", RATIO, "%", "stalled by branches"},
    {"smsp__warps_eligible", COUNTER, "warp", "warps that could issue"},
    {"smsp__warps_active", COUNTER, "warp", "warps resident"},
    {"smsp__warps_launched", COUNTER, "warp", "warps launched"},
    {"sm__warps_active", COUNTER, "warp", "warps resident"},
    {"sm__ctas_launched", COUNTER, "block", "blocks launched"},
    {"sm__inst_executed_pipe_alu", COUNTER, "inst", "instructions of the pipe"},
    {"sm__inst_executed_pipe_fma", COUNTER, "inst", "instructions of the pipe"},
    {"sm__inst_executed_pipe_fp64", COUNTER, "inst", "instructions of the pipe"},
    {"sm__inst_executed_pipe_lsu", COUNTER, "inst", "instructions of the pipe"},
    {"sm__inst_executed_pipe_xu", COUNTER, "inst", "instructions of the pipe"},
    {"sm__inst_executed_pipe_tensor", COUNTER, "inst", "instructions of the pipe"},
    {"sm__pipe_alu_cycles_active", COUNTER, "cycle", "cycles of the pipe"},
    {"sm__pipe_fma_cycles_active", COUNTER, "cycle", "cycles of the pipe"},
    {"sm__pipe_fp64_cycles_active", COUNTER, "cycle", "cycles of the pipe"},
    {"sm__pipe_tensor_cycles_active", COUNTER, "cycle", "cycles of the pipe"},
    {"sm__throughput", THROUGHPUT, "%", "of the SMs' peak"},
    {"gpu__compute_memory_throughput", THROUGHPUT, "%", "of the memory's peak"},
    {"gpu__dram_throughput", THROUGHPUT, "%", "of the DRAM's peak"},
    {"l1tex__throughput", THROUGHPUT, "%", "of the L1's peak"},
    {"lts__throughput", THROUGHPUT, "%", "of the L2's peak"},
    {"l1tex__t_sectors", COUNTER, "sector", "sectors of L1"},
    {"l1tex__t_sectors_lookup_hit", COUNTER, "sector", "hits"},
    {"l1tex__t_sectors_lookup_miss", COUNTER, "sector", "misses"},
    {"l1tex__t_bytes", COUNTER, "byte", "bytes of L1"},
    {"l1tex__t_sector_hit_rate", RATIO, "%", "hits of all"},
    {"l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld", RATIO, "sector", "sectors per request"},
    {"lts__t_sectors", COUNTER, "sector", "sectors of L2"},
    {"lts__t_sectors_lookup_hit", COUNTER, "sector", "hits"},
    {"lts__t_sectors_lookup_miss", COUNTER, "sector", "misses"},
    {"lts__t_sectors_op_read", COUNTER, "sector", "reads"},
    {"lts__t_sectors_op_write", COUNTER, "sector", "writes"},
    {"lts__t_sectors_op_read_lookup_miss", COUNTER, "sector", "reads that missed"},
    {"lts__t_sectors_op_write_lookup_miss", COUNTER, "sector", "writes that missed"},
    {"lts__t_bytes", COUNTER, "byte", "bytes of L2"},
    {"lts__t_sector_hit_rate", RATIO, "%", "hits of all"},
    {"dram__bytes", COUNTER, "byte", "bytes of DRAM, both ways"},
    {"dram__bytes_read", COUNTER, "byte", "bytes read"},
    {"dram__bytes_write", COUNTER, "byte", "bytes written"},
    {"dram__bytes_op_read", COUNTER, "byte", "bytes read"},
    {"dram__bytes_op_write", COUNTER, "byte", "bytes written"},
    PATCHED("thread_inst_executed_op_fadd_pred_on"),
    PATCHED("thread_inst_executed_op_fmul_pred_on"),
    PATCHED("thread_inst_executed_op_ffma_pred_on"),
    PATCHED("thread_inst_executed_op_dadd_pred_on"),
    PATCHED("thread_inst_executed_op_dmul_pred_on"),
    PATCHED("thread_inst_executed_op_dfma_pred_on"),
    PATCHED("thread_inst_executed_op_hadd_pred_on"),
    PATCHED("thread_inst_executed_op_hmul_pred_on"),
    PATCHED("thread_inst_executed_op_hfma_pred_on"),
    PATCHED("inst_executed"),
    PATCHED("branch_targets"),
    PATCHED("branch_targets_threads_uniform"),
    PATCHED("branch_targets_threads_divergent"),
    {"smsp__sass_average_branch_targets_threads_uniform", RATIO, "%", "counted by patching the code"},
};

static const char *const catalogue_chips[] = {"GV100", "TU102", "GA100", "GA102", "AD102",
                                              "GH100", "GB100", "GB202", "GB10B"};

static bool catalogue_chip(const char *chip)
{
    for (size_t i = 0; chip && i < sizeof catalogue_chips / sizeof *catalogue_chips; i++)
        if (!strcmp(catalogue_chips[i], chip))
            return true;
    return false;
}

/* Whether this chip has the entry: DRAM's names differ, and chips with shared memory have none. */
static bool catalogue_has(const struct entry *entry, const char *chip)
{
    bool renamed = !strncmp(entry->name, "dram__bytes_op_", 15);
    bool old = !strcmp(entry->name, "dram__bytes_read") || !strcmp(entry->name, "dram__bytes_write");

    if (!strcmp(chip, "GB10B"))
        return !strstr(entry->name, "dram");
    if (!strncmp(chip, "GB20", 4))
        return !old;
    return !renamed;
}

/* The entry of a name with or without rollup and submetric; NULL if there is none. */
static const struct entry *catalogue_find(const char *name, const char *chip)
{
    size_t length = strcspn(name, ".");

    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
        if (strlen(catalogue[i].name) == length && !strncmp(catalogue[i].name, name, length))
            return catalogue_has(&catalogue[i], chip) ? &catalogue[i] : NULL;
    return NULL;
}

static bool one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

/* Whether what follows the base name may follow it; `complete`: also that it is not left out. */
static bool catalogue_suffix(const struct entry *entry, const char *name, bool complete)
{
    static const char *const ratios[] = {"pct", "ratio", "max_rate", NULL};
    static const char *const rollups[] = {"sum", "avg", "min", "max", NULL};
    static const char *const submetrics[] = {"per_second",
                                             "per_cycle_active",
                                             "per_cycle_elapsed",
                                             "peak_sustained",
                                             "peak_sustained_active",
                                             "peak_sustained_elapsed",
                                             "peak_sustained_elapsed.per_second",
                                             "pct_of_peak_sustained_active",
                                             "pct_of_peak_sustained_elapsed",
                                             NULL};
    const char *suffix = strchr(name, '.');
    char rollup[8];

    if (!suffix)
        return !complete;
    suffix++;
    if (entry->type == RATIO)
        return one_of(suffix, ratios);
    snprintf(rollup, sizeof rollup, "%.*s", (int)strcspn(suffix, "."), suffix);
    suffix += strcspn(suffix, ".");
    if (!one_of(rollup, rollups))
        return false;
    if (!*suffix)
        return entry->type == COUNTER || !complete;
    return one_of(suffix + 1, submetrics);
}

static unsigned catalogue_passes(const char *names, size_t count, const char *chip)
{
    unsigned hardware = 0, patched = 0, throughputs = 0, more = 0;

    for (size_t i = 0; i < count; i++, names += strlen(names) + 1) {
        const struct entry *entry = catalogue_find(names, chip);

        if (strstr(names, "__sass_"))
            patched = 1;
        else if (entry && entry->type == THROUGHPUT)
            throughputs += 2;
        else
            hardware++;
        more += strstr(names, "sectors_per_request") != NULL;
    }
    return (hardware + 15) / 16 + patched + throughputs + more;
}

#undef COUNTER
#undef RATIO
#undef THROUGHPUT
#undef PATCHED
#endif
