/* Programs that are started: what they say, how they end, and that the limits hold. */
#include "../../harness/base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int shell(const char *script, size_t most, struct buf *output, struct buf *errors)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    char *environment[] = {(char *)"GIVEN=yes", NULL};

    return process_collect(&(struct process){.program = "sh", .argv = argv, .environment = environment, .folder = "/"},
                           most, output, errors);
}

static void answer_and_complaint_are_kept_apart(void **state)
{
    struct buf output = {0}, errors = {0};

    (void)state;
    assert_int_equal(shell("echo in $PWD $GIVEN; echo sorry >&2; cat; exit 3", 100, &output, &errors), 3);
    assert_string_equal(buf_text(&output), "in / yes\n");
    assert_string_equal(buf_text(&errors), "sorry\n");
    buf_free(&output);
    buf_free(&errors);
}

static void without_a_place_of_their_own_complaints_join_the_answer(void **state)
{
    struct buf output = {0};

    (void)state;
    assert_int_equal(shell("echo one; echo two >&2", 100, &output, NULL), 0);
    assert_string_equal(buf_text(&output), "one\ntwo\n");
    buf_free(&output);
}

/* Who says more than is kept, or complains at length before it answers, still comes to its end. */
static void what_is_too_long_is_cut(void **state)
{
    struct buf output = {0}, errors = {0};

    (void)state;
    assert_int_equal(shell("head -c 300000 /dev/zero | tr '\\0' e >&2; head -c 300000 /dev/zero | tr '\\0' o", 1000,
                           &output, &errors),
                     0);
    assert_int_equal(output.length, 1000);
    assert_int_equal(strspn(buf_text(&output), "o"), 1000);
    assert_int_equal(errors.length, 1 << 16);
    buf_free(&output);
    buf_free(&errors);
}

static void a_killed_program_has_the_status_that_shells_give_it(void **state)
{
    struct buf output = {0};

    (void)state;
    assert_int_equal(shell("kill -9 $$", 100, &output, NULL), 128 + SIGKILL);
    assert_int_equal(output.length, 0);
    assert_int_equal(process_wait(getpid()), -1); /* no child */
    buf_free(&output);
}

static void what_cannot_be_started_leaves_its_reason(void **state)
{
    char *argv[] = {(char *)"no-such-program", NULL};
    struct buf output = {0}, errors = {0};

    (void)state;
    errno = 0;
    assert_int_equal(process_collect(&(struct process){.program = argv[0], .argv = argv}, 100, &output, &errors), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(output.length + errors.length, 0);
}

/* A signal for this program's group does not reach one that stands apart, and one that is ignored here ends it. */
static void apart_is_a_group_of_its_own_with_plain_signals(void **state)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)"kill -PIPE $$; exit 0", NULL};
    struct process p = {.program = "sh", .argv = argv, .output = 1, .errors = 2};
    pid_t pid;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(process_start(&p, &pid), 0);
    assert_int_equal(getpgid(pid), getpgrp());
    assert_int_equal(process_wait(pid), 0);
    p.apart = true;
    assert_int_equal(process_start(&p, &pid), 0);
    assert_int_equal(getpgid(pid), pid);
    assert_int_equal(process_wait(pid), 128 + SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_and_complaint_are_kept_apart),
        cmocka_unit_test(without_a_place_of_their_own_complaints_join_the_answer),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(a_killed_program_has_the_status_that_shells_give_it),
        cmocka_unit_test(what_cannot_be_started_leaves_its_reason),
        cmocka_unit_test(apart_is_a_group_of_its_own_with_plain_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
