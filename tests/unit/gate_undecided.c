/* What the gate leaves undecided, or settles without a test: one program in two runs, few launches, what cannot be measured again. */
#include "gate_fixture.h"

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

/* Two runs of one program in one environment: no time says that it changed, however few the launches. */
static void the_same_program_needs_no_launches(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night once = {.acts = acts, .count = 3, .launches = 1};
    struct gate_options strict = usual_options;
    int64_t run;

    (void)state;
    strict.strict = true;
    night(&once);
    check();
    acts[0].time *= 1.5;
    run = night(&once);
    assert_int_equal(check_with(&strict), CM_FINE);
    tells("nothing slower; 3 points same");
    expect(run, A64, "wall.time", "same");
    run = night(&(struct night){.acts = acts, .count = 3, .launches = 1, .release = "6.12"});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "ambiguous");
    says("the same program, but the environment changed: kernel.release 6.1 -> 6.12");
    night(&(struct night){.acts = acts, .count = 3, .release = "6.12"});
    check();
    says("too few launches: 1 in the baseline and 8 now, 8 a side are needed; the same program, but the environment");
}

/* Nor where the machine moved and the program's times did not: they hide no change of its code. */
static void the_same_program_hides_nothing_under_a_machine_that_moved(void **state)
{
    struct act acts[2] = {usual[0], {"anchor/core", "anchor", "core", .time = 1e7}};
    int64_t run;

    (void)state;
    night(&(struct night){.acts = acts, .count = 2});
    check();
    acts[1].time *= 0.94;
    run = night(&(struct night){.acts = acts, .count = 2});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "same");
    tells("the machine changed by -6.0 %");
    run = night(&(struct night){.acts = acts, .count = 2, .binary = "cafe"});
    check();
    expect(run, A64, "wall.time", "ambiguous");
}

/* Times that were taken while the clock was held back are kept and marked; they decide nothing where most are such. */
static void marked_times_are_heard_while_they_are_few(void **state)
{
    static const struct {
        int before, now;
        double factor;
        const char *verdict, *reason;
    } rows[] = {
        {0, 1, 1, "same", ""},
        {1, 1, 1, "same", ""},
        {0, 1, 1.2, "ambiguous", "only stored launches speak"}, /* as any other that nobody measured again */
        {0, 2, 1.2, "ambiguous",
         "cannot be trusted: exact in the baseline, suspect(the GPU's clock was held back: heat) now"},
        {3, 0, 1.2, "ambiguous",
         "cannot be trusted: suspect(the GPU's clock was held back: heat) in the baseline, exact now"},
        {0, 3, 1, "ambiguous", "cannot be trusted"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct act acts[1] = {usual[0]};
        struct gate_options two = usual_options;
        char before[24];
        int64_t run;

        snprintf(before, sizeof before, "run:%" PRId64,
                 night(&(struct night){.acts = acts, .count = 1, .doubtful = rows[i].before}));
        acts[0].time *= rows[i].factor;
        run = night(&(struct night){.acts = acts, .count = 1, .binary = "cafe", .doubtful = rows[i].now});
        two.baseline = before;
        /* Ambiguous three times running is untrusted, never a regression. */
        assert_int_equal(check_with(&two), i < 4 ? CM_FINE : CM_UNTRUSTED);
        expect(run, A64, "wall.time", rows[i].verdict);
        if (*rows[i].reason)
            says(rows[i].reason);
    }
}

static void another_environment_is_ambiguous(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    int64_t run;

    (void)state;
    night(&quiet);
    check();
    acts[0].time *= 1.5;
    run = night(&(struct night){.acts = acts, .count = 3, .release = "6.12"});
    assert_int_equal(check(), CM_FINE);
    expect(run, A64, "wall.time", "ambiguous");
    expect(run, B64, "wall.time", "same");
    says("the same program as in run 1, but the environment changed: kernel.release 6.1 -> 6.12");
}

/* Programs of the user are known by their files, though a large shift is not explained away: they load and run others. */
static void programs_of_the_user_are_known_by_their_files(void **state)
{
    struct act act = {"command/app", "command", "app", NULL, "f11e", 1e6, 0, 0, false, 0};
    const struct night few = {.acts = &act, .count = 1, .launches = 2};
    int64_t run;

    (void)state;
    night(&few);
    check();
    act.time *= 1.04;
    run = night(&few);
    check();
    expect(run, "command/app", "wall.time", "same");
    act.time *= 1.1;
    run = night(&few);
    check();
    expect(run, "command/app", "wall.time", "ambiguous");
    act.code = "0dd";
    act.time = 1.04e6;
    run = night(&few);
    check();
    expect(run, "command/app", "wall.time", "ambiguous");
}

static void programs_that_load_others_stay_ambiguous(void **state)
{
    struct act act = {"command/app", "command", "app", NULL, "f11e", 1e6, 0, 0, false, 0};
    const struct night many = {.acts = &act, .count = 1, .binary = "cafe"};
    int64_t run;

    (void)state;
    night(&many);
    check();
    act.time *= 1.2;
    run = night(&many);
    assert_int_equal(check(), CM_FINE);
    expect(run, "command/app", "wall.time", "ambiguous");
    says("look at what it loads, reads and runs");
    act.time = 1.04e6;
    run = night(&many);
    check();
    expect(run, "command/app", "wall.time", "same");
}

static void few_launches_are_ambiguous(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night few = {.acts = acts, .count = 3, .launches = 7, .binary = "cafe"};
    const struct night slow = {.acts = acts, .count = 3, .binary = "cafe"};
    struct gate_options strict = usual_options;
    int64_t run;

    (void)state;
    strict.strict = true;
    night(&quiet);
    check();
    acts[0].time *= 1.03;
    acts[2].time *= 1.1;
    run = night(&few);
    assert_int_equal(check(), CM_FINE);
    tells("nothing slower; 1 point same, 2 ambiguous");
    expect(run, A64, "wall.time", "ambiguous");
    expect(run, A128, "wall.time", "same"); /* its whole interval lies below what counts */
    expect(run, A64, "papi.PAPI_TOT_INS", "same");
    says("F1, F2: too few launches: 8 in the baseline and 7 now, 8 a side are needed");
    assert_int_equal(check_with(&strict), CM_UNTRUSTED);
    for (int i = 0; i < 4; i++) { /* a quick check every hour is no streak */
        night(&few);
        assert_int_equal(check(), CM_FINE);
    }
    night(&slow);
    assert_int_equal(check(), CM_FINE);
    night(&few); /* nor does it end one */
    assert_int_equal(check(), CM_FINE);
    night(&slow);
    assert_int_equal(check(), CM_FINE);
    night(&few); /* nor is it the third */
    assert_int_equal(check(), CM_FINE);
    night(&slow);
    assert_int_equal(check(), CM_UNTRUSTED);
    tells("2 comparisons ambiguous in three checks running");
}

/* What changes nothing takes a line; what was asked for, or counts, is told in full. */
static void ambiguity_is_told_in_few_words(void **state)
{
    struct act acts[3] = {usual[0], usual[1], usual[2]};
    const struct night slow = {.acts = acts, .count = 3, .binary = "cafe"};
    struct gate_options o = usual_options;

    (void)state;
    night(&quiet);
    check();
    acts[0].time *= 1.2;
    acts[2].time *= 1.1;
    night(&slow);
    check();
    says("ambiguous, not gating (--why shows more):\n"
         "    F1  mandelbrot/serial: time +20.0 % (1 point)\n"
         "    F2  mandelbrot/simd: time +10.0 % (1 point)\n"
         "    F1, F2: only stored launches speak: the program of run 1 was not kept beside the database\n");
    if (strstr(buf_text(&said), "again:") || strstr(buf_text(&said), "perf stat"))
        fail_msg("too many words: %s", buf_text(&said));
    o.why = true;
    check_with(&o);
    says("F2  ambiguous  mandelbrot/simd");
    says("perf stat");
    o.why = false;
    o.strict = true;
    check_with(&o);
    says("F2  ambiguous  mandelbrot/simd");
    night(&slow);
    check();
    night(&slow);
    assert_int_equal(check(), CM_UNTRUSTED);
    says("F2  ambiguous  mandelbrot/simd");
}

/* Where no launch can be made, a small change is judged by what is stored, and the reason says so. */
static void small_changes_that_cannot_be_counted_again(void **state)
{
    struct act acts[1] = {usual[0]};

    (void)state;
    night(&(struct night){.acts = usual, .count = 1});
    check();
    acts[0].instructions *= 1.005;
    night(&(struct night){.acts = acts, .count = 1, .binary = "cafe"});
    assert_int_equal(check(), CM_REGRESSION);
    says("; not counted again: the program of run 2 was not kept beside the database");
    acts[0].instructions = usual[0].instructions * 1.02;
    night(&(struct night){.acts = acts, .count = 1, .binary = "cafe"});
    assert_int_equal(check(), CM_REGRESSION);
    if (strstr(buf_text(&said), "counted again"))
        fail_msg("2 %% of one thread need no second count: %s", buf_text(&said));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_program_is_not_blamed),
        TEST(the_same_program_needs_no_launches),
        TEST(the_same_program_hides_nothing_under_a_machine_that_moved),
        TEST(marked_times_are_heard_while_they_are_few),
        TEST(another_environment_is_ambiguous),
        TEST(programs_of_the_user_are_known_by_their_files),
        TEST(programs_that_load_others_stay_ambiguous),
        TEST(few_launches_are_ambiguous),
        TEST(ambiguity_is_told_in_few_words),
        TEST(small_changes_that_cannot_be_counted_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(story);
    buf_free(&said);
    return failed;
}
