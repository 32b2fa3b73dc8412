/* Export and import: what comes back is what went out, bit by bit; what anybody changed on the way is refused with its line. */
#include "store_fixture.h"

#include "../../db/store_internal.h"

#include "../../harness/base/file.h"
#include "../../harness/base/stats.h"

#include <float.h>

static void say_problem(const char *line, void *user)
{
    (void)user;
    print_message("# %s\n", line);
}

/* Values whose decimal form is hard. */
static void add_hard_numbers(struct store *s, struct fixture *f)
{
    static const double hard[] = {
        0.1, 1.0 / 3, DBL_MAX, DBL_MIN, 5e-324, -0.0, 9007199254740993.0, 1e22, 123456789.123456789};
    struct launch_result done = {.status = LAUNCH_DONE,
                                 .inner = 1,
                                 .match = 1,
                                 .deviations = 3,
                                 .elements = 1.0 / 7,
                                 .reason = "a reason\nof two lines, with \"quotes\", \\ and \xc3\xa9",
                                 .checksum = "aa"};
    struct sample m[sizeof hard / sizeof *hard];
    uint64_t seed = 7;
    int i, k;

    fixture_begin(s, f, "run-hard");
    for (k = 0; k < 4; k++) {
        for (i = 0; i < (int)(sizeof hard / sizeof *hard); i++) {
            double value = hard[i];
            uint64_t bits = stats_random(&seed);

            if (k) /* any bits that are a finite number */
                memcpy(&value, &bits, sizeof value);
            m[i] = (struct sample){"wall.time", i, isfinite(value) ? value : 1, QUALITY_EXACT, 0, NULL};
        }
        FINE(store_launch(s, f->launches[k], &done, m, sizeof hard / sizeof *hard, e));
    }
    FINE(store_run_finish(s, f->run, false, e));
}

static struct store *full_store(const char *path)
{
    struct ledger_row l = {"accept", "*", "*", 1, "it is <b>what</b> we want", NULL, "0123abcd"};
    struct ledger_row n = {"note", "triad/*", "wall.*", 1, "stands in the ledger's file", "2030-02-28", ""};
    struct verdict_row v = {"triad/serial:cache=warm,size=64", "wall.time", 1, "faster", 0.1, NAN, NAN, "", 0};
    struct fixture f;
    struct store *s = fixture_store(path, "run-one", &f);
    int64_t id;

    fixture_commits(s);
    add_hard_numbers(s, &f);
    FINE(store_ledger_add(s, &l, &id, e));
    FINE(store_ledger_add(s, &n, &id, e));
    FINE(sql_exec(s, "UPDATE ledger SET origin = 'file' WHERE kind = 'note'", e, "preparing the test"));
    FINE(store_verdicts(s, f.run, &v, 1, e));
    return s;
}

static void a_round_trip_changes_nothing(void **state)
{
    struct store *s = full_store("a.db"), *into;
    char *content = fixture_content(s), *back, *first, *second;
    int64_t added;

    (void)state;
    FINE(store_export(s, "a.jsonl", 0, e));
    FINE(store_open(&into, "b.db", STORE_WRITE, e));
    FINE(store_import(into, "a.jsonl", &added, e));
    assert_int_equal(added, 2);
    back = fixture_content(into);
    assert_string_equal(back, content);
    FINE(store_check(into, say_problem, NULL, e));
    FINE(store_export(into, "b.jsonl", 0, e));
    first = file_read("a.jsonl", NULL, NULL);
    second = file_read("b.jsonl", NULL, NULL);
    assert_string_equal(first, second);
    FINE(store_import(into, "a.jsonl", &added, e)); /* again: nothing new */
    assert_int_equal(added, 0);
    free(back);
    back = fixture_content(into);
    assert_string_equal(back, content);
    free(first);
    free(second);
    free(back);
    free(content);
    store_close(into);
    store_close(s);
}

static void one_run_travels_alone(void **state)
{
    struct store *s = full_store("a.db"), *into;
    int64_t added;

    (void)state;
    FINE(store_export(s, "one.jsonl", 2, e));
    FINE(store_open(&into, "b.db", STORE_WRITE, e));
    FINE(store_import(into, "one.jsonl", &added, e));
    assert_int_equal(added, 1);
    assert_int_equal(number(into, "SELECT count(*) FROM run WHERE uuid = 'run-hard'"), 1);
    assert_int_equal(number(into, "SELECT count(*) FROM ledger"), 0); /* it is of the other run */
    assert_int_equal(number(into, "SELECT count(*) FROM verdict WHERE baseline IS NULL"),
                     1); /* likewise its baseline */
    FINE(store_check(into, say_problem, NULL, e));
    store_close(into);
    REFUSED(store_export(s, "none.jsonl", 77, e), CM_USAGE, "no run 77");
    REFUSED(store_export(s, "a.db", 0, e), CM_USAGE, "the database itself");
    REFUSED(store_export(s, "nowhere/a.jsonl", 0, e), CM_INTERNAL, "cannot be written");
    assert_false(file_exists("none.jsonl"));
    store_close(s);
}

/* Without waiting for the disk, unlike file_replace. */
static void write_text(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Imports this text into a store that has content of its own; the store must be as before unless all went well. */
static int import_text(struct store *into, const char *before, const char *text, size_t length, struct err *why)
{
    int64_t added = -1;
    char *after;
    int result;

    write_text("changed.jsonl", text, length);
    result = store_import(into, "changed.jsonl", &added, why);
    if (result) {
        after = fixture_content(into);
        assert_string_equal(after, before);
        assert_int_equal(added, 0);
        assert_true(why->code == CM_INTERNAL || why->code == CM_USAGE);
        free(after);
    }
    return result;
}

/* Each case: the first `from` in the export becomes `to`. */
static const struct {
    const char *from, *to, *words;
} changes[] = {
    {"countermark-export", "something-else", "line 1: this is no export of countermark"},
    {"\"version\":3", "\"version\":4", "line 1: the export has version 4"},
    {"\"version\":3", "\"version\":0", "line 1: the export has version 0"},
    {"\"version\":3", "\"version\":\"1\"", "line 1: this is no export"},
    {"{\"format\"", "{format", "line 1: this is no JSON record"},
    {"\"type\":\"machine\"", "\"type\":\"engine\"", "line 2: 'engine' is no type of record"},
    {"\"type\":\"machine\"", "\"type\":17", "line 2: '' is no type of record"},
    {"\"name\":\"box\"", "\"name\":\"\"", "'name'"},
    {"\"name\":\"box\"", "\"name\":\"b\\nx\"", "'name'"},
    {"\"name\":\"box\"", "\"name\":[1]", "'name'"},
    {"\"name\":\"box\"", "\"name\":\"b\\u0000x\"", "no JSON record"},
    {"\"name\":\"box\"", "\"name\":\"b\xff\"", "no JSON record"},
    {"\"name\":\"box\"", "\"name\":\"box\",\"name\":\"box\"", "no JSON record"},
    {"\"facts\":{", "\"facts\":{\"n\":5,", "'facts'"},
    {"\"dirty\":false", "\"dirty\":0", "'dirty'"},
    {"\"commit_time\":1700000000", "\"commit_time\":1e300", "'commit_time'"},
    {"\"kind\":\"duration\"", "\"kind\":\"feeling\"", "'kind'"},
    {"\"kind\":\"duration\"", "\"kind\":\"gauge\"", "wall.time"},
    {"\"wall.time / elements\"", "\"wall.time / \"", "position"},
    {"\"machine\":1,", "\"machine\":77,", "no machine with id 77"},
    {"\"point\":1,", "\"point\":77,", "no point with id 77"},
    {"\"seed\":\"18446744073709551615\"", "\"seed\":\"18446744073709551616\"", "'seed'"},
    {"\"shard\":1", "\"shard\":2", "'shard'"},
    {"\"status\":\"complete\"", "\"status\":\"done\"", "'status'"},
    {"\"status\":\"done\"", "\"status\":\"complete\"", "'status'"},
    {"\"sequence\":1,", "\"sequence\":0,", "comes twice"},
    {"\"sequence\":1,", "\"sequence\":-1,", "'sequence'"},
    {"\"match\":0", "\"match\":7", "'match'"},
    {"\"wall_s\":0.25", "\"wall_s\":-1", "'wall_s'"},
    {"\"wall_s\":0.25", "\"wall_s\":1e999", "no JSON record"},
    {"\"wall.time\":[[0,", "\"no.such\":[[0,", "no.such"},
    {"\"wall.time\":[[0,", "\"wall.time\":[[1,", ""}, /* the same repetition twice */
    {"\"wall.time\":[[0,", "\"wall.time\":[[0.5,", "samples"},
    {"\"wall.time\":[[0,", "\"wall.time\":[[-2,", "samples"},
    {"\"wall.time\":[[0,", "\"wall.time\":[[0,1,", "samples"},
    {"[[0,1020.0]", "[[0,null]", "samples"},
    {"[[0,1020.0]", "[[0,\"1020\"]", "samples"},
    {"[[0,1020.0]", "[[0,1020.0,\"suspect(\"]", "samples"},
    {"[[0,1020.0]", "[7,[0,1020.0]", "samples"},
    {"\"inner\":10,", "", "'inner'"},
    {"\"unavailable(", "\"suspect(", "samples"},
    {"\"kind\":\"accept\"", "\"kind\":\"allow\"", "kind of decision"},
    {"\"verdict\":\"faster\"", "\"verdict\":\"quick\"", "'verdict'"},
    {"\"commit\":\"0123abcd\"", "\"commit\":\"0123ABCD\"", "'commit'"},
    {"\"until\":\"2030-02-28\"", "\"until\":\"2030-02-30\"", "'until'"},
    {"\"metrics\":\"*\",\"run\":\"run-one\"", "\"metrics\":\"*\",\"run\":\"run-two\"", "did not come before"},
    {"\"metrics\":\"*\",\"run\":\"run-one\"", "\"metrics\":\"*\"", "accepts no run"},
    {"\"commit\":\"0123abcd\"", "\"commit\":\"0123abcd\",\"origin\":\"wind\"", "'origin'"},
    {"\"type\":\"commit\",\"commit\":\"0", "\"type\":\"commit\",\"commit\":\"", "'commit'"},
    {"\"parents\":\"fe", "\"parents\":\"FE", "'parents'"},
    {"\"parents\":\"fe", "\"parents\":\" fe", "'parents'"},
    {"\"status\":\"unbuildable\"", "\"status\":\"tired\"", "'status'"},
    {"\"outcomes\":[", "\"outcomes\":[7,", "'outcomes'"},
    {"\"outcomes\":[", "\"outcomes\":\"none\",\"others\":[", "'outcomes'"},
    {"{\"records\":", "{\"records\":1", "number of records"},
    {"{\"records\":", "{\"recs\":", "no type of record"},
    {"{\"type\":\"run\"", "[{\"type\":\"run\"", "no JSON record"},
};

static void changed_lines_are_refused(void **state)
{
    struct store *s = full_store("a.db"), *into;
    struct fixture f;
    char *text, *before;
    size_t i;

    (void)state;
    FINE(store_export(s, "a.jsonl", 0, e));
    store_close(s);
    text = file_read("a.jsonl", NULL, NULL);
    into = fixture_store("into.db", "run-here", &f);
    before = fixture_content(into);
    for (i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(text, changes[i].from);
        struct err why = {0};
        char *changed;

        if (!at)
            fail_msg("the export has no %s", changes[i].from);
        changed = mem_format("%.*s%s%s", (int)(at - text), text, changes[i].to, at + strlen(changes[i].from));
        if (!import_text(into, before, changed, strlen(changed), &why) || !strstr(why.text, changes[i].words) ||
            !strstr(why.text, "changed.jsonl, line ") || !strstr(why.text, "nothing was imported"))
            fail_msg("%s -> %s: '%s'", changes[i].from, changes[i].to, why.text);
        free(changed);
    }
    FINE(store_check(into, say_problem, NULL, e));
    store_close(into);
    free(before);
    free(text);
}

static void cut_and_joined_files_are_refused(void **state)
{
    struct store *s = full_store("a.db"), *into;
    struct err why = {0};
    struct fixture f;
    char *text, *before, *changed;
    size_t length, i;
    int64_t added;

    (void)state;
    FINE(store_export(s, "a.jsonl", 0, e));
    store_close(s);
    text = file_read("a.jsonl", &length, NULL);
    into = fixture_store("into.db", "run-here", &f);
    before = fixture_content(into);
    /* the end is missing: at the line's end, or in the middle of a line */
    for (i = 1; i < 40; i++) {
        err_clear(&why);
        assert_int_equal(import_text(into, before, text, length * i / 40, &why), -1);
    }
    err_clear(&why);
    assert_int_equal(import_text(into, before, "", 0, &why), -1);
    assert_non_null(strstr(why.text, "it is empty"));
    err_clear(&why);
    changed = mem_format("%s%s", text, text);
    assert_int_equal(import_text(into, before, changed, strlen(changed), &why), -1);
    assert_non_null(strstr(why.text, "something follows"));
    free(changed);
    err_clear(&why);
    changed = mem_new(length + 3, 1); /* a line of zero bytes */
    memcpy(changed, text, length);
    memmove(changed + 2, changed, length);
    memcpy(changed, "\0\n", 2);
    assert_int_equal(import_text(into, before, changed, length + 2, &why), -1);
    free(changed);
    REFUSED(store_import(into, "none.jsonl", &added, e), CM_USAGE, "none.jsonl cannot be read");
    store_close(into);
    free(before);
    free(text);
}

/* Bytes changed at random: a sentence or a fine import, never a crash, never half of it, never a store that the check refuses. */
static void garbage_is_refused_whole(void **state)
{
    struct store *s = full_store("a.db"), *into = NULL;
    uint64_t seed = 99;
    char *text, *changed;
    size_t length;
    int round, k, refused = 0;

    (void)state;
    FINE(store_export(s, "a.jsonl", 0, e));
    store_close(s);
    text = file_read("a.jsonl", &length, NULL);
    changed = mem_new(length + 1, 1);
    for (round = 0; round < 300; round++) {
        struct err why = {0};
        int64_t added;

        memcpy(changed, text, length + 1);
        for (k = 0; k <= round % 4; k++)
            changed[stats_random(&seed) % length] = "0123456789abcdef\"{}[]:,\\\n\xff-.eE"[stats_random(&seed) % 31];
        write_text("changed.jsonl", changed, length);
        if (!into)
            FINE(store_open(&into, "into.db", STORE_WRITE, e));
        if (store_import(into, "changed.jsonl", &added, &why)) {
            refused++;
            if (!strstr(why.text, "changed.jsonl, line "))
                fail_msg("'%s'", why.text);
            assert_int_equal(number(into, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM machine) + "
                                          "(SELECT count(*) FROM metric)"),
                             0);
        } else {
            FINE(store_check(into, say_problem, NULL, e));
            store_close(into);
            into = NULL;
            unlink("into.db");
        }
    }
    store_close(into);
    print_message("# %d of %d refused\n", refused, round);
    assert_true(refused > 50);
    free(changed);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_round_trip_changes_nothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(one_run_travels_alone, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(changed_lines_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(cut_and_joined_files_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(garbage_is_refused_whole, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
