/* accept, ignore and note: what they refuse, what they store; and decisions between database and text file. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/base/file.h"
#include "../../harness/ledger_decide.h"
#include "../../harness/ledger_file.h"

#define POINT "triad/serial:cache=warm,size=64"
#define POINTS "triad/serial:*"

static struct fixture fixture;

/* A database with one complete run, in which a launch crashed. */
static struct store *made(void)
{
    struct store *s = fixture_store("a.db", "u1", &fixture);

    FINE(sql_exec(s, "UPDATE run SET started = 1000, status = 'complete'", e, "preparing the test"));
    return s;
}

static void change(const char *sql)
{
    struct store *s;

    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    FINE(sql_exec(s, sql, e, "preparing the test"));
    store_close(s);
}

/* KIND WORDS --db a.db --reason R */
static int decide(const char *kind, const char *words, struct err *e)
{
    char *argv[16], *copy = mem_copy(words), *rest = copy, *word;
    struct buf said = {0};
    int argc = 0, code;

    argv[argc++] = mem_copy(kind);
    while ((word = strsep(&rest, " ")))
        argv[argc++] = mem_copy(word);
    argv[argc++] = mem_copy("--db=a.db");
    argv[argc++] = mem_copy("--reason=R");
    code = decide_command(kind, argc, argv, &said, e);
    while (argc)
        free(argv[--argc]);
    free(copy);
    buf_free(&said);
    return code;
}

static double stored(const char *sql)
{
    struct store *s;
    double value;

    FINE(store_open(&s, "a.db", STORE_READ, e));
    value = number(s, sql);
    store_close(s);
    return value;
}

static void runs_that_are_no_baseline(void **state)
{
    (void)state;
    store_close(made());
    REFUSED(decide("accept", "run:1", e), CM_USAGE, "wrong results or failed launches (" POINT ")");
    FINE(decide("accept", "run:1 --points triad/serial:*size=4096", e));
    change("UPDATE launch SET status = 'done' WHERE status = 'crashed'");
    FINE(decide("accept", "run:1", e));
    change("UPDATE run SET status = 'incomplete'");
    REFUSED(decide("accept", "run:1", e), CM_USAGE, "is incomplete and cannot be a baseline");
    change("UPDATE run SET status = 'complete', scripted = 1");
    FINE(decide("accept", "run:1", e)); /* among scripted runs alone */
    change(
        "INSERT INTO run (uuid, run_group, plan, arguments, seed, shard, shards, machine, environment, build, scripted,"
        " started, status) SELECT 'u2', 'u2', plan, arguments, seed, 1, 1, machine, environment, build, 0, started,"
        " status FROM run");
    REFUSED(decide("accept", "run:1", e), CM_USAGE, "is scripted and cannot be a baseline among real runs");
    FINE(decide("note", "run:1", e));
}

static void commits_of_clean_builds_alone(void **state)
{
    (void)state;
    store_close(made());
    FINE(decide("ignore", "run:1", e));
    assert_int_equal(stored("SELECT max(length(commit_id)) FROM ledger"), 40);
    change("DELETE FROM ledger; UPDATE build SET dirty = 1");
    FINE(decide("ignore", "run:1", e));
    assert_int_equal(stored("SELECT max(length(commit_id)) FROM ledger"), 0);
}

static void findings_that_are_broken(void **state)
{
    struct verdict_row v = {.point = POINT,
                            .metric = "wall.time",
                            .verdict = "slower",
                            .ratio = 1.1,
                            .ratio_low = NAN,
                            .ratio_high = NAN,
                            .reason = "",
                            .finding = 1};
    struct store *s = made();

    (void)state;
    FINE(store_verdicts(s, fixture.run, &v, 1, e));
    store_close(s);
    REFUSED(decide("accept", "F1", e), CM_USAGE, "F1 has failed launches of " POINT);
    FINE(decide("ignore", "F1", e));
    assert_int_equal(stored("SELECT metrics = '*' FROM ledger"), 1); /* all that failed */
    change("UPDATE launch SET status = 'done'; UPDATE verdict SET verdict = 'wrong'");
    REFUSED(decide("accept", "F1", e), CM_USAGE, "that is never accepted");
    REFUSED(decide("ignore", "F1", e), CM_USAGE, "that is never ignored");
    FINE(decide("note", "F1", e));
    REFUSED(decide("note", "F2", e), CM_USAGE, "has no finding F2");
    REFUSED(decide("note", "F1 --machine other", e), CM_USAGE, "of machine other");
}

static void days(void **state)
{
    struct store *s = made();
    char *before, *after, *words;
    struct err refused = {0};
    int code;

    (void)state;
    store_close(s);
    REFUSED(decide("ignore", "--points " POINTS " --until 2020-02-29", e), CM_USAGE, "has passed");
    FINE(decide("ignore", "--points " POINTS " --until 2400-02-29", e));
    REFUSED(decide("ignore", "--points " POINTS " --until 2300-02-29", e), CM_USAGE, "is no date");
    REFUSED(decide("ignore", "--points " POINTS " --until 2998-12-00", e), CM_USAGE, "is no date");
    REFUSED(decide("ignore", "--points " POINTS " --until 2998-13-01", e), CM_USAGE, "is no date");
    REFUSED(decide("ignore", "--points " POINTS " --until soon", e), CM_USAGE, "is no date");
    FINE(store_open(&s, "a.db", STORE_READ, e));
    FINE(store_text(s, "SELECT date('now')", NULL, 0, &before, e));
    words = mem_format("--points %s --until %s", POINTS, before);
    code = decide("ignore", words, &refused); /* today is still to come */
    FINE(store_text(s, "SELECT date('now')", NULL, 0, &after, e));
    if (!strcmp(before, after))
        assert_int_equal(code, 0);
    store_close(s);
    free(words);
    free(before);
    free(after);
}

/* A finding of many points takes as many entries as their globs need. */
static void many_points_take_several_entries(void **state)
{
    struct decide_finding f = {.number = 1};
    char **globs;
    size_t points = 0, entries = 0;

    (void)state;
    f.points = mem_new(200, sizeof *f.points);
    for (; f.point_count < 200; f.point_count++)
        f.points[f.point_count] = mem_format("kernel/variant:axis=%040zu", f.point_count);
    globs = decide_finding_globs(&f);
    for (; globs[entries]; entries++) {
        assert_true(strlen(globs[entries]) <= 4096);
        for (const char *at = globs[entries]; at; at = strchr(at + 1, ','))
            points++;
        free(globs[entries]);
    }
    assert_int_equal(points, 200);
    assert_true(entries > 2);
    free(globs);
    decide_finding_free(&f);
}

/* ---- the text file */

static struct ledger_texts parsed(const char *text)
{
    struct ledger_texts list;

    FINE(ledger_parse(&list, "f", text, strlen(text), e));
    return list;
}

static void times_of_decisions(void **state)
{
    static const char *const bad[] = {"1969-12-31", "2026-12-31T1:", "soon", "2026-12-31T12:00:00", "2026-12-31 "};
    struct ledger_texts list = parsed("decisions: [{kind: note, reason: r, created: 2026-12-31T12:00:00Z},"
                                      " {kind: note, reason: r, created: 2026-12-31}, {kind: note, reason: r}]");

    (void)state;
    assert_int_equal(list.items[0].created, 1798718400);
    assert_int_equal(list.items[1].created, 1798675200);
    assert_int_equal(list.items[2].created, 0);
    ledger_texts_free(&list);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = mem_format("decisions: [{kind: note, reason: r, created: '%s'}]", bad[i]);

        REFUSED(ledger_parse(&list, "f", text, strlen(text), e), CM_USAGE, "f:1:");
        free(text);
    }
}

/* An acceptance of a commit is one of its newest clean complete run, on every branch and machine that has it. */
static void a_commit_is_accepted_in_every_home(void **state)
{
    static const char text[] = "decisions: [{kind: accept, commit: '0123', reason: r}]";
    struct store *s = made();
    size_t added, removed;
    char sql[600];

    (void)state;
    for (int i = 2; i <= 5; i++) {
        snprintf(
            sql, sizeof sql,
            "INSERT INTO build (commit_id, branch, subject, commit_time, dirty, compiler, flags, binary_hash, facts)"
            " SELECT commit_id, '%s', subject, commit_time, %d, compiler, flags, 'b%d', facts FROM build LIMIT 1;"
            "INSERT INTO run (uuid, run_group, plan, arguments, seed, shard, shards, machine, environment, build,"
            " scripted, started, status) SELECT 'u%d', 'u%d', plan, arguments, seed, 1, 1, machine, environment,"
            " last_insert_rowid(), 0, 1000 + %d, '%s' FROM run LIMIT 1",
            i == 5 ? "work" : "main", i == 3, i, i, i, i, i == 4 ? "incomplete" : "complete");
        FINE(sql_exec(s, sql, e, "preparing the test"));
    }
    FINE(file_replace("l.yaml", text, strlen(text), e));
    FINE(ledger_file_take(s, "l.yaml", false, &added, &removed, NULL, e));
    assert_int_equal(added, 2);
    /* Not the first, which is older; nor what was built by hand or not measured to the end. */
    assert_int_equal(number(s, "SELECT count(*) FROM ledger l JOIN run r ON r.id = l.run WHERE r.uuid IN ('u2', 'u5')"),
                     2);
    store_close(s);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(runs_that_are_no_baseline),
        IN_FOLDER(commits_of_clean_builds_alone),
        IN_FOLDER(findings_that_are_broken),
        IN_FOLDER(days),
        cmocka_unit_test(many_points_take_several_entries),
        cmocka_unit_test(times_of_decisions),
        IN_FOLDER(a_commit_is_accepted_in_every_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
