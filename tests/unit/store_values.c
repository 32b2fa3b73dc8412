/* What the store makes of samples: summaries per execution, derived metrics, and that a metric keeps its meaning. */
#include "store_fixture.h"

static void summaries_are_per_execution(void **state)
{
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    /* launch medians of the first point: 1010 and 1110 for 10 executions; the counter pass crashed */
    assert_float_equal(number(s, "SELECT value FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"),
                       106, 1e-9);
    assert_float_equal(number(s, "SELECT low FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"), 101,
                       0);
    assert_float_equal(number(s, "SELECT high FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"),
                       111, 0);
    assert_int_equal(number(s, "SELECT n FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"), 2);
    /* of the whole launch: not divided */
    assert_float_equal(number(s, "SELECT value FROM v_history WHERE metric = 'memory.peak' AND point LIKE '%size=64'"),
                       4096, 0);
    /* the unavailable repetition is left out, the worst of the others is named */
    assert_int_equal(number(s,
                            "SELECT count(*) FROM launch_summary u JOIN quality q ON q.id = u.quality WHERE n = 2 AND "
                            "q.text = 'suspect(implied clock 9.1 GHz)'"),
                     3);
    assert_int_equal(number(s, "SELECT count(*) FROM sample WHERE value IS NULL"), 3);
    /* derived, over the medians */
    assert_float_equal(
        number(s, "SELECT value FROM v_history WHERE metric = 'time.per_element' AND point LIKE '%size=64'"), 1.06,
        1e-12);
    assert_float_equal(number(s, "SELECT value FROM v_history WHERE metric = 'flops.rate' AND point LIKE '%size=64'"),
                       1e9 * 200 / 106, 1e-3);
    assert_int_equal(number(s, "SELECT count(*) FROM v_history WHERE n = 0 AND quality = 'derived'"), 4);
    assert_int_equal(number(s, "SELECT failed FROM v_points WHERE point LIKE '%size=64'"), 1);
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

/* Percent and the like do not grow with the executions of a repetition. */
static void gauges_are_not_divided(void **state)
{
    struct metric busy = {
        .name = "unit.busy", .unit = "%", .meaning = "m", .kind = METRIC_GAUGE, .better = BETTER_HIGHER};
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 10, .match = -1};
    struct sample m[] = {{"unit.busy", 0, 50, QUALITY_EXACT, 0, NULL},
                         {"unit.busy", 1, 70, QUALITY_EXACT, 0, NULL},
                         {"wall.time", 0, 1000, QUALITY_EXACT, 0, NULL}};
    struct store *s = NULL;
    struct fixture f;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &f, "box", "0123456789012345678901234567890123456789");
    FINE(store_metric(s, &busy, e));
    fixture_begin(s, &f, "run-one");
    FINE(store_launch(s, f.launches[0], &done, m, 3, e));
    assert_float_equal(number(s, "SELECT median FROM launch_summary u JOIN metric m ON m.id = u.metric"
                                 " WHERE name = 'unit.busy'"),
                       60, 0);
    assert_float_equal(number(s, "SELECT median FROM launch_summary u JOIN metric m ON m.id = u.metric"
                                 " WHERE name = 'wall.time'"),
                       100, 0);
    FINE(store_check(s, fixture_say, NULL, e)); /* which computes them anew */
    store_close(s);
}

static void derived_metrics_reach_old_runs(void **state)
{
    struct metric first = {.name = "x.speed",
                           .unit = "1/ns",
                           .meaning = "",
                           .kind = METRIC_DERIVED,
                           .better = BETTER_HIGHER,
                           .formula = "x.base / wall.time"};
    struct metric second = {.name = "x.base",
                            .unit = "1",
                            .meaning = "",
                            .kind = METRIC_DERIVED,
                            .better = BETTER_HIGHER,
                            .formula = "elements * 2"};
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    FINE(store_metric(s, &first, e)); /* its input is not there yet: no row */
    assert_int_equal(number(s, "SELECT count(*) FROM v_history WHERE metric LIKE 'x.%'"), 0);
    FINE(store_check(s, fixture_say, NULL, e));
    FINE(store_metric(s, &second, e)); /* brings itself and what builds on it */
    assert_float_equal(number(s, "SELECT value FROM v_history WHERE metric = 'x.speed' AND point LIKE '%size=64'"),
                       200.0 / 106, 1e-12);
    second.formula = "elements * 4";
    FINE(store_metric(s, &second, e));
    assert_float_equal(number(s, "SELECT value FROM v_history WHERE metric = 'x.speed' AND point LIKE '%size=64'"),
                       400.0 / 106, 1e-12);
    FINE(store_check(s, fixture_say, NULL, e));
    second.formula = "elements / 0";
    FINE(store_metric(s, &second, e)); /* no number: the rows go */
    assert_int_equal(number(s, "SELECT count(*) FROM v_history WHERE metric LIKE 'x.%'"), 0);
    second.formula = "elements * ";
    REFUSED(store_metric(s, &second, e), CM_USAGE, "position");
    store_close(s);
}

static void a_metric_keeps_its_meaning(void **state)
{
    struct metric seconds = fixture_metrics[0], words = fixture_metrics[0];
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    seconds.unit = "s";
    words.meaning = "better words";
    REFUSED(store_metric(s, &seconds, e), CM_INTERNAL, "wall.time as duration in 'ns'");
    FINE(store_metric(s, &words, e));
    assert_int_equal(number(s, "SELECT count(*) FROM metric WHERE meaning = 'better words'"), 1);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(summaries_are_per_execution, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(gauges_are_not_divided, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(derived_metrics_reach_old_runs, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_metric_keeps_its_meaning, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
