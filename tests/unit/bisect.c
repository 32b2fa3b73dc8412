/* What a bisect knows before it measures: how its point is launched, and which launches of before are its own. */
#include "history_fixture.h"

#include "../../harness/base/file.h"
#include "../../harness/bisect_parts.h"

#include <sys/stat.h>

#define POINT "triad/serial:cache=warm,size=64"

struct asked {
    struct config config;
    struct bisect_request q;
    struct bisect_outcome out;
    struct commit commits[2];
    struct bisect_commit known[2];
    struct bisect b;
};

static char run_line[] =
    "--collect wall,fake:time.json --isolate -- ./prog --size={size} '{list} of' {{nothing}} {size",
            box[] = "box", other[] = "other", metric_name[] = "wall.time", counted[] = "count.instructions",
            script[] = "x.json";

/* Two commits, the second of which is that of fixture_store. */
static void ask(struct asked *a)
{
    *a = (struct asked){.q = {.point = POINT, .metric = metric_name, .database = "a.db", .repository = "."}};
    a->commits[0].id = mem_copy(commit("a1"));
    a->commits[1].id = mem_copy("0123456789012345678901234567890123456789");
    a->q.config = &a->config;
    a->out.commits = (struct commit_list){a->commits, 2, 2};
    a->out.known = a->known;
    a->b = (struct bisect){.q = &a->q,
                           .out = &a->out,
                           .database = mem_copy("a.db"),
                           .host = {.machine_name = box},
                           .metric = {.name = metric_name},
                           .pass = mem_copy("")};
}

/* How many launches of the second commit are known. */
static size_t known(struct asked *a)
{
    free(a->known[1].stored);
    memset(a->known, 0, sizeof a->known);
    FINE(bisect_store_open(&a->b, e));
    FINE(bisect_store_close(&a->b, e));
    assert_int_equal(a->known[0].stored_count, 0);
    return a->known[1].stored_count;
}

static void answered(struct asked *a)
{
    for (int i = 0; i < 2; i++)
        free(a->commits[i].id);
    free(a->known[1].stored);
    free(a->b.database);
    free(a->b.pass);
}

static void change(const char *path, const char *sql)
{
    struct store *s;

    FINE(store_open(&s, path, STORE_WRITE, e));
    FINE(sql_exec(s, sql, e, "preparing the test"));
    store_close(s);
}

static void launches_that_are_kept(void **state)
{
    static const char kept[] = "a.db.builds/bisect.db";
    struct fixture f;
    struct asked a;
    char make[] = "make";

    (void)state;
    FINE(file_folder("a.db.builds", e));
    store_close(fixture_store(kept, "u1", &f));
    change(kept, "UPDATE run SET plan = 'bisect', arguments = '" POINT " wall.time |  |  | '");
    ask(&a);
    assert_int_equal(known(&a), 3);
    a.b.host.machine_name = other;
    assert_int_equal(known(&a), 0);
    a.b.host.machine_name = box;
    a.config.build.command = make; /* another build */
    assert_int_equal(known(&a), 0);
    a.config.build.command = NULL;
    change(kept, "UPDATE launch_summary SET quality = (SELECT id FROM quality WHERE text LIKE 'suspect%')"
                 " WHERE metric = (SELECT id FROM metric WHERE name = 'wall.time') AND launch = 1");
    assert_int_equal(known(&a), 2);
    change(kept, "UPDATE run SET plan = 'quick'");
    assert_int_equal(known(&a), 0);
    answered(&a);
}

/* Of what the user measured counts alone: times of another day are others. */
static void counts_of_the_user(void **state)
{
    struct fixture f;
    struct asked a;

    (void)state;
    store_close(fixture_store("a.db", "u1", &f));
    change("a.db", "UPDATE run SET status = 'complete';"
                   " UPDATE summary SET quality = (SELECT id FROM quality WHERE text = 'exact')");
    ask(&a);
    assert_int_equal(known(&a), 0);
    a.b.metric = (struct gate_metric){.name = counted, .deterministic = true};
    assert_int_equal(known(&a), 2); /* counts are wanted twice */
    a.b.script = script;            /* what is scripted is another thing */
    assert_int_equal(known(&a), 0);
    change("a.db", "UPDATE run SET scripted = 1");
    assert_int_equal(known(&a), 2);
    a.b.script = NULL;
    assert_int_equal(known(&a), 0);
    change("a.db", "UPDATE run SET scripted = 0; UPDATE build SET dirty = 1");
    assert_int_equal(known(&a), 0);
    change("a.db", "UPDATE build SET dirty = 0; UPDATE run SET status = 'incomplete'");
    assert_int_equal(known(&a), 0);
    change("a.db", "UPDATE run SET status = 'complete';"
                   " UPDATE summary SET quality = (SELECT id FROM quality WHERE text LIKE 'suspect%')");
    assert_int_equal(known(&a), 0);
    answered(&a);
}

static void shape(struct asked *a, const char *point)
{
    a->q.point = point;
    free(a->b.pass);
    a->b.pass = NULL;
    a->b.metric.name = NULL;
}

static void a_point_is_read(void **state)
{
    static const char *const bad[] = {"triad",         "/serial",  "triad/",
                                      "triad/:size=3", "triad/s*", "triad/serial:size=[1]"};
    struct asked a;

    (void)state;
    ask(&a);
    a.config.build.run = run_line;
    shape(&a, "command/prog:list=a,b,size=64");
    FINE(bisect_shape(&a.b, e));
    assert_string_equal(a.b.kernel, "command");
    assert_string_equal(a.b.variant, "prog");
    assert_string_equal(a.b.axes[0].value, "a,b");
    assert_string_equal(a.b.axes[1].value, "64");
    assert_null(a.b.axes[2].name);
    assert_string_equal(a.b.command[0], "./prog");
    assert_string_equal(a.b.command[1], "--size=64");
    assert_string_equal(a.b.command[2], "a,b of");
    assert_string_equal(a.b.command[3], "{nothing}");
    assert_string_equal(a.b.command[4], "{size");
    assert_null(a.b.command[5]);
    assert_string_equal(a.b.script, "time.json");
    assert_true(a.b.isolate && a.out.scripted);
    bisect_shape_free(&a.b);
    free(a.out.unit);
    a.b.pass = NULL;
    answered(&a);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ask(&a);
        shape(&a, bad[i]);
        REFUSED(bisect_shape(&a.b, e), CM_USAGE, "is no point");
        bisect_shape_free(&a.b);
        a.b.pass = NULL;
        answered(&a);
    }
}

static void a_program_of_the_user_needs_its_command(void **state)
{
    char no_command[] = "--launches 3", no_words[] = "--launches 3 --", open_quote[] = "-- 'prog";
    char *const lines[] = {NULL, no_command, no_words, open_quote};
    struct asked a;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        ask(&a);
        shape(&a, "command/prog");
        a.config.build.run = lines[i];
        REFUSED(bisect_shape(&a.b, e), CM_USAGE,
                i < 3 ? "say in .countermark.yaml how it is run" : "a quote is not closed");
        bisect_shape_free(&a.b);
        a.b.pass = NULL;
        answered(&a);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(launches_that_are_kept),
        IN_FOLDER(counts_of_the_user),
        IN_FOLDER(a_point_is_read),
        IN_FOLDER(a_program_of_the_user_needs_its_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
