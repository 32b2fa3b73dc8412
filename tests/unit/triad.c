/*
 * The triad kernel and its variants: exact results for sizes that leave remainders, nothing written beyond the array, caches
 * emptied when asked; and the kernel that does nothing.
 */
#include "variants/triad/triad.h"
#include "tests/unit/variants.h"

static void test_every_variant(void **state)
{
    static const char *const settings[] = {
        "size=24",
        "size=47",
        "size=48",
        "size=360",
        "size=4096",
        "size=100003",
        "size=1M",
        "size=240,cache=cold",
        "size=1M,cache=cold",
        "size=240,threads=1",
        "size=24,threads=16",
        "size=5000,stores=normal",
        "size=5000,stores=streaming",
        "size=1M,stores=streaming",
    };

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_check_all("triad", settings[i]);
}

/* The arrays lie one behind the other: what stands between a and b stays as it was. */
static void test_nothing_beyond_the_end(void **state)
{
    static const char *const stores[] = {"normal", "streaming"};

    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        if (strcmp(row->kernel, "triad") || subject_reason(row))
            continue;
        for (int n = 1; n < 140; n++) {
            const struct triad *t;
            struct subject s;
            char settings[60];

            snprintf(settings, sizeof settings, "size=%d,stores=%s", 24 * n, stores[n & 1]);
            subject_open(&s, "triad", row->variant, settings);
            t = s.run.problem;
            assert_int_equal(t->n, n);
            subject_stays_inside(&s, row->variant, t->a + n, t->b);
            subject_close(&s);
        }
    }
}

static void test_work(void **state)
{
    struct subject s;

    (void)state;
    subject_open(&s, "triad", NULL, "size=4096");
    assert_true(s.work.elements == 170 && s.work.flops == 340);
    assert_true(s.work.bytes_read == 2720 && s.work.bytes_written == 1360);
    assert_true(s.kernel->footprint(&s.run) >= 4096 + 1360);
    assert_false(s.kernel->reset(&s.run));
    subject_close(&s);
    subject_open(&s, "triad", NULL, "size=4096,cache=cold");
    assert_true(s.kernel->reset(&s.run));
    assert_int_equal(subject_verify(&s, 0).match, MATCH_SAME_BITS);
    subject_close(&s);
}

static void test_wrong_and_untouched(void **state)
{
    (void)state;
    subject_wrong("triad", "size=2400", 0, 8 * 42 + 6, "element 42 is ");
}

/* The input is the same in every launch, and another seed makes another input. */
static void test_seed(void **state)
{
    struct subject one, two, other;

    (void)state;
    subject_open(&one, "triad", NULL, "size=2400");
    subject_open(&two, "triad", NULL, "size=2400");
    subject_describe(&other, "triad", NULL, "size=2400");
    other.run.seed = 8;
    assert_int_equal(other.kernel->setup(&other.run), 0);
    assert_memory_equal(one.wanted, two.wanted, one.run.output_bytes);
    assert_memory_not_equal(((struct triad *)one.run.problem)->b, ((struct triad *)other.run.problem)->b, 800);
    subject_close(&one);
    subject_close(&two);
    other.kernel->teardown(&other.run);
}

static void test_bad_values(void **state)
{
    static const char *const settings[] = {"size=23", "size=-1", "cache=tepid"};

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_refused("triad", settings[i]);
}

static void test_null(void **state)
{
    (void)state;
    subject_check_all("null", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_variant), cmocka_unit_test(test_nothing_beyond_the_end),
        cmocka_unit_test(test_work),          cmocka_unit_test(test_wrong_and_untouched),
        cmocka_unit_test(test_seed),          cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_null),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
