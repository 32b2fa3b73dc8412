/* Where series change: steps, creeps, spread, groups, what is pending, and what is no change at all. From planted series. */
#include "../../reports/analysis/change.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 2000
static const struct change_options counts = {.deterministic = true};

static double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* Noise around a level, from `from` to `to`. */
static void level(double *x, size_t from, size_t to, double value, double sigma, uint64_t *seed)
{
    for (size_t i = from; i < to; i++)
        x[i] = value + sigma * gaussian(seed);
}

static struct change_list find(const double *x, size_t n, const struct change_options *o)
{
    struct change_list list = {0};

    changes_find(x, n, o, &list);
    return list;
}

static void is_change(const struct change *c, enum change_kind kind, size_t index, size_t slack, bool pending)
{
    if (c->kind != kind || c->pending != pending || c->index + slack < index || c->index > index + slack)
        fail_msg("%s%s at %zu instead of %s at %zu", c->pending ? "pending " : "", change_kind_name(c->kind), c->index,
                 change_kind_name(kind), index);
    assert_true(c->confidence > 0.9 && c->confidence <= 1);
}

/* Exactly one change. */
static struct change only(const double *x, size_t n, const struct change_options *o, enum change_kind kind,
                          size_t index, size_t slack, bool pending)
{
    struct change_list list = find(x, n, o);
    struct change c;

    if (list.count != 1)
        fail_msg("%zu changes instead of one", list.count);
    c = list.items[0];
    is_change(&c, kind, index, slack, pending);
    changes_free(&list);
    return c;
}

static void nothing(const double *x, size_t n, const struct change_options *o)
{
    struct change_list list = find(x, n, o);

    if (list.count)
        fail_msg("%s at %zu", change_kind_name(list.items[0].kind), list.items[0].index);
    changes_free(&list);
}

static void steps(void **state)
{
    double x[200];
    uint64_t seed = 1;
    struct change c;

    (void)state;
    level(x, 0, 120, 100, 1, &seed);
    level(x, 120, 200, 103, 1, &seed);
    c = only(x, 200, NULL, CHANGE_STEP, 120, 3, false);
    assert_int_equal(c.end, 200);
    assert_true(c.before > 99 && c.before < 101 && c.after > 102 && c.after < 104);
    assert_true(c.low < 1.03 && c.high > 1.03 && c.low > 1.01 && c.high < 1.05);
    for (size_t i = 0; i < 200; i++)
        x[i] = -x[i];
    c = only(x, 200, NULL, CHANGE_STEP, 120, 3, false);
    assert_true(isnan(c.ratio) && c.after < c.before);
    /* Less than the smallest effect does not count, nor what --min-effect says. */
    level(x, 0, 100, 100, 0.05, &seed);
    level(x, 100, 200, 100.8, 0.05, &seed);
    nothing(x, 200, NULL);
    only(x, 200, &(struct change_options){.min_effect = 0.005}, CHANGE_STEP, 100, 2, false);
}

static void missing_values(void **state)
{
    double x[200];
    uint64_t seed = 2;

    (void)state;
    level(x, 0, 100, 100, 1, &seed);
    level(x, 100, 200, 110, 1, &seed);
    for (size_t i = 0; i < 200; i += 3)
        x[i] = NAN;
    only(x, 200, NULL, CHANGE_STEP, 100, 2, false);
    for (size_t i = 0; i < 200; i++)
        x[i] = NAN;
    nothing(x, 200, NULL);
}

static void short_and_dull(void **state)
{
    double x[MOST];

    (void)state;
    nothing(NULL, 0, NULL);
    for (size_t i = 0; i < MOST; i++)
        x[i] = 5;
    nothing(x, 1, NULL);
    nothing(x, MOST, NULL);
    nothing(x, MOST, &counts);
    memset(x, 0, sizeof x);
    nothing(x, MOST, NULL);
    for (size_t i = 0; i < 7; i++)
        x[i] = i < 3 ? 1 : 2;
    nothing(x, 2, NULL);
    for (size_t i = 0; i < 100; i++)
        x[i] = i % 2 ? 1.7e308 : -1.7e308;
    nothing(x, 100, NULL);
}

/* A thousandth in counts that repeat exactly is there in the third run with it; before that it is pending. */
static void counts_repeat(void **state)
{
    double x[30];
    struct change_list list;

    (void)state;
    for (size_t i = 0; i < 30; i++)
        x[i] = i < 20 ? 1000000 : 1001000;
    for (size_t n = 21; n < 23; n++)
        only(x, n, &counts, CHANGE_STEP, 20, 0, true);
    for (size_t n = 23; n <= 30; n++)
        assert_true(fabs(only(x, n, &counts, CHANGE_STEP, 20, 0, false).ratio - 1.001) < 1e-9);
    for (size_t i = 23; i < 30; i++)
        x[i] = 1000000;
    list = find(x, 30, &counts);
    assert_int_equal(list.count, 2);
    is_change(&list.items[0], CHANGE_STEP, 20, 0, false);
    is_change(&list.items[1], CHANGE_STEP, 23, 0, false);
    changes_free(&list);
    /* Times that do so are the same. */
    for (size_t i = 0; i < 30; i++)
        x[i] = i < 20 ? 1000000 : 1001000;
    nothing(x, 30, NULL);
}

static void bad_nights(void **state)
{
    double x[60];
    uint64_t seed = 3;

    (void)state;
    level(x, 0, 60, 100, 1, &seed);
    x[30] = x[45] = 140; /* in the middle they are nothing */
    nothing(x, 60, NULL);
    x[59] = 112;
    assert_true(only(x, 60, NULL, CHANGE_STEP, 59, 0, true).ratio > 1.08);
    x[58] = 111;
    only(x, 60, NULL, CHANGE_STEP, 58, 0, true);
    for (size_t i = 55; i < 60; i++)
        x[i] = 112 + gaussian(&seed);
    only(x, 60, NULL, CHANGE_STEP, 55, 0, false);
    for (size_t i = 57; i < 60; i++)
        x[i] = 100 + gaussian(&seed); /* two bad nights, then well again */
    nothing(x, 60, NULL);
}

/* A step of 4 %, a creep of twelve times 0.3 %, and the step taken back: with noise and without. */
static void a_story(void **state)
{
    double truth[40], x[40];
    uint64_t seed = 4;

    (void)state;
    for (size_t i = 0; i < 40; i++)
        truth[i] = (i < 8 || i >= 34 ? 100 : 104) * pow(1.003, i < 16 ? 0 : i < 28 ? (double)(i - 15) : 12);
    for (int noisy = 0; noisy < 2; noisy++) {
        struct change_list list;

        for (size_t i = 0; i < 40; i++)
            x[i] = truth[i] * (1 + noisy * 0.002 * gaussian(&seed));
        list = find(x, 40, NULL);
        assert_int_equal(list.count, 3);
        is_change(&list.items[0], CHANGE_STEP, 8, 0, false);
        is_change(&list.items[1], CHANGE_CREEP, 16, (size_t)noisy * 2, false);
        is_change(&list.items[2], CHANGE_STEP, 34, 0, false);
        assert_true(fabs(list.items[0].ratio - 1.04) < 0.004 && fabs(list.items[1].ratio - 1.0366) < 0.006 &&
                    fabs(list.items[2].ratio - 1 / 1.04) < 0.004);
        assert_true(list.items[1].end >= 25 && list.items[1].end <= 29);
        changes_free(&list);
    }
}

/* A creep of 0.3 % a value up to `last`, a step of 4 % that is taken back, noise as large as a value's creep. */
static void creep_and_step(double *x, size_t n, size_t first, size_t last, size_t up, size_t down, uint64_t *seed)
{
    double value = 1000;

    for (size_t i = 0; i < n; i++) {
        value *= i >= first && i <= last ? 1.003 : 1;
        x[i] = value * (i >= up && i < down ? 1.04 : 1) * (1 + 0.003 * gaussian(seed));
    }
}

/* In how many of 100 series that story is told, and no other. */
static size_t told(size_t n, size_t first, size_t last, size_t up, size_t down)
{
    size_t told = 0;

    for (uint64_t series = 1; series <= 100; series++) {
        uint64_t seed = series * 7919;
        double x[60];
        struct change_list list;
        size_t creeps = 0, ups = 0, downs = 0;

        creep_and_step(x, n, first, last, up, down, &seed);
        list = find(x, n, NULL);
        for (size_t i = 0; i < list.count; i++) {
            assert_true(list.items[i].confidence > 0.9);
            creeps += list.items[i].kind == CHANGE_CREEP;
            ups += list.items[i].kind == CHANGE_STEP && list.items[i].index == up;
            downs += list.items[i].kind == CHANGE_STEP && list.items[i].index == down;
        }
        told += list.count == 3 && creeps == 1 && ups == 1 && downs == 1;
        changes_free(&list);
    }
    return told;
}

/* What creeps does not take with it a step that stands beside it; in most series, noise being noise. */
static void steps_beside_a_creep(void **state)
{
    (void)state;
    assert_true(told(60, 15, 26, 34, 48) >= 90);
    assert_true(told(40, 24, 35, 6, 14) >= 90);
    assert_true(told(40, 12, 22, 7, 30) >= 65);
}

/* A creep from 20 to 32, a small step before it or behind it. */
struct beside {
    size_t up;
    double step, rate, noise;
};

/* In how many of 100 series both are told: neither takes the other with it. */
static size_t told_beside(const struct beside *b)
{
    size_t told = 0;

    for (uint64_t series = 1; series <= 100; series++) {
        uint64_t seed = series * 7919;
        double x[60], value = 1000;
        struct change_list list;
        size_t creeps = 0, ups = 0;

        for (size_t i = 0; i < 60; i++) {
            value *= i >= 20 && i <= 32 ? b->rate : 1;
            x[i] = value * (i >= b->up ? b->step : 1) * (1 + b->noise * gaussian(&seed));
        }
        list = find(x, 60, NULL);
        for (size_t i = 0; i < list.count; i++) {
            creeps += list.items[i].kind == CHANGE_CREEP;
            ups += list.items[i].kind == CHANGE_STEP && list.items[i].index == b->up;
        }
        told += creeps == 1 && ups == 1;
        changes_free(&list);
    }
    return told;
}

/* One slope through creep and step is hardly worse than both; told all the same, in about two of three. Without a look at what a slope
 * hides it would be one of twenty. */
static void a_small_step_beside_a_creep(void **state)
{
    (void)state;
    assert_true(told_beside(&(struct beside){12, 1.02, 1.004, 0.002}) >= 60);
    assert_true(told_beside(&(struct beside){38, 1.02, 1.004, 0.002}) >= 45);
    assert_true(told_beside(&(struct beside){38, 1.03, 1.005, 0.003}) >= 45);
}

/* Slower from `from` for some nights, then as before. */
static struct change_list excursion(size_t from, size_t nights, double apart, uint64_t *seed)
{
    double x[60];

    level(x, 0, 60, 100, 0.5, seed);
    for (size_t i = from; i < from + nights; i++)
        x[i] += apart;
    return find(x, 60, NULL);
}

/* Slower for four nights is told if it is far more than the noise; for three it is bad luck; the newest four are pending. */
static void taken_back(void **state)
{
    uint64_t seed = 12;
    size_t told = 0, less = 0, fewer = 0, pending = 0, first = 0;

    (void)state;
    for (int series = 0; series < 100; series++) {
        struct change_list list = excursion(30, 4, 7, &seed);

        told += list.count == 2 && list.items[0].index == 30 && list.items[1].index == 34 &&
                fabs(list.items[0].after - 107) < 1.5 && fabs(list.items[1].before - list.items[0].after) < 1e-9 &&
                list.items[0].confidence > 0.99;
        changes_free(&list);
        list = excursion(30, 4, 1.7, &seed);
        less += list.count;
        changes_free(&list);
        list = excursion(30, 3, 7, &seed);
        fewer += list.count;
        changes_free(&list);
        list = excursion(56, 4, 7, &seed);
        pending += list.count == 1 && list.items[0].pending && list.items[0].index == 56;
        changes_free(&list);
        list = excursion(0, 4, 7, &seed);
        first += list.count == 1 && list.items[0].index == 4;
        changes_free(&list);
    }
    assert_true(told >= 90 && less <= 40 && fewer <= 4 && pending >= 70 && first >= 90);
}

static void below_the_noise(void **state)
{
    double x[300];
    uint64_t seed = 5;

    (void)state;
    for (size_t i = 0; i < 300; i++)
        x[i] = 100 + gaussian(&seed) + (i < 100 ? 0 : i < 200 ? 0.04 * (double)(i - 100) : 4);
    assert_true(fabs(only(x, 300, NULL, CHANGE_CREEP, 100, 30, false).ratio - 1.04) < 0.01);
}

static void noise_that_changes(void **state)
{
    double x[200];
    uint64_t seed = 6;
    struct change c;

    (void)state;
    level(x, 0, 100, 100, 1, &seed);
    level(x, 100, 200, 100, 3, &seed);
    c = only(x, 200, NULL, CHANGE_SPREAD, 100, 10, false);
    assert_true(c.before < 1.5 && c.after > 2 && c.low < 3 && c.high > 3);
    level(x, 0, 200, 100, 0.5, &seed);
    for (size_t i = 100; i < 200; i++)
        x[i] += uniform(&seed) < 0.35 ? 8 : 0;
    c = only(x, 200, NULL, CHANGE_MODES, 100, 12, false);
    assert_true(c.before < 0.05 && c.after > 0.2 && c.after < 0.5);
}

/* Kinds of noise: normal, dependent, spikes, skewed, two groups. */
static double noisy(int kind, double *memory, uint64_t *seed)
{
    double g = gaussian(seed), u = uniform(seed);

    *memory = 0.5 * *memory + sqrt(0.75) * g;
    switch (kind) {
    case 0: return 100 + g;
    case 1: return 100 + *memory;
    case 2: return 100 + g + (u < 0.02 ? 8 : 0);
    case 3: return 99 + exp(0.8 * g);
    default: return 100 + g + (u < 0.3 ? 2 : 0);
    }
}

/* The seeds are fixed, so are the answers; tests/bench/changes.c has the rates. */
static void noise_is_no_change(void **state)
{
    uint64_t seed = 7;
    double x[200], memory = 0;

    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        size_t steps_seen = 0, others = 0;

        for (int series = 0; series < 50; series++) {
            struct change_list list;

            for (size_t i = 0; i < 200; i++)
                x[i] = noisy(kind, &memory, &seed);
            list = find(x, 200, NULL);
            for (size_t i = 0; i < list.count; i++)
                *(list.items[i].kind == CHANGE_STEP && !list.items[i].pending ? &steps_seen : &others) += 1;
            changes_free(&list);
        }
        assert_true(steps_seen <= 2 && others <= 5);
    }
}

/* Steps in `series` series of n values. */
static size_t steps_in(int series, size_t n, double (*next)(size_t i, double *memory, uint64_t *seed))
{
    uint64_t seed = 9;
    double x[200], memory = 0;
    size_t all = 0;

    for (int k = 0; k < series; k++) {
        struct change_list list;

        for (size_t i = 0; i < n; i++)
            x[i] = next(i, &memory, &seed);
        list = find(x, n, NULL);
        for (size_t i = 0; i < list.count; i++)
            all += list.items[i].kind == CHANGE_STEP && !list.items[i].pending;
        changes_free(&list);
    }
    return all;
}

static double remembers(size_t i, double *memory, uint64_t *seed)
{
    (void)i;
    *memory = 0.8 * *memory + 0.6 * gaussian(seed);
    return 100 + *memory;
}

static double half_forgets(size_t i, double *memory, uint64_t *seed)
{
    (void)i;
    *memory = 0.5 * *memory + sqrt(0.75) * gaussian(seed);
    return 100 + *memory;
}

static double skewed(size_t i, double *memory, uint64_t *seed)
{
    (void)i;
    (void)memory;
    return 99 + exp(0.8 * gaussian(seed));
}

static double falls_into_two(size_t i, double *memory, uint64_t *seed)
{
    double g = gaussian(seed), u = uniform(seed);

    (void)memory;
    return 100 + 0.5 * g + (i >= 100 && u < 0.35 ? 8 : 0);
}

/* What noise remembers makes the means of levels vary more; some large values in a row are no level where large ones are frequent. */
static void noise_that_wanders(void **state)
{
    (void)state;
    assert_true(steps_in(200, 200, remembers) <= 35);
    assert_true(steps_in(1000, 20, half_forgets) <= 35);
    assert_true(steps_in(1000, 200, skewed) <= 6);
    assert_true(steps_in(300, 200, falls_into_two) <= 45);
}

static void steps_in_noise(void **state)
{
    uint64_t seed = 8;
    double x[100];
    int found = 0;

    (void)state;
    for (int series = 0; series < 100; series++) {
        struct change_list list;

        level(x, 0, 85, 100, 1, &seed);
        level(x, 85, 100, 103, 1, &seed);
        list = find(x, 100, NULL);
        for (size_t i = 0; i < list.count; i++)
            found += list.items[i].index >= 80 && list.items[i].index <= 90 && !list.items[i].pending;
        changes_free(&list);
    }
    assert_true(found >= 95);
}

static void appends(void **state)
{
    double x[30];
    struct change_list list = {0};

    (void)state;
    for (size_t i = 0; i < 30; i++)
        x[i] = i < 15 ? 1 : 2;
    changes_find(x, 30, NULL, &list);
    changes_find(x, 30, NULL, &list);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[1].index, 15);
    changes_free(&list);
    assert_null(list.items);
    for (int kind = CHANGE_STEP; kind <= CHANGE_MODES; kind++)
        assert_true(*change_kind_name((enum change_kind)kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(short_and_dull),
        cmocka_unit_test(counts_repeat),
        cmocka_unit_test(bad_nights),
        cmocka_unit_test(a_story),
        cmocka_unit_test(steps_beside_a_creep),
        cmocka_unit_test(a_small_step_beside_a_creep),
        cmocka_unit_test(taken_back),
        cmocka_unit_test(below_the_noise),
        cmocka_unit_test(noise_that_changes),
        cmocka_unit_test(noise_is_no_change),
        cmocka_unit_test(noise_that_wanders),
        cmocka_unit_test(steps_in_noise),
        cmocka_unit_test(appends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
