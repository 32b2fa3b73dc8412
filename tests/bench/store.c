/*
 * What storing costs, with a realistic shape: launches of 10 repetitions x 6 metrics, points with 8 launches. Speed beside a bare loop
 * of prepared statements on the same schema in the same run, in turns; size of the file with all tables and indices counted.
 */
#include "../../db/store.h"
#include "../../harness/base/asset.h"
#include "../../harness/base/clock.h"
#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { points = 250, per_point = 8, launches = points * per_point, metrics = 6, repetitions = 10, rounds = 5 };
enum { per_launch = metrics * repetitions };

static const double speed_floor = 0.5, bytes_limit = 40;

static const struct metric kinds[metrics] = {
    {.name = "wall.time", .unit = "ns", .meaning = "", .kind = METRIC_DURATION, .better = BETTER_LOWER},
    {.name = "papi.PAPI_TOT_INS", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER},
    {.name = "papi.PAPI_TOT_CYC", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER},
    {.name = "papi.PAPI_L1_DCM", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER},
    {.name = "papi.PAPI_L2_DCM", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER},
    {.name = "papi.PAPI_BR_MSP", .unit = "1", .meaning = "", .kind = METRIC_COUNT, .better = BETTER_LOWER},
};

static void stop(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void need(int result, const struct err *e)
{
    if (result)
        stop(e->text);
}

/* Times with digits behind the point, counts without: the two take different room. */
static void fill(struct sample *samples, uint64_t *seed)
{
    for (int m = 0; m < metrics; m++) {
        for (int r = 0; r < repetitions; r++) {
            uint64_t random = stats_random(seed);

            samples[m * repetitions + r] =
                (struct sample){kinds[m].name, r, m ? (double)(random % 2000000000) : (double)(random % 100000000) / 7,
                                QUALITY_EXACT, 0, NULL};
        }
    }
}

/* Everything up to the first sample; answers the ids of the launches. */
static struct store *begin(const char *path, int64_t *run, int64_t *ids)
{
    struct machine_row m = {"box", "", NULL};
    struct environment_row v = {"0011223344556677", NULL};
    struct build_row b = {
        "0123456789012345678901234567890123456789", "main", "subject", 0, false, "gcc", "-O2", "hash", NULL};
    struct run_row r = {.uuid = "u", .group = "u", .plan = "nightly", .arguments = "", .shard = 1, .shards = 1};
    struct launch_row *rows = mem_new(launches, sizeof *rows);
    struct store *s;
    struct err e = {0};
    int64_t point[points];

    need(store_open(&s, path, STORE_WRITE, &e), &e);
    need(store_machine(s, &m, &r.machine, &e), &e);
    need(store_environment(s, &v, &r.environment, &e), &e);
    need(store_build(s, &b, &r.build, &e), &e);
    for (int i = 0; i < metrics; i++)
        need(store_metric(s, &kinds[i], &e), &e);
    for (int i = 0; i < points; i++) {
        char axis[] = "size", value[16], text[64];
        struct fact axes[] = {{axis, value}, {NULL, NULL}};
        struct point_row p = {text, "mandelbrot", "simd", "1", "1", "0123456789abcdef", axes, NULL};

        snprintf(value, sizeof value, "%d", 16 * (i + 1));
        snprintf(text, sizeof text, "mandelbrot/simd:size=%s", value);
        need(store_point(s, &p, &point[i], &e), &e);
    }
    for (int i = 0; i < launches; i++)
        rows[i] = (struct launch_row){i, point[i % points], i / points, ""};
    need(store_run_begin(s, &r, rows, launches, run, ids, &e), &e);
    free(rows);
    return s;
}

static const struct launch_result done = {.status = LAUNCH_DONE,
                                          .inner = 4,
                                          .started = 1700000000,
                                          .wall_s = 0.123456,
                                          .executing_s = 0.1234,
                                          .match = 0,
                                          .elements = 65536,
                                          .flops = 1234567,
                                          .bytes_read = 0,
                                          .bytes_written = 65536,
                                          .checksum = "0123456789abcdef"};

static double ours(const char *path)
{
    struct sample samples[per_launch];
    int64_t run, *ids = mem_new(launches, sizeof *ids), started;
    uint64_t seed = 1;
    struct store *s = begin(path, &run, ids);
    struct err e = {0};
    double seconds;

    started = clock_ns();
    for (int i = 0; i < launches; i++) {
        fill(samples, &seed);
        need(store_launch(s, ids[i], &done, samples, per_launch, &e), &e);
    }
    seconds = (double)(clock_ns() - started) * 1e-9;
    need(store_run_finish(s, run, false, &e), &e);
    store_close(s);
    free(ids);
    return launches * per_launch / seconds;
}

static void sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL))
        stop(sqlite3_errmsg(db));
}

/* The same rows of samples by the plainest loop there is, one transaction per launch, nothing checked and nothing else written. */
static double bare(const char *path)
{
    struct sample samples[per_launch];
    int64_t run, *ids = mem_new(launches, sizeof *ids), started;
    uint64_t seed = 1;
    sqlite3_stmt *q;
    sqlite3 *db;
    double seconds;

    store_close(begin(path, &run, ids));
    if (sqlite3_open(path, &db))
        stop("open");
    sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
    sql(db, "INSERT OR IGNORE INTO quality (id, text) VALUES (1, 'exact')");
    if (sqlite3_prepare_v2(db, "INSERT INTO sample VALUES (?1, ?2, ?3, ?4, 1)", -1, &q, NULL))
        stop(sqlite3_errmsg(db));
    started = clock_ns();
    for (int i = 0; i < launches; i++) {
        fill(samples, &seed);
        sql(db, "BEGIN IMMEDIATE");
        for (int k = 0; k < per_launch; k++) {
            sqlite3_bind_int64(q, 1, ids[i]);
            sqlite3_bind_int64(q, 2, k / repetitions + 1);
            sqlite3_bind_int(q, 3, samples[k].repetition);
            sqlite3_bind_double(q, 4, samples[k].value);
            if (sqlite3_step(q) != SQLITE_DONE)
                stop(sqlite3_errmsg(db));
            sqlite3_reset(q);
        }
        sql(db, "COMMIT");
    }
    seconds = (double)(clock_ns() - started) * 1e-9;
    sqlite3_finalize(q);
    sqlite3_close(db);
    free(ids);
    return launches * per_launch / seconds;
}

static void away(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};

    for (int i = 0; i < 4; i++) {
        char *name = mem_format("%s%s", path, ends[i]);

        unlink(name);
        free(name);
    }
}

int main(void)
{
    double speed[rounds], plain[rounds], ratio[rounds], bytes = 0, share;
    char folder[] = "/tmp/countermark-bench.XXXXXX";
    struct stat st;

    if (!mkdtemp(folder) || chdir(folder))
        stop(folder);
    for (int i = 0; i < rounds; i++) {
        plain[i] = bare("bare.db");
        away("bare.db");
        speed[i] = ours("ours.db");
        ratio[i] = speed[i] / plain[i];
        if (!stat("ours.db", &st))
            bytes = (double)st.st_size / (launches * per_launch);
        away("ours.db");
    }
    if (chdir("/") || rmdir(folder))
        stop(folder);
    share = stats_median(ratio, rounds);
    printf("storing: %.0f samples/s, a bare loop %.0f; share %.2f (at least %.2f): %s\n", stats_median(speed, rounds),
           stats_median(plain, rounds), share, speed_floor, share >= speed_floor ? "ok" : "FAILED");
    printf("size: %.1f bytes/sample over %d samples (at most %.0f): %s\n", bytes, launches * per_launch, bytes_limit,
           bytes > 0 && bytes <= bytes_limit ? "ok" : "FAILED");
    return share >= speed_floor && bytes > 0 && bytes <= bytes_limit ? 0 : 1;
}
