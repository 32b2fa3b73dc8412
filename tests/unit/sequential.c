/* Ranks and looks: what they promise, against what enumeration and simulation say. Fixed seeds: no clock, no luck. */
#include "../../reports/analysis/sequential.h"
#include "../../harness/base/stats.h"
#include "../../reports/analysis/compare.h"
#include "../../reports/analysis/rank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

static void simulate(double *x, size_t n, double level, double noise, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = level * exp(noise * gaussian(seed));
}

static void distribution_is_that_of_all_orders(void **state)
{
    double share[64 + 1], sum = 0;

    (void)state;
    /* The 10 orders of 3 and 2 launches have 0 1 2 2 3 3 4 4 5 6 ratios below 1. */
    rank_distribution(3, 2, share);
    for (int u = 0; u <= 6; u++)
        assert_true(fabs(share[u] - (const double[]){1, 1, 2, 2, 2, 1, 1}[u] / 10) < 1e-15);
    rank_distribution(8, 8, share);
    assert_true(fabs(share[0] - 1.0 / 12870) < 1e-15);
    for (int u = 0; u <= 13; u++)
        sum += share[u];
    assert_true(sum <= 0.025 && sum + share[14] > 0.025); /* the table of Mann and Whitney: 13 */
}

/* Never "no change" beside an interval that knows one: not even with ties, or with a drift. */
static void interval_and_test_agree(void **state)
{
    const double drifts[] = {0, 0.01};
    uint64_t seed = 4;
    int significant = 0;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        double b[12], c[12], level = 1 + 0.02 * uniform(&seed);
        size_t n = 8 + stats_random(&seed) % 5;
        struct rank_result r;

        simulate(b, n, 100, 0.01, &seed);
        simulate(c, n, 100 * level, 0.01, &seed);
        for (size_t k = 0; k < n && i % 2; k++) { /* a coarse clock */
            b[k] = round(b[k]);
            c[k] = round(c[k]);
        }
        rank_compare(b, n, c, n, drifts[i / 2 % 2], &r);
        assert_true((r.low < 1 && r.high > 1) == (r.p > RANK_LEVEL));
        assert_true(r.low <= r.ratio && r.ratio <= r.high);
        significant += r.p <= RANK_LEVEL;
    }
    assert_true(significant > 500 && significant < 3500);
}

static void both_directions_are_alike(void **state)
{
    double b[8], c[8];
    uint64_t seed = 8;
    struct rank_result there, back;

    (void)state;
    simulate(b, 8, 10, 0.02, &seed);
    simulate(c, 8, 11, 0.02, &seed);
    rank_compare(b, 8, c, 8, 0.01, &there);
    rank_compare(c, 8, b, 8, 0.01, &back);
    assert_true(fabs(there.ratio * back.ratio - 1) < 1e-12);
    assert_true(fabs(there.low * back.high - 1) < 1e-12 && fabs(there.high * back.low - 1) < 1e-12);
    assert_true(there.p == back.p);
}

static void drift_is_what_runs_differ_by(void **state)
{
    static double values[40][8];
    struct compare_side runs[40];
    uint64_t seed = 3;
    int misses = 0;
    double drift;

    (void)state;
    for (int r = 0; r < 40; r++) {
        simulate(values[r], 8, 100 * exp(0.03 * gaussian(&seed)), 0.005, &seed);
        runs[r] = (struct compare_side){values[r], 8};
    }
    drift = compare_drift(runs, 40);
    assert_true(drift > 0.05 && drift < 0.13); /* two sides of 3 %, each 2 deviations at most */
    for (int i = 1; i < 40; i++) {
        struct rank_result r;

        rank_compare(values[i - 1], 8, values[i], 8, drift, &r);
        misses += r.low > 1 || r.high < 1;
    }
    assert_true(misses <= 5);
    assert_true(isnan(compare_drift(runs, 1)));
}

static void turns_are_balanced_and_shuffled(void **state)
{
    uint64_t seed = 1;
    size_t first = 0, launches = 0;

    (void)state;
    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        for (int i = 0; i < 200; i++) {
            bool turns[2 * SEQUENTIAL_MOST];
            size_t n = sequential_turns(look, turns, &seed), new = 0;

            for (size_t k = 0; k < n; k++)
                new += turns[k];
            assert_int_equal(2 * new, n);
            assert_int_equal(n / 2, sequential_launches(look + 1) - sequential_launches(look));
            first += turns[0];
            launches += n / 2;
        }
    }
    assert_true(first > 800 && first < 1000);
    assert_int_equal(launches, 200 * SEQUENTIAL_MOST);
    assert_int_equal(sequential_launches(0), 0);
    assert_int_equal(sequential_launches(SEQUENTIAL_LOOKS), SEQUENTIAL_MOST);
}

/* All looks together are wrong in 5 %, whatever the noise; p is what it says at any level; and 1 is outside where p is small. */
static void looks_together_keep_their_promise(void **state)
{
    uint64_t seed = 12;
    int wrong = 0, very = 0;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        double old[SEQUENTIAL_MOST], now[SEQUENTIAL_MOST];
        struct sequential s;

        simulate(old, SEQUENTIAL_MOST, 10, 0.05, &seed);
        simulate(now, SEQUENTIAL_MOST, 10, 0.05, &seed);
        sequential_compare(old, now, SEQUENTIAL_MOST, &s);
        assert_int_equal(s.looks, SEQUENTIAL_LOOKS);
        assert_true((s.low > 1 || s.high < 1) == (s.p <= 0.05));
        wrong += s.p <= 0.05;
        very += s.p <= 0.01;
    }
    assert_true(wrong > 65 && wrong < 135); /* 100, give or take 10 */
    assert_true(very > 6 && very < 36);
}

/* Which signs three differences may have, and the averages of two of them that are then negative. */
static void signed_ranks_are_those_of_all_signs(void **state)
{
    double share[6 + 1], sum = 0;

    (void)state;
    rank_signed_distribution(3, share);
    for (int u = 0; u <= 6; u++)
        assert_true(share[u] == (u == 3 ? 2.0 : 1.0) / 8);
    {
        double ten[55 + 1];

        rank_signed_distribution(10, ten);
        for (int u = 0; u <= 8; u++)
            sum += ten[u];
        assert_true(sum <= 0.025 && sum + ten[9] > 0.025); /* Wilcoxon's table: 8 */
    }
}

/* Noise that is slower than a pair hides nothing: 5 % of it, and a change of 2 %. */
static void pairs_see_through_slow_noise(void **state)
{
    uint64_t seed = 21;
    int found = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        double old[SEQUENTIAL_MOST], now[SEQUENTIAL_MOST], slow = gaussian(&seed);
        struct sequential s;

        for (int k = 0; k < SEQUENTIAL_MOST; k++) {
            slow = 0.9 * slow + sqrt(1 - 0.81) * gaussian(&seed);
            old[k] = exp(0.05 * slow + 0.01 * gaussian(&seed));
            now[k] = 1.02 * exp(0.05 * slow + 0.01 * gaussian(&seed));
        }
        sequential_compare(old, now, sequential_launches(5), &s);
        assert_true(s.noise > 0.002 && s.noise < 0.025);
        found += s.p <= 0.05;
    }
    assert_true(found >= 90);
}

/* What a slow machine does between blocks is in no ratio. */
static void blocks_do_not_mix(void **state)
{
    double old[SEQUENTIAL_MOST], now[SEQUENTIAL_MOST];
    uint64_t seed = 5;
    struct sequential s;

    (void)state;
    simulate(old, SEQUENTIAL_MOST, 10, 0.002, &seed);
    simulate(now, SEQUENTIAL_MOST, 10.3, 0.002, &seed);
    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        for (size_t i = sequential_launches(look); i < sequential_launches(look + 1); i++) {
            old[i] *= 1 + (double)look;
            now[i] *= 1 + (double)look;
        }
    }
    sequential_compare(old, now, SEQUENTIAL_MOST, &s);
    assert_true(s.low > 1.025 && s.high < 1.035 && s.p < 1e-6);
    /* What does not fill a block waits for the next one. */
    sequential_compare(old, now, sequential_launches(2) - 1, &s);
    assert_int_equal(s.looks, 1);
    sequential_compare(old, now, 1, &s);
    assert_int_equal(s.looks, 0);
    assert_true(isnan(s.ratio) && s.p == 1);
    assert_int_equal(sequential_answer(&s, 0.01, 0.05), SEQUENTIAL_NOT_YET);
}

static void nothing_moves_at_all(void **state)
{
    double still[SEQUENTIAL_MOST], more[SEQUENTIAL_MOST], zero[SEQUENTIAL_MOST] = {0};
    struct sequential s;

    (void)state;
    for (int i = 0; i < SEQUENTIAL_MOST; i++) {
        still[i] = 5;
        more[i] = 6;
    }
    sequential_compare(still, still, 5, &s);
    assert_true(s.p == 1 && s.ratio == 1 && s.low == 1 && s.high == 1);
    assert_int_equal(sequential_answer(&s, 0.01, 0.05), SEQUENTIAL_SAME);
    sequential_compare(still, more, 5, &s);
    assert_int_equal(sequential_answer(&s, 0.01, 0.05), SEQUENTIAL_DIFFERENT);
    assert_int_equal(sequential_answer(&s, 0.3, 0.05), SEQUENTIAL_SLIGHT);
    sequential_compare(zero, zero, 5, &s);
    assert_true(s.ratio == 1);
    sequential_compare(zero, still, 5, &s);
    assert_true(isinf(s.ratio));
}

static void answers_tell_significant_from_relevant(void **state)
{
    static const struct {
        double low, ratio, high, p;
        size_t looks;
        enum sequential_answer answer;
    } rows[] = {
        {0.995, 1.001, 1.005, 0.7, 2, SEQUENTIAL_SAME},
        {0.985, 1.001, 1.005, 0.7, 2, SEQUENTIAL_NOT_YET},
        {0.985, 1.001, 1.005, 0.7, SEQUENTIAL_LOOKS, SEQUENTIAL_NOT_YET},
        {1.001, 1.004, 1.008, 0.01, 2, SEQUENTIAL_SLIGHT},
        {1.001, 1.008, 1.02, 0.01, 2, SEQUENTIAL_NOT_YET}, /* whether it counts is open */
        {1.001, 1.008, 1.02, 0.01, SEQUENTIAL_LOOKS, SEQUENTIAL_SLIGHT},
        {1.001, 1.012, 1.02, 0.01, 2, SEQUENTIAL_DIFFERENT},
        {0.95, 0.97, 0.99, 0.01, 2, SEQUENTIAL_DIFFERENT},
        {1.001, 1.012, 1.02, 0.03, 2, SEQUENTIAL_NOT_YET}, /* not under the control of many points */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sequential s = {rows[i].looks, rows[i].ratio, rows[i].low, rows[i].high, rows[i].p, 0.005};

        assert_int_equal(sequential_answer(&s, 0.01, 0.02), rows[i].answer);
    }
}

/* Launches are not wasted where they cannot tell, and not saved where they could. */
static void hopeless_points_are_given_up(void **state)
{
    static const struct {
        double noise, effect;
        int least, most; /* of 100 that are given up before the last look */
    } rows[] = {{0.2, 0.01, 60, 100}, {0.05, 0.05, 0, 15}, {0.01, 0.01, 0, 5}, {0.005, 0, 0, 0}};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint64_t seed = 9;
        int given_up = 0;

        for (int i = 0; i < 100; i++) {
            double old[SEQUENTIAL_MOST], now[SEQUENTIAL_MOST];
            enum sequential_answer answer = SEQUENTIAL_NOT_YET;

            simulate(old, SEQUENTIAL_MOST, 10, rows[k].noise, &seed);
            simulate(now, SEQUENTIAL_MOST, 10 * (1 + rows[k].effect), rows[k].noise, &seed);
            for (size_t look = 1; look <= SEQUENTIAL_LOOKS && answer == SEQUENTIAL_NOT_YET; look++) {
                struct sequential s;

                sequential_compare(old, now, sequential_launches(look), &s);
                answer = sequential_answer(&s, 0.01, 0.05);
                assert_true(answer != SEQUENTIAL_HOPELESS || (look > 1 && look < SEQUENTIAL_LOOKS));
            }
            given_up += answer == SEQUENTIAL_HOPELESS;
        }
        assert_in_range(given_up, rows[k].least, rows[k].most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distribution_is_that_of_all_orders),
        cmocka_unit_test(interval_and_test_agree),
        cmocka_unit_test(both_directions_are_alike),
        cmocka_unit_test(drift_is_what_runs_differ_by),
        cmocka_unit_test(turns_are_balanced_and_shuffled),
        cmocka_unit_test(looks_together_keep_their_promise),
        cmocka_unit_test(signed_ranks_are_those_of_all_signs),
        cmocka_unit_test(pairs_see_through_slow_noise),
        cmocka_unit_test(blocks_do_not_mix),
        cmocka_unit_test(nothing_moves_at_all),
        cmocka_unit_test(answers_tell_significant_from_relevant),
        cmocka_unit_test(hopeless_points_are_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
