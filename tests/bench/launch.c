/*
 * What a launch costs beyond measuring, and what the harness adds to a repetition: medians over launches of
 * null/empty, compared with their limits and, for the repetition, with two reads of the clock taken in the same run.
 */
#include "../../harness/launch.h"
#include "../../harness/base/clock.h"
#include "../../harness/base/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAUNCHES 31
#define MOST_LAUNCH_MS 15.0
#define MOST_READS 2.0 /* times what two reads cost */

static double median_wall(const struct launch_outcome *out)
{
    double values[64];
    size_t n = 0;

    for (size_t i = 0; i < out->sample_count && n < 64; i++)
        if (!strcmp(out->samples[i].metric, "wall.time"))
            values[n++] = out->samples[i].value;
    return stats_median(values, n);
}

static int say(const char *what, double value, const char *unit, double limit)
{
    printf("%s %-46s %8.2f %s (at most %.2f)\n", value <= limit ? "ok  " : "FAIL", what, value, unit, limit);
    return value <= limit ? 0 : 1;
}

int main(void)
{
    static const struct fact axes[] = {{NULL, NULL}};
    struct launch_spec spec = {.program = getenv("COUNTERMARK"),
                               .point = "null/empty",
                               .kernel = "null",
                               .variant = "empty",
                               .axes = axes,
                               .pass = "",
                               .inner = 1,
                               .min_repetitions = 30,
                               .max_repetitions = 30};
    double launch_ms[LAUNCHES], repetition_ns[LAUNCHES], reads_ns[LAUNCHES];
    int failed;

    for (int i = 0; i < LAUNCHES; i++) {
        struct launch_outcome out;
        struct err e = {0};

        spec.layout_seed = (uint64_t)i;
        reads_ns[i] = 2 * clock_cost_ns();
        if (launch_execute(&spec, &out, &e) || out.result.status != LAUNCH_DONE) {
            fprintf(stderr, "launch: %s\n", e.code ? e.text : out.result.reason);
            return 1;
        }
        launch_ms[i] = 1e3 * (out.result.wall_s - out.result.executing_s);
        repetition_ns[i] = median_wall(&out);
        launch_outcome_free(&out);
    }
    failed = say("a launch, beyond executing", stats_median(launch_ms, LAUNCHES), "ms", MOST_LAUNCH_MS);
    failed |= say("a repetition of nothing", stats_median(repetition_ns, LAUNCHES), "ns",
                  MOST_READS * stats_median(reads_ns, LAUNCHES));
    printf("     two reads of the clock: %.2f ns\n", stats_median(reads_ns, LAUNCHES));
    return failed;
}
