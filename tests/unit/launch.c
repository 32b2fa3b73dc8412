/*
 * The parent's side of a launch against workers that misbehave: shell scripts stand in for the program, so that each
 * does exactly one thing wrong. Also the two directions of the protocol.
 */
#include "../../harness/launch.h"
#include "../../harness/base/clock.h"
#include "../../harness/base/file.h"
#include "../../harness/base/mem.h"
#include "../../harness/launch_message.h"
#include "../../harness/launch_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELLO "printf '{\"protocol\":1}\\n' >&4\n"
#define METRIC                                                                                                         \
    "printf '{\"metric\":{\"name\":\"wall.time\",\"unit\":\"ns\",\"meaning\":\"m\",\"formula\":null,\"kind\":0,"       \
    "\"better\":0,\"deterministic\":false}}\\n' >&4\n"
#define RESULT                                                                                                         \
    "printf '{\"result\":{\"status\":1,\"reason\":\"\",\"signal\":0,\"exit\":0,\"inner\":5,\"executing\":0.5,"         \
    "\"match\":0,\"deviations\":0,\"elements\":7.0,\"flops\":1.0,\"read\":0.0,\"written\":0.0,"                        \
    "\"checksum\":\"ab\"}}\\n' >&4\n"
#define GOOD                                                                                                           \
    HELLO METRIC                                                                                                       \
        "printf '{\"sample\":[0,0,1.5,0,1.0,\"\"]}\\n{\"sample\":[0,1,null,5,0.0,\"why not\"]}\\n' >&4\n" RESULT       \
        "printf '{\"end\":2}\\n' >&4\n"

static const struct fact axes[] = {{(char *)"size", (char *)"300"}, {NULL, NULL}};

static struct launch_spec spec_for(const char *body)
{
    static char path[64];
    char *text = mem_format("#!/bin/sh\n%s", body);
    struct err e = {0};

    snprintf(path, sizeof path, "./worker-%d", (int)getpid());
    assert_int_equal(file_replace(path, text, strlen(text), &e), 0);
    assert_int_equal(chmod(path, 0755), 0);
    free(text);
    return (struct launch_spec){.program = path,
                                .point = "k/v:size=300",
                                .kernel = "k",
                                .variant = "v",
                                .axes = axes,
                                .pass = "",
                                .timeout_s = 20,
                                .seed = UINT64_MAX,
                                .layout_seed = 3};
}

static int count_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static void accidents_become_sentences(void **state)
{
    static const struct {
        const char *body;
        enum launch_status status;
        const char *reason; /* must occur */
    } rows[] = {
        {GOOD, LAUNCH_DONE, ""},
        {"exit 0", LAUNCH_GARBLED, "ended without a result"},
        {"echo a hint >&2", LAUNCH_GARBLED, "ended without a result: a hint"},
        {"echo hello >&4", LAUNCH_GARBLED, "is no message"},
        {HELLO "echo '[1]' >&4", LAUNCH_GARBLED, "is no message"},
        {METRIC, LAUNCH_GARBLED, "does not belong there"},
        {"echo '{\"protocol\":99}' >&4", LAUNCH_GARBLED, "speaks protocol 99"},
        {HELLO RESULT, LAUNCH_GARBLED, "ended without a result"},
        {HELLO METRIC RESULT "echo '{\"end\":3}' >&4", LAUNCH_GARBLED, "samples are missing"},
        {HELLO METRIC "echo '{\"sample\":[1,0,1.5,0,1.0,\"\"]}' >&4", LAUNCH_GARBLED, "out of range"},
        {HELLO METRIC "echo '{\"sample\":[0,0,null,0,1.0,\"\"]}' >&4", LAUNCH_GARBLED, "no value"},
        {HELLO METRIC "echo '{\"sample\":[0,-7,1.0,0,1.0,\"\"]}' >&4", LAUNCH_GARBLED, "out of range"},
        {GOOD "echo '{\"end\":2}' >&4", LAUNCH_GARBLED, "does not belong there"},
        {"tr '\\0' x </dev/zero >&4", LAUNCH_GARBLED, "has no end"},
        {"yes '{\"protocol\":1}' >&4", LAUNCH_GARBLED, "does not belong there"},
        {"echo first >&2; echo; echo 'last words' >&2; exit 7", LAUNCH_EXITED, "ended with status 7: last words"},
        {GOOD "exit 9", LAUNCH_EXITED, "ended with status 9"},
        {"printf 'bad \\033[1m\\377 text' ; exit 1", LAUNCH_EXITED, "bad ?[1m? text"},
        {"kill -SEGV $$", LAUNCH_CRASHED, "died from signal 11 (Segmentation fault)"},
        {GOOD "kill -ABRT $$", LAUNCH_CRASHED, "died from signal 6"},
        {"kill -KILL $$", LAUNCH_CRASHED, "killed from outside"},
        /* Children that outlive the worker and hold its pipes cost nothing but themselves. */
        {GOOD "sleep 1000 & exit 0", LAUNCH_DONE, ""},
        {"cat <&0 >/dev/null;" GOOD, LAUNCH_DONE, ""},
    };
    int fds = count_fds();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct launch_spec spec = spec_for(rows[i].body);
        struct launch_outcome out;
        struct err e = {0};

        assert_int_equal(launch_execute(&spec, &out, &e), 0);
        if (out.result.status != rows[i].status || !strstr(out.result.reason, rows[i].reason))
            fail_msg("row %zu: %s (%s), not %s (%s)", i, launch_status_name(out.result.status), out.result.reason,
                     launch_status_name(rows[i].status), rows[i].reason);
        assert_int_equal(out.sample_count, rows[i].status == LAUNCH_DONE ? 2 : 0);
        assert_true(out.result.wall_s > 0 && out.result.wall_s < 15);
        launch_outcome_free(&out);
    }
    assert_int_equal(count_fds(), fds);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void answers_arrive(void **state)
{
    struct launch_spec spec = spec_for("[ \"$1\" = worker ] && [ \"$OMP_WAIT_POLICY\" = passive ] || exit 1\n" GOOD);
    struct launch_outcome out;
    struct err e = {0};

    (void)state;
    assert_int_equal(launch_execute(&spec, &out, &e), 0);
    assert_int_equal(out.result.status, LAUNCH_DONE);
    assert_int_equal(out.result.inner, 5);
    assert_true(out.result.executing_s == 0.5 && out.result.elements == 7);
    assert_string_equal(out.result.checksum, "ab");
    assert_string_equal(launch_outcome_text(&out, "steers \033[1m a\nterminal"), "steers  [1m a terminal");
    assert_int_equal(out.metric_count, 1);
    assert_string_equal(out.metrics[0].name, "wall.time");
    assert_null(out.metrics[0].formula);
    assert_string_equal(out.samples[0].metric, "wall.time");
    assert_true(out.samples[0].value == 1.5);
    assert_int_equal(out.samples[1].quality, QUALITY_UNAVAILABLE);
    assert_true(isnan(out.samples[1].value));
    assert_string_equal(out.samples[1].reason, "why not");
    launch_outcome_free(&out);
}

static bool alive(const char *pid_file)
{
    char *text = file_read(pid_file, NULL, NULL), path[64], status[256] = "";
    FILE *f;
    bool there;

    assert_non_null(text);
    snprintf(path, sizeof path, "/proc/%d/stat", atoi(text));
    free(text);
    f = fopen(path, "r");
    there = f && fgets(status, sizeof status, f) && !strstr(status, ") Z ");
    if (f)
        fclose(f);
    return there;
}

static void hanging_ends_with_the_whole_group(void **state)
{
    struct launch_spec spec = spec_for("sleep 1000 & echo $! >pid; wait");
    struct launch_outcome out;
    struct err e = {0};

    (void)state;
    spec.timeout_s = 1;
    assert_int_equal(launch_execute(&spec, &out, &e), 0);
    assert_int_equal(out.result.status, LAUNCH_HUNG);
    assert_string_equal(out.result.reason, "exceeded its time limit of 1 s");
    assert_true(out.result.wall_s < 10);
    launch_outcome_free(&out);
    for (int i = 0; i < 200 && alive("pid"); i++)
        usleep(10000);
    assert_false(alive("pid"));
}

static void printing_without_end_costs_no_memory(void **state)
{
    static const struct {
        const char *body;
        enum launch_status status;
    } rows[] = {
        {"exec yes 'all work and no play'", LAUNCH_HUNG},
        {"exec tr '\\0' x </dev/zero >&4", LAUNCH_GARBLED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct launch_spec spec = spec_for(rows[i].body);
        struct rusage before, after;
        struct launch_outcome out;
        struct err e = {0};

        spec.timeout_s = 1;
        getrusage(RUSAGE_SELF, &before);
        assert_int_equal(launch_execute(&spec, &out, &e), 0);
        getrusage(RUSAGE_SELF, &after);
        assert_int_equal(out.result.status, rows[i].status);
        assert_true(after.ru_maxrss - before.ru_maxrss < 4096);
        launch_outcome_free(&out);
    }
}

/* A child takes the memory, not the worker itself: tail keeps what has no newline. */
static void memory_is_watched(void **state)
{
    struct launch_spec spec = spec_for("head -c 2000000000 /dev/zero | tail -n 1 >/dev/null; sleep 100");
    struct launch_outcome out;
    struct err e = {0};

    (void)state;
    spec.memory_limit = 100 << 20;
    assert_int_equal(launch_execute(&spec, &out, &e), 0);
    assert_int_equal(out.result.status, LAUNCH_MEMORY);
    assert_non_null(strstr(out.result.reason, "more than its limit of 100 MiB"));
    launch_outcome_free(&out);
}

static void no_program_is_an_error(void **state)
{
    struct launch_spec spec = spec_for("exit 0");
    struct launch_outcome out;
    struct err e = {0};
    int fds = count_fds();

    (void)state;
    spec.program = "./there-is-no-such-program";
    assert_int_equal(launch_execute(&spec, &out, &e), -1);
    assert_int_equal(e.code, CM_INTERNAL);
    assert_non_null(strstr(e.text, "there-is-no-such-program: No such file"));
    assert_int_equal(count_fds(), fds);
}

static void requests_survive_the_way(void **state)
{
    char *command[] = {(char *)"./a b", (char *)"--x=\"1\"", (char *)"", NULL};
    struct launch_spec spec = spec_for("");
    struct launch_request got;
    struct err e = {0};
    char *line;

    (void)state;
    spec.command = command;
    spec.verify = "out*.txt";
    spec.precision = 0.01;
    spec.inner = 5000000000;
    spec.isolate = true;
    line = launch_request_encode(&spec, 42, &e);
    assert_non_null(line);
    assert_null(strchr(line, '\n'));
    assert_int_equal(launch_request_decode(line, &got, &e), 0);
    assert_int_equal(got.parent, 42);
    assert_string_equal(got.spec.point, spec.point);
    assert_string_equal(got.spec.axes[0].name, "size");
    assert_string_equal(got.spec.axes[0].value, "300");
    assert_null(got.spec.axes[1].name);
    assert_string_equal(got.spec.command[0], "./a b");
    assert_string_equal(got.spec.command[1], "--x=\"1\"");
    assert_string_equal(got.spec.command[2], "");
    assert_null(got.spec.command[3]);
    assert_string_equal(got.spec.verify, "out*.txt");
    assert_null(got.spec.fake_script);
    assert_true(got.spec.seed == UINT64_MAX && got.spec.layout_seed == 3);
    assert_true(got.spec.inner == 5000000000 && got.spec.precision == 0.01);
    assert_true(got.spec.isolate && !got.spec.count_kernel);
    launch_request_free(&got);
    free(line);
}

static void bad_requests_are_refused(void **state)
{
    static const struct {
        const char *line, *sentence;
    } rows[] = {
        {"", "is not JSON"},         {"{\"protocol\":", "is not JSON"},     {"{\"protocol\":2}", "speaks protocol 2"},
        {"[]", "speaks protocol 0"}, {"{\"protocol\":1}", "lacks a field"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct launch_request got;
        struct err e = {0};

        assert_int_equal(launch_request_decode(rows[i].line, &got, &e), -1);
        assert_non_null(strstr(e.text, rows[i].sentence));
        launch_request_free(&got);
    }
}

static void text_that_is_not_utf8_is_refused_or_replaced(void **state)
{
    struct launch_result result = {.status = LAUNCH_CRASHED, .reason = "bad \xff byte", .checksum = ""};
    struct launch_spec spec = spec_for("");
    struct buf b = {0};
    struct err e = {0};

    (void)state;
    spec.point = "k/v:\xff";
    assert_null(launch_request_encode(&spec, 1, &e));
    assert_int_equal(e.code, CM_USAGE);
    launch_answer_result(&b, &result);
    assert_non_null(strstr(buf_text(&b), "bad ? byte"));
    buf_free(&b);
}

static void the_tail_keeps_the_end(void **state)
{
    struct launch_tail t = {.length = 0};
    char line[256], big[5000];

    (void)state;
    launch_tail_line(&t, line, sizeof line);
    assert_string_equal(line, "");
    memset(big, 'x', sizeof big);
    launch_tail_add(&t, big, sizeof big);
    launch_tail_add(&t, "\nfirst\nsec", 10);
    launch_tail_add(&t, "ond\r\n\n", 6);
    launch_tail_line(&t, line, sizeof line);
    assert_string_equal(line, "second");
    launch_tail_add(&t, big, 300);
    launch_tail_line(&t, line, sizeof line);
    assert_int_equal(strlen(line), sizeof line - 1);
}

static void cpus_are_chosen_among_the_allowed(void **state)
{
    cpu_set_t allowed, chosen, both;
    int count;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    count = CPU_COUNT(&allowed);
    for (int threads = 1; threads <= count; threads++) {
        assert_int_equal(launch_cpus(threads, &chosen), 0);
        CPU_AND(&both, &allowed, &chosen);
        assert_int_equal(CPU_COUNT(&chosen), threads);
        assert_int_equal(CPU_COUNT(&both), threads);
    }
    assert_int_equal(launch_cpus(count + 1, &chosen), -1);
    assert_int_equal(launch_cpus(0, &chosen), -1);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    launch_interrupt();
}

/* The last test: an interruption stays. */
static void interruption_ends_the_launch(void **state)
{
    struct launch_spec spec = spec_for("sleep 1000 & echo $! >interrupted; wait");
    struct itimerval soon = {.it_value = {.tv_sec = 1}};
    struct launch_outcome out;
    struct err e = {0};
    int64_t before = clock_ns();

    (void)state;
    assert_false(launch_interrupted());
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_int_equal(launch_execute(&spec, &out, &e), -1);
    assert_int_equal(e.code, CM_INTERRUPTED);
    assert_true(clock_ns() - before < 10000000000);
    assert_true(launch_interrupted());
    for (int i = 0; i < 200 && alive("interrupted"); i++)
        usleep(10000);
    assert_false(alive("interrupted"));
    assert_int_equal(launch_execute(&spec, &out, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printing_without_end_costs_no_memory), /* first: it looks at the highest memory so far */
        cmocka_unit_test(accidents_become_sentences),
        cmocka_unit_test(answers_arrive),
        cmocka_unit_test(hanging_ends_with_the_whole_group),
        cmocka_unit_test(memory_is_watched),
        cmocka_unit_test(no_program_is_an_error),
        cmocka_unit_test(requests_survive_the_way),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(text_that_is_not_utf8_is_refused_or_replaced),
        cmocka_unit_test(the_tail_keeps_the_end),
        cmocka_unit_test(cpus_are_chosen_among_the_allowed),
        cmocka_unit_test(interruption_ends_the_launch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
