/* Event groups: the format and its mistakes, and that every formula of the groups that are built in has its inputs. */
#include "collectors/groups.h"
#include "harness/base/formula.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reads_the_format(void **state)
{
    struct group g;
    struct err e = {0};

    (void)state;
    assert_int_equal(group_parse("t",
                                 "# a comment\n\nsummary:  What it answers \n"
                                 "event: PAPI_A or perf::A-B or B:C:u=0 | Meaning of A | lower, deterministic\n"
                                 "  event: PAPI_B | Meaning of B\n"
                                 "derived: a_share [A/B] = papi.PAPI_A / papi.PAPI_B | Share | higher\n",
                                 &g, &e),
                     0);
    assert_string_equal(g.summary, "What it answers");
    assert_int_equal(g.event_count, 2);
    assert_int_equal(g.events[0].alternative_count, 3);
    assert_string_equal(g.events[0].alternatives[1], "perf::A-B");
    assert_string_equal(g.events[0].alternatives[2], "B:C:u=0");
    assert_string_equal(g.events[0].metric.name, "papi.PAPI_A");
    assert_string_equal(g.events[0].metric.meaning, "Meaning of A");
    assert_true(g.events[0].metric.deterministic);
    assert_false(g.events[1].metric.deterministic);
    assert_int_equal(g.events[1].metric.better, BETTER_LOWER);
    assert_int_equal(g.derived_count, 1);
    assert_string_equal(g.derived[0].name, "papi.a_share");
    assert_string_equal(g.derived[0].unit, "A/B");
    assert_string_equal(g.derived[0].formula, "papi.PAPI_A / papi.PAPI_B");
    assert_int_equal(g.derived[0].kind, METRIC_DERIVED);
    assert_int_equal(g.derived[0].better, BETTER_HIGHER);
    group_free(&g);
}

/* The form that gives a name and a unit to what vendors name differently. */
static void reads_named_events(void **state)
{
    struct group g;
    struct err e = {0};

    (void)state;
    assert_int_equal(group_parse("t",
                                 "collector: cupti\nsummary: s\n"
                                 "event: bytes [bytes] = dram__bytes.sum or lts__miss.sum * 32 | Bytes | lower\n"
                                 "event: rate [%] =  l1__rate.pct  | Rate | higher, gauge\n"
                                 "derived: bandwidth [GB/s] = cupti.bytes / device.time | Bandwidth | higher\n",
                                 &g, &e),
                     0);
    assert_string_equal(g.collector, "cupti");
    assert_string_equal(g.events[0].name, "bytes");
    assert_string_equal(g.events[0].metric.name, "cupti.bytes");
    assert_string_equal(g.events[0].metric.unit, "bytes");
    assert_int_equal(g.events[0].metric.kind, METRIC_COUNT);
    assert_int_equal(g.events[0].alternative_count, 2);
    assert_string_equal(g.events[0].alternatives[0], "dram__bytes.sum");
    assert_string_equal(g.events[0].alternatives[1], "lts__miss.sum * 32");
    assert_int_equal(g.events[1].alternative_count, 1);
    assert_string_equal(g.events[1].alternatives[0], "l1__rate.pct");
    assert_string_equal(g.events[1].metric.unit, "%");
    assert_int_equal(g.events[1].metric.kind, METRIC_GAUGE);
    assert_int_equal(g.events[1].metric.better, BETTER_HIGHER);
    assert_string_equal(g.derived[0].name, "cupti.bandwidth");
    group_free(&g);
}

static void tells(const char *text, const char *words)
{
    struct group g;
    struct err e = {0};

    assert_int_equal(group_parse("t", text, &g, &e), -1);
    assert_non_null(strstr(e.text, "event group t.txt, line"));
    if (!strstr(e.text, words))
        fail_msg("\"%s\" lacks \"%s\"", e.text, words);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    tells("event: A | a\n", "summary: line is missing");
    tells("summary: s\n", "no event: line");
    tells("summary: s\nsummary: s\nevent: A | a\n", "line 2: the summary is there twice");
    tells("summary: s\nevent: A\n", "line 2: the meaning is missing");
    tells("summary: s\nevent: A | \n", "the meaning is missing");
    tells("summary: s\nevent: | a\n", "no name of an event");
    tells("summary: s\nevent: A or | a\n", "no name of an event");
    tells("summary: s\nevent: A;B | a\n", "no name of an event");
    tells("summary: s\nevent: perf::A | a\n", "must be plain");
    tells("summary: s\nevent: A | a | fastest\n", "a flag is one of");
    tells("summary: s\nevent: A | a\nderived: x [u] = papi.A | m | gauge\n", "gauge for events");
    tells("summary: s\nevent: x [] = A | a\n", "expected NAME [unit] = ALTERNATIVE");
    tells("summary: s\nevent: x [u = A | a\n", "expected NAME [unit] = ALTERNATIVE");
    tells("summary: s\nevent: x [u] A | a\n", "expected NAME [unit] = ALTERNATIVE");
    tells("summary: s\nevent: x [u] y = A | a\n", "expected NAME [unit] = ALTERNATIVE");
    tells("summary: s\nevent: x [u] = | a\n", "no name of an event");
    tells("summary: s\nevent: x [u] = A * | a\n", "no name of an event");
    tells("summary: s\nevent: x [u] = A * 0 | a\n", "no name of an event");
    tells("summary: s\nevent: x [u] = A * two | a\n", "no name of an event");
    tells("summary: s\nevent: x [u] = A or B * -1 | a\n", "no name of an event");
    tells("summary: s\nevent: x y [u] = A | a\n", "must be plain");
    tells("summary: s\nevent: A | a\ncollector: cupti\n", "before the first event");
    tells("collector: a b\nsummary: s\nevent: A | a\n", "names one collector");
    tells("summary: s\nevnt: A | a\n", "begins with collector:, summary:");
    tells("summary: s\nevent: A | a\nderived: x = papi.A | m\n", "line 3: expected NAME [unit]");
    tells("summary: s\nevent: A | a\nderived: x [u] papi.A | m\n", "expected NAME [unit]");
    tells("summary: s\nevent: A | a\nderived: x [] = papi.A | m\n", "needs a plain name and a unit");
    tells("summary: s\nevent: A | a\nderived: x y [u] = papi.A | m\n", "needs a plain name and a unit");
    tells("summary: s\nevent: A | a\nderived: x [u] = papi.A / | m\n", "papi.A /");
}

/* Inputs are events of some group of the same collector, or what the kernel, the clock and the device give. */
static void input_is_known(const char *name, void *user)
{
    static const char *const others[] = {"elements", "work.flops", "work.bytes_read", "work.bytes_written",
                                         "wall.time"};
    const char *collector = user;
    size_t length = strlen(collector);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(name, others[i]))
            return;
    if (!strcmp(collector, "cupti") && !strcmp(name, "device.time"))
        return;
    if (strncmp(name, collector, length) || name[length] != '.' || !group_event_find(collector, name + length + 1))
        fail_msg("a formula uses %s, which no group of %s counts", name, collector);
}

static void built_in_groups_are_whole(void **state)
{
    static const char *const wanted[] = {"base", "branch", "cache", "fp", "tlb"};
    static const char *const of_gpus[] = {"gpu_branches", "gpu_cache",     "gpu_core",  "gpu_divergence",
                                          "gpu_flops",    "gpu_occupancy", "gpu_pipes", "gpu_throughput"};
    size_t count = 0;
    struct err e = {0};
    const struct group *groups = groups_all(&count, &e);

    (void)state;
    assert_string_equal(e.text, "");
    assert_non_null(groups);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_non_null(group_find("papi", wanted[i]));
    for (size_t i = 0; i < sizeof of_gpus / sizeof *of_gpus; i++)
        assert_non_null(group_find("cupti", of_gpus[i]));
    assert_null(group_find("papi", "none"));
    assert_null(group_find("papi", "gpu_core"));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < groups[i].derived_count; k++)
            assert_int_equal(formula_names(groups[i].derived[k].formula, input_is_known, groups[i].collector, &e), 0);
    assert_true(group_event_find("papi", "PAPI_TOT_INS")->metric.deterministic);
    assert_true(group_event_find("papi", "PAPI_BR_INS")->metric.deterministic);
    assert_false(group_event_find("papi", "PAPI_TOT_CYC")->metric.deterministic);
    assert_true(group_event_find("cupti", "warp_instructions")->metric.deterministic);
    assert_true(group_event_find("cupti", "sass_dfma")->metric.deterministic);
    assert_false(group_event_find("cupti", "dram_bytes")->metric.deterministic);
    assert_int_equal(group_event_find("cupti", "dram_bytes")->metric.kind, METRIC_COUNT);
    assert_int_equal(group_event_find("cupti", "occupancy")->metric.kind, METRIC_GAUGE);
}

/* A metric that stands in two groups is the same in both. */
static void shared_events_agree(void **state)
{
    size_t count = 0, shared = 0;
    const struct group *groups = groups_all(&count, NULL);

    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < groups[i].event_count; k++) {
            const struct group_event *one = &groups[i].events[k];
            const struct group_event *first = group_event_find(groups[i].collector, one->name);

            shared += one != first;
            assert_string_equal(one->metric.unit, first->metric.unit);
            assert_string_equal(one->metric.meaning, first->metric.meaning);
            assert_int_equal(one->metric.kind, first->metric.kind);
            assert_int_equal(one->metric.better, first->metric.better);
            assert_int_equal(one->metric.deterministic, first->metric.deterministic);
            assert_int_equal(one->alternative_count, first->alternative_count);
            for (size_t a = 0; a < one->alternative_count; a++)
                assert_string_equal(one->alternatives[a], first->alternatives[a]);
        }
    assert_true(shared > 0);
}

static void one_catalogue(const char *collector)
{
    const struct metric *all = groups_catalogue(collector);
    size_t derived = 0;

    for (const struct metric *m = all; m->name; m++) {
        derived += m->kind == METRIC_DERIVED;
        assert_true((m->kind == METRIC_DERIVED) == (m->formula != NULL));
        for (const struct metric *other = all; other < m; other++)
            assert_string_not_equal(other->name, m->name);
    }
    assert_true(derived > 0);
    assert_ptr_equal(all, groups_catalogue(collector));
}

static void catalogue_has_each_once(void **state)
{
    (void)state;
    one_catalogue("papi");
    one_catalogue("cupti");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_format),    cmocka_unit_test(reads_named_events),
        cmocka_unit_test(mistakes_are_told),   cmocka_unit_test(built_in_groups_are_whole),
        cmocka_unit_test(shared_events_agree), cmocka_unit_test(catalogue_has_each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
