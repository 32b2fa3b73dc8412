/* What decisions of people do to a check: which of them cover what moved, and which of them are told to cover nothing. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/gate_model.h"

#define POINT "triad/serial:cache=warm,size=64"

/* A check of one item, which got slower by a tenth. */
struct check {
    struct gate_options options;
    struct gate_point point;
    struct gate_metric metric;
    struct gate_side baseline;
    struct gate_item item;
    struct fixture f;
    struct gate g;
};

static char point_text[] = POINT, kernel[] = "triad", variant[] = "serial", metric_name[] = "wall.time", box[] = "box",
            none[] = "";

/* "c3" -> a commit of 40 digits that begin so; commits of a test are few. */
static char *commit(const char *word)
{
    static char texts[16][41];
    static size_t next;
    char *text = texts[next++ % 16];

    snprintf(text, 41, "%-40s", word);
    for (char *c = text; *c; c++)
        *c = *c == ' ' ? '0' : *c;
    return text;
}

static void begin(struct check *k)
{
    *k = (struct check){.metric = {.name = metric_name, .better = BETTER_LOWER, .duration = true}};
    k->point = (struct gate_point){.text = point_text, .kernel = kernel, .variant = variant, .done = 3};
    k->g.store = fixture_store("a.db", "u1", &k->f);
    FINE(sql_exec(k->g.store, "UPDATE run SET started = 2000, status = 'complete'", e, "preparing the test"));
    k->g.options = &k->options;
    k->g.candidate = (struct gate_side){.run = 77, .machine = box, .commit = commit("d4"), .started = 4000};
    k->baseline = (struct gate_side){.run = 1, .machine = box, .commit = commit("a1"), .started = 1000};
    k->item = (struct gate_item){.point = &k->point,
                                 .metric = &k->metric,
                                 .baseline = &k->baseline,
                                 .c = {.verdict = COMPARE_SLOWER, .threshold = 0.01}};
    k->g.items = &k->item;
    k->g.item_count = 1;
}

static void forget(struct check *k)
{
    free(k->item.ledger);
    k->item.ledger = NULL;
    k->item.excused = false;
    ledger_free(&k->g.ledger);
    while (k->g.ledger_note_count)
        free(k->g.ledger_notes[--k->g.ledger_note_count]);
}

static void end(struct check *k)
{
    forget(k);
    free(k->g.ledger_notes);
    store_close(k->g.store);
}

/* Is the item excused? */
static bool excused(struct check *k)
{
    forget(k);
    FINE(gate_ledger_open(&k->g, e));
    FINE(gate_ledger_apply(&k->g, e));
    return k->item.excused;
}

static void decide(struct check *k, struct ledger_row row)
{
    row.reason = row.reason ? row.reason : "so be it";
    row.points = row.points ? row.points : POINT;
    row.metrics = row.metrics ? row.metrics : "*";
    FINE(store_ledger_add(k->g.store, &row, NULL, e));
}

static void decide_nothing(struct check *k)
{
    FINE(sql_exec(k->g.store, "DELETE FROM ledger", e, "preparing the test"));
}

static void know(struct check *k, const char *which, const char *parents, int64_t time)
{
    struct commit_row row = {
        .commit = commit(which), .parents = parents, .branch = "main", .time = time, .status = "known"};

    FINE(store_commits(k->g.store, &row, 1, e));
}

/* a1 <- b2 <- c3 <- d4, and e5 beside them. */
static void know_line(struct check *k)
{
    know(k, "a1", "", 100);
    know(k, "b2", commit("a1"), 200);
    know(k, "c3", commit("b2"), 300);
    know(k, "d4", commit("c3"), 400);
    know(k, "e5", commit("a1"), 150);
}

static bool between(struct check *k, const char *older, const char *newer)
{
    k->baseline.commit = commit(older);
    k->g.candidate.commit = commit(newer);
    return excused(k);
}

static void a_commit_is_ignored_with_what_came_with_it(void **state)
{
    struct check k;

    (void)state;
    begin(&k);
    know_line(&k);
    decide(&k, (struct ledger_row){.kind = "ignore", .commit = "b200"});
    assert_true(between(&k, "a1", "b2"));
    assert_true(between(&k, "a1", "d4"));
    assert_false(between(&k, "a1", "a1")); /* it is not in it */
    assert_false(between(&k, "c3", "d4")); /* it came before */
    assert_true(between(&k, "b2", "d4"));  /* as built by hand: what it is about may still show */
    assert_false(between(&k, "a1", "e5")); /* another branch */
    k.g.candidate.commit = commit("c3");
    k.baseline.commit = none;
    assert_true(excused(&k)); /* nobody knows what is older */
    end(&k);
}

/* Where the parents are not known, as behind the border of a shallow clone, times tell. */
static void a_shallow_history_goes_by_time(void **state)
{
    struct check k;

    (void)state;
    begin(&k);
    know_line(&k);
    know(&k, "f6", NULL, 250);
    know(&k, "f7", NULL, 150);
    decide(&k, (struct ledger_row){.kind = "ignore", .commit = "b200"});
    assert_true(between(&k, "a1", "f6"));
    assert_false(between(&k, "a1", "f7"));
    end(&k);
}

static void what_was_accepted_since_is_no_regression(void **state)
{
    struct check k;
    double value;

    (void)state;
    begin(&k);
    value = number(k.g.store, "SELECT s.median FROM summary s JOIN point p ON p.id = s.point JOIN metric m ON m.id ="
                              " s.metric WHERE p.text = '" POINT "' AND m.name = 'wall.time'");
    decide(&k, (struct ledger_row){.kind = "accept", .run = k.f.run, .metrics = "wall.*"});
    k.item.new_value = value * 1.009;
    assert_false(excused(&k)); /* no baseline was named: the accepted run is the baseline */
    k.options.baseline = "run:1";
    assert_true(excused(&k));
    assert_string_equal(k.item.ledger, "accepted: so be it");
    k.item.new_value = value * 1.02; /* worse than that */
    assert_false(excused(&k));
    k.metric.better = BETTER_HIGHER;
    assert_true(excused(&k));
    k.item.new_value = value * 0.98;
    assert_false(excused(&k));
    k.metric.better = BETTER_LOWER;
    assert_true(excused(&k));
    k.baseline.started = 3000; /* it was accepted before */
    assert_false(excused(&k));
    k.baseline.started = 1000;
    k.item.c.verdict = COMPARE_WRONG;
    assert_false(excused(&k));
    k.item.c.verdict = COMPARE_SLOWER;
    decide_nothing(&k);
    decide(&k, (struct ledger_row){.kind = "accept", .run = k.f.run, .until = "2020-01-01"});
    assert_false(excused(&k));
    end(&k);
}

static void decisions_end(void **state)
{
    struct check k;
    char *today;

    (void)state;
    begin(&k);
    decide(&k, (struct ledger_row){.kind = "ignore"});
    assert_true(excused(&k));
    k.item.c.verdict = COMPARE_WRONG; /* is never ignored */
    assert_false(excused(&k));
    k.item.c.verdict = COMPARE_SLOWER;
    decide_nothing(&k);
    decide(&k, (struct ledger_row){.kind = "ignore", .until = "2020-01-01"});
    decide(&k, (struct ledger_row){.kind = "note", .until = "2020-01-01"});
    assert_false(excused(&k));
    assert_null(k.item.ledger);
    assert_int_equal(k.g.ledger_note_count, 1);
    assert_non_null(strstr(k.g.ledger_notes[0], "ended on 2020-01-01: what it covered counts again"));
    /* Today is part of the time; nobody is told where it became tomorrow meanwhile. */
    FINE(store_text(k.g.store, "SELECT date('now')", NULL, 0, &today, e));
    decide(&k, (struct ledger_row){.kind = "ignore", .until = today});
    if (!excused(&k))
        assert_int_equal(number(k.g.store, "SELECT max(until) < date('now') FROM ledger"), 1);
    else
        assert_int_equal(k.g.ledger_note_count, 0); /* a newer one stands in place of that which ended */
    free(today);
    end(&k);
}

static void the_newest_note_is_told(void **state)
{
    struct check k;

    (void)state;
    begin(&k);
    decide(&k, (struct ledger_row){.kind = "note", .points = "*", .reason = "general"});
    assert_false(excused(&k));
    assert_null(k.item.ledger);
    decide(&k, (struct ledger_row){.kind = "note", .reason = "first"});
    decide(&k, (struct ledger_row){.kind = "note", .reason = "second"});
    assert_false(excused(&k));
    assert_string_equal(k.item.ledger, "noted: second");
    decide(&k, (struct ledger_row){.kind = "ignore", .reason = "third", .until = "2999-12-31"});
    decide(&k, (struct ledger_row){.kind = "note", .reason = "fourth"});
    assert_true(excused(&k));
    assert_string_equal(k.item.ledger, "ignored until 2999-12-31: third");
    end(&k);
}

/* Six are told one by one. */
static void many_that_cover_nothing_are_counted(void **state)
{
    struct check k;
    char glob[40];

    (void)state;
    begin(&k);
    for (int i = 0; i < 6; i++) {
        snprintf(glob, sizeof glob, "nothing/%d*", i);
        decide(&k, (struct ledger_row){.kind = "ignore", .points = glob});
    }
    assert_false(excused(&k));
    assert_int_equal(k.g.ledger_note_count, 6);
    assert_non_null(strstr(k.g.ledger_notes[5], "matches no point that is measured here"));
    decide(&k, (struct ledger_row){.kind = "ignore", .metrics = "papi.nothing"});
    decide(&k, (struct ledger_row){.kind = "ignore", .commit = "abcd1234"});
    assert_false(excused(&k));
    assert_int_equal(k.g.ledger_note_count, 7);
    assert_non_null(strstr(k.g.ledger_notes[6], "and 2 more entries"));
    decide_nothing(&k);
    decide(&k, (struct ledger_row){.kind = "ignore", .metrics = "papi.nothing"});
    decide(&k, (struct ledger_row){.kind = "ignore", .commit = "abcd1234"});
    assert_false(excused(&k));
    assert_non_null(strstr(k.g.ledger_notes[0], "matches no metric"));
    assert_non_null(strstr(k.g.ledger_notes[1], "is about commit abcd1234, which is not known here"));
    end(&k);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_commit_is_ignored_with_what_came_with_it),
        IN_FOLDER(a_shallow_history_goes_by_time),
        IN_FOLDER(what_was_accepted_since_is_no_regression),
        IN_FOLDER(decisions_end),
        IN_FOLDER(the_newest_note_is_told),
        IN_FOLDER(many_that_cover_nothing_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
