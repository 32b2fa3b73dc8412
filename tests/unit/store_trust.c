/* What is known of a machine's instruments and noise, and roles of points; that both travel, and what strange records come to. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/base/file.h"

static const struct trust_home box = {"box", "00ff00ff00ff00ff", false};
static const struct trust_home scripted_box = {"box", "00ff00ff00ff00ff", true};

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
    struct store *s = fixture_empty("a.db");

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
    FINE(store_check(s, fixture_say, NULL, e));
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
    struct store *s = fixture_empty("a.db");

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
    FINE(store_check(s, fixture_say, NULL, e));
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
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

static void knowledge_travels(void **state)
{
    struct calibration_row rows[] = {right_row("papi.PAPI_BR_INS", 1002), right_row("papi.PAPI_TOT_INS", 1000)};
    struct noise_row aa = noise_of("wall.time", 0.004, NAN), layout = noise_of("wall.time", NAN, 0.02);
    struct fixture f;
    struct store *a = fixture_store("a.db", "run-one", &f), *b = fixture_empty("b.db");
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
    FINE(store_check(a, fixture_say, NULL, e));
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
    struct store *s = fixture_empty("a.db");
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
    struct store *s = fixture_store("a.db", "run-one", &f), *b = fixture_empty("b.db");
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
    struct store *s = fixture_empty("a.db");
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
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_calibration_replaces_its_own, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(noise_and_layout_keep_each_other, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(roles_part_points, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(knowledge_travels, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(strange_records_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(first_exports_still_import, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(older_summaries_follow, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
