/*
 * The gate over stores filled by hand: every verdict, what becomes a baseline, exit codes, and the words of every format.
 * Golden outputs are in tests/golden/gate.*; UPDATE_GOLDEN=1 writes them anew.
 */
#include "../../harness/base/file.h"
#include "../../harness/base/text.h"
#include "../../harness/gate_model.h"
#include "store_fixture.h"

#include <inttypes.h>
#include <jansson.h>

/* What one point does in one night. */
struct act {
    const char *text, *kernel, *variant;
    const char *kernel_version, *code; /* NULL: "1", "c0de" */
    double time, instructions;         /* per execution; instructions 0: none counted */
    enum launch_status status;         /* of every launch; 0: done */
    enum quality quality;              /* of the instructions */
};

struct night {
    const char *machine, *klass, *branch, *commit, *binary, *release; /* NULL: the usual */
    bool scripted, unfinished;
    int launches; /* 0: 8 */
    const struct act *acts;
    size_t count;
};

static const char *or_else(const char *text, const char *usual)
{
    return text ? text : usual;
}

static int64_t point_of(struct store *s, const struct act *a)
{
    struct fact axes[] = {{(char *)"size", (char *)"64"}, {NULL, NULL}};
    struct point_row p = {
        a->text, a->kernel, a->variant, or_else(a->kernel_version, "1"), "1", or_else(a->code, "c0de"), axes};
    int64_t id;

    FINE(store_point(s, &p, &id, e));
    return id;
}

static void begin(struct store *s, const struct night *n, const struct launch_row *rows, size_t count, int64_t *run,
                  int64_t *ids)
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
                          "cc",
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

static void measure(struct store *s, int64_t launch, const struct act *a, int number, bool counters)
{
    /* The same small jitter in every night: what moves is what the test moves. */
    static const double jitter[] = {0.9985, 1.0012, 0.9991, 1.0004, 1.0018, 0.9979, 1.0009, 0.9996};
    struct launch_result r = {
        .status = a->status ? a->status : LAUNCH_DONE, .inner = 1, .started = 1700000100, .wall_s = 0.1, .elements = 1};
    struct sample m[3];

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
    FINE(store_launch(s, launch, &r, m, r.status == LAUNCH_DONE ? 3 : 0, e));
}

static int64_t sleep_through(struct store *s, const struct night *n)
{
    int launches = n->launches ? n->launches : 8, count = 0, at = 0;
    struct launch_row rows[200];
    int64_t ids[200], run;

    for (size_t i = 0; i < n->count; i++) {
        int64_t point = point_of(s, &n->acts[i]);

        for (int k = 0; k <= launches; k++)
            rows[count++] = (struct launch_row){count, point, k % launches, k < launches ? "" : "papi:PAPI_TOT_INS"};
    }
    begin(s, n, rows, (size_t)count, &run, ids);
    for (size_t i = 0; i < n->count; i++) {
        for (int k = 0; k <= launches; k++, at++) {
            if ((k < launches || n->acts[i].instructions > 0) && !(n->unfinished && k > 2))
                measure(s, ids[at], &n->acts[i], k, k == launches);
            else if (!n->unfinished)
                FINE(store_launch(s, ids[at], &(struct launch_result){.status = LAUNCH_SKIPPED}, NULL, 0, e));
        }
    }
    FINE(store_run_finish(s, run, n->unfinished, e));
    return run;
}

static int64_t night(const struct night *n)
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
static const struct act usual[] = {{A64, "mandelbrot", "serial", NULL, NULL, 1e6, 4e6, 0, 0},
                                   {A128, "mandelbrot", "serial", NULL, NULL, 4e6, 16e6, 0, 0},
                                   {B64, "mandelbrot", "simd", NULL, "51d", 1e5, 4e5, 0, 0}};
static const struct night quiet = {.acts = usual, .count = 3};

static const struct gate_options usual_options = {.database = "gate.db", .accept_first = true, .confirm_budget_s = -1};
static struct buf said;
static char *story;

static int check_with(const struct gate_options *o)
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

static int check(void)
{
    return check_with(&usual_options);
}

static void expect(int64_t run, const char *point, const char *metric, const char *verdict)
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

static double count(const char *sql)
{
    struct store *s;
    double value;

    FINE(store_open(&s, "gate.db", STORE_READ, e));
    value = number(s, sql);
    store_close(s);
    return value;
}

static void tells(const char *words)
{
    if (!story || !strstr(story, words))
        fail_msg("the story lacks '%s': %s", words, story ? story : "(none)");
}

static void says(const char *words)
{
    if (!strstr(buf_text(&said), words))
        fail_msg("the text lacks '%s': %s", words, buf_text(&said));
}

static void first_run_is_the_baseline(void **state)
{
    int64_t run;

    (void)state;
    night(&quiet);
    assert_int_equal(check(), CM_FINE);
    tells("stored as the first baseline");
    assert_true(count("SELECT count(*) FROM ledger WHERE points = '*' AND run = 1") == 1);
    run = night(&quiet);
    assert_int_equal(check(), CM_FINE);
    tells("nothing slower; 3 points same");
    expect(run, A64, "wall.time", "same");
    expect(run, B64, "papi.PAPI_TOT_INS", "same");
    assert_true(count("SELECT count(*) FROM ledger") == 1);
    /* A branch is a history of its own. */
    night(&(struct night){.acts = usual, .count = 3, .branch = "topic"});
    assert_int_equal(check(), CM_FINE);
    tells("stored as the first baseline");
}

static void instructions_decide_alone(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night more = {
        .acts = acts, .count = 3, .commit = "2222222222222222222222222222222222222222", .binary = "cafe"};
    struct store *s;
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    acts[0].instructions *= 1.03;
    acts[1].instructions *= 1.03;
    acts[0].code = acts[1].code = "0dd";
    for (int i = 0; i < 2; i++) { /* red, and red again */
        run = night(&more);
        assert_int_equal(check(), CM_REGRESSION);
        tells("1 regression: mandelbrot/serial instructions +3.0 % (2 points) since commit 1111111; 1 point same");
        expect(run, A64, "papi.PAPI_TOT_INS", "slower");
        expect(run, A128, "papi.PAPI_TOT_INS", "slower");
        expect(run, A64, "wall.time", "same");
        expect(run, B64, "papi.PAPI_TOT_INS", "same");
    }
    says("countermark run -k mandelbrot -v serial -s size=64,128");
    says("perf stat -e instructions:u");
    FINE(store_open(&s, "gate.db", STORE_UPDATE, e));
    for (int i = 0; i < 2; i++) {
        char *glob = gate_point_glob(acts[i].text);

        FINE(store_ledger_add(
            s, &(struct ledger_row){.kind = "accept", .points = glob, .metrics = "*", .run = run, .reason = "wanted"},
            NULL, e));
        free(glob);
    }
    store_close(s);
    assert_int_equal(check(), CM_FINE);
    night(&more);
    assert_int_equal(check(), CM_FINE);
    night(&quiet); /* better than what was accepted */
    assert_int_equal(check(), CM_FINE);
    tells("1 improvement: mandelbrot/serial instructions -2.9 % (2 points) since commit 2222222");
}

static void a_tenth_of_a_percent_counts(void **state)
{
    struct act acts[1] = {usual[0]};
    const struct night n = {.acts = acts, .count = 1, .binary = "cafe"};

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].instructions *= 1.0008;
    night(&n);
    assert_int_equal(check(), CM_FINE);
    acts[0].instructions = usual[0].instructions * 1.0013;
    night(&n);
    assert_int_equal(check(), CM_REGRESSION);
    says("not the commit"); /* the same machine code */
}

static void what_counts_do_by_themselves_is_learnt(void **state)
{
    struct act acts[1] = {usual[0]};

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].instructions *= 1.004;
    night(&(struct night){.acts = acts, .count = 1}); /* the same program, machine and environment: this is noise */
    acts[0].instructions = usual[0].instructions * 1.003;
    night(&(struct night){.acts = acts, .count = 1, .binary = "cafe"});
    assert_int_equal(check(), CM_FINE);
    acts[0].instructions = usual[0].instructions * 1.01;
    night(&(struct night){.acts = acts, .count = 1, .binary = "cafe"});
    assert_int_equal(check(), CM_REGRESSION);
}

static void time_alone_is_ambiguous(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night slow = {.acts = acts, .count = 3, .binary = "cafe"};
    struct gate_options strict = usual_options;
    int64_t run;

    (void)state;
    strict.strict = true;
    night(&quiet);
    check();
    acts[2].time *= 1.1;
    run = night(&slow);
    assert_int_equal(check(), CM_FINE);
    tells("nothing slower; 2 points same, 1 ambiguous");
    expect(run, B64, "wall.time", "ambiguous");
    says("was not kept");
    assert_int_equal(check_with(&strict), CM_UNTRUSTED);
    night(&slow);
    assert_int_equal(check(), CM_FINE);
    assert_int_equal(check(), CM_FINE); /* the same run checked twice is one night */
    night(&slow);
    assert_int_equal(check(), CM_UNTRUSTED);
    tells("ambiguous in three checks running");
    night(&quiet);
    assert_int_equal(check(), CM_FINE);
    night(&slow); /* a quiet night began a new count */
    assert_int_equal(check(), CM_FINE);
}

static void the_same_program_is_not_blamed(void **state)
{
    struct act acts[1] = {usual[0]};
    int64_t run;

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].time *= 1.2;
    run = night(&(struct night){.acts = acts, .count = 1});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "same");
    assert_true(count("SELECT count(*) FROM verdict WHERE reason LIKE '%the same program%'") == 1);
}

static void few_launches_are_ambiguous(void **state)
{
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    run = night(&(struct night){.acts = usual, .count = 3, .launches = 7});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "ambiguous");
    expect(run, A64, "papi.PAPI_TOT_INS", "same");
    says("8 a side are needed");
}

static void another_version_starts_anew(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night newer = {.acts = acts, .count = 3, .binary = "cafe"};
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    acts[0].kernel_version = acts[1].kernel_version = "2";
    acts[0].instructions = 9e6;
    run = night(&newer);
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "papi.PAPI_TOT_INS", "incomparable");
    says("version 2 now and was version 1");
    run = night(&newer);
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "papi.PAPI_TOT_INS", "same");
    acts[0].instructions = 10e6;
    night(&newer);
    assert_int_equal(check(), CM_REGRESSION);
}

static void wrong_never_is_a_baseline(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    int64_t run;

    (void)state;
    acts[2].status = LAUNCH_WRONG;
    run = night(&(struct night){.acts = acts, .count = 3});
    assert_int_equal(check(), CM_WRONG);
    tells("1 variant is wrong: mandelbrot/simd");
    says("a pixel differs");
    expect(run, B64, "papi.PAPI_TOT_INS", "wrong");
    assert_true(count("SELECT count(*) FROM ledger WHERE points LIKE '%simd%' OR points = '*'") == 0);
    run = night(&quiet);
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "same");
    expect(run, B64, "wall.time", "new");
    assert_true(count("SELECT count(*) FROM ledger WHERE points LIKE '%simd%'") == 2);
    run = night(&(struct night){.acts = acts, .count = 3});
    assert_int_equal(check(), CM_WRONG);
    expect(run, A64, "wall.time", "same");
}

static void failures_are_named(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    acts[2].status = LAUNCH_CRASHED;
    run = night(&(struct night){.acts = acts, .count = 3});
    assert_int_equal(check(), CM_UNTRUSTED);
    tells("1 variant failed: mandelbrot/simd (1 point)");
    says("died from signal 11");
    expect(run, A64, "wall.time", "same");
}

static void scripted_and_real_are_apart(void **state)
{
    int64_t run;

    (void)state;
    night(&(struct night){.acts = usual, .count = 3, .scripted = true});
    assert_int_equal(check(), CM_FINE); /* nothing real is there: scripts may play among themselves */
    night(&(struct night){.acts = usual, .count = 3, .scripted = true});
    assert_int_equal(check(), CM_FINE);
    tells("3 points same");
    run = night(&quiet);
    assert_int_equal(check(), CM_FINE);
    tells("stored as the first baseline");
    expect(run, A64, "wall.time", "new");
    run = night(&(struct night){.acts = usual, .count = 3, .scripted = true});
    assert_int_equal(check(), CM_NOTHING);
    expect(run, A64, "wall.time", "incomparable");
    says("is scripted and run 3 is real");
}

static void unlike_rungs_are_incomparable(void **state)
{
    struct act acts[1] = {usual[0]};
    int64_t run;

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].quality = QUALITY_SIMULATED;
    run = night(&(struct night){.acts = acts, .count = 1});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "papi.PAPI_TOT_INS", "incomparable");
    expect(run, A64, "wall.time", "same");
    says("simulated values now, exact ones in run 1");
    acts[0].quality = QUALITY_SUSPECT;
    run = night(&(struct night){.acts = acts, .count = 1});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "papi.PAPI_TOT_INS", "ambiguous");
    acts[0].instructions = 0;
    run = night(&(struct night){.acts = acts, .count = 1});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "papi.PAPI_TOT_INS", "incomparable");
    says("was measured in run 1, but not now");
}

static void machines_stay_apart(void **state)
{
    struct gate_options o = usual_options;

    (void)state;
    night(&quiet);
    check();
    night(&(struct night){.acts = usual, .count = 3, .machine = "other"});
    o.baseline = "run:1";
    assert_int_equal(check_with(&o), CM_NOTHING);
    says("run 1 is of machine box, this run of other");
    assert_int_equal(check(), CM_FINE);
    tells("stored as the first baseline of machine other");
    night(&(struct night){.acts = usual, .count = 3, .machine = "alike-1", .klass = "fleet"});
    night(&(struct night){.acts = usual, .count = 3, .machine = "alike-2", .klass = "fleet"});
    o.baseline = "machine:alike-1";
    assert_int_equal(check_with(&o), CM_FINE);
    tells("3 points same");
    says("alike-1");
}

static void changed_environment_is_named(void **state)
{
    struct act acts[1] = {usual[0]};

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].instructions *= 1.01;
    night(&(struct night){.acts = acts, .count = 1, .release = "6.12", .binary = "cafe"});
    assert_int_equal(check(), CM_REGRESSION);
    says("kernel.release 6.1 -> 6.12");
}

static void unfinished_is_not_accepted(void **state)
{
    struct gate_options o = usual_options;

    (void)state;
    night(&(struct night){.acts = usual, .count = 3, .unfinished = true});
    assert_int_equal(check(), CM_NOTHING); /* there is no complete run */
    o.candidate = "run:1";
    assert_int_equal(check_with(&o), CM_NOTHING);
    says("not stored as a baseline");
    assert_true(count("SELECT count(*) FROM ledger") == 0);
}

static void bad_input_gets_a_sentence(void **state)
{
    struct gate_options o = usual_options;

    (void)state;
    o.database = "none.db";
    assert_int_equal(check_with(&o), CM_USAGE);
    night(&quiet);
    o = usual_options;
    o.metrics = "no.such";
    assert_int_equal(check_with(&o), CM_NOTHING);
    o.metrics = NULL;
    o.candidate = "run:77";
    assert_int_equal(check_with(&o), CM_USAGE);
    o.candidate = NULL;
    o.junit = "no/such/folder/x.xml";
    assert_int_equal(check_with(&o), CM_INTERNAL);
}

static void globs_match_one_point(void **state)
{
    const char *texts[] = {"a/b:x=1", "a/b:x=1,y=2", "a/b:x=[1],y=*", "a/b:x=\\,y=?"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char *glob = gate_point_glob(texts[i]);

        for (size_t k = 0; k < 4; k++)
            assert_int_equal(text_glob(glob, texts[k]), i == k);
        free(glob);
    }
}

/* Two nights with one of everything. */
static void eventful(void)
{
    struct act acts[8] = {usual[0], usual[1], usual[2]};

    acts[3] = (struct act){"triad/serial:cache=warm,size=4096", "triad", "serial", NULL, NULL, 5e3, 2e4, 0, 0};
    acts[4] = (struct act){"triad/openmp:size=4096", "triad", "openmp", NULL, NULL, 5e3, 2e4, 0, 0};
    acts[5] = (struct act){"triad/simd:size=4096", "triad", "simd", NULL, NULL, 5e3, 2e4, 0, 0};
    acts[6] = (struct act){"triad/<b>|&\"x\":size=1", "triad", "<b>|&\"x\"", NULL, NULL, 5e3, 2e4, 0, 0};
    night(&(struct night){.acts = acts, .count = 7});
    check();
    acts[0].instructions *= 1.03;
    acts[1].instructions *= 1.05;
    acts[2].instructions *= 0.5;
    acts[3].time *= 1.25;
    acts[4].status = LAUNCH_CRASHED;
    acts[5].status = LAUNCH_WRONG;
    acts[6].kernel_version = "2";
    acts[7] = (struct act){"triad/new:size=1", "triad", "new", NULL, NULL, 5e3, 2e4, 0, 0};
    night(&(struct night){.acts = acts,
                          .count = 8,
                          .commit = "2222222222222222222222222222222222222222",
                          .binary = "cafe",
                          .release = "6.12"});
}

static void golden(const char *name, const struct gate *g, void (*writer)(const struct gate *, struct buf *))
{
    struct buf b = {0};
    char *path, *wanted;
    struct err e = {0};

    path = mem_format("%s/tests/golden/gate.%s", getenv("TOP") ? getenv("TOP") : ".", name);
    writer(g, &b);
    if (getenv("UPDATE_GOLDEN"))
        assert_int_equal(file_replace(path, buf_text(&b), b.length, &e), 0);
    wanted = file_read(path, NULL, &e);
    if (!wanted || strcmp(wanted, buf_text(&b)))
        fail_msg("%s is not what was written (%s):\n%s", path, e.text, buf_text(&b));
    free(wanted);
    free(path);
    buf_free(&b);
}

static void every_format_says_the_same(void **state)
{
    struct gate_options o = usual_options;
    struct buf text = {0};
    json_error_t why;
    struct gate g;
    json_t *root;

    (void)state;
    eventful();
    o.why = true;
    FINE(gate_open(&g, &o, true, e) || gate_judge(&g, e) || gate_confirm(&g, false, e) || gate_streaks(&g, e) ||
         gate_accept_first(&g, e));
    gate_group(&g);
    gate_conclude(&g);
    assert_int_equal(g.exit_code, CM_WRONG);
    g.candidate.started = 1700000000;
    golden("txt", &g, gate_write_text);
    golden("table.txt", &g, gate_write_table);
    golden("md", &g, gate_write_markdown);
    golden("junit.xml", &g, gate_write_junit);
    golden("github.txt", &g, gate_write_github);
    gate_write_json(&g, &text);
    root = json_loads(buf_text(&text), 0, &why);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "exit")), CM_WRONG);
    assert_int_equal(json_array_size(json_object_get(root, "findings")), g.finding_count);
    assert_int_equal(json_array_size(json_object_get(root, "comparisons")), g.item_count);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(root, "findings"), 0), "verdict")), "wrong");
    json_decref(root);
    buf_free(&text);
    gate_free(&g);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_run_is_the_baseline),
        TEST(instructions_decide_alone),
        TEST(a_tenth_of_a_percent_counts),
        TEST(what_counts_do_by_themselves_is_learnt),
        TEST(time_alone_is_ambiguous),
        TEST(the_same_program_is_not_blamed),
        TEST(few_launches_are_ambiguous),
        TEST(another_version_starts_anew),
        TEST(wrong_never_is_a_baseline),
        TEST(failures_are_named),
        TEST(scripted_and_real_are_apart),
        TEST(unlike_rungs_are_incomparable),
        TEST(machines_stay_apart),
        TEST(changed_environment_is_named),
        TEST(unfinished_is_not_accepted),
        TEST(bad_input_gets_a_sentence),
        cmocka_unit_test(globs_match_one_point),
        TEST(every_format_says_the_same),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(story);
    buf_free(&said);
    return failed;
}
