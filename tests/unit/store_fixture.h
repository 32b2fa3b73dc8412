/* A scratch folder, and a small but complete content for stores: shared by the tests of db/. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "../../db/commit.h"
#include "../../db/store.h"
#include "../../harness/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FINE(call)                                                                                                     \
    do {                                                                                                               \
        struct err fine_error = {0};                                                                                   \
        struct err *e = &fine_error;                                                                                   \
        if ((call) || fine_error.code)                                                                                 \
            fail_msg("%s: %s", #call, fine_error.text);                                                                \
    } while (0)

/* The call fails, with this exit code and these words in its sentence. */
#define REFUSED(call, exit_code, words)                                                                                \
    do {                                                                                                               \
        struct err refused_error = {0};                                                                                \
        struct err *e = &refused_error;                                                                                \
        if ((call) == 0)                                                                                               \
            fail_msg("%s went through", #call);                                                                        \
        if (refused_error.code != (exit_code) || !strstr(refused_error.text, (words)))                                 \
            fail_msg("%s: code %d, '%s' instead of '%s'", #call, refused_error.code, refused_error.text, (words));     \
    } while (0)

static char fixture_folder[64];

/* Every test starts in an empty folder of its own. */
static inline int fixture_setup(void **state)
{
    (void)state;
    strcpy(fixture_folder, "/tmp/countermark-store.XXXXXX");
    return !mkdtemp(fixture_folder) || chdir(fixture_folder);
}

static inline int fixture_teardown(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", fixture_folder);
    return chdir("/") || system(command);
}

static const struct metric fixture_metrics[] = {
    {.name = "wall.time", .unit = "ns", .meaning = "wall time", .kind = METRIC_DURATION, .better = BETTER_LOWER},
    {.name = "count.instructions",
     .unit = "1",
     .meaning = "instructions",
     .kind = METRIC_COUNT,
     .better = BETTER_LOWER,
     .deterministic = true},
    {.name = "memory.peak", .unit = "bytes", .meaning = "peak memory", .kind = METRIC_GAUGE, .better = BETTER_LOWER},
    {.name = "time.per_element",
     .unit = "ns",
     .meaning = "time of one element",
     .kind = METRIC_DERIVED,
     .better = BETTER_LOWER,
     .formula = "wall.time / elements"},
    {.name = "flops.rate",
     .unit = "1/s",
     .meaning = "operations a second",
     .kind = METRIC_DERIVED,
     .better = BETTER_HIGHER,
     .formula = "1e9 * work.flops / wall.time"},
};

struct fixture {
    int64_t machine, environment, build, points[2], run, launches[4];
};

static inline struct store *fixture_empty(const char *path)
{
    struct store *s = NULL;

    FINE(store_open(&s, path, STORE_WRITE, e));
    return s;
}

/* For what tells its findings line by line. */
static inline void fixture_say(const char *line, void *user)
{
    (void)user;
    print_message("# %s\n", line);
}

static inline void fixture_identity(struct store *s, struct fixture *f, const char *machine, const char *commit)
{
    char cpu[] = "cpu.model", model[] = "Some \"CPU\" \xc2\xb5", release[] = "kernel.release", version[] = "6.1";
    char size[] = "size", small[] = "64", large[] = "4096", word[] = "cache", warm[] = "warm";
    struct fact facts[] = {{cpu, model}, {NULL, NULL}}, environment[] = {{release, version}, {NULL, NULL}};
    struct fact axes[2][3] = {{{word, warm}, {size, small}, {NULL, NULL}}, {{word, warm}, {size, large}, {NULL, NULL}}};
    struct point_row p[] = {
        {"triad/serial:cache=warm,size=64", "triad", "serial", "1", "1", "abcd", axes[0], NULL},
        {"triad/serial:cache=warm,size=4096", "triad", "serial", "1", "1", "abcd", axes[1], NULL},
    };
    struct machine_row m = {machine, "runner", facts};
    struct environment_row v = {"00ff00ff00ff00ff", environment};
    struct build_row b = {commit, "main", "A subject, with 'quotes'", 1700000000, false, "gcc 12", "-O2",
                          "beef", facts};
    size_t i;

    FINE(store_machine(s, &m, &f->machine, e));
    FINE(store_environment(s, &v, &f->environment, e));
    FINE(store_build(s, &b, &f->build, e));
    for (i = 0; i < 2; i++)
        FINE(store_point(s, &p[i], &f->points[i], e));
    for (i = 0; i < sizeof fixture_metrics / sizeof *fixture_metrics; i++)
        FINE(store_metric(s, &fixture_metrics[i], e));
}

static inline void fixture_begin(struct store *s, struct fixture *f, const char *uuid)
{
    struct run_row r = {.uuid = uuid,
                        .group = uuid,
                        .plan = "quick",
                        .arguments = "countermark run --quick",
                        .seed = UINT64_MAX,
                        .shard = 1,
                        .shards = 1,
                        .machine = f->machine,
                        .environment = f->environment,
                        .build = f->build};
    struct launch_row l[4] = {
        {0, f->points[0], 0, ""}, {1, f->points[1], 0, ""}, {2, f->points[0], 1, ""}, {3, f->points[0], 0, "papi:A,B"}};

    FINE(store_run_begin(s, &r, l, 4, &f->run, f->launches, e));
}

/* Three repetitions of 10 executions each: values base, base + 10, base + 20 for time; 1000 for instructions. */
static inline int fixture_launch(struct store *s, int64_t launch, double base, struct err *e)
{
    struct launch_result r = {.status = LAUNCH_DONE,
                              .inner = 10,
                              .started = 1700000100,
                              .wall_s = 0.25,
                              .executing_s = 0.125,
                              .match = 0,
                              .elements = 100,
                              .flops = 200,
                              .bytes_read = 800,
                              .bytes_written = 400,
                              .checksum = "c0ffee"};
    struct sample m[] = {
        {"wall.time", 0, base + 20, QUALITY_EXACT, 0, NULL},
        {"wall.time", 1, base, QUALITY_EXACT, 0, NULL},
        {"wall.time", 2, base + 10, QUALITY_EXACT, 0, NULL},
        {"count.instructions", 0, 1000, QUALITY_EXACT, 0, NULL},
        {"memory.peak", -1, 4096, QUALITY_EXACT, 0, NULL},
        {"count.instructions", 1, 1000, QUALITY_SUSPECT, 0, "implied clock 9.1 GHz"},
        {"count.instructions", 2, NAN, QUALITY_UNAVAILABLE, 0, "the counter was taken"},
    };

    return store_launch(s, launch, &r, m, sizeof m / sizeof *m, e);
}

/* A whole run: three launches measured, the last one crashed. */
static inline void fixture_run(struct store *s, struct fixture *f, const char *uuid, double base)
{
    struct launch_result crashed = {
        .status = LAUNCH_CRASHED, .reason = "died from signal 11", .signal = 11, .match = -1};

    fixture_begin(s, f, uuid);
    FINE(fixture_launch(s, f->launches[0], base, e));
    FINE(fixture_launch(s, f->launches[1], 2 * base, e));
    FINE(fixture_launch(s, f->launches[2], base + 100, e));
    FINE(store_launch(s, f->launches[3], &crashed, NULL, 0, e));
    FINE(store_run_finish(s, f->run, false, e));
}

static inline struct store *fixture_store(const char *path, const char *uuid, struct fixture *f)
{
    struct store *s;

    FINE(store_open(&s, path, STORE_WRITE, e));
    fixture_identity(s, f, "box", "0123456789012345678901234567890123456789");
    fixture_run(s, f, uuid, 1000);
    return s;
}

/* Three commits in a line, the second of which does not build; the first is that of fixture_store. */
static inline void fixture_commits(struct store *s)
{
    const char *first = "0123456789012345678901234567890123456789",
               *second = "fedcba9876543210fedcba9876543210fedcba98",
               *third = "3333333333333333333333333333333333333333";
    struct commit_row rows[] = {
        {first, "", "main", "A subject, with 'quotes'", 1700000000, "measured", "", "box"},
        {second, first, "main", "Breaks the build", 1700000100, "unbuildable", "x.c:1: error: \"no\"", "box"},
        {second, NULL, "", "", 0, "unrunnable", "no such program", "shed"},
        {third, second, "main", "Mends it", 1700000200, "known", "", ""},
    };

    FINE(store_commits(s, rows, sizeof rows / sizeof *rows, e));
}

static inline double number(struct store *s, const char *sql)
{
    double value = NAN;
    bool found = false;

    FINE(store_number(s, sql, NULL, 0, &value, &found, e));
    if (!found)
        fail_msg("%s: no row", sql);
    return value;
}

/* Everything that a store holds, ids left out, as text to compare. */
static inline int fixture_line(const struct cell *cells, size_t count, void *user, struct err *e)
{
    FILE *out = user;
    size_t i;

    (void)e;
    for (i = 0; i < count; i++) {
        if (cells[i].text && !isnan(cells[i].number))
            fprintf(out, "%s=%.17g ", cells[i].name, cells[i].number);
        else
            fprintf(out, "%s=%s ", cells[i].name, cells[i].text ? cells[i].text : "NULL");
    }
    fputc('\n', out);
    return 0;
}

static inline char *fixture_content(struct store *s)
{
    static const char *const queries[] = {
        "SELECT name, class, facts FROM machine ORDER BY 1, 2, 3",
        "SELECT fingerprint, facts FROM environment ORDER BY 1",
        "SELECT commit_id, branch, subject, commit_time, dirty, compiler, flags, binary_hash, facts FROM build ORDER "
        "BY 1, 8",
        "SELECT text, kernel, variant, kernel_version, variant_version, code_hash, role FROM point ORDER BY 1, 6",
        "SELECT p.text, axis, value, number FROM point_axis a JOIN point p ON p.id = a.point ORDER BY 1, 2",
        "SELECT name, unit, kind, better, deterministic, formula, meaning FROM metric ORDER BY 1",
        "SELECT uuid, run_group, plan, arguments, seed, shard, shards, scripted, started, finished, status, m.name, "
        "v.fingerprint, b.commit_id FROM run r JOIN machine m ON m.id = r.machine JOIN environment v ON v.id = "
        "r.environment "
        "JOIN build b ON b.id = r.build ORDER BY 1",
        "SELECT r.uuid, sequence, p.text, number, pass, l.status, reason, signal, exit_code, inner, l.started, wall_s, "
        "executing_s, match, deviations, elements, flops, bytes_read, bytes_written, checksum FROM launch l "
        "JOIN run r ON r.id = l.run JOIN point p ON p.id = l.point ORDER BY 1, 2",
        "SELECT r.uuid, l.sequence, m.name, s.repetition, s.value, q.text FROM sample s JOIN launch l ON l.id = "
        "s.launch "
        "JOIN run r ON r.id = l.run JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality ORDER BY 1, 2, "
        "3, 4",
        "SELECT r.uuid, l.sequence, m.name, s.n, s.median, q.text FROM launch_summary s JOIN launch l ON l.id = "
        "s.launch "
        "JOIN run r ON r.id = l.run JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality ORDER BY 1, 2, "
        "3",
        "SELECT r.uuid, p.text, m.name, s.n, s.median, s.low, s.high, q.text FROM summary s JOIN run r ON r.id = s.run "
        "JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality ORDER BY "
        "1, 2, 3",
        "SELECT kind, points, metrics, r.uuid, commit_id, reason, until, created, origin FROM ledger a "
        "LEFT JOIN run r ON r.id = a.run ORDER BY created, reason",
        "SELECT commit_id, parents, branch, subject, commit_time FROM commits ORDER BY 1",
        "SELECT commit_id, machine, status, reason, tried FROM commit_outcome ORDER BY 1, 2",
        "SELECT r.uuid, point, metric, b.uuid, verdict, ratio, ratio_low, ratio_high, reason, finding FROM verdict v "
        "JOIN run r ON r.id = v.run LEFT JOIN run b ON b.id = v.baseline ORDER BY 1, 2, 3",
        "SELECT machine, fingerprint, metric, point, event, expected, measured, error, spread, overhead, tolerance, "
        "deterministic, verdict, note, scripted, created FROM calibration ORDER BY 1, 2, scripted, 3, 4, 5",
        "SELECT machine, fingerprint, point, metric, runs, launches, noise, autocorrelation, false_alarms, "
        "comparisons, "
        "drift, detectable, layout, layouts, scripted, created FROM noise ORDER BY 1, 2, scripted, 3, 4",
    };
    char *text = NULL;
    size_t size = 0, i;
    FILE *out = open_memstream(&text, &size);

    for (i = 0; i < sizeof queries / sizeof *queries; i++)
        FINE(store_query(s, queries[i], NULL, 0, fixture_line, out, e));
    fclose(out);
    return text;
}

#endif
