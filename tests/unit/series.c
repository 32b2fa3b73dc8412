/* Histories: whose runs, in which order, with which values; commits and what became of them; decisions read back. */
#include "history_fixture.h"

#include "../../db/ledger.h"
#include "../../db/series.h"
#include "../../harness/base/text.h"

static void order_follows_the_commits(void **state)
{
    struct store *s = fresh();

    (void)state;
    know(s, "a1", "", 100, "known");
    know(s, "b2", commit("a1"), 400, "known"); /* its author's clock was ahead */
    know(s, "c3", commit("b2"), 200, "unbuildable");
    know(s, "d4", commit("c3"), 300, "known");
    /* measured newest first, as a backfill does; e5 is known to nobody */
    add_run(s, &(struct how){.commit = "d4", .commit_time = 300, .whole = true});
    add_run(s, &(struct how){.commit = "a1", .commit_time = 100, .whole = true});
    add_run(s, &(struct how){.commit = "b2", .commit_time = 400, .dirty = true, .whole = true});
    add_run(s, &(struct how){.commit = "b2", .commit_time = 400, .whole = true});
    add_run(s, &(struct how){.commit = "e5", .commit_time = 150, .whole = true});
    add_run(s, &(struct how){.commit = "b2", .commit_time = 400, .whole = false});
    add_run(s, &(struct how){.whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 e5 b2 b2* c3! d4 -");
    /* once it can be measured, it has no outcome any more */
    add_run(s, &(struct how){.commit = "c3", .commit_time = 200, .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 e5 b2 b2* c3 d4 -");
    store_close(s);
}

static void merged_branches_stand_together(void **state)
{
    struct store *s = fresh();
    char parents[90];

    (void)state;
    know(s, "a1", "", 100, "known");
    know(s, "a2", commit("a1"), 300, "known");
    know(s, "b1", commit("a1"), 200, "unbuildable");
    know(s, "b2", commit("b1"), 400, "known");
    snprintf(parents, sizeof parents, "%s %s", commit("a2"), commit("b2"));
    know(s, "a3", parents, 500, "known");
    know(s, "a4", commit("a3"), 500, "unbuildable"); /* the branch's tip */
    add_run(s, &(struct how){.commit = "a1", .whole = true});
    add_run(s, &(struct how){.commit = "b2", .whole = true});
    add_run(s, &(struct how){.commit = "a2", .whole = true});
    add_run(s, &(struct how){.commit = "a3", .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 a2 b1! b2 a3 a4!");
    store_close(s);
}

static void commits_of_one_second(void **state)
{
    static const char *const names[] = {"f1", "e2", "d3", "c4", "b5"};
    struct store *s = fresh();

    (void)state;
    for (int i = 4; i >= 0; i--)
        know(s, names[i], i ? commit(names[i - 1]) : "", 77, "known");
    for (int i = 4; i >= 0; i -= 2)
        add_run(s, &(struct how){.commit = names[i], .commit_time = 77, .whole = true});
    assert_string_equal(order(s, NULL, NULL), "f1 d3 b5");
    /* nothing is known of their parents: as they were measured */
    add_run(s, &(struct how){.commit = "91", .commit_time = 77, .branch = "work", .whole = true});
    add_run(s, &(struct how){.commit = "82", .commit_time = 77, .branch = "work", .whole = true});
    assert_string_equal(order(s, NULL, NULL), "91 82");
    store_close(s);
}

static void homes_are_apart(void **state)
{
    struct store *s = fresh();
    struct series_home home;

    (void)state;
    REFUSED(series_home_load(s, NULL, NULL, &home, e), CM_NOTHING, "no complete run");
    add_run(s, &(struct how){.commit = "a1", .whole = true});
    add_run(s, &(struct how){.commit = "a2", .branch = "work", .whole = true});
    add_run(s, &(struct how){.commit = "a3", .machine = "shed", .whole = true});
    add_run(s, &(struct how){.commit = "a4", .branch = "", .whole = true});
    add_run(s, &(struct how){.commit = "a5", .scripted = true, .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a5"); /* what is scripted is a history of its own */
    add_run(s, &(struct how){.commit = "a6", .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 a6");
    assert_string_equal(order(s, "shed", NULL), "a3");
    assert_string_equal(order(s, NULL, "work"), "a2");
    assert_string_equal(order(s, "", ""), "a1 a2 a3 a4 a6");
    add_run(s, &(struct how){.commit = "a7", .branch = "", .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a4 a7"); /* of no branch, not of any */
    REFUSED(series_home_load(s, "barn", NULL, &home, e), CM_NOTHING, "of machine barn");
    REFUSED(series_home_load(s, "shed", "work", &home, e), CM_NOTHING, "of branch work");
    store_close(s);
}

struct seen {
    char text[1000];
    size_t stop_after, count;
    bool fail;
};

/* "point metric: run=value(low-high)flags ...\n" */
static int note(const struct series *x, void *user, struct err *e)
{
    struct seen *seen = user;
    size_t at = strlen(seen->text), size = sizeof seen->text;

    at += (size_t)snprintf(seen->text + at, size - at, "%s %s:", x->point, x->metric);
    for (size_t i = 0; i < x->count && at < size; i++)
        at += (size_t)snprintf(seen->text + at, size - at, " %zu=%g(%g-%g)%s%s", x->run[i], x->value[i], x->low[i],
                               x->high[i], x->another[i] ? "another" : "", x->suspect[i] ? "suspect" : "");
    snprintf(seen->text + at, size - at, "\n");
    assert_string_equal(x->kernel, text_starts(x->point, "triad") ? "triad" : "anchor");
    assert_int_equal(x->deterministic, !strcmp(x->metric, "count.instructions"));
    assert_int_equal(x->kind, strcmp(x->metric, "wall.time") ? METRIC_COUNT : METRIC_DURATION);
    seen->count++;
    if (seen->fail)
        return err_set(e, CM_USAGE, "enough");
    return seen->count == seen->stop_after;
}

static const char *series(struct store *s, const char *points, const char *metrics)
{
    static struct seen seen;
    struct series_home home;

    memset(&seen, 0, sizeof seen);
    FINE(series_home_load(s, NULL, NULL, &home, e));
    FINE(series_each(s, &home, points, metrics, note, &seen, e));
    series_home_free(&home);
    return seen.text;
}

static struct store *some_series(void)
{
    struct store *s = fresh();
    int64_t run;

    add_run(s, &(struct how){.value = 10, .whole = true});
    add_run(s, &(struct how){.value = 20, .code = "ffff", .whole = true}); /* other machine code, still one series */
    add_run(s, &(struct how){.value = 30, .wrong = true, .whole = true});
    run = add_run(s, &(struct how){.value = 40, .version = "2", .code = "0000", .whole = true});
    add_run(s, &(struct how){.value = 50, .version = "2", .code = "0001", .whole = true});
    add_run(s, &(struct how){.value = 60, .machine = "shed", .whole = true});
    add_run(s, &(struct how){.value = 70, .whole = false});
    add_run(s, &(struct how){.value = 80, .whole = true});
    for (int number_of = 0; number_of < 2; number_of++) {
        char sql[100];
        double launch;

        snprintf(sql, sizeof sql, "SELECT id FROM launch WHERE run = %d AND sequence = %d", (int)run, number_of);
        launch = number(s, sql);
        FINE(store_doubt(s, (int64_t)launch, "wall.time", "a neighbour", e));
    }
    return s;
}

static void series_have_the_values_of_all_codes(void **state)
{
    static const char time[] = "triad/serial:size=64 wall.time: 0=11(10-12) 1=21(20-22) 3=41(40-42)anothersuspect "
                               "4=51(50-52) 5=81(80-82)another\n";
    static const char both[] =
        "triad/serial:size=64 count.instructions: 0=1000(1000-1000) 1=1000(1000-1000) 3=1000(1000-1000)another "
        "4=1000(1000-1000) 5=1000(1000-1000)another\n";
    struct store *s = some_series();
    char *expected = mem_format("%s%s", both, time);

    (void)state;
    assert_string_equal(series(s, NULL, "wall.time"), time);
    assert_string_equal(series(s, "triad/*", "wall.time,count.*"), expected);
    /* most metrics are wanted: read in one walk, the same result */
    assert_string_equal(series(s, "triad/*", "wall.time,count.*,memory.*"), expected);
    assert_string_equal(series(s, "matmul/*", NULL), "");
    assert_string_equal(series(s, NULL, "no.such"), "");
    assert_string_equal(series(s, "*size=64", "wall.time"), time);
    assert_string_equal(series(s, "triad/serial:size=64", "wall.time"), time);
    assert_string_equal(series(s, "triad/serial:size\\=64", "wall.time"), time);
    assert_string_equal(series(s, "triad\\/*", "wall.time"), time);
    assert_string_equal(series(s, "triad/serial:size=6", "wall.time"), "");
    assert_string_equal(series(s, "triad/serial:size=6?", "wall.time"), time);
    assert_string_equal(series(s, "blur/simd,triad/serial:size=64", "wall.time"), time);
    /* anchors only by their name */
    assert_non_null(strstr(series(s, "anchor/*", "wall.time"), "anchor/serial wall.time: 0=12"));
    assert_string_equal(series(s, "a*", "wall.time"), "");
    free(expected);
    store_close(s);
}

static void readers_may_stop(void **state)
{
    struct store *s = some_series();
    struct seen seen = {.stop_after = 1};
    struct series_home home;

    (void)state;
    FINE(series_home_load(s, NULL, NULL, &home, e));
    FINE(series_each(s, &home, NULL, "wall.time,count.*", note, &seen, e));
    assert_int_equal(seen.count, 1);
    seen = (struct seen){.fail = true};
    REFUSED(series_each(s, &home, NULL, "wall.time,count.*", note, &seen, e), CM_USAGE, "enough");
    assert_int_equal(seen.count, 1);
    series_home_free(&home);
    store_close(s);
}

static void shards_are_one_run(void **state)
{
    struct store *s = fresh();
    struct series_home home;
    int64_t last;

    (void)state;
    add_run(s, &(struct how){.commit = "a1", .value = 10, .whole = true});
    add_run(s, &(struct how){.commit = "a2", .group = "g", .shard = 1, .shards = 2, .value = 20, .whole = true});
    last = add_run(s, &(struct how){.commit = "a2", .group = "g", .shard = 2, .shards = 2, .value = 30, .whole = true});
    FINE(series_home_load(s, NULL, NULL, &home, e));
    assert_int_equal(home.count, 2);
    assert_int_equal(home.runs[1].id, last);
    series_home_free(&home);
    assert_string_equal(series(s, NULL, "wall.time"), "triad/serial:size=64 wall.time: 0=11(10-12) 1=31(30-32)\n");
    /* the same commit in a second night, of which one shard is there so far: a run of its own */
    add_run(s, &(struct how){.commit = "a2", .group = "g", .shard = 1, .shards = 2, .value = 40, .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 a2 a2");
    add_run(s, &(struct how){.commit = "a2", .group = "g", .shard = 2, .shards = 2, .value = 50, .whole = true});
    assert_string_equal(order(s, NULL, NULL), "a1 a2 a2");
    assert_string_equal(series(s, NULL, "wall.time"),
                        "triad/serial:size=64 wall.time: 0=11(10-12) 1=31(30-32) 2=51(50-52)\n");
    store_close(s);
}

static void decisions_are_found(void **state)
{
    struct ledger_row rows[] = {
        {"ignore", "triad/*", "wall.*", 0, "the old", NULL, "0123abc"},
        {"ignore", "triad/*", "wall.*", 0, "the new", "2099-12-31", NULL},
        {"ignore", "triad/*", "*", 0, "gone", "2001-01-01", NULL},
        {"note", "matmul/*,triad/simd:*", "*", 0, "a remark", NULL, NULL},
    };
    struct ledger_row bad = {"note", "*", "*", 0, "a remark", NULL, "main"};
    struct store *s = fresh();
    struct ledger l;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        FINE(store_ledger_add(s, &rows[i], NULL, e));
    REFUSED(store_ledger_add(s, &bad, NULL, e), CM_USAGE, "'main' is no commit");
    FINE(ledger_load(s, &l, e));
    assert_int_equal(l.count, 4);
    assert_string_equal(l.items[0].commit, "0123abc");
    assert_null(l.items[0].until);
    assert_true(l.items[2].expired && !l.items[0].expired && !l.items[1].expired);
    ledger_free(&l);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(order_follows_the_commits, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(merged_branches_stand_together, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(commits_of_one_second, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(homes_are_apart, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(series_have_the_values_of_all_codes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(readers_may_stop, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(shards_are_one_run, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(decisions_are_found, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
