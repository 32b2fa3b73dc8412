/* The scripted collector: what a script changes, adds and breaks, and a sentence for every mistake in one. */
#include "collectors/fake.h"
#include "harness/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SCRIPT "script.json"

extern const struct collector collector_fake;

static struct fake *load(const char *text)
{
    struct err e = {0};
    struct fake *f;

    assert_int_equal(file_replace(SCRIPT, text, strlen(text), &e), 0);
    f = fake_load(SCRIPT, &e);
    assert_string_equal(e.text, "");
    assert_non_null(f);
    return f;
}

/* What a script with a mistake is told. */
static const char *mistake(const char *text)
{
    static struct err e;

    err_clear(&e);
    assert_int_equal(file_replace(SCRIPT, text, strlen(text), &e), 0);
    assert_null(fake_load(SCRIPT, &e));
    assert_int_equal(e.code, CM_USAGE);
    return e.text;
}

#define TELLS(script, words) assert_non_null(strstr(mistake(script), words))

static struct reading plain(const char *metric, double value)
{
    return (struct reading){.metric = metric, .value = value, .quality = QUALITY_EXACT, .share = 1};
}

static double applied(const struct fake *f, const char *point, int launch, int repetition, double value)
{
    struct reading r = plain("wall.time", value);

    assert_int_equal(fake_apply(f, point, launch, repetition, &r, 1, 1), 1);
    return r.value;
}

static void changes_what_matches(void **state)
{
    struct fake *f = load("{\"rules\": [{\"point\": \"a/b:size=1,x=2\", \"scale\": 2, \"add\": 3},"
                          "{\"point\": \"a/c*\", \"launch\": \"1-2\", \"repetition\": 4, \"value\": 9},"
                          "{\"metric\": \"wall.*\", \"add\": 100}]}");

    (void)state;
    assert_true(applied(f, "a/b:size=1,x=2", 0, 0, 10) == 23);
    assert_true(applied(f, "a/b:size=1", 0, 0, 10) == 110);
    assert_true(applied(f, "a/c:size=1", 1, 4, 10) == 109);
    assert_true(applied(f, "a/c:size=1", 2, 4, 10) == 109);
    assert_true(applied(f, "a/c:size=1", 3, 4, 10) == 110);
    assert_true(applied(f, "a/c:size=1", 1, 3, 10) == 110);
    fake_free(f);
}

static void adds_and_marks_metrics(void **state)
{
    struct fake *f =
        load("{\"rules\": [{\"metric\": \"papi.X\", \"value\": 7, \"scale\": 3},"
             "{\"metric\": \"wall.time\", \"quality\": \"suspect\", \"reason\": \"told\"},"
             "{\"metric\": \"os.gone\", \"value\": 1, \"quality\": \"unavailable\", \"reason\": \"no\"}]}");
    struct reading r[4] = {plain("wall.time", 5)};

    (void)state;
    assert_int_equal(fake_apply(f, "p", 0, 0, r, 1, 4), 3);
    assert_int_equal(r[0].quality, QUALITY_SUSPECT);
    assert_string_equal(r[0].reason, "told");
    assert_true(r[0].value == 5);
    assert_string_equal(r[1].metric, "papi.X");
    assert_true(r[1].value == 21);
    assert_int_equal(r[1].quality, QUALITY_EXACT);
    assert_int_equal(r[2].quality, QUALITY_UNAVAILABLE);
    assert_true(isnan(r[2].value));
    assert_int_equal(fake_apply(f, "p", 0, 0, r, 1, 2), 2);
    assert_int_equal(fake_apply(NULL, "p", 0, 0, r, 1, 2), 1);
    fake_free(f);
}

static void noise_repeats_and_is_normal(void **state)
{
    struct fake *f = load("{\"seed\": 5, \"rules\": [{\"noise\": 0.01}]}");
    struct fake *other = load("{\"seed\": 6, \"rules\": [{\"noise\": 0.01}]}");
    double sum = 0, squares = 0;
    int n = 4000;

    (void)state;
    for (int i = 0; i < n; i++) {
        double x = applied(f, "p", i / 10, i % 10, 1000) / 1000 - 1;

        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / n) < 0.001);
    assert_true(fabs(sqrt(squares / n) - 0.01) < 0.001);
    assert_true(applied(f, "p", 3, 4, 1000) == applied(f, "p", 3, 4, 1000));
    assert_true(applied(f, "p", 3, 4, 1000) != applied(f, "p", 4, 3, 1000));
    assert_true(applied(f, "p", 3, 4, 1000) != applied(f, "q", 3, 4, 1000));
    assert_true(applied(f, "p", 3, 4, 1000) != applied(other, "p", 3, 4, 1000));
    fake_free(f);
    fake_free(other);
}

static void count_fact(const char *name, const char *value, void *user)
{
    assert_non_null(name);
    assert_non_null(value);
    ++*(int *)user;
}

static void facts_and_errors(void **state)
{
    struct fake *f =
        load("{\"facts\": {\"cpu.model\": \"Test\", \"kernel.release\": \"9\"},"
             "\"rules\": [{\"point\": \"a/*\", \"launch\": 4, \"error\": \"crash\"},"
             "{\"launch\": \"4\", \"error\": \"exit:3\"}, {\"point\": \"z\", \"error\": \"unavailable:why\"}]}");
    int facts = 0;

    (void)state;
    fake_each_fact(f, count_fact, &facts);
    assert_int_equal(facts, 2);
    assert_string_equal(fake_error(f, "a/b", 4), "crash");
    assert_string_equal(fake_error(f, "b/b", 4), "exit:3");
    assert_string_equal(fake_error(f, "z", 0), "unavailable:why");
    assert_null(fake_error(f, "a/b", 3));
    fake_free(f);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    TELLS("{\"rules\": [\n  {\"value\": }\n]}", SCRIPT ", line 2, column ");
    TELLS("{\"rules\": [{\"value\": 1}], \"rules\": []}", "line 1");
    TELLS("[]", "one object");
    TELLS("{\"rulez\": []}", "unknown key \"rulez\"");
    TELLS("{\"rules\": {}}", "list of objects");
    TELLS("{\"rules\": [{\"value\": 1}, 7]}", "rule 2 must be an object");
    TELLS("{\"rules\": [{\"metrik\": \"x\", \"value\": 1}]}", "rule 1: unknown key \"metrik\" (did you mean");
    TELLS("{\"rules\": [{\"value\": \"1\"}]}", "\"value\" must be a number");
    TELLS("{\"rules\": [{\"point\": 1, \"value\": 1}]}", "\"point\" must be a text");
    TELLS("{\"rules\": [{\"launch\": \"3-1\", \"value\": 1}]}", "\"launch\" must be");
    TELLS("{\"rules\": [{\"launch\": -1, \"value\": 1}]}", "\"launch\" must be");
    TELLS("{\"rules\": [{\"repetition\": 1.5, \"value\": 1}]}", "\"repetition\" must be");
    TELLS("{\"rules\": [{\"quality\": \"good\"}]}", "\"quality\" must be exact");
    TELLS("{\"rules\": [{\"error\": \"explode\"}]}", "\"error\" must be crash");
    TELLS("{\"rules\": [{\"error\": \"exit:0\"}]}", "\"error\" must be crash");
    TELLS("{\"rules\": [{\"error\": \"unavailable:\"}]}", "\"error\" must be crash");
    TELLS("{\"rules\": [{\"noise\": -1}]}", "\"noise\" must be");
    TELLS("{\"rules\": [{\"metric\": \"x\"}]}", "does nothing");
    TELLS("{\"facts\": {\"a\": 1}}", "fact \"a\" must be a text");
    TELLS("{\"seed\": \"x\"}", "whole number");
    unlink(SCRIPT);
    {
        struct err e = {0};

        assert_null(fake_load(SCRIPT, &e));
        assert_non_null(strstr(e.text, SCRIPT));
        assert_null(strstr(e.text, "line"));
    }
}

static void works_as_a_collector(void **state)
{
    struct target t = {.kind = TARGET_TREE};
    struct passes p = {0};
    struct err e = {0};
    struct reading r[2];
    void *h;

    (void)state;
    fake_free(load("{\"rules\": [{\"metric\": \"a.b\", \"repetition\": 1, \"value\": 8}]}"));
    assert_int_equal(collector_fake.plan(SCRIPT, &p, &e), 0);
    assert_int_equal(p.passes.count + p.missing.count, 0);
    h = collector_fake.open(SCRIPT, &t, &e);
    assert_non_null(h);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(collector_fake.start(h), 0);
        assert_int_equal(collector_fake.stop(h), 0);
        assert_int_equal(collector_fake.read(h, r, 2), (size_t)i);
    }
    assert_true(r[0].value == 8);
    collector_fake.close(h);
    assert_int_equal(collector_fake.plan("no-such-script.json", &p, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_what_matches),        cmocka_unit_test(adds_and_marks_metrics),
        cmocka_unit_test(noise_repeats_and_is_normal), cmocka_unit_test(facts_and_errors),
        cmocka_unit_test(mistakes_are_told),           cmocka_unit_test(works_as_a_collector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
