/* The first cause of a change: every factor, the split of the cycles, and which counters are worth a word. */
#include "../../reports/analysis/why.h"
#include "../../harness/base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIDE 8

/* Eight launches around `value`, `noise` apart. */
static struct compare_side launches(double value, double noise)
{
    static double room[64][SIDE];
    static size_t used;
    double *x = room[used++ % 64];

    for (int i = 0; i < SIDE; i++)
        x[i] = value * (1 + noise * ((i * 5) % SIDE - 3.5) / 3.5);
    return (struct compare_side){x, SIDE};
}

static struct compare_side once(double value)
{
    struct compare_side s = launches(value, 0);

    s.count = 1;
    return s;
}

static struct why_series moved(const char *words, double before, double now, double noise)
{
    return (struct why_series){.words = words, .before = launches(before, noise), .now = launches(now, noise)};
}

static struct why_input slower(double time, double instructions, double cycles)
{
    return (struct why_input){.what = "time",
                              .ratio = time,
                              .time = moved("time", 1e6, 1e6 * time, 0.002),
                              .instructions = moved("instructions", 3e6, 3e6 * instructions, 0),
                              .cycles = moved("cycles", 4e6, 4e6 * cycles, 0.001)};
}

static char text[500];

#define SAYS(w, part) assert_non_null(strstr(why_sentence((w), text, sizeof text), (part)))
#define SAYS_NOT(w, part) assert_null(strstr(why_sentence((w), text, sizeof text), (part)))

static void factors_stand_apart(void **state)
{
    struct why_input stalls = slower(1.061, 1, 1.06), work = slower(1.2, 1.2, 1.2), clock = slower(1.1, 1, 1);

    (void)state;
    SAYS(&stalls, "+6.1 % time: instructions +0.0 %, cycles per instruction +6.0 %, clock -0.1 %");
    SAYS(&stalls, "the added cycles are stalls, not work");
    SAYS(&work, "instructions +20 %, cycles per instruction +0.0 %");
    SAYS(&work, "the added cycles are work, not stalls");
    SAYS(&clock, "clock -9.1 %");
    SAYS(&clock, "instructions and cycles did not move");
}

/* 10 % more instructions at 10 % more cycles each: 0.1 of 0.21 is work at the old price. */
static void cycles_are_split_exactly(void **state)
{
    struct why_input both = slower(1.21, 1.1, 1.21), saved = slower(0.7, 0.7, 0.7);

    (void)state;
    SAYS(&both, "48 % of the added cycles are work, the rest stalls");
    SAYS(&saved, "the saved cycles are work, not stalls");
}

static void counters_are_ranked_with_intervals(void **state)
{
    struct why_series counters[] = {moved("L1D misses", 20000, 29600, 0.01), moved("L2 misses", 4000, 12000, 0.01),
                                    moved("branch mispredictions", 9000, 9090, 0.05), moved("page faults", 0, 0, 0)};
    struct why_input w = slower(1.061, 1, 1.06);
    const char *first, *second;

    (void)state;
    w.counters = counters;
    w.counter_count = 4;
    why_sentence(&w, text, sizeof text);
    first = strstr(text, "L2 misses x3");
    if (!first)
        first = strstr(text, "L2 misses +200 % (+1");
    second = strstr(text, "L1D misses +48 % (+4");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    SAYS_NOT(&w, "mispredictions");
    SAYS_NOT(&w, "page faults");
}

static void what_begins_to_happen_is_named_first(void **state)
{
    struct why_series counters[] = {moved("L1D misses", 20000, 29600, 0.01), moved("L2 misses", 0, 5000, 0)};
    struct why_input w = slower(1.061, 1, 1.06);

    (void)state;
    w.counters = counters;
    w.counter_count = 2;
    SAYS(&w, "moved beyond noise: L2 misses from none, L1D misses +48 %");
}

/* Three more misses cannot be 60 microseconds. */
static void what_cannot_be_felt_is_no_cause(void **state)
{
    struct why_series counters[] = {moved("L2 misses", 3, 6, 0)};
    struct why_input w = slower(1.061, 1, 1.06);

    (void)state;
    w.counters = counters;
    w.counter_count = 1;
    SAYS_NOT(&w, "L2 misses");
    counters[0].most_ns = 1e5;
    SAYS(&w, "L2 misses");
}

static void intervals_are_written_like_the_change(void **state)
{
    struct why_series counters[] = {moved("L2 misses", 10000, 500000, 0.01), moved("L1D misses", 10000, 10500, 0)};
    struct why_input w = slower(1.061, 1, 1.06);

    (void)state;
    w.counters = counters;
    w.counter_count = 2;
    SAYS(&w, "L2 misses x50 (x4");
    SAYS(&w, "L1D misses +5.0 % (+5.0 to +5.0)");
}

static void one_launch_is_judged_by_its_repetitions(void **state)
{
    struct why_series counters[] = {{.words = "L1D misses", .before = once(20000), .now = once(21000), .spread = 0.1}};
    struct why_input w = slower(1.061, 1, 1.06);

    (void)state;
    w.counters = counters;
    w.counter_count = 1;
    SAYS_NOT(&w, "L1D misses");
    counters[0].spread = 0.005;
    SAYS(&w, "L1D misses +5.0 %");
}

static void counts_that_moved_tell_the_time(void **state)
{
    struct why_input w = slower(1.028, 1.03, 1.029);

    (void)state;
    w.what = "instructions";
    w.ratio = 1.03;
    SAYS(&w, "+3.0 % instructions: time +2.8 %");
}

static void what_was_not_counted_is_said(void **state)
{
    struct why_input w = {.what = "time", .ratio = 1.2, .time = moved("time", 1, 1.2, 0.01)};
    char small[12];

    (void)state;
    SAYS(&w, "nothing was counted on this machine");
    assert_true(strlen(why_sentence(&w, small, sizeof small)) < sizeof small);
    w.instructions = moved("instructions", 100, 120, 0);
    w.simulated = true;
    SAYS(&w, "simulated instructions +20 %; cycles were not counted, so stalls and clock cannot be told apart");
    w.instructions.now.count = 0;
    SAYS(&w, "instructions were not counted on both sides");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_stand_apart),
        cmocka_unit_test(cycles_are_split_exactly),
        cmocka_unit_test(counters_are_ranked_with_intervals),
        cmocka_unit_test(what_begins_to_happen_is_named_first),
        cmocka_unit_test(what_cannot_be_felt_is_no_cause),
        cmocka_unit_test(intervals_are_written_like_the_change),
        cmocka_unit_test(one_launch_is_judged_by_its_repetitions),
        cmocka_unit_test(counts_that_moved_tell_the_time),
        cmocka_unit_test(what_was_not_counted_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
