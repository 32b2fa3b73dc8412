/* A writer that is killed at random moments, again and again, on one database: what was stored is there, nothing is half there. */
#include "store_fixture.h"

#include "../../harness/base/clock.h"
#include "../../harness/base/stats.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { kills = 50, launches = 400 };

/* Writes runs until it is killed; counts the launches that the store has taken. */
static void write_for_ever(int round, volatile int64_t *stored)
{
    struct err why = {0};
    struct fixture f;
    struct store *s;
    char uuid[40];
    int i, k;

    if (store_open(&s, "a.db", STORE_WRITE, &why))
        _exit(1);
    fixture_identity(s, &f, "box", "");
    for (i = 0;; i++) {
        struct run_row r = {.uuid = uuid,
                            .group = uuid,
                            .plan = "p",
                            .arguments = "",
                            .shard = 1,
                            .shards = 1,
                            .machine = f.machine,
                            .environment = f.environment,
                            .build = f.build};
        struct launch_row *l = mem_new(launches, sizeof *l);
        int64_t *ids = mem_new(launches, sizeof *ids);

        snprintf(uuid, sizeof uuid, "run-%d-%d", round, i);
        for (k = 0; k < launches; k++)
            l[k] = (struct launch_row){k, f.points[k % 2], k / 2, ""};
        if (store_run_begin(s, &r, l, launches, &f.run, ids, &why))
            _exit(2);
        for (k = 0; k < launches; k++) {
            if (fixture_launch(s, ids[k], 1000 + k, &why))
                _exit(3);
            ++*stored;
        }
        if (store_run_finish(s, f.run, false, &why))
            _exit(4);
        free(l);
        free(ids);
    }
}

static int say(const char *line)
{
    print_message("# %s\n", line);
    return -1;
}

static void say_problem(const char *line, void *user)
{
    (void)user;
    say(line);
}

static void kills_leave_whole_launches(void **state)
{
    uint64_t seed = 20240501;
    volatile int64_t *stored = mmap(NULL, sizeof *stored, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double done = 0;
    struct store *s;
    int round, status;
    pid_t child;

    (void)state;
    for (round = 0; round < kills; round++) {
        child = fork();
        if (child == 0)
            write_for_ever(round, stored);
        usleep((useconds_t)(1000 + stats_random(&seed) % 40000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); /* it did not give up by itself */
        if (access("a.db", F_OK))
            continue; /* killed before there was a file */
        if (round % 5 && round != kills - 1)
            continue; /* kills in a row, nobody looks in between */
        FINE(store_open(&s, "a.db", round % 2 ? STORE_READ : STORE_WRITE, e));
        FINE(store_check(s, say_problem, NULL, e));
        done = number(s, "SELECT count(*) FROM launch WHERE status = 'done'");
        assert_true(done >= (double)*stored); /* nothing that was stored is lost */
        assert_int_equal(number(s, "SELECT count(*) FROM run WHERE status = 'running'"), 0);
        assert_int_equal(number(s,
                                "SELECT count(*) FROM run r WHERE status = 'incomplete' AND NOT EXISTS (SELECT 1 FROM "
                                "launch WHERE run = r.id AND status = 'planned')"),
                         0);
        /* a launch has all of its samples or none */
        assert_int_equal(
            number(s, "SELECT count(*) FROM launch l WHERE (SELECT count(*) FROM sample WHERE launch = l.id) <> "
                      "CASE l.status WHEN 'done' THEN 7 ELSE 0 END"),
            0);
        assert_int_equal(
            number(s, "SELECT count(*) FROM run r WHERE (SELECT count(*) FROM launch WHERE run = r.id) <> 400"), 0);
        store_close(s);
    }
    assert_true(done > 0);
}

/* What a kill left is settled by whoever opens the file next, a reader too. */
static void the_next_reader_settles_it(void **state)
{
    struct fixture f;
    struct store *s;

    (void)state;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    fixture_identity(s, &f, "box", "");
    fixture_begin(s, &f, "r");
    FINE(fixture_launch(s, f.launches[0], 1000, e));
    store_close(s); /* as a kill would leave it */
    FINE(store_open(&s, "a.db", STORE_READ, e));
    assert_int_equal(number(s, "SELECT status = 'incomplete' FROM run"), 1);
    assert_true(number(s, "SELECT count(*) FROM summary") > 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kills_leave_whole_launches, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_next_reader_settles_it, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
