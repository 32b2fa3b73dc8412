/*
 * Test plug-in: like serial, and then sleeps CM_TEST_SLEEP_US microseconds (0): slower at the same instructions.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

#include <time.h>

static int prepare(struct run *r)
{
    const char *text = getenv("CM_TEST_SLEEP_US");
    struct timespec *pause = calloc(1, sizeof *pause);
    long us = text ? strtol(text, NULL, 10) : 0;

    if (!pause) {
        snprintf(r->error, sizeof r->error, "no memory");
        return -1;
    }
    pause->tv_sec = us / 1000000;
    pause->tv_nsec = us % 1000000 * 1000;
    r->state = pause;
    return 0;
}

static int run_sleepy(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    const struct timespec *pause = r->state;
    int32_t *out = r->output;

    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    if (pause->tv_sec || pause->tv_nsec)
        nanosleep(pause, NULL);
    return 0;
}

static void finish(struct run *r)
{
    free(r->state);
    r->state = NULL;
}

const struct variant variant_mandelbrot_sleepy = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "like serial, and sleeps",
    .prepare = prepare,
    .run = run_sleepy,
    .finish = finish,
};
