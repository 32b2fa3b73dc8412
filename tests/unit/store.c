/* The store: opening, identity, launches and what a run's status follows from, queries, decisions, and what the check sees. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/base/file.h"

#include <sys/stat.h>

static void creates_and_opens_again(void **state)
{
    struct fixture f, again;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    assert_int_equal(number(s, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_string_equal(store_path(s), "a.db");
    store_close(s);
    assert_false(file_exists("a.db.lock"));
    assert_false(file_exists("a.db-wal"));

    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &again, "box", "0123456789012345678901234567890123456789");
    assert_int_equal(again.machine, f.machine);
    assert_int_equal(again.environment, f.environment);
    assert_int_equal(again.build, f.build);
    assert_int_equal(again.points[1], f.points[1]);
    fixture_identity(s, &again, "other", "0123456789012345678901234567890123456789");
    assert_int_not_equal(again.machine, f.machine);
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
    store_close(NULL);
}

static void axes_are_numbers_where_they_are(void **state)
{
    char names[5][4] = {"a", "b", "c", "d", "e"}, values[5][8] = {"1024", "0.5", "4K", "nan", "-3"};
    struct fact axes[6] = {{0}};
    struct point_row p = {"k/v:a=1024,b=0.5,c=4K,d=nan,e=-3", "k", "v", "1", "1", "", axes, NULL};
    struct store *s;
    int64_t id;
    int i;

    (void)state;
    for (i = 0; i < 5; i++)
        axes[i] = (struct fact){names[i], values[i]};
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    FINE(store_point(s, &p, &id, e));
    assert_float_equal(number(s, "SELECT number FROM point_axis WHERE axis = 'a'"), 1024, 0);
    assert_float_equal(number(s, "SELECT number FROM point_axis WHERE axis = 'b'"), 0.5, 0);
    assert_float_equal(number(s, "SELECT number FROM point_axis WHERE axis = 'e'"), -3, 0);
    assert_int_equal(number(s, "SELECT count(*) FROM point_axis WHERE number IS NULL"), 2);
    store_close(s);
}

/* What cannot travel is not taken in the first place. */
static void names_are_printable(void **state)
{
    char axis[] = "n", value[] = "1\n2", *longer = mem_new(5000, 1);
    struct fact axes[] = {{axis, value}, {NULL, NULL}};
    struct point_row p = {"k/v:n=1", "k", "v", "1", "1", "", axes, NULL};
    struct machine_row m = {"a\033[31mb", "", NULL}, broken = {"b\xff\xc3", "", axes};
    struct metric unnamed = {.name = "", .unit = "1", .meaning = ""};
    struct store *s;
    int64_t id;
    char *text;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    REFUSED(store_point(s, &p, &id, e), CM_USAGE, "value of an axis");
    value[1] = '\0';
    p.text = memset(longer, 'x', 4999);
    REFUSED(store_point(s, &p, &id, e), CM_USAGE, "more than 4096 bytes");
    p.text = "";
    REFUSED(store_point(s, &p, &id, e), CM_INTERNAL, "the point is empty");
    REFUSED(store_machine(s, &m, &id, e), CM_USAGE, "control characters");
    REFUSED(store_metric(s, &unnamed, e), CM_INTERNAL, "metric's name is empty");
    assert_int_equal(number(s, "SELECT (SELECT count(*) FROM point) + (SELECT count(*) FROM machine)"), 0);
    FINE(store_machine(s, &broken, &id, e)); /* broken UTF-8 is mended */
    FINE(store_text(s, "SELECT name FROM machine", NULL, 0, &text, e));
    assert_string_equal(text, "b\xef\xbf\xbd\xef\xbf\xbd");
    free(text);
    free(longer);
    store_close(s);
}

static void status_follows_from_launches(void **state)
{
    struct launch_result skipped = {.status = LAUNCH_SKIPPED, .reason = "the budget was used up", .match = -1};
    struct fixture f;
    struct store *s;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    assert_int_equal(number(s, "SELECT status = 'running' AND finished IS NULL FROM run"), 1);
    FINE(fixture_launch(s, f.launches[0], 1000, e));
    FINE(store_run_finish(s, f.run, true, e));
    assert_int_equal(number(s, "SELECT status = 'interrupted' AND finished > 0 FROM run"), 1);
    FINE(fixture_launch(s, f.launches[1], 1000, e)); /* resumed */
    assert_int_equal(number(s, "SELECT status = 'running' AND finished IS NULL FROM run"), 1);
    FINE(store_run_finish(s, f.run, false, e));
    assert_int_equal(number(s, "SELECT status = 'incomplete' FROM run"), 1);
    FINE(store_check(s, fixture_say, NULL, e));
    FINE(fixture_launch(s, f.launches[2], 1000, e));
    FINE(store_launch(s, f.launches[3], &skipped, NULL, 0, e));
    FINE(store_run_finish(s, f.run, true, e)); /* nothing is left: complete, even if it was stopped then */
    assert_int_equal(number(s, "SELECT status = 'complete' FROM run"), 1);
    REFUSED(fixture_launch(s, f.launches[3], 1, e), CM_INTERNAL, "has its result already (skipped)");
    REFUSED(fixture_launch(s, 999, 1, e), CM_INTERNAL, "no launch 999");
    store_close(s);
}

static void extra_launches_are_appended(void **state)
{
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample m = {"wall.time", 0, 500, QUALITY_EXACT, 0, NULL};
    struct launch_row l = {.number = 2, .pass = ""};
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);

    (void)state;
    l.point = f.points[0];
    FINE(store_launch_extra(s, f.run, &l, &done, &m, 1, e));
    assert_int_equal(number(s, "SELECT max(sequence) FROM launch"), 4);
    assert_int_equal(number(s, "SELECT n FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"), 3);
    l.pass = "interleaved:old";
    FINE(store_launch_extra(s, f.run, &l, &done, &m, 1, e));
    assert_int_equal(number(s, "SELECT n FROM v_history WHERE metric = 'wall.time' AND point LIKE '%size=64'"), 3);
    FINE(store_check(s, fixture_say, NULL, e));
    store_close(s);
}

static void a_bad_launch_leaves_nothing(void **state)
{
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = -1};
    struct sample unknown[] = {{"wall.time", 0, 5, QUALITY_EXACT, 0, NULL},
                               {"never.described", 0, 5, QUALITY_SUSPECT, 0, "a reason that is new here"}};
    struct sample twice[] = {{"wall.time", 3, 5, QUALITY_EXACT, 0, NULL}, {"wall.time", 3, 6, QUALITY_EXACT, 0, NULL}};
    struct sample odd[] = {{"wall.time", 0, INFINITY, QUALITY_EXACT, 0, NULL},
                           {"wall.time", 1, 7, QUALITY_SUSPECT, 0, "a reason that is new here"}};
    struct fixture f;
    struct store *s;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    REFUSED(store_launch(s, f.launches[0], &done, unknown, 2, e), CM_INTERNAL, "never.described");
    REFUSED(store_launch(s, f.launches[0], &done, twice, 2, e), CM_INTERNAL, "two samples of wall.time");
    done.status = LAUNCH_PLANNED;
    REFUSED(store_launch(s, f.launches[0], &done, NULL, 0, e), CM_INTERNAL, "without an outcome");
    done.status = LAUNCH_DONE;
    assert_int_equal(number(s, "SELECT count(*) FROM sample"), 0);
    assert_int_equal(number(s, "SELECT count(*) FROM launch WHERE status <> 'planned'"), 0);
    /* ids that a rolled back transaction gave are not used again */
    FINE(store_launch(s, f.launches[0], &done, odd, 2, e));
    assert_int_equal(
        number(s, "SELECT count(*) FROM v_samples WHERE quality LIKE 'unavailable(%infinite%' AND value IS NULL"), 1);
    assert_int_equal(number(s, "SELECT n FROM launch_summary"), 1);
    store_close(s);
    FINE(store_open(&s, "a.db", STORE_READ, e));
    FINE(store_check(s, fixture_say, NULL, e));
    REFUSED(fixture_launch(s, f.launches[1], 1, e), CM_INTERNAL, "reading only");
    store_close(s);
}

static int stop_at_second(const struct cell *cells, size_t count, void *user, struct err *e)
{
    int *rows = user;

    assert_int_equal(count, 2);
    assert_string_equal(cells[0].name, "text");
    (void)e;
    return ++*rows == 2;
}

static int refuse(const struct cell *cells, size_t count, void *user, struct err *e)
{
    (void)cells;
    (void)count;
    (void)user;
    return err_set(e, CM_NOTHING, "the caller's own reason");
}

static void queries_read_and_bind(void **state)
{
    const char *const parameters[] = {"12", "1e5", "0.5", NULL, "007", "'; DROP TABLE run; --"};
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);
    int rows = 0;
    char *text;

    (void)state;
    FINE(store_query(s, "SELECT text, id FROM point UNION ALL SELECT 'x', 3", NULL, 0, stop_at_second, &rows, e));
    assert_int_equal(rows, 2);
    REFUSED(store_query(s, "SELECT 1", NULL, 0, refuse, NULL, e), CM_NOTHING, "own reason");
    FINE(store_text(
        s,
        "SELECT typeof(?1) || ' ' || typeof(?2) || ' ' || typeof(?3) || ' ' || typeof(?4) || ' ' || typeof(?5) || "
        "' ' || ?6",
        parameters, 6, &text, e));
    assert_string_equal(text, "integer text real null text '; DROP TABLE run; --");
    free(text);
    FINE(store_text(s, "SELECT name FROM machine WHERE id = -1", NULL, 0, &text, e));
    assert_null(text);
    assert_int_equal(number(s, "SELECT count(*) FROM point WHERE cm_glob('*size=64', text)"), 1);
    FINE(store_text(s, "SELECT cm_quantity(8431.2, '1') || ', ' || cm_quantity(1500, 'ns') || ', ' || cm_bytes(65536)",
                    NULL, 0, &text, e));
    assert_string_equal(text, "8.43 k, 1.50 us, 64 KiB");
    free(text);
    FINE(store_text(s, "SELECT coalesce(cm_quantity(NULL, '1'), cm_bytes(NULL), 'none')", NULL, 0, &text, e));
    assert_string_equal(text, "none");
    free(text);
    REFUSED(store_query(s, "DELETE FROM run", NULL, 0, refuse, NULL, e), CM_INTERNAL, "only reads");
    REFUSED(store_query(s, "SELECT 1; DELETE FROM run", NULL, 0, refuse, NULL, e), CM_INTERNAL, "only reads");
    REFUSED(store_query(s, "SELECT nonsense FROM run", NULL, 0, refuse, NULL, e), CM_INTERNAL, "no such column");
    REFUSED(store_query(s, "SELECT ?1, ?2", parameters, 1, refuse, NULL, e), CM_INTERNAL, "wants 2 parameters");
    store_close(s);
}

static void tables_are_the_handles_own(void **state)
{
    static const char select[] = "SELECT id, text, ?1 AS given FROM point WHERE id <= ?2";
    const char *parameters[] = {"'; DROP TABLE run; --", "1"};
    struct fixture f;
    struct store *writer = fixture_store("a.db", "run-one", &f), *s;
    char *text;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_READ, e));
    FINE(store_table(s, "mine", "id, text", select, parameters, 2, e));
    FINE(store_text(s, "SELECT given FROM mine WHERE id = 1", NULL, 0, &text, e));
    assert_string_equal(text, parameters[0]);
    free(text);
    assert_int_equal(number(s, "SELECT count(*) FROM mine JOIN run"), 1);
    /* made again for other parameters alone, or when all is forgotten */
    parameters[1] = "0";
    REFUSED(store_table(s, "mine", NULL, "SELECT nonsense", parameters, 2, e), CM_INTERNAL, "no such column");
    FINE(store_table(s, "mine", "id, text", select, parameters, 2, e));
    assert_int_equal(number(s, "SELECT count(*) FROM mine"), 0);
    FINE(store_table(s, "mine", NULL, "SELECT 1 AS id UNION SELECT 2", parameters, 2, e));
    assert_int_equal(number(s, "SELECT count(*) FROM mine"), 0);
    store_tables_forget(s);
    FINE(store_table(s, "mine", NULL, "SELECT 1 AS id UNION SELECT 2", parameters, 2, e));
    assert_int_equal(number(s, "SELECT count(*) FROM mine"), 2);
    /* nothing else is written, and the handle still reads only */
    REFUSED(store_table(s, "more", NULL, "SELECT 1; DELETE FROM run", NULL, 0, e), CM_INTERNAL, "not one query");
    REFUSED(store_table(s, "more", NULL, "SELECT ?2", parameters, 1, e), CM_INTERNAL, "with 1 parameters");
    REFUSED(store_table(s, "more", NULL, "DELETE FROM run", NULL, 0, e), CM_INTERNAL, "has a mistake");
    REFUSED(store_ledger_add(s, &(struct ledger_row){"note", "*", "*", 0, "r", NULL, NULL}, NULL, e), CM_INTERNAL,
            "reading only");
    REFUSED(sql_exec(s, "DELETE FROM run", e, "trying"), CM_INTERNAL, "cannot be written");
    store_close(s);
    assert_int_equal(number(writer, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'm%e'"), 1); /* machine */
    store_close(writer);
}

static void decisions_and_verdicts(void **state)
{
    struct ledger_row l = {"accept", "*", "*", 0, "it is what we want", "2030-02-28", NULL};
    struct verdict_row v[] = {{"p", "wall.time", 0, "slower", 1.25, 1.2, NAN, "because", 1},
                              {"q", "wall.time", 0, "same", NAN, NAN, NAN, "", 0}};
    struct fixture f;
    struct store *s = fixture_store("a.db", "run-one", &f);
    int64_t id;

    (void)state;
    REFUSED(store_ledger_add(s, &l, &id, e), CM_USAGE, "needs the run");
    l.run = 77;
    REFUSED(store_ledger_add(s, &l, &id, e), CM_USAGE, "no run 77");
    l.run = f.run;
    l.until = "2030-02-30";
    REFUSED(store_ledger_add(s, &l, &id, e), CM_USAGE, "no date");
    l.until = "2030-02-28";
    l.reason = "";
    REFUSED(store_ledger_add(s, &l, &id, e), CM_USAGE, "reason");
    l.reason = "it is what we want";
    FINE(store_ledger_add(s, &l, &id, e));
    FINE(store_verdicts(s, f.run, v, 2, e));
    FINE(store_verdicts(s, f.run, v, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM verdict"), 1);
    assert_int_equal(number(s, "SELECT ratio_high IS NULL AND baseline IS NULL FROM verdict"), 1);
    store_close(s);
}

static void the_check_sees_changes(void **state)
{
    static const char *const harm[] = {
        "UPDATE sample SET value = value + 1 WHERE repetition = 2 AND metric = 1 AND launch = 1",
        "UPDATE summary SET median = median * 1.0001 WHERE metric = 1 AND point = 1",
        "UPDATE summary SET quality = (SELECT id FROM quality WHERE text LIKE 'suspect%') WHERE metric=1 AND point=1",
        "DELETE FROM launch_summary WHERE launch = 1 AND metric = 1",
        "DELETE FROM summary WHERE n = 0",
        "UPDATE run SET status = 'finished'",
        "UPDATE launch SET status = 'planned' WHERE id = 4",
        "PRAGMA foreign_keys = OFF; DELETE FROM machine",
        "UPDATE quality SET text = 'excellent' WHERE text LIKE 'suspect%'",
        "UPDATE metric SET formula = '1 +' WHERE name = 'flops.rate'",
        "UPDATE commits SET parents = 'HEAD' WHERE parents <> ''",
        "UPDATE commits SET commit_id = 'main' WHERE commit_id LIKE '333%'",
        "UPDATE commit_outcome SET status = 'tired' WHERE machine = 'shed'",
        "UPDATE ledger SET commit_id = 'main'",
        "UPDATE ledger SET origin = 'wind'",
        "PRAGMA foreign_keys = OFF; DELETE FROM commits WHERE commit_id LIKE 'fed%'",
    };
    struct ledger_row remark = {"note", "*", "*", 0, "a remark", NULL, "0123abcd"};
    struct err why = {0};
    struct fixture f;
    struct store *s;
    sqlite3 *db;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof harm / sizeof *harm; i++) {
        unlink("a.db");
        s = fixture_store("a.db", "run-one", &f);
        fixture_commits(s);
        FINE(store_ledger_add(s, &remark, NULL, e));
        FINE(store_check(s, NULL, NULL, e));
        store_close(s);
        assert_int_equal(sqlite3_open("a.db", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, harm[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_changes(db) > 0, 1);
        sqlite3_close(db);
        FINE(store_open(&s, "a.db", STORE_READ, e));
        err_clear(&why);
        if (!store_check(s, NULL, NULL, &why) || why.code != CM_INTERNAL)
            fail_msg("unseen: %s (%s)", harm[i], why.text);
        store_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creates_and_opens_again, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(axes_are_numbers_where_they_are, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(names_are_printable, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(status_follows_from_launches, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(extra_launches_are_appended, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_bad_launch_leaves_nothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(queries_read_and_bind, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(tables_are_the_handles_own, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(decisions_and_verdicts, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_check_sees_changes, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
