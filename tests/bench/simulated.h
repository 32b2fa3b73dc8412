/*
 * Launches that never were: noise of several shapes with a known truth, launches recorded on a real machine, exact binomial bounds.
 * Shared by the benches of comparisons.
 */
#ifndef TESTS_BENCH_SIMULATED_H
#define TESTS_BENCH_SIMULATED_H

#include "harness/base/mem.h"
#include "harness/base/stats.h"
#include "reports/analysis/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPETITIONS 10

static inline double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* Shapes of noise, as what a launch adds to the logarithm of its time. */
enum shape { LOG_NORMAL, HEAVY_TAILS, BIMODAL, SPIKES, TWO_LEVEL, AUTOCORRELATED, SHAPES };
static const char *const shape_names[] = {"log-normal", "heavy tails", "two speeds",
                                          "spikes",     "two levels",  "dependent"};

/* `state` is what dependent launches remember; NAN before the first. */
static inline double launch_noise(enum shape shape, double *state, uint64_t *seed)
{
    switch (shape) {
    case HEAVY_TAILS: /* Student's t with two degrees of freedom: no variance at all */
        return 0.01 * gaussian(seed) / sqrt(-log(uniform(seed)));
    case BIMODAL: return (uniform(seed) < 0.3 ? 0.04 : 0) + 0.004 * gaussian(seed);
    case SPIKES: return 0.01 * gaussian(seed) + (uniform(seed) < 0.1 ? 0.3 * uniform(seed) : 0);
    case TWO_LEVEL: return 0.01 * gaussian(seed);
    case AUTOCORRELATED:
        *state = isnan(*state) ? 0.02 * gaussian(seed) : 0.7 * *state + 0.02 * sqrt(1 - 0.49) * gaussian(seed);
        return *state;
    default: return 0.02 * gaussian(seed);
    }
}

/* One launch: its repetitions, whose median is what is compared. */
static inline double launch(enum shape shape, double level, double repetitions[REPETITIONS], double *state,
                            uint64_t *seed)
{
    double noise = launch_noise(shape, state, seed), inside = shape == TWO_LEVEL ? 0.03 : 0.003;

    for (int i = 0; i < REPETITIONS; i++)
        repetitions[i] = level * exp(noise + inside * gaussian(seed));
    return stats_median(repetitions, REPETITIONS);
}

/* P(X <= k) of n trials. */
static inline double binomial_up_to(long k, long n, double p)
{
    double sum = 0;

    for (long i = 0; i <= k; i++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) + (double)i * log(p) +
                   (double)(n - i) * log1p(-p));
    return fmin(1, sum);
}

/* Clopper and Pearson's exact interval of a share; `level` such as 0.95. */
static inline void share_bounds(long k, long n, double level, double *low, double *high)
{
    double tail = (1 - level) / 2;

    *low = *high = 0;
    for (int side = 0; side < 2; side++) {
        double a = 0, b = 1;

        for (int i = 0; i < 50; i++) {
            double p = (a + b) / 2;
            bool right = side ? binomial_up_to(k, n, p) > tail : 1 - binomial_up_to(k - 1, n, p) < tail;

            *(right ? &a : &b) = p;
        }
        *(side ? high : low) = (a + b) / 2;
    }
    if (k == 0)
        *low = 0;
    if (k == n)
        *high = 1;
}

/* Recorded runs: tests/golden/quick_runs/launches.txt. */
#define RECORDED_RUNS 200
#define RECORDED_LAUNCHES 8
struct recorded {
    char name[200];
    double runs[RECORDED_RUNS][RECORDED_LAUNCHES];
    size_t count;
};

static inline bool read_launches(const char *line, double out[RECORDED_LAUNCHES])
{
    for (int i = 0; i < RECORDED_LAUNCHES; i++) {
        char *end;

        out[i] = strtod(line, &end);
        if (end == line || !(out[i] > 0))
            return false;
        line = end;
    }
    return true;
}

/* Every point has the same runs. free() */
static inline struct recorded *read_recorded(const char *path, size_t *points)
{
    struct recorded *list = NULL;
    size_t capacity = 0;
    char line[400];
    FILE *f = fopen(path, "r");

    *points = 0;
    while (f && fgets(line, sizeof line, f)) {
        struct recorded *last = *points ? &list[*points - 1] : NULL;

        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "point ", 6)) {
            VEC_ROOM(list, *points, capacity);
            memset(&list[*points], 0, sizeof *list);
            snprintf(list[(*points)++].name, sizeof list->name, "%.*s", (int)sizeof list->name - 1, line + 6);
        } else if (line[0] != '#' && last && last->count < RECORDED_RUNS) {
            last->count += read_launches(line, last->runs[last->count]);
        }
    }
    if (f)
        fclose(f);
    for (size_t i = 0; i < *points; i++) {
        if (list[i].count != list[0].count || list[i].count < 60) {
            fprintf(stderr, "%s: %s has %zu runs of %d launches; 60 are needed, as many of each point\n", path,
                    list[i].name, list[i].count, RECORDED_LAUNCHES);
            exit(1);
        }
    }
    if (*points == 0) {
        fprintf(stderr, "%s cannot be read, or holds no runs\n", path);
        exit(1);
    }
    return list;
}

static inline void shuffle(size_t *order, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t k = stats_random(seed) % (i + 1), kept = order[i];

        order[i] = order[k];
        order[k] = kept;
    }
}

#endif
