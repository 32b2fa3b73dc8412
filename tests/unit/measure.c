/* Warm-up, calibration and repetitions with a scripted clock, scripted instruments and a subject whose speed is
 * known. */
#include "../../harness/measure.h"
#include "../../harness/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Time passes only when the subject runs, or an instrument says so. */
static int64_t time_ns;
static struct buf story;

static int64_t now(void)
{
    return time_ns;
}

struct subject {
    int64_t execution_ns, slow_ns; /* while cold: `slow_ns` more, halved by each call */
    int64_t executed, calls, resets, fail_at;
    int64_t jitter_ns;    /* every other call */
    bool consumes, grows; /* grows: a new thread in every call */
    pthread_t threads[64];
    int thread_count;
};

static pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_release(void *nothing)
{
    pthread_mutex_lock(&hold);
    pthread_mutex_unlock(&hold);
    return nothing;
}

static bool reset(void *user)
{
    struct subject *s = user;

    s->resets++;
    return s->consumes;
}

static int execute(void *user, int64_t inner)
{
    struct subject *s = user;

    buf_add(&story, "x");
    if (++s->calls == s->fail_at)
        return -1;
    time_ns += inner * s->execution_ns + s->slow_ns + (s->calls % 2 ? s->jitter_ns : 0);
    s->slow_ns /= 2;
    s->executed += inner;
    if (s->grows && !pthread_create(&s->threads[s->thread_count], NULL, wait_for_release, NULL))
        s->thread_count++;
    return 0;
}

/* Two instruments, a and b, that tell when they are used. */
struct scripted {
    char name;
    int64_t begun, ended, cost_ns;
};

static int opened, closed, fail_open, fail_start, fail_stop;
static int64_t start_cost;

static void *open_named(char name, struct err *e)
{
    struct scripted *s = calloc(1, sizeof *s);

    if (++opened == fail_open) {
        free(s);
        err_set(e, CM_NOTHING, "no counters for anybody");
        return NULL;
    }
    s->name = name;
    return s;
}

static void *open_a(const char *events, const struct target *target, struct err *e)
{
    (void)events;
    (void)target;
    return open_named('a', e);
}

static void *open_b(const char *events, const struct target *target, struct err *e)
{
    (void)events;
    (void)target;
    return open_named('b', e);
}

static int start(void *handle)
{
    struct scripted *s = handle;

    buf_addf(&story, "(%c", s->name);
    if (s->name == 'b') {
        time_ns += start_cost;
        if (fail_start)
            return -1;
    }
    s->begun = time_ns;
    return 0;
}

static int stop(void *handle)
{
    struct scripted *s = handle;

    s->ended = time_ns;
    buf_addf(&story, "%c)", s->name);
    return fail_stop ? -1 : 0;
}

static size_t read_one(void *handle, struct reading *out, size_t capacity)
{
    struct scripted *s = handle;

    if (!capacity)
        return 0;
    *out = (struct reading){.metric = s->name == 'b' ? "wall.time" : "other", .value = (double)(s->ended - s->begun)};
    return 1;
}

static void close_one(void *handle)
{
    closed++;
    free(handle);
}

static const struct collector a = {
    .summary = "a", .open = open_a, .start = start, .stop = stop, .read = read_one, .close = close_one};
static const struct collector b = {
    .summary = "b", .open = open_b, .start = start, .stop = stop, .read = read_one, .close = close_one};

struct seen {
    int repetitions;
    double wall, other;
    int unavailable;
    char reason[120];
};

static void see(int repetition, struct reading *readings, size_t count, void *user)
{
    struct seen *s = user;

    assert_int_equal(repetition, s->repetitions);
    assert_int_equal(count, 2);
    s->repetitions++;
    s->other = readings[0].value;
    s->wall = readings[1].value;
    if (readings[1].quality == QUALITY_UNAVAILABLE) {
        assert_true(isnan(readings[0].value) && isnan(readings[1].value));
        s->unavailable++;
        snprintf(s->reason, sizeof s->reason, "%s", readings[1].reason);
    }
}

static struct measure_instruments instruments(void)
{
    return (struct measure_instruments){.items = {{.collector = &a, .events = ""}, {.collector = &b, .events = ""}},
                                        .count = 2};
}

static int set_up(void **state)
{
    (void)state;
    time_ns = 1000;
    start_cost = 0;
    opened = closed = fail_open = fail_start = fail_stop = 0;
    buf_clear(&story);
    return 0;
}

static struct measure_settings settings(void)
{
    return (struct measure_settings){
        .target_s = 0.1, .min_repetitions = 1, .max_repetitions = 30, .now = now, .clock_ns = 50};
}

static void warm_up_waits_until_steady(void **state)
{
    struct subject s = {.execution_ns = 1000000, .slow_ns = 8000000};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};

    (void)state;
    assert_int_equal(measure_warm_up(&subject, &set, 9000000, &report), 0);
    /* 8, 4, 2, 1, 0.5, 0.25, ... ms on top of 1 ms: the tenth to the twelfth are within 2 %. */
    assert_int_equal(s.calls, 12);
    assert_true(report.execution_ns < 1.02e6);
    assert_int_equal(report.inner, 4);
    assert_true(report.executing_ns == time_ns - 1000);
}

static void warm_up_has_an_end(void **state)
{
    struct subject s = {.execution_ns = 10000000, .jitter_ns = 5000000};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};

    (void)state;
    assert_int_equal(measure_warm_up(&subject, &set, 10000000, &report), 0);
    assert_in_range(s.calls, 7, 9);
    /* What takes longer than the target is warm after its first execution. */
    s.calls = 0;
    assert_int_equal(measure_warm_up(&subject, &set, 200000000, &report), 0);
    assert_int_equal(s.calls, 0);
    assert_int_equal(report.inner, 1);
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
        struct subject s = {.execution_ns = rows[i].execution_ns, .consumes = rows[i].consumes};
        const struct measure_subject subject = {reset, execute, &s};
        struct measure_settings set = settings();
        struct measure_report report = {0};

        set.inner = rows[i].inner;
        set.max_repetitions = rows[i].max;
        assert_int_equal(measure_warm_up(&subject, &set, rows[i].execution_ns, &report), 0);
        if (report.inner != rows[i].expected)
            fail_msg("row %zu: inner %lld", i, (long long)report.inner);
        assert_int_equal(report.single, rows[i].consumes);
    }
}

static void dear_counters_need_longer_repetitions(void **state)
{
    struct subject s = {.execution_ns = 1000};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    start_cost = 100000;
    in.by_thread = true;
    assert_int_equal(measure_warm_up(&subject, &set, 1000, &report), 0);
    assert_int_equal(report.inner, 3334);
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(report.inner, 10000);
    assert_int_equal(seen.unavailable, 0);
    /* What the counters cost is not the subject's time. */
    assert_true(report.executing_ns >= 1000 * s.executed && report.executing_ns <= 1000 * s.executed + 10);
}

static void the_last_instrument_is_innermost(void **state)
{
    struct subject s = {.execution_ns = 50000000};
    const struct measure_subject subject = {reset, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {.execution_ns = 5e7};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    start_cost = 7;
    set.inner = 1;
    set.max_repetitions = 1;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_non_null(strstr(buf_text(&story), "(a(bxb)a)"));
    assert_true(seen.wall == 5e7);
    assert_true(seen.other == 5e7 + 7);
    assert_int_equal(s.resets, 1);
    assert_int_equal(opened, 2);
    assert_int_equal(closed, 2);
    assert_int_equal(in.items[0].handle, NULL);
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
    struct subject s = {.execution_ns = 10000000};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {.execution_ns = 1e7};
    struct measure_instruments in = {
        .items = {{.collector = &c, .events = ""}, {.collector = &a, .events = ""}, {.collector = &b, .events = ""}},
        .count = 3};
    struct told told = {0};
    struct err e = {0};

    (void)state;
    set.inner = 1;
    set.max_repetitions = 3;
    assert_int_equal(measure_repeat(&subject, &set, &in, see_launch, &told, &report, &e), 0);
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
        struct subject s = {.execution_ns = rows[i].execution_ns};
        const struct measure_subject subject = {NULL, execute, &s};
        struct measure_settings set = settings();
        struct measure_report report = {0};
        struct measure_instruments in = instruments();
        struct seen seen = {0};
        struct err e = {0};

        set.inner = 1;
        set.min_repetitions = rows[i].min;
        set.max_repetitions = rows[i].max;
        assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
        if (seen.repetitions != rows[i].expected)
            fail_msg("row %zu: %d repetitions", i, seen.repetitions);
        assert_int_equal(report.repetitions, seen.repetitions);
        assert_true(report.executing_ns == s.executed * rows[i].execution_ns);
    }
}

static void precision_goes_on_until_it_is_reached(void **state)
{
    struct subject steady = {.execution_ns = 1000000}, noisy = {.execution_ns = 1000000, .jitter_ns = 500000};
    const struct measure_subject first = {NULL, execute, &steady}, second = {NULL, execute, &noisy};
    struct measure_settings set = settings();
    struct measure_report report = {0};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    set.inner = 1;
    set.precision = 0.01;
    assert_int_equal(measure_repeat(&first, &set, &in, see, &seen, &report, &e), 0);
    assert_in_range(seen.repetitions, 6, 30);
    seen = (struct seen){0};
    assert_int_equal(measure_repeat(&second, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(seen.repetitions, 300);
}

static void a_fresh_set_per_repetition(void **state)
{
    struct subject s = {.execution_ns = 30000000};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    set.inner = 1;
    in.fresh = true;
    in.kind = TARGET_TREE;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(seen.repetitions, 3);
    assert_int_equal(opened, 2 * 3);
    assert_int_equal(closed, opened);
}

static void changed_threads_void_the_counts(void **state)
{
    struct subject s = {.execution_ns = 30000000, .grows = true};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    set.inner = 1;
    in.by_thread = true;
    pthread_mutex_lock(&hold);
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(seen.unavailable, seen.repetitions);
    assert_string_equal(seen.reason, "the threads of the process changed while they were counted");
    /* Time does not care. */
    seen = (struct seen){0};
    in.by_thread = false;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(seen.unavailable, 0);
    pthread_mutex_unlock(&hold);
    while (s.thread_count)
        pthread_join(s.threads[--s.thread_count], NULL);
}

static void failures_are_told_apart(void **state)
{
    struct subject s = {.execution_ns = 30000000, .fail_at = 2};
    const struct measure_subject subject = {NULL, execute, &s};
    struct measure_settings set = settings();
    struct measure_report report = {0};
    struct measure_instruments in = instruments();
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    set.inner = 1;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), -1);
    assert_int_equal(e.code, 0); /* the subject has its own words */
    assert_int_equal(closed, opened);
    s.fail_at = 0;
    fail_open = opened + 2;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), -1);
    assert_string_equal(e.text, "no counters for anybody");
    assert_int_equal(closed, opened - 1);
    err_clear(&e);
    fail_start = 1;
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), -1);
    assert_string_equal(e.text, "b could not be started");
    fail_start = 0;
    fail_stop = 1;
    err_clear(&e);
    seen = (struct seen){0};
    assert_int_equal(measure_repeat(&subject, &set, &in, see, &seen, &report, &e), 0);
    assert_int_equal(seen.unavailable, seen.repetitions);
    assert_string_equal(seen.reason, "an instrument could not be stopped");
    s.calls = 0;
    s.fail_at = 1;
    assert_int_equal(measure_warm_up(&subject, &set, 1000, &report), -1);
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
