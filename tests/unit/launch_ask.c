/* Questions to a worker process: answers of every size arrive whole, and each accident becomes its sentence. */
#include "../../harness/launch_ask.h"
#include "../../harness/base/file.h"
#include "../../harness/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int ask(const char *body, size_t longest, int patience_s, struct buf *answer, struct err *e)
{
    char path[64], name[] = "worker";
    char *argv[] = {name, NULL}, *text = mem_format("#!/bin/sh\n%s\n", body);
    struct launch_question q = {path, argv, "the collector x", "its metrics", longest, patience_s};
    int rc;

    snprintf(path, sizeof path, "./asked-%d", (int)getpid());
    assert_int_equal(file_replace(path, text, strlen(text), NULL), 0);
    assert_int_equal(chmod(path, 0755), 0);
    rc = launch_ask(&q, answer, e);
    unlink(path);
    free(text);
    return rc;
}

static void long_answers_arrive_whole(void **state)
{
    struct buf answer = {0};
    struct err e = {0};

    (void)state;
    /* Far more than a pipe holds, and the end of it comes with the end of the process. */
    assert_int_equal(ask("head -c 9000000 /dev/zero | tr '\\0' x >&4", 16 << 20, 60, &answer, &e), 0);
    assert_int_equal(answer.length, 9000000);
    buf_free(&answer);
}

static void accidents_become_sentences(void **state)
{
    static const struct {
        const char *body;
        int code;
        const char *sentence;
    } rows[] = {
        {"echo 'countermark: unknown chip' >&2; exit 2", CM_USAGE, "unknown chip"},
        {"echo 'countermark: no library' >&2; exit 6", CM_NOTHING, "no library"},
        {"exit 3", CM_NOTHING, "the collector x could not tell its metrics"},
        {"echo last words >&2; kill -SEGV $$", CM_NOTHING,
         "asked for its metrics, the collector x died from signal 11 (Segmentation fault): last words"},
        {"yes >&4", CM_INTERNAL, "the collector x tells its metrics without end"},
        {"sleep 100", CM_NOTHING, "the collector x did not tell its metrics within 1 s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf answer = {0};
        struct err e = {0};

        assert_int_equal(ask(rows[i].body, 1000, strstr(rows[i].body, "sleep") ? 1 : 60, &answer, &e), -1);
        assert_string_equal(e.text, rows[i].sentence);
        assert_int_equal(e.code, rows[i].code);
        buf_free(&answer);
    }
}

/* A sentence may name thirty chips; what is printed in front of it does not matter. */
static void long_sentences_are_not_cut(void **state)
{
    char chips[701];
    char *body;
    struct buf answer = {0};
    struct err e = {0};

    (void)state;
    memset(chips, 'C', 700);
    chips[700] = 0;
    body = mem_format("echo noise; echo 'countermark: %s' >&2; exit 2", chips);
    assert_int_equal(ask(body, 1000, 60, &answer, &e), -1);
    assert_string_equal(e.text, chips);
    free(body);
    buf_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_answers_arrive_whole),
        cmocka_unit_test(accidents_become_sentences),
        cmocka_unit_test(long_sentences_are_not_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
