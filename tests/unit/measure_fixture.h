/*
 * A measurement in which nothing is left to chance, for measure.c: a clock that is scripted, a subject whose speed is known, and two
 * instruments that tell when they are used.
 */
#ifndef TESTS_UNIT_MEASURE_FIXTURE_H
#define TESTS_UNIT_MEASURE_FIXTURE_H

#include "../../harness/base/buf.h"
#include "../../harness/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Time passes only when the subject runs, or an instrument says so. */
static int64_t time_ns;
static struct buf story;

static int64_t now(void)
{
    return time_ns;
}

struct subject {
    int64_t execution_ns, slow_ns; /* while cold: `slow_ns` more, halved by each call */
    int64_t executed, calls, resets, fail_at;
    int64_t jitter_ns;    /* every other call */
    bool consumes, grows; /* grows: a new thread in every call */
    pthread_t threads[64];
    int thread_count;
};

static pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_release(void *nothing)
{
    pthread_mutex_lock(&hold);
    pthread_mutex_unlock(&hold);
    return nothing;
}

static bool reset(void *user)
{
    struct subject *s = user;

    s->resets++;
    return s->consumes;
}

static int execute(void *user, int64_t inner)
{
    struct subject *s = user;

    buf_add(&story, "x");
    if (++s->calls == s->fail_at)
        return -1;
    time_ns += inner * s->execution_ns + s->slow_ns + (s->calls % 2 ? s->jitter_ns : 0);
    s->slow_ns /= 2;
    s->executed += inner;
    if (s->grows && !pthread_create(&s->threads[s->thread_count], NULL, wait_for_release, NULL))
        s->thread_count++;
    return 0;
}

/* Two instruments, a and b, that tell when they are used. */
struct scripted {
    char name;
    int64_t begun, ended, cost_ns;
};

static int opened, closed, fail_open, fail_start, fail_stop;
static int64_t start_cost;

static void *open_named(char name, struct err *e)
{
    struct scripted *s = calloc(1, sizeof *s);

    if (++opened == fail_open) {
        free(s);
        err_set(e, CM_NOTHING, "no counters for anybody");
        return NULL;
    }
    s->name = name;
    return s;
}

static void *open_a(const char *events, const struct target *target, struct err *e)
{
    (void)events;
    (void)target;
    return open_named('a', e);
}

static void *open_b(const char *events, const struct target *target, struct err *e)
{
    (void)events;
    (void)target;
    return open_named('b', e);
}

static int start(void *handle)
{
    struct scripted *s = handle;

    buf_addf(&story, "(%c", s->name);
    if (s->name == 'b') {
        time_ns += start_cost;
        if (fail_start)
            return -1;
    }
    s->begun = time_ns;
    return 0;
}

static int stop(void *handle)
{
    struct scripted *s = handle;

    s->ended = time_ns;
    buf_addf(&story, "%c)", s->name);
    return fail_stop ? -1 : 0;
}

static size_t read_one(void *handle, struct reading *out, size_t capacity)
{
    struct scripted *s = handle;

    if (!capacity)
        return 0;
    *out = (struct reading){.metric = s->name == 'b' ? "wall.time" : "other", .value = (double)(s->ended - s->begun)};
    return 1;
}

static void close_one(void *handle)
{
    closed++;
    free(handle);
}

static const struct collector a = {
    .summary = "a", .open = open_a, .start = start, .stop = stop, .read = read_one, .close = close_one};
static const struct collector b = {
    .summary = "b", .open = open_b, .start = start, .stop = stop, .read = read_one, .close = close_one};

struct seen {
    int repetitions;
    double wall, other;
    int unavailable;
    char reason[120];
};

static void see(int repetition, struct reading *readings, size_t count, void *user)
{
    struct seen *s = user;

    assert_int_equal(repetition, s->repetitions);
    assert_int_equal(count, 2);
    s->repetitions++;
    s->other = readings[0].value;
    s->wall = readings[1].value;
    if (readings[1].quality == QUALITY_UNAVAILABLE) {
        assert_true(isnan(readings[0].value) && isnan(readings[1].value));
        s->unavailable++;
        snprintf(s->reason, sizeof s->reason, "%s", readings[1].reason);
    }
}

static int set_up(void **state)
{
    (void)state;
    time_ns = 1000;
    start_cost = 0;
    opened = closed = fail_open = fail_start = fail_stop = 0;
    buf_clear(&story);
    return 0;
}

/* One measurement, and what came of it. */
struct trial {
    struct subject s;
    struct measure_subject subject;
    struct measure_settings set;
    struct measure_report report;
    struct measure_instruments in;
    struct seen seen;
    struct err e;
};

/* Of a subject that takes so long, with both instruments. */
static struct trial trial(int64_t execution_ns)
{
    return (struct trial){
        .s = {.execution_ns = execution_ns},
        .subject = {NULL, execute, NULL},
        .set = {.target_s = 0.1, .min_repetitions = 1, .max_repetitions = 30, .now = now, .clock_ns = 50},
        .in = {.items = {{.collector = &a, .events = ""}, {.collector = &b, .events = ""}}, .count = 2}};
}

static int warm_up(struct trial *t, int64_t first_ns)
{
    t->subject.user = &t->s;
    return measure_warm_up(&t->subject, &t->set, first_ns, &t->report);
}

/* Anew each time, but for the subject and the instruments. */
static int repeat(struct trial *t)
{
    t->subject.user = &t->s;
    t->seen = (struct seen){0};
    err_clear(&t->e);
    return measure_repeat(&t->subject, &t->set, &t->in, see, &t->seen, &t->report, &t->e);
}

#endif
