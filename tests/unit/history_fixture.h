/* Runs of commits as a history has them, each different from the usual one in something: shared by the tests of histories. */
#ifndef TESTS_UNIT_HISTORY_FIXTURE_H
#define TESTS_UNIT_HISTORY_FIXTURE_H

#include "store_fixture.h"

#include "../../db/series.h"
#include "../../db/store_internal.h"

/* "c3" -> 40 digits that begin so. */
static inline const char *commit(const char *word)
{
    static char texts[16][41];
    static int next;
    char *text = texts[next++ % 16];

    snprintf(text, 41, "%-40s", word);
    for (char *c = text; *c; c++)
        if (*c == ' ')
            *c = '0';
    return text;
}

/* How a run differs from the usual one. */
struct how {
    const char *commit, *branch, *machine, *group, *version, *code;
    int64_t commit_time;
    bool dirty, scripted, wrong, whole, suspect;
    int shard, shards;
    double value;
};

static int runs;

/* Launches of one point, two of them measured with value and value + 2; the run starts at 1000, 1001, ... */
static inline int64_t add_run(struct store *s, const struct how *how)
{
    struct machine_row m = {how->machine ? how->machine : "box", "", NULL};
    struct environment_row v = {"00ff", NULL};
    struct build_row b = {.commit = how->commit ? commit(how->commit) : "",
                          .branch = how->branch ? how->branch : "main",
                          .subject = "subject",
                          .commit_time = how->commit_time,
                          .dirty = how->dirty,
                          .binary_hash = ""};
    struct point_row p = {.text = "triad/serial:size=64",
                          .kernel = "triad",
                          .variant = "serial",
                          .kernel_version = "1",
                          .variant_version = how->version ? how->version : "1",
                          .code_hash = how->code ? how->code : "abcd"};
    struct point_row anchor = {.text = "anchor/serial",
                               .kernel = "anchor",
                               .variant = "serial",
                               .kernel_version = "1",
                               .variant_version = "1",
                               .code_hash = "",
                               .role = "anchor"};
    char uuid[16], sql[100];
    struct run_row r = {.uuid = uuid,
                        .group = how->group,
                        .plan = "quick",
                        .arguments = "",
                        .shard = how->shards ? how->shard : 1,
                        .shards = how->shards ? how->shards : 1,
                        .scripted = how->scripted};
    struct launch_row l[3] = {{0, 0, 0, ""}, {1, 0, 1, ""}, {2, 0, 0, ""}};
    struct launch_result done = {.status = LAUNCH_DONE, .inner = 1, .match = 0};
    struct launch_result wrong = {.status = LAUNCH_WRONG, .inner = 1, .match = 2, .reason = "differs"};
    struct sample x[] = {{"wall.time", 0, how->value, QUALITY_EXACT, 0, NULL},
                         {"count.instructions", 0, 1000, QUALITY_EXACT, 0, NULL}};
    int64_t run, ids[3];

    if (how->suspect)
        x[0].quality = QUALITY_SUSPECT;
    snprintf(uuid, sizeof uuid, "u%d", runs);
    FINE(store_machine(s, &m, &r.machine, e));
    FINE(store_environment(s, &v, &r.environment, e));
    FINE(store_build(s, &b, &r.build, e));
    FINE(store_point(s, &p, &l[0].point, e));
    FINE(store_point(s, &anchor, &l[2].point, e));
    l[1].point = l[0].point;
    for (size_t i = 0; i < sizeof fixture_metrics / sizeof *fixture_metrics; i++)
        FINE(store_metric(s, &fixture_metrics[i], e));
    FINE(store_run_begin(s, &r, l, 3, &run, ids, e));
    FINE(store_launch(s, ids[0], &done, x, 2, e));
    x[0].value += 2;
    FINE(store_launch(s, ids[1], how->wrong ? &wrong : &done, x, how->wrong ? 0 : 2, e));
    if (how->whole)
        FINE(store_launch(s, ids[2], &done, x, 1, e));
    FINE(store_run_finish(s, run, !how->whole, e));
    snprintf(sql, sizeof sql, "UPDATE run SET started = %d WHERE id = %d", 1000 + runs++, (int)run);
    FINE(sql_exec(s, sql, e, "preparing the test"));
    return run;
}

static inline struct store *fresh(void)
{
    struct store *s;

    runs = 0;
    FINE(store_open(&s, "a.db", STORE_WRITE, e));
    return s;
}

static inline void know(struct store *s, const char *which, const char *parents, int64_t time, const char *status)
{
    struct commit_row row = {.commit = commit(which),
                             .parents = parents,
                             .branch = "main",
                             .subject = which,
                             .time = time,
                             .status = status,
                             .reason = strcmp(status, "unbuildable") ? "" : "x.c:1: error",
                             .machine = "box"};

    FINE(store_commits(s, &row, 1, e));
}

/* The home's commits, two digits each: "a1 b2! -" with ! for what was not measured, * for dirty builds, - for none. */
static inline const char *order(struct store *s, const char *machine, const char *branch)
{
    static char text[400];
    struct series_home home;
    size_t length = 0;

    FINE(series_home_load(s, machine, branch, &home, e));
    *text = '\0';
    for (size_t i = 0; i < home.count; i++) {
        const struct series_run *r = &home.runs[i];

        length += (size_t)snprintf(text + length, sizeof text - length, "%s%.2s%s%s", i ? " " : "",
                                   *r->commit ? r->commit : "-", r->dirty ? "*" : "", r->outcome ? "!" : "");
        assert_true((r->id == 0) == (r->outcome != NULL));
    }
    series_home_free(&home);
    return text;
}

#endif
