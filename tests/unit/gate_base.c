/* Which runs before a check are its baseline: the newest ones of the present level, or the best. */
#include "history_fixture.h"

#include "../../harness/gate_base.h"

#define POINT "triad/serial:size=64"

static char point_text[] = POINT, kernel[] = "triad", variant[] = "serial", metrics[] = "wall.time", box[] = "box",
            main_branch[] = "main";

/* The last run is what is checked. */
struct check {
    struct gate_point point;
    struct gate g;
    struct gate_choices choices;
};

static void begin(struct check *k, struct store *s, int64_t last)
{
    *k = (struct check){.point = {.text = point_text, .kernel = kernel, .variant = variant}};
    k->g.store = s;
    k->g.metrics_glob = metrics;
    k->g.candidate = (struct gate_side){
        .run = last, .machine = box, .branch = main_branch, .started = 1000000, .points = &k->point, .point_count = 1};
    FINE(gate_metrics_load(&k->g, e));
}

static void end(struct check *k)
{
    for (size_t i = 0; i < k->g.metric_count; i++) {
        free(k->g.metrics[i].name);
        free(k->g.metrics[i].unit);
    }
    free(k->g.metrics);
    gate_choices_free(&k->choices);
}

/* The runs that are chosen, newest first: "3 2 1". */
static const char *chosen(struct check *k, size_t window)
{
    static char text[200];
    const struct gate_choice *c;
    size_t length = 0;

    gate_choices_free(&k->choices);
    FINE(gate_choices_load(&k->g, window, &k->choices, e));
    c = gate_choice_find(&k->choices, POINT, "wall.time");
    *text = '\0';
    for (size_t i = 0; c && i < c->run_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%d", i ? " " : "", (int)c->runs[i]);
    return text;
}

static int64_t run_of(struct store *s, double value)
{
    return add_run(s, &(struct how){.whole = true, .value = value});
}

static void the_newest_runs_of_a_level(void **state)
{
    struct store *s = fresh();
    struct check k;

    (void)state;
    for (int i = 0; i < 6; i++)
        run_of(s, 100 + i % 3);
    begin(&k, s, run_of(s, 100));
    assert_string_equal(chosen(&k, 3), "6 5 4"); /* not what is checked itself */
    assert_string_equal(chosen(&k, 1), "6");
    assert_string_equal(chosen(&k, 100), "6 5 4 3 2 1");
    end(&k);
    store_close(s);
}

static void what_is_no_part_of_it(void **state)
{
    struct store *s = fresh();
    struct check k;
    int64_t last;

    (void)state;
    run_of(s, 100);
    run_of(s, 100);
    add_run(s, &(struct how){.whole = true, .value = 100, .dirty = true});
    add_run(s, &(struct how){.whole = true, .value = 100, .suspect = true});
    add_run(s, &(struct how){.whole = true, .value = 100, .branch = "work"});
    add_run(s, &(struct how){.whole = true, .value = 100, .machine = "other"});
    add_run(s, &(struct how){.whole = true, .value = 100, .scripted = true});
    add_run(s, &(struct how){.whole = false, .value = 100});
    last = run_of(s, 100);
    begin(&k, s, last);
    assert_string_equal(chosen(&k, 10), "2 1");
    k.g.candidate.dirty = true; /* what is built by hand may be compared with its like */
    assert_string_equal(chosen(&k, 10), "3 2 1");
    k.g.candidate.scripted = true; /* beside real runs it has no history */
    assert_string_equal(chosen(&k, 10), "");
    end(&k);
    store_close(s);
}

static void another_version_begins_anew(void **state)
{
    struct store *s = fresh();
    struct check k;

    (void)state;
    for (int i = 0; i < 3; i++)
        run_of(s, 100);
    for (int i = 0; i < 3; i++)
        add_run(s, &(struct how){.whole = true, .value = 100, .version = "2"});
    begin(&k, s, add_run(s, &(struct how){.whole = true, .value = 100, .version = "2"}));
    assert_string_equal(chosen(&k, 10), "6 5 4");
    end(&k);
    store_close(s);
}

/* One lucky night is not the best: the best of three in a row, by their middle. */
static void the_best(void **state)
{
    static const double values[] = {110, 90, 111, 112, 95, 96, 97, 105, 106, 104};
    struct store *s = fresh();
    struct check k;
    int64_t last = 0;

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        last = run_of(s, values[i]);
    begin(&k, s, last);
    assert_string_equal(chosen(&k, 0), "6");
    k.g.candidate.run = 3;
    assert_string_equal(chosen(&k, 0), "2"); /* of two the better one */
    end(&k);
    store_close(s);
}

/* Another variant's point is the one that has as many axes in common, and none with another value. */
static void another_variant_of_the_run(void **state)
{
    char a[] = "k/a:m=5,n=1,threads=2", far[] = "k/b:m=5,n=2", near[] = "k/b:n=1", nearest[] = "k/b:m=5,n=1", k[] = "k",
         va[] = "a", vb[] = "b";
    struct gate_point points[] = {{.text = a, .kernel = k, .variant = va},
                                  {.text = far, .kernel = k, .variant = vb},
                                  {.text = near, .kernel = k, .variant = vb},
                                  {.text = nearest, .kernel = k, .variant = vb}};
    struct gate_options options = {.baseline = "variant:b"};
    struct gate g = {.options = &options, .candidate = {.points = points, .point_count = 4}};
    struct gate_reference r;

    (void)state;
    FINE(gate_base_open(&g, e));
    FINE(gate_base_find(&g, &points[0], "wall.time", &r, e));
    assert_string_equal(r.point, nearest);
    g.candidate.point_count = 3;
    FINE(gate_base_find(&g, &points[0], "wall.time", &r, e));
    assert_string_equal(r.point, near);
    g.candidate.point_count = 2;
    FINE(gate_base_find(&g, &points[0], "wall.time", &r, e));
    assert_null(r.side);
    FINE(gate_base_find(&g, &points[1], "wall.time", &r, e));
    assert_null(r.side); /* it is that variant */
    gate_base_free(&g);
}

static void windows_have_a_width(void **state)
{
    static const char *const bad[] = {"window:",   "window:0",  "window:1001",
                                      "window:-1", "window:3x", "window:99999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct gate_options options = {.baseline = bad[i]};
        struct gate g = {.options = &options};

        REFUSED(gate_base_open(&g, e), CM_USAGE, "write a number of runs from 1 to 1000");
        gate_base_free(&g);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_newest_runs_of_a_level),        IN_FOLDER(what_is_no_part_of_it),
        IN_FOLDER(another_version_begins_anew),       IN_FOLDER(the_best),
        cmocka_unit_test(another_variant_of_the_run), cmocka_unit_test(windows_have_a_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
