/* Nights for the gate to judge: what points do, stored as a run would store it. */
#ifndef TESTS_UNIT_GATE_FIXTURE_H
#define TESTS_UNIT_GATE_FIXTURE_H

#include "../../harness/gate_model.h"
#include "store_fixture.h"

#include <inttypes.h>

/* What one point does in one night. */
struct act {
    const char *text, *kernel, *variant;
    const char *kernel_version, *code; /* NULL: "1", "c0de" */
    double time, instructions;         /* per execution; instructions 0: none counted */
    enum launch_status status;         /* of every launch; 0: done */
    bool once;                         /* the status is that of the third launch alone */
    enum quality quality;              /* of the instructions */
};

struct night {
    const char *machine, *klass, *branch, *commit, *binary, *release, *compiler; /* NULL: the usual */
    bool scripted, unfinished;
    int launches; /* 0: 8 */
    int doubtful; /* so many of the three times in each launch are suspect */
    const struct act *acts;
    size_t count;
};

static inline const char *or_else(const char *text, const char *usual)
{
    return text ? text : usual;
}

static inline int64_t point_of(struct store *s, const struct act *a)
{
    struct fact axes[] = {{(char *)"size", (char *)"64"}, {NULL, NULL}};
    struct point_row p = {a->text,    a->kernel,
                          a->variant, or_else(a->kernel_version, "1"),
                          "1",        or_else(a->code, "c0de"),
                          axes,       strcmp(a->kernel, "anchor") ? NULL : "anchor"};
    int64_t id;

    FINE(store_point(s, &p, &id, e));
    return id;
}

static inline void begin(struct store *s, const struct night *n, const struct launch_row *rows, size_t count,
                         int64_t *run, int64_t *ids)
{
    static int number;
    char uuid[32];
    struct fact cpu[] = {{(char *)"cpu.model", (char *)"Test"}, {NULL, NULL}};
    struct fact release[] = {{(char *)"kernel.release", (char *)or_else(n->release, "6.1")}, {NULL, NULL}};
    struct machine_row m = {or_else(n->machine, "box"), or_else(n->klass, ""), cpu};
    struct environment_row v = {or_else(n->release, "6.1"), release};
    struct build_row b = {or_else(n->commit, "1111111111111111111111111111111111111111"),
                          or_else(n->branch, "main"),
                          "A subject",
                          1700000000,
                          false,
                          or_else(n->compiler, "cc"),
                          "-O2",
                          or_else(n->binary, "beef"),
                          cpu};
    struct run_row r = {
        .uuid = uuid, .group = uuid, .plan = "nightly", .arguments = "countermark run", .shard = 1, .shards = 1};

    snprintf(uuid, sizeof uuid, "night-%d", ++number);
    r.scripted = n->scripted;
    FINE(store_machine(s, &m, &r.machine, e));
    FINE(store_environment(s, &v, &r.environment, e));
    FINE(store_build(s, &b, &r.build, e));
    FINE(store_run_begin(s, &r, rows, count, run, ids, e));
}

static inline void measure(struct store *s, int64_t launch, const struct act *a, int number, bool counters,
                           int doubtful)
{
    /* The same small jitter in every night: what moves is what the test moves. */
    static const double jitter[] = {0.9985, 1.0012, 0.9991, 1.0004, 1.0018, 0.9979, 1.0009, 0.9996};
    struct launch_result r = {.status = a->status && (!a->once || number == 2) ? a->status : LAUNCH_DONE,
                              .inner = 1,
                              .started = 1700000100,
                              .wall_s = 0.1,
                              .elements = 1};
    struct sample m[4];

    if (r.status != LAUNCH_DONE)
        r.reason = r.status == LAUNCH_WRONG ? "a pixel differs" : "died from signal 11";
    r.match = r.status == LAUNCH_WRONG ? 2 : 0;
    r.deviations = r.status == LAUNCH_WRONG ? 1 : 0;
    for (int i = 0; i < 3; i++)
        m[i] =
            counters
                ? (struct sample){"papi.PAPI_TOT_INS", i, a->instructions,
                                  a->quality,          0, a->quality == QUALITY_SUSPECT ? "tie-points disagree" : NULL}
                : (struct sample){"wall.time", i, a->time * jitter[number % 8], QUALITY_EXACT, 0, NULL};
    for (int i = 0; i < doubtful && !counters; i++) {
        m[i].quality = QUALITY_SUSPECT;
        m[i].reason = "the GPU's clock was held back: heat";
    }
    /* Time under counters is another time: it must not count. */
    m[3] = (struct sample){"wall.time", 0, 2 * a->time, QUALITY_EXACT, 0, NULL};
    FINE(store_launch(s, launch, &r, m, r.status != LAUNCH_DONE ? 0 : counters ? 4 : 3, e));
}

static inline int64_t sleep_through(struct store *s, const struct night *n)
{
    int launches = n->launches ? n->launches : 8, count = 0, at = 0;
    struct launch_row rows[200];
    int64_t ids[200], run;

    for (size_t i = 0; i < n->count; i++) {
        int64_t point = point_of(s, &n->acts[i]);

        for (int k = 0; k <= launches; k++, count++)
            rows[count] = (struct launch_row){count, point, k % launches, k < launches ? "" : "papi:PAPI_TOT_INS"};
    }
    begin(s, n, rows, (size_t)count, &run, ids);
    for (size_t i = 0; i < n->count; i++) {
        for (int k = 0; k <= launches; k++, at++) {
            if ((k < launches || n->acts[i].instructions > 0) && !(n->unfinished && k > 2))
                measure(s, ids[at], &n->acts[i], k, k == launches, n->doubtful);
            else if (!n->unfinished)
                FINE(store_launch(s, ids[at], &(struct launch_result){.status = LAUNCH_SKIPPED}, NULL, 0, e));
        }
    }
    FINE(store_run_finish(s, run, n->unfinished, e));
    return run;
}

static inline int64_t night(const struct night *n)
{
    static const struct metric metrics[] = {
        {.name = "wall.time", .unit = "ns", .meaning = "wall time", .kind = METRIC_DURATION, .better = BETTER_LOWER},
        {.name = "papi.PAPI_TOT_INS",
         .unit = "1",
         .meaning = "instructions",
         .kind = METRIC_COUNT,
         .better = BETTER_LOWER,
         .deterministic = true},
    };
    struct store *s;
    int64_t run;

    FINE(store_open(&s, "gate.db", STORE_WRITE, e));
    FINE(store_metric(s, &metrics[0], e) || store_metric(s, &metrics[1], e));
    run = sleep_through(s, n);
    store_close(s);
    return run;
}

/* The usual three points, and the night in which they do what they always do. */
#define A64 "mandelbrot/serial:size=64"
#define A128 "mandelbrot/serial:size=128"
#define B64 "mandelbrot/simd:size=64"
static const struct act usual[] = {{A64, "mandelbrot", "serial", NULL, NULL, 1e6, 4e6, 0, false, 0},
                                   {A128, "mandelbrot", "serial", NULL, NULL, 4e6, 16e6, 0, false, 0},
                                   {B64, "mandelbrot", "simd", NULL, "51d", 1e5, 4e5, 0, false, 0}};
static const struct night quiet = {.acts = usual, .count = 3};

static const struct gate_options usual_options = {.database = "gate.db", .accept_first = true, .confirm_budget_s = -1};
static struct buf said;
static char *story;

static inline int check_with(const struct gate_options *o)
{
    struct err e = {0};
    int code;

    free(story);
    buf_clear(&said);
    code = gate_run(o, &said, &story, &e);
    if (e.code)
        print_message("# %s\n", e.text);
    return code;
}

static inline int check(void)
{
    return check_with(&usual_options);
}

static inline void expect(int64_t run, const char *point, const char *metric, const char *verdict)
{
    char id[24], *got = NULL;
    const char *const parameters[] = {id, point, metric};
    struct store *s;

    snprintf(id, sizeof id, "%" PRId64, run);
    FINE(store_open(&s, "gate.db", STORE_READ, e));
    FINE(store_text(s, "SELECT verdict FROM verdict WHERE run = ?1 AND point = ?2 AND metric = ?3", parameters, 3, &got,
                    e));
    store_close(s);
    if (!got || strcmp(got, verdict))
        fail_msg("%s %s is %s, not %s; %s", point, metric, got ? got : "not judged", verdict, buf_text(&said));
    free(got);
}

static inline double count(const char *sql)
{
    struct store *s;
    double value;

    FINE(store_open(&s, "gate.db", STORE_READ, e));
    value = number(s, sql);
    store_close(s);
    return value;
}

static inline void tells(const char *words)
{
    if (!story || !strstr(story, words))
        fail_msg("the story lacks '%s': %s", words, story ? story : "(none)");
}

static inline void says(const char *words)
{
    if (!strstr(buf_text(&said), words))
        fail_msg("the text lacks '%s': %s", words, buf_text(&said));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
