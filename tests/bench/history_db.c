/*
 * Makes a database with years of history: `history_db FILE [COMMITS [POINTS [RAW]]]`, by default 1,000 commits in a line, each
 * measured once, 500 points and 12 metrics; summaries for all runs, launches and samples for the last 90. The sequence of random
 * numbers is fixed. Planted: steps in time of some sizes, of all variants, in instructions alone, one that goes back; creep; a new
 * kernel of the system; new machine code every forty commits. history_db.sh times `check` and `history` on it. Without a FILE a
 * small one is made and must be sound.
 */
#include "../../db/commit.h"
#include "../../db/series.h"
#include "../../db/store_internal.h"
#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    METRICS = 12, /* of which */
    COUNTED = 10, /* time and counts; the rest is derived */
    TIME_LAUNCHES = 8,
    TIME_SAMPLES = 5,
    COUNT_SAMPLES = 3,
    PASS_METRICS = 3, /* counts of one pass */
    CODE_LIFE = 40,   /* commits */
    VARIANTS = 4,
    KERNELS = 5,
};

static const char *const kernels[KERNELS] = {"blur", "fft", "matmul", "sort", "triad"};
static const char *const variants[VARIANTS] = {"blocked", "openmp", "serial", "simd"};

static const struct metric metrics[METRICS] = {
    {.name = "wall.time", .unit = "ns", .meaning = "", .kind = METRIC_DURATION, .better = BETTER_LOWER},
    {.name = "papi.PAPI_TOT_INS", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .deterministic = true},
    {.name = "papi.PAPI_TOT_CYC", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "papi.PAPI_L1_DCM", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "papi.PAPI_L2_DCM", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "papi.PAPI_BR_INS", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .deterministic = true},
    {.name = "papi.PAPI_BR_MSP", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "papi.PAPI_TLB_DM", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "papi.PAPI_FP_OPS", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .deterministic = true},
    {.name = "papi.PAPI_RES_STL", .unit = "1", .meaning = "", .kind = METRIC_COUNT},
    {.name = "time.per_element",
     .unit = "ns",
     .meaning = "",
     .kind = METRIC_DERIVED,
     .formula = "wall.time / elements"},
    {.name = "ipc",
     .unit = "instructions/cycle",
     .meaning = "",
     .kind = METRIC_DERIVED,
     .better = BETTER_HIGHER,
     .formula = "papi.PAPI_TOT_INS / papi.PAPI_TOT_CYC"},
};

struct maker {
    struct store *s;
    int commits, points, raw;
    uint64_t seed;
    int64_t machine, environments[2], *runs, exact, derived;
    int64_t *ids;              /* of points: [point * commits + commit] */
    double *values;            /* of one point: [metric * commits + commit] */
    double *launches, *counts; /* of raw runs: medians of launches in time, values of counts */
};

static void need(int result, const struct err *e)
{
    if (!result)
        return;
    fprintf(stderr, "%s\n", e->text);
    exit(1);
}

static void sql(struct maker *m, const char *text)
{
    struct err e = {0};

    need(sql_exec(m->s, text, &e, "making history"), &e);
}

static double uniform(struct maker *m)
{
    return ((double)(stats_random(&m->seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct maker *m)
{
    return sqrt(-2 * log(uniform(m))) * cos(6.283185307179586 * uniform(m));
}

static int size_of(int point)
{
    int step = point / (KERNELS * VARIANTS);

    return (step % 2 ? 96 : 64) << (step / 2 % 20);
}

static int kernel_of(int point)
{
    return point % KERNELS;
}

static int variant_of(int point)
{
    return point / KERNELS % VARIANTS;
}

/* ---- what happened ---- */

/* Factors on time and instructions at a commit, whose place in history is from 0 to 1. */
static void planted(const struct maker *m, int point, int commit, double *time, double *instructions)
{
    int kernel = kernel_of(point), variant = variant_of(point);
    double at = (double)commit / m->commits;

    *time = at >= 0.5 ? 1.02 : 1; /* a new system for all */
    *instructions = 1;
    if (kernel == 0 && variant == 3 && size_of(point) >= 1024 && at >= 0.2)
        *time *= 1.04;
    if (kernel == 1 && at >= 0.4)
        *instructions *= 1.005;
    if (kernel == 2 && at >= 0.6)
        *time *= 0.9;
    if (kernel == 3 && at >= 0.7)
        *time *= 1 + 0.06 * fmin(1, (at - 0.7) / 0.06);
    if (kernel == 4 && at >= 0.3 && at < 0.36)
        *time *= 1.08; /* and back */
    if (kernel == 0 && variant == 1 && at >= 0.96) {
        *time *= 1.05;
        *instructions *= 1.03;
    }
}

/* Every value of a point, metric by metric, with noise that has a memory. */
static void make_values(struct maker *m, int point)
{
    for (int k = 0; k < COUNTED; k++) {
        double base = pow(size_of(point), 1.2) * (k ? 100.0 / k : 20) * (1 + 0.1 * variant_of(point)), noise = 0;

        for (int c = 0; c < m->commits; c++) {
            double time, instructions;

            planted(m, point, c, &time, &instructions);
            noise = 0.3 * noise + 0.008 * normal(m);
            if (metrics[k].deterministic)
                m->values[k * m->commits + c] = floor(base * (k == 1 ? instructions : 1));
            else
                m->values[k * m->commits + c] = floor(base * (k <= 2 ? time : 1) * exp(noise)) + 0.25 * (k == 0);
        }
    }
}

/* ---- who and where ---- */

static void commit_name(int commit, char text[41])
{
    uint64_t seed = (uint64_t)commit + 1, first = stats_random(&seed), second = stats_random(&seed);

    snprintf(text, 41, "%016llx%016llx%08x", (unsigned long long)first, (unsigned long long)second, (unsigned)commit);
}

static int64_t time_of(int commit)
{
    return 1600000000 + 86400 * (int64_t)commit;
}

static void make_commits(struct maker *m)
{
    struct err e = {0};

    for (int c = 0; c < m->commits; c++) {
        char name[41], parent[41] = "", subject[40];
        struct commit_row row = {.commit = name,
                                 .parents = parent,
                                 .branch = "main",
                                 .subject = subject,
                                 .time = time_of(c) - 3600,
                                 .status = "measured",
                                 .machine = "box"};

        commit_name(c, name);
        if (c)
            commit_name(c - 1, parent);
        snprintf(subject, sizeof subject, "Change number %d", c);
        need(store_commits(m->s, &row, 1, &e), &e);
    }
}

static void make_runs(struct maker *m)
{
    struct err e = {0};

    for (int c = 0; c < m->commits; c++) {
        char name[41], uuid[24], subject[40];
        struct build_row b = {.commit = name,
                              .branch = "main",
                              .subject = subject,
                              .commit_time = time_of(c) - 3600,
                              .compiler = "gcc",
                              .flags = "-O2",
                              .binary_hash = name};
        struct run_row r = {.uuid = uuid,
                            .group = uuid,
                            .plan = "nightly",
                            .arguments = "countermark nightly",
                            .shard = 1,
                            .shards = 1,
                            .machine = m->machine,
                            .environment = m->environments[2 * c >= m->commits]};
        char done[160];

        commit_name(c, name);
        snprintf(uuid, sizeof uuid, "run-%d", c);
        snprintf(subject, sizeof subject, "Change number %d", c);
        need(store_build(m->s, &b, &r.build, &e), &e);
        need(store_run_begin(m->s, &r, NULL, 0, &m->runs[c], NULL, &e), &e);
        snprintf(done, sizeof done,
                 "UPDATE run SET started = %lld, finished = started + 3000, status = 'complete' WHERE id = %lld",
                 (long long)time_of(c), (long long)m->runs[c]);
        sql(m, done);
    }
}

/* New machine code of a kernel every so often: a row of its own for each of its points. */
static void make_points(struct maker *m)
{
    struct err e = {0};
    int64_t id = 0;

    for (int p = 0; p < m->points; p++) {
        int last = -1;

        for (int c = 0; c < m->commits; c++) {
            int code = (c + 7 * kernel_of(p)) / CODE_LIFE;
            char axis[] = "size", value[16], text[64], hash[24];
            struct fact axes[] = {{axis, value}, {NULL, NULL}};
            struct point_row row = {text, kernels[kernel_of(p)], variants[variant_of(p)], "1", "1", hash, axes, NULL};

            if (code != last) {
                snprintf(value, sizeof value, "%d", size_of(p));
                snprintf(text, sizeof text, "%s/%s:size=%s", row.kernel, row.variant, value);
                snprintf(hash, sizeof hash, "%s%d", row.variant, code);
                need(store_point(m->s, &row, &id, &e), &e);
                last = code;
            }
            m->ids[p * m->commits + c] = id;
        }
    }
}

static int64_t quality(struct maker *m, const char *text)
{
    struct err e = {0};
    int64_t id;

    need(identity_quality(m->s, text, &id, &e), &e);
    return id;
}

static void make_identity(struct maker *m)
{
    char model[] = "cpu.model", name[] = "Some CPU", release[] = "kernel.release", old[] = "6.1", new[] = "6.12";
    struct fact facts[] = {{model, name}, {NULL, NULL}};
    struct fact before[] = {{release, old}, {NULL, NULL}}, after[] = {{release, new}, {NULL, NULL}};
    struct machine_row machine = {"box", "", facts};
    struct environment_row environments[] = {{"0001", before}, {"0002", after}};
    struct err e = {0};

    need(store_machine(m->s, &machine, &m->machine, &e), &e);
    for (int i = 0; i < 2; i++)
        need(store_environment(m->s, &environments[i], &m->environments[i], &e), &e);
    for (int i = 0; i < METRICS; i++)
        need(store_metric(m->s, &metrics[i], &e), &e);
    m->exact = quality(m, "exact");
    m->derived = quality(m, "derived");
    make_commits(m);
    make_runs(m);
    make_points(m);
}

/* ---- summaries ---- */

static void insert(struct maker *m, sqlite3_stmt *q)
{
    struct err e = {0};

    need(sql_do(m->s, q, &e, "making history"), &e);
}

static sqlite3_stmt *statement(struct maker *m, const char *literal)
{
    struct err e = {0};
    sqlite3_stmt *q = sql_use(m->s, literal, &e);

    need(q ? 0 : -1, &e);
    return q;
}

static void add_summary(struct maker *m, int point, int metric, int commit, int n, double median, double low,
                        double high)
{
    sqlite3_stmt *q = statement(m, "INSERT INTO summary (run, point, metric, n, median, low, high, quality) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

    sqlite3_bind_int64(q, 1, m->runs[commit]);
    sqlite3_bind_int64(q, 2, m->ids[point * m->commits + commit]);
    sqlite3_bind_int(q, 3, metric + 1);
    sqlite3_bind_int(q, 4, n);
    sqlite3_bind_double(q, 5, median);
    sqlite3_bind_double(q, 6, low);
    sqlite3_bind_double(q, 7, high);
    sqlite3_bind_int64(q, 8, n ? m->exact : m->derived);
    insert(m, q);
}

/* Where launches are kept, the summary is theirs. */
static void add_time(struct maker *m, int point, int commit)
{
    double *value = &m->values[commit], launches[TIME_LAUNCHES], low = 0.994 * *value, high = 1.008 * *value;
    int raw = commit - (m->commits - m->raw);

    if (raw >= 0) {
        low = INFINITY;
        high = 0;
        for (int i = 0; i < TIME_LAUNCHES; i++) {
            launches[i] = *value * exp(0.004 * normal(m));
            low = fmin(low, launches[i]);
            high = fmax(high, launches[i]);
        }
        memcpy(&m->launches[(raw * m->points + point) * TIME_LAUNCHES], launches, sizeof launches);
        *value = stats_median(launches, TIME_LAUNCHES);
    }
    add_summary(m, point, 0, commit, TIME_LAUNCHES, *value, low, high);
}

static double elements_of(int point)
{
    return (double)size_of(point) * size_of(point);
}

/* The commits from `first` on that have one machine code, metric by metric, which is the order of the table. */
static void add_block(struct maker *m, int point, int first, int end)
{
    for (int k = 0; k < METRICS; k++) {
        for (int c = first; c < end; c++) {
            const double *value = &m->values[c];
            int raw = c - (m->commits - m->raw);

            if (k == 0) {
                add_time(m, point, c);
            } else if (k < COUNTED) {
                add_summary(m, point, k, c, 1, value[k * m->commits], value[k * m->commits], value[k * m->commits]);
                if (raw >= 0)
                    m->counts[(raw * m->points + point) * COUNTED + k] = value[k * m->commits];
            } else {
                double ratio = k == COUNTED ? value[0] / elements_of(point) : value[m->commits] / value[2 * m->commits];

                add_summary(m, point, k, c, 0, ratio, ratio, ratio);
            }
        }
    }
}

static void make_summaries(struct maker *m)
{
    sql(m, "DROP INDEX summary_run"); /* made at once at the end, which is faster */
    for (int p = 0; p < m->points; p++) {
        make_values(m, p);
        for (int c = 0, end; c < m->commits; c = end) {
            for (end = c; end < m->commits && m->ids[p * m->commits + end] == m->ids[p * m->commits + c];)
                end++;
            add_block(m, p, c, end);
        }
    }
    sql(m, "CREATE INDEX summary_run ON summary (run, point, metric)");
}

/* ---- launches and samples ---- */

static int64_t add_launch(struct maker *m, int raw, int sequence, int point, int number, const char *pass)
{
    int commit = m->commits - m->raw + raw;
    sqlite3_stmt *q = statement(
        m, "INSERT INTO launch (run, sequence, point, number, pass, status, inner, started, wall_s, "
           "executing_s, match, deviations, elements) VALUES (?1, ?2, ?3, ?4, ?5, 'done', 1, ?6, 0.1, 0.09, 0, 0, ?7)");

    sqlite3_bind_int64(q, 1, m->runs[commit]);
    sqlite3_bind_int(q, 2, sequence);
    sqlite3_bind_int64(q, 3, m->ids[point * m->commits + commit]);
    sqlite3_bind_int(q, 4, number);
    sql_bind_text(q, 5, pass);
    sqlite3_bind_int64(q, 6, time_of(commit));
    sqlite3_bind_double(q, 7, elements_of(point));
    insert(m, q);
    return sqlite3_last_insert_rowid(m->s->db);
}

/* Samples around a median that is theirs exactly, and what is kept of them per launch. */
static void add_samples(struct maker *m, int64_t launch, int metric, double median, int count)
{
    sqlite3_stmt *q =
        statement(m, "INSERT INTO launch_summary (launch, metric, n, median, quality) VALUES (?1, ?2, ?3, ?4, ?5)");

    sqlite3_bind_int64(q, 1, launch);
    sqlite3_bind_int(q, 2, metric + 1);
    sqlite3_bind_int(q, 3, count);
    sqlite3_bind_double(q, 4, median);
    sqlite3_bind_int64(q, 5, m->exact);
    insert(m, q);
    for (int i = 0; i < count; i++) {
        double share = metrics[metric].deterministic ? 0 : 0.001 * (i - count / 2);

        q = statement(m, "INSERT INTO sample (launch, metric, repetition, value, quality) VALUES (?1, ?2, ?3, ?4, ?5)");
        sqlite3_bind_int64(q, 1, launch);
        sqlite3_bind_int(q, 2, metric + 1);
        sqlite3_bind_int(q, 3, i);
        sqlite3_bind_double(q, 4, median * (1 + share));
        sqlite3_bind_int64(q, 5, m->exact);
        insert(m, q);
    }
}

static int make_launches(struct maker *m, int raw, int point, int sequence)
{
    const double *launches = &m->launches[(raw * m->points + point) * TIME_LAUNCHES];
    const double *counts = &m->counts[(raw * m->points + point) * COUNTED];
    char pass[120];

    for (int i = 0; i < TIME_LAUNCHES; i++)
        add_samples(m, add_launch(m, raw, sequence++, point, i, ""), 0, launches[i], TIME_SAMPLES);
    for (int k = 1; k < COUNTED; k += PASS_METRICS) {
        int64_t launch;

        snprintf(pass, sizeof pass, "papi:%s,%s,%s", metrics[k].name + 5, metrics[k + 1].name + 5,
                 metrics[k + 2].name + 5);
        launch = add_launch(m, raw, sequence++, point, 0, pass);
        for (int i = k; i < k + PASS_METRICS; i++)
            add_samples(m, launch, i, counts[i], COUNT_SAMPLES);
    }
    return sequence;
}

static void make_raw(struct maker *m)
{
    for (int raw = 0; raw < m->raw; raw++)
        for (int p = 0, sequence = 0; p < m->points; p++)
            sequence = make_launches(m, raw, p, sequence);
}

/* The run before the last regression was accepted. */
static void accept(struct maker *m)
{
    struct ledger_row l = {.kind = "accept", .points = "*", .metrics = "*", .reason = "as it should be"};
    struct err e = {0};

    l.run = m->runs[m->commits - 1 - m->raw * 3 / 4];
    need(store_ledger_add(m->s, &l, NULL, &e), &e);
}

static void make(const char *path, int commits, int points, int raw)
{
    size_t all = (size_t)commits * (size_t)points, kept = (size_t)raw * (size_t)points;
    struct maker m = {.commits = commits, .points = points, .raw = raw, .seed = 5};
    struct err e = {0};

    m.runs = mem_new((size_t)commits, sizeof *m.runs);
    m.ids = mem_new(all, sizeof *m.ids);
    m.values = mem_new((size_t)commits * COUNTED, sizeof *m.values);
    m.launches = mem_new(kept * TIME_LAUNCHES + 1, sizeof *m.launches);
    m.counts = mem_new(kept * COUNTED + 1, sizeof *m.counts);
    need(store_open(&m.s, path, STORE_WRITE, &e), &e);
    /* nobody needs half of it: the next that opens it goes back to what is safe */
    sql(&m, "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    make_identity(&m);
    make_summaries(&m);
    make_raw(&m);
    accept(&m);
    sql(&m, "COMMIT");
    store_close(m.s);
    free(m.runs);
    free(m.ids);
    free(m.values);
    free(m.launches);
    free(m.counts);
}

static int count_values(const struct series *series, void *user, struct err *e)
{
    (void)e;
    *(size_t *)user += series->count;
    return 0;
}

static void say(const char *line, void *user)
{
    (void)user;
    printf("%s\n", line);
}

/* A small one is what the store would have written, and all of it is read back. */
static int try_small(void)
{
    enum { commits = 60, points = 40, raw = 6 };
    char folder[] = "/tmp/countermark-bench.XXXXXX", command[80];
    struct series_home home;
    struct err e = {0};
    struct store *s;
    size_t values = 0;

    if (!mkdtemp(folder) || chdir(folder))
        return 1;
    make("small.db", commits, points, raw);
    need(store_open(&s, "small.db", STORE_READ, &e), &e);
    need(store_check(s, say, NULL, &e), &e);
    need(series_home_load(s, NULL, NULL, &home, &e), &e);
    need(series_each(s, &home, NULL, NULL, count_values, &values, &e), &e);
    series_home_free(&home);
    store_close(s);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    printf("small history: sound; %zu of %d values read: %s\n", values, commits * points * METRICS,
           values == commits * points * METRICS ? "ok" : "FAILED");
    return system(command) || values != commits * points * METRICS;
}

static int number(const char *text, int otherwise)
{
    int value = text ? atoi(text) : otherwise;

    if (value < 1) {
        fprintf(stderr, "'%s' is no number of commits, points or runs\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    int commits, raw;

    if (argc < 2)
        return try_small();
    commits = number(argc > 2 ? argv[2] : NULL, 1000);
    raw = number(argc > 4 ? argv[4] : NULL, 90);
    make(argv[1], commits, number(argc > 3 ? argv[3] : NULL, 500), raw < commits ? raw : commits);
    return 0;
}
