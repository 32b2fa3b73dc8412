/* What is known of a machine's instruments and noise, roles of points, and doubts that come after the samples. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/base/file.h"

static const struct trust_home box = {"box", "00ff00ff00ff00ff", false};
static const struct trust_home scripted_box = {"box", "00ff00ff00ff00ff", true};

static void say_it(const char *line, void *user)
{
    (void)user;
    print_message("# %s\n", line);
}

static struct store *empty_store(const char *path)
{
    struct store *s = NULL;

    FINE(store_open(&s, path, STORE_WRITE, e));
    return s;
}

static struct calibration_row right_row(const char *metric, double measured)
{
    return (struct calibration_row){.metric = metric,
                                    .point = "truth/branches:n=1000",
                                    .event = "branches",
                                    .expected = 1000,
                                    .measured = measured,
                                    .error = measured / 1000 - 1,
                                    .spread = 0,
                                    .overhead = NAN,
                                    .tolerance = 0.01,
                                    .deterministic = true,
                                    .verdict = "right",
                                    .note = "as it should be"};
}

static struct noise_row noise_of(const char *metric, double noise, double layout)
{
    bool has = !isnan(noise);

    return (struct noise_row){.point = "triad/serial:cache=warm,size=64",
                              .metric = metric,
                              .runs = has ? 10 : 0,
                              .launches = has ? 80 : 0,
                              .comparisons = has ? 45 : 0,
                              .layouts = isnan(layout) ? 0 : 5,
                              .noise = noise,
                              .autocorrelation = has ? 0.1 : NAN,
                              .false_alarms = has ? 0.05 : NAN,
                              .drift = has ? 0.012 : NAN,
                              .detectable = NAN,
                              .layout = layout};
}

static void a_calibration_replaces_its_own(void **state)
{
    struct calibration_row rows[] = {right_row("papi.PAPI_BR_INS", 1002), right_row("papi.PAPI_TOT_INS", NAN)};
    struct store *s = empty_store("a.db");

    (void)state;
    rows[1].verdict = "unavailable";
    FINE(store_calibration(s, &box, rows, 2, e));
    FINE(store_calibration(s, &scripted_box, rows, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM calibration"), 3);
    assert_int_equal(number(s, "SELECT count(*) FROM calibration WHERE measured IS NULL AND overhead IS NULL"), 1);
    assert_float_equal(number(s, "SELECT error FROM calibration WHERE metric = 'papi.PAPI_BR_INS' AND NOT scripted"),
                       0.002, 1e-12);
    rows[0].verdict = "wrong";
    FINE(store_calibration(s, &box, rows, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM calibration WHERE NOT scripted"), 1);
    assert_int_equal(number(s, "SELECT verdict = 'wrong' AND created > 0 FROM calibration WHERE NOT scripted"), 1);
    FINE(store_check(s, say_it, NULL, e));
    /* what is wrong leaves what was there */
    rows[0].verdict = "excellent";
    REFUSED(store_calibration(s, &box, rows, 1, e), CM_INTERNAL, "'excellent', which is none");
    rows[0].verdict = "right";
    rows[1] = rows[0];
    REFUSED(store_calibration(s, &box, rows, 2, e), CM_INTERNAL, "UNIQUE");
    rows[0].metric = "a\nb";
    REFUSED(store_calibration(s, &box, rows, 1, e), CM_USAGE, "control characters");
    assert_int_equal(number(s, "SELECT verdict = 'wrong' FROM calibration WHERE NOT scripted"), 1);
    FINE(store_calibration(s, &box, NULL, 0, e));
    assert_int_equal(number(s, "SELECT count(*) FROM calibration"), 1);
    store_close(s);
    FINE(store_open(&s, "a.db", STORE_READ, e));
    REFUSED(store_calibration(s, &box, rows + 1, 1, e), CM_INTERNAL, "reading only");
    REFUSED(store_noise(s, &box, NULL, 0, e), CM_INTERNAL, "reading only");
    REFUSED(store_doubt(s, 1, "*", "why", e), CM_INTERNAL, "reading only");
    store_close(s);
}

static void noise_and_layout_keep_each_other(void **state)
{
    struct noise_row aa = noise_of("wall.time", 0.004, NAN), layout = noise_of("wall.time", NAN, 0.02);
    struct noise_row other = noise_of("papi.PAPI_TOT_INS", 0, NAN);
    struct store *s = empty_store("a.db");

    (void)state;
    FINE(store_noise(s, &box, &layout, 1, e));
    assert_int_equal(number(s, "SELECT noise IS NULL AND layouts = 5 FROM noise"), 1);
    FINE(store_noise(s, &box, &aa, 1, e));
    FINE(store_noise(s, &box, &other, 1, e));
    FINE(store_noise(s, &scripted_box, &aa, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM noise"), 3);
    assert_int_equal(number(s, "SELECT noise = 0.004 AND layout = 0.02 AND launches = 80 AND layouts = 5 FROM noise "
                               "WHERE metric = 'wall.time' AND NOT scripted"),
                     1);
    layout.layout = 0.03;
    layout.layouts = 7;
    FINE(store_noise(s, &box, &layout, 1, e));
    assert_int_equal(number(s, "SELECT noise = 0.004 AND layout = 0.03 AND launches = 80 AND layouts = 7 FROM noise "
                               "WHERE metric = 'wall.time' AND NOT scripted"),
                     1);
    aa.noise = 0.006; /* a newer one replaces all of its half, what it does not know included */
    aa.autocorrelation = NAN;
    FINE(store_noise(s, &box, &aa, 1, e));
    assert_int_equal(number(s, "SELECT noise = 0.006 AND autocorrelation IS NULL AND layout = 0.03 FROM noise "
                               "WHERE metric = 'wall.time' AND NOT scripted"),
                     1);
    /* a clock that was set back makes nothing older */
    FINE(sql_exec(s, "UPDATE noise SET created = created + 100000", e, ""));
    aa.noise = 0.008;
    FINE(store_noise(s, &box, &aa, 1, e));
    assert_int_equal(number(s, "SELECT noise = 0.008 FROM noise WHERE metric = 'wall.time' AND NOT scripted"), 1);
    FINE(store_check(s, say_it, NULL, e));
    store_close(s);
}

static void roles_part_points(void **state)
{
    struct point_row p = {.text = "anchor/core",
                          .kernel = "anchor",
                          .variant = "core",
                          .kernel_version = "1",
                          .variant_version = "1",
                          .code_hash = "aa",
                          .role = "anchor"};
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample m = {"wall.time", 0, 500, QUALITY_EXACT, 0, NULL};
    struct launch_row l = {.pass = ""};
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);
    int64_t id, again;

    (void)state;
    FINE(store_point(s, &p, &id, e));
    FINE(store_point(s, &p, &again, e));
    assert_int_equal(id, again);
    l.point = id;
    FINE(store_launch_extra(s, f.run, &l, &done, &m, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM v_points WHERE kernel = 'anchor'"), 0);
    assert_int_equal(number(s, "SELECT count(*) FROM v_history WHERE kernel = 'anchor'"), 0);
    assert_int_equal(number(s, "SELECT value FROM v_anchors WHERE point = 'anchor/core' AND metric = 'wall.time'"),
                     500);
    p.role = NULL;
    REFUSED(store_point(s, &p, &again, e), CM_INTERNAL, "with the role 'anchor'");
    p.role = "ornament";
    REFUSED(store_point(s, &p, &again, e), CM_INTERNAL, "'ornament', which is none");
    FINE(store_check(s, say_it, NULL, e));
    store_close(s);
}

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
    struct store *s = empty_store("a.db");
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
    FINE(store_check(s, say_it, NULL, e));
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
    FINE(store_check(s, say_it, NULL, e)); /* the summaries followed */
    FINE(store_doubt(s, f.launches[0], "count.*", "again", e));
    FINE(store_doubt(s, f.launches[0], "nothing.*", "of that name", e));
    assert_int_equal(number(s, "SELECT count(*) FROM v_samples WHERE quality LIKE 'suspect(again%'"), 0);
    FINE(store_doubt(s, f.launches[2], "wall.*", "a machine that slept", e));
    assert_int_equal(number(s,
                            "SELECT count(*) FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64' AND "
                            "quality = 'suspect(a machine that slept)'"),
                     1);
    FINE(store_doubt(s, f.launches[3], "*", "it crashed", e)); /* has no samples: nothing to doubt */
    FINE(store_check(s, say_it, NULL, e));
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
    struct store *s = empty_store("a.db");

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
    FINE(store_check(s, say_it, NULL, e));
    store_close(s);
}

/* While a run is under way its own summary is left to its end. */
static void doubts_in_a_run_under_way(void **state)
{
    struct fixture f;
    struct store *s = empty_store("a.db");

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
    FINE(store_check(s, say_it, NULL, e));
    store_close(s);
}

static void knowledge_travels(void **state)
{
    struct calibration_row rows[] = {right_row("papi.PAPI_BR_INS", 1002), right_row("papi.PAPI_TOT_INS", 1000)};
    struct noise_row aa = noise_of("wall.time", 0.004, NAN), layout = noise_of("wall.time", NAN, 0.02);
    struct fixture f;
    struct store *a = fixture_store("a.db", "run-one", &f), *b = empty_store("b.db");
    char *content, *back;
    int64_t added;

    (void)state;
    FINE(store_calibration(a, &box, rows, 2, e));
    FINE(store_noise(a, &box, &aa, 1, e));
    content = fixture_content(a);
    FINE(store_export(a, "a.jsonl", f.run, e)); /* a run takes along what is known of its machine */
    FINE(store_import(b, "a.jsonl", &added, e));
    back = fixture_content(b);
    assert_string_equal(back, content);
    free(back);
    /* newer there: a shorter calibration as a whole, and a layout beside the noise; it wins in both directions */
    rows[0].verdict = "wrong";
    FINE(store_calibration(b, &box, rows, 1, e));
    FINE(store_noise(b, &box, &layout, 1, e));
    FINE(sql_exec(b, "UPDATE calibration SET created = created + 10; UPDATE noise SET created = created + 10", e, ""));
    free(content);
    content = fixture_content(b);
    FINE(store_merge(b, "a.db", &added, e));
    back = fixture_content(b);
    assert_string_equal(back, content);
    free(back);
    store_close(b);
    FINE(store_merge(a, "b.db", &added, e));
    back = fixture_content(a);
    assert_string_equal(back, content);
    assert_non_null(strstr(content, "verdict=wrong"));
    assert_non_null(strstr(content, "layouts=5"));
    free(back);
    free(content);
    FINE(store_check(a, say_it, NULL, e));
    store_close(a);
}

static void put_line(const char *line)
{
    FILE *file = fopen("x.jsonl", "w");

    assert_non_null(file);
    fprintf(file, "{\"format\":\"countermark-export\",\"version\":3}\n%s\n{\"records\":1}\n", line);
    fclose(file);
}

static void strange_records_are_refused(void **state)
{
    static const char *const bad[][2] = {
        {"{\"type\":\"calibration\",\"machine\":\"m\",\"fingerprint\":\"f\",\"scripted\":false,\"created\":1,"
         "\"metric\":\"x\",\"point\":\"p\",\"event\":\"\",\"deterministic\":true,\"verdict\":\"fine\"}",
         "'verdict'"},
        {"{\"type\":\"calibration\",\"machine\":\"\",\"fingerprint\":\"f\",\"scripted\":false,\"created\":1}",
         "'machine'"},
        {"{\"type\":\"noise\",\"machine\":\"m\",\"fingerprint\":\"f\",\"scripted\":false,\"created\":1,\"metric\":"
         "\"x\","
         "\"point\":\"p\",\"runs\":1,\"launches\":-1,\"comparisons\":0,\"layouts\":0}",
         "'launches'"},
        {"{\"type\":\"point\",\"id\":1,\"text\":\"a/b\",\"kernel\":\"a\",\"variant\":\"b\",\"kernel_version\":\"1\","
         "\"variant_version\":\"1\",\"code_hash\":\"\",\"role\":\"crown\",\"axes\":{}}",
         "'crown', which is none"},
    };
    struct store *s = empty_store("a.db");
    int64_t added;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_line(bad[i][0]);
        REFUSED(store_import(s, "x.jsonl", &added, e), CM_INTERNAL, bad[i][1]);
    }
    assert_int_equal(number(s, "SELECT (SELECT count(*) FROM calibration) + (SELECT count(*) FROM noise) + "
                               "(SELECT count(*) FROM point)"),
                     0);
    store_close(s);
}

/* An export from before there were roles and calibrations. */
static void first_exports_still_import(void **state)
{
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f), *b = empty_store("b.db");
    char *text, *version, *content, *back;
    FILE *file;
    int64_t added;

    (void)state;
    FINE(store_export(s, "a.jsonl", 0, e));
    text = file_read("a.jsonl", NULL, NULL);
    version = strstr(text, "\"version\":3");
    assert_non_null(version);
    assert_null(strstr(text, "\"role\"")); /* left out where it is empty */
    version[strlen("\"version\":")] = '1';
    file = fopen("old.jsonl", "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    FINE(store_import(b, "old.jsonl", &added, e));
    assert_int_equal(added, 1);
    content = fixture_content(s);
    back = fixture_content(b);
    assert_string_equal(back, content);
    free(back);
    free(content);
    free(text);
    store_close(b);
    store_close(s);
}

/* Summaries of a file whose program did not leave suspect durations out. */
static void older_summaries_follow(void **state)
{
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample m[] = {{"wall.time", 0, 900, QUALITY_SUSPECT, 0, "steal"},
                         {"wall.time", 1, 100, QUALITY_EXACT, 0, NULL},
                         {"wall.time", 2, 120, QUALITY_EXACT, 0, NULL}};
    struct fixture f;
    struct store *s = empty_store("a.db");
    struct err why = {0};

    (void)state;
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    FINE(store_launch(s, f.launches[0], &done, m, 3, e));
    FINE(store_run_finish(s, f.run, true, e));
    FINE(sql_exec(s, "UPDATE launch_summary SET n = 3, median = 120; UPDATE summary SET median = 120", e, ""));
    assert_int_equal(store_check(s, NULL, NULL, &why), -1);
    FINE(summary_follow_rule(s, e));
    assert_float_equal(number(s, "SELECT median FROM summary WHERE n > 0"), 110, 0);
    FINE(store_check(s, say_it, NULL, e));
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_calibration_replaces_its_own, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(noise_and_layout_keep_each_other, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(roles_part_points, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(suspects_are_left_out, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(doubts_mark_what_was_good, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(sound_passes_speak_for_the_point, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(doubts_in_a_run_under_way, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(knowledge_travels, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(strange_records_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(first_exports_still_import, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(older_summaries_follow, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
