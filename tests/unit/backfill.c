/* The order of a backfill: what tells most comes first, and every commit once. And what it finds done already. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/backfill_parts.h"
#include "../../harness/base/file.h"

/* The order in which all are taken, with those of `before` done already. */
static size_t order(const size_t *before, size_t before_count, size_t count, size_t *out)
{
    bool *done = calloc(count + 1, sizeof *done);
    size_t n = 0, i;

    assert_non_null(done);
    for (size_t k = 0; k < before_count; k++)
        done[before[k]] = true;
    while ((i = backfill_next(done, count)) < count) {
        assert_false(done[i]);
        done[i] = true;
        out[n++] = i;
    }
    assert_int_equal(i, count);
    free(done);
    return n;
}

static void test_ends_then_halves(void **state)
{
    static const size_t wanted[] = {8, 0, 4, 6, 2, 7, 5, 3, 1};
    size_t got[9];

    (void)state;
    assert_int_equal(order(NULL, 0, 9, got), 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(got[i], wanted[i]);
}

static void test_goes_on(void **state)
{
    static const size_t before[] = {0, 1, 2, 3, 19};
    size_t got[20];

    (void)state;
    /* The only gap goes from 4 to 18. */
    assert_int_equal(order(before, 5, 20, got), 15);
    assert_int_equal(got[0], 11);
    assert_int_equal(got[1], 15);
    assert_int_equal(got[2], 7);
}

static void test_new_commits_first(void **state)
{
    static const size_t before[] = {0, 1, 2, 3};
    size_t got[6];

    (void)state;
    assert_int_equal(order(before, 4, 6, got), 2);
    assert_int_equal(got[0], 5);
    assert_int_equal(got[1], 4);
}

static void test_small(void **state)
{
    size_t got[4];

    (void)state;
    assert_int_equal(order(NULL, 0, 0, got), 0);
    assert_int_equal(order(NULL, 0, 1, got), 1);
    assert_int_equal(order(NULL, 0, 2, got), 2);
    assert_int_equal(got[0], 1);
    assert_int_equal(order(NULL, 0, 3, got), 3);
    assert_int_equal(got[2], 1);
}

/* Whatever was done before, every prefix of the order leaves no gap much wider than another. */
static void test_even(void **state)
{
    bool done[200] = {0};

    (void)state;
    for (size_t n = 0; n < 66; n++)
        done[backfill_next(done, 200)] = true;
    for (size_t i = 0, gap = 0; i < 200; i++) {
        gap = done[i] ? 0 : gap + 1;
        assert_true(gap <= 3);
    }
}

/* ---- what is stored */

/* Asks anew whether the commit of fixture_store is done. */
static bool is_done(struct backfill *b)
{
    b->done[0] = false;
    b->cost_count = 0;
    FINE(backfill_read_done(b, e));
    return b->done[0];
}

static void change(struct store *s, const char *sql)
{
    FINE(sql_exec(s, sql, e, "preparing the test"));
}

/* One commit is wanted, of a database with one run of it. */
struct asked {
    struct config config;
    struct backfill_request q;
    struct commit commit;
    size_t wanted;
    bool done;
    struct backfill b;
    struct fixture f;
    struct store *s;
};

static void ask(struct asked *a)
{
    *a = (struct asked){.wanted = 0};
    a->s = fixture_store("a.db", "u1", &a->f);
    change(a->s, "UPDATE run SET status = 'complete',"
                 " arguments = 'countermark run --db x.db --progress off --machine box -k triad'");
    a->q.config = &a->config;
    a->commit = (struct commit){.id = mem_copy("0123456789012345678901234567890123456789"),
                                .parents = mem_copy(""),
                                .subject = mem_copy("subject"),
                                .time = 1700000000};
    a->b = (struct backfill){.q = &a->q,
                             .commits = {&a->commit, 1, 1},
                             .database = mem_copy("a.db"),
                             .home = commit_home("a.db", NULL),
                             .branch = mem_copy("main"),
                             .machine = mem_copy("box"),
                             .words = mem_copy("-k triad"),
                             .wanted = &a->wanted,
                             .done = &a->done,
                             .count = 1};
    assert_non_null(a->b.home);
}

static void answered(struct asked *a)
{
    store_close(a->s);
    commit_free(&a->commit);
    free(a->b.database);
    free(a->b.home);
    free(a->b.branch);
    free(a->b.machine);
    free(a->b.words);
    free(a->b.costs);
}

static void test_measured(void **state)
{
    struct asked a;

    (void)state;
    ask(&a);
    assert_true(is_done(&a.b));
    a.q.again = true;
    assert_false(is_done(&a.b));
    a.q.again = false;
    a.b.words[0] = '+'; /* other words */
    assert_false(is_done(&a.b));
    a.b.words[0] = '-';
    a.b.machine[0] = 'f'; /* on another machine */
    assert_false(is_done(&a.b));
    a.b.machine[0] = 'b';
    change(a.s, "UPDATE run SET status = 'incomplete'");
    assert_false(is_done(&a.b));
    change(a.s, "UPDATE run SET status = 'complete'");
    change(a.s, "UPDATE build SET dirty = 1");
    assert_false(is_done(&a.b));
    change(a.s, "UPDATE build SET dirty = 0");
    assert_true(is_done(&a.b));
    change(a.s, "UPDATE launch SET status = 'crashed'");
    assert_false(is_done(&a.b));
    answered(&a);
}

static void test_not_measurable(void **state)
{
    struct commit_stamp no = {.known = true, .reason = NULL};
    char *path, *base, command[] = "make";
    struct asked a;

    (void)state;
    ask(&a);
    store_close(a.s);
    a.s = NULL;
    a.b.words[0] = '+';
    base = mem_format("%s/%s", a.b.home, a.commit.id);
    FINE(file_folder(base, e));
    path = backfill_unrunnable_path(&a.b, a.commit.id);
    FINE(backfill_store_outcome(&a.b, &a.commit, "unrunnable", "no such option", e));
    FINE(file_replace(path, "+k triad", 8, e));
    assert_true(is_done(&a.b));
    FINE(file_replace(path, "+k mandelbrot", 13, e)); /* with other words than these */
    assert_false(is_done(&a.b));
    FINE(backfill_store_outcome(&a.b, &a.commit, "unbuildable", "x.c:1: error", e));
    assert_true(is_done(&a.b)); /* also where nothing of it was kept */
    FINE(commit_stamp_write(base, &a.config.build, &no, e));
    assert_true(is_done(&a.b));
    a.config.build.command = command; /* another build may do */
    assert_false(is_done(&a.b));
    free(base);
    free(path);
    answered(&a);
}

static void branch_is(const char *range, const char *wanted)
{
    char *branch = backfill_branch(".", range);

    assert_string_equal(branch, wanted);
    free(branch);
}

static void test_branch(void **state)
{
    (void)state;
    if (system("git --version >/dev/null 2>&1"))
        skip();
    assert_int_equal(
        system("exec >/dev/null 2>&1; git init -q . && git checkout -q -b main && git config user.name S &&"
               " git config user.email s@example.org && git config commit.gpgsign false &&"
               " git commit -q --allow-empty -m 1 && git tag c1 && git commit -q --allow-empty -m 2 &&"
               " git tag c2 && git update-ref refs/remotes/origin/topic/x HEAD && git checkout -q -b work &&"
               " git commit -q --allow-empty -m 3 && git tag c3"),
        0);
    branch_is("c1..main", "main");
    branch_is("c1..", "work");
    branch_is("c1..c2", "work"); /* it lies inside of what is checked out, and main alike */
    branch_is("c1..origin/topic/x", "topic/x");
    assert_int_equal(system("git checkout -q c2"), 0); /* no branch is checked out */
    branch_is("c1..HEAD", "main");
    branch_is("c1..c3", "work");
    assert_int_equal(system("git checkout -q c3 && git branch -q -D work"), 0);
    branch_is("c1..c3", "");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_then_halves),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_new_commits_first),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_even),
        IN_FOLDER(test_measured),
        IN_FOLDER(test_not_measurable),
        IN_FOLDER(test_branch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
