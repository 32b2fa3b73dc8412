/* Counters that need several rounds of equal work for one reading: a strict instrument counts its own regions. */
#include "../../harness/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BRACKET_NS 2000000 /* what starting costs, and stopping */

static int64_t time_ns;

static int64_t now(void)
{
    return time_ns;
}

/* Wants `rounds` regions between two readings, as a GPU's profiler does. */
struct profiler {
    int rounds, begun, ended;
    bool inside;
};

static int wanted_rounds, fail_stop_at, opened, closed;
static struct profiler only;

static void *open_profiler(const char *events, const struct target *target, struct err *e)
{
    (void)events;
    (void)target;
    (void)e;
    opened++;
    only = (struct profiler){.rounds = wanted_rounds};
    return &only;
}

static int start(void *handle)
{
    struct profiler *p = handle;

    assert_false(p->inside);
    assert_true(p->begun < p->rounds); /* one region too many would spoil the reading */
    time_ns += BRACKET_NS;
    p->begun++;
    p->inside = true;
    return 0;
}

static int stop(void *handle)
{
    struct profiler *p = handle;

    assert_true(p->inside);
    time_ns += BRACKET_NS;
    p->inside = false;
    return ++p->ended == fail_stop_at ? -1 : 0;
}

static int rounds(void *handle)
{
    return ((struct profiler *)handle)->rounds;
}

static size_t read_profiler(void *handle, struct reading *out, size_t capacity)
{
    struct profiler *p = handle;

    if (capacity < 2)
        return 0;
    out[0] = (struct reading){.metric = "regions", .value = p->ended, .share = 1};
    out[1] = (struct reading){
        .metric = "hidden", .value = (double)NAN, .quality = QUALITY_UNAVAILABLE, .reason = "not on this chip"};
    p->begun = p->ended = 0;
    return 2;
}

static void close_profiler(void *handle)
{
    (void)handle;
    closed++;
}

static const struct collector profiler = {.summary = "profiler",
                                          .open = open_profiler,
                                          .start = start,
                                          .stop = stop,
                                          .rounds = rounds,
                                          .read = read_profiler,
                                          .close = close_profiler};

struct subject {
    int executions, resets, fail_at;
};

static bool reset(void *user)
{
    struct subject *s = user;

    assert_false(only.inside);
    s->resets++;
    return false;
}

static int execute(void *user, int64_t inner)
{
    struct subject *s = user;

    assert_true(only.inside);
    time_ns += inner * 1000;
    s->executions += (int)inner;
    return s->fail_at && s->executions >= s->fail_at ? -1 : 0;
}

struct seen {
    int repetitions;
    double regions;
    char reasons[2][120];
};

static void see(int repetition, struct reading *readings, size_t count, void *user)
{
    struct seen *s = user;

    assert_int_equal(repetition, s->repetitions++);
    assert_int_equal(count, 2);
    s->regions = readings[0].value;
    for (size_t i = 0; i < 2; i++)
        snprintf(s->reasons[i], sizeof s->reasons[i], "%s", readings[i].reason);
}

static int measure(struct subject *subject, struct measure_report *report, struct seen *seen, struct err *e)
{
    struct measure_instruments in = {.items = {{.collector = &profiler, .events = "x"}}, .count = 1};
    const struct measure_subject m = {reset, execute, subject};
    const struct measure_settings set = {
        .inner = 1, .target_s = 1, .min_repetitions = 1, .max_repetitions = 4, .now = now, .clock_ns = 50};

    return measure_repeat(&m, &set, &in, see, seen, report, e);
}

static int set_up(void **state)
{
    (void)state;
    opened = closed = fail_stop_at = 0;
    return 0;
}

static void every_round_counts_and_one_reading_is_made(void **state)
{
    (void)state;
    for (wanted_rounds = 1; wanted_rounds <= 9; wanted_rounds += 4) {
        struct subject s = {0};
        struct measure_report report = {0};
        struct seen seen = {0};
        struct err e = {0};

        assert_int_equal(measure(&s, &report, &seen, &e), 0);
        assert_int_equal(seen.repetitions, 4);
        assert_int_equal((int)seen.regions, wanted_rounds);
        assert_int_equal(s.executions, 4 * wanted_rounds);
        assert_int_equal(s.resets, s.executions);
        assert_int_equal(report.inner, 1);
        /* Milliseconds of bracketing around every microsecond of work: only the work counts. */
        assert_int_equal(report.executing_ns, 1000 * s.executions);
    }
    assert_int_equal(closed, opened);
}

static void nonsense_is_one_round(void **state)
{
    struct measure_instruments in = {.items = {{.collector = &profiler, .events = "x", .handle = &only}}, .count = 1};
    bool counted;

    (void)state;
    only.rounds = -3;
    assert_int_equal(measure_rounds(&in, &counted), 1);
    assert_true(counted);
}

static void a_round_that_fails_spoils_its_repetition(void **state)
{
    struct subject s = {0};
    struct measure_report report = {0};
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    wanted_rounds = 3;
    fail_stop_at = 2; /* the read takes the count back, so this happens in every repetition */
    assert_int_equal(measure(&s, &report, &seen, &e), 0);
    assert_int_equal(seen.repetitions, 4);
    assert_true(isnan(seen.regions));
    assert_string_equal(seen.reasons[0], "an instrument could not be stopped");
    assert_string_equal(seen.reasons[1], "not on this chip");
    assert_int_equal(s.executions, 4 * 2); /* no third round for nothing */
}

static void a_subject_that_fails_in_a_later_round_ends_it(void **state)
{
    struct subject s = {.fail_at = 2};
    struct measure_report report = {0};
    struct seen seen = {0};
    struct err e = {0};

    (void)state;
    wanted_rounds = 3;
    assert_int_equal(measure(&s, &report, &seen, &e), -1);
    assert_int_equal(e.code, 0); /* the subject has its own words */
    assert_int_equal(seen.repetitions, 0);
    assert_false(only.inside);
    assert_int_equal(closed, opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_round_counts_and_one_reading_is_made, set_up),
        cmocka_unit_test_setup(nonsense_is_one_round, set_up),
        cmocka_unit_test_setup(a_round_that_fails_spoils_its_repetition, set_up),
        cmocka_unit_test_setup(a_subject_that_fails_in_a_later_round_ends_it, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
