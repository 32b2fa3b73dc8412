/* Plans: selections to points, points to launches; shards, seeds, and a sentence for every mistake. */
#include "harness/plan.h"
#include "harness/base/mem.h"
#include "harness/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct host host = {
    .cache_bytes = {0, 32 << 10, 1 << 20, 32 << 20},
    .memory_bytes = 8LL << 30,
    .cpus = 4,
};

static struct plan make(const struct plan_request *q, const struct passes *counters)
{
    struct err e = {0};
    struct plan p;

    if (plan_make(q, &host, counters, &p, &e))
        fail_msg("%s", e.text);
    return p;
}

static void fails(const struct plan_request *q, const char *word)
{
    struct err e = {0};
    struct plan p;

    assert_int_equal(plan_make(q, &host, NULL, &p, &e), -1);
    assert_int_equal(e.code, CM_USAGE);
    if (!strstr(e.text, word))
        fail_msg("'%s' lacks '%s'", e.text, word);
    plan_free(&p);
}

static bool has_point(const struct plan *p, const char *text)
{
    for (size_t i = 0; i < p->point_count; i++)
        if (!strcmp(p->points[i].text, text))
            return true;
    return false;
}

static void test_points(void **state)
{
    const char *sweeps[] = {"size=300,100", "threads=1,2", "schedule=dynamic"};
    struct plan_request q = {.kernels = "mandelbrot", .variants = "openmp,serial", .sweeps = sweeps, .sweep_count = 3};
    struct plan p = make(&q, NULL);

    (void)state;
    assert_int_equal(p.point_count, 6);
    assert_string_equal(p.name, "custom");
    assert_true(has_point(&p, "mandelbrot/serial:maxiter=1000,size=100"));
    assert_true(has_point(&p, "mandelbrot/openmp:chunk=1,maxiter=1000,schedule=dynamic,size=300,threads=2"));
    for (size_t i = 1; i < p.point_count; i++)
        assert_true(strcmp(p.points[i - 1].text, p.points[i].text) < 0);
    for (size_t i = 0; i < p.point_count; i++)
        for (struct fact *f = p.points[i].axes; f->name && f[1].name; f++)
            assert_true(strcmp(f->name, f[1].name) < 0);
    plan_free(&p);
}

static void test_added_later(void **state)
{
    const struct axis axes[] = {{"new", "1K,2K", "1K", "", true}, {"old", "1", "1", "", false}, {0}};
    struct fact facts[] = {{(char *)"new", (char *)"1024"}, {(char *)"old", (char *)"1"}, {0}};
    char *text = plan_point_text("k", "v", facts, axes, NULL);

    (void)state;
    assert_string_equal(text, "k/v:old=1");
    free(text);
    facts[0].value = (char *)"2048";
    text = plan_point_text("k", "v", facts, NULL, axes);
    assert_string_equal(text, "k/v:new=2048,old=1");
    free(text);
    text = plan_point_text("null", "empty", facts + 2, NULL, NULL);
    assert_string_equal(text, "null/empty");
    free(text);
}

static void test_mistakes(void **state)
{
    const char *no_axis[] = {"sise=300"}, *no_value[] = {"schedule=dynamik"}, *no_number[] = {"size=big"};
    const char *no_sweep[] = {"size"};

    (void)state;
    fails(&(struct plan_request){.plan = "nihgtly"}, "nightly");
    fails(&(struct plan_request){.kernels = "mandelbrod"}, "mandelbrot");
    fails(&(struct plan_request){.kernels = "mandelbrot,"}, "no kernel ''");
    fails(&(struct plan_request){.kernels = "zzz*"}, "no kernel");
    fails(&(struct plan_request){.kernels = "mandelbrot", .variants = "serail"}, "serial");
    fails(&(struct plan_request){.sweeps = no_axis, .sweep_count = 1}, "size");
    fails(&(struct plan_request){.sweeps = no_value, .sweep_count = 1}, "dynamic");
    fails(&(struct plan_request){.sweeps = no_number, .sweep_count = 1}, "takes whole numbers");
    fails(&(struct plan_request){.sweeps = no_sweep, .sweep_count = 1}, "no sweep of an axis");
    fails(&(struct plan_request){.shard = 4, .shards = 3}, "no shard 4 of 3");
}

static struct plan_request with_text(const char *text)
{
    static struct config_plan own;

    own = (struct config_plan){(char *)"own", (char *)text};
    return (struct plan_request){.plan = "own", .plans = &own, .plan_count = 1};
}

static void text_fails(const char *text, const char *word)
{
    struct plan_request q = with_text(text);

    fails(&q, word);
}

static void test_plan_text(void **state)
{
    struct plan_request q = with_text("summary mine # yes\nlaunches 3\ntarget 20ms\ncollect wall\n"
                                      "use mandelbrot/serial size=100 maxiter=30\nalso mandelbrot/s* size=200 ~2s\n"
                                      "use mandelbrot/* size=300 maxiter=all\nalso null/* \n");
    struct plan_text t;
    struct plan p = make(&q, NULL);
    struct err e = {0};

    (void)state;
    assert_true(has_point(&p, "mandelbrot/serial:maxiter=30,size=100"));
    assert_true(has_point(&p, "mandelbrot/serial:maxiter=1000,size=200"));
    assert_false(has_point(&p, "mandelbrot/serial:maxiter=1000,size=300")); /* the first line has decided */
    assert_true(has_point(&p, "mandelbrot/complex:maxiter=30,size=300"));
    assert_true(has_point(&p, "mandelbrot/complex:maxiter=5000,size=300"));
    for (size_t i = 0; i < p.point_count; i++)
        assert_false(text_starts(p.points[i].text, "null/")); /* `also` alone selects nothing */
    assert_string_equal(p.name, "own");
    assert_true(p.target_s > 0.0199 && p.target_s < 0.0201);
    plan_free(&p);
    assert_int_equal(plan_read(&q, &t, &e), 0);
    assert_string_equal(t.summary, "mine");
    assert_string_equal(t.collect, "wall");
    assert_int_equal(t.launches, 3);
    plan_text_free(&t);
    q.launches = 5;
    q.collect = "papi";
    assert_int_equal(plan_read(&q, &t, &e), 0);
    assert_string_equal(t.collect, "papi");
    assert_int_equal(t.launches, 5);
    plan_text_free(&t);
    text_fails("launches 8\n", "no 'use' line");
    text_fails("use *\nlaunchs 8\n", "line 2");
    text_fails("use *\nlaunchs 8\n", "launches");
    text_fails("launches 0\nuse *\n", "1 to 10000");
    text_fails("target soon\nuse *\n", "100ms");
    text_fails("use * size\n", "AXIS=SWEEP");
    text_fails("use mandelbroth/*\n", "no variant matches");
    text_fails("use mandelbrot/* seize=3\n", "size");
    text_fails("use mandelbrot/serial size=1,,2\n", "missing");
}

static void test_plan_programs(void **state)
{
    struct plan_request q = with_text("verify out.*\ncommand two n=1,2 ~2s -- ./prog --size {n} 'a # {{n}} b' # yes\n"
                                      "command -- /bin/true x#y\n");
    struct plan p = make(&q, NULL);

    (void)state;
    assert_int_equal(p.point_count, 3);
    assert_true(has_point(&p, "command/true"));
    assert_string_equal(p.points[1].text, "command/two:n=1");
    assert_string_equal(p.points[1].command[2], "1");
    assert_string_equal(p.points[1].command[3], "a # {n} b");
    assert_string_equal(p.points[1].verify, "out.*");
    assert_true(p.points[1].cost_s > 1.99 && p.points[1].cost_s < 2.01);
    assert_string_equal(p.points[0].command[1], "x#y");
    assert_false(plan_has_variants(&p));
    plan_free(&p);
    text_fails("command two n=1 -- ./prog {m} {n}\n", "line 1: '{m}' names no axis");
    text_fails("command a -- ./x\ncommand a -- ./y\n", "a second command is called 'a'");
}

/* Every statement of the table is one that is read: it complains of its value, not of the word. */
static void test_statements(void **state)
{
    (void)state;
    for (const struct plan_statement *s = plan_statements; s->name; s++) {
        char *text = mem_format("use *\nno-such\n%s\n", s->name), *first = mem_format("%s\nuse *\nno-such\n", s->name);

        text_fails(text, s->name); /* the list of an unknown one */
        assert_non_null(s->value);
        assert_non_null(s->meaning);
        struct plan_request q = with_text(first);
        struct plan_text t;
        struct err e = {0};

        assert_int_equal(plan_read(&q, &t, &e), -1);
        char *unknown = mem_format("'%s' is no statement", s->name);
        assert_null(strstr(e.text, unknown));
        free(unknown);
        free(text);
        free(first);
    }
}

static void test_empty_plan(void **state)
{
    struct plan_request q = with_text("use mandelbrot/serial\n");

    (void)state;
    q.kernels = "triad";
    fails(&q, "has no point of kernel triad");
}

static void test_builtin_plans(void **state)
{
    static const char *const names[] = {"default", "quick", "nightly", "full"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct plan_request q = {.plan = names[i]};
        struct plan p = make(&q, NULL);

        assert_string_equal(p.name, names[i]);
        assert_true(p.launch_count >= p.point_count);
        for (const struct registry_variant *v = registry_variants; v->name; v++) {
            char start[200];
            bool found = false, wanted = registry_kernel(v->kernel)->kernel->role == ROLE_WORK;

            snprintf(start, sizeof start, "%s/%s", v->kernel, v->name);
            for (size_t j = 0; j < p.point_count && !found; j++)
                found = text_starts(p.points[j].text, start);
            if (found != wanted)
                fail_msg("plan %s has %s point of %s", names[i], found ? "a" : "no", start);
        }
        plan_free(&p);
    }
}

/* Kernels with a role: only by their whole name, in -k as in a plan's own lines. */
static void test_roles(void **state)
{
    struct plan_request q = with_text("use truth/loads\n");
    struct plan p;

    (void)state;
    fails(&(struct plan_request){.kernels = "tru*"},
          "kernel truth is measured only where it is named in full: -k truth");
    fails(&q, "nothing to do");
    q.kernels = "truth";
    p = make(&q, NULL);
    assert_int_equal(p.point_count, 1);
    assert_string_equal(p.points[0].text, "truth/loads:n=65536");
    plan_free(&p);
    q.kernels = "triad,truth";
    p = make(&q, NULL);
    assert_int_equal(p.point_count, 1);
    plan_free(&p);
    q = (struct plan_request){.kernels = "*", .plan = "default"};
    p = make(&q, NULL);
    for (size_t i = 0; i < p.point_count; i++)
        assert_int_equal(p.points[i].kernel_row->kernel->role, ROLE_WORK);
    plan_free(&p);
}

static void test_memory(void **state)
{
    const char *sweeps[] = {"size=100,40000"};
    struct plan_request q = {.kernels = "mandelbrot", .variants = "serial", .sweeps = sweeps, .sweep_count = 1};
    struct plan p = make(&q, NULL);

    (void)state;
    assert_int_equal(p.point_count, 2);
    assert_null(p.points[0].unavailable);
    assert_non_null(p.points[1].unavailable);
    assert_non_null(strstr(p.points[1].unavailable, "60 %"));
    assert_int_equal(p.launch_count, 8 + 1); /* what cannot run has one launch, which says why */
    plan_free(&p);
}

/* Three points, two passes: 8 rounds with all time launches, counters in the first two. */
static struct plan three_points(const struct plan_request *changes)
{
    static const char *sweeps[] = {"size=100,200,300"};
    struct plan_request q = *changes;
    struct passes counters = {0};
    struct plan p;

    q.kernels = "mandelbrot";
    q.variants = "serial";
    q.sweeps = sweeps;
    q.sweep_count = 1;
    text_list_add(&counters.passes, "papi:A,B");
    text_list_add(&counters.passes, "papi:C");
    text_list_add(&counters.missing, "papi.D\tno such event");
    p = make(&q, &counters);
    text_list_free(&counters.passes);
    text_list_free(&counters.missing);
    return p;
}

static void test_rounds(void **state)
{
    struct plan_request q = {.seed = 7};
    struct plan p = three_points(&q);
    int seen[8][3][3] = {0}; /* round, point, kind: time, pass 0, pass 1 */
    bool shuffled = false;

    (void)state;
    assert_int_equal(p.launch_count, 3 * 8 + 3 * 2);
    assert_int_equal(p.pass_count, 2);
    assert_string_equal(p.missing[0], "papi.D\tno such event");
    for (size_t i = 0; i < p.launch_count; i++) {
        const struct plan_launch *l = &p.launches[i];
        int kind = !*l->pass ? 0 : !strcmp(l->pass, "papi:A,B") ? 1 : 2;

        assert_true(!i || p.launches[i - 1].round <= l->round);
        assert_int_equal(l->number, kind ? 0 : l->round);
        seen[l->round][l->point][kind]++;
        shuffled = shuffled || (i && p.launches[i - 1].round == l->round && p.launches[i - 1].point > l->point);
    }
    assert_true(shuffled);
    for (int round = 0; round < 8; round++)
        for (int point = 0; point < 3; point++) {
            assert_int_equal(seen[round][point][0], 1);
            assert_int_equal(seen[round][point][1], round == 0);
            assert_int_equal(seen[round][point][2], round == 1);
        }
    plan_free(&p);
}

static bool same_launch(const struct plan *a, size_t i, const struct plan *b, size_t j)
{
    const struct plan_launch *x = &a->launches[i], *y = &b->launches[j];

    return x->point == y->point && x->number == y->number && !strcmp(x->pass, y->pass);
}

static void test_seed_decides_order(void **state)
{
    struct plan_request q = {.seed = 7}, other = {.seed = 8};
    struct plan a = three_points(&q), b = three_points(&q), c = three_points(&other);
    size_t differ = 0;

    (void)state;
    for (size_t i = 0; i < a.launch_count; i++) {
        assert_true(same_launch(&a, i, &b, i));
        differ += !same_launch(&a, i, &c, i);
    }
    assert_true(differ > 0);
    plan_free(&a);
    plan_free(&b);
    plan_free(&c);
}

static void test_shards_are_the_whole(void **state)
{
    struct plan_request q = {.seed = 7};
    struct plan whole = three_points(&q);
    size_t at[4] = {0};

    (void)state;
    for (int n = 1; n <= 4; n++) {
        struct plan part[4];
        size_t sum = 0;

        for (int i = 0; i < n; i++) {
            q.shard = i + 1;
            q.shards = n;
            part[i] = three_points(&q);
            assert_int_equal(part[i].shard_of, whole.launch_count);
            sum += part[i].launch_count;
            at[i] = 0;
        }
        assert_int_equal(sum, whole.launch_count);
        for (size_t i = 0; i < whole.launch_count; i++)
            assert_true(same_launch(&whole, i, &part[i % (size_t)n], at[i % (size_t)n]++));
        for (int i = 0; i < n; i++)
            plan_free(&part[i]);
    }
    plan_free(&whole);
}

static void test_command(void **state)
{
    char *command[] = {(char *)"/opt/my prog", (char *)"--n={n}", (char *)"{mode}", (char *)"{}", NULL};
    char *other[] = {(char *)"/opt/my prog", (char *)"--m={n}", (char *)"{mode}", (char *)"{}", NULL};
    const char *sweeps[] = {"n=1K,20", "mode=a b,/c"};
    struct plan_request q = {.command = command, .sweeps = sweeps, .sweep_count = 2};
    struct plan p = make(&q, NULL), p2;

    (void)state;
    assert_int_equal(p.point_count, 4);
    assert_string_equal(p.points[0].text, "command/my_prog:mode=/c,n=1K");
    assert_string_equal(p.points[0].command[0], "/opt/my prog");
    assert_string_equal(p.points[0].command[1], "--n=1K");
    assert_string_equal(p.points[0].command[2], "/c");
    assert_string_equal(p.points[0].command[3], "{}");
    assert_null(p.points[0].command[4]);
    q.command = other;
    p2 = make(&q, NULL);
    assert_string_not_equal(p.points[0].variant_version, p2.points[0].variant_version); /* another computation */
    plan_free(&p);
    plan_free(&p2);
}

static void test_command_mistakes(void **state)
{
    char *command[] = {(char *)"prog", (char *)"{sise}", NULL}, *plain[] = {(char *)"prog", NULL};
    char *nothing[] = {NULL}, *both[] = {(char *)"prog", (char *)"{size}{sise}", NULL};
    const char *sweeps[] = {"size=1,2"}, *twice[] = {"size=1", "size=2"};

    (void)state;
    fails(&(struct plan_request){.command = nothing}, "missing");
    fails(&(struct plan_request){.command = plain, .kernels = "triad"}, "-s alone");
    fails(&(struct plan_request){.command = plain, .sweeps = sweeps, .sweep_count = 1}, "not used");
    fails(&(struct plan_request){.command = command, .sweeps = sweeps, .sweep_count = 1}, "{size}");
    fails(&(struct plan_request){.command = both, .sweeps = sweeps, .sweep_count = 1}, "'{sise}' names no axis");
    fails(&(struct plan_request){.command = both, .sweeps = twice, .sweep_count = 2}, "twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_added_later),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_plan_text),
        cmocka_unit_test(test_plan_programs),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_empty_plan),
        cmocka_unit_test(test_builtin_plans),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_seed_decides_order),
        cmocka_unit_test(test_shards_are_the_whole),
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_command_mistakes),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
