/* The base layer: strings, numbers people type, robust statistics, formulas, files. */
#include "../../harness/base/buf.h"
#include "../../harness/base/err.h"
#include "../../harness/base/file.h"
#include "../../harness/base/formula.h"
#include "../../harness/base/metric.h"
#include "../../harness/base/stats.h"
#include "../../harness/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void first_error_wins(void **state)
{
    struct err e = {0};

    (void)state;
    assert_int_equal(err_set(&e, CM_USAGE, "no %s", "kernel"), -1);
    err_set(&e, CM_INTERNAL, "later");
    assert_int_equal(e.code, CM_USAGE);
    assert_string_equal(e.text, "no kernel");
    err_clear(&e);
    assert_int_equal(e.code, 0);
    assert_int_equal(err_set(NULL, CM_USAGE, "nobody listens"), -1);
}

static void worst_exit_code_wins(void **state)
{
    static const int ranked[] = {CM_FINE, CM_NOTHING, CM_UNTRUSTED, CM_REGRESSION, CM_WRONG, CM_INTERNAL};

    (void)state;
    for (size_t i = 0; i < sizeof ranked / sizeof *ranked; i++)
        for (size_t j = 0; j <= i; j++) {
            assert_int_equal(exit_worst(ranked[i], ranked[j]), ranked[i]);
            assert_int_equal(exit_worst(ranked[j], ranked[i]), ranked[i]);
        }
}

static void sizes_durations_shares(void **state)
{
    int64_t bytes = 0;
    double x = 0;

    (void)state;
    assert_int_equal(text_size("4096", &bytes), 0);
    assert_int_equal(bytes, 4096);
    assert_int_equal(text_size("4K", &bytes), 0);
    assert_int_equal(bytes, 4096);
    assert_int_equal(text_size("1.5MiB", &bytes), 0);
    assert_int_equal(bytes, 1572864);
    for (const char *const *bad = (const char *const[]){"", "K", "-1", "4X", "4KK", "1e400", "nan", NULL}; *bad; bad++)
        assert_int_equal(text_size(*bad, &bytes), -1);
    assert_int_equal(text_duration("20m", &x), 0);
    assert_float_equal(x, 1200, 0);
    assert_int_equal(text_duration("100ms", &x), 0);
    assert_float_equal(x, 0.1, 1e-12);
    assert_int_equal(text_duration("2 parsecs", &x), -1);
    assert_int_equal(text_duration("1e30", &x), -1);
    assert_int_equal(text_share("1%", &x), 0);
    assert_float_equal(x, 0.01, 1e-12);
    assert_int_equal(text_share("1x", &x), -1);
    assert_int_equal(text_share("5", &x), -1); /* 5% is meant */
    assert_int_equal(text_share("500%", &x), 0);
    assert_float_equal(x, 5, 1e-12);
}

static void globs_and_near_names(void **state)
{
    static const char *const names[] = {"mandelbrot", "null", "triad"};
    char out[100], tiny[8];

    (void)state;
    assert_float_equal(text_workers("k/v:procs=2,size=64"), 2, 0);
    assert_float_equal(text_workers("k/v:size=64,threads=8"), 8, 0);
    assert_float_equal(text_workers("k/threads=3"), 1, 0);
    assert_true(text_glob(NULL, "x"));
    assert_true(text_glob("simd*,openmp", "openmp"));
    assert_false(text_glob("simd*,openmp", "openmp_simd"));
    assert_true(text_glob("k/v:a=1,b=2", "k/v:a=1,b=2"));
    assert_false(text_glob("k/v:a=1,b=2", "k/v:a=1"));
    assert_true(text_glob("k/v:a=1,b=*,k/w*", "k/v:a=1,b=3"));
    assert_true(text_glob("k/v:a=1,b=*,k/w:c=*", "k/w:c=3"));
    assert_false(text_glob("k/v:a=1,b=*,k/w*", "k/v:a=1"));
    assert_string_equal(text_near("mandelbort", names, 3, out, sizeof out), " (did you mean mandelbrot?)");
    assert_string_equal(text_near("tria", names, 3, out, sizeof out), " (did you mean triad?)");
    assert_string_equal(text_near("zzzzzz", names, 3, out, sizeof out), "");
    assert_string_equal(text_near("simdd", (const char *const[]){"simd", "serial", "simd"}, 3, out, sizeof out),
                        " (did you mean simd?)");
    assert_string_equal(text_near("mandelbort", names, 3, tiny, sizeof tiny), "");
}

static void numbers_for_reading(void **state)
{
    static const struct {
        double value;
        const char *unit, *text;
    } rows[] = {{0, "ns", "0 ns"},
                {1234, "ns", "1.23 us"},
                {999900, "ns", "1.00 ms"},
                {2.5e9, "ns", "2.50 s"},
                {4096, "bytes", "4.00 KiB"},
                {12, "1", "12.0"},
                {0.4104, "ns", "0.410 ns"},
                {0.0406, "1", "0.0406"},
                {0.000416, "1", "0.000416"},
                {51414419, "1", "51.4 M"},
                {1.91, "instructions/cycle", "1.91 instructions/cycle"}};
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_quantity(rows[i].value, rows[i].unit, out, sizeof out), rows[i].text);
    assert_string_equal(text_quantity(NAN, "ns", out, sizeof out), "-");
    assert_string_equal(text_bytes_words(60, out, sizeof out), "60 B");
    assert_string_equal(text_bytes_words(65536, out, sizeof out), "64 KiB");
    assert_string_equal(text_bytes_words(1.5 * 1048576, out, sizeof out), "1.5 MiB");
    assert_string_equal(text_duration_words(200, out, sizeof out), "3 min 20 s");
    assert_string_equal(text_percent(0.00012, out, sizeof out), "0.012 %");
    assert_string_equal(text_percent(2.4, out, sizeof out), "240 %");
}

static void statistics(void **state)
{
    static const double x[] = {5, 1, 4, 2, 3};
    double low, high, ten[10];
    uint64_t a = 7, b = 7;

    (void)state;
    assert_float_equal(stats_median(x, 5), 3, 0);
    assert_float_equal(stats_median(x, 4), 3, 0);
    assert_float_equal(stats_quantile(x, 5, 0.25), 2, 1e-12);
    assert_float_equal(stats_mad(x, 5), 1, 0);
    assert_float_equal(stats_sigma(x, 5), 1.4826, 1e-12);
    assert_float_equal(stats_min(x, 5), 1, 0);
    assert_float_equal(stats_max(x, 5), 5, 0);
    assert_true(isnan(stats_median(x, 0)));
    for (int i = 0; i < 10; i++)
        ten[i] = i;
    /* n = 10: [x(2), x(9)] covers with 0.979; x(3) would give 0.891 */
    stats_median_interval(ten, 10, 0.95, &low, &high);
    assert_float_equal(low, 1, 0);
    assert_float_equal(high, 8, 0);
    stats_median_interval(ten, 4, 0.95, &low, &high);
    assert_float_equal(low, 0, 0);
    assert_float_equal(high, 3, 0);
    assert_true(stats_random(&a) == stats_random(&b) && stats_random(&a) != a);
}

static double lookup(const char *name, void *user)
{
    (void)user;
    return !strcmp(name, "papi.PAPI_TOT_INS") ? 200 : !strcmp(name, "cycles") ? 100 : NAN;
}

static void formulas(void **state)
{
    static const char *const bad[] = {"", "1 +", "(1", "1 2", "1..2 3", "a b", "*2", ")"};
    char deep[400];
    double v;

    (void)state;
    assert_int_equal(formula_evaluate("papi.PAPI_TOT_INS / cycles", lookup, NULL, &v, NULL), 0);
    assert_float_equal(v, 2, 0);
    assert_int_equal(formula_evaluate(" 1 + 2*3 - -4/(1+1) ", lookup, NULL, &v, NULL), 0);
    assert_float_equal(v, 9, 1e-12);
    assert_int_equal(formula_evaluate("1 / (cycles - 100)", lookup, NULL, &v, NULL), 0);
    assert_true(isnan(v));
    assert_int_equal(formula_evaluate("absent + 1", lookup, NULL, &v, NULL), 0);
    assert_true(isnan(v));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};

        assert_int_equal(formula_evaluate(bad[i], lookup, NULL, &v, &e), -1);
        assert_int_equal(e.code, CM_USAGE);
    }
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_int_equal(formula_evaluate(deep, lookup, NULL, &v, NULL), -1);
}

static void escapes(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_add_html(&b, "<a href='x'>&\"");
    assert_string_equal(buf_text(&b), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    buf_clear(&b);
    buf_add_gnuplot(&b, "it''s\n`rm`");
    assert_string_equal(buf_text(&b), "'it\xe2\x80\x99\xe2\x80\x99s `rm`'");
    buf_free(&b);
    assert_string_equal(buf_text(&b), "");
}

static void files(void **state)
{
    char folder[] = "/tmp/countermark-base-XXXXXX", path[120], deeper[100], *text;
    struct err e = {0};
    size_t length;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(deeper, sizeof deeper, "%s/a/b/c", folder);
    assert_int_equal(file_folder(deeper, &e), 0);
    assert_int_equal(file_folder(deeper, &e), 0);
    snprintf(path, sizeof path, "%s/f", deeper);
    assert_int_equal(file_replace(path, "hello", 5, &e), 0);
    text = file_read(path, &length, &e);
    assert_string_equal(text, "hello");
    assert_int_equal(length, 5);
    free(text);
    assert_null(file_read(deeper, NULL, &e));
    assert_int_equal(e.code, CM_INTERNAL);
    assert_non_null(strstr(e.text, deeper));
    unlink(path);
    for (char *slash = deeper + strlen(deeper); slash && strlen(deeper) >= strlen(folder);
         slash = strrchr(deeper, '/')) {
        *slash = '\0';
        rmdir(deeper);
    }
}

static uint64_t hash_of(const char *path, const char *bytes, size_t length)
{
    uint64_t hash = 0;

    assert_int_equal(file_replace(path, bytes, length, NULL), 0);
    assert_int_equal(file_hash(path, &hash, NULL), 0);
    return hash;
}

/* Every byte counts, at every place, and so do their order and number. */
static void files_are_told_apart(void **state)
{
    enum { LENGTH = 77 };
    char path[] = "/tmp/countermark-hash-XXXXXX", bytes[LENGTH] = "", swapped[LENGTH];
    uint64_t seen[LENGTH + 4];
    struct err e = {0};
    size_t count = 0;

    (void)state;
    close(mkstemp(path));
    for (int i = 0; i < LENGTH; i++) {
        bytes[i] ^= (char)0x80;
        seen[count++] = hash_of(path, bytes, LENGTH);
        bytes[i] ^= (char)0x80;
    }
    bytes[0] = 1;
    seen[count++] = hash_of(path, bytes, LENGTH);
    assert_true(hash_of(path, bytes, LENGTH) == seen[count - 1]);
    memcpy(swapped, bytes, LENGTH);
    swapped[0] = 0;
    swapped[32] = 1;
    seen[count++] = hash_of(path, swapped, LENGTH);
    seen[count++] = hash_of(path, bytes, LENGTH - 1);
    seen[count++] = hash_of(path, "", 0);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
    unlink(path);
    assert_int_equal(file_hash(path, &seen[0], &e), -1);
    assert_non_null(strstr(e.text, path));
}

static void foreign_text_is_disarmed(void **state)
{
    char text[] = "a\033[1m\tb\nc\177\302\233d\303\251", line[] = "a\nb";

    (void)state;
    text_disarm(text, true);
    assert_string_equal(text, "a [1m b\nc   d\303\251");
    text_disarm(line, false);
    assert_string_equal(line, "a b");
    text_disarm(NULL, true);
}

static void runs_are_named_by_their_commit(void **state)
{
    char out[40];

    (void)state;
    assert_string_equal(text_run("0123456789abcdef", "", 12, out, sizeof out), "0123456");
    assert_string_equal(text_run("0123456789abcdef", "+", 12, out, sizeof out), "0123456+");
    assert_string_equal(text_run("", "+", 12, out, sizeof out), "run 12");
    assert_string_equal(text_run(NULL, "", 12, out, sizeof out), "run 12");
}

static void metrics_are_meant_by_name_and_by_words(void **state)
{
    (void)state;
    assert_true(metric_matches("time", "wall.time"));
    assert_true(metric_matches("x,instructions", "callgrind.instructions"));
    assert_true(metric_matches("papi.*", "papi.PAPI_TOT_INS"));
    assert_true(metric_matches(NULL, "wall.time"));
    assert_false(metric_matches("time", "device.time"));
    assert_false(metric_matches("instructions", "cupti.warp_instructions"));
}

static void programs_are_found_as_a_shell_does(void **state)
{
    char *program = file_find_program("sh");

    (void)state;
    assert_non_null(program);
    assert_int_equal(program[0], '/');
    free(program);
    assert_null(file_find_program("no-such-program"));
    assert_null(file_find_program(""));
    assert_null(file_find_program("/")); /* a folder may be entered, not run */
    assert_int_equal(errno, EACCES);
    assert_null(file_find_program("./no-such-program"));
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins),
        cmocka_unit_test(worst_exit_code_wins),
        cmocka_unit_test(sizes_durations_shares),
        cmocka_unit_test(globs_and_near_names),
        cmocka_unit_test(numbers_for_reading),
        cmocka_unit_test(statistics),
        cmocka_unit_test(formulas),
        cmocka_unit_test(escapes),
        cmocka_unit_test(files),
        cmocka_unit_test(files_are_told_apart),
        cmocka_unit_test(foreign_text_is_disarmed),
        cmocka_unit_test(runs_are_named_by_their_commit),
        cmocka_unit_test(metrics_are_meant_by_name_and_by_words),
        cmocka_unit_test(programs_are_found_as_a_shell_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
