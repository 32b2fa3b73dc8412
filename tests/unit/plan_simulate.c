/* Simulators in plans: the time that a plan gives them, and their launches behind the others of their round. */
#include "harness/launch.h"
#include "harness/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct host host = {.memory_bytes = 8LL << 30, .cpus = 4};

static struct plan plan_of(const char *text, const char *pass)
{
    static struct config_plan own = {.name = (char *)"own"};
    struct plan_request q = {.plan = "own", .plans = &own, .plan_count = 1, .seed = 5};
    struct passes counters = {0};
    struct err e = {0};
    struct plan p;

    own.text = (char *)text;
    text_list_add(&counters.passes, "papi:A");
    text_list_add(&counters.passes, pass);
    if (plan_make(&q, &host, &counters, &p, &e))
        fail_msg("%s", e.text);
    text_list_free(&counters.passes);
    return p;
}

static void a_plan_gives_time(void **state)
{
    struct plan p = plan_of("use null/empty\n", "papi:B");

    (void)state;
    assert_true(p.simulate_s == 0);
    plan_free(&p);
    p = plan_of("simulate 1500ms\nuse null/empty\n", "papi:B");
    assert_true(p.simulate_s == 1.5);
    plan_free(&p);
}

static void launches_stand_last(void **state)
{
    static const char text[] = "launches 3\ncounter-launches 2\nuse triad/serial size=1K,2K,3K,4K,5K,6K\n";
    struct plan p = plan_of(text, "callgrind:instructions");
    int simulated = 0, after = 0;

    (void)state;
    if (!registry_simulator("callgrind:instructions")) {
        plan_free(&p);
        skip();
    }
    assert_null(registry_simulator("callgrin:x"));
    assert_null(registry_simulator("papi:A"));
    assert_null(registry_simulator(""));
    for (size_t i = 0; i < p.launch_count; i++) {
        bool is = registry_simulator(p.launches[i].pass) != NULL;

        after +=
            i && p.launches[i].round == p.launches[i - 1].round && !is && registry_simulator(p.launches[i - 1].pass);
        simulated += is;
    }
    assert_int_equal(simulated, 6 * 2);
    assert_int_equal(after, 0);
    assert_int_equal(p.launch_count, 6 * 3 + 6 * 2 + 6 * 2);
    plan_free(&p);
}

static void what_is_too_large_says_so(void **state)
{
    char text[300] = "";

    (void)state;
    assert_false(launch_too_large(1.9, 2, text, sizeof text));
    assert_false(launch_too_large(1e9, 0, text, sizeof text)); /* no limit */
    assert_string_equal(text, "");
    assert_true(launch_too_large(90, 2, text, sizeof text));
    assert_string_equal(text, LAUNCH_TOO_LARGE
                        "an execution would take some 1 min 30 s there, and no more than 2 s is given to it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_gives_time),
        cmocka_unit_test(launches_stand_last),
        cmocka_unit_test(what_is_too_large_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
