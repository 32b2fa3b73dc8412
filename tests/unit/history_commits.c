/* Commits as the database knows them: their places, what became of them and on which machine, which of them lie between two. */
#include "history_fixture.h"

static void outcomes_are_kept(void **state)
{
    struct commit_row rows[] = {{commit("a1"), "", "main", "one", 5, "unbuildable", "no compiler", "box"},
                                {commit("a1"), NULL, "", "", 0, "known", "", "box"},
                                {commit("a2"), commit("a1"), "main", "two", 6, "known", "", ""}};
    struct commit_row bad[] = {{"a1", "", "", "", 0, "known", "", ""},
                               {commit("a1"), "a2", "", "", 0, "known", "", ""},
                               {commit("a1"), "", "", "", 0, "tired", "", ""}};
    struct store *s = fresh();
    char *status, *reason;

    (void)state;
    FINE(store_commits(s, rows, 3, e));
    FINE(store_commit_status(s, commit("a1"), "box", &status, &reason, e));
    assert_string_equal(status, "unbuildable"); /* "known" took nothing away */
    assert_string_equal(reason, "no compiler");
    free(status);
    free(reason);
    FINE(store_commit_status(s, commit("a1"), "shed", &status, &reason, e));
    assert_string_equal(status, "known");
    free(status);
    free(reason);
    FINE(store_commit_status(s, commit("a3"), "box", &status, &reason, e));
    assert_null(status);
    assert_null(reason);
    assert_int_equal(number(s,
                            "SELECT count(*) FROM commits WHERE parents = '' AND subject = 'one' AND commit_time = 5 "
                            "AND branch = 'main'"),
                     1);
    rows[0].status = "measured";                                                /* tried again: it went */
    FINE(sql_exec(s, "UPDATE commit_outcome SET tried = tried + 1000", e, "")); /* whatever the clock says */
    FINE(store_commits(s, rows, 1, e));
    assert_int_equal(number(s, "SELECT count(*) FROM commit_outcome WHERE status = 'measured'"), 1);
    for (int i = 0; i < 3; i++)
        REFUSED(store_commits(s, &bad[i], 1, e), CM_INTERNAL, i == 2 ? "status" : "commit");
    store_close(s);
}

/* What could not be measured belongs to the machine that tried, and to the branch or its past. */
static void outcomes_have_a_home(void **state)
{
    struct commit_row rows[] = {{commit("a1"), "", "main", "", 100, "known", "", ""},
                                {commit("b2"), commit("a1"), "", "", 200, "unbuildable", "", ""},
                                {commit("c3"), commit("b2"), "main", "", 300, "known", "", ""},
                                {commit("d4"), commit("c3"), "main", "", 400, "unbuildable", "", "shed"},
                                {commit("e5"), commit("c3"), "main", "", 500, "unrunnable", "", "box"},
                                {commit("f6"), commit("c3"), "work", "", 600, "unbuildable", "", "box"}};
    struct store *s = fresh();

    (void)state;
    FINE(store_commits(s, rows, 6, e));
    add_run(s, &(struct how){.commit = "a1", .whole = true});
    add_run(s, &(struct how){.commit = "c3", .whole = true});
    assert_string_equal(order(s, "box", "main"), "a1 b2! c3 e5!");
    assert_string_equal(order(s, "box", ""), "a1 b2! c3 e5! f6!");
    assert_string_equal(order(s, "", "main"), "a1 b2! c3 d4! e5!");
    store_close(s);
}

static void place_is(struct store *s, const char *wanted)
{
    char *text;

    FINE(store_text(s,
                    "SELECT coalesce(substr(parents, 1, 2), '?') || ' ' || branch || ' ' || subject || ' ' ||"
                    " commit_time FROM commits",
                    NULL, 0, &text, e));
    assert_string_equal(text, wanted);
    free(text);
}

/* What comes from another database fills gaps; what a backfill learns is better than what was known. */
static void places_and_outcomes_meet(void **state)
{
    struct commit_row nothing = {.commit = commit("a1"), .branch = "", .subject = ""},
                      one = {commit("a1"), commit("00"), "main", "one", 5, "measured", "", "box"},
                      two = {commit("a1"), commit("99"), "work", "two", 6, "unbuildable", "", "box"};
    struct store *s = fresh();

    (void)state;
    FINE(commit_add_place(s, &nothing, true, e));
    place_is(s, "?   0");
    FINE(commit_add_place(s, &one, true, e));
    place_is(s, "00 main one 5");
    FINE(commit_add_place(s, &two, true, e));
    place_is(s, "00 main one 5");
    FINE(commit_add_place(s, &nothing, false, e));
    place_is(s, "00 main one 5");
    FINE(commit_add_place(s, &two, false, e));
    place_is(s, "99 work two 6");
    FINE(commit_add_outcome(s, &one, 100, false, e));
    FINE(commit_add_outcome(s, &two, 50, false, e)); /* an older one */
    assert_int_equal(number(s, "SELECT status = 'measured' AND tried = 100 FROM commit_outcome"), 1);
    FINE(commit_add_outcome(s, &two, 150, false, e));
    assert_int_equal(number(s, "SELECT status = 'unbuildable' AND tried = 150 FROM commit_outcome"), 1);
    FINE(commit_add_outcome(s, &one, 10, true, e)); /* just tried, whatever the clock says */
    assert_int_equal(number(s, "SELECT status = 'measured' AND tried = 10 FROM commit_outcome"), 1);
    store_close(s);
}

static void parents_are_commits(void **state)
{
    const char *a = commit("a1"), *b = commit("b2");
    char text[100];

    (void)state;
    assert_true(commit_parents_ok(""));
    assert_true(commit_parents_ok(a));
    snprintf(text, sizeof text, "%s %s", a, b);
    assert_true(commit_parents_ok(text));
    snprintf(text, sizeof text, "%s ", a);
    assert_false(commit_parents_ok(text));
    snprintf(text, sizeof text, "%s  %s", a, b);
    assert_false(commit_parents_ok(text));
    snprintf(text, sizeof text, " %s", a);
    assert_false(commit_parents_ok(text));
    assert_false(commit_parents_ok("a1"));
    snprintf(text, sizeof text, "%.39sg", a);
    assert_false(commit_parents_ok(text));
}

static void what_lies_between(void **state)
{
    struct store *s = fresh();
    struct commit_path list;
    char parents[90];

    (void)state;
    know(s, "a1", "", 100, "known");
    know(s, "a2", commit("a1"), 200, "known");
    know(s, "b1", commit("a1"), 150, "known");
    snprintf(parents, sizeof parents, "%s %s", commit("a2"), commit("b1"));
    know(s, "a3", parents, 300, "known");
    know(s, "c9", commit("c8"), 400, "known"); /* c8 is not stored */
    FINE(store_commits_between(s, commit("a2"), commit("a3"), &list, e));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].subject, "b1");
    assert_string_equal(list.items[1].subject, "a3");
    commit_path_free(&list);
    FINE(store_commits_between(s, commit("a1"), commit("a2"), &list, e));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].commit, commit("a2"));
    assert_int_equal(list.items[0].time, 200);
    commit_path_free(&list);
    FINE(store_commits_between(s, commit("a3"), commit("a1"), &list, e));
    assert_int_equal(list.count, 0);
    FINE(store_commits_between(s, commit("a1"), commit("c9"), &list, e));
    assert_int_equal(list.count, 0);
    FINE(store_commits_between(s, commit("a1"), commit("dd"), &list, e));
    assert_int_equal(list.count, 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(outcomes_are_kept, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(outcomes_have_a_home, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(places_and_outcomes_meet, fixture_setup, fixture_teardown),
        cmocka_unit_test(parents_are_commits),
        cmocka_unit_test_setup_teardown(what_lies_between, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
