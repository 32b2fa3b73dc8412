/*
 * The figures of a made-up history, for history_db.c: what was planted in it, every value of a point, and the rows that summaries,
 * launches and samples become.
 */
#ifndef TESTS_BENCH_HISTORY_ROWS_H
#define TESTS_BENCH_HISTORY_ROWS_H

#include "../../db/store_internal.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- summaries ---- */

static int64_t time_of(int commit)
{
    return 1600000000 + 86400 * (int64_t)commit;
}

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

#endif
