/*
 * Names that people and groups use for CUPTI's metrics, against CUPTI's host side for real: which counter they become on a chip, how they
 * are packed into passes, what is said of wrong ones, and how they are described. Skipped without the library.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_fixture.h"

static void expect_counted(const char *chip, const char *name, const char *counted)
{
    struct cupti_partition p;
    char *text = mem_format("%s=%s", name, counted);
    const char *at;

    partition(chip, name, &p);
    assert_int_equal(p.passes.count, 1);
    at = strstr(p.passes.items[0], text);
    if (!at || (at[strlen(text)] && at[strlen(text)] != ','))
        fail_msg("%s: expected %s in %s", chip, text, p.passes.items[0]);
    cupti_partition_free(&p);
    free(text);
}

static void names_follow_the_chip(void **state)
{
    struct cupti_set s;
    struct err e = {0};

    (void)state;
    expect_counted("GH100", "dram_read_bytes", "dram__bytes_read.sum");
    expect_counted("GB202", "dram_read_bytes", "dram__bytes_op_read.sum");
    expect_counted("GB202", "dram_bytes", "dram__bytes.sum");
    expect_counted("GB10B", "dram_bytes", "lts__t_sectors_lookup_miss.sum*32");
    expect_counted("GB20B", "dram_write_bytes", "lts__t_sectors_op_write_lookup_miss.sum*32");

    assert_int_equal(cupti_set_make(library, "GB10B", NULL, 0,
                                    "dram_bytes=lts__t_sectors_lookup_miss.sum*32,smsp__inst_executed.sum", &s, &e),
                     0);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.metrics[0].name, "cupti.dram_bytes");
    assert_true(s.metrics[0].factor > 31.9 && s.metrics[0].factor < 32.1);
    assert_string_equal(s.metrics[1].name, "cupti.smsp__inst_executed.sum");
    assert_true(s.metrics[1].factor > 0.9 && s.metrics[1].factor < 1.1);
    cupti_set_free(library, &s);
}

static void everything_at_once_is_packed(void **state)
{
    struct cupti_partition p;
    size_t patching = 0;

    (void)state;
    partition("GH100",
              "gpu_core+gpu_cache+gpu_divergence+gpu_occupancy+gpu_pipes+gpu_throughput+gpu_flops+gpu_branches", &p);
    for (size_t i = 0; i < p.passes.count; i++) {
        check_pass("GH100", p.passes.items[i]);
        patching += cupti_patches(p.passes.items[i]);
    }
    printf("# all groups on GH100: %zu launches, %d rounds\n", p.passes.count, p.rounds);
    assert_int_equal(patching, 1);
    assert_int_equal(p.missing.count, 0);
    assert_true(p.rounds <= 24);
    cupti_partition_free(&p);

    /* Links are of the device, not of the context: they cannot share a pass, and still are counted. */
    partition("GH100", "gpu_core+pcie__read_bytes.sum", &p);
    assert_int_equal(p.passes.count, 2);
    assert_string_equal(p.passes.items[1], "pcie__read_bytes.sum");
    cupti_partition_free(&p);
}

static void names_are_checked(void **state)
{
    static const struct {
        const char *name;
        enum cupti_known known;
        const char *words;
    } list[] = {
        {"smsp__inst_executed.sum", CUPTI_KNOWN, ""},
        {"smsp__inst_executed.avg.per_cycle_active", CUPTI_KNOWN, ""},
        {"l1tex__t_sector_hit_rate.pct", CUPTI_KNOWN, ""},
        {"sm__throughput.avg.pct_of_peak_sustained_elapsed", CUPTI_KNOWN, ""},
        {"smsp__inst_executed", CUPTI_NO_SUFFIX, "a counter needs .sum"},
        {"smsp__inst_executed.per_second", CUPTI_NO_SUFFIX, "a counter needs .sum"},
        {"smsp__inst_executed.summ", CUPTI_NO_SUFFIX, "\".summ\""},
        {"smsp__inst_executed.sum.per_hour", CUPTI_NO_SUFFIX, "\".sum.per_hour\""},
        {"l1tex__t_sector_hit_rate", CUPTI_NO_SUFFIX, "a ratio needs"},
        {"l1tex__t_sector_hit_rate.avg.pct", CUPTI_NO_SUFFIX, "a ratio needs"},
        {"sm__throughput.avg", CUPTI_NO_SUFFIX, "a throughput needs"},
        {"sm__throughput.pct_of_peak_sustained_elapsed", CUPTI_NO_SUFFIX, "a throughput needs"},
        {"smsp__inst_executd.sum", CUPTI_NO_BASE, "did you mean smsp__inst_executed"},
        {"nosuch__thing.sum", CUPTI_NO_BASE, "GH100 has no metric nosuch__thing"},
        {"launch__registers.sum", CUPTI_NO_BASE, "GH100 has no metric"},
    };
    cupti_host *host;

    (void)state;
    host = cupti_host_open(library, "GH100", NULL, NULL);
    assert_non_null(host);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct cupti_property p;
        struct err e = {0};
        enum cupti_known known = cupti_metric_known(library, host, "GH100", list[i].name, &p, &e);

        if (known != list[i].known || !strstr(e.text, list[i].words))
            fail_msg("%s: %d, \"%s\"", list[i].name, (int)known, e.text);
        /* What is said to be good can be scheduled. */
        if (known == CUPTI_KNOWN)
            assert_true(cupti_schedule(library, "GH100", NULL, &list[i].name, 1, NULL, &e) >= 1);
    }
    cupti_host_close(library, host);
}

/* A bad name spoils CUPTI's host object for good: the next set must not notice. */
static void a_bad_set_spoils_nothing(void **state)
{
    static const char *const bad[] = {"smsp__inst_executd.sum",      "x=",
                                      "=smsp__inst_executed.sum",    "",
                                      "x=smsp__inst_executed.sum*",  "x=smsp__inst_executed.sum*0",
                                      "x=smsp__inst_executed.sum*2x"};
    const char *const spoiling[] = {"smsp__inst_executd.sum"};
    struct cupti_set s;
    struct err e = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err told = {0};

        assert_int_equal(cupti_set_make(library, "GH100", NULL, 0, bad[i], &s, &told), -1);
        assert_true(*told.text && s.count == 0 && !s.host);
    }
    assert_int_equal(cupti_schedule(library, "GH100", NULL, spoiling, 1, NULL, &e), -1);
    assert_true(strstr(e.text, "cuptiProfilerHostConfigAddMetrics") || *e.text);
    err_clear(&e);
    assert_int_equal(check_pass("GH100", "warp_instructions=smsp__inst_executed.sum,dram__bytes.sum"), 1);
}

static void wanted_names_are_judged(void **state)
{
    static const char *const usage[][2] = {{"smsp__inst_executd.sum", "did you mean smsp__inst_executed"},
                                           {"smsp__inst_executed", "a counter needs"}};
    struct cupti_partition p;

    (void)state;
    for (size_t i = 0; i < sizeof usage / sizeof *usage; i++) {
        struct cupti_wants w = {0};
        struct err e = {0};

        assert_int_equal(cupti_wants_parse(&w, usage[i][0], &e), 0);
        assert_int_equal(cupti_partition_make(library, "GH100", NULL, &w, &p, &e), -1);
        assert_int_equal(e.code, CM_USAGE);
        assert_non_null(strstr(e.text, usage[i][1]));
        cupti_wants_free(&w);
    }
    /* Another chip has it: no mistake, but missing here. */
    partition("GB202", "gpu_core+dram__bytes_read.sum", &p);
    assert_int_equal(p.missing.count, 1);
    assert_true(text_starts(p.missing.items[0], "dram__bytes_read.sum\tGB202 has no metric dram__bytes_read"));
    assert_int_equal(p.passes.count, 1);
    cupti_partition_free(&p);
}

static size_t columns(const char *line)
{
    size_t count = 1;

    for (; *line; line++)
        count += *line == '\t';
    return count;
}

static void models_are_listed(void **state)
{
    struct text_list metrics = {0}, groups = {0};
    struct err e = {0};

    (void)state;
    assert_int_equal(cupti_model("gh100", &metrics, &groups, &e), 0);
    assert_int_equal(groups.count, 8);
    for (size_t i = 0; i < groups.count; i++)
        assert_int_equal(columns(groups.items[i]), 6);
    assert_true(text_starts(groups.items[2], "gpu_core\t1\t1\twarp_instructions "));
    assert_true(metrics.count > 1500);
    for (size_t i = 0; i < metrics.count; i++)
        assert_int_equal(columns(metrics.items[i]), 4);
    assert_non_null(strstr(metrics.items[0], "cupti."));
    text_list_free(&metrics);
    text_list_free(&groups);

    assert_int_equal(cupti_model("GB10B", &metrics, NULL, &e), 0);
    for (size_t i = 0, seen = 0; i < metrics.count && !seen; i++) {
        if (!text_starts(metrics.items[i], "cupti.dram_bytes\t"))
            continue;
        assert_non_null(strstr(metrics.items[i], "32 x lts__t_sectors_lookup_miss.sum (an estimate)"));
        seen = 1;
    }
    text_list_free(&metrics);

    assert_int_equal(cupti_model("GH200", NULL, &groups, &e), -1);
    assert_int_equal(e.code, CM_USAGE);
    assert_non_null(strstr(e.text, "no chip \"GH200\""));
    assert_non_null(strstr(e.text, "did you mean GH100"));
    assert_non_null(strstr(e.text, "TU102"));
    text_list_free(&groups);
}

/* Metrics by CUPTI's own names come with unit and kind: a share is not divided by the number of executions. */
static void own_names_are_described(void **state)
{
    static const struct {
        const char *name, *unit;
        enum metric_kind kind;
    } list[] = {{"cupti.lts__t_bytes.sum", "bytes", METRIC_COUNT},
                {"cupti.lts__t_bytes.sum.per_second", "byte/second", METRIC_GAUGE},
                {"cupti.l1tex__t_sector_hit_rate.pct", "%", METRIC_GAUGE}};
    const struct metric *before = cupti_catalogue();
    struct cupti_set s;
    struct err e = {0};

    (void)state;
    assert_int_equal(cupti_set_make(library, "GH100", NULL, 0,
                                    "lts__t_bytes.sum,lts__t_bytes.sum.per_second,l1tex__t_sector_hit_rate.pct", &s,
                                    &e),
                     0);
    cupti_catalogue_add(library, &s);
    cupti_catalogue_add(library, &s);
    cupti_set_free(library, &s);
    assert_ptr_equal(before, cupti_catalogue());
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct metric *m = before;

        while (m->name && strcmp(m->name, list[i].name))
            m++;
        assert_non_null(m->name);
        assert_string_equal(m->unit, list[i].unit);
        assert_int_equal(m->kind, list[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_chip),   cmocka_unit_test(everything_at_once_is_packed),
        cmocka_unit_test(names_are_checked),       cmocka_unit_test(a_bad_set_spoils_nothing),
        cmocka_unit_test(wanted_names_are_judged), cmocka_unit_test(models_are_listed),
        cmocka_unit_test(own_names_are_described),
    };

    return library_found() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}

#else

#include <stdio.h>

int main(void)
{
    puts("built without CUDA");
    return 77;
}

#endif
