/* The order of a backfill: what tells most comes first, and every commit once. */
#include "harness/backfill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The order in which all are taken, with those of `before` done already. */
static size_t order(const size_t *before, size_t before_count, size_t count, size_t *out)
{
    bool *done = calloc(count + 1, sizeof *done);
    size_t n = 0, i;

    assert_non_null(done);
    for (size_t k = 0; k < before_count; k++)
        done[before[k]] = true;
    while ((i = backfill_next(done, count)) < count) {
        assert_false(done[i]);
        done[i] = true;
        out[n++] = i;
    }
    assert_int_equal(i, count);
    free(done);
    return n;
}

static void test_ends_then_halves(void **state)
{
    static const size_t wanted[] = {8, 0, 4, 6, 2, 7, 5, 3, 1};
    size_t got[9];

    (void)state;
    assert_int_equal(order(NULL, 0, 9, got), 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(got[i], wanted[i]);
}

static void test_goes_on(void **state)
{
    static const size_t before[] = {0, 1, 2, 3, 19};
    size_t got[20];

    (void)state;
    /* The only gap goes from 4 to 18. */
    assert_int_equal(order(before, 5, 20, got), 15);
    assert_int_equal(got[0], 11);
    assert_int_equal(got[1], 15);
    assert_int_equal(got[2], 7);
}

static void test_new_commits_first(void **state)
{
    static const size_t before[] = {0, 1, 2, 3};
    size_t got[6];

    (void)state;
    assert_int_equal(order(before, 4, 6, got), 2);
    assert_int_equal(got[0], 5);
    assert_int_equal(got[1], 4);
}

static void test_small(void **state)
{
    size_t got[4];

    (void)state;
    assert_int_equal(order(NULL, 0, 0, got), 0);
    assert_int_equal(order(NULL, 0, 1, got), 1);
    assert_int_equal(order(NULL, 0, 2, got), 2);
    assert_int_equal(got[0], 1);
    assert_int_equal(order(NULL, 0, 3, got), 3);
    assert_int_equal(got[2], 1);
}

/* Whatever was done before, every prefix of the order leaves no gap much wider than another. */
static void test_even(void **state)
{
    bool done[200] = {0};

    (void)state;
    for (size_t n = 0; n < 66; n++)
        done[backfill_next(done, 200)] = true;
    for (size_t i = 0, gap = 0; i < 200; i++) {
        gap = done[i] ? 0 : gap + 1;
        assert_true(gap <= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_then_halves),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_new_commits_first),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_even),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
