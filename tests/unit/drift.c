/* Whether the machine moved, from planted anchors. */
#include "../../reports/analysis/drift.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct compare_options usual = {
    .min_effect = 0.01, .min_effect_deterministic = 0.001, .min_launches = 8, .false_discovery = 0.05, .seed = 7};

/* Eight launches around `time`, alike in both runs but for what is planted. */
static void launches(double *out, double time, double noise, uint64_t seed)
{
    for (int i = 0; i < 8; i++) {
        double u = (double)(stats_random(&seed) >> 11) / 9007199254740992.0;

        out[i] = time * (1 + noise * (2 * u - 1));
    }
}

static struct drift drift_of(const double *ratios, const double *noises, size_t count, size_t launches_now)
{
    static const char *const names[] = {"bandwidth", "core", "latency"};
    static double before[3][8], now[3][8];
    struct drift_anchor anchors[3];
    struct drift d;

    for (size_t i = 0; i < count; i++) {
        launches(before[i], 1e7, noises[i], 11 + i);
        launches(now[i], 1e7 * ratios[i], noises[i], 23 + i);
        anchors[i] = (struct drift_anchor){names[i], {before[i], 8}, {now[i], launches_now}};
    }
    drift_compare(anchors, count, &usual, &d);
    return d;
}

static void words_are(const struct drift *d, const char *start)
{
    char *words = drift_words(d);

    if (!start)
        assert_null(words);
    else if (!words || strncmp(words, start, strlen(start)) != 0)
        fail_msg("'%s' does not begin with '%s'", words ? words : "(none)", start);
    free(words);
}

static void nothing_moved(void **state)
{
    struct drift d = drift_of((double[]){1, 1, 1}, (double[]){0.002, 0.002, 0.03}, 3, 8);

    (void)state;
    assert_int_equal(d.count, 3);
    assert_false(d.moved);
    assert_true(d.alike);
    assert_true(fabs(d.ratio - 1) < 0.005);
    words_are(&d, NULL);
    /* Less than counts is nothing. */
    d = drift_of((double[]){1.006, 1.006, 1.006}, (double[]){0.001, 0.001, 0.001}, 3, 8);
    assert_false(d.moved);
}

static void all_moved_alike(void **state)
{
    struct drift d = drift_of((double[]){1.052, 1.052, 1.052}, (double[]){0.002, 0.002, 0.03}, 3, 8);
    double low, high;

    (void)state;
    assert_true(d.moved && d.alike);
    assert_true(fabs(d.ratio - 1.052) < 0.004);
    assert_true(d.low <= d.ratio && d.ratio <= d.high);
    assert_true(d.high - d.low < 0.02); /* the noisy one does not spoil it */
    words_are(&d, "the machine changed by +5.");
    drift_beyond(&d, 1.052, &low, &high);
    assert_true(fabs(low - 1) < 0.004);
    assert_true(fabs(low - high) < 1e-12);
    d = drift_of((double[]){0.9, 0.9, 0.9}, (double[]){0.002, 0.002, 0.002}, 3, 8);
    words_are(&d, "the machine changed by -10.");
}

static void a_part_moved(void **state)
{
    struct drift d = drift_of((double[]){1.12, 1, 1}, (double[]){0.002, 0.002, 0.002}, 3, 8);
    double low, high;

    (void)state;
    assert_true(d.moved);
    assert_false(d.alike);
    assert_true(isnan(d.ratio));
    words_are(&d, "parts of the machine changed (anchors: bandwidth +1");
    drift_beyond(&d, 1.12, &low, &high);
    assert_true(low > 0.99 && low < 1.01);
    assert_true(high > 1.11 && high < 1.13);
    /* In two directions. */
    d = drift_of((double[]){1.12, 0.9, 1}, (double[]){0.002, 0.002, 0.002}, 3, 8);
    assert_false(d.alike);
    drift_beyond(&d, 1, &low, &high);
    assert_true(low < 0.91 && high > 1.09);
}

static void few_launches(void **state)
{
    struct drift d = drift_of((double[]){1.1, 1.1, 1.1}, (double[]){0.002, 0.002, 0.002}, 3, 4);

    (void)state;
    assert_true(d.moved); /* half of what a verdict needs is enough for caution */
    d = drift_of((double[]){1.1, 1.1, 1.1}, (double[]){0.002, 0.002, 0.002}, 3, 3);
    assert_int_equal(d.count, 0);
    assert_false(d.moved);
    words_are(&d, NULL);
    d = drift_of(NULL, NULL, 0, 8);
    assert_int_equal(d.count, 0);
    words_are(&d, NULL);
}

/* Anchors that do what they always do are seldom taken for moved. */
static void chance(void **state)
{
    static const double none[] = {1, 1, 1};
    int moved = 0;

    (void)state;
    for (uint64_t k = 0; k < 200; k++) {
        double before[3][8], now[3][8];
        struct drift_anchor anchors[3];
        struct drift d;

        for (size_t i = 0; i < 3; i++) {
            launches(before[i], 1e7 * none[i], 0.02, 1000 * k + i);
            launches(now[i], 1e7, 0.02, 1000 * k + 500 + i);
            anchors[i] = (struct drift_anchor){"a", {before[i], 8}, {now[i], 8}};
        }
        drift_compare(anchors, 3, &usual, &d);
        moved += d.moved;
    }
    assert_true(moved <= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_moved), cmocka_unit_test(all_moved_alike), cmocka_unit_test(a_part_moved),
        cmocka_unit_test(few_launches),  cmocka_unit_test(chance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
