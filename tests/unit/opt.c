/* Option rows: every way to write an option, and a sentence for every way to get one wrong. */
#include "harness/opt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct options {
    bool quick, verbose;
    const char *kernels, *format;
    struct option_list sweeps;
    int64_t launches;
    double budget, precision;
};

#define AT(field) .offset = offsetof(struct options, field)

static const struct option_row rows[] = {
    {.name = "quick", .letter = 'q', .type = OPTION_FLAG, .help = "h", AT(quick)},
    {.name = "verbose", .letter = 'V', .type = OPTION_FLAG, .help = "h", AT(verbose)},
    {.name = "kernels", .letter = 'k', .type = OPTION_TEXT, .value = "GLOB", .help = "h", AT(kernels)},
    {.name = "format", .type = OPTION_TEXT, .help = "h", .choices = "text,json", AT(format)},
    {.name = "sweep", .letter = 's', .type = OPTION_LIST, .help = "h", AT(sweeps)},
    {.name = "launches", .type = OPTION_INTEGER, .help = "h", AT(launches)},
    {.name = "budget", .type = OPTION_DURATION, .help = "h", AT(budget)},
    {.name = "precision", .type = OPTION_SHARE, .help = "h", AT(precision)},
    {0},
};

struct parsed {
    struct options o;
    struct option_list operands;
    char **rest;
    struct err e;
    int result;
};

/* Words are parted by one blank. The line lives in the caller's static buffer until the next parse. */
static struct parsed parse(const char *line, bool operands, bool rest)
{
    static char text[300], *argv[32];
    struct parsed p = {0};
    int argc = 0;

    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    p.o.launches = 8;
    p.result = opt_parse(rows, argc, argv, &p.o, operands ? &p.operands : NULL, rest ? &p.rest : NULL, &p.e);
    return p;
}

static void release(struct parsed *p)
{
    opt_list_free(&p->o.sweeps);
    opt_list_free(&p->operands);
}

static void nothing_keeps_defaults(void **state)
{
    struct parsed p = parse("run", true, true);

    (void)state;
    assert_int_equal(p.result, 0);
    assert_int_equal(p.o.launches, 8);
    assert_null(p.rest);
    assert_int_equal(p.operands.count, 0);
    assert_false(p.o.quick);
}

static void all_ways_to_write(void **state)
{
    static const char *const lines[] = {"run --kernels a*", "run --kernels=a*", "run -k a*",
                                        "run -ka*",         "run -qka*",        "run -q -V -k a*"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed p = parse(lines[i], false, false);

        assert_int_equal(p.result, 0);
        assert_string_equal(p.o.kernels, "a*");
        assert_int_equal(p.o.quick, i >= 4);
        assert_int_equal(p.o.verbose, i == 5);
    }
}

static void values_of_each_type(void **state)
{
    struct parsed p =
        parse("run --launches=-3 --budget 20m --precision 2% -s a=1 --sweep=b=2 -sc=3 --format json", false, false);

    (void)state;
    assert_int_equal(p.result, 0);
    assert_int_equal(p.o.launches, -3);
    assert_true(p.o.budget == 1200);
    assert_true(p.o.precision == 0.02);
    assert_int_equal(p.o.sweeps.count, 3);
    assert_string_equal(p.o.sweeps.items[0], "a=1");
    assert_string_equal(p.o.sweeps.items[1], "b=2");
    assert_string_equal(p.o.sweeps.items[2], "c=3");
    assert_string_equal(p.o.format, "json");
    release(&p);
}

static void many_in_a_list(void **state)
{
    struct parsed p = parse("run -s1 -s2 -s3 -s4 -s5 -s6 -s7 -s8 -s9 -s10", false, false);

    (void)state;
    assert_int_equal(p.o.sweeps.count, 10);
    assert_string_equal(p.o.sweeps.items[9], "10");
    release(&p);
}

static void operands_and_the_rest(void **state)
{
    struct parsed p = parse("run one -q - two -- prog -k --help", true, true);

    (void)state;
    assert_int_equal(p.result, 0);
    assert_true(p.o.quick);
    assert_null(p.o.kernels);
    assert_int_equal(p.operands.count, 3);
    assert_string_equal(p.operands.items[1], "-");
    assert_string_equal(p.operands.items[2], "two");
    assert_string_equal(p.rest[0], "prog");
    assert_string_equal(p.rest[2], "--help");
    assert_null(p.rest[3]);
    release(&p);
}

static void without_a_rest_all_are_operands(void **state)
{
    struct parsed p = parse("show -- -k --x", true, false);

    (void)state;
    assert_int_equal(p.result, 0);
    assert_int_equal(p.operands.count, 2);
    assert_string_equal(p.operands.items[0], "-k");
    release(&p);
}

static void an_empty_rest_is_no_missing_rest(void **state)
{
    struct parsed p = parse("run --", true, true);

    (void)state;
    assert_int_equal(p.result, 0);
    assert_non_null(p.rest);
    assert_null(p.rest[0]);
}

static void mistakes(void **state)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"run --kernel x", "there is no option --kernel (did you mean --kernels?); see countermark run --help"},
        {"run --zzzzzzzz=1", "there is no option --zzzzzzzz; see"},
        {"run -x", "there is no option -x"},
        {"run -qx", "there is no option -x"},
        {"run --quick=yes", "--quick takes no value"},
        {"run --kernels", "--kernels needs a value: --kernels GLOB"},
        {"run -k", "-k needs a value"},
        {"run -k -- x", "-k needs a value"},
        {"run --budget", "--budget needs a time such as 90s, 20m or 2h"},
        {"run --launches 3x", "--launches takes a whole number, not \"3x\""},
        {"run --launches=", "--launches takes a whole number, not \"\""},
        {"run --launches 99999999999999999999", "--launches takes a whole number"},
        {"run --budget soon", "--budget takes a time such as 90s, 20m or 2h, not \"soon\""},
        {"run --precision x", "--precision takes a share"},
        {"run --format xml", "--format takes one of text, json, not \"xml\""},
        {"run --format tex", "--format takes one of"},
        {"run --format=", "--format takes one of"},
        {"run word", "run takes no \"word\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed p = parse(cases[i].line, false, true);

        assert_int_equal(p.result, -1);
        assert_int_equal(p.e.code, CM_USAGE);
        if (!strstr(p.e.text, cases[i].says))
            fail_msg("\"%s\" says: %s", cases[i].line, p.e.text);
    }
}

static void a_command_without_rows(void **state)
{
    char name[] = "doctor", option[] = "--x", *argv[] = {name, option, NULL};
    struct err e = {0};

    (void)state;
    assert_int_equal(opt_parse(NULL, 1, argv, NULL, NULL, NULL, &e), 0);
    assert_int_equal(opt_parse(NULL, 2, argv, NULL, NULL, NULL, &e), -1);
    assert_non_null(strstr(e.text, "there is no option --x; see countermark doctor --help"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_keeps_defaults),
        cmocka_unit_test(all_ways_to_write),
        cmocka_unit_test(values_of_each_type),
        cmocka_unit_test(many_in_a_list),
        cmocka_unit_test(operands_and_the_rest),
        cmocka_unit_test(without_a_rest_all_are_operands),
        cmocka_unit_test(an_empty_rest_is_no_missing_rest),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(a_command_without_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
