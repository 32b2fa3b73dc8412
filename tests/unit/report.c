/*
 * Reports: every query of every one on a real store, and names made to break out of HTML, SQL or gnuplot, followed through to the files
 * of the site.
 */
#include "../../reports/report.h"
#include "../../harness/base/asset.h"
#include "../../harness/base/file.h"
#include "../../reports/report_data.h"
#include "../../reports/report_file.h"
#include "../../reports/report_page.h"
#include "../../reports/report_tables.h"
#include "../../reports/report_text.h"
#include "store_fixture.h"

#include <dirent.h>

/* As a name, which has no line breaks, and as any other text. */
#define HOSTILE_NAME                                                                                                   \
    "<script>alert(1)</script>'\"`touch ../../pwned`$(touch ../../pwned)%s\\n;set output 'pwned';&amp;'''';"           \
    "!touch ../../pwned;\xff"
#define HOSTILE HOSTILE_NAME "\nset output '../../pwned'\n!touch ../../pwned\t"

static void cells_are_tamed(void **state)
{
    char *text = plot_cell(HOSTILE);

    (void)state;
    assert_null(strpbrk(text, "\"`\\\t\n"));
    assert_non_null(strstr(text, "<script>"));
    free(text);
}

static int nothing(const struct cell *cells, size_t count, void *user, struct err *e)
{
    (void)cells;
    (void)count;
    (void)user;
    (void)e;
    return 0;
}

static struct metric metric(const char *name)
{
    return (struct metric){.name = name, .unit = "1", .meaning = HOSTILE, .kind = METRIC_COUNT, .better = BETTER_LOWER};
}

static const char *const counters[] = {"papi.PAPI_TOT_INS",
                                       "papi.PAPI_TOT_CYC",
                                       "papi.PAPI_BR_MSP",
                                       "papi.PAPI_L1_DCM",
                                       "papi.PAPI_TOT_INS.thread_min",
                                       "papi.PAPI_TOT_INS.thread_max",
                                       "papi.PAPI_L3_TCM"};

static void add_metrics(struct store *s)
{
    struct metric wall = {
        .name = "wall.time", .unit = "ns", .meaning = "t", .kind = METRIC_DURATION, .better = BETTER_LOWER};

    FINE(store_metric(s, &wall, e));
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        struct metric x = metric(counters[i]);

        FINE(store_metric(s, &x, e));
    }
}

static void add_identity(struct store *s, struct run_row *r, const char *name, const char *text)
{
    char l1[] = "cache.L1d.bytes", bytes[] = "32768", *key = mem_copy(name), *copy = mem_copy(text);
    struct fact facts[] = {{l1, bytes}, {key, copy}, {NULL, NULL}};
    struct machine_row m = {name, name, facts};
    struct environment_row v = {"00ff", facts};
    struct build_row b = {"1234567890123456789012345678901234567890", name, text, 1, true, text, text, "beef", facts};

    FINE(store_machine(s, &m, &r->machine, e));
    FINE(store_environment(s, &v, &r->environment, e));
    FINE(store_build(s, &b, &r->build, e));
    free(key);
    free(copy);
}

/* Point i of 6: two variants at three sizes. */
static int64_t add_point(struct store *s, int i, const char *text)
{
    char *size = mem_format("%d", 4096 << (i % 3)), *threads = mem_format("%d", 1 + i % 3 % 2), *copy = mem_copy(text);
    char *variant = mem_format("%s%d", text, i / 3), *point = mem_format("%s/%s:size=%s", text, variant, size);
    char word[] = "word", size_name[] = "size", threads_name[] = "threads";
    struct fact axes[] = {{copy, word}, {size_name, size}, {threads_name, threads}, {NULL, NULL}};
    struct point_row p = {point, text, variant, "1", "1", "abcd", axes, NULL};
    int64_t id;

    FINE(store_point(s, &p, &id, e));
    free(size);
    free(threads);
    free(copy);
    free(variant);
    free(point);
    return id;
}

/* The launch of point i: times and counters, one counter that is missing; the last one crashes. */
static void add_launch(struct store *s, int64_t launch, int i, const char *text)
{
    struct launch_result result = {.status = i == 5 ? LAUNCH_CRASHED : LAUNCH_DONE,
                                   .reason = i == 5 ? text : NULL,
                                   .inner = 1,
                                   .wall_s = 1,
                                   .executing_s = .5,
                                   .match = i == 4,
                                   .deviations = i == 4,
                                   .elements = 100,
                                   .flops = 100,
                                   .bytes_read = 4096 << (i % 3)};
    struct sample samples[8] = {{.metric = "wall.time", .value = 100 * (i + 1)}};

    for (int k = 0; k < 7; k++)
        samples[k + 1] = (struct sample){.metric = counters[k], .value = k + i + 1};
    samples[7].value = NAN;
    samples[7].quality = QUALITY_UNAVAILABLE;
    samples[7].reason = text;
    FINE(store_launch(s, launch, &result, samples, i == 5 ? 0 : 8, e));
}

/* A run with counters, one failed launch and a verdict; texts are `text` where people or files could have put anything. */
static void fill(struct store *s, const char *name, const char *text)
{
    struct run_row r = {.uuid = "u", .group = "u", .plan = name, .arguments = text, .shard = 1, .shards = 1};
    struct launch_row launches[6];
    int64_t ids[6], run;

    add_metrics(s);
    add_identity(s, &r, name, text);
    for (int i = 0; i < 6; i++)
        launches[i] = (struct launch_row){.sequence = i, .point = add_point(s, i, name), .pass = ""};
    FINE(store_run_begin(s, &r, launches, 6, &run, ids, e));
    for (int i = 0; i < 6; i++)
        add_launch(s, ids[i], i, text);
    FINE(store_run_finish(s, run, false, e));
    FINE(store_verdicts(s, run, &(struct verdict_row){name, name, 0, "slower", 1.1, 1.05, 1.2, text, 1}, 1, e));
}

static struct store *open_filled(const char *name, const char *text)
{
    struct store *s = NULL;

    FINE(store_open(&s, "r.db", STORE_WRITE, e));
    fill(s, name, text);
    return s;
}

/* On a store without the run too: an empty answer, never a mistake in the SQL. */
static void every_query_runs(void **state)
{
    static const char *const runs[] = {"1", "77"};
    struct store *s = open_filled("plain", "plain");
    struct report_file *list;
    size_t count;

    (void)state;
    FINE(report_files(&list, &count, e));
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++)
        for (int key = REPORT_QUERY; key <= REPORT_EMPTY; key++)
            for (size_t r = 0; r < 2 && list[i].keys[key]; r++) {
                const char *parameters[] = {runs[r], "plain"};

                FINE(report_tables(s, list[i].keys[key], parameters, e));
                FINE(store_query(s, list[i].keys[key], parameters, 2, nothing, NULL, e));
            }
    report_files_free(list, count);
    store_close(s);
}

/* Every file of the folder goes through `check`; answers how many there were. */
static size_t each_file(const char *folder, void (*check)(const char *name, const char *text))
{
    DIR *d = opendir(folder);
    size_t count = 0;

    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        char *path = mem_format("%s/%s", folder, entry->d_name), *text;

        if (*entry->d_name != '.') {
            text = file_read(path, NULL, NULL);
            assert_non_null(text);
            check(entry->d_name, text);
            free(text);
            count++;
        }
        free(path);
    }
    closedir(d);
    return count;
}

static bool drawn;

static void harmless(const char *name, const char *text)
{
    const char *ending = strrchr(name, '.');

    assert_non_null(ending);
    assert_null(strpbrk(name, "<>'\"`$()&% \n"));
    assert_null(strstr(text, "<script"));
    if (!strcmp(ending, ".svg"))
        drawn = true;
    if (!strcmp(ending, ".html")) {
        assert_null(strstr(text, "alert(1)</script>"));
        if (strstr(text, "gnuplot failed"))
            fail_msg("%.400s", strstr(text, "gnuplot failed"));
        assert_null(strstr(text, "&amp;amp;amp;"));
        assert_non_null(strstr(text, "&lt;script&gt;"));
        assert_non_null(strstr(text, "&#39;&quot;`touch ../../pwned`$(touch ../../pwned)%s"));
    }
}

static void hostile_texts_stay_texts(void **state)
{
    struct store *s = open_filled(HOSTILE_NAME, HOSTILE);
    struct report_options o = {.folder = "site", .title = HOSTILE};
    char *note = NULL;

    (void)state;
    drawn = false;
    FINE(report_site(s, &o, &note, e));
    assert_true(each_file("site", harmless) > 4);
    if (note)
        print_message("no plots: %s\n", note);
    assert_true(drawn || strstr(note, "gnuplot was not found"));
    assert_false(file_exists("pwned"));
    assert_false(file_exists("site/pwned"));
    free(note);
    store_close(s);
}

static void no_gnuplot_no_plots(void **state)
{
    struct store *s = open_filled("plain", "plain");
    struct report_options o = {.folder = "site", .gnuplot = "/nowhere/gnuplot"};
    char *note = NULL, *page;

    (void)state;
    FINE(report_site(s, &o, &note, e));
    assert_non_null(strstr(note, "gnuplot was not found"));
    page = file_read("site/plain.html", NULL, NULL);
    assert_non_null(strstr(page, "There are no plots here"));
    assert_non_null(strstr(page, "as fast as"));
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "<table"));
    free(page);
    free(note);
    store_close(s);
}

static void failing_gnuplot_is_told(void **state)
{
    struct store *s = open_filled("plain", "plain");
    struct report_options o = {.folder = "site", .gnuplot = "/bin/false"};
    char *note = NULL, *page;

    (void)state;
    FINE(report_site(s, &o, &note, e));
    assert_non_null(strstr(note, "gnuplot ended with status 1"));
    page = file_read("site/plain.html", NULL, NULL);
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "No plot: gnuplot ended with status 1"));
    free(page);
    free(note);
    store_close(s);
}

static void write_file(const char *path, const char *text)
{
    FINE(file_replace(path, text, strlen(text), e));
}

static void only_our_files_go(void **state)
{
    struct store *s = open_filled("plain", "plain");
    struct report_options o = {.folder = "site", .gnuplot = "/nowhere/gnuplot"};

    (void)state;
    FINE(report_site(s, &o, NULL, e));
    write_file("precious.svg", "mine");
    write_file("site/mine.html", "mine");
    write_file("site/old.svg", "of the older report");
    write_file("site/report.files", "old.svg\n../precious.svg\nindex.html\nnotes.txt\n");
    write_file("site/notes.txt", "mine");
    FINE(report_site(s, &o, NULL, e));
    assert_false(file_exists("site/old.svg"));
    assert_true(file_exists("site/mine.html"));
    assert_true(file_exists("site/notes.txt"));
    assert_true(file_exists("site/index.html"));
    assert_true(file_exists("precious.svg"));
    store_close(s);
}

static void an_interrupted_run_is_no_report(void **state)
{
    struct store *s = NULL;
    struct report_options o = {.folder = "site"};

    (void)state;
    FINE(store_open(&s, "r.db", STORE_WRITE, e));
    REFUSED(report_site(s, &o, NULL, e), CM_NOTHING, "no complete run");
    assert_false(file_exists("site"));
    o.run = 77;
    REFUSED(report_site(s, &o, NULL, e), CM_NOTHING, "no run 77");
    store_close(s);
}

static void variables_are_numbers_or_quoted(void **state)
{
    struct store *s = open_filled("plain", "plain");
    const char *parameters[] = {"1", ""};
    struct buf b = {0};

    (void)state;
    FINE(report_data_variables(
        &b, s, "SELECT 2.5 AS a, '1e3' AS b, NULL AS c, '1; exit' AS d, 'it''s `x`' AS e, '' AS f, '12e' AS g",
        parameters, "x", e));
    assert_string_equal(b.text,
                        "a = 2.5\nb = 1000\nc = NaN\nd = '1; exit'\ne = 'it\xe2\x80\x99s `x`'\nf = ''\ng = '12e'\n");
    REFUSED(report_data_variables(&b, s, "SELECT 1 AS \"x; exit\"", parameters, "x", e), CM_INTERNAL, "plain name");
    buf_free(&b);
    store_close(s);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_tamed),
        IN_FOLDER(every_query_runs),
        IN_FOLDER(variables_are_numbers_or_quoted),
        IN_FOLDER(hostile_texts_stay_texts),
        IN_FOLDER(no_gnuplot_no_plots),
        IN_FOLDER(failing_gnuplot_is_told),
        IN_FOLDER(only_our_files_go),
        IN_FOLDER(an_interrupted_run_is_no_report),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
