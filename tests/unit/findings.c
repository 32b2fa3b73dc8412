/* Findings of a history: where "since" is, what takes what back, and which of them a decision is about. */
#include "history_fixture.h"

#include "../../reports/findings_parts.h"

static char none[] = "", kernel[] = "triad", point[] = "triad/serial:size=64", other[] = "triad/serial:size=128",
            metric[] = "wall.time";

/* Runs of one commit each, a day apart: a1, a2, b3 and, without a run, c4. */
static char ids[4][41];
static struct series_run nights[4];

static void history(struct findings *f)
{
    static const char *const names[] = {"a1", "a2", "b3", "c4"};

    for (int i = 0; i < 4; i++) {
        snprintf(ids[i], sizeof ids[i], "%s", commit(names[i]));
        nights[i] = (struct series_run){.id = i < 3 ? i + 1 : 0,
                                        .commit = ids[i],
                                        .subject = none,
                                        .branch = none,
                                        .commit_time = 86400 * (100 + i)};
    }
    *f = (struct findings){.home = {.runs = nights, .count = 4, .machine = none, .branch = none}};
}

static void since_is(const char *word, int64_t time, size_t wanted)
{
    struct findings f;
    struct findings_options o = {.since = word, .since_time = time};
    struct finding_reading r = {.f = &f, .o = &o};

    history(&f);
    FINE(findings_since(&r, e));
    assert_true(r.has_since);
    assert_int_equal(r.since, wanted);
}

static void since_a_day_or_a_commit(void **state)
{
    struct findings f;
    struct findings_options o = {.since = "a000"};
    struct finding_reading r = {.f = &f, .o = &o};

    (void)state;
    since_is(commit("a2"), 0, 1);
    since_is("b300", 0, 2);
    since_is("1970-04-12", 0, 0); /* day 101 begins: what is of that very second came after it */
    since_is("1970-04-13", 0, 1);
    since_is("2000-01-01", 0, 2);
    since_is("1970-01-02", 0, 0);
    since_is(commit("99"), 86400 * 101, 1); /* a commit without a run, of that very second */
    since_is(commit("c4"), 86400 * 103, 2);
    history(&f);
    nights[0].commit = ids[0];
    snprintf(ids[0], sizeof ids[0], "%s", commit("a0001"));
    snprintf(ids[1], sizeof ids[1], "%s", commit("a0002"));
    REFUSED(findings_since(&r, e), CM_USAGE, "means a000");
    o.since = "ffff";
    REFUSED(findings_since(&r, e), CM_USAGE, "is no date");
}

/* A step of one or two series; what is slower is worse. */
static void step(struct finding *one, size_t run, double ratio, double second)
{
    struct finding_series *s = mem_new(2, sizeof *s);
    double ratios[] = {ratio, second};
    size_t count = second > 0 ? 2 : 1;

    for (size_t i = 0; i < count; i++)
        s[i] = (struct finding_series){.point = i ? other : point,
                                       .metric = metric,
                                       .unit = none,
                                       .change = {.kind = CHANGE_STEP, .index = run, .ratio = ratios[i]},
                                       .worse = ratios[i] > 1};
    *one = (struct finding){.kind = CHANGE_STEP,
                            .run = run,
                            .before = run - 1,
                            .last = run,
                            .kernel = kernel,
                            .worse = ratio > 1,
                            .series = s,
                            .series_count = count};
}

/* Does the step at run 2 take back what came with run 1? */
static bool takes_back(double first, double second, double back, bool pending)
{
    struct findings f;
    struct store *s;
    struct finding items[2];
    bool taken;

    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    history(&f);
    step(&items[0], 1, first, second);
    step(&items[1], 2, back, 0);
    items[1].pending = pending;
    f.items = items;
    f.count = 2;
    FINE(findings_settle(s, &f, e));
    taken = items[0].undone_by != 0 || items[1].undone_by != 0;
    for (int i = 0; i < 2; i++) {
        free(items[i].series);
        free(items[i].ledger);
    }
    store_close(s);
    return taken;
}

static void what_is_taken_back(void **state)
{
    (void)state;
    assert_true(takes_back(1.1, 0, 1 / 1.1, false));
    assert_true(takes_back(1.1, 0, 1 / 1.07, false));
    assert_false(takes_back(1.1, 0, 1 / 1.05, false)); /* half of it is left */
    assert_false(takes_back(1.1, 0, 1 / 1.2, false));  /* that was more than it */
    assert_false(takes_back(1.1, 0, 1 / 1.1, true));   /* not sure yet */
    assert_true(takes_back(1.1, 1.1, 1 / 1.1, false)); /* in one series of two */
    assert_false(takes_back(1.1, 0, 1.1, false));
}

/* A commit that has no run may be what a finding came with. */
static void decisions_on_commits_between(void **state)
{
    struct ledger_row row = {.kind = "ignore", .points = "*", .metrics = "*", .reason = "R"};
    char *between[] = {mem_copy(commit("d7")), mem_copy(commit("d8"))};
    struct commit_known known[] = {{between[0], none, 0}, {between[1], none, 0}};
    static const char *const words[] = {"d700", "d800", "b300", "a200", "c400"};
    struct findings f;
    struct store *s;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    for (size_t i = 0; i < 5; i++) {
        struct finding one;

        history(&f);
        step(&one, 2, 1.1, 0);
        one.between = (struct commit_path){known, 2, 2};
        f.items = &one;
        f.count = 1;
        FINE(sql_exec(s, "DELETE FROM ledger", e, "preparing the test"));
        row.commit = words[i];
        FINE(store_ledger_add(s, &row, NULL, e));
        FINE(findings_settle(s, &f, e));
        assert_int_equal(one.state, i < 3 ? FINDING_IGNORED : FINDING_OPEN);
        free(one.series);
        free(one.ledger);
    }
    free(between[0]);
    free(between[1]);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(since_a_day_or_a_commit),
        cmocka_unit_test_setup_teardown(what_is_taken_back, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(decisions_on_commits_between, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
