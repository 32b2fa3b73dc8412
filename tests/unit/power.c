/*
 * What A/A runs teach: numbers that were planted are found again. Everything is simulated from fixed seeds: no clock, no luck.
 */
#include "../../reports/analysis/power.h"
#include "../../harness/base/stats.h"
#include "../../reports/analysis/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RUNS 30
#define LAUNCHES 8

static const struct power_rule rule = {.compare = {.min_effect = 0.01,
                                                   .min_effect_deterministic = 0.0002,
                                                   .min_launches = LAUNCHES,
                                                   .false_discovery = 0.05,
                                                   .seed = 3},
                                       .largest_p = 0.001};

static double gaussian(uint64_t *seed)
{
    double u = ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
    double v = ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static double values[RUNS][LAUNCHES];
static struct compare_side runs[RUNS];

/* Launches with `noise`, and runs that lie `drift` apart from each other. */
static struct power_series simulate(double noise, double drift, uint64_t seed)
{
    for (size_t r = 0; r < RUNS; r++) {
        double level = 1e6 * (1 + drift * gaussian(&seed));

        for (size_t i = 0; i < LAUNCHES; i++)
            values[r][i] = level * (1 + noise * gaussian(&seed));
        runs[r] = (struct compare_side){values[r], LAUNCHES};
    }
    return (struct power_series){.runs = runs, .run_count = RUNS, .better_lower = true};
}

static bool between(double x, double low, double high)
{
    return x >= low && x <= high;
}

static void noise_and_autocorrelation(void **state)
{
    struct power_series s = simulate(0.02, 0, 7);
    struct power p;

    (void)state;
    power_measure(&s, &rule, &p);
    assert_int_equal(p.runs, RUNS);
    assert_int_equal(p.launches, RUNS * LAUNCHES);
    assert_true(between(p.noise, 0.017, 0.023));
    assert_true(fabs(p.autocorrelation) < 0.15);
    s = simulate(0.005, 0.02, 8); /* runs that differ: neighbours are alike */
    power_measure(&s, &rule, &p);
    assert_true(between(p.noise, 0.012, 0.028));
    assert_true(p.autocorrelation > 0.6);
    memset(values, 0, sizeof values);
    power_measure(&s, &rule, &p);
    assert_true(isnan(p.autocorrelation) && isnan(p.noise) && isnan(p.detectable));
}

/* Fresh pairs of sides, not those that it was learnt from. */
static double share_found(double noise, double d, uint64_t seed)
{
    size_t found = 0;

    for (int i = 0; i < 300; i++) {
        double old[LAUNCHES], now[LAUNCHES];
        struct compare_options o = rule.compare;
        struct comparison c;

        for (size_t k = 0; k < LAUNCHES; k++) {
            old[k] = 1 + noise * gaussian(&seed);
            now[k] = (1 + d) * (1 + noise * gaussian(&seed));
        }
        o.min_effect = fmax(o.min_effect, noise);
        compare_time((struct compare_side){old, LAUNCHES}, (struct compare_side){now, LAUNCHES}, true, &o, &c);
        found += c.verdict == COMPARE_SLOWER && c.p <= rule.largest_p;
    }
    return (double)found / 300;
}

static void what_it_calls_visible_is_found(void **state)
{
    static const double noises[] = {0.001, 0.02, 0.06};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct power_series s = simulate(noises[i], 0, 11 + i);
        struct power p;

        power_measure(&s, &rule, &p);
        assert_true(p.alarms == 0 || p.false_alarms < 0.05);
        assert_true(p.detectable >= rule.compare.min_effect);
        assert_true(between(share_found(noises[i], p.detectable, 99), 0.65, 0.95));
        assert_true(share_found(noises[i], p.detectable / 2, 98) < 0.3);
    }
}

static void drift_is_in_it(void **state)
{
    struct power_series quiet = simulate(0.005, 0, 21);
    struct power still, moving;

    (void)state;
    power_measure(&quiet, &rule, &still);
    quiet = simulate(0.005, 0.03, 21);
    power_measure(&quiet, &rule, &moving);
    assert_true(still.alarms == 0);
    assert_true(still.drift < 0.005);
    assert_true(between(moving.drift, 0.04, 0.12)); /* 95 % of differences of two such runs */
    assert_true(moving.false_alarms < 0.1 && moving.low <= moving.false_alarms && moving.high >= moving.false_alarms);
    assert_true(moving.detectable > 2 * still.detectable);
    assert_true(between(moving.detectable, 0.04, 0.2));
}

static void nothing_is_visible_in_chaos(void **state)
{
    struct power_series s = simulate(0.01, 0, 31);
    uint64_t seed = 32;
    struct power p;

    (void)state;
    for (size_t r = 0; r < RUNS; r++)
        for (size_t i = 0; i < LAUNCHES; i++)
            values[r][i] = exp(3 * gaussian(&seed));
    power_measure(&s, &rule, &p);
    assert_true(p.comparisons > 0 && isnan(p.detectable));
    s.run_count = 1;
    power_measure(&s, &rule, &p);
    assert_true(p.comparisons == 0 && isnan(p.detectable) && isnan(p.false_alarms));
}

static void counts(void **state)
{
    struct power_series s = simulate(0, 0, 41);
    struct power p;

    (void)state;
    s.deterministic = true;
    power_measure(&s, &rule, &p);
    assert_true(p.noise == 0 && p.alarms == 0);
    assert_true(fabs(p.detectable - 0.0002) < 1e-12); /* no tighter than the floor */
    for (size_t r = 0; r < RUNS; r++)
        for (size_t i = 0; i < LAUNCHES; i++)
            values[r][i] = 1e6 + (double)((r * 7 + i * 3) % 11) * 100; /* a range of 0.1 % */
    power_measure(&s, &rule, &p);
    assert_true(between(p.detectable, 0.00098, 0.00102));
    for (size_t r = 0; r < RUNS; r++)
        runs[r].count = 1; /* nothing inside a run tells that runs differ; the other runs do */
    power_measure(&s, &rule, &p);
    assert_true(p.comparisons > 0 && p.alarms == 0);
    /* One run that counted more alone is an alarm for every pair it is in: it has not set its own threshold. */
    s = simulate(0, 0, 42);
    s.deterministic = true;
    for (size_t i = 0; i < LAUNCHES; i++)
        values[4][i] *= 1.01;
    power_measure(&s, &rule, &p);
    assert_true(p.alarms > 0 && p.comparisons > p.alarms);
    assert_true(between(p.detectable, 0.0099, 0.0101));
}

/* The published two-sided 95 % intervals. */
static void shares(void **state)
{
    double low, high;

    (void)state;
    power_share_interval(0, 10, &low, &high);
    assert_true(low == 0 && fabs(high - 0.30850) < 1e-4);
    power_share_interval(5, 10, &low, &high);
    assert_true(fabs(low - 0.18709) < 1e-4 && fabs(high - 0.81291) < 1e-4);
    power_share_interval(1, 100, &low, &high);
    assert_true(fabs(low - 0.00025314) < 1e-6 && fabs(high - 0.0544594) < 1e-5);
    power_share_interval(10, 10, &low, &high);
    assert_true(fabs(low - 0.69150) < 1e-4 && high == 1);
    power_share_interval(0, 0, &low, &high);
    assert_true(low == 0 && high == 1);
}

/* One comparison's estimate is of the size of what many comparisons found. */
static void estimates(void **state)
{
    static const double noises[] = {0.002, 0.03};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct power_series s = simulate(noises[i], 0, 51 + i);
        struct comparison c;
        struct power p;
        double x[RUNS / 2];

        power_measure(&s, &rule, &p);
        for (size_t r = 0; r + 1 < RUNS; r += 2) {
            compare_time(runs[r], runs[r + 1], true, &rule.compare, &c);
            x[r / 2] = power_estimate(&c, false, &rule);
        }
        assert_true(between(stats_median(x, RUNS / 2) / p.detectable, 0.6, 1.7));
    }
}

static void estimates_without_an_interval(void **state)
{
    struct comparison c = {.ratio = NAN, .low = NAN, .high = NAN, .threshold = 0.01};

    (void)state;
    assert_true(isnan(power_estimate(&c, false, &rule)));
    c.ratio = c.low = c.high = 1;
    assert_true(fabs(power_estimate(&c, false, &rule) - 0.01) < 1e-9); /* never below the threshold */
    c.threshold = 0.0005;
    assert_true(power_estimate(&c, true, &rule) == 0.0005);
}

static void layouts(void **state)
{
    double x[40][LAUNCHES];
    struct compare_side side[40];
    struct layout_spread s;
    uint64_t seed = 61;

    (void)state;
    for (int planted = 0; planted <= 1; planted++) {
        for (size_t k = 0; k < 40; k++) {
            double level = 5 * (1 + 0.02 * planted * gaussian(&seed));

            for (size_t i = 0; i < LAUNCHES; i++)
                x[k][i] = level * (1 + 0.005 * gaussian(&seed));
            side[k] = (struct compare_side){x[k], LAUNCHES};
        }
        layout_measure(side, 40, &s);
        assert_int_equal(s.layouts, 40);
        assert_true(between(s.launch_noise, 0.004, 0.006));
        assert_true(planted ? between(s.deviation, 0.014, 0.026) : s.deviation < 0.002);
    }
    side[0].count = 1; /* says nothing of its noise */
    layout_measure(side, 2, &s);
    assert_true(s.layouts == 1 && isnan(s.deviation) && isnan(s.range));
    assert_true(layout_within(NAN) == 0 && layout_visible(0.01, NAN) == 0.01);
    assert_true(fabs(layout_within(0.01) - 0.02772) < 1e-4);
    assert_true(fabs(layout_visible(0.03, 0.01) - sqrt(0.03 * 0.03 + 0.03962 * 0.03962)) < 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_and_autocorrelation),
        cmocka_unit_test(what_it_calls_visible_is_found),
        cmocka_unit_test(drift_is_in_it),
        cmocka_unit_test(nothing_is_visible_in_chaos),
        cmocka_unit_test(counts),
        cmocka_unit_test(shares),
        cmocka_unit_test(estimates),
        cmocka_unit_test(estimates_without_an_interval),
        cmocka_unit_test(layouts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
