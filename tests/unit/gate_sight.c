/* How small a change a gate sees: beside every verdict, once for all, and as its thresholds. */
#include "gate_fixture.h"

#include "../../harness/sight.h"

#include <jansson.h>

static void learn_drift(const char *point, const char *metric, double noise, double detectable, double layout,
                        double drift)
{
    const struct trust_home home = {"box", "f1", false};
    struct noise_row row = {.point = point,
                            .metric = metric,
                            .runs = 8,
                            .launches = 64,
                            .comparisons = isnan(noise) ? 0 : 28,
                            .layouts = isnan(layout) ? 0 : 6,
                            .noise = noise,
                            .autocorrelation = isnan(noise) ? NAN : 0.1,
                            .false_alarms = isnan(noise) ? NAN : 0,
                            .drift = drift,
                            .detectable = detectable,
                            .layout = layout};
    struct store *s;

    FINE(store_open(&s, "gate.db", STORE_UPDATE, e));
    FINE(store_noise(s, &home, &row, 1, e));
    store_close(s);
}

static void learn(const char *point, const char *metric, double noise, double detectable, double layout)
{
    learn_drift(point, metric, noise, detectable, layout, NAN);
}

static json_t *document;

/* The comparison of one series in the answer of a check. */
static json_t *checked(const char *point, const char *metric)
{
    struct gate_options o = usual_options;
    size_t i;
    json_t *item, *found = NULL;

    o.format = GATE_JSON;
    check_with(&o);
    json_decref(document);
    document = json_loads(buf_text(&said), 0, NULL);
    assert_non_null(document);
    json_array_foreach(json_object_get(document, "comparisons"), i, item)
    {
        if (!strcmp(json_string_value(json_object_get(item, "point")), point) &&
            !strcmp(json_string_value(json_object_get(item, "metric")), metric))
            found = item;
    }
    assert_non_null(found);
    return found;
}

static void seen(const char *point, const char *metric, double detectable, const char *from)
{
    json_t *item = checked(point, metric);
    double got = json_number_value(json_object_get(item, "detectable"));

    if (fabs(got - detectable) > 1e-9)
        fail_msg("%s %s: %.9g instead of %.9g", point, metric, got, detectable);
    assert_string_equal(json_string_value(json_object_get(item, "detectable_from")), from);
}

static const char *sentence(void)
{
    const char *text = json_string_value(json_object_get(json_object_get(document, "sight"), "sentence"));

    return text ? text : "";
}

static void estimates_are_called_so(void **state)
{
    (void)state;
    night(&quiet);
    check();
    assert_null(strstr(buf_text(&said), "this gate sees")); /* a first baseline compares nothing */
    night(&quiet);
    check();
    says("same, and the change that would have been seen:");
    says("mandelbrot/simd: time about 1.1 %, instructions about 0.1 %");
    says("(estimated from these launches; `countermark doctor --aa` measures it)\n");
    tells("nothing slower; 3 points same");
    seen(A64, "papi.PAPI_TOT_INS", 0.000996, "estimate");
    assert_non_null(strstr(sentence(), "this gate sees 1.1 % in time and 0.1 % in instructions on this machine"));
}

static void measured_numbers_come_first(void **state)
{
    (void)state;
    night(&quiet);
    check();
    night(&quiet);
    learn(A64, "wall.time", 0.004, 0.014, NAN);
    learn(A128, "wall.time", 0.02, 0.06, NAN);
    learn(A64, "papi.PAPI_TOT_INS", 0, 0.0002, NAN);
    learn(A128, "papi.PAPI_TOT_INS", 0, 0.0002, NAN);
    learn(B64, "papi.PAPI_TOT_INS", 0, 0.0002, NAN);
    learn(B64, "wall.time", 0.004, 0.012, NAN);
    seen(A64, "wall.time", 0.014, "aa");
    seen(A64, "papi.PAPI_TOT_INS", 0.0002, "aa");
    assert_string_equal(sentence(),
                        "this gate sees 1.4 % in time (half of the points; 6 % in nine of ten) and 0.02 % in "
                        "instructions on this machine");
    check();
    says("mandelbrot/serial: time 1.4 % (at worst 6 %, 2 points), instructions 0.02 %\n");
    learn(A64, "wall.time", 0.3, NAN, NAN); /* nothing was found */
    assert_true(json_is_null(json_object_get(checked(A64, "wall.time"), "detectable")));
    check();
    says("mandelbrot/serial: time 6 % (at worst only more than a factor of 2, 2 points)");
}

static void noise_sets_thresholds(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};

    (void)state;
    night(&quiet);
    check();
    acts[0].instructions *= 1.0005;
    acts[1].time *= 1.03;
    night(&(struct night){.acts = acts, .count = 3, .binary = "cafe"});
    check();
    expect(2, A64, "papi.PAPI_TOT_INS", "same");
    expect(2, A128, "wall.time", "ambiguous");
    learn(A64, "papi.PAPI_TOT_INS", 0, 0.0002, NAN); /* a count as tight as its own noise */
    learn(A128, "wall.time", 0.035, 0.1, NAN);
    check();
    expect(2, A64, "papi.PAPI_TOT_INS", "slower");
    expect(2, A128, "wall.time", "same");
    learn(A64, "papi.PAPI_TOT_INS", 0.001, 0.004, NAN); /* and as wide */
    check();
    expect(2, A64, "papi.PAPI_TOT_INS", "same");
}

static void layout_is_not_the_code(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};

    (void)state;
    night(&quiet);
    check();
    acts[0].time *= 1.025;
    night(&(struct night){.acts = acts, .count = 3, .binary = "cafe"});
    check();
    expect(2, A64, "wall.time", "ambiguous");
    learn(A64, "wall.time", NAN, NAN, 0.01); /* two layouts are up to 2.8 % apart */
    check();
    expect(2, A64, "wall.time", "same");
    assert_int_equal(
        count("SELECT count(*) FROM verdict WHERE run = 2 AND reason LIKE '+2.5 % is within what the place of"
              " code alone does to this point on this machine (2.8 \\%)' ESCAPE '\\'"),
        1);
    /* Part of what is visible: the root of the squares of 1.4 % and 2.8 standard deviations of a difference. */
    learn(A64, "wall.time", 0.002, 0.014, NAN);
    check();
    expect(2, A64, "wall.time", "same");
    {
        json_t *item = checked(A64, "wall.time");
        double d = json_number_value(json_object_get(item, "detectable"));

        /* the threshold is the layout's: 2.8 % */
        assert_true(d > 0.045 && d < 0.052);
    }
}

/* What runs drift by themselves is no suspicion; and where it is known, less is enough for one. */
static void drift_is_no_suspicion(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};

    (void)state;
    night(&quiet);
    check();
    acts[0].time *= 1.03;
    acts[1].time *= 1.03;
    night(&(struct night){.acts = acts, .count = 3, .binary = "cafe"});
    learn_drift(A64, "wall.time", 0.001, 0.014, NAN, 0.05);
    learn_drift(A128, "wall.time", 0.001, 0.014, NAN, 0.01);
    check();
    expect(2, A64, "wall.time", "same");
    expect(2, A128, "wall.time", "ambiguous");
    assert_true(json_number_value(json_object_get(checked(A64, "wall.time"), "high")) >
                1.07); /* it is in the interval */
    assert_true(json_number_value(json_object_get(checked(A128, "wall.time"), "low")) > 1.005);
}

/* Nor is it a machine that moved: what it does every night is no news. */
static void drift_of_anchors_is_no_news(void **state)
{
    struct act acts[2] = {usual[0], {"anchor/core", "anchor", "core", .time = 1e7}};

    (void)state;
    night(&(struct night){.acts = acts, .count = 2});
    check();
    acts[1].time *= 0.97;
    night(&(struct night){.acts = acts, .count = 2, .binary = "cafe"});
    check();
    tells("the machine changed by -3.0 %");
    expect(2, A64, "wall.time", "ambiguous");
    learn_drift(A64, "wall.time", 0.001, 0.014, NAN, 0.05);
    check();
    assert_null(strstr(story, "the machine changed"));
    expect(2, A64, "wall.time", "same");
    acts[1].time *= 0.9;
    night(&(struct night){.acts = acts, .count = 2, .binary = "cafe"});
    check();
    tells("the machine changed by -12.7 %");
}

/* The newest of each counts, whichever command was the last, on whatever fingerprint. */
static void other_machines_say_nothing(void **state)
{
    const struct trust_home other = {"elsewhere", "f1", false}, scripted = {"box", "f1", true},
                            later = {"box", "f2", false};
    struct noise_row row = {.point = A64,
                            .metric = "wall.time",
                            .runs = 8,
                            .launches = 64,
                            .comparisons = 28,
                            .noise = 0.2,
                            .autocorrelation = NAN,
                            .false_alarms = 0,
                            .detectable = 0.5,
                            .layout = NAN};
    struct store *s;

    (void)state;
    night(&quiet);
    check();
    night(&quiet);
    FINE(store_open(&s, "gate.db", STORE_UPDATE, e));
    FINE(store_noise(s, &other, &row, 1, e) || store_noise(s, &scripted, &row, 1, e));
    store_close(s);
    assert_string_equal(json_string_value(json_object_get(checked(A64, "wall.time"), "detectable_from")), "estimate");
    learn(A64, "wall.time", 0.001, 0.013, NAN);
    seen(A64, "wall.time", 0.013, "aa");
    row.noise = 0.001;
    row.detectable = 0.02;
    FINE(store_open(&s, "gate.db", STORE_UPDATE, e));
    FINE(store_noise(s, &later, &row, 1, e));
    store_close(s);
    seen(A64, "wall.time", 0.02, "aa");
}

/* Fewer launches than the A/A runs had see less than those did. */
static void few_launches_see_less(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};

    (void)state;
    night(&(struct night){.acts = acts, .count = 3, .launches = 4});
    check();
    night(&(struct night){.acts = acts, .count = 3, .launches = 4});
    learn(A64, "wall.time", 0.0001, 0.001, NAN);
    assert_string_equal(json_string_value(json_object_get(checked(A64, "wall.time"), "detectable_from")), "estimate");
    seen(A64, "papi.PAPI_TOT_INS", 0.000996, "estimate");
}

static void words(void **state)
{
    struct sight list[3] = {{.words = "time"}, {.words = "instructions"}, {.words = "device time"}};
    char text[40], *all;

    (void)state;
    assert_string_equal(sight_share_words(0.0142, text, sizeof text), "1.4 %");
    assert_string_equal(sight_share_words(0.06, text, sizeof text), "6 %");
    assert_string_equal(sight_share_words(0.0002, text, sizeof text), "0.02 %");
    assert_string_equal(sight_share_words(0.0999, text, sizeof text), "10 %");
    assert_string_equal(sight_share_words(0.123, text, sizeof text), "12 %");
    assert_string_equal(sight_share_words(INFINITY, text, sizeof text), "only more than a factor of 2");
    assert_string_equal(sight_share_words(NAN, text, sizeof text), "an unknown change");
    assert_null(sight_sentence(list, 3));
    assert_true(isnan(sight_half(&list[0])));
    for (int i = 1; i <= 20; i++)
        sight_add(&list[0], i / 100.0);
    assert_true(sight_half(&list[0]) == 0.1 && sight_nine_of_ten(&list[0]) == 0.18);
    sight_add(&list[1], 0.001);
    sight_add(&list[2], 0.02);
    all = sight_sentence(list, 3);
    assert_string_equal(all,
                        "this gate sees 10 % in time (half of the points; 18 % in nine of ten), 0.1 % in instructions "
                        "and 2 % in device time on this machine");
    free(all);
    for (int i = 0; i < 3; i++)
        sight_free(&list[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(estimates_are_called_so),    TEST(measured_numbers_come_first), TEST(noise_sets_thresholds),
        TEST(layout_is_not_the_code),     TEST(drift_is_no_suspicion),       TEST(drift_of_anchors_is_no_news),
        TEST(other_machines_say_nothing), TEST(few_launches_see_less),       cmocka_unit_test(words)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    json_decref(document);
    free(story);
    buf_free(&said);
    return failed;
}
