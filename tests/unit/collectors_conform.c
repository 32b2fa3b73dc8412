/*
 * What every collector must keep, over the generated table: a new collector is held to it without being named here. Those that
 * cannot work on this machine must say so in a sentence; the others go through whole cycles of measuring.
 */
#include "harness/base/file.h"
#include "harness/base/formula.h"
#include "harness/registry.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { READINGS = 200 };

/* A collector that takes a file gets one. */
static const char *const script = "{\"rules\": [{\"metric\": \"fake.value\", \"value\": 4}]}";

static void tables_are_complete(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct registry_collector *row = registry_collectors; row->name; row++) {
        const struct collector *c = row->collector;

        print_message("%s\n", row->name);
        count++;
        assert_int_equal(c->abi, COLLECTOR_ABI);
        assert_true(c->summary && *c->summary && c->summary[strlen(c->summary) - 1] != '.');
        assert_non_null(c->probe);
        assert_non_null(c->catalogue);
        if (row->missing)
            continue;
        assert_true(c->open && c->start && c->stop && c->read && c->close);
        assert_true(c->in_time_pass != (c->plan != NULL));
    }
    assert_true(count >= 4);
}

static void no_name(const char *name, void *user)
{
    (void)name;
    (void)user;
}

static void metric_is_described(const struct metric *m)
{
    if (!m->unit || !m->meaning || !*m->unit || !*m->meaning)
        fail_msg("%s lacks its unit or its meaning", m->name);
    else
        assert_true(!strchr(m->meaning, '\n') && m->meaning[strlen(m->meaning) - 1] != '.');
    assert_non_null(strchr(m->name, '.'));
    assert_true((m->kind == METRIC_DERIVED) == (m->formula != NULL));
    if (m->formula)
        assert_int_equal(formula_names(m->formula, no_name, NULL, NULL), 0);
}

static void metrics_are_described_and_unique(void **state)
{
    (void)state;
    for (const struct registry_collector *row = registry_collectors; row->name; row++) {
        const struct metric *all = row->collector->catalogue();

        assert_non_null(all);
        assert_ptr_equal(all, row->collector->catalogue());
        for (const struct metric *m = all; m->name; m++) {
            metric_is_described(m);
            for (const struct registry_collector *other = registry_collectors; other->name; other++) {
                for (const struct metric *n = other->collector->catalogue(); n->name; n++)
                    assert_true(n == m || strcmp(n->name, m->name));
            }
        }
    }
}

static void probes_speak(void **state)
{
    (void)state;
    for (const struct registry_collector *row = registry_collectors; row->name; row++) {
        const char *cure = NULL, *reason = row->collector->probe(&cure);

        assert_non_null(cure);
        print_message("%s: %s%s%s\n", row->name, reason ? reason : "works", *cure ? "; " : "", cure);
        if (!reason)
            continue;
        assert_true(strlen(reason) > 10 && !strchr(reason, '\n') && strchr(reason, ' '));
        assert_true(!isspace((unsigned char)reason[strlen(reason) - 1]) && reason[strlen(reason) - 1] != '.');
        assert_true(row->missing == NULL || *cure);
        /* A second question without wanting the cure has the same answer. */
        assert_string_equal(row->collector->probe(NULL), reason);
    }
}

static void reading_is_whole(const struct reading *r)
{
    assert_true(r->metric && *r->metric);
    assert_true(isnan(r->value) == (r->quality == QUALITY_UNAVAILABLE));
    if (r->quality == QUALITY_SUSPECT || r->quality == QUALITY_UNAVAILABLE)
        assert_true(*r->reason);
    if (r->quality == QUALITY_MULTIPLEXED)
        assert_true(r->share > 0 && r->share < 1);
    assert_memory_not_equal(r->reason, "nan", 3);
}

static void measure_with(const struct registry_collector *row, const char *events)
{
    const struct collector *c = row->collector;
    pid_t self = gettid();
    struct target t = {.kind = TARGET_THREADS, .threads = &self, .thread_count = 1};
    struct reading readings[READINGS];
    struct err e = {0};
    void *h = c->open(events, &t, &e);

    if (!h)
        fail_msg("%s: %s", row->name, e.text);
    for (int i = 0; i < 3; i++) {
        size_t n;

        assert_int_equal(c->start(h), 0);
        for (volatile int k = 0; k < 100000; k++)
            continue;
        assert_int_equal(c->stop(h), 0);
        n = c->read(h, readings, READINGS);
        assert_true(n > 0 && n < READINGS);
        for (size_t k = 0; k < n; k++)
            reading_is_whole(&readings[k]);
        assert_int_equal(c->read(h, readings, 1), 1);
        assert_int_equal(c->read(h, readings, 0), 0);
    }
    c->close(h);
}

static void measures_where_it_works(void **state)
{
    struct err e = {0};

    (void)state;
    assert_int_equal(file_replace("script.json", script, strlen(script), &e), 0);
    for (const struct registry_collector *row = registry_collectors; row->name; row++) {
        struct passes p = {0};
        const char *wanted = strcmp(row->name, "fake") ? "" : "script.json";

        if (row->missing || row->collector->probe(NULL))
            continue;
        if (!row->collector->plan || *wanted) {
            measure_with(row, wanted);
            continue;
        }
        if (row->collector->plan(wanted, &p, &e))
            fail_msg("%s: %s", row->name, e.text);
        assert_true(p.passes.count + p.missing.count > 0);
        for (size_t i = 0; i < p.passes.count; i++) {
            size_t prefix = strlen(row->name);

            assert_int_equal(strncmp(p.passes.items[i], row->name, prefix), 0);
            assert_int_equal(p.passes.items[i][prefix], ':');
            if (!row->collector->wrap) /* a simulator counts what runs under it alone */
                measure_with(row, p.passes.items[i] + prefix + 1);
        }
        text_list_free(&p.passes);
        text_list_free(&p.missing);
    }
    unlink("script.json");
}

/* Where nothing can be counted each wanted event is named with the reason: never a missing row. */
static void plans_name_what_is_missing(void **state)
{
    (void)state;
    for (const struct registry_collector *row = registry_collectors; row->name; row++) {
        struct passes p = {0};
        struct err e = {0};

        if (!row->collector->plan || !row->collector->probe(NULL))
            continue;
        assert_int_equal(row->collector->plan("", &p, &e), 0);
        assert_int_equal(p.passes.count, 0);
        assert_true(p.missing.count > 0);
        for (size_t i = 0; i < p.missing.count; i++) {
            const char *tab = strchr(p.missing.items[i], '\t');

            assert_true(tab && strlen(tab) > 10);
            assert_int_equal(strncmp(p.missing.items[i], row->name, strlen(row->name)), 0);
        }
        text_list_free(&p.passes);
        text_list_free(&p.missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_complete),
        cmocka_unit_test(metrics_are_described_and_unique),
        cmocka_unit_test(probes_speak),
        cmocka_unit_test(measures_where_it_works),
        cmocka_unit_test(plans_name_what_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
