/* Sweeps as people write them, and the values they stand for. */
#include "harness/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct host host = {
    .cache_bytes = {0, 32 << 10, 1 << 20, 32 << 20},
    .memory_bytes = 8LL << 30,
    .cpus = 4,
};

static void values_are(const char *sweep, bool literal, const char *wanted)
{
    struct err e = {0};
    size_t count;
    char **values = plan_values(sweep, literal, &host, &count, &e), joined[2000] = "";

    if (!values)
        fail_msg("%s: %s", sweep, e.text);
    for (size_t i = 0; i < count; i++) {
        if (i)
            strcat(joined, " ");
        strcat(joined, values[i]);
    }
    assert_string_equal(joined, wanted);
    free(values);
}

static void values_fail(const char *sweep, const char *word)
{
    struct err e = {0};
    size_t count;

    assert_null(plan_values(sweep, false, &host, &count, &e));
    assert_int_equal(e.code, CM_USAGE);
    if (!strstr(e.text, word))
        fail_msg("%s: '%s' lacks '%s'", sweep, e.text, word);
}

static void test_values(void **state)
{
    (void)state;
    values_are("300,1000", false, "300 1000");
    values_are("4K,4096,4KiB", false, "4096");
    values_are("007", false, "7");
    values_are("1:8:2", false, "1 3 5 7");
    values_are("1:3", false, "1 2 3");
    values_are("0:1:0.25", true, "0 0.25 0.5 0.75 1");
    values_are("pow2:4K:20K", false, "4096 8192 16384");
    values_are("static,dynamic,static", false, "static dynamic");
    values_are("1,CPUS", false, "1 4");
    values_are("4CPUS,CPUS/2", false, "16 2");
    values_are("L1,L1/2,L2,4LLC", false, "32768 16384 1048576 134217728");
    values_are("min(4LLC,64M)", false, "67108864");
    values_are("max(1,min(CPUS,2),3),9", false, "3 9");
    values_are("pow2:16M:min(4LLC,64M)", false, "16777216 33554432 67108864");
    values_are("4K,x:80,-3,a b", true, "4K x:80 -3 a b");
}

static void test_values_refused(void **state)
{
    (void)state;
    values_fail("1,,2", "missing");
    values_fail("", "missing");
    values_fail("8:1:1", "smaller end first");
    values_fail("1:8:0", "step");
    values_fail("pow2:0:8", "above zero");
    values_fail("pow2:64M:LLC", "no value is left");
    values_fail("1:2:3:4", "no sweep");
    values_fail("pow2:x:8", "no sweep");
    values_fail("1:1000000:1", "more than");
    values_fail("a/b", "no value");
    values_fail("a\tb", "control");
}

static void test_values_without_known_caches(void **state)
{
    struct host bare = {.cpus = 2};
    struct err e = {0};
    size_t count;
    char **values = plan_values("L1,LLC", false, &bare, &count, &e);

    (void)state;
    assert_non_null(values);
    assert_int_equal(count, 2);
    assert_string_equal(values[1], "33554432");
    free(values);
    bare.cache_bytes[2] = 2 << 20; /* two levels only: the second is the last */
    values = plan_values("LLC", false, &bare, &count, &e);
    assert_string_equal(values[0], "2097152");
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_values_refused),
        cmocka_unit_test(test_values_without_known_caches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
