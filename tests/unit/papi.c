/*
 * Hardware counters, on a stand-in for PAPI (tests/tools/libpapi.c, which takes the library's place in this program): planning with
 * every kind of failure, counting of threads, trees and children, and what makes a reading suspect.
 * needs: papi
 */
#ifdef WITHOUT_PAPI

#include <stdio.h>

int main(void)
{
    puts("built without PAPI");
    return 77;
}

#else

#include "../tools/libpapi.c" /* NOLINT(bugprone-suspicious-include): its calls take the place of the library's */

#include "../../harness/base/buf.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#define TIES "PAPI_TOT_CYC,PAPI_TOT_INS"

extern const struct collector collector_papi;

/* What a plan says, as lines: "pass ...", "missing ...", "error ...", "sets" that were left behind. */
static void describe_plan(const char *wanted, struct buf *out)
{
    struct passes p = {0};
    struct err e = {0};

    if (collector_papi.plan(wanted, &p, &e))
        buf_addf(out, "error %d %s\n", e.code, e.text);
    for (size_t i = 0; i < p.passes.count; i++)
        buf_addf(out, "pass %s\n", p.passes.items[i]);
    for (size_t i = 0; i < p.missing.count; i++)
        buf_addf(out, "missing %s\n", p.missing.items[i]);
    if (standin_live_sets())
        buf_addf(out, "%d sets left behind\n", standin_live_sets());
    text_list_free(&p.passes);
    text_list_free(&p.missing);
}

static void describe_probe(const char *unused, struct buf *out)
{
    const char *cure = NULL, *reason = collector_papi.probe(&cure);

    (void)unused;
    buf_addf(out, "reason %s\ncure %s\n", reason ? reason : "none", cure);
}

/* Asks in a process of its own, as the collector remembers what it found. */
static const char *ask(const char *config, void (*describe)(const char *, struct buf *), const char *wanted)
{
    static char answer[8192];
    size_t length = 0;
    ssize_t n;
    int ends[2], status;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (!child) {
        struct buf out = {0};

        standin_configure(config);
        describe(wanted, &out);
        n = write(ends[1], buf_text(&out), out.length);
        _exit(n == (ssize_t)out.length ? 0 : 1);
    }
    close(ends[1]);
    while ((n = read(ends[0], answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)n;
    answer[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return answer;
}

static const char *plan(const char *config, const char *wanted)
{
    return ask(config, describe_plan, wanted);
}

static void plans_what_fits(void **state)
{
    (void)state;
    assert_string_equal(plan("", "base"), "pass papi:" TIES "\n");
    assert_string_equal(plan("", "cache"), "pass papi:" TIES ",PAPI_L1_DCM,PAPI_L2_DCM,PAPI_L3_TCM,PAPI_LST_INS\n");
    assert_string_equal(plan("counters=2", "branch+base+PAPI_BR_INS"),
                        "pass papi:" TIES ",PAPI_BR_INS,PAPI_BR_MSP\npass papi:" TIES ",PAPI_BR_CN,PAPI_BR_TKN\n");
    assert_string_equal(plan("counters=8", ""),
                        "pass papi:" TIES ",PAPI_L1_DCM,PAPI_L2_DCM,PAPI_L3_TCM,PAPI_LST_INS,PAPI_BR_INS,PAPI_BR_MSP,"
                        "PAPI_BR_CN,PAPI_BR_TKN\n");
    assert_string_equal(plan("", "perf::BUS-CYCLES"), "pass papi:" TIES ",perf::BUS-CYCLES\n");
}

static void takes_alternatives(void **state)
{
    const char *text;

    (void)state;
    assert_string_equal(plan("missing=PAPI_BR_MSP", "PAPI_BR_MSP+PAPI_BR_INS"),
                        "pass papi:" TIES ",PAPI_BR_MSP=perf::BRANCH-MISSES,PAPI_BR_INS\n");
    assert_string_equal(plan("presets=none", "PAPI_BR_MSP"),
                        "pass papi:PAPI_TOT_CYC=perf::CYCLES,PAPI_TOT_INS=perf::INSTRUCTIONS,"
                        "PAPI_BR_MSP=perf::BRANCH-MISSES\n");
    text = plan("missing=PAPI_BR_MSP+perf::BRANCH-MISSES", "PAPI_BR_MSP");
    assert_non_null(strstr(text, "pass papi:" TIES "\n"));
    assert_non_null(strstr(text, "missing papi.PAPI_BR_MSP\tPAPI_BR_MSP: this CPU"));
    assert_non_null(strstr(text, "; perf::BRANCH-MISSES: this CPU"));
    assert_non_null(strstr(plan("", "PAPI_NOT_KNOWN"), "missing papi.PAPI_NOT_KNOWN\tPAPI_NOT_KNOWN: this CPU"));
}

static void sets_prove_themselves(void **state)
{
    static const char *const lies[] = {"wrong", "huge", "negative", "late", "still"};
    static const char *const reasons[] = {"a loop of 500000 instructions was counted as 8000000", "implied clock",
                                          "negative count", "fit", "stood still"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char config[100], other[100];
        const char *text;

        snprintf(config, sizeof config, "%s=PAPI_FP_OPS", lies[i]);
        text = plan(config, "PAPI_FP_OPS+PAPI_DP_OPS");
        assert_non_null(strstr(text, "pass papi:" TIES ",PAPI_DP_OPS\n"));
        assert_non_null(strstr(text, "missing papi.PAPI_FP_OPS\tPAPI_FP_OPS: "));
        assert_non_null(strstr(text, reasons[i]));
        snprintf(other, sizeof other, "%s=PAPI_BR_INS", lies[i]);
        assert_string_equal(plan(other, "PAPI_BR_INS"), "pass papi:" TIES ",PAPI_BR_INS=perf::BRANCHES\n");
    }
    assert_string_equal(plan("wrongpair=PAPI_FP_OPS+PAPI_FML_INS", "PAPI_FP_OPS+PAPI_FML_INS+PAPI_DP_OPS"),
                        "pass papi:" TIES ",PAPI_FP_OPS,PAPI_DP_OPS\npass papi:" TIES ",PAPI_FML_INS\n");
    assert_non_null(strstr(plan("wrong=PAPI_TOT_INS+perf::INSTRUCTIONS", "base"), "missing papi.PAPI_TOT_INS\ta loop"));
}

static void says_why_nothing_counts(void **state)
{
    static const char *const configs[] = {"pmu=none", "pmu=denied", "pmu=off"};
    static const char *const reasons[] = {"no PMU", "does not permit", "disabled by the stand-in"};
    static const char *const cures[] = {"cure give a virtual machine", "CAP_PERFMON", "perf_event"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *text = plan(configs[i], "branch");

        assert_null(strstr(text, "pass "));
        assert_non_null(strstr(text, "missing papi.PAPI_BR_INS\t"));
        assert_non_null(strstr(text, "missing papi.PAPI_BR_TKN\t"));
        assert_non_null(strstr(text, reasons[i]));
        text = ask(configs[i], describe_probe, NULL);
        assert_non_null(strstr(text, reasons[i]));
        assert_non_null(strstr(text, cures[i]));
    }
    assert_string_equal(ask("", describe_probe, NULL), "reason none\ncure \n");
}

static void names_are_checked(void **state)
{
    const char *text = plan("", "base+cach");

    (void)state;
    assert_non_null(strstr(text, "error 2 papi: there is no event group or event \"cach\""));
    assert_non_null(strstr(text, "cache"));
    assert_non_null(strstr(plan("", "+"), "error 2 "));
}

static double value_of(void *handle, const char *metric, enum quality wanted, char reason[120])
{
    struct reading r[64];
    size_t n = collector_papi.read(handle, r, 64);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(r[i].metric, metric))
            continue;
        assert_int_equal(r[i].quality, wanted);
        if (reason)
            memcpy(reason, r[i].reason, 120);
        return r[i].value;
    }
    fail_msg("no reading %s", metric);
    return NAN;
}

/* Long enough that the stand-in's cycles (by the clock) look like those of a running program. */
static void region(void *handle)
{
    assert_int_equal(collector_papi.start(handle), 0);
    papi_proof_loop(200000);
    assert_int_equal(collector_papi.stop(handle), 0);
}

static void *open_on(const char *config, const char *events, enum target_kind kind, const pid_t *threads, size_t count,
                     pid_t child)
{
    struct target t = {.kind = kind, .threads = threads, .thread_count = count, .child = child};
    struct err e = {0};
    void *handle;

    standin_configure(config);
    handle = collector_papi.open(events, &t, &e);
    assert_string_equal(e.text, "");
    assert_non_null(handle);
    return handle;
}

static void *open_self(const char *config, const char *events)
{
    pid_t self = gettid();

    return open_on(config, events, TARGET_THREADS, &self, 1, 0);
}

static void close_all(void *handle)
{
    collector_papi.close(handle);
    assert_int_equal(standin_live_sets(), 0);
}

static void subtracts_the_empty_region(void **state)
{
    void *h = open_self("work=5000 other=70", TIES ",PAPI_L1_DCM");
    struct reading one;

    (void)state;
    for (int i = 0; i < 3; i++) {
        region(h);
        assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 5000);
        assert_true(value_of(h, "papi.PAPI_L1_DCM", QUALITY_EXACT, NULL) == 70);
    }
    assert_int_equal(collector_papi.read(h, &one, 1), 1);
    assert_int_equal(collector_papi.read(h, &one, 0), 0);
    close_all(h);
}

static void counts_the_kernel_if_asked(void **state)
{
    pid_t self = gettid();
    struct target t = {.kind = TARGET_THREADS, .threads = &self, .thread_count = 1, .count_kernel = true};
    struct err e = {0};
    void *h;

    (void)state;
    standin_configure("work=5000");
    h = collector_papi.open(TIES, &t, &e);
    assert_non_null(h);
    region(h);
    assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 10000);
    close_all(h);
    standin_configure("pmu=denied");
    assert_null(collector_papi.open(TIES, &t, &e));
    assert_non_null(strstr(e.text, "the kernel's share cannot be counted: the system does not permit"));
    assert_int_equal(standin_live_sets(), 0);
}

static int wake[2];
static pid_t sleeper_id;

static void *sleeper(void *user)
{
    char byte;

    (void)user;
    __atomic_store_n(&sleeper_id, gettid(), __ATOMIC_RELEASE);
    return read(wake[0], &byte, 1) == 1 ? NULL : &sleeper_id;
}

static void sums_threads_and_shows_their_spread(void **state)
{
    pid_t ids[2] = {gettid(), 0};
    pthread_t thread;
    void *h;

    (void)state;
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(pthread_create(&thread, NULL, sleeper, NULL), 0);
    while (!(ids[1] = __atomic_load_n(&sleeper_id, __ATOMIC_ACQUIRE)))
        usleep(100);
    h = open_on("work=5000", TIES, TARGET_THREADS, ids, 2, 0);
    region(h);
    assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 15000);
    assert_true(value_of(h, "papi.PAPI_TOT_INS.thread_min", QUALITY_EXACT, NULL) == 5000);
    assert_true(value_of(h, "papi.PAPI_TOT_INS.thread_max", QUALITY_EXACT, NULL) == 10000);
    close_all(h);
    assert_int_equal(write(wake[1], "x", 1), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(wake[0]);
    close(wake[1]);
}

static void forgets_children_of_earlier_regions(void **state)
{
    void *h = open_on("work=5000", TIES, TARGET_TREE, NULL, 0, 0);

    (void)state;
    for (int i = 0; i < 4; i++) {
        region(h);
        assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 5000);
    }
    close_all(h);
}

static void counts_another_process(void **state)
{
    pid_t child = fork(), gone;
    struct target t = {.kind = TARGET_CHILD};
    struct err e = {0};
    void *h;

    (void)state;
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    h = open_on("work=5000", TIES, TARGET_CHILD, NULL, 0, child);
    region(h);
    assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 5000 + COST);
    close_all(h);
    kill(child, SIGKILL);
    gone = waitpid(child, NULL, 0);
    t.child = gone;
    assert_null(collector_papi.open(TIES, &t, &e));
    assert_non_null(strstr(e.text, "cannot be counted"));
    assert_int_equal(standin_live_sets(), 0);
}

static void marks_what_cannot_be(void **state)
{
    static const char *const later[] = {"huge=PAPI_L1_DCM", "still=PAPI_L1_DCM", "negative=PAPI_TOT_INS"};
    static const char *const reasons[] = {"implied clock", "stood still", "tie-point is negative"};
    char reason[120];
    void *h;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        h = open_self("", TIES ",PAPI_L1_DCM");
        standin_configure(later[i]);
        region(h);
        value_of(h, "papi.PAPI_L1_DCM", QUALITY_SUSPECT, reason);
        assert_non_null(strstr(reason, reasons[i]));
        value_of(h, "papi.PAPI_TOT_CYC", QUALITY_SUSPECT, NULL);
        close_all(h);
    }
    h = open_self("", TIES ",PAPI_L1_DCM,PAPI_L2_DCM");
    standin_configure("negative=PAPI_L1_DCM");
    region(h);
    value_of(h, "papi.PAPI_L1_DCM", QUALITY_SUSPECT, reason);
    assert_non_null(strstr(reason, "negative count: -5"));
    value_of(h, "papi.PAPI_L2_DCM", QUALITY_EXACT, NULL);
    standin_configure("other=99999999999");
    region(h);
    value_of(h, "papi.PAPI_L2_DCM", QUALITY_SUSPECT, NULL);
    value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL);
    close_all(h);
}

static void never_counts_below_zero(void **state)
{
    void *h = open_self("work=0 other=0", TIES ",PAPI_L1_DCM");

    (void)state;
    standin_configure("work=-1 other=-1");
    region(h);
    assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL) == 0);
    assert_true(value_of(h, "papi.PAPI_L1_DCM", QUALITY_EXACT, NULL) == 0);
    standin_configure("work=-2500");
    region(h);
    assert_true(value_of(h, "papi.PAPI_TOT_INS", QUALITY_SUSPECT, NULL) == 0);
    close_all(h);
}

static void failure_is_told(void **state)
{
    void *h = open_self("", TIES);
    struct target t = {.kind = TARGET_TREE};
    struct err e = {0};
    char reason[120];

    (void)state;
    standin_configure("failstop=1");
    assert_int_equal(collector_papi.start(h), 0);
    assert_int_equal(collector_papi.stop(h), -1);
    assert_true(isnan(value_of(h, "papi.PAPI_TOT_INS", QUALITY_UNAVAILABLE, reason)));
    assert_non_null(strstr(reason, "cannot be stopped"));
    region(h);
    value_of(h, "papi.PAPI_TOT_INS", QUALITY_EXACT, NULL);
    close_all(h);
    assert_null(collector_papi.open(TIES ",PAPI_NOT_KNOWN", &t, &e));
    assert_non_null(strstr(e.text, "PAPI_NOT_KNOWN: this CPU"));
    err_clear(&e);
    assert_null(collector_papi.open("PAPI_TOT_CYC,,PAPI_TOT_INS", &t, &e));
    assert_non_null(strstr(e.text, "without a name"));
    assert_int_equal(standin_live_sets(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_what_fits),
        cmocka_unit_test(takes_alternatives),
        cmocka_unit_test(sets_prove_themselves),
        cmocka_unit_test(says_why_nothing_counts),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(subtracts_the_empty_region),
        cmocka_unit_test(counts_the_kernel_if_asked),
        cmocka_unit_test(sums_threads_and_shows_their_spread),
        cmocka_unit_test(forgets_children_of_earlier_regions),
        cmocka_unit_test(counts_another_process),
        cmocka_unit_test(marks_what_cannot_be),
        cmocka_unit_test(never_counts_below_zero),
        cmocka_unit_test(failure_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
