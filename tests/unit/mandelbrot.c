/*
 * The mandelbrot kernel against the numbers that are known, and every variant against the kernel, on pictures of awkward sizes;
 * and that wrong pictures are told from right ones.
 */
#include "variants/mandelbrot/mandelbrot.h"
#include "tests/unit/variants.h"

/* Documented by the tutorial's write-up (the fifth), the others by programs that share no code with this one. */
static const struct {
    const char *settings;
    int64_t iterations, escaped, sum;
    int width, height;
} goldens[] = {
    {"size=100,maxiter=30", 25039, 1947, 6502, 50, 50},
    {"size=200,maxiter=1000", 2063509, 8094, 49415, 101, 100},
    {"size=300,maxiter=100", 555686, 17872, 75014, 150, 150},
    {"size=300,maxiter=1000", 4638829, 17980, 100849, 150, 150},
    {"size=1000,maxiter=1000", 51414419, 199934, 1148485, 500, 500},
    {"size=2000,maxiter=1000", 205627269, 800718, 4544551, 1001, 1000},
    {"size=2000,maxiter=5000", 1005460077, 801157, 5443920, 1001, 1000},
};

/* The escaped, told from those inside by doing their iterations again where the output is 0. */
static int64_t escaped_in(const struct subject *s)
{
    const struct mandelbrot *m = s->run.problem;
    const int32_t *out = s->wanted;
    int64_t n = 0;

    for (int64_t i = 0; i < mandelbrot_pixels(m); i++) {
        double x = m->x[i % m->width], y = m->y[i / m->width];

        n += out[i] > 0 || x * x + y * y > 4.0;
    }
    return n;
}

static void test_golden_numbers(void **state)
{
    const struct registry_variant *simd = registry_variant("mandelbrot", "simd");

    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        const struct mandelbrot *m;
        struct subject s;
        int64_t sum = 0;

        subject_open(&s, "mandelbrot", simd->variant, goldens[i].settings);
        m = s.run.problem;
        for (int64_t p = 0; p < mandelbrot_pixels(m); p++)
            sum += ((int32_t *)s.wanted)[p];
        assert_int_equal(m->width, goldens[i].width);
        assert_int_equal(m->height, goldens[i].height);
        assert_true(s.work.elements == (double)goldens[i].iterations);
        assert_true(s.work.flops == 7.0 * (double)goldens[i].iterations);
        assert_int_equal(escaped_in(&s), goldens[i].escaped);
        assert_int_equal(sum, goldens[i].sum);
        if (!subject_reason(simd)) {
            assert_true(subject_execute(&s, simd->variant));
            assert_int_equal(subject_verify(&s, 0).match, MATCH_SAME_BITS);
        }
        subject_close(&s);
    }
}

static void test_every_variant(void **state)
{
    (void)state;
    subject_check_all("mandelbrot", "size=200,maxiter=130");
    subject_check_all("mandelbrot", "size=1,maxiter=1");
    subject_check_all("mandelbrot", "size=7,maxiter=70");
    subject_check_all("mandelbrot", "size=101,maxiter=65");
}

static void test_own_axes(void **state)
{
    static const char *const settings[] = {
        "size=100,maxiter=70,threads=1,procs=1,chunk=1",
        "size=100,maxiter=70,threads=4,procs=7,chunk=3,schedule=static",
        "size=100,maxiter=70,threads=2,procs=2,chunk=100000,schedule=guided",
        "size=9,maxiter=70,threads=16,procs=16,chunk=7,schedule=dynamic",
    };

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_check_all("mandelbrot", settings[i]);
}

/* Sizes that leave every remainder of a group of vectors, and limits around every block's end, for each width. */
static void check_widths(const char *variant, const char *isa)
{
    static const int limits[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 127, 128, 129, 255, 256, 300, 1000};
    const struct registry_variant *row = registry_variant("mandelbrot", variant);
    char settings[80];

    for (int size = 1; size <= 64; size++)
        for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
            if (size > 40 && limits[i] > 129)
                continue;
            snprintf(settings, sizeof settings, "size=%d,maxiter=%d,isa=%s,threads=2", size, limits[i], isa);
            if (!subject_check(row, settings)) {
                print_message("%s: not on this CPU\n", isa);
                return;
            }
        }
    snprintf(settings, sizeof settings, "size=401,maxiter=77,isa=%s,threads=2", isa); /* more than one tile */
    assert_true(subject_check(row, settings));
}

static void test_vector_remainders(void **state)
{
    static const char *const widths[] = {"auto", "sse2", "avx2", "avx512", "neon"};

    (void)state;
    if (subject_reason(registry_variant("mandelbrot", "simd")))
        skip();
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
        check_widths("simd", widths[i]);
    if (!subject_reason(registry_variant("mandelbrot", "simd_fma")))
        check_widths("simd_fma", "auto");
}

static void test_one_wrong_pixel(void **state)
{
    struct subject s;
    struct verdict v;

    (void)state;
    subject_open(&s, "mandelbrot", NULL, "size=100,maxiter=30");
    ((int32_t *)s.run.output)[50 * 7 + 3]++;
    v = subject_verify(&s, 0);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_int_equal(v.deviations, 1);
    assert_non_null(strstr(v.text, "pixel (3, 7) is "));
    assert_non_null(strstr(v.text, "1 of 2500 pixels differ"));
    v = subject_verify(&s, 0.001);
    assert_int_equal(v.match, MATCH_TOLERANCE);
    assert_int_equal(v.deviations, 1);
    subject_close(&s);
}

static void test_tolerance_has_limits(void **state)
{
    struct subject s;
    struct verdict v;
    int32_t *out;

    (void)state;
    subject_open(&s, "mandelbrot", NULL, "size=100,maxiter=30");
    out = s.run.output;
    for (int i = 0; i < 5; i++)
        out[i * 100] = out[i * 100] ? 0 : 1;
    assert_int_equal(subject_verify(&s, 0.002).match, MATCH_TOLERANCE);
    assert_int_equal(subject_verify(&s, 0.001).match, MATCH_WRONG);
    memcpy(out, s.wanted, s.run.output_bytes);
    out[2499] = 30; /* no iteration number when maxiter is 30 */
    v = subject_verify(&s, 0.5);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_non_null(strstr(v.text, "pixel (49, 49) is 30"));
    subject_close(&s);
}

static void test_untouched(void **state)
{
    struct subject s;
    struct verdict v;

    (void)state;
    subject_open(&s, "mandelbrot", NULL, "size=100,maxiter=30");
    subject_poison(&s);
    v = subject_verify(&s, 1.0);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_string_equal(v.text, "the output was not written");
    memcpy(s.run.output, s.wanted, s.run.output_bytes - 4);
    v = subject_verify(&s, 0.5);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_non_null(strstr(v.text, "pixel (49, 49) was not written"));
    memset(s.run.output, 0, s.run.output_bytes);
    assert_int_equal(subject_verify(&s, 0.0005).match, MATCH_WRONG);
    subject_close(&s);
}

static void refused(const char *variant, const char *settings, const char *part)
{
    const struct registry_variant *row = registry_variant("mandelbrot", variant);
    struct subject s;

    if (subject_reason(row))
        return;
    subject_describe(&s, "mandelbrot", row->variant, settings);
    if (!s.kernel->setup(&s.run)) {
        assert_int_equal(row->variant->prepare(&s.run), -1);
        s.kernel->teardown(&s.run);
    }
    if (!strstr(s.run.error, part))
        fail_msg("%s says: %s", settings, s.run.error);
}

static void test_bad_values(void **state)
{
    (void)state;
    refused("serial", "size=0", "size is 0, but must lie between");
    refused("serial", "size=50000", "size is 50000");
    refused("serial", "maxiter=0", "maxiter is 0");
    refused("serial", "maxiter=2000000000", "maxiter is 2000000000");
    refused("simd", "isa=mmx", "no vectors called mmx");
    refused("openmp", "threads=0", "threads is 0");
    refused("openmp", "chunk=0", "chunk is 0");
    refused("openmp", "schedule=random", "schedule is random");
    refused("openmp_simd", "threads=0", "threads is 0");
    refused("processes", "procs=0", "procs is 0");
    refused("blocked", "chunk=0", "chunk is 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_numbers),  cmocka_unit_test(test_every_variant),
        cmocka_unit_test(test_own_axes),        cmocka_unit_test(test_vector_remainders),
        cmocka_unit_test(test_one_wrong_pixel), cmocka_unit_test(test_tolerance_has_limits),
        cmocka_unit_test(test_untouched),       cmocka_unit_test(test_bad_values),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
