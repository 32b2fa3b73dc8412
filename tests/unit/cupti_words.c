/*
 * What is wanted of the collector cupti, as words: the same on every machine, with and without CUDA. What is mistyped is told, what
 * cannot be counted here is missing with a reason.
 * needs: cuda
 */
#include "collectors/cupti_activity.h"
#include "collectors/cupti_parts.h"
#include "collectors/cupti_plan.h"
#include "collectors/groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool has_want(const struct cupti_wants *w, const char *name)
{
    for (size_t i = 0; i < w->count; i++)
        if (!strcmp(w->items[i].name, name))
            return true;
    return false;
}

static void words_become_metrics(void **state)
{
    struct cupti_wants w = {0};
    struct err e = {0};

    (void)state;
    assert_int_equal(cupti_wants_parse(&w, "", &e), 0);
    assert_true(w.activity);
    assert_int_equal(w.count, group_find("cupti", "gpu_core")->event_count);
    cupti_wants_free(&w);

    assert_int_equal(cupti_wants_parse(&w, "gpu_flops+cupti.dram_bytes+lts__t_bytes.sum+gpu_flops", &e), 0);
    assert_false(w.activity);
    assert_int_equal(w.count, group_find("cupti", "gpu_flops")->event_count + 2);
    assert_true(has_want(&w, "dram_bytes"));
    assert_true(has_want(&w, "lts__t_bytes.sum"));
    cupti_wants_free(&w);

    /* A derived metric wants its inputs; one of tracing wants that. */
    assert_int_equal(cupti_wants_parse(&w, "intensity", &e), 0);
    assert_true(has_want(&w, "sass_dfma"));
    assert_true(has_want(&w, "dram_bytes"));
    assert_int_equal(w.count, 7);
    cupti_wants_free(&w);
    assert_int_equal(cupti_wants_parse(&w, "cupti.kernel_time", &e), 0);
    assert_true(w.activity);
    assert_int_equal(w.count, 0);
    cupti_wants_free(&w);
}

static void wrong_words_are_told(void **state)
{
    static const char *const wrong[][2] = {
        {"gpu_cor", "did you mean gpu_core"},   {"activty", "did you mean activity"},
        {"gpu_core+ocupancy", "occupancy"},     {"papi", "no group or metric \"papi\""},
        {"smsp__x;y", "no group or metric"},    {"gpu_core+", "no group or metric \"\""},
        {"gpu_core gpu_cache", "did you mean"}, {"cache", "no group or metric \"cache\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct passes p = {0};
        struct err e = {0};

        assert_int_equal(cupti_plan(wrong[i][0], &p, &e), -1);
        assert_int_equal(e.code, CM_USAGE);
        if (!strstr(e.text, wrong[i][1]))
            fail_msg("\"%s\" lacks \"%s\"", e.text, wrong[i][1]);
        assert_int_equal(p.passes.count + p.missing.count, 0);
    }
}

static bool is_missing(const struct passes *p, const char *metric)
{
    size_t length = strlen(metric);

    for (size_t i = 0; i < p->missing.count; i++)
        if (!strncmp(p->missing.items[i], metric, length) && p->missing.items[i][length] == '\t' &&
            p->missing.items[i][length + 1])
            return true;
    return false;
}

/* Without a device everything that was wanted is missing, and each line tells why. */
static void without_a_device_all_is_missing(void **state)
{
    struct passes p = {0};
    struct err e = {0};

    (void)state;
    if (cuda_driver_present())
        skip();
    assert_int_equal(cupti_plan("activity+gpu_core+lts__t_bytes.sum", &p, &e), 0);
    assert_int_equal(p.passes.count, 0);
    assert_true(is_missing(&p, "cupti.kernel_time"));
    assert_true(is_missing(&p, "cupti.warp_instructions"));
    assert_true(is_missing(&p, "cupti.lts__t_bytes.sum"));
    text_list_free(&p.passes);
    text_list_free(&p.missing);
}

static void catalogue_has_all(void **state)
{
    static const char *const names[] = {"cupti.warp_instructions", "cupti.fp64_rate", "cupti.kernel_time",
                                        "cupti.counted_time"};
    const struct metric *all = cupti_catalogue();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct metric *m = all;

        while (m->name && strcmp(m->name, names[i]))
            m++;
        if (!m->name)
            fail_msg("the catalogue lacks %s", names[i]);
    }
    for (const struct metric *m = all; m->name; m++) {
        assert_true(m->unit && *m->unit && m->meaning && *m->meaning);
        for (const struct metric *other = all; other < m; other++)
            assert_string_not_equal(other->name, m->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_metrics),
        cmocka_unit_test(wrong_words_are_told),
        cmocka_unit_test(without_a_device_all_is_missing),
        cmocka_unit_test(catalogue_has_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
