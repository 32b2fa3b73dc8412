/* Merging: by uuid, twice without effect, whole or not at all; shards become the whole plan; a resumed run catches up. */
#include "store_fixture.h"

#include "../../db/store_internal.h"

static void say_problem(const char *line, void *user)
{
    (void)user;
    print_message("# %s\n", line);
}

static void add_words(struct store *s, int64_t run)
{
    struct ledger_row l = {"accept", "*", "*", run, "it is what we want", "2030-02-28", NULL};
    struct ledger_row n = {"note", "triad/*", "*", 0, "the disk was changed", NULL, NULL};
    struct verdict_row v = {
        "triad/serial:cache=warm,size=64", "wall.time", run, "slower", 1.25, 1.2, NAN, "because", 1};
    int64_t id;

    FINE(store_ledger_add(s, &l, &id, e));
    FINE(store_ledger_add(s, &n, &id, e));
    FINE(store_verdicts(s, run, &v, 1, e));
}

static void merging_copies_everything_once(void **state)
{
    struct store *a, *b, *into;
    struct fixture f;
    char *content, *merged;
    int64_t added;

    (void)state;
    a = fixture_store("a.db", "run-a", &f);
    add_words(a, f.run);
    content = fixture_content(a);
    store_close(a);
    /* other ids there: another machine, more points and metrics came first */
    FINE(store_open(&into, "into.db", STORE_WRITE, e));
    FINE(store_merge(into, "a.db", &added, e));
    assert_int_equal(added, 1);
    merged = fixture_content(into);
    assert_string_equal(merged, content);
    free(merged);
    FINE(store_merge(into, "a.db", &added, e));
    assert_int_equal(added, 0);
    merged = fixture_content(into);
    assert_string_equal(merged, content);
    free(merged);
    free(content);

    b = fixture_store("b.db", "run-b", &f);
    fixture_identity(b, &f, "other", "ffff456789012345678901234567890123456789");
    fixture_run(b, &f, "run-c", 5000);
    store_close(b);
    FINE(store_merge(into, "b.db", &added, e));
    assert_int_equal(added, 2);
    assert_int_equal(number(into, "SELECT count(*) FROM run"), 3);
    assert_int_equal(number(into, "SELECT count(*) FROM machine"), 2);
    assert_int_equal(number(into, "SELECT count(*) FROM point"), 2);
    FINE(store_check(into, say_problem, NULL, e));
    store_close(into);
}

static void ids_are_mapped(void **state)
{
    struct metric early = {
        .name = "a.metric", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER};
    char axis[] = "size", value[] = "1";
    struct fact axes[] = {{axis, value}, {NULL, NULL}};
    struct point_row p = {"other/kind:size=1", "other", "kind", "1", "1", "", axes, NULL};
    struct machine_row m = {"first", "", NULL};
    struct store *a, *into;
    struct fixture f;
    char *content, *merged;
    int64_t id, added;

    (void)state;
    a = fixture_store("a.db", "run-a", &f);
    content = fixture_content(a);
    store_close(a);
    FINE(store_open(&into, "into.db", STORE_WRITE, e));
    FINE(store_machine(into, &m, &id, e));
    FINE(store_point(into, &p, &id, e));
    FINE(store_metric(into, &early, e));
    FINE(store_merge(into, "a.db", &added, e));
    FINE(store_check(into, say_problem, NULL, e));
    /* what was there before the merge stands beside it: taken away, the rest is the same */
    FINE(sql_exec(into,
                  "DELETE FROM point_axis WHERE value = '1'; DELETE FROM point WHERE kernel = 'other'; "
                  "DELETE FROM machine WHERE name = 'first'; DELETE FROM metric WHERE name = 'a.metric'",
                  e, ""));
    merged = fixture_content(into);
    assert_string_equal(merged, content);
    free(merged);
    free(content);
    store_close(into);
}

static void a_resumed_run_catches_up(void **state)
{
    struct launch_result skipped = {.status = LAUNCH_SKIPPED, .reason = "the budget was used up", .match = -1};
    struct store *a, *into;
    struct fixture f;
    char *content, *merged;
    int64_t added;

    (void)state;
    FINE(store_open(&a, "a.db", STORE_WRITE, e));
    fixture_identity(a, &f, "box", "");
    fixture_begin(a, &f, "r");
    FINE(fixture_launch(a, f.launches[1], 1000, e));
    FINE(store_open(&into, "into.db", STORE_WRITE, e));
    FINE(store_merge(into, "a.db", &added, e)); /* while it is being written */
    assert_int_equal(added, 1);
    assert_int_equal(number(into, "SELECT status = 'incomplete' FROM run"), 1);
    FINE(fixture_launch(a, f.launches[0], 1000, e));
    FINE(fixture_launch(a, f.launches[2], 1000, e));
    FINE(store_launch(a, f.launches[3], &skipped, NULL, 0, e));
    FINE(store_run_finish(a, f.run, false, e));
    FINE(store_merge(into, "a.db", &added, e));
    assert_int_equal(added, 0);
    content = fixture_content(a);
    merged = fixture_content(into);
    assert_string_equal(merged, content);
    free(merged);
    free(content);
    FINE(store_check(into, say_problem, NULL, e));
    store_close(into);
    store_close(a);
}

/* Points of three shards, each in a database of its own, are the points of the whole. */
static void shards_become_the_whole(void **state)
{
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample m = {"wall.time", 0, 500, QUALITY_EXACT, 0, NULL};
    struct store *s;
    struct fixture f;
    char uuid[20], path[20];
    int64_t added;
    int i;

    (void)state;
    for (i = 1; i <= 3; i++) {
        struct run_row r = {.uuid = uuid, .group = "the-plan", .plan = "p", .arguments = "", .shard = i, .shards = 3};
        struct launch_row l = {0, 0, i, ""};

        snprintf(uuid, sizeof uuid, "shard-%d", i);
        snprintf(path, sizeof path, "%d.db", i);
        FINE(store_open(&s, path, STORE_WRITE, e));
        fixture_identity(s, &f, "box", "");
        r.machine = f.machine, r.environment = f.environment, r.build = f.build, l.point = f.points[i % 2];
        FINE(store_run_begin(s, &r, &l, 1, &f.run, f.launches, e));
        FINE(store_launch(s, f.launches[0], &done, &m, 1, e));
        FINE(store_run_finish(s, f.run, false, e));
        store_close(s);
    }
    FINE(store_open(&s, "1.db", STORE_WRITE, e));
    FINE(store_merge(s, "2.db", &added, e));
    FINE(store_merge(s, "3.db", &added, e));
    assert_int_equal(number(s, "SELECT count(*) FROM launch l JOIN run r ON r.id = l.run WHERE run_group = 'the-plan'"),
                     3);
    assert_int_equal(number(s, "SELECT count(DISTINCT shard) FROM run"), 3);
    FINE(store_check(s, say_problem, NULL, e));
    store_close(s);
}

static void what_does_not_fit_is_refused_whole(void **state)
{
    static const struct {
        const char *harm, *words;
    } cases[] = {
        {"UPDATE metric SET unit = 's' WHERE name = 'wall.time'", "wall.time"},
        {"UPDATE run SET seed = '1'", "another seed"},
        {"UPDATE run SET seed = 'seven'", "seed"},
        {"UPDATE launch SET status = 'lost' WHERE id = 4", "status"},
        {"UPDATE point SET text = 'a' || char(10) || 'b' WHERE id = 1", "text"},
        {"UPDATE quality SET text = 'excellent' WHERE text LIKE 'suspect%'", "samples"},
        {"UPDATE sample SET repetition = -5 WHERE launch = 3 AND metric = 1 AND repetition = 2", "samples"},
        {"UPDATE ledger SET kind = 'ban'", "kind of decision"},
        {"UPDATE verdict SET verdict = 'bad'", "verdict"},
    };
    struct fixture f;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store *a, *into;
        struct err why = {0};
        char *before, *after;
        int64_t added;
        sqlite3 *db;

        unlink("a.db");
        unlink("into.db");
        /* the first two clash with what is here; the others are wrong by themselves */
        into = fixture_store("into.db", i < 2 ? "run-a" : "run-b", &f);
        a = fixture_store("a.db", "run-a", &f);
        add_words(a, f.run);
        store_close(a);
        assert_int_equal(sqlite3_open("a.db", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, cases[i].harm, NULL, NULL, NULL), SQLITE_OK);
        assert_true(sqlite3_changes(db) > 0);
        sqlite3_close(db);
        before = fixture_content(into);
        if (!store_merge(into, "a.db", &added, &why) || !strstr(why.text, cases[i].words))
            fail_msg("%s: '%s'", cases[i].harm, why.text);
        assert_int_equal(added, 0);
        after = fixture_content(into);
        assert_string_equal(after, before);
        FINE(store_check(into, say_problem, NULL, e));
        free(before);
        free(after);
        store_close(into);
    }
}

static void the_wrong_file_is_refused(void **state)
{
    struct fixture f;
    struct store *s = fixture_store("a.db", "r", &f);
    int64_t added;

    (void)state;
    REFUSED(store_merge(s, "a.db", &added, e), CM_USAGE, "into itself");
    REFUSED(store_merge(s, "none.db", &added, e), CM_USAGE, "no database none.db");
    store_close(s);
    FINE(store_open(&s, "a.db", STORE_READ, e));
    REFUSED(store_merge(s, "a.db", &added, e), CM_INTERNAL, "reading only");
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(merging_copies_everything_once, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(ids_are_mapped, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_resumed_run_catches_up, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(shards_become_the_whole, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused_whole, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_wrong_file_is_refused, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
