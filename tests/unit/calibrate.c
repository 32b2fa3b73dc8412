/* The verdict on one count, what an event should count on which CPU, and what passes name. */
#include "../../harness/base/mem.h"
#include "../../harness/calibrate_parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct plan_point plain = {.text = (char *)"truth/plain:n=10"};

/* What a point with these counts says of values of one metric. */
static struct calibration_row judged(const char *metric, const struct expected *known, size_t count,
                                     const double *values, size_t value_count, const char *reason, bool suspect)
{
    struct truth_point p = {.plan = &plain, .expected_count = count, .elements = 10};
    struct tally t = {.metric = (char *)metric,
                      .point = &p,
                      .values = (double *)values,
                      .count = value_count,
                      .overhead = NAN,
                      .suspect = suspect};
    struct calibration c = {0};
    struct calibration_row r;

    memcpy(p.expected, known, count * sizeof *known);
    strcpy(t.reason, reason);
    calibrate_judge(&t, calibrate_rule(metric, NULL, NULL), NULL, &c);
    assert_int_equal(c.count, 1);
    r = c.rows[0];
    r.metric = r.point = r.event = r.note = NULL; /* theirs end here */
    calibration_free(&c);
    return r;
}

static void test_verdicts(void **state)
{
    static const struct expected hundred = {"instructions", 100, 0.02, "by construction"};
    static const double right[] = {100, 101, 100}, off[] = {103, 103, 103}, twice[] = {200, 200},
                        wide[] = {50, 101, 900};
    struct calibration_row r = judged("papi.PAPI_TOT_INS", &hundred, 1, right, 3, "", false);

    (void)state;
    assert_string_equal(r.verdict, "right");
    assert_float_equal(r.error, 0, 1e-12);
    assert_float_equal(r.spread, 0.01, 1e-12);
    assert_false(r.deterministic);
    r = judged("papi.PAPI_TOT_INS", &hundred, 1, off, 3, "", false);
    assert_string_equal(r.verdict, "wrong");
    assert_true(r.deterministic);
    r = judged("papi.PAPI_TOT_INS", &hundred, 1, twice, 2, "", false);
    assert_float_equal(r.error, 1, 1e-12);
    r = judged("papi.PAPI_TOT_INS", &hundred, 1, wide, 3, "", false);
    assert_string_equal(r.verdict, "right"); /* the median speaks, the spread is told */
    assert_true(r.spread > 8);
    assert_string_equal(judged("papi.PAPI_TOT_INS", &hundred, 1, right, 3, "odd", true).verdict, "unknown");
    assert_string_equal(judged("papi.PAPI_TOT_INS", &hundred, 1, twice, 2, "odd", true).verdict, "wrong");
    assert_string_equal(judged("papi.PAPI_TOT_INS", &hundred, 1, NULL, 0, "no PMU", false).verdict, "unavailable");
}

static void test_nothing_expected(void **state)
{
    static const struct expected none = {"branch_misses", 0, 0.1, "none"};
    static const struct expected unknown = {"branch_misses", NAN, 0, "nobody knows"};
    static const double few[] = {1, 1}, many[] = {2, 2}, odd[] = {0, 0, 5};
    struct calibration_row r = judged("papi.PAPI_BR_MSP", &none, 1, few, 2, "", false);

    (void)state;
    assert_string_equal(r.verdict, "right"); /* one in ten elements */
    assert_float_equal(r.error, 0.1, 1e-12);
    assert_string_equal(judged("papi.PAPI_BR_MSP", &none, 1, many, 2, "", false).verdict, "wrong");
    r = judged("papi.PAPI_BR_MSP", &none, 1, odd, 3, "", false);
    assert_true(isnan(r.spread) && !r.deterministic);
    r = judged("papi.PAPI_BR_MSP", &unknown, 1, few, 2, "", false);
    assert_string_equal(r.verdict, "unknown"); /* and never right */
    assert_true(isnan(r.expected) && isnan(r.error) && isnan(r.tolerance));
    assert_string_equal(judged("os.switches_voluntary", &none, 1, odd, 3, "", false).verdict, "unknown");
}

static void test_sums(void **state)
{
    static const struct expected both[] = {{"loads", 70, 0.01, "a"}, {"stores", 30, 0.05, "b"}};
    static const double values[] = {104};
    struct calibration_row r = judged("papi.PAPI_LST_INS", both, 2, values, 1, "", false);

    (void)state;
    assert_float_equal(r.expected, 100, 1e-12);
    assert_float_equal(r.tolerance, 0.05, 1e-12); /* the wider one */
    assert_string_equal(r.verdict, "right");
    assert_false(r.deterministic); /* once is no repetition */
    assert_string_equal(judged("papi.PAPI_LST_INS", both, 1, values, 1, "", false).verdict, "unknown");
}

static void test_rules(void **state)
{
    (void)state;
    assert_string_equal(calibrate_rule("papi.PAPI_BR_TKN", NULL, "GenuineIntel")->events, "branches_taken");
    assert_string_equal(calibrate_rule("papi.PAPI_BR_TKN", NULL, "AuthenticAMD")->events,
                        "branches - branches_not_taken");
    assert_string_equal(calibrate_rule("papi.PAPI_BR_TKN", NULL, NULL)->events, "branches_taken");
    assert_string_equal(calibrate_rule("papi.PAPI_LST_INS", "perf::L1-DCACHE-LOADS", "AuthenticAMD")->events, "loads");
    assert_null(calibrate_rule("papi.PAPI_TOT_CYC", NULL, NULL)->events);
    assert_null(calibrate_rule("papi.NOBODY_KNOWS", NULL, NULL)->events);
    assert_true(*calibrate_rule("papi.NOBODY_KNOWS", NULL, NULL)->note);
}

static void test_passes(void **state)
{
    char *items[] = {(char *)"papi:PAPI_TOT_CYC,PAPI_L1_DCM=perf::L1-DCACHE-LOAD-MISSES|PAPI_BR_MSP"};
    struct passes p = {.passes = {.items = items, .count = 1}};
    struct text_list metrics = {0};
    char *native = calibrate_native(&p, "papi.PAPI_L1_DCM");

    (void)state;
    calibrate_metrics(items[0], &metrics);
    assert_int_equal(metrics.count, 3);
    assert_string_equal(metrics.items[1], "papi.PAPI_L1_DCM");
    assert_string_equal(metrics.items[2], "papi.PAPI_BR_MSP");
    assert_string_equal(native, "perf::L1-DCACHE-LOAD-MISSES");
    assert_null(calibrate_native(&p, "papi.PAPI_BR_MSP"));
    text_list_free(&metrics);
    calibrate_metrics("", &metrics);
    assert_int_equal(metrics.count, 0);
    free(native);
}

/* One of each kind, and one that is wrong on its second point. */
static void test_table(void **state)
{
    struct calibration c = {0};
    struct host h = {.machine_name = (char *)"box", .machine_fingerprint = "0123456789abcdef"};
    struct buf out = {0};
    json_t *document;
    struct calibration_row rows[] = {
        {"a.one", "k/p:n=1", "e", 100, 100, 0, 0, 5, 0.01, true, "right", ""},
        {"a.one", "k/p:n=2", "e", 100, 150, 0.5, 0, 5, 0.01, true, "wrong", "because"},
        {"a.two", "", "", NAN, NAN, NAN, NAN, NAN, NAN, false, "unavailable", "no PMU"},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        *calibration_row_new(&c) = rows[i];
    calibration_text(&c, &h, &out);
    assert_non_null(strstr(out.text, "+50 %"));
    assert_non_null(strstr(out.text, "1 of 2"));
    assert_non_null(strstr(out.text, "unavailable: a.two: no PMU\n"));
    assert_non_null(
        strstr(out.text, "0 events are right, 0 unknown, 1 unavailable, 1 wrong: a.one; no verdict rests on it\n"));
    document = calibration_json(&c, &h, false);
    assert_int_equal(json_array_size(json_object_get(document, "events")), 3);
    assert_int_equal(json_integer_value(json_object_get(document, "wrong")), 1);
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(document, "events"), 2), "expected")));
    json_decref(document);
    buf_free(&out);
    calibration_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts), cmocka_unit_test(test_nothing_expected), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_rules),    cmocka_unit_test(test_passes),           cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
