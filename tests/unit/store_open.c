/* Files that are no database of ours, places that cannot be written, two writers, older and newer versions, network disks. */
#include "store_fixture.h"

#include "../../db/store_internal.h"
#include "../../harness/base/file.h"

#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int opens(const char *path, enum store_mode mode, struct err *e)
{
    struct store *s;
    int result = store_open(&s, path, mode, e);

    store_close(s);
    return result;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void wrong_files_are_refused(void **state)
{
    static const enum store_mode modes[] = {STORE_READ, STORE_WRITE, STORE_UPDATE};
    static const char letter[] =
        "Dear reader, this is a letter and not a database, although it is long enough to have the header "
        "of one, which takes a hundred bytes.";
    struct fixture f;
    int i;

    (void)state;
    FINE(file_replace("text.db", letter, sizeof letter, e));
    FINE(file_replace("short.db", letter, 6, e));
    change("foreign.db", "CREATE TABLE t (x); PRAGMA application_id = 77");
    change("plain.db", "CREATE TABLE t (x)");
    store_close(fixture_store("newer.db", "r", &f));
    change("newer.db", "PRAGMA user_version = 1000");
    FINE(file_folder("folder.db", e));
    for (i = 0; i < 3; i++) {
        REFUSED(opens("text.db", modes[i], e), CM_USAGE, "text.db is not a database of countermark");
        REFUSED(opens("short.db", modes[i], e), CM_USAGE, "short.db is not a database of countermark");
        REFUSED(opens("foreign.db", modes[i], e), CM_USAGE, "another program");
        REFUSED(opens("plain.db", modes[i], e), CM_USAGE, "another program");
        REFUSED(opens("newer.db", modes[i], e), CM_USAGE, "newer countermark");
        REFUSED(opens("folder.db", modes[i], e), CM_USAGE, "is a folder");
        REFUSED(opens("nowhere/a.db", modes[i], e), CM_USAGE, "nowhere");
        REFUSED(opens("", modes[i], e), CM_USAGE, "empty");
        REFUSED(opens("/dev/null", modes[i], e), CM_USAGE, "no regular file");
    }
    REFUSED(opens("none.db", STORE_READ, e), CM_USAGE, "there is no database none.db");
    REFUSED(opens("none.db", STORE_UPDATE, e), CM_USAGE, "there is no database none.db");
    assert_false(file_exists("none.db"));
    FINE(file_replace("empty.db", "", 0, e));
    REFUSED(opens("empty.db", STORE_READ, e), CM_USAGE, "empty.db is empty");
    REFUSED(opens("empty.db", STORE_UPDATE, e), CM_USAGE, "empty.db is empty");
    FINE(opens("empty.db", STORE_WRITE, e)); /* what `mktemp` makes is a fine place to start */
    FINE(opens("empty.db", STORE_READ, e));
    FINE(opens(":memory:", STORE_WRITE, e)); /* a file like any other */
    assert_true(file_exists(":memory:"));
    /* refused files are as they were */
    assert_false(file_exists("foreign.db-wal"));
    assert_false(file_exists("text.db.lock"));
}

static void damaged_files_are_named(void **state)
{
    struct fixture f;
    struct err why = {0};
    struct store *s;
    FILE *file;
    int i, seen = 0;

    (void)state;
    store_close(fixture_store("a.db", "r", &f));
    file = fopen("a.db", "r+");
    for (i = 1; i < 12; i++) { /* the header stays, the pages behind it lose their middle */
        fseek(file, 4096 * i + 16, SEEK_SET);
        fwrite("garbage garbage garbage garbage garbage garbage", 1, 47, file);
    }
    fclose(file);
    if (store_open(&s, "a.db", STORE_READ, &why) || store_check(s, NULL, NULL, &why))
        seen = 1;
    store_close(s);
    assert_true(seen);
    assert_int_equal(why.code, CM_INTERNAL);
    assert_non_null(strstr(why.text, "damaged"));
}

static void one_writer_at_a_time(void **state)
{
    struct store *writer, *reader;
    struct fixture f;
    pid_t child;
    int status, ready[2];
    char byte;

    (void)state;
    writer = fixture_store("a.db", "r", &f);
    REFUSED(opens("a.db", STORE_WRITE, e), CM_INTERNAL, "is being written by another run (process ");
    assert_int_equal(symlink("a.db", "link.db"), 0);
    REFUSED(opens("link.db", STORE_WRITE, e), CM_INTERNAL, "link.db is being written");
    FINE(store_open(&reader, "a.db", STORE_READ, e)); /* readers never mind */
    assert_true(lock_is_held("a.db"));
    store_close(writer);
    assert_false(lock_is_held("a.db"));
    store_close(reader);

    /* the lock ends with the process, however that ends */
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        struct err why = {0};

        if (!store_open(&writer, "a.db", STORE_WRITE, &why) && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    REFUSED(opens("a.db", STORE_WRITE, e), CM_INTERNAL, "is being written");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(file_exists("a.db.lock")); /* stale, and no hindrance */
    FINE(opens("a.db", STORE_WRITE, e));
    assert_false(file_exists("a.db.lock"));
}

static void an_update_waits_for_the_writer(void **state)
{
    struct store *writer;
    struct fixture f;
    pid_t child;
    int status;

    (void)state;
    store_close(fixture_store("a.db", "r", &f));
    FINE(store_open(&writer, "a.db", STORE_WRITE, e));
    child = fork();
    if (child == 0) {
        struct err why = {0};

        store_close(NULL);
        _exit(opens("a.db", STORE_UPDATE, &why) ? 1 : 0);
    }
    usleep(1300000); /* longer than a second writer would wait */
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    store_close(writer);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Runs as somebody without rights to the folder; answers what the child's function answers. */
static int as_nobody(int (*what)(void))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
            _exit(99);
        _exit(what());
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int expect(const char *path, enum store_mode mode, const char *words)
{
    struct err why = {0};

    if (!opens(path, mode, &why) || why.code != CM_INTERNAL || !strstr(why.text, words)) {
        print_message("# %s\n", why.text);
        return 1;
    }
    return 0;
}

static int in_read_only_folder(void)
{
    struct err why = {0};
    struct store *s;
    double value;
    bool found;

    if (expect("locked/a.db", STORE_WRITE, "cannot be written") ||
        expect("locked/new.db", STORE_WRITE, "cannot be written"))
        return 1;
    if (expect("locked/secret.db", STORE_READ, "cannot be read"))
        return 2;
    /* reading goes without the log that has no place there */
    if (store_open(&s, "locked/a.db", STORE_READ, &why) ||
        store_number(s, "SELECT count(*) FROM sample", NULL, 0, &value, &found, &why)) {
        print_message("# %s\n", why.text);
        return 3;
    }
    store_close(s);
    return value > 0 ? 0 : 4;
}

static void places_that_cannot_be_written(void **state)
{
    struct fixture f;

    (void)state;
    FINE(file_folder("locked", e));
    store_close(fixture_store("locked/a.db", "r", &f));
    store_close(fixture_store("locked/secret.db", "r", &f));
    assert_int_equal(chmod("locked/a.db", 0444), 0);
    assert_int_equal(chmod("locked/secret.db", 0), 0);
    assert_int_equal(chmod("locked", 0555), 0);
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(as_nobody(in_read_only_folder), 0);
    assert_int_equal(chmod("locked", 0755), 0);
}

/* Writes until the limit on file sizes stops it. */
static int until_full(void)
{
    struct err why = {0};
    struct store *s;
    struct fixture f;
    struct rlimit limit = {2 << 20, 2 << 20};
    char uuid[20];
    int i;

    signal(SIGXFSZ, SIG_IGN);
    if (store_open(&s, "a.db", STORE_WRITE, &why))
        return 1;
    fixture_identity(s, &f, "box", "");
    setrlimit(RLIMIT_FSIZE, &limit);
    for (i = 0; i < 20000 && !why.code; i++) {
        struct run_row r = {.uuid = uuid,
                            .group = uuid,
                            .plan = "p",
                            .arguments = "",
                            .shard = 1,
                            .shards = 1,
                            .machine = f.machine,
                            .environment = f.environment,
                            .build = f.build};
        struct launch_row l = {0, f.points[0], 0, ""};

        snprintf(uuid, sizeof uuid, "run-%d", i);
        if (!store_run_begin(s, &r, &l, 1, &f.run, f.launches, &why) && !fixture_launch(s, f.launches[0], 1000, &why))
            store_run_finish(s, f.run, false, &why);
    }
    store_close(s);
    if (why.code != CM_INTERNAL || !strstr(why.text, "was reached") ||
        !strstr(why.text, "what was stored before is kept")) {
        print_message("# %s\n", why.text);
        return 2;
    }
    return i > 10 ? 0 : 3;
}

static void a_full_disk_keeps_what_was_stored(void **state)
{
    struct store *s;
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(until_full());
    waitpid(child, &status, 0);
    assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : 98, 0);
    FINE(store_open(&s, "a.db", STORE_READ, e));
    FINE(store_check(s, NULL, NULL, e));
    assert_true(number(s, "SELECT count(*) FROM launch WHERE status = 'done'") > 10);
    assert_int_equal(number(s, "SELECT count(*) FROM run WHERE status = 'running'"), 0);
    store_close(s);
}

static void network_disks_are_known(void **state)
{
    (void)state;
    assert_true(store_network_magic(0x6969));
    assert_true(store_network_magic(0xff534d42));
    assert_true(store_network_magic((unsigned long)(long)(int)0xfe534d42u)); /* as 32-bit systems hand it over */
    assert_false(store_network_magic(0xef53));                               /* ext4 */
    assert_false(store_network_magic(0x01021994));                           /* tmpfs */
}

static void journals_fit_the_disk(void **state)
{
    struct fixture f;
    struct store *s = fixture_store("a.db", "r", &f);
    sqlite3_stmt *q = sql_use(s, "PRAGMA journal_mode", NULL);

    (void)state;
    assert_int_equal(sql_step(s, q, NULL, ""), SQL_ROW);
    assert_string_equal(sql_text(q, 0), "wal");
    assert_int_equal(number(s, "SELECT * FROM pragma_foreign_keys"), 1);
    store_close(s);
}

/* Every earlier version of the schema, as a dump that was made with it, opens and is sound. */
static void earlier_versions_open(void **state)
{
    const char *top = getenv("TOP");
    int64_t version;
    struct store *s;

    (void)state;
    if (!top)
        skip();
    for (version = 0; asset_schema[version].name; version++) {
        char *path = mem_format("%s/tests/golden/db/v%d.sql", top, (int)version + 1), *sql = NULL;
        struct err why = {0};

        sql = file_read(path, NULL, &why);
        if (!sql)
            fail_msg("every version needs its dump: %s", why.text);
        unlink("old.db");
        change("old.db", sql);
        FINE(store_open(&s, "old.db", STORE_READ, e)); /* migrates, for it may write here */
        assert_int_equal(number(s, "SELECT count(*) FROM run"), 2);
        FINE(store_check(s, NULL, NULL, e));
        store_close(s);
        FINE(opens("old.db", STORE_WRITE, e));
        free(sql);
        free(path);
    }
    assert_true(version >= 1);
}

/* Version 1 took a launch's time from all its repetitions, disturbed ones too: its summaries follow the newer rule. */
static void older_summaries_follow_the_rule(void **state)
{
    const char *top = getenv("TOP");
    char *path, *sql;
    struct store *s;

    (void)state;
    if (!top)
        skip();
    path = mem_format("%s/tests/golden/db/v1.sql", top);
    sql = file_read(path, NULL, NULL);
    change("old.db", sql);
    change("old.db", "UPDATE sample SET quality = (SELECT id FROM quality WHERE text LIKE 'suspect%') "
                     "WHERE repetition = 0 AND metric = (SELECT id FROM metric WHERE name = 'wall.time')");
    FINE(store_open(&s, "old.db", STORE_READ, e));
    assert_int_equal(number(s, "SELECT count(*) FROM launch_summary u JOIN metric m ON m.id = u.metric "
                               "WHERE m.name = 'wall.time' AND n = 2"),
                     number(s, "SELECT count(*) FROM launch WHERE status = 'done'"));
    FINE(store_check(s, NULL, NULL, e));
    store_close(s);
    free(sql);
    free(path);
}

static void a_failed_migration_changes_nothing(void **state)
{
    struct asset steps[] = {
        {"0001", "CREATE TABLE a (x)"}, {"0002_bad", "CREATE TABLE b (x); CREATE TABLE a (x)"}, {NULL, NULL}};
    struct store s = {.path = NULL};
    char name[] = "m.db";
    int64_t value;

    (void)state;
    s.path = name;
    assert_int_equal(sqlite3_open("m.db", &s.db), SQLITE_OK);
    REFUSED(store_migrate(&s, steps, e), CM_INTERNAL, "0002_bad");
    FINE(store_version(&s, &value, e));
    assert_int_equal(value, 1);
    FINE(sql_integer(&s, "SELECT count(*) FROM sqlite_master", &value, e));
    assert_int_equal(value, 1);
    steps[1].text = "CREATE TABLE b (x)";
    FINE(store_migrate(&s, steps, e));
    FINE(store_version(&s, &value, e));
    assert_int_equal(value, 2);
    for (int i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(s.statements[i].statement);
    assert_int_equal(sqlite3_close(s.db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_files_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(damaged_files_are_named, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(one_writer_at_a_time, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(an_update_waits_for_the_writer, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(places_that_cannot_be_written, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_what_was_stored, fixture_setup, fixture_teardown),
        cmocka_unit_test(network_disks_are_known),
        cmocka_unit_test_setup_teardown(journals_fit_the_disk, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(earlier_versions_open, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(older_summaries_follow_the_rule, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_failed_migration_changes_nothing, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
