/* What activity records add up to: sums, gaps, the longest kernel, and what lost or timeless records do to them. */
#include "collectors/cupti_tally.h"
#include "collectors/cupti_activity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct cupti_tally tally;
static struct reading readings[32];
static size_t count;

/* An H100's limits. */
static const struct cuda_facts facts = {.count = 1,
                                        .devices = {{.major = 9,
                                                     .threads_per_sm = 2048,
                                                     .registers_per_sm = 65536,
                                                     .blocks_per_sm = 32,
                                                     .shared_per_sm = 233472,
                                                     .shared_reserved_per_block = 1024}}};

static void kernel(uint64_t start, uint64_t end, int registers, int shared, int threads, int blocks)
{
    const struct cupti_kernel k = {.start = start,
                                   .end = end,
                                   .registers = registers,
                                   .shared_bytes = shared,
                                   .local_bytes = 8,
                                   .block_threads = threads,
                                   .grid_blocks = blocks};

    cupti_tally_kernel(&tally, &k);
}

static int begin(void **state)
{
    (void)state;
    cupti_tally_clear(&tally);
    return 0;
}

static const struct reading *reading(const char *metric)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(readings[i].metric, metric))
            return &readings[i];
    fail_msg("no %s", metric);
    return NULL;
}

static void gives(const char *metric, double value)
{
    const struct reading *r = reading(metric);

    if (r->value != value || r->quality != QUALITY_EXACT || *r->reason)
        fail_msg("%s is %g (%s: %s), not %g", metric, r->value, quality_name(r->quality), r->reason, value);
}

static void lacks(const char *metric, const char *why)
{
    const struct reading *r = reading(metric);

    if (!isnan(r->value) || r->quality != QUALITY_UNAVAILABLE || !strstr(r->reason, why))
        fail_msg("%s is %g (%s: %s), not unavailable: %s", metric, r->value, quality_name(r->quality), r->reason, why);
}

static void doubts(const char *metric, double value, const char *why)
{
    const struct reading *r = reading(metric);

    if (r->value != value || r->quality != QUALITY_SUSPECT || !strstr(r->reason, why))
        fail_msg("%s is %g (%s: %s), not %g: %s", metric, r->value, quality_name(r->quality), r->reason, value, why);
}

static void add_up(void)
{
    count = cupti_tally_read(&tally, &facts, readings, sizeof readings / sizeof *readings);
}

static void test_sums(void **state)
{
    (void)state;
    kernel(5000, 7000, 40, 0, 1024, 10); /* records come in any order */
    kernel(1000, 1100, 32, 512, 256, 99);
    kernel(1050, 2000, 16, 0, 64, 7); /* beside the one before */
    kernel(1060, 1070, 16, 0, 64, 7); /* inside it */
    cupti_tally_copy(&tally, COPY_TO_DEVICE, 4096, 100, 300);
    cupti_tally_copy(&tally, COPY_TO_HOST, 1024, 8000, 8050);
    cupti_tally_copy(&tally, COPY_ELSEWHERE, 77, 8050, 8060);
    cupti_tally_sum(&tally.sets, 10, 15);
    cupti_tally_sum(&tally.overhead, 20, 27);
    tally.traced_ns = 9000;
    add_up();
    gives("cupti.kernel_time", 2000 + 100 + 950 + 10);
    gives("cupti.kernels", 4);
    gives("cupti.kernel_gap", 3000);
    gives("cupti.copy_time", 260);
    gives("cupti.set_time", 5);
    gives("cupti.copied_to_device", 4096);
    gives("cupti.copied_to_host", 1024);
    gives("cupti.registers", 40);
    gives("cupti.shared_memory", 512);
    gives("cupti.local_memory", 8);
    gives("cupti.block_threads", 1024);
    gives("cupti.grid_blocks", 10);
    gives("cupti.occupancy_limit", 50); /* as in the test of occupancy */
    gives("cupti.dropped", 0);
    gives("cupti.overhead_time", 7);
    gives("cupti.traced_time", 9000);
}

static void test_catalogue(void **state)
{
    size_t n = 0;

    (void)state;
    kernel(1, 2, 16, 0, 32, 1);
    add_up();
    for (; cupti_activity_metrics[n].name; n++) {
        assert_string_equal(readings[n].metric, cupti_activity_metrics[n].name);
        assert_non_null(cupti_activity_metrics[n].unit);
        assert_non_null(cupti_activity_metrics[n].meaning);
    }
    assert_int_equal(n, count);
    assert_int_equal(cupti_tally_read(&tally, &facts, readings, 3), 3);
}

/* A kernel without times ran, but took no 0 ns. */
static void test_timeless(void **state)
{
    (void)state;
    kernel(0, 0, 255, 0, 128, 5);
    add_up();
    gives("cupti.kernels", 1);
    gives("cupti.registers", 255);
    lacks("cupti.kernel_time", "no times");
    lacks("cupti.kernel_gap", "no times");
    lacks("cupti.occupancy_limit", "no times");
    kernel(100, 150, 16, 0, 32, 1);
    kernel(200, 90, 16, 0, 32, 1); /* ends before it starts */
    add_up();
    gives("cupti.kernels", 3);
    doubts("cupti.kernel_time", 50, "2 of CUPTI's records have no times");
    gives("cupti.copy_time", 0);
    cupti_tally_copy(&tally, COPY_TO_HOST, 10, 0, 0);
    add_up();
    lacks("cupti.copy_time", "no times");
    gives("cupti.copied_to_host", 10);
}

static void test_dropped(void **state)
{
    (void)state;
    kernel(100, 150, 16, 0, 32, 1);
    tally.dropped = 1;
    tally.traced_ns = 60;
    add_up();
    doubts("cupti.kernel_time", 50, "CUPTI lost 1 record");
    doubts("cupti.kernels", 1, "CUPTI lost 1 record");
    doubts("cupti.copied_to_host", 0, "CUPTI lost 1 record");
    gives("cupti.dropped", 1);
    gives("cupti.traced_time", 60);
}

/* No record at all says nothing; copies without a kernel say that none ran. */
static void test_nothing(void **state)
{
    (void)state;
    add_up();
    lacks("cupti.kernel_time", "no record");
    lacks("cupti.kernels", "no record");
    gives("cupti.dropped", 0);
    cupti_tally_copy(&tally, COPY_ELSEWHERE, 4096, 100, 200);
    add_up();
    gives("cupti.kernels", 0);
    gives("cupti.kernel_time", 0);
    gives("cupti.copy_time", 100);
    lacks("cupti.registers", "no kernel ran");
    lacks("cupti.occupancy_limit", "no kernel ran");
}

static void test_failure(void **state)
{
    (void)state;
    kernel(100, 150, 16, 0, 32, 1);
    snprintf(tally.reason, sizeof tally.reason, "cuptiActivityFlushAll failed");
    add_up();
    for (size_t i = 0; i < count; i++)
        lacks(readings[i].metric, "cuptiActivityFlushAll failed");
}

static void test_unknown_device(void **state)
{
    struct cupti_kernel k = {.start = 1, .end = 2, .device = 3, .registers = 16, .block_threads = 32};

    (void)state;
    cupti_tally_kernel(&tally, &k);
    add_up();
    lacks("cupti.occupancy_limit", "limits are not known");
    gives("cupti.kernel_time", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sums, begin),           cmocka_unit_test_setup(test_catalogue, begin),
        cmocka_unit_test_setup(test_timeless, begin),       cmocka_unit_test_setup(test_dropped, begin),
        cmocka_unit_test_setup(test_nothing, begin),        cmocka_unit_test_setup(test_failure, begin),
        cmocka_unit_test_setup(test_unknown_device, begin),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    cupti_tally_free(&tally);
    return failed;
}
