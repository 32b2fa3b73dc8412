/* What a worker says of GPUs is read as it was written, whatever stands in it; facts of GPUs go to machine and environment. */
#include "harness/gpu.h"
#include "harness/base/buf.h"
#include "harness/host_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct cuda_device board = {.name = "NVIDIA H100 80GB HBM3",
                                         .uuid = "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f",
                                         .major = 9,
                                         .sms = 132,
                                         .threads_per_sm = 2048,
                                         .registers_per_sm = 65536,
                                         .blocks_per_sm = 32,
                                         .shared_per_sm = 233472,
                                         .shared_reserved_per_block = 1024,
                                         .l2_bytes = 52428800,
                                         .memory_bytes = 85045411840,
                                         .sm_clock_mhz = 1980,
                                         .memory_clock_mhz = 2619,
                                         .bus_bits = 5120,
                                         .ecc = true,
                                         .power_limit_w = 699.5};

static struct cuda_facts two_boards(void)
{
    struct cuda_facts f = {.cuda = 12080, .driver = "570.1", .cupti = "12.8", .profiling_restricted = true, .count = 2};

    f.devices[0] = f.devices[1] = board;
    memset(f.devices[1].name, 0, sizeof f.devices[1].name);
    strcpy(f.devices[1].name, "another \"one\" \\ \xc3\xa9");
    f.devices[1].mig = true;
    return f;
}

static void test_facts_round_trip(void **state)
{
    struct cuda_facts written = two_boards(), got;
    struct buf line = {0};

    (void)state;
    gpu_write(&written, &line);
    assert_int_equal(line.text[line.length - 1], '\n');
    assert_true(gpu_parse(line.text, line.length, &got));
    assert_memory_equal(&got, &written, sizeof got);
    buf_free(&line);
}

static void test_check_round_trip(void **state)
{
    struct cupti_check written = {.works = true, .chip = "GH100", .version = "13.0.1", .path = "/a b/c"}, got;
    struct buf line = {0};

    (void)state;
    strcpy(written.reason, "no permission");
    strcpy(written.cure, "run as root");
    gpu_write_check(&written, &line);
    assert_true(gpu_parse_check(line.text, line.length, &got));
    assert_memory_equal(&got, &written, sizeof got);
    buf_free(&line);
}

/* Foreign texts cannot steer a terminal, nor end a line. */
static void test_foreign_text(void **state)
{
    struct cuda_facts written = {.count = 1}, got;
    struct buf line = {0};

    (void)state;
    strcpy(written.devices[0].name, "GPU\x1b[2J\nnext");
    strcpy(written.driver, "\xff\xfe");
    gpu_write(&written, &line);
    assert_true(gpu_parse(line.text, line.length, &got));
    assert_string_equal(got.devices[0].name, "GPU [2J next");
    assert_string_equal(got.driver, "(not valid UTF-8)");
    buf_free(&line);
}

static void test_what_is_no_answer(void **state)
{
    static const char *const lines[] = {
        "",
        "{}",
        "[]",
        "nonsense",
        "{\"protocol\":1}",
        "{\"protocol\":1,\"reason\":\"\"}",
        "{\"protocol\":99,\"reason\":\"\",\"devices\":[],\"works\":true}",
        "{\"protocol\":1,\"reason\":7,\"devices\":[],\"works\":true}",
        "{\"protocol\":1,\"reason\":\"\",\"devices\":{},\"works\":1}",
    };
    struct cuda_facts facts;
    struct cupti_check check;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_false(gpu_parse(lines[i], strlen(lines[i]), &facts));
        assert_int_equal(facts.count, 0);
        assert_false(gpu_parse_check(lines[i], strlen(lines[i]), &check));
        assert_false(check.works);
    }
}

/* More devices than there is room for, and devices that are none. */
static void test_many_devices(void **state)
{
    struct buf line = {0};
    struct cuda_facts got;

    (void)state;
    buf_add(&line, "{\"protocol\":1,\"reason\":\"\",\"devices\":[");
    for (int i = 0; i < CUDA_DEVICES + 4; i++)
        buf_add(&line, i ? ",7" : "{\"sms\":4}");
    buf_add(&line, "]}");
    assert_true(gpu_parse(line.text, line.length, &got));
    assert_int_equal(got.count, CUDA_DEVICES);
    assert_int_equal(got.devices[0].sms, 4);
    assert_int_equal(got.devices[1].sms, 0);
    buf_free(&line);
}

static void test_age(void **state)
{
    struct cuda_facts f = two_boards();

    (void)state;
    gpu_judge_age(&f, "12.9.1");
    assert_string_equal(f.reason, ""); /* minor versions go together */
    gpu_judge_age(&f, "");
    assert_string_equal(f.reason, "");
    gpu_judge_age(&f, "13.0.88");
    assert_non_null(strstr(f.reason, "570.1 is too old: it serves CUDA 12.8"));
    assert_non_null(strstr(f.cure, "driver for CUDA 13"));
    f = two_boards();
    f.driver[0] = '\0';
    gpu_judge_age(&f, "13.0.88");
    assert_non_null(strstr(f.reason, "the NVIDIA driver is too old"));
    f = two_boards();
    f.cuda = 0;
    gpu_judge_age(&f, "13.0.88");
    assert_string_equal(f.reason, "");
    strcpy(f.reason, "no GPU");
    f.cuda = 12080;
    gpu_judge_age(&f, "13.0.88");
    assert_string_equal(f.reason, "no GPU");
}

static void test_facts_of_the_host(void **state)
{
    struct cuda_facts f = two_boards();
    struct facts machine = {0}, environment = {0};
    struct fact *m, *e;

    (void)state;
    host_gpu_facts(&f, &machine, &environment);
    m = facts_take(&machine);
    e = facts_take(&environment);
    assert_string_equal(host_fact(m, "gpu.0.name"), "NVIDIA H100 80GB HBM3");
    assert_string_equal(host_fact(m, "gpu.0.capability"), "9.0");
    assert_string_equal(host_fact(m, "gpu.0.sms"), "132");
    assert_string_equal(host_fact(m, "gpu.0.l2.bytes"), "52428800");
    assert_string_equal(host_fact(m, "gpu.0.memory.bytes"),
                        "84825604096"); /* 79 GiB: what a driver keeps is not told */
    assert_string_equal(host_fact(m, "gpu.0.memory.bus"), "5120");
    assert_string_equal(host_fact(m, "gpu.1.memory_clock.max"), "2619");
    assert_null(host_fact(m, "gpu.0.uuid"));
    assert_null(host_fact(m, "gpu.driver"));
    assert_string_equal(host_fact(e, "gpu.driver"), "570.1");
    assert_string_equal(host_fact(e, "gpu.cuda"), "12.8");
    assert_string_equal(host_fact(e, "library.cupti"), "12.8");
    assert_string_equal(host_fact(e, "gpu.0.ecc"), "on");
    assert_string_equal(host_fact(e, "gpu.0.mig"), "off");
    assert_string_equal(host_fact(e, "gpu.1.mig"), "on");
    assert_string_equal(host_fact(e, "gpu.0.power_limit"), "700");
    facts_free(m);
    facts_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_round_trip),  cmocka_unit_test(test_check_round_trip),
        cmocka_unit_test(test_foreign_text),      cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_many_devices),      cmocka_unit_test(test_age),
        cmocka_unit_test(test_facts_of_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
