/* The collector of time: what it measures is not shorter than what passed, and what is too short for the clock is marked. */
#include "collectors/collector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct collector collector_wall;

static struct reading measure(void *handle, long sleep_ns)
{
    struct timespec t = {0, sleep_ns};
    struct reading r;

    assert_int_equal(collector_wall.start(handle), 0);
    while (sleep_ns && nanosleep(&t, &t))
        continue;
    assert_int_equal(collector_wall.stop(handle), 0);
    assert_int_equal(collector_wall.read(handle, &r, 1), 1);
    assert_string_equal(r.metric, "wall.time");
    return r;
}

static void *opened(void)
{
    pid_t self = gettid();
    struct target t = {.kind = TARGET_THREADS, .threads = &self, .thread_count = 1};
    void *handle = collector_wall.open("", &t, NULL);

    assert_non_null(handle);
    return handle;
}

static void time_passes(void **state)
{
    void *h = opened();

    (void)state;
    for (int i = 1; i <= 3; i++) {
        struct reading r = measure(h, i * 5000000L);

        assert_int_equal(r.quality, QUALITY_EXACT);
        assert_true(r.value >= i * 5000000.0);
        assert_true(r.value < 60e9);
    }
    collector_wall.close(h);
}

/* A process may be taken off its CPU in any region, but not in a hundred of them. */
static void too_short_is_marked(void **state)
{
    void *h = opened();
    int marked = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct reading r = measure(h, 0);

        assert_true(r.value >= 0);
        marked += r.quality == QUALITY_SUSPECT && strstr(r.reason, "too short");
    }
    assert_true(marked > 0);
    collector_wall.close(h);
}

static void writes_only_where_there_is_room(void **state)
{
    void *h = opened();
    struct reading r = measure(h, 1000000);

    (void)state;
    assert_int_equal(collector_wall.read(h, &r, 0), 0);
    collector_wall.close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_passes),
        cmocka_unit_test(too_short_is_marked),
        cmocka_unit_test(writes_only_where_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
