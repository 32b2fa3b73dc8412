/*
 * Makes a database with years of history: `history_db FILE [COMMITS [POINTS [RAW]]]`, by default 1,000 commits in a line, each
 * measured once, 500 points and 12 metrics; summaries for all runs, launches and samples for the last 90. The sequence of random
 * numbers is fixed. Planted: steps in time of some sizes, of all variants, in instructions alone, one that goes back; creep; a new
 * kernel of the system; new machine code every forty commits. history_db.sh times `check` and `history` on it. Without a FILE a
 * small one is made and must be sound.
 */
#include "history_rows.h"

#include "../../db/commit.h"
#include "../../db/series.h"
#include "../../harness/base/mem.h"

#include <unistd.h>

static void commit_name(int commit, char text[41])
{
    uint64_t seed = (uint64_t)commit + 1, first = stats_random(&seed), second = stats_random(&seed);

    snprintf(text, 41, "%016llx%016llx%08x", (unsigned long long)first, (unsigned long long)second, (unsigned)commit);
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
