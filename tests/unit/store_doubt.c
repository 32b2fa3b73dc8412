/* Doubts: samples that are suspect when they are measured, and those that turn out so later. */
#include "store_fixture.h"

/* A launch of `count` time samples 100, 200, ..., the first `suspect` of them marked; its median and quality. */
static void suspects_are_left_out(void **state)
{
    static const struct {
        int count, suspect, n;
        double median;
        const char *quality;
    } cases[] = {
        {5, 0, 5, 300, "exact"},        {5, 1, 4, 350, "exact"},        {5, 2, 3, 400, "exact"},
        {5, 3, 5, 300, "suspect(ice)"}, {4, 2, 4, 250, "suspect(ice)"}, {1, 1, 1, 100, "suspect(ice)"},
    };
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct fixture f;
    struct store *s = fixture_empty("a.db");
    size_t i;
    char *text;
    int k;

    (void)state;
    fixture_identity(s, &f, "box", "");
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample m[10];
        char uuid[20];

        snprintf(uuid, sizeof uuid, "run-%zu", i);
        fixture_begin(s, &f, uuid);
        for (k = 0; k < cases[i].count; k++) {
            enum quality q = k < cases[i].suspect ? QUALITY_SUSPECT : QUALITY_EXACT;

            m[2 * k] = (struct sample){"wall.time", k, 100 * (k + 1), q, 0, "ice"};
            m[2 * k + 1] = (struct sample){"count.instructions", k, 100 * (k + 1), q, 0, "ice"};
        }
        FINE(store_launch(s, f.launches[0], &done, m, 2 * (size_t)cases[i].count, e));
        FINE(store_text(s,
                        "SELECT printf('%d %g %s', n, median, q.text) FROM launch_summary u JOIN quality q ON q.id = "
                        "u.quality JOIN metric m ON m.id = u.metric WHERE m.name = 'wall.time' ORDER BY launch DESC",
                        NULL, 0, &text, e));
        snprintf(uuid, sizeof uuid, "%d %g ", cases[i].n, cases[i].median);
        assert_memory_equal(text, uuid, strlen(uuid));
        assert_string_equal(text + strlen(uuid), cases[i].quality);
        free(text);
        /* of a count nothing is left out: one wrong count says that the set counts wrongly */
        assert_int_equal(number(s, "SELECT n FROM launch_summary u JOIN metric m ON m.id = u.metric WHERE m.name = "
                                   "'count.instructions' ORDER BY launch DESC"),
                         cases[i].count);
    }
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

static void doubts_mark_what_was_good(void **state)
{
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    FINE(store_doubt(s, f.launches[0], "count.*", "the passes do not agree", e));
    assert_int_equal(number(s, "SELECT count(*) FROM v_samples WHERE quality = 'suspect(the passes do not agree)'"), 1);
    assert_int_equal(number(s, "SELECT count(*) FROM v_samples WHERE quality LIKE 'suspect(implied%'"), 3);
    assert_int_equal(number(s, "SELECT count(*) FROM v_samples WHERE quality LIKE 'unavailable%'"), 3);
    assert_int_equal(number(s, "SELECT value FROM v_samples WHERE quality = 'suspect(the passes do not agree)'"), 1000);
    FINE(store_check(s, fixture_say, NULL, e)); /* the summaries followed */
    FINE(store_doubt(s, f.launches[0], "count.*", "again", e));
    FINE(store_doubt(s, f.launches[0], "nothing.*", "of that name", e));
    assert_int_equal(number(s, "SELECT count(*) FROM v_samples WHERE quality LIKE 'suspect(again%'"), 0);
    FINE(store_doubt(s, f.launches[2], "wall.*", "a machine that slept", e));
    assert_int_equal(number(s,
                            "SELECT count(*) FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64' AND "
                            "quality = 'suspect(a machine that slept)'"),
                     1);
    FINE(store_doubt(s, f.launches[3], "*", "it crashed", e)); /* has no samples: nothing to doubt */
    FINE(store_check(s, fixture_say, NULL, e));
    REFUSED(store_doubt(s, 77, "*", "why", e), CM_INTERNAL, "no launch 77");
    REFUSED(store_doubt(s, 1, "*", "", e), CM_INTERNAL, "without a reason");
    store_close(s);
}

/* Of three passes that count instructions one counts wrong: the other two speak for the point. */
static void sound_passes_speak_for_the_point(void **state)
{
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample m = {"count.instructions", 0, 1000, QUALITY_EXACT, 0, NULL};
    struct launch_row l = {.pass = "papi:A"};
    struct fixture f;
    struct store *s = fixture_empty("a.db");

    (void)state;
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    FINE(store_launch(s, f.launches[0], &done, &m, 1, e));
    FINE(store_launch(s, f.launches[2], &done, &m, 1, e));
    m.value = 1032;
    FINE(store_launch(s, f.launches[3], &done, &m, 1, e));
    FINE(store_doubt(s, f.launches[3], "*", "3.2 % above", e));
    FINE(store_run_finish(s, f.run, true, e));
    assert_int_equal(number(s, "SELECT n = 2 AND value = 1000 AND high = 1000 AND quality = 'exact' FROM v_history"),
                     1);
    /* where as many are wrong as right nobody can tell */
    l.point = f.points[0];
    m.quality = QUALITY_SUSPECT;
    FINE(store_launch_extra(s, f.run, &l, &done, &m, 1, e));
    assert_int_equal(number(s, "SELECT n = 4 AND value = 1016 AND quality LIKE 'suspect%' FROM v_history"), 1);
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

/* While a run is under way its own summary is left to its end. */
static void doubts_in_a_run_under_way(void **state)
{
    struct fixture f;
    struct store *s = fixture_empty("a.db");

    (void)state;
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    FINE(fixture_launch(s, f.launches[0], 1000, e));
    FINE(store_doubt(s, f.launches[0], "wall.time", "steal", e));
    assert_int_equal(number(s, "SELECT count(*) FROM summary"), 0);
    assert_int_equal(number(s, "SELECT count(*) FROM launch_summary u JOIN quality q ON q.id = u.quality "
                               "WHERE q.text = 'suspect(steal)'"),
                     1);
    FINE(store_run_finish(s, f.run, true, e));
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(suspects_are_left_out, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(doubts_mark_what_was_good, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(sound_passes_speak_for_the_point, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(doubts_in_a_run_under_way, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
