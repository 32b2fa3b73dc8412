/* Decisions that come from a text: taken once, followed when the text is all there is, taken back. */
#include "store_fixture.h"

#include "../../db/ledger.h"
#include "../../db/store_internal.h"

static struct store *empty(void)
{
    struct store *s;

    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    return s;
}

static struct ledger_row row(const char *kind, const char *points, const char *reason)
{
    return (struct ledger_row){.kind = kind, .points = points, .metrics = "*", .reason = reason};
}

static void take(struct store *s, const struct ledger_row *rows, size_t count, bool follow, size_t added,
                 size_t removed)
{
    static const int64_t created[] = {1700000000, 1700000001, 0};
    size_t new = 99, gone = 99;

    FINE(ledger_take(s, rows, created, count, follow, &new, &gone, e));
    assert_int_equal(new, added);
    assert_int_equal(gone, removed);
}

static void expect(struct store *s, size_t count, const char *reasons)
{
    struct ledger l;
    struct buf b = {0};

    FINE(ledger_load(s, &l, e));
    for (size_t i = 0; i < l.count; i++)
        buf_addf(&b, "%s%s%s", i ? "," : "", l.items[i].reason, l.items[i].from_file ? "!" : "");
    assert_int_equal(l.count, count);
    assert_string_equal(buf_text(&b), reasons);
    buf_free(&b);
    ledger_free(&l);
}

static void taken_once(void **state)
{
    struct store *s = empty();
    struct ledger_row rows[] = {row("ignore", "a/*", "one"), row("note", "", "two")};

    (void)state;
    take(s, rows, 2, false, 2, 0);
    take(s, rows, 2, false, 0, 0);
    expect(s, 2, "one,two");
    rows[1].until = "2999-01-01";
    take(s, rows, 2, false, 1, 0);
    rows[1].commit = "abcd1234";
    take(s, rows, 2, false, 1, 0);
    expect(s, 4, "one,two,two,two");
    store_close(s);
}

static void followed(void **state)
{
    struct store *s = empty();
    struct ledger_row rows[] = {row("ignore", "a/*", "one"), row("ignore", "b/*", "two")},
                      own = row("note", "c", "own");

    (void)state;
    FINE(store_ledger_add(s, &own, NULL, e));
    FINE(store_ledger_add(s, &rows[1], NULL, e));
    take(s, rows, 2, true, 1, 0); /* what was made here and stands in the file is the file's from now on */
    expect(s, 3, "one!,own,two!");
    take(s, rows, 2, true, 0, 0);
    take(s, rows, 1, true, 0, 1);
    expect(s, 2, "one!,own");
    take(s, rows, 2, false, 1, 0); /* an import is no file that is followed */
    expect(s, 3, "one!,two,own");
    take(s, NULL, 0, true, 0, 1);
    expect(s, 2, "two,own");
    store_close(s);
}

static void refused_as_a_whole(void **state)
{
    static const int64_t created[] = {0, 0};
    struct store *s = empty();
    struct ledger_row rows[] = {row("ignore", "a/*", "one"), row("forget", "b/*", "two")};
    size_t added, removed;

    (void)state;
    REFUSED(ledger_take(s, rows, created, 2, false, &added, &removed, e), CM_USAGE, "no kind of decision");
    rows[1] = row("accept", "b/*", "two");
    REFUSED(ledger_take(s, rows, created, 2, false, &added, &removed, e), CM_USAGE, "needs the run");
    rows[1].run = 99;
    REFUSED(ledger_take(s, rows, created, 2, false, &added, &removed, e), CM_USAGE, "no run 99");
    rows[1] = row("note", "b/*", "two");
    rows[1].commit = "' OR 1";
    REFUSED(ledger_take(s, rows, created, 2, false, &added, &removed, e), CM_USAGE, "is no commit");
    rows[1].commit = NULL;
    rows[1].until = "2026-02-30";
    REFUSED(ledger_take(s, rows, created, 2, false, &added, &removed, e), CM_USAGE, "is no date");
    expect(s, 0, "");
    store_close(s);
}

static void taken_back(void **state)
{
    struct store *s = empty();
    struct ledger_row own = row("note", "c", "own");
    int64_t id;

    (void)state;
    FINE(store_ledger_add(s, &own, &id, e));
    FINE(ledger_remove(s, id, e));
    expect(s, 0, "");
    REFUSED(ledger_remove(s, id, e), CM_USAGE, "has no decision");
    store_close(s);
    FINE(store_open(&s, "a.db", STORE_READ, e));
    REFUSED(ledger_remove(s, id, e), CM_INTERNAL, "");
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(taken_once, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(followed, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(refused_as_a_whole, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(taken_back, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
