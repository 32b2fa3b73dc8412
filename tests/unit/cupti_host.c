/*
 * CUPTI's host side for real, without a GPU: every chip that the installed library knows, every metric that our groups name. A
 * group that a chip cannot count, or that has become dearer, is found here and not on somebody's machine. What was checked is
 * printed. Skipped without the library, and under the address sanitizer, which it ends.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "collectors/cupti_parts.h"
#include "collectors/cupti_plan.h"
#include "collectors/groups.h"
#include "harness/base/mem.h"
#include "harness/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cupti *library;

/* Every chip that this CUPTI counts on; what it lists and refuses is left out. Ended by NULL. */
static const char *const *chips(void)
{
    static const char *list[100];
    const char *const *all;
    size_t count = 0;

    all = cupti_chips(library, NULL);
    assert_non_null(all);
    for (size_t i = 0; all[i] && count + 1 < sizeof list / sizeof *list; i++) {
        cupti_host *host = cupti_host_open(library, all[i], NULL, NULL);

        if (host)
            list[count++] = all[i];
        cupti_host_close(library, host);
    }
    list[count] = NULL;
    return list;
}

static bool is_known(const char *chip, const char *counted)
{
    cupti_host *host = cupti_host_open(library, chip, NULL, NULL);
    bool known = cupti_metric_known(library, host, chip, counted, NULL, NULL) == CUPTI_KNOWN;

    cupti_host_close(library, host);
    return known;
}

static bool is_volta(const char *chip)
{
    return text_starts(chip, "GV");
}

/* Those of a processor with a GPU inside have no memory of their own. */
static bool is_discrete(const char *chip)
{
    return is_known(chip, "dram__bytes.sum");
}

static void chips_have_catalogues(void **state)
{
    size_t chip_count = 0, metrics = 0;

    (void)state;
    for (const char *const *chip = chips(); *chip; chip++) {
        cupti_host *host = cupti_host_open(library, *chip, NULL, NULL);
        size_t of_chip = 0;

        for (int type = 0; type < CUPTI_METRIC_TYPE__COUNT; type++) {
            size_t count;
            const char *const *names = cupti_base_metrics(library, host, (CUpti_MetricType)type, &count);

            assert_true(count > 10 && names && strstr(names[0], "__"));
            of_chip += count;
        }
        if (of_chip < 1500)
            fail_msg("%s has only %zu metrics", *chip, of_chip);
        cupti_host_close(library, host);
        metrics += of_chip;
        chip_count++;
    }
    assert_true(chip_count >= 20);
    printf("# note: CUPTI %s: %zu chips with %zu metrics\n", library->version, chip_count, metrics);
}

static const struct group *gpu_groups(size_t i)
{
    static const struct group *list[32];
    size_t count = 0, found = 0;
    const struct group *all = groups_all(&count, NULL);

    for (size_t k = 0; k < count && found < 31; k++)
        if (!strcmp(all[k].collector, "cupti"))
            list[found++] = &all[k];
    list[found] = NULL;
    return i < found ? list[i] : NULL;
}

static void partition(const char *chip, const char *wanted, struct cupti_partition *out)
{
    struct cupti_wants w = {0};
    struct err e = {0};

    assert_int_equal(cupti_wants_parse(&w, wanted, &e), 0);
    if (cupti_partition_make(library, chip, NULL, &w, out, &e))
        fail_msg("%s on %s: %s", wanted, chip, e.text);
    cupti_wants_free(&w);
}

/* The most rounds that a group may take; 0: any. The default group costs one from Ampere on,
 * except where an estimate stands for the memory's counters. */
static int ceiling(const char *group, const char *chip)
{
    static const struct {
        const char *group;
        int rounds;
    } list[] = {{"gpu_core", 1},  {"gpu_occupancy", 1}, {"gpu_divergence", 2}, {"gpu_cache", 4},
                {"gpu_pipes", 5}, {"gpu_flops", 1},     {"gpu_branches", 1},   {"gpu_throughput", 12}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!strcmp(list[i].group, group))
            return list[i].rounds + (text_starts(chip, "TU") || !is_discrete(chip));
    return 0;
}

/* What a chip without memory of its own cannot even estimate. */
static bool may_lack(const char *chip, const char *line)
{
    return !is_discrete(chip) && (text_starts(line, "dram_used\t") || text_starts(line, "dram_throughput\t"));
}

/* The tie-point is left out only where it would cost a round. */
static bool tie_is_dear(const char *chip, const struct cupti_set *s)
{
    const char *counted[100] = {"smsp__inst_executed.sum"};

    assert_true(s->count < 99);
    for (size_t i = 0; i < s->count; i++)
        counted[i + 1] = s->counted[i];
    return cupti_schedule(library, chip, NULL, counted, s->count + 1, NULL, NULL) != s->rounds;
}

/* A set of the text: every name once more in the order of the text, rounds as planned, code patched in all or none. */
static int check_pass(const char *chip, const char *text)
{
    struct cupti_set s;
    struct err e = {0};
    size_t patching = 0;
    int rounds;

    if (cupti_set_make(library, chip, NULL, 0, text, &s, &e))
        fail_msg("%s: %s: %s", chip, text, e.text);
    for (size_t i = 0; i < s.count; i++) {
        patching += cupti_patches(s.metrics[i].counted);
        assert_string_equal(s.counted[i], s.metrics[i].counted);
        assert_true(text_starts(s.metrics[i].name, "cupti."));
        assert_true(strstr(text, s.metrics[i].counted) != NULL);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(s.metrics[i].name, s.metrics[k].name);
    }
    if (patching != 0 && patching != s.count)
        fail_msg("%s mixes metrics that patch the code with others: %s", chip, text);
    if (!patching && !text_starts(text, "warp_instructions=smsp__inst_executed.sum") && !tie_is_dear(chip, &s))
        fail_msg("%s: the tie-point is not in front of %s", chip, text);
    assert_non_null(s.host);
    assert_non_null(s.image);
    assert_true(s.image_size > 0);
    rounds = s.rounds;
    cupti_set_free(library, &s);
    return rounds;
}

static size_t count_metrics(const struct cupti_partition *p)
{
    size_t count = 0;

    for (size_t i = 0; i < p->passes.count; i++)
        for (const char *at = p->passes.items[i]; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
            count++;
    return count;
}

/* Returns how many metrics were resolved. */
static size_t check_group(const char *chip, const struct group *g, int *total)
{
    struct cupti_partition p;
    int rounds = 0, most = ceiling(g->name, chip);
    size_t resolved;

    partition(chip, g->name, &p);
    for (size_t i = 0; i < p.missing.count; i++)
        if (!may_lack(chip, p.missing.items[i]))
            fail_msg("%s, %s: %s", chip, g->name, p.missing.items[i]);
    for (size_t i = 0; i < p.passes.count; i++)
        rounds += check_pass(chip, p.passes.items[i]);
    assert_int_equal(rounds, p.rounds);
    if (most && rounds > most)
        fail_msg("%s takes %d rounds on %s, at most %d are fine", g->name, rounds, chip, most);
    resolved = count_metrics(&p);
    assert_true(resolved + p.missing.count >= g->event_count);
    *total = rounds;
    cupti_partition_free(&p);
    return resolved;
}

/* Every metric of the group by its names alone. */
static size_t check_names(const char *chip, const struct group *g)
{
    cupti_host *host = cupti_host_open(library, chip, NULL, NULL);

    for (size_t i = 0; i < g->event_count; i++) {
        bool found = false;

        for (size_t a = 0; a < g->events[i].alternative_count && !found; a++) {
            char *name = mem_copy_n(g->events[i].alternatives[a], strcspn(g->events[i].alternatives[a], " "));

            found = cupti_metric_known(library, host, chip, name, NULL, NULL) == CUPTI_KNOWN;
            free(name);
        }
        if (!found)
            fail_msg("%s has nothing for %s", chip, g->events[i].name);
    }
    cupti_host_close(library, host);
    return g->event_count;
}

static size_t catalogue_size(const char *chip)
{
    cupti_host *host = cupti_host_open(library, chip, NULL, NULL);
    size_t total = 0;

    for (int type = 0; type < CUPTI_METRIC_TYPE__COUNT; type++) {
        size_t count;

        cupti_base_metrics(library, host, (CUpti_MetricType)type, &count);
        total += count;
    }
    cupti_host_close(library, host);
    return total;
}

/* A chip with as many metrics is of the same family: its names are checked, and the schedule only of the first. */
static const char *sibling(const char *chip)
{
    static const char *first[100];
    static size_t sizes[100], count;
    size_t size = catalogue_size(chip);

    for (size_t i = 0; i < count; i++)
        if (sizes[i] == size)
            return first[i];
    first[count] = chip;
    sizes[count++] = size;
    return NULL;
}

static void groups_resolve_on_all_chips(void **state)
{
    size_t chip_count = 0, metrics = 0;

    (void)state;
    printf("# rounds   ");
    for (size_t i = 0; gpu_groups(i); i++)
        printf("%16s", gpu_groups(i)->name);
    printf("\n");
    for (const char *const *chip = chips(); *chip; chip++) {
        const char *family = is_volta(*chip) ? NULL : sibling(*chip);

        if (is_volta(*chip))
            continue;
        printf("# %-9s", *chip);
        for (size_t i = 0; gpu_groups(i); i++) {
            int rounds = 0;

            metrics += family ? check_names(*chip, gpu_groups(i)) : check_group(*chip, gpu_groups(i), &rounds);
            if (!family)
                printf("%16d", rounds);
        }
        printf("%s%s%s\n", family ? "  names as checked on " : "", family ? family : "",
               is_discrete(*chip) ? "" : "   (integrated)");
        chip_count++;
    }
    printf("# note: %zu metrics of event groups checked on %zu chips\n", metrics, chip_count);
    assert_true(chip_count >= 20);
}

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
        cmocka_unit_test(chips_have_catalogues),   cmocka_unit_test(groups_resolve_on_all_chips),
        cmocka_unit_test(names_follow_the_chip),   cmocka_unit_test(everything_at_once_is_packed),
        cmocka_unit_test(names_are_checked),       cmocka_unit_test(a_bad_set_spoils_nothing),
        cmocka_unit_test(wanted_names_are_judged), cmocka_unit_test(models_are_listed),
        cmocka_unit_test(own_names_are_described),
    };

    struct err e = {0};

    library = cupti_library(&e);
    if (!library) {
        puts(e.text);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <stdio.h>

int main(void)
{
    puts("built without CUDA");
    return 77;
}

#endif
