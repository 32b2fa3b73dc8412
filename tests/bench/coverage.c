/*
 * How often a 95 % interval holds the truth. 2,000 simulated comparisons for each shape of noise and each interval that could have been
 * chosen, then what the recorded quick runs say. The chosen ones must be consistent with 95 %, by an exact binomial bound; looking
 * again and again in turns may cover more, never less.
 *
 * Bounds are 99 % each: there are so many that one of them would miss at 95 %.
 */
#include "intervals.h"
#include "reports/analysis/sequential.h"

#define COMPARISONS 2000
#define TRUTH 1.03
#define BOUND 0.99
#define AA_RUNS 36
#define RECORDED "tests/golden/quick_runs/launches.txt"

typedef struct range interval(const struct sides *s, uint64_t *seed);
static const struct method {
    const char *name;
    interval *take;
    bool chosen, pairs;
} methods[] = {
    {"ratio of medians, percentile bootstrap", percentile_bootstrap, false, false},
    {"ratio of medians, BCa bootstrap", bca_bootstrap, false, false},
    {"ratio of medians, two-level bootstrap", two_level_bootstrap, false, false},
    {"mean of logarithms, t", t_interval, false, false},
    {"ranks", ranks, true, false},
    {"eight pairs, sign test", sign_test, false, true},
    {"eight pairs, signed ranks", signed_ranks, false, true},
};
#define METHODS (sizeof methods / sizeof methods[0])

static int failures;

static bool holds(struct range r, double truth)
{
    return r.low <= truth && truth <= r.high;
}

/* Two runs, one after the other; or launches of both in turns, in pairs. */
static void two_runs(enum shape shape, bool turns, struct sides *s, uint64_t *seed)
{
    double state = NAN;

    for (int k = 0; k < 2 * SIDE; k++) {
        int pair = turns ? k / 2 : k % SIDE, side = turns ? k % 2 : k / SIDE;

        state = k == SIDE && !turns ? NAN : state;
        s->value[side][pair] = launch(shape, side ? 1e6 * TRUTH : 1e6, s->repetitions[side][pair], &state, seed);
    }
}

/* Says it, and counts it as a failure if 95 % is not within the exact bounds. `more`: covering more is fine. */
static void claim(const char *what, long held, long n, bool more)
{
    double low, high;
    bool fine;

    share_bounds(held, n, BOUND, &low, &high);
    fine = high >= 0.95 && (more || low <= 0.95);
    failures += !fine;
    printf("%-4s %-62s %5.1f %% of %ld (%.1f to %.1f)\n", fine ? "ok" : "FAIL", what, 100.0 * (double)held / (double)n,
           n, 100 * low, 100 * high);
}

static void print_row(const char *name, const long held[SHAPES], const double width[SHAPES])
{
    printf("%-40s", name);
    for (int i = 0; i < SHAPES; i++)
        printf("  %5.1f (%4.1f)", 100.0 * (double)held[i] / COMPARISONS, 100 * width[i] / COMPARISONS);
    printf("\n");
}

static void methods_over_shapes(long chosen[SHAPES])
{
    uint64_t seed = 2026;

    printf("share of 95 %% intervals that hold the truth (+%.0f %%), in %%, and in brackets their mean width, in "
           "%%\n%-40s",
           100 * (TRUTH - 1), "8 launches a side");
    for (int i = 0; i < SHAPES; i++)
        printf("  %12s", shape_names[i]);
    printf("\n");
    for (size_t m = 0; m < METHODS; m++) {
        long held[SHAPES] = {0};
        double width[SHAPES] = {0};

        for (int shape = 0; shape < SHAPES; shape++) {
            for (int i = 0; i < COMPARISONS; i++) {
                struct sides s;
                struct range r;

                two_runs((enum shape)shape, methods[m].pairs, &s, &seed);
                r = methods[m].take(&s, &seed);
                held[shape] += holds(r, TRUTH);
                width[shape] += r.high - r.low;
            }
        }
        if (methods[m].chosen)
            memcpy(chosen, held, sizeof held);
        print_row(methods[m].name, held, width);
    }
}

/* Runs of 8 launches of one machine whose launches depend on each other; what A/A runs of it teach. */
static double learnt_drift(enum shape shape, uint64_t *seed)
{
    static double values[AA_RUNS][SIDE];
    struct compare_side runs[AA_RUNS];
    double repetitions[REPETITIONS];

    for (int r = 0; r < AA_RUNS; r++) {
        double state = NAN;

        for (int i = 0; i < SIDE; i++)
            values[r][i] = launch(shape, 1e6, repetitions, &state, seed);
        runs[r] = (struct compare_side){values[r], SIDE};
    }
    return compare_drift(runs, AA_RUNS);
}

static void ranks_with_drift(long held[SHAPES])
{
    uint64_t seed = 7;
    double width[SHAPES] = {0};

    for (int shape = 0; shape < SHAPES; shape++) {
        double drift = 0;

        held[shape] = 0;
        for (int i = 0; i < COMPARISONS; i++) {
            struct sides s;
            struct rank_result r;

            if (i % 20 == 0)
                drift = learnt_drift((enum shape)shape, &seed);
            two_runs((enum shape)shape, false, &s, &seed);
            rank_compare(s.value[0], SIDE, s.value[1], SIDE, drift, &r);
            held[shape] += holds((struct range){r.low, r.high}, TRUTH);
            width[shape] += r.high - r.low;
        }
    }
    print_row("ranks, drift learnt from 36 A/A runs", held, width);
}

/* In shuffled turns until something is decided; the interval at that moment. */
static void in_turns(long held[SHAPES])
{
    uint64_t seed = 11;
    double width[SHAPES] = {0}, launches[SHAPES] = {0};

    for (int shape = 0; shape < SHAPES; shape++) {
        held[shape] = 0;
        for (int i = 0; i < COMPARISONS; i++) {
            double side[2][SEQUENTIAL_MOST], repetitions[REPETITIONS], state = NAN;
            size_t count[2] = {0, 0};
            struct sequential s = {.looks = 0};

            do {
                bool turns[2 * SEQUENTIAL_MOST];
                size_t n = sequential_turns(s.looks, turns, &seed);

                for (size_t k = 0; k < n; k++)
                    side[turns[k]][count[turns[k]]++] =
                        launch((enum shape)shape, turns[k] ? 1e6 * TRUTH : 1e6, repetitions, &state, &seed);
                sequential_compare(side[0], side[1], count[0], &s);
            } while (sequential_answer(&s, 0.01, 0.05) == SEQUENTIAL_NOT_YET && s.looks < SEQUENTIAL_LOOKS);
            held[shape] += holds((struct range){s.low, s.high}, TRUTH);
            width[shape] += s.high - s.low;
            launches[shape] += (double)count[0] / COMPARISONS;
        }
    }
    print_row("in turns, ranks, until decided", held, width);
    printf("%-40s", "  launches a side that took");
    for (int i = 0; i < SHAPES; i++)
        printf("  %12.1f", launches[i]);
    printf("\n\n");
}

/* Pairs of recorded runs: nothing changed, so the truth is 1. Drift is learnt from runs that are in no pair. */
static void recorded(void)
{
    size_t points, order[RECORDED_RUNS];
    struct recorded *list = read_recorded(RECORDED, &points);
    size_t runs = list->count, half = runs / 2;
    long plain = 0, held = 0, n = 0;
    uint64_t seed = 3;

    while (n < COMPARISONS) {
        shuffle(order, runs, &seed);
        for (size_t p = 0; p < points && n < COMPARISONS; p++) {
            struct compare_side aa[RECORDED_RUNS];
            const double *a = list[p].runs[order[half + 2 * (p % (half / 2))]];
            const double *b = list[p].runs[order[half + 2 * (p % (half / 2)) + 1]];
            struct rank_result r;

            for (size_t i = 0; i < half; i++)
                aa[i] = (struct compare_side){list[p].runs[order[i]], RECORDED_LAUNCHES};
            rank_compare(a, RECORDED_LAUNCHES, b, RECORDED_LAUNCHES, 0, &r);
            plain += holds((struct range){r.low, r.high}, 1);
            rank_compare(a, RECORDED_LAUNCHES, b, RECORDED_LAUNCHES, compare_drift(aa, half), &r);
            held += holds((struct range){r.low, r.high}, 1);
            n++;
        }
    }
    printf("%zu recorded runs of %zu points, two of them compared: without drift %.1f %% hold the truth\n", runs,
           points, 100.0 * (double)plain / (double)n);
    claim("recorded runs, drift learnt from the other half of them", held, n, false);
    free(list);
}

/* The same launches in the order of time, as old and new ones in shuffled turns. */
static void recorded_in_turns(void)
{
    size_t points;
    struct recorded *list = read_recorded(RECORDED, &points);
    size_t all = list->count * RECORDED_LAUNCHES;
    long held = 0;
    uint64_t seed = 5;

    for (long i = 0; i < COMPARISONS; i++) {
        const double *in_time = list[stats_random(&seed) % points].runs[0];
        size_t at = stats_random(&seed) % (all - 2 * SEQUENTIAL_MOST), count[2] = {0, 0};
        double side[2][SEQUENTIAL_MOST];
        struct sequential s;

        for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
            bool turns[2 * SEQUENTIAL_MOST];
            size_t n = sequential_turns(look, turns, &seed);

            for (size_t k = 0; k < n; k++)
                side[turns[k]][count[turns[k]]++] = in_time[at++];
        }
        sequential_compare(side[0], side[1], count[0], &s);
        held += holds((struct range){s.low, s.high}, 1);
    }
    claim("recorded launches, old and new in turns, all looks", held, COMPARISONS, false);
    free(list);
}

int main(void)
{
    long chosen[SHAPES], drifted[SHAPES], turns[SHAPES];

    setvbuf(stdout, NULL, _IOLBF, 0);
    methods_over_shapes(chosen);
    ranks_with_drift(drifted);
    in_turns(turns);
    printf("exact binomial bounds, 99 %%; 95 %% must be inside\n");
    for (int shape = 0; shape < SHAPES; shape++) {
        char what[100];

        /* Launches that depend on each other are no independent launches: there what A/A runs taught is needed. */
        snprintf(what, sizeof what, "ranks, %s%s", shape_names[shape], shape == AUTOCORRELATED ? ", drift learnt" : "");
        claim(what, shape == AUTOCORRELATED ? drifted[shape] : chosen[shape], COMPARISONS, false);
    }
    for (int shape = 0; shape < SHAPES; shape++) {
        char what[100];

        snprintf(what, sizeof what, "in turns until decided, %s (more is fine)", shape_names[shape]);
        claim(what, turns[shape], COMPARISONS, true);
    }
    recorded();
    recorded_in_turns();
    return failures > 0;
}
