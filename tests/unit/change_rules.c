/* The rules by which a series is told to change or not, one by one: each of these series has a wrong answer that one rule prevents. */
#include "../../harness/base/stats.h"
#include "../../reports/analysis/change_parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 30000 };

static double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* How many of a kind; *where is the last one. Pending ones are counted where all kinds are. */
static size_t count(const double *x, size_t n, const struct change_options *o, int kind, struct change *where)
{
    struct change_list list = {0};
    size_t found = 0;

    changes_find(x, n, o, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (kind >= 0 && (list.items[i].kind != (enum change_kind)kind || list.items[i].pending))
            continue;
        found++;
        if (where)
            *where = list.items[i];
    }
    changes_free(&list);
    return found;
}

/* Means of few values vary less than those of many do by what neighbours share; n times the variance of a mean. */
static void memory_of_means(void **state)
{
    const struct change_memory half = {.dependent = 0.5}, near = {.dependent = 0.5, .near = true}, none = {0};

    (void)state;
    assert_true(fabs(change_wider(&none, 1) - 1) < 1e-12 && fabs(change_widest(&none) - 1) < 1e-12);
    assert_true(fabs(change_wider(&half, 1) - 1) < 1e-12);
    assert_true(fabs(change_wider(&half, 2) - 1.5) < 1e-12);
    assert_true(fabs(change_wider(&half, 3) - (3 + 2 * (2 * 0.5 + 0.25)) / 3) < 1e-12);
    assert_true(fabs(change_widest(&half) - 3) < 1e-12 && fabs(change_wider(&half, 100000) - 3) < 1e-3);
    assert_true(fabs(change_wider(&near, 2) - 3) < 1e-12); /* neighbours differ by half of the variance only */
}

/* Sureness pays for all places where a change might have been. */
static void places_are_paid(void **state)
{
    (void)state;
    assert_true(fabs(change_confidence(3.5, 1) - 0.999535) < 1e-5);
    assert_true(fabs(change_confidence(3.5, 100) - 0.9535) < 1e-3);
    assert_true(change_confidence(2, 1000) >= 0 && change_confidence(2, 1000) < 1e-9);
}

static void known_noise_and_effect(void **state)
{
    double x[100];
    uint64_t seed = 21;

    (void)state;
    for (size_t i = 0; i < 100; i++)
        x[i] = 100 + gaussian(&seed) + (i < 50 ? 0 : 3);
    assert_int_equal(count(x, 100, NULL, CHANGE_STEP, NULL), 1);
    assert_int_equal(count(x, 100, &(struct change_options){.noise = 0.05}, CHANGE_STEP, NULL), 0);
    /* A share of the middle, where logarithms cannot tell. */
    for (size_t i = 0; i < 100; i++)
        x[i] = -1000 + 0.5 * gaussian(&seed) + (i < 50 ? 0 : 8);
    assert_int_equal(count(x, 100, NULL, -1, NULL), 0);
}

/* Times of a coarse clock mostly repeat: then the rarer ones are the noise. */
static void coarse_clock(void **state)
{
    uint64_t seed = 22;
    size_t all = 0;
    double x[100];

    (void)state;
    for (int series = 0; series < 50; series++) {
        for (size_t i = 0; i < 100; i++)
            x[i] = 100 + (uniform(&seed) < 0.2 ? 3 : 0);
        all += count(x, 100, NULL, CHANGE_STEP, NULL);
    }
    assert_true(all <= 6);
}

/* What wanders has levels that last too short to be some; and nothing is told twice. */
static void wanders(void **state)
{
    uint64_t seed = 23;
    size_t all = 0;
    double x[200];

    (void)state;
    for (int series = 0; series < 100; series++) {
        double memory = 0;
        struct change_list list = {0};

        for (size_t i = 0; i < 200; i++) {
            memory = 0.97 * memory + 0.24 * gaussian(&seed);
            x[i] = 100 + memory;
        }
        changes_find(x, 200, NULL, &list);
        for (size_t i = 0; i < list.count; i++) {
            all += list.items[i].kind == CHANGE_STEP;
            assert_true(i == 0 || list.items[i].pending || list.items[i].kind != list.items[i - 1].kind ||
                        list.items[i].index > list.items[i - 1].index);
        }
        changes_free(&list);
    }
    assert_true(all <= 150);
}

/* Levels that last some eight values are the noise: it is judged by values farther apart, and nothing of the first look stays. */
static void restless(void **state)
{
    uint64_t seed = 5;
    size_t steps = 0, creeps = 0;
    double x[400];

    (void)state;
    for (int series = 0; series < 30; series++) {
        double here = 0;

        for (size_t i = 0; i < 400; i++) {
            here = i % 8 ? here : 8 * gaussian(&seed);
            x[i] = 100 + here + gaussian(&seed);
        }
        steps += count(x, 400, NULL, CHANGE_STEP, NULL);
        creeps += count(x, 400, NULL, CHANGE_CREEP, NULL);
    }
    assert_true(steps <= 60 && creeps <= 8);
}

static void pending_or_not(void **state)
{
    struct change last = {0};
    uint64_t seed = 24;
    double x[60];

    (void)state;
    for (size_t i = 0; i < 60; i++)
        x[i] = 100 + gaussian(&seed);
    x[58] = 110;
    x[59] = 90; /* one up and one down are no two of a kind */
    if (count(x, 60, NULL, -1, &last))
        assert_int_equal(last.index, 59);
    for (size_t i = 0; i < 60; i += 8)
        x[i] = 112;
    x[58] = 100;
    x[59] = 112; /* one of many */
    assert_int_equal(count(x, 60, NULL, -1, NULL), 0);
}

/* Two groups: how far apart, and how much more often. */
static void groups(double *x, size_t n, double level, double apart, double before, double after, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = level + gaussian(seed) + (uniform(seed) < (i < n / 2 ? before : after) ? apart : 0);
}

static void modes_or_not(void **state)
{
    double *x = calloc(MOST, sizeof *x);
    uint64_t seed = 25;

    (void)state;
    assert_non_null(x);
    groups(x, 2000, 100, 16, 0.15, 0.42, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_MODES, NULL), 1);
    assert_int_equal(count(x, 2000, NULL, CHANGE_SPREAD, NULL), 0); /* it is told as one thing */
    groups(x, 2000, 100, 16, 0.3, 0.4, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_MODES, NULL), 0); /* hardly more often */
    groups(x, 2000, 100, 16, 0.0, 0.05, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_MODES, NULL), 0); /* outliers */
    groups(x, 2000, 10000, 16, 0.15, 0.42, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_MODES, NULL), 0); /* too near to count */
    groups(x, 2000, 100, 2.5, 0.15, 0.42, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_MODES, NULL), 0); /* no groups */
    free(x);
}

static void spread(double *x, size_t n, double times, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 100 + gaussian(seed) * (i < n / 2 ? 1 : times);
}

static void spread_or_not(void **state)
{
    double *x = calloc(MOST, sizeof *x);
    struct change last = {0};
    uint64_t seed = 26;
    size_t all = 0;

    (void)state;
    assert_non_null(x);
    spread(x, 2000, 1.3, &seed);
    assert_int_equal(count(x, 2000, NULL, CHANGE_SPREAD, NULL), 0); /* hardly more */
    spread(x, MOST, 2, &seed);
    assert_int_equal(count(x, MOST, NULL, CHANGE_SPREAD, &last), 1);
    assert_true(last.index > MOST / 2 - 100 && last.index < MOST / 2 + 100 && last.end == MOST);
    for (int series = 0; series < 200; series++) {
        spread(x, 200, 1, &seed);
        all += count(x, 200, NULL, CHANGE_SPREAD, NULL);
    }
    assert_true(all <= 1);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_of_means), cmocka_unit_test(places_are_paid), cmocka_unit_test(known_noise_and_effect),
        cmocka_unit_test(coarse_clock),    cmocka_unit_test(wanders),         cmocka_unit_test(restless),
        cmocka_unit_test(pending_or_not),  cmocka_unit_test(modes_or_not),    cmocka_unit_test(spread_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
