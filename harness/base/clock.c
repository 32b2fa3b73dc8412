/* See clock.h. */
#include "clock.h"
#include "stats.h"

#include <stdio.h>

int64_t clock_wall_seconds(void)
{
    return (int64_t)time(NULL);
}

double clock_resolution_ns(void)
{
    int64_t smallest = INT64_MAX;

    for (int i = 0; i < 1000; i++) {
        int64_t before = clock_ns(), after = clock_ns();

        for (int tries = 0; after == before && tries < 1000000; tries++)
            after = clock_ns();
        if (after > before && after - before < smallest)
            smallest = after - before;
    }
    return smallest == INT64_MAX ? 1 : (double)smallest;
}

double clock_cost_ns(void)
{
    enum { rounds = 31, reads = 200 };
    double cost[rounds];

    for (int r = 0; r < rounds; r++) {
        int64_t before = clock_ns();

        for (int i = 1; i < reads; i++)
            (void)clock_ns();
        cost[r] = (double)(clock_ns() - before) / reads;
    }
    return stats_median(cost, rounds);
}

void clock_iso8601(int64_t seconds, char text[32])
{
    time_t t = (time_t)seconds;
    struct tm parts;

    if (!gmtime_r(&t, &parts) || !strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts))
        snprintf(text, 32, "unknown");
}
