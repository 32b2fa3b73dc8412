/*
 * History pages: a planted history of 30 commits (a step in time, one that was taken back, one that was accepted, a commit that does
 * not build, another governor) is told by the pages, in the order of what matters; levels, axis and small pictures; a picture that
 * cannot be drawn takes no other with it; names made to break out stay names.
 */
#include "../../reports/report_history.h"
#include "../../db/commit.h"
#include "../../harness/base/file.h"
#include "../../reports/report.h"
#include "../../reports/report_history_axis.h"
#include "store_fixture.h"

#define HOSTILE "<script>alert(1)</script>'\"`touch pwned`$(touch pwned)\\n;&amp;"

enum { RUNS = 30 };

static const char *const variants[] = {"slower", "back", "meant", "still", "better"};

static struct metric time_metric = {
    .name = "wall.time", .unit = "ns", .meaning = "t", .kind = METRIC_DURATION, .better = BETTER_LOWER};
static struct metric count_metric = {.name = "papi.PAPI_L1_DCM",
                                     .unit = "1",
                                     .meaning = "misses",
                                     .kind = METRIC_COUNT,
                                     .better = BETTER_LOWER,
                                     .deterministic = true};

/* What variant v does in time at commit i. */
static double planted(size_t v, int i)
{
    double noise = 1 + 0.002 * ((i * 7 + (int)v) % 5 - 2);

    switch (v) {
    case 0: return noise * (i >= 15 ? 1100 : 1000);
    case 1: return noise * (i >= 8 && i < 16 ? 1250 : 1000);
    case 2: return noise * (i >= 10 ? 1500 : 1000);
    case 4: return noise * (i >= 13 ? 900 : 1000);
    default: return noise * 1000;
    }
}

static void commit_name(int i, char name[41])
{
    snprintf(name, 41, "%07x%033d", 0xabc0000 + i, i);
}

static void add_identity(struct store *s, struct run_row *r, int i, const char *text)
{
    char model[] = "cpu.model", cpu[] = "A", name[] = "governor",
         *value = mem_copy(i < 20 ? "performance" : "powersave");
    char commit[41], binary[24];
    struct fact machine[] = {{model, cpu}, {NULL, NULL}}, facts[] = {{name, value}, {NULL, NULL}};
    struct machine_row m = {"box", "", machine};
    struct environment_row v = {i < 20 ? "aa" : "bb", facts};
    struct build_row b = {
        .branch = "main", .subject = text, .commit_time = 1700000000 + 86400 * i, .compiler = "gcc", .flags = "-O2"};

    commit_name(i, commit);
    snprintf(binary, sizeof binary, "%d", i);
    b.commit = commit;
    b.binary_hash = binary;
    b.facts = machine;
    FINE(store_machine(s, &m, &r->machine, e));
    FINE(store_environment(s, &v, &r->environment, e));
    FINE(store_build(s, &b, &r->build, e));
    free(value);
}

/* Run number i: one launch of every variant. */
static void add_run(struct store *s, int i, const char *kernel, const char *text)
{
    enum { COUNT = sizeof variants / sizeof *variants };

    char uuid[24], size[] = "size", one[] = "1";
    struct fact axes[] = {{size, one}, {NULL, NULL}};
    struct run_row r = {.group = uuid, .plan = "night", .arguments = "countermark run", .shard = 1, .shards = 1};
    struct launch_row launches[COUNT];
    int64_t ids[COUNT], run;

    snprintf(uuid, sizeof uuid, "run-%d", i);
    r.uuid = uuid;
    add_identity(s, &r, i, text);
    for (size_t v = 0; v < COUNT; v++) {
        char *name = mem_format("%s/%s:size=1", kernel, variants[v]);
        struct point_row p = {name, kernel, variants[v], "1", "1", "abcd", axes, NULL};

        launches[v] = (struct launch_row){.sequence = (int)v, .pass = ""};
        FINE(store_point(s, &p, &launches[v].point, e));
        free(name);
    }
    FINE(store_run_begin(s, &r, launches, COUNT, &run, ids, e));
    for (size_t v = 0; v < COUNT; v++) {
        struct launch_result result = {
            .status = LAUNCH_DONE, .inner = 1, .wall_s = 1, .executing_s = .5, .elements = 1};
        struct sample samples[] = {{.metric = "wall.time", .value = planted(v, i)},
                                   {.metric = "papi.PAPI_L1_DCM", .value = v == 0 && i >= 15 ? 480 : 300}};

        FINE(store_launch(s, ids[v], &result, samples, 2, e));
    }
    FINE(store_run_finish(s, run, false, e));
}

/* The whole history; commit 12 does not build. */
static struct store *planted_store(const char *kernel, const char *text)
{
    char names[RUNS][41], accepted[41];
    struct commit_row broken = {.branch = "main", .subject = text, .status = "unbuildable", .machine = "box"};
    struct ledger_row meant = {.kind = "accept", .metrics = "*", .reason = text, .commit = accepted, .run = 11};
    char *points = mem_format("%s/meant:*", kernel);
    struct store *s = NULL;
    int64_t id;

    FINE(store_open(&s, "h.db", STORE_WRITE, e));
    FINE(store_metric(s, &time_metric, e));
    FINE(store_metric(s, &count_metric, e));
    for (int i = 0; i < RUNS; i++) {
        struct commit_row known = {
            .branch = "main", .subject = text, .status = "measured", .reason = "", .machine = "box"};

        commit_name(i, names[i]);
        known.commit = names[i];
        known.parents = i ? names[i - 1] : "";
        known.time = 1700000000 + 86400 * i;
        if (i != 12) {
            add_run(s, i, kernel, text);
            FINE(store_commits(s, &known, 1, e));
        }
    }
    broken.commit = names[12];
    broken.parents = names[11];
    broken.time = 1700000000 + 86400 * 12;
    broken.reason = "unknown type name 'flaot'";
    FINE(store_commits(s, &broken, 1, e));
    commit_name(10, accepted);
    meant.points = points;
    if (!strcmp(kernel, "k"))
        FINE(store_ledger_add(s, &meant, &id, e));
    free(points);
    return s;
}

static char *page(const char *name)
{
    char *path = mem_format("site/%s", name), *text = file_read(path, NULL, NULL);

    if (!text)
        fail_msg("there is no page %s", name);
    free(path);
    return text;
}

static void holds(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("lacks \"%s\": %.3000s", what, strstr(text, "<main>") ? strstr(text, "<main>") : text);
}

/* The first place where `what` stands behind the heading `from`. */
static const char *place(const char *text, const char *from, const char *what)
{
    const char *start = strstr(text, from), *at = start ? strstr(start, what) : NULL;

    if (!at)
        fail_msg("no \"%s\" behind \"%s\"", what, from);
    return at;
}

static void write_site(struct store *s, const char *gnuplot)
{
    struct report_options o = {.folder = "site", .gnuplot = gnuplot};
    char *note = NULL;

    FINE(report_site(s, &o, &note, e));
    free(note);
}

/* The story is told once, in tables; the tests read it. */
static int tell_story(void **state)
{
    struct store *s;

    if (fixture_setup(state))
        return -1;
    s = planted_store("k", "A subject");
    write_site(s, "/nowhere/gnuplot");
    store_close(s);
    return 0;
}

static void what_matters_stands_first(void **state)
{
    char *text;

    (void)state;
    text = page("history.html");
    holds(text, "1 open regression");
    holds(text, "gone again");
    holds(text, "1 commit could not be measured");
    assert_true(place(text, "sorted by what matters", "k/slower") < place(text, "sorted by what matters", "k/better"));
    assert_true(place(text, "sorted by what matters", "k/better") < place(text, "sorted by what matters", "k/meant"));
    assert_true(place(text, "sorted by what matters", "k/meant") < place(text, "sorted by what matters", "k/still"));
    free(text);
    text = page("index.html");
    holds(text, "<a href=\"history.html\">History</a>");
    assert_true(place(text, "<h3>History", "finding-abc000f-k-slower-step.html") <
                place(text, "<h3>History", "</table>"));
    free(text);
    text = page("k.html");
    holds(text, "history-k.html");
    free(text);
}

static void a_kernel_s_page_tells_its_changes(void **state)
{
    char *text;

    (void)state;
    text = page("history-k.html");
    holds(text, "governor performance -&gt; powersave");
    holds(text, "unknown type name &#39;flaot&#39;");
    holds(text, "+10.0 % ");
    holds(text, "accepted: A subject");
    holds(text, "<svg class=\"spark\"");
    free(text);
}

static void a_finding_has_every_metric(void **state)
{
    char *text;

    (void)state;
    text = page("finding-abc000f-k-slower-step.html");
    holds(text, "k/slower");
    assert_true(place(text, "Every metric", "wall.time") < place(text, "Every metric", "papi.PAPI_L1_DCM"));
    holds(text, "<span title=\"papi.PAPI_L1_DCM\">L1D misses</span>");
    holds(text, "1.00 us");
    holds(text, "1.10 us");
    holds(text, "+60.0 %");
    holds(text, "the last one without it");
    holds(text, "countermark run -k k -v slower -s size=1");
    holds(text, "With perf:");
    holds(text, "-- countermark run --db /tmp/perf.db --collect wall --launches 1 -k k -v slower -s size=1");
    holds(text, "countermark accept --points k/slower:size=1 --commit abc000f00000");
    assert_null(strstr(text, "countermark bisect"));
    free(text);
    text = page("finding-abc000a-k-meant-step.html");
    holds(text, "accepted");
    assert_null(strstr(text, "countermark accept"));
    free(text);
    text = page("finding-abc000d-k-better-step-better.html");
    holds(text, "It is one of 2 commits");
    holds(text, "unknown type name");
    holds(text, "countermark bisect --point k/better:size=1 --metric wall.time --good abc000b00000 --bad abc000d00000");
    free(text);
}

static void one_run_has_no_history(void **state)
{
    struct report_options o = {.folder = "one", .run = 3, .gnuplot = "/nowhere/gnuplot"};
    struct store *s = NULL;

    (void)state;
    FINE(store_open(&s, "h.db", STORE_READ, e));
    FINE(report_site(s, &o, NULL, e));
    assert_true(file_exists("one/index.html"));
    assert_false(file_exists("one/history.html"));
    assert_false(file_exists("one/history-k.html"));
    store_close(s);
}

static void hostile_names_stay_names(void **state)
{
    struct store *s = planted_store(HOSTILE, HOSTILE);
    char *text, *gnuplot = plot_find_gnuplot(NULL);
    double drawn = 0;

    (void)state;
    write_site(s, NULL);
    text = page("history.html");
    assert_null(strstr(text, "<script"));
    holds(text, "&lt;script&gt;");
    free(text);
    text = page("report.files");
    assert_null(strpbrk(text, "<>'\"`$() &;"));
    for (const char *at = text; (at = strstr(at, "series-")); at++)
        drawn++;
    if (gnuplot)
        assert_true(drawn >= 4 * 5);
    free(text);
    free(gnuplot);
    assert_false(file_exists("pwned"));
    assert_false(file_exists("site/pwned"));
    store_close(s);
}

/* ---- pictures */
static struct history_series still_series(struct history_values *v, double *value, size_t *run, bool *flags,
                                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        run[i] = i;
        value[i] = 100 + 0.1 * ((double)(i % 3) - 1);
    }
    *v = (struct history_values){count, run, value, value, value, flags, flags};
    return (struct history_series){.unit = mem_copy("ns"), .count = count, .level = 100, .origin = 100, .values = v};
}

static void levels_follow_the_changes(void **state)
{
    struct change changes[] = {
        {.kind = CHANGE_STEP, .index = 10, .end = 20, .before = 100, .after = 110},
        {.kind = CHANGE_CREEP, .index = 20, .end = 30, .before = 110, .after = 120},
        {.kind = CHANGE_SPREAD, .index = 33, .end = 40},
        {.kind = CHANGE_STEP, .index = 38, .end = 40, .before = 120, .after = 130, .pending = true},
    };
    double value[40];
    size_t run[40];
    bool flags[40] = {false};
    struct history_values v;
    struct history_series s = still_series(&v, value, run, flags, 40);
    struct history_level *levels;

    (void)state;
    s.changes = (struct change_list){changes, 4, 4};
    assert_int_equal(history_levels(&s, &levels), 5);
    assert_int_equal(levels[0].last, 9);
    assert_int_equal(levels[1].first, 10);
    assert_true(levels[2].from == 110 && levels[2].to == 120);
    assert_int_equal(levels[3].first, 30);
    assert_false(levels[3].pending);
    assert_true(levels[4].pending);
    free(levels);
    free(s.unit);
}

static void spikes_do_not_stretch_the_axis(void **state)
{
    double value[40];
    size_t run[40];
    bool flags[40] = {false};
    struct history_values v;
    struct history_series s = still_series(&v, value, run, flags, 40);
    struct history_axis axis;

    (void)state;
    value[17] = 1000;
    history_axis(&s, &axis);
    assert_true(axis.most < 110 && axis.most > 100.1);
    assert_true(axis.least > 90 && axis.least < 99.9);
    assert_string_equal(axis.label, "ns");
    assert_int_equal(axis.digits, 1);
    for (size_t i = 0; i < 40; i++)
        value[i] = 5e6;
    s.level = 5e6;
    history_axis(&s, &axis);
    assert_string_equal(axis.label, "ms");
    assert_true(axis.least < 5e6 && axis.most > 5e6);
    free(s.unit);
}

static void sparks_are_small_and_inside(void **state)
{
    double value[1000];
    char *spark;
    const char *at;
    size_t points = 1;

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        value[i] = i % 97 ? 5 : 5000;
    spark = history_spark(value, 1000);
    at = strstr(spark, "points=\"");
    assert_non_null(at);
    assert_true(strlen(spark) < 900);
    assert_null(strstr(at, "-"));
    for (at += strlen("points=\""); *at != '"'; at++)
        points += *at == ' ';
    assert_int_equal(points, 48);
    free(spark);
    assert_null(history_spark(value, 0));
    spark = history_spark(value, 1);
    assert_non_null(strstr(spark, "<circle"));
    free(spark);
}

static void one_bad_picture_takes_no_other(void **state)
{
    static const char *const bodies[] = {"eval page(100, 100)\nplot sin(x)", "eval page(100, 100)\nnonsense",
                                         "eval page(100, 100)\nplot cos(x)"};
    char *gnuplot = plot_find_gnuplot(NULL);
    struct plotter p = {.program = gnuplot, .scratch = ".", .folder = "."};
    struct report_file files[3] = {{0}};
    struct plot_job jobs[3] = {{0}};

    (void)state;
    if (!gnuplot)
        skip();
    for (size_t i = 0; i < 3; i++) {
        files[i].body = bodies[i];
        jobs[i].report = &files[i];
        jobs[i].stem = mem_format("picture-%zu", i);
        report_data_block(&jobs[i].data, "x", "");
    }
    FINE(plot_draw(&p, jobs, 3, e));
    assert_true(jobs[0].drawn && !jobs[1].drawn && jobs[2].drawn);
    assert_null(jobs[0].problem);
    assert_non_null(strstr(jobs[1].problem, "gnuplot failed"));
    assert_true(file_exists("picture-0.svg") && file_exists("picture-2-narrow-dark.svg"));
    assert_false(file_exists("picture-1.svg"));
    for (size_t i = 0; i < 3; i++)
        plot_job_free(&jobs[i]);
    free(gnuplot);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    /* the first ones share the folder of the story, which goes with the last of them */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matters_stands_first),
        cmocka_unit_test(a_kernel_s_page_tells_its_changes),
        cmocka_unit_test(a_finding_has_every_metric),
        cmocka_unit_test_teardown(one_run_has_no_history, fixture_teardown),
        IN_FOLDER(hostile_names_stay_names),
        cmocka_unit_test(levels_follow_the_changes),
        cmocka_unit_test(spikes_do_not_stretch_the_axis),
        cmocka_unit_test(sparks_are_small_and_inside),
        IN_FOLDER(one_bad_picture_takes_no_other),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("report_history", tests, tell_story, NULL);
}
