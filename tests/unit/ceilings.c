/*
 * The kernels that measure ceilings, copy and peak, and their variants: exact results for sizes that leave remainders, nothing
 * written beyond the array, the work that rates are made of, and words for what is wrong.
 */
#include "tests/unit/variants.h"
#include "variants/copy/copy.h"
#include "variants/peak/peak.h"

static void test_every_copy(void **state)
{
    static const char *const settings[] = {"size=16",          "size=31",
                                           "size=32",          "size=4096",
                                           "size=1000",        "size=100003",
                                           "size=1M",          "size=16,threads=16",
                                           "size=200",         "size=200,threads=1",
                                           "size=5M,threads=7"};

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_check_all("copy", settings[i]);
}

/* The arrays lie one behind the other: what stands between them stays as it was. */
static void test_nothing_beyond_the_end(void **state)
{
    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        if (strcmp(row->kernel, "copy") || subject_reason(row))
            continue;
        for (int n = 1; n < 140; n++) {
            const struct copy *c;
            struct subject s;
            char settings[60];

            snprintf(settings, sizeof settings, "size=%d,threads=%d", 16 * n, 1 + n % 5);
            subject_open(&s, "copy", row->variant, settings);
            c = s.run.problem;
            assert_int_equal(c->bytes, 8 * n);
            subject_stays_inside(&s, row->variant, (unsigned char *)c->to + c->bytes, c->from);
            subject_close(&s);
        }
    }
}

static void test_work_of_copy(void **state)
{
    struct subject s, other;

    (void)state;
    subject_open(&s, "copy", NULL, "size=4100");
    assert_true(s.work.elements == 256 && s.work.flops == 0);
    assert_true(s.work.bytes_read == 2048 && s.work.bytes_written == 2048);
    assert_true(s.kernel->footprint(&s.run) >= 4096 + 2048);
    subject_describe(&other, "copy", NULL, "size=4100");
    other.run.seed = 8;
    assert_int_equal(other.kernel->setup(&other.run), 0);
    assert_memory_not_equal(((struct copy *)s.run.problem)->from, ((struct copy *)other.run.problem)->from, 2048);
    other.kernel->teardown(&other.run);
    subject_close(&s);
}

static void test_every_peak(void **state)
{
    static const char *const settings[] = {
        "size=1024,steps=640",
        "size=1024,steps=640,precision=fp32",
        "size=2048,steps=1280",
        "size=3072,steps=640,precision=fp32",
        "size=5120,steps=640,threads=1",
        "size=5120,steps=640,threads=4,precision=fp32",
        "size=7168,steps=640,threads=16",
        "size=1024,steps=64000",
        "size=1024,steps=64000,precision=fp32",
    };

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_check_all("peak", settings[i]);
}

/* With the most steps every result is still exact: the last one in a float is below 2^24, where whole numbers end. */
static void test_work_of_peak(void **state)
{
    const struct peak *p;
    struct subject s;

    (void)state;
    subject_open(&s, "peak", NULL, "size=2048,steps=16000000,precision=fp32");
    p = s.run.problem;
    assert_true(s.work.elements == 2048.0 * 16000000 && s.work.flops == 2 * s.work.elements);
    assert_true(s.work.bytes_read == 0 && s.work.bytes_written == 4 * 2048);
    assert_true(((const float *)s.wanted)[1023] == 16001023 && ((const float *)s.wanted)[1024] == 16000000);
    assert_true(p->a == 1 && p->b == 1);
    subject_close(&s);
    subject_open(&s, "peak", NULL, "size=1024,steps=640");
    assert_true(((const double *)s.wanted)[1] == 641);
    /* 4 warps, each with 8 loops of 643 instructions and 47 more. */
    assert_true(peak_cuda_instructions(s.run.problem) == 4 * (8 * 643 + 47));
    subject_close(&s);
}

static void test_wrong(void **state)
{
    (void)state;
    subject_wrong("copy", "size=2400", 1, 8 * 42, "word 42 is ");
    subject_wrong("peak", "size=1024,steps=640", 1, 8 * 42 + 6, "chain 42 ends with ");
    subject_wrong("peak", "size=1024,steps=640,precision=fp32", 1, 4 * 42 + 2, "should be 682");
}

static void test_bad_values(void **state)
{
    static const struct {
        const char *kernel, *settings;
    } wrong[] = {
        {"copy", "size=15"},    {"copy", "size=-1"},   {"peak", "size=1000"},
        {"peak", "size=0"},     {"peak", "steps=100"}, {"peak", "steps=16000640"},
        {"peak", "size=-1024"}, {"peak", "steps=0"},   {"peak", "precision=fp16"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        subject_refused(wrong[i].kernel, wrong[i].settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_copy),   cmocka_unit_test(test_nothing_beyond_the_end),
        cmocka_unit_test(test_work_of_copy), cmocka_unit_test(test_every_peak),
        cmocka_unit_test(test_work_of_peak), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_bad_values),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
