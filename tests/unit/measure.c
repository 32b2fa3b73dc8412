/* Warm-up, calibration and repetitions of a scripted measurement. */
#include "measure_fixture.h"

#include <unistd.h>

static void warm_up_waits_until_steady(void **state)
{
    struct trial t = trial(1000000);

    (void)state;
    t.s.slow_ns = 8000000;
    assert_int_equal(warm_up(&t, 9000000), 0);
    /* 8, 4, 2, 1, 0.5, 0.25, ... ms on top of 1 ms: the tenth to the twelfth are within 2 %. */
    assert_int_equal(t.s.calls, 12);
    assert_true(t.report.execution_ns < 1.02e6);
    assert_int_equal(t.report.inner, 4);
    assert_true(t.report.executing_ns == time_ns - 1000);
}

static void warm_up_has_an_end(void **state)
{
    struct trial t = trial(10000000);

    (void)state;
    t.s.jitter_ns = 5000000;
    assert_int_equal(warm_up(&t, 10000000), 0);
    assert_in_range(t.s.calls, 7, 9);
    /* What takes longer than the target is warm after its first execution. */
    t.s.calls = 0;
    assert_int_equal(warm_up(&t, 200000000), 0);
    assert_int_equal(t.s.calls, 0);
    assert_int_equal(t.report.inner, 1);
}

static void short_executions_are_repeated(void **state)
{
    static const struct {
        int64_t execution_ns, inner; /* as given */
        int max;
        bool consumes;
        int64_t expected;
    } rows[] = {
        {2, 0, 30, false, 1666667},                                 /* 0.1 s over 30 repetitions */
        {1000, 0, 30, false, 3334},   {1000, 0, 1000000, false, 5}, /* 100 x 50 ns */
        {4000, 0, 1000000, false, 2}, {4000, 7, 30, false, 7},      /* as given */
        {2, 0, 30, true, 1},                                        /* its input is consumed */
        {50000000, 0, 30, false, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trial t = trial(rows[i].execution_ns);

        t.s.consumes = rows[i].consumes;
        t.subject.reset = reset;
        t.set.inner = rows[i].inner;
        t.set.max_repetitions = rows[i].max;
        assert_int_equal(warm_up(&t, rows[i].execution_ns), 0);
        if (t.report.inner != rows[i].expected)
            fail_msg("row %zu: inner %lld", i, (long long)t.report.inner);
        assert_int_equal(t.report.single, rows[i].consumes);
    }
}

static void dear_counters_need_longer_repetitions(void **state)
{
    struct trial t = trial(1000);

    (void)state;
    start_cost = 100000;
    t.in.by_thread = true;
    assert_int_equal(warm_up(&t, 1000), 0);
    assert_int_equal(t.report.inner, 3334);
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.report.inner, 10000);
    assert_int_equal(t.seen.unavailable, 0);
    /* What the counters cost is not the subject's time. */
    assert_true(t.report.executing_ns >= 1000 * t.s.executed && t.report.executing_ns <= 1000 * t.s.executed + 10);
}

static void the_last_instrument_is_innermost(void **state)
{
    struct trial t = trial(50000000);

    (void)state;
    t.subject.reset = reset;
    t.report.execution_ns = 5e7;
    start_cost = 7;
    t.set.inner = 1;
    t.set.max_repetitions = 1;
    assert_int_equal(repeat(&t), 0);
    assert_non_null(strstr(buf_text(&story), "(a(bxb)a)"));
    assert_true(t.seen.wall == 5e7);
    assert_true(t.seen.other == 5e7 + 7);
    assert_int_equal(t.s.resets, 1);
    assert_int_equal(opened, 2);
    assert_int_equal(closed, 2);
    assert_int_equal(t.in.items[0].handle, NULL);
}

static size_t read_launch(void *handle, struct reading *out, size_t capacity)
{
    (void)handle;
    buf_add(&story, "R");
    if (!capacity)
        return 0;
    *out = (struct reading){.metric = "launch", .value = (double)time_ns};
    return 1;
}

static const struct collector c = {.summary = "c",
                                   .once = true,
                                   .open = open_a,
                                   .start = start,
                                   .stop = stop,
                                   .read = read_launch,
                                   .close = close_one};

struct told {
    struct seen repetitions;
    int launches;
    double value;
};

static void see_launch(int repetition, struct reading *readings, size_t count, void *user)
{
    struct told *t = user;

    if (repetition >= 0) {
        assert_int_equal(t->launches, 0);
        see(repetition, readings, count, &t->repetitions);
        return;
    }
    assert_int_equal(count, 1);
    assert_string_equal(readings[0].metric, "launch");
    t->launches++;
    t->value = readings[0].value;
}

static void what_is_of_the_launch_is_read_once_at_its_end(void **state)
{
    struct trial t = trial(10000000);
    struct told told = {0};

    (void)state;
    t.subject.user = &t.s;
    t.report.execution_ns = 1e7;
    t.in = (struct measure_instruments){
        .items = {{.collector = &c, .events = ""}, {.collector = &a, .events = ""}, {.collector = &b, .events = ""}},
        .count = 3};
    t.set.inner = 1;
    t.set.max_repetitions = 3;
    assert_int_equal(measure_repeat(&t.subject, &t.set, &t.in, see_launch, &told, &t.report, &t.e), 0);
    assert_int_equal(told.repetitions.repetitions, 3);
    assert_int_equal(told.launches, 1);
    assert_true(told.value == (double)time_ns);
    assert_string_equal(strchr(buf_text(&story), 'R'), "R");
    assert_int_equal(closed, 3);
}

static void as_many_repetitions_as_asked(void **state)
{
    static const struct {
        int64_t execution_ns;
        int min, max, expected;
    } rows[] = {
        {10000000, 1, 30, 10}, {1000000, 1, 30, 30}, {1000000000, 1, 30, 1}, {1000000000, 5, 30, 5},
        {70000000, 1, 30, 1},  {60000000, 1, 30, 2}, {10000000, 40, 50, 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trial t = trial(rows[i].execution_ns);

        t.set.inner = 1;
        t.set.min_repetitions = rows[i].min;
        t.set.max_repetitions = rows[i].max;
        assert_int_equal(repeat(&t), 0);
        if (t.seen.repetitions != rows[i].expected)
            fail_msg("row %zu: %d repetitions", i, t.seen.repetitions);
        assert_int_equal(t.report.repetitions, t.seen.repetitions);
        assert_true(t.report.executing_ns == t.s.executed * rows[i].execution_ns);
    }
}

static void precision_goes_on_until_it_is_reached(void **state)
{
    struct trial t = trial(1000000);

    (void)state;
    t.set.inner = 1;
    t.set.precision = 0.01;
    assert_int_equal(repeat(&t), 0);
    assert_in_range(t.seen.repetitions, 6, 30);
    t.s.jitter_ns = 500000;
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.seen.repetitions, 300);
}

static void a_fresh_set_per_repetition(void **state)
{
    struct trial t = trial(30000000);

    (void)state;
    t.set.inner = 1;
    t.in.fresh = true;
    t.in.kind = TARGET_TREE;
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.seen.repetitions, 3);
    assert_int_equal(opened, 2 * 3);
    assert_int_equal(closed, opened);
}

static void changed_threads_void_the_counts(void **state)
{
    struct trial t = trial(30000000);

    (void)state;
    t.s.grows = true;
    t.set.inner = 1;
    t.in.by_thread = true;
    pthread_mutex_lock(&hold);
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.seen.unavailable, t.seen.repetitions);
    assert_string_equal(t.seen.reason, "the threads of the process changed while they were counted");
    /* Time does not care. */
    t.in.by_thread = false;
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.seen.unavailable, 0);
    pthread_mutex_unlock(&hold);
    while (t.s.thread_count)
        pthread_join(t.s.threads[--t.s.thread_count], NULL);
}

static void failures_are_told_apart(void **state)
{
    struct trial t = trial(30000000);

    (void)state;
    t.s.fail_at = 2;
    t.set.inner = 1;
    assert_int_equal(repeat(&t), -1);
    assert_int_equal(t.e.code, 0); /* the subject has its own words */
    assert_int_equal(closed, opened);
    t.s.fail_at = 0;
    fail_open = opened + 2;
    assert_int_equal(repeat(&t), -1);
    assert_string_equal(t.e.text, "no counters for anybody");
    assert_int_equal(closed, opened - 1);
    fail_start = 1;
    assert_int_equal(repeat(&t), -1);
    assert_string_equal(t.e.text, "b could not be started");
    fail_start = 0;
    fail_stop = 1;
    assert_int_equal(repeat(&t), 0);
    assert_int_equal(t.seen.unavailable, t.seen.repetitions);
    assert_string_equal(t.seen.reason, "an instrument could not be stopped");
    t.s.calls = 0;
    t.s.fail_at = 1;
    assert_int_equal(warm_up(&t, 1000), -1);
}

static void own_thread_comes_first(void **state)
{
    size_t count;
    pid_t *list = measure_threads(&count);

    (void)state;
    assert_non_null(list);
    assert_int_equal(list[0], gettid());
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(warm_up_waits_until_steady, set_up),
        cmocka_unit_test_setup(warm_up_has_an_end, set_up),
        cmocka_unit_test_setup(short_executions_are_repeated, set_up),
        cmocka_unit_test_setup(dear_counters_need_longer_repetitions, set_up),
        cmocka_unit_test_setup(the_last_instrument_is_innermost, set_up),
        cmocka_unit_test_setup(what_is_of_the_launch_is_read_once_at_its_end, set_up),
        cmocka_unit_test_setup(as_many_repetitions_as_asked, set_up),
        cmocka_unit_test_setup(precision_goes_on_until_it_is_reached, set_up),
        cmocka_unit_test_setup(a_fresh_set_per_repetition, set_up),
        cmocka_unit_test_setup(changed_threads_void_the_counts, set_up),
        cmocka_unit_test_setup(failures_are_told_apart, set_up),
        cmocka_unit_test_setup(own_thread_comes_first, set_up),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    buf_free(&story);
    return failed;
}
