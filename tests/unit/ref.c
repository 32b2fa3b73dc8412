/* How runs are named: what is newest, what is unique, what is accepted for a point, and the sentences for the rest. */
#include "store_fixture.h"

#include "../../db/ref.h"
#include "../../db/store_internal.h"

static const char *const commits[] = {"aaaa000000000000000000000000000000000000",
                                      "aaaabbbb00000000000000000000000000000000",
                                      "cccc000000000000000000000000000000000000"};

/* Six runs: two machines, two branches, a dirty build, one that was interrupted. Started one second after another. */
static struct store *six_runs(void)
{
    static const struct {
        const char *machine, *branch;
        int commit;
        bool dirty, whole;
    } rows[] = {
        {"box", "main", 0, false, true},  {"box", "main", 1, false, true}, {"box", "work", 1, false, true},
        {"shed", "main", 1, false, true}, {"box", "main", 2, true, true},  {"box", "main", 1, false, false},
    };
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct store *s;
    struct fixture f;
    char sql[100], uuid[8];
    size_t i;

    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &f, "box", "");
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct machine_row m = {rows[i].machine, "", NULL};
        struct build_row b = {commits[rows[i].commit], rows[i].branch, "", 0, rows[i].dirty, "", "", "", NULL};
        struct run_row r = {.uuid = uuid, .group = uuid, .plan = "", .arguments = "", .shard = 1, .shards = 1};
        struct launch_row l = {0, f.points[0], 0, ""};

        snprintf(uuid, sizeof uuid, "u%zu", i);
        FINE(store_machine(s, &m, &r.machine, e));
        FINE(store_build(s, &b, &r.build, e));
        r.environment = f.environment;
        FINE(store_run_begin(s, &r, &l, 1, &f.run, f.launches, e));
        if (rows[i].whole)
            FINE(store_launch(s, f.launches[0], &done, NULL, 0, e));
        FINE(store_run_finish(s, f.run, !rows[i].whole, e));
        assert_int_equal(f.run, i + 1);
        snprintf(sql, sizeof sql, "UPDATE run SET started = %d WHERE id = %d", 1000 + (int)i, (int)i + 1);
        FINE(sql_exec(s, sql, e, "preparing the test"));
    }
    return s;
}

static int64_t resolved(struct store *s, const char *ref, const char *machine, const char *branch)
{
    int64_t run;

    FINE(ref_resolve(s, ref, machine, branch, &run, e));
    return run;
}

static void names_of_runs(void **state)
{
    struct store *s = six_runs();
    int64_t run;

    (void)state;
    assert_int_equal(resolved(s, "run:6", NULL, NULL), 6);
    assert_int_equal(resolved(s, "3", "shed", NULL), 3); /* a number means that run, wherever it was */
    assert_int_equal(resolved(s, "last", NULL, NULL), 5);
    assert_int_equal(resolved(s, "last", "box", NULL), 5);
    assert_int_equal(resolved(s, "last", "shed", NULL), 4);
    assert_int_equal(resolved(s, "last", "box", "work"), 3);
    assert_int_equal(resolved(s, "last", "", ""), 5);
    assert_int_equal(resolved(s, "machine:shed", "box", NULL), 4);
    assert_int_equal(resolved(s, "commit:aaaa0", NULL, NULL), 1);
    assert_int_equal(resolved(s, "commit:AAAAB", NULL, NULL), 4);
    assert_int_equal(resolved(s, "commit:aaaab", "box", NULL), 3);
    assert_int_equal(resolved(s, "commit:aaaab", "box", "main"), 2);
    REFUSED(ref_resolve(s, "commit:aaaa", NULL, NULL, &run, e), CM_USAGE, "2 commits");
    REFUSED(ref_resolve(s, "commit:aaa", NULL, NULL, &run, e), CM_USAGE, "at least 4");
    REFUSED(ref_resolve(s, "commit:*", NULL, NULL, &run, e), CM_USAGE, "at least 4");
    REFUSED(ref_resolve(s, "commit:dddd", NULL, NULL, &run, e), CM_USAGE, "commits: ");
    REFUSED(ref_resolve(s, "commit:cccc", NULL, NULL, &run, e), CM_USAGE, "clean tree");
    REFUSED(ref_resolve(s, "run:7", NULL, NULL, &run, e), CM_USAGE, "there are: run:6, run:5");
    REFUSED(ref_resolve(s, "run:", NULL, NULL, &run, e), CM_USAGE, "no run:");
    REFUSED(ref_resolve(s, "run:1 OR 1", NULL, NULL, &run, e), CM_USAGE, "no run:");
    REFUSED(ref_resolve(s, "99999999999999999999999", NULL, NULL, &run, e), CM_USAGE, "no run:");
    REFUSED(ref_resolve(s, "machine:barn", NULL, NULL, &run, e), CM_USAGE, "machines: box, shed");
    REFUSED(ref_resolve(s, "latest", NULL, NULL, &run, e), CM_USAGE, "understood are: run:N");
    REFUSED(ref_resolve(s, "", NULL, NULL, &run, e), CM_USAGE, "names no run");
    REFUSED(ref_resolve(s, "last", "barn", "main", &run, e), CM_NOTHING, "on machine barn and branch main");
    REFUSED(ref_resolve(s, "accepted", NULL, NULL, &run, e), CM_NOTHING, "countermark accept");
    store_close(s);
}

static void accept(struct store *s, int64_t run, const char *points, const char *metrics, const char *until)
{
    struct ledger_row l = {"accept", points, metrics, run, "a reason", until, NULL};

    FINE(store_ledger_add(s, &l, NULL, e));
}

static int64_t baseline(struct store *s, const char *point, const char *metric, const char *machine, const char *branch,
                        int64_t newest)
{
    struct ref_acceptances a;
    int64_t run;

    FINE(ref_acceptances_load(s, machine, branch, newest, &a, e));
    run = ref_acceptances_find(&a, point, metric);
    ref_acceptances_free(&a);
    return run;
}

static void baselines(void **state)
{
    struct store *s = six_runs();
    struct ledger_row ignored = {"ignore", "*", "*", 5, "a reason", NULL, NULL};
    int64_t run;

    (void)state;
    assert_int_equal(baseline(s, "k/a:x=1", NULL, NULL, NULL, 0), 0);
    accept(s, 1, "*", "*", NULL);
    accept(s, 4, "*", "*", NULL);
    accept(s, 2, "k/a:*", "*", NULL);
    FINE(store_ledger_add(s, &ignored, NULL, e));
    assert_int_equal(resolved(s, "accepted", NULL, NULL), 4);
    assert_int_equal(resolved(s, "accepted", "box", NULL), 1);
    REFUSED(ref_resolve(s, "accepted", "box", "work", &run, e), CM_NOTHING, "on machine box and branch work");
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "box", "main", 0), 2);
    assert_int_equal(baseline(s, "k/b:x=1", NULL, "box", "main", 0), 1);
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "shed", NULL, 0), 4);
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "box", "work", 0), 0);
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "box", "main", 1), 1); /* not judged by its future */
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "box", "main", 2), 2); /* accepted itself */
    /* for one metric alone */
    accept(s, 5, "k/a:*", "wall.*", NULL);
    assert_int_equal(baseline(s, "k/a:x=1", NULL, "box", "main", 0), 2);
    assert_int_equal(baseline(s, "k/a:x=1", "wall.time", "box", "main", 0), 5);
    assert_int_equal(baseline(s, "k/a:x=1", "count.x", "box", "main", 0), 2);
    /* past its day: the older baseline is back */
    accept(s, 5, "*", "*", "2020-01-01");
    assert_int_equal(baseline(s, "k/b:x=1", NULL, "box", "main", 0), 1);
    accept(s, 5, "*", "*", "2999-12-31");
    assert_int_equal(baseline(s, "k/b:x=1", NULL, "box", "main", 0), 5);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_of_runs, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(baselines, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
