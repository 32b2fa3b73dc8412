/* The test of tie-points: what it must find, what it must leave alone, and how often it is wrong about passes that are sound. */
#include "../../harness/tie_points.h"
#include "../../harness/base/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>

#define EXACT_LEAST 0.00025 /* as counts of instructions are tested */
#define MOST 0.02

static struct tie_pass plain(double median)
{
    return (struct tie_pass){.median = median};
}

static void medians_and_spreads(void **state)
{
    const double values[] = {100, 101, 99, 100, 500};
    struct tie_pass p = tie_pass_of(values, 5);

    (void)state;
    assert_float_equal(p.median, 100, 0);
    assert_float_equal(p.spread, 0.014826, 1e-9); /* the wild one widens nothing */
    assert_true(isnan(tie_pass_of(values, 0).median));
    assert_float_equal(tie_pass_of((const double[]){0, 0}, 2).spread, 0, 0);
}

static void the_one_that_differs_is_found(void **state)
{
    struct tie_pass p[] = {plain(1.19e6), plain(1.2281e6), plain(1.19e6), plain(1.1901e6)};
    double limit;

    (void)state;
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 1);
    assert_true(p[1].differs && !p[0].differs && !p[2].differs && !p[3].differs);
    assert_float_equal(p[1].off, 0.032, 1e-3);
    assert_float_equal(p[1].others, 1.19e6, 1);
    assert_true(limit > 0.001 && limit < 0.002);
    p[1].median = 1.1e6;
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 1);
    assert_true(p[1].off < -0.07);
}

static void of_two_nobody_knows(void **state)
{
    struct tie_pass p[] = {plain(100), plain(103)};
    double limit;

    (void)state;
    assert_int_equal(tie_points_test(p, 2, NAN, EXACT_LEAST, MOST, &limit), 2);
    assert_float_equal(p[0].off, 100.0 / 103 - 1, 1e-6);
    assert_float_equal(p[1].off, 0.03, 1e-6);
    p[1].median = 100.1;
    assert_int_equal(tie_points_test(p, 2, NAN, EXACT_LEAST, MOST, &limit), 0);
}

static void restless_programs_are_left_alone(void **state)
{
    struct tie_pass p[] = {plain(100), plain(103), plain(97), plain(101)};
    double limit;

    (void)state;
    /* they differ among each other as much as the farthest does */
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 0);
    /* but no program differs as much as these */
    for (int i = 0; i < 4; i++)
        p[i] = plain(100 * (i + 1));
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 4);
    assert_float_equal(p[3].others, 200, 1e-6);
    /* their repetitions do */
    for (int i = 0; i < 4; i++)
        p[i] = (struct tie_pass){.median = i == 1 ? 103 : 100, .spread = 0.02};
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 0);
    for (int i = 0; i < 4; i++)
        p[i].spread = 0.0001;
    assert_int_equal(tie_points_test(p, 4, NAN, EXACT_LEAST, MOST, &limit), 1);
    /* runs of the plan against itself know better than any estimate, in both directions */
    assert_int_equal(tie_points_test(p, 4, 0.02, EXACT_LEAST, MOST, &limit), 0);
    assert_false(p[1].differs);
    for (int i = 0; i < 4; i++)
        p[i].spread = 0.02;
    assert_int_equal(tie_points_test(p, 4, 0.0005, EXACT_LEAST, MOST, &limit), 1);
}

static void nothing_to_compare(void **state)
{
    struct tie_pass p[] = {plain(100), plain(0), plain(0)};
    double limit = 1;

    (void)state;
    assert_int_equal(tie_points_test(p, 0, NAN, EXACT_LEAST, MOST, &limit), 0);
    assert_true(isnan(limit));
    assert_int_equal(tie_points_test(p, 1, NAN, EXACT_LEAST, MOST, &limit), 0);
    assert_int_equal(tie_points_test(p, 3, NAN, EXACT_LEAST, MOST, &limit), 0); /* shares of nothing are none */
    assert_int_equal(tie_points_test(p, 2, NAN, EXACT_LEAST, MOST, &limit), 2); /* one of them stood still */
}

static double normal(uint64_t *seed)
{
    double u = ((double)(stats_random(seed) >> 11) + 1) / 9007199254740993.0;
    double v = (double)(stats_random(seed) >> 11) / 9007199254740992.0;

    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* Points whose passes are sound: launches differ by 1 %, repetitions inside a launch by `inside`. How many are doubted. */
static int doubted(size_t passes, double noise, double inside, double planted)
{
    struct tie_pass p[8];
    uint64_t seed = 7;
    double limit, values[11];
    int hits = 0;

    for (int trial = 0; trial < 10000; trial++) {
        for (size_t i = 0; i < passes; i++) {
            double launch = 1e6 * (1 + 0.01 * normal(&seed)) * (i ? 1 : 1 + planted);

            for (int r = 0; r < 11; r++)
                values[r] = launch * (1 + inside * normal(&seed));
            p[i] = tie_pass_of(values, 11);
        }
        hits += tie_points_test(p, passes, noise, EXACT_LEAST, MOST, &limit) > 0;
    }
    return hits;
}

static void seldom_wrong_about_sound_ones(void **state)
{
    (void)state;
    /* with known noise: at most 1 point in 1,000, whatever the number of passes */
    for (size_t passes = 2; passes <= 8; passes++)
        assert_in_range(doubted(passes, 0.01, 0.001, 0), 0, 10);
    /* with repetitions as restless as launches, noise unknown: likewise */
    for (size_t passes = 2; passes <= 8; passes++)
        assert_in_range(doubted(passes, NAN, 0.012, 0), 0, 40);
    /* and a pass that is off by eight standard deviations is seen nearly always */
    for (size_t passes = 3; passes <= 8; passes++)
        assert_in_range(doubted(passes, 0.01, 0.001, 0.08), 9500, 10000);
}

static void two_passes_of_threads_know_nothing(void **state)
{
    struct tie_pass p[2] = {{.median = 1000000}, {.median = 1003000}}; /* each steady in itself */
    double limit;

    (void)state;
    assert_true(tie_points_blind(2, true, 1));
    assert_true(tie_points_blind(2, false, 4));
    assert_false(tie_points_blind(2, false, 1));
    assert_false(tie_points_blind(3, false, 4));
    assert_int_equal(tie_points_test(p, 2, NAN, EXACT_LEAST, MOST, &limit), 2);
    assert_int_equal(tie_points_test(p, 2, NAN, MOST, MOST, &limit), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_and_spreads),
        cmocka_unit_test(the_one_that_differs_is_found),
        cmocka_unit_test(of_two_nobody_knows),
        cmocka_unit_test(restless_programs_are_left_alone),
        cmocka_unit_test(two_passes_of_threads_know_nothing),
        cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(seldom_wrong_about_sound_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
