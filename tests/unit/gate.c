/* The gate over stores filled by hand: every verdict, what becomes a baseline, what is learnt, and the exit codes. */
#include "gate_fixture.h"

#include "../../harness/base/text.h"

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
        tells("1 regression: mandelbrot/serial instructions +3.0 % (2 points) against commit 1111111; 1 point same");
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
    tells("1 improvement: mandelbrot/serial instructions -2.9 % (2 points) against commit 2222222");
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
    acts[0].instructions = usual[0].instructions * 1.000999; /* counters are off by a handful */
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

/* The same program counts more since something else changed: what was red is not the noise of the next night. */
static void red_does_not_excuse_itself(void **state)
{
    struct act acts[1] = {usual[0]};

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].instructions *= 1.03;
    for (int i = 0; i < 3; i++) {
        night(&(struct night){.acts = acts, .count = 1});
        assert_int_equal(check(), CM_REGRESSION);
    }
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

/* One wrong launch of nine spoils the point, on either side. */
static void one_wrong_launch_is_enough(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    struct gate_options o = usual_options;
    int64_t run;

    (void)state;
    acts[2].status = LAUNCH_WRONG;
    acts[2].once = true;
    run = night(&(struct night){.acts = acts, .count = 3});
    assert_int_equal(check(), CM_WRONG);
    expect(run, B64, "papi.PAPI_TOT_INS", "wrong");
    says("1 of 9 launches gave a wrong result");
    assert_true(count("SELECT count(*) FROM ledger WHERE points LIKE '%simd%' OR points = '*'") == 0);
    run = night(&quiet);
    o.baseline = "run:1";
    assert_int_equal(check_with(&o), CM_FINE);
    expect(run, B64, "wall.time", "new");
    expect(run, A64, "wall.time", "same");
}

/* One crash of nine costs that launch: the others are compared, and the night is not trusted all the same. */
static void one_crash_costs_one_launch(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    acts[2].status = LAUNCH_CRASHED;
    acts[2].once = true;
    acts[2].instructions *= 1.1;
    run = night(&(struct night){.acts = acts, .count = 3, .binary = "cafe"});
    assert_int_equal(check(), CM_REGRESSION);
    expect(run, B64, "papi.PAPI_TOT_INS", "slower");
    expect(run, B64, "wall.time", "same"); /* seven are too few for a change, but enough for none */
    tells("1 variant failed: mandelbrot/simd (1 point)");
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

/* A database without a run has no metrics either: the lack of a run is what is said. */
static void nothing_was_measured(void **state)
{
    struct err problem = {0};
    struct store *s;

    (void)state;
    FINE(store_open(&s, "gate.db", STORE_WRITE, e));
    store_close(s);
    free(story);
    assert_int_equal(gate_run(&usual_options, &said, &story, &problem), CM_NOTHING);
    assert_non_null(strstr(problem.text, "no complete run"));
}

static void machines_stay_apart(void **state)
{
    struct gate_options o = usual_options;
    struct act slow[3] = {usual[0], usual[1], usual[2]};

    (void)state;
    night(&quiet);
    check();
    night(&(struct night){.acts = usual, .count = 3, .machine = "other"});
    o.baseline = "run:1";
    assert_int_equal(check_with(&o), CM_NOTHING);
    says("run 1 is of machine box, this run of other");
    o.across_machines = true; /* as compare does, for the numbers */
    assert_int_equal(check_with(&o), CM_FINE);
    tells("3 points same");
    slow[1].time *= 1.2;
    night(&(struct night){.acts = slow, .count = 3, .machine = "slow"});
    assert_int_equal(check_with(&o), CM_REGRESSION);
    says("of stored launches: two machines cannot be measured in turns");
    tells("1 regression");
    o.across_machines = false;
    night(&(struct night){.acts = usual, .count = 3, .machine = "other"});
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_run_is_the_baseline),
        TEST(instructions_decide_alone),
        TEST(a_tenth_of_a_percent_counts),
        TEST(what_counts_do_by_themselves_is_learnt),
        TEST(red_does_not_excuse_itself),
        TEST(time_alone_is_ambiguous),
        TEST(another_version_starts_anew),
        TEST(wrong_never_is_a_baseline),
        TEST(one_wrong_launch_is_enough),
        TEST(one_crash_costs_one_launch),
        TEST(failures_are_named),
        TEST(scripted_and_real_are_apart),
        TEST(unlike_rungs_are_incomparable),
        TEST(nothing_was_measured),
        TEST(machines_stay_apart),
        TEST(changed_environment_is_named),
        TEST(unfinished_is_not_accepted),
        TEST(bad_input_gets_a_sentence),
        cmocka_unit_test(globs_match_one_point),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(story);
    buf_free(&said);
    return failed;
}
