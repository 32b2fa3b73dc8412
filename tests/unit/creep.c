/* Creep beside steps, in series with planted ones. */
#include "../../reports/analysis/creep.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VALUES = 120 };

static double noise_of(uint64_t *seed)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += (double)(stats_random(seed) >> 11) / 9007199254740992.0;
    return sum - 6;
}

/* A level of 100 with 1 % noise that grows by `creep` in all, and steps up by `step` at 60. */
static void make(double *values, double creep, double step, uint64_t seed)
{
    for (int i = 0; i < VALUES; i++)
        values[i] =
            100 * pow(1 + creep, (double)i / (VALUES - 1)) * (i >= 60 ? 1 + step : 1) * (1 + 0.01 * noise_of(&seed));
}

static struct change_list one_step(struct change *step, double ratio)
{
    *step = (struct change){.kind = CHANGE_STEP, .index = 60, .end = VALUES, .ratio = ratio};
    return (struct change_list){step, 1, 1};
}

static void creeps(void **state)
{
    double values[VALUES];
    struct change_list none = {0};
    struct change c;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make(values, 0.05, 0, seed);
        assert_true(creep_since(values, VALUES, 0, &none, NULL, &c));
        assert_int_equal(c.kind, CHANGE_CREEP);
        assert_int_equal(c.index, 1);
        assert_int_equal(c.end, VALUES - 1);
        assert_true(c.ratio > 1.03 && c.ratio < 1.07 && c.low > 1 && c.low <= c.ratio && c.high >= c.ratio);
        assert_true(c.confidence > 0.99);
    }
}

/* Of 400 series that do nothing, and of as many that only step, hardly any creeps: 1 % is the test's promise. */
static void silence(void **state)
{
    double values[VALUES];
    struct change_list none = {0};
    struct change c, step;
    struct change_list stepped = one_step(&step, 1.2);
    int still = 0, steps = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        make(values, 0, 0, seed);
        still += creep_since(values, VALUES, 0, &none, NULL, &c);
        make(values, 0, 0.2, seed);
        steps += creep_since(values, VALUES, 0, &stepped, NULL, &c);
    }
    assert_in_range(still, 0, 8);
    assert_in_range(steps, 0, 8);
}

static void beside_steps(void **state)
{
    double values[VALUES];
    struct change c, step;
    struct change_list stepped = one_step(&step, 1.2);

    (void)state;
    make(values, 0.06, 0.2, 7);
    assert_true(creep_since(values, VALUES, 0, &stepped, NULL, &c));
    assert_true(c.ratio > 1.03 && c.ratio < 1.09);
    assert_true(creep_since(values, VALUES, 30, &stepped, NULL, &c));
    assert_true(c.ratio > 1.02 && c.ratio < 1.09);
    make(values, -0.06, 0.2, 8);
    assert_true(creep_since(values, VALUES, 0, &stepped, NULL, &c));
    assert_true(c.ratio < 0.97);
    /* What is told as a creep is not told again. */
    make(values, 0, 0, 9);
    for (int i = 30; i < VALUES; i++)
        values[i] *= 1 + 0.05 * fmin(1, (i - 30) / 30.0);
    step = (struct change){.kind = CHANGE_CREEP, .index = 30, .end = 60, .ratio = 1.05};
    assert_false(creep_since(values, VALUES, 0, &stepped, NULL, &c));
}

static void counts(void **state)
{
    const struct change_options o = {.deterministic = true};
    struct change_list none = {0};
    double values[10];
    struct change c;

    (void)state;
    for (int i = 0; i < 10; i++)
        values[i] = 1e6 + 200 * i;
    assert_true(creep_since(values, 10, 0, &none, &o, &c));
    assert_true(fabs(c.ratio - 1.0014) < 0.0005);
    for (int i = 0; i < 10; i++)
        values[i] = 1e6 + 20 * i;
    assert_false(creep_since(values, 10, 0, &none, &o, &c));
}

static void little(void **state)
{
    double values[VALUES];
    struct change_list none = {0};
    struct change c;

    (void)state;
    make(values, 0.3, 0, 3);
    assert_false(creep_since(values, 8, 0, &none, NULL, &c));
    assert_false(creep_since(values, 1, 0, &none, NULL, &c));
    assert_false(creep_since(values, VALUES, VALUES - 1, &none, NULL, &c));
    for (int i = 0; i < VALUES; i += 2)
        values[i] = NAN;
    assert_true(creep_since(values, VALUES, 0, &none, NULL, &c));
    values[1] = 0;
    assert_false(creep_since(values, VALUES, 0, &none, NULL, &c));
    for (int i = 0; i < VALUES; i++)
        values[i] = NAN;
    assert_false(creep_since(values, VALUES, 0, &none, NULL, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creeps), cmocka_unit_test(silence), cmocka_unit_test(beside_steps),
        cmocka_unit_test(counts), cmocka_unit_test(little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
