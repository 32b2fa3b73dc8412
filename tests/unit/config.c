/* The configuration: every key, and a mistake in it is told with file, line and column. */
#include "harness/base/mem.h"
#include "harness/config_keys.h"
#include "harness/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void parse(struct config *c, const char *path, const char *text)
{
    struct err e = {0};

    if (config_parse(c, path, text, strlen(text), &e))
        fail_msg("%s", e.text);
}

/* The sentence starts with the place and holds the word. */
static void fails(const char *text, const char *place, const char *word)
{
    struct config c;
    struct err e = {0};
    char start[80];

    snprintf(start, sizeof start, "f.yaml:%s: ", place);
    assert_int_equal(config_parse(&c, "f.yaml", text, strlen(text), &e), -1);
    assert_int_equal(e.code, CM_USAGE);
    if (strncmp(e.text, start, strlen(start)) || !strstr(e.text, word))
        fail_msg("'%s' is not at %s with '%s'", e.text, place, word);
}

static void check_told(const struct config_key *keys, const char *page, const char *man)
{
    for (const struct config_key *k = keys; k->name; k++) {
        char *words = mem_format(" %s:%s%s", k->name, k->value ? " " : "", k->value ? k->value : "");

        if (!strstr(page, words))
            fail_msg("help config lacks '%s'", words);
        assert_non_null(k->meaning);
        free(words);
        if (k->below)
            check_told(k->below, page, man);
    }
    assert_non_null(strstr(man, ".SH SETTINGS"));
}

/* What is read is told: every key of the reader's own table stands in help and man page. */
static void test_told(void **state)
{
    struct buf page = {0}, man = {0};

    (void)state;
    assert_true(help_topic(&page, "config"));
    help_man(&man);
    check_told(config_keys, buf_text(&page), buf_text(&man));
    assert_false(help_topic(&page, "run"));
    fails("nosuch: 1\n", "1:1", "help config");
    buf_free(&page);
    buf_free(&man);
}

static void test_everything(void **state)
{
    struct config c;

    (void)state;
    parse(&c, "sub/f.yaml",
          "machine: box-1\nclass: runners\ndatabase: a.db\nreport: /r\n"
          "gate: { min-effect: 2%, metrics: \"wall.time,x*\", confirm-budget: 10m }\n"
          "plans:\n  mine: |\n    launches 3\n    use *\n  two: use *\n");
    assert_string_equal(c.machine, "box-1");
    assert_string_equal(c.machine_class, "runners");
    assert_string_equal(c.database, "sub/a.db");
    assert_string_equal(c.report, "/r");
    assert_string_equal(c.metrics, "wall.time,x*");
    assert_true(c.min_effect > 0.0199 && c.min_effect < 0.0201);
    assert_true(c.confirm_budget_s > 599 && c.confirm_budget_s < 601);
    assert_int_equal(c.plan_count, 2);
    assert_string_equal(c.plans[0].name, "mine");
    assert_string_equal(c.plans[0].text, "launches 3\nuse *\n");
    assert_string_equal(c.plans[1].text, "use *");
    config_free(&c);
}

static void test_build(void **state)
{
    struct config c;

    (void)state;
    parse(&c, "f.yaml",
          "build:\n  command: make -j2 all\n  program: build/x\n  run: -k a -- ./p 'b c'\n  timeout: 2m\n");
    assert_string_equal(c.build.command, "make -j2 all");
    assert_string_equal(c.build.program, "build/x");
    assert_string_equal(c.build.run, "-k a -- ./p 'b c'");
    assert_true(c.build.timeout_s > 119 && c.build.timeout_s < 121);
    config_free(&c);
    parse(&c, "f.yaml", "build: { run: x, timeout: 0s }\n");
    assert_null(c.build.command);
    assert_true(c.build.timeout_s < 0); /* none, as somebody wrote */
    config_free(&c);
    fails("build: make\n", "1:8", "build needs keys");
    fails("build: { commands: make }\n", "1:10", "did you mean command");
    fails("build: { timeout: soon }\n", "1:19", "no time");
}

static void test_gate(void **state)
{
    struct config c;

    (void)state;
    parse(&c, "sub/f.yaml",
          "ledger: ledger.yaml\ngate:\n  baseline: window:10\n  fail-on: faster\n  thresholds:\n"
          "    - { points: \"io/*\", min-effect: 5% }\n    - { metrics: papi.*, min-effect: 0 }\n");
    assert_string_equal(c.ledger, "sub/ledger.yaml");
    assert_string_equal(c.baseline, "window:10");
    assert_true(c.fail_on_faster);
    assert_int_equal(c.threshold_count, 2);
    assert_string_equal(c.thresholds[0].points, "io/*");
    assert_null(c.thresholds[0].metrics);
    assert_true(c.thresholds[0].min_effect > 0.0499 && c.thresholds[0].min_effect < 0.0501);
    assert_null(c.thresholds[1].points);
    assert_string_equal(c.thresholds[1].metrics, "papi.*");
    assert_true(c.thresholds[1].min_effect >= 0 && c.thresholds[1].min_effect < 1e-9);
    config_free(&c);
    fails("gate: { fail-on: often }\n", "1:18", "neither");
    fails("gate: { thresholds: 5% }\n", "1:21", "list");
    fails("gate:\n  thresholds:\n    - points: a\n", "3:7", "min-effect");
    fails("gate:\n  thresholds:\n    - points: a\n      min-efect: 1%\n", "4:7", "did you mean min-effect");
    fails("gate:\n  thresholds:\n    - a\n", "3:7", "threshold");
}

static void test_empty(void **state)
{
    static const char *const texts[] = {"", "# nothing\n", "---\n", "{}\n"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct config c;

        parse(&c, "f.yaml", texts[i]);
        assert_null(c.machine);
        assert_int_equal(c.plan_count, 0);
        config_free(&c);
    }
}

static void test_mistakes(void **state)
{
    (void)state;
    fails("machine: a\nmashine: b\n", "2:1", "did you mean machine");
    fails("gate:\n  min-efect: 1%\n", "2:3", "min-effect");
    fails("whatever: 1\n", "1:1", "known here: machine, class, database");
    fails("gate: { min-effect: 5 }\n", "1:21", "share");
    fails("gate:\n  min-effect: often\n", "2:15", "share");
    fails("gate: { confirm-budget: soon }\n", "1:25", "no time");
    fails("gate: 3\n", "1:7", "gate");
    fails("- a\n- b\n", "1:1", "configuration");
    fails("machine: [a, b]\n", "1:10", "plain text");
    fails("machine: \"a b\"\n", "1:10", "no name");
    fails("machine:\n", "1:9", "plain text");
    fails("machine: a\nmachine: b\n", "2:1", "second time");
    fails("plans: later\n", "1:8", "plans");
    fails("plans:\n  a b: use *\n", "2:3", "no name");
    fails("plans:\n  a: use *\n  a: use *\n", "3:3", "second plan");
    fails("plans:\n  a:\n    - use *\n", "3:5", "plan");
    fails("machine: \"open\nclass: b\n", "3:1", "no YAML");
    fails("a: b: c\n", "1:5", "no YAML");
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void in_folder(const char *folder)
{
    assert_int_equal(chdir(folder), 0);
}

/* Found here and above, never above the repository's top. */
static void test_search(void **state)
{
    char folder[] = "/tmp/config-test.XXXXXX", command[100];
    struct config c;
    struct err e = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    in_folder(folder);
    write_file(".countermark.yaml", "machine: outside\n");
    assert_int_equal(mkdir("repo", 0700) | mkdir("repo/.git", 0700) | mkdir("repo/sub", 0700), 0);
    in_folder("repo/sub");
    assert_int_equal(config_read(&c, &e), 0);
    assert_null(c.path);
    config_free(&c);
    write_file("../.countermark.yaml", "database: x.db\n");
    assert_int_equal(config_read(&c, &e), 0);
    assert_string_equal(c.path, "../.countermark.yaml");
    assert_string_equal(c.database, "../x.db");
    config_free(&c);
    write_file(".countermark.yaml", "database: y.db\n");
    assert_int_equal(config_read(&c, &e), 0);
    assert_string_equal(c.database, "y.db");
    config_free(&c);
    in_folder("/");
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static void no_time_is_not_the_default(void **state)
{
    static const char text[] = "gate: { confirm-budget: 0 }\n";
    struct config c;
    struct err e = {0};

    (void)state;
    assert_int_equal(config_parse(&c, "x.yaml", text, sizeof text - 1, &e), 0);
    assert_true(c.confirm_budget_s < 0);
    config_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_time_is_not_the_default),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_search),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
