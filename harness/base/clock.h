/* Time from the monotonic clock, in nanoseconds. */
#ifndef HARNESS_BASE_CLOCK_H
#define HARNESS_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Inline: its cost is part of every measurement. */
static inline int64_t clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_seconds(void);                   /* seconds since 1970, for people and the database */
double clock_resolution_ns(void);                   /* smallest step that is seen between two reads */
double clock_cost_ns(void);                         /* median cost of one read, measured now */
void clock_iso8601(int64_t seconds, char text[32]); /* "2026-01-31T12:00:00Z" */

#endif
