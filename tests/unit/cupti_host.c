/*
 * CUPTI's host side for real, without a GPU: every chip that the installed library knows, every metric that our groups name. A
 * group that a chip cannot count, or that has become dearer, is found here and not on somebody's machine. What was checked is
 * printed. Skipped without the library, and under the address sanitizer, which it ends.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_fixture.h"

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

/* Those of a processor with a GPU inside have no memory of their own. */
static bool is_discrete(const char *chip)
{
    return is_known(chip, "dram__bytes.sum");
}

static bool is_volta(const char *chip)
{
    return text_starts(chip, "GV");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chips_have_catalogues),
        cmocka_unit_test(groups_resolve_on_all_chips),
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
