/*
 * Comparisons: silent where nothing changed, awake where something did, exact where a table exists.
 *
 * Everything is simulated from fixed seeds: no clock, no luck.
 */
#include "../../reports/analysis/compare.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct compare_options defaults = {
    .min_effect = 0.01, .min_effect_deterministic = 0.001, .min_launches = 8, .false_discovery = 0.05, .seed = 1};

static double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* Launch medians of a machine with a share `noise` of jitter, now and then disturbed upwards as real time is. */
static void simulate(double *x, size_t n, double level, double noise, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = level * (1 + noise * gaussian(seed));
        if (uniform(seed) < 0.03)
            x[i] *= 1 + 0.3 * uniform(seed);
    }
}

static struct compare_side side(const double *x, size_t n)
{
    return (struct compare_side){x, n};
}

static double p_of(const double *b, size_t nb, const double *c, size_t nc)
{
    struct comparison r;

    compare_time(side(b, nb), side(c, nc), true, &defaults, &r);
    return r.p;
}

/* Values of the published tables: two-sided p = 2 / C(16, 8) for full separation, and U = 2 for 3 against 5. */
static void rank_test_is_exact(void **state)
{
    double low[8] = {1, 2, 3, 4, 5, 6, 7, 8}, high[8] = {11, 12, 13, 14, 15, 16, 17, 18};
    double three[3] = {1, 2, 5}, five[5] = {3, 4, 6, 7, 8};

    (void)state;
    assert_true(fabs(p_of(low, 8, high, 8) - 2.0 / 12870) < 1e-12);
    assert_true(fabs(p_of(high, 8, low, 8) - 2.0 / 12870) < 1e-12);
    /* Of the 56 choices of 3 ranks, 1+1+2 have U <= 2 on either side. */
    assert_true(fabs(p_of(three, 3, five, 5) - 8.0 / 56) < 1e-12);
}

static void ties_are_counted_right(void **state)
{
    double same[8] = {5, 5, 5, 5, 5, 5, 5, 5}, b[4] = {1, 1, 2, 2}, c[4] = {2, 2, 3, 3};
    double many_b[40], many_c[40];
    uint64_t seed = 5;

    (void)state;
    assert_true(p_of(same, 8, same, 8) == 1);
    /* Enumerated by hand: 12 of the 70 choices lie as far out as {2,2,3,3}: both 3s with two of the four 2s, and the mirror. */
    assert_true(fabs(p_of(b, 4, c, 4) - 12.0 / 70) < 1e-12);
    /* The normal form used for many launches must agree with itself on ties: rounded values, no difference. */
    for (int i = 0; i < 40; i++) {
        many_b[i] = 10 + floor(3 * uniform(&seed));
        many_c[i] = 10 + floor(3 * uniform(&seed));
    }
    assert_true(p_of(many_b, 40, many_c, 40) > 0.05);
    for (int i = 0; i < 40; i++)
        many_c[i] += 2;
    assert_true(p_of(many_b, 40, many_c, 40) < 1e-6);
}

/* 1000 comparisons of a machine with itself at each of three noise levels: fewer false alarms than promised. */
static void nothing_changed_is_silent(void **state)
{
    const double noise[] = {0.001, 0.02, 0.1};
    uint64_t seed = 42;

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        int alarms = 0;

        for (int i = 0; i < 1000; i++) {
            double b[8], c[8];
            struct comparison r;

            simulate(b, 8, 1000, noise[k], &seed);
            simulate(c, 8, 1000, noise[k], &seed);
            compare_time(side(b, 8), side(c, 8), true, &defaults, &r);
            alarms += r.verdict != COMPARE_SAME;
        }
        assert_true(alarms < 1000 * 0.05);
    }
}

/* The share of gates of 100 unchanged points that raise any alarm stays below q. */
static void whole_gates_are_silent(void **state)
{
    static struct comparison list[100];
    uint64_t seed = 7;
    int red = 0;

    (void)state;
    for (int gate = 0; gate < 30; gate++) {
        int alarms = 0;

        for (int i = 0; i < 100; i++) {
            double b[8], c[8];

            simulate(b, 8, 50, 0.03, &seed);
            simulate(c, 8, 50, 0.03, &seed);
            compare_time(side(b, 8), side(c, 8), true, &defaults, &list[i]);
        }
        compare_control(list, 100, 0.05);
        for (int i = 0; i < 100; i++)
            alarms += list[i].verdict != COMPARE_SAME;
        red += alarms > 0;
    }
    assert_true(red <= 3);
}

static void planted_effects_are_found(void **state)
{
    static struct comparison list[100];
    uint64_t seed = 11;
    int found = 0, wrong_way = 0, false_alarms = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        double b[8], c[8];

        simulate(b, 8, 50, 0.005, &seed);
        simulate(c, 8, i < 20 ? 52.5 : i < 40 ? 47.5 : 50, 0.005, &seed);
        compare_time(side(b, 8), side(c, 8), true, &defaults, &list[i]);
    }
    compare_control(list, 100, 0.05);
    for (int i = 0; i < 100; i++) {
        enum compare_verdict want = i < 20 ? COMPARE_SLOWER : i < 40 ? COMPARE_FASTER : COMPARE_SAME;

        found += i < 40 && list[i].verdict == want;
        wrong_way += i < 40 && list[i].verdict != want && list[i].verdict != COMPARE_SAME;
        false_alarms += i >= 40 && list[i].verdict != COMPARE_SAME;
    }
    assert_true(found >= 38);
    assert_int_equal(wrong_way, 0);
    assert_true(false_alarms <= 2);
}

static void interval_covers_the_truth(void **state)
{
    uint64_t seed = 3;
    int covered = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        double b[12], c[12];
        struct comparison r;

        for (int k = 0; k < 12; k++) {
            b[k] = 100 * (1 + 0.01 * gaussian(&seed));
            c[k] = 120 * (1 + 0.01 * gaussian(&seed));
        }
        compare_time(side(b, 12), side(c, 12), true, &defaults, &r);
        covered += r.low <= 1.2 && 1.2 <= r.high;
    }
    assert_true(covered > 900 && covered < 1000);
}

static void time_needs_eight_launches(void **state)
{
    double b[8] = {10, 10, 10, 10, 10, 10, 10, 10}, c[8] = {20, 20, 20, 20, 20, 20, 20, 20};
    struct comparison r;

    (void)state;
    compare_time(side(b, 8), side(c, 7), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_AMBIGUOUS);
    assert_true(r.ratio == 2);
    compare_time(side(b, 1), side(c, 8), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_AMBIGUOUS);
    compare_time(side(b, 8), side(c, 8), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER);
    compare_time(side(b, 8), side(c, 8), false, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_FASTER);
}

static void missing_values_are_no_launches(void **state)
{
    double b[8] = {10, 10, 10, 10, 10, 10, 10, 10}, c[9] = {20, NAN, 20, 20, 20, 20, 20, 20, NAN}, none[2] = {NAN, NAN};
    struct comparison r;

    (void)state;
    compare_time(side(b, 8), side(c, 9), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_AMBIGUOUS); /* seven are left */
    compare_time(side(none, 2), side(c, 9), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_NEW);
    compare_time(side(b, 8), side(none, 2), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_INCOMPARABLE);
    assert_true(isnan(r.ratio));
    compare_deterministic(side(NULL, 0), side(c, 9), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_NEW);
    compare_deterministic(side(b, 8), side(none, 2), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_INCOMPARABLE);
}

static void small_time_effects_do_not_count(void **state)
{
    double b[8] = {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007}, c[8];
    struct compare_options strict = defaults;
    struct comparison r;

    (void)state;
    for (int i = 0; i < 8; i++)
        c[i] = 1.009 * b[i];
    compare_time(side(b, 8), side(c, 8), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SAME);
    assert_true(r.p < 0.001);
    strict.min_effect = 0.005;
    compare_time(side(b, 8), side(c, 8), true, &strict, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER);
}

static void counts_decide_to_a_tenth_of_a_percent(void **state)
{
    double b = 1000000, up = 1002000, hair = 1000900, down = 998000, zero = 0;
    double noisy[8] = {100, 101, 99, 103, 97, 100, 102, 98}, moved[8] = {102, 103, 101, 105, 99, 102, 104, 100};
    double disturbed[8] = {100, 100, 100, 100, 100, 100, 100, 150}, risen[8] = {103, 103, 103, 103, 103, 103, 103, 103};
    struct comparison r;

    (void)state;
    compare_deterministic(side(&b, 1), side(&up, 1), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER);
    compare_deterministic(side(&b, 1), side(&hair, 1), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SAME);
    compare_deterministic(side(&b, 1), side(&down, 1), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_FASTER);
    compare_deterministic(side(&b, 1), side(&down, 1), false, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER);
    compare_deterministic(side(noisy, 8), side(moved, 8), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SAME); /* 2 % is inside what the sides do by themselves */
    compare_deterministic(side(disturbed, 8), side(risen, 8), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER); /* one disturbed launch hides nothing */
    compare_deterministic(side(&zero, 1), side(&zero, 1), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SAME);
    compare_deterministic(side(&zero, 1), side(&b, 1), true, &defaults, &r);
    assert_int_equal(r.verdict, COMPARE_SLOWER);
}

static enum compare_verdict few(double ratio, double jitter, size_t n)
{
    double b[7], c[7];
    struct comparison r;

    for (size_t i = 0; i < n; i++) {
        b[i] = 100 * (i % 2 ? 1 + jitter : 1 - jitter);
        c[i] = ratio * b[i];
    }
    compare_time(side(b, n), side(c, n), true, &defaults, &r);
    return r.verdict;
}

/* Too few launches never say that something moved; that nothing did only if their whole interval says so. */
static void few_launches_say_same_or_nothing(void **state)
{
    (void)state;
    assert_int_equal(few(1.0, 0.001, 7), COMPARE_SAME);
    assert_int_equal(few(1.004, 0.001, 2), COMPARE_SAME);
    assert_int_equal(few(1.009, 0.001, 2), COMPARE_AMBIGUOUS); /* up to 1.1 % */
    assert_int_equal(few(1.0, 0.01, 2), COMPARE_AMBIGUOUS);    /* 2 % apart among themselves */
    assert_int_equal(few(1.2, 0.001, 7), COMPARE_AMBIGUOUS);
    assert_int_equal(few(1.0, 0, 1), COMPARE_AMBIGUOUS); /* one launch has no interval */
}

static bool ranges(const double *b, size_t nb, const double *c, size_t nc, enum compare_verdict wanted)
{
    struct comparison r;
    bool firm = compare_ranges(side(b, nb), side(c, nc), true, &defaults, &r);

    assert_int_equal(r.verdict, wanted);
    return firm;
}

static void ranges_that_overlap_are_the_same(void **state)
{
    const double b[9] = {100, 100.1, 100.2, 100.3, 100, 100, 100, 100, 100};
    const double over[9] = {100.3, 101, 102, 103, 101, 101, 101, 101, 101};
    const double near[9] = {100.5, 100.6, 100.7, 100.8, 100.5, 100.5, 100.5, 100.5, 100.5};
    const double far[5] = {101, 101.1, 101, 101, 101.2}, tiny[5] = {100.05, 100.05, 100.05, 100.05, 100.05};
    const double still[5] = {100, 100, 100, 100, 100};

    (void)state;
    assert_true(ranges(b, 4, over, 4, COMPARE_SAME));
    assert_false(ranges(b, 4, near, 4, COMPARE_SLOWER)); /* apart, by less than they spread: more launches may tell */
    assert_true(ranges(b, 8, near, 8, COMPARE_SLOWER));
    assert_true(ranges(b, 4, far, 4, COMPARE_SLOWER));
    assert_true(ranges(far, 4, b, 4, COMPARE_FASTER));
    assert_true(ranges(still, 5, tiny, 5, COMPARE_SAME)); /* less than a tenth of a percent */
    /* One launch is taken to spread as the others do. */
    assert_true(ranges(b, 1, near, 4, COMPARE_SLOWER));
    assert_true(ranges(b + 3, 1, near, 4, COMPARE_SAME));
    assert_true(ranges(still, 1, far + 2, 2, COMPARE_SLOWER) == false);
    assert_false(ranges(b, 0, far, 4, COMPARE_INCOMPARABLE));
}

/* Counts of threads that vary by 0.2 %: one launch a side is red every other night, up to eight more are not. */
static void counts_that_vary_raise_no_alarm(void **state)
{
    uint64_t seed = 5;
    int alarms = 0, suspects = 0;

    (void)state;
    for (int night = 0; night < 5000; night++) {
        double b[9], c[9];
        struct comparison r;

        for (int i = 0; i < 9; i++) {
            b[i] = 3.6e5 * (1 + 0.002 * gaussian(&seed));
            c[i] = 3.6e5 * (1 + 0.002 * gaussian(&seed));
        }
        compare_deterministic(side(b, 1), side(c, 1), true, &defaults, &r);
        suspects += r.verdict != COMPARE_SAME;
        for (size_t n = 5; r.verdict != COMPARE_SAME && n <= 9; n++) {
            if (compare_ranges(side(b, n), side(c, n), true, &defaults, &r))
                break;
        }
        alarms += r.verdict != COMPARE_SAME;
    }
    assert_true(suspects > 2500);
    assert_true(alarms <= 5);
}

static void control_leaves_untested_alone(void **state)
{
    struct comparison list[5] = {{.p = 0.04, .verdict = COMPARE_SLOWER},
                                 {.p = 0.9, .verdict = COMPARE_SAME},
                                 {.p = 0.001, .verdict = COMPARE_FASTER},
                                 {.p = 0.2, .verdict = COMPARE_AMBIGUOUS},
                                 {.p = 1, .verdict = COMPARE_NEW}};

    (void)state;
    compare_control(list, 5, 0.05);
    assert_int_equal(list[0].verdict, COMPARE_SAME); /* 0.04 > 0.05 * 2 / 3 */
    assert_int_equal(list[1].verdict, COMPARE_SAME);
    assert_int_equal(list[2].verdict, COMPARE_FASTER);
    assert_int_equal(list[3].verdict, COMPARE_AMBIGUOUS);
    assert_int_equal(list[4].verdict, COMPARE_NEW);
    compare_control(list, 0, 0.05);
}

static void same_seed_same_answer(void **state)
{
    double b[9], c[9];
    struct comparison r, again;
    uint64_t seed = 9;

    (void)state;
    simulate(b, 9, 10, 0.05, &seed);
    simulate(c, 9, 11, 0.05, &seed);
    compare_time(side(b, 9), side(c, 9), true, &defaults, &r);
    compare_time(side(b, 9), side(c, 9), true, &defaults, &again);
    assert_memory_equal(&r, &again, offsetof(struct comparison, verdict));
    assert_int_equal(r.verdict, again.verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_test_is_exact),
        cmocka_unit_test(ties_are_counted_right),
        cmocka_unit_test(nothing_changed_is_silent),
        cmocka_unit_test(whole_gates_are_silent),
        cmocka_unit_test(planted_effects_are_found),
        cmocka_unit_test(interval_covers_the_truth),
        cmocka_unit_test(time_needs_eight_launches),
        cmocka_unit_test(missing_values_are_no_launches),
        cmocka_unit_test(small_time_effects_do_not_count),
        cmocka_unit_test(counts_decide_to_a_tenth_of_a_percent),
        cmocka_unit_test(few_launches_say_same_or_nothing),
        cmocka_unit_test(ranges_that_overlap_are_the_same),
        cmocka_unit_test(counts_that_vary_raise_no_alarm),
        cmocka_unit_test(control_leaves_untested_alone),
        cmocka_unit_test(same_seed_same_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
