/*
 * What it takes to find 1, 2 and 5 % more instructions in real launches: stopping as soon as it is decided, against a fixed number.
 *
 * A loop whose instructions are known (truth/instructions) runs with n rounds, and with 0, 1, 2, 5 % more, in shuffled turns, the old
 * and the new one in processes of their own. Every trial makes all the launches that there can be; who stops early uses only the first. So
 * both ways judge the same launches.
 *
 * Where noise is small there is nothing to save, and how noisy a machine is nobody knows beforehand. So noise is planted, too: launches whose
 * rounds vary by nothing, 0.5 and 1 %, on top of what the machine does. They are mixed as the points of a plan: a fixed number must do
 * for all of them. Equal power: the smallest fixed number that finds as many of the planted changes.
 *
 * A fixed number is judged as stored runs are, and has to be 8 at least. TRIALS (12) per effect and measurement.
 */
#include "../../harness/base/err.h"
#include "../../harness/base/text.h"
#include "../../harness/launch.h"
#include "reports/analysis/sequential.h"
#include "simulated.h"

#include <inttypes.h>

#define ROUNDS 64 /* n is a multiple of this */
#define WORK (3200 * ROUNDS)
#define REPETITIONS_MADE 3
#define LEAST_FIXED 8
#define MOST_SHARE 0.5 /* launches of the adaptive way, of those of the fixed one */
#define MOST_TRIALS 1000
#define MIN_EFFECT 0.005 /* so that each planted change is one that counts */
#define SIGNIFICANCE 0.05

static const struct measurement {
    const char *name;
    double noise; /* planted, as a share */
} measurements[] = {{"still", 0}, {"usual", 0.005}, {"noisy", 0.01}};
#define MEASUREMENTS (sizeof measurements / sizeof measurements[0])

static const double effects[] = {0, 0.01, 0.02, 0.05};
#define EFFECTS (sizeof effects / sizeof effects[0])

struct trial {
    double side[2][SEQUENTIAL_MOST];
};

/* Of one effect: what was found, by whom, with how many launches a side. */
struct tally {
    long trials, found, same, launches, fixed_found[SEQUENTIAL_MOST + 1];
};

static double median_time(const struct launch_outcome *out)
{
    double values[64];
    size_t n = 0;

    for (size_t i = 0; i < out->sample_count && n < 64; i++) {
        if (!strcmp(out->samples[i].metric, "wall.time") && out->samples[i].value > 0)
            values[n++] = out->samples[i].value;
    }
    return stats_median(values, n);
}

static double launch_once(const struct measurement *m, double effect, uint64_t *seed)
{
    double work = WORK * (1 + effect) * exp(m->noise * gaussian(seed));
    int64_t n = (int64_t)(work / ROUNDS + 0.5) * ROUNDS;
    char value[24], point[64];
    struct fact axes[] = {{(char *)"n", value}, {NULL, NULL}};
    struct launch_spec spec = {.program = getenv("COUNTERMARK"),
                               .point = point,
                               .kernel = "truth",
                               .variant = "instructions",
                               .axes = axes,
                               .pass = "",
                               .inner = 1,
                               .min_repetitions = REPETITIONS_MADE,
                               .max_repetitions = REPETITIONS_MADE,
                               .layout_seed = stats_random(seed)};
    struct launch_outcome out;
    struct err e = {0};
    double time;

    snprintf(value, sizeof value, "%" PRId64, n);
    snprintf(point, sizeof point, "truth/instructions:n=%s", value);
    if (launch_execute(&spec, &out, &e) || out.result.status != LAUNCH_DONE) {
        fprintf(stderr, "%s: %s\n", point, e.code ? e.text : out.result.reason);
        exit(1);
    }
    time = median_time(&out);
    launch_outcome_free(&out);
    if (!(time > 0)) {
        fprintf(stderr, "%s: no time was measured\n", point);
        exit(1);
    }
    return time;
}

static void make_trial(const struct measurement *m, double effect, struct trial *t, uint64_t *seed)
{
    size_t made[2] = {0, 0};

    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        bool turns[2 * SEQUENTIAL_MOST];
        size_t n = sequential_turns(look, turns, seed);

        for (size_t i = 0; i < n; i++)
            t->side[turns[i]][made[turns[i]]++] = launch_once(m, turns[i] ? effect : 0, seed);
    }
}

static void judge_adaptive(const struct trial *t, struct tally *tally)
{
    enum sequential_answer answer = SEQUENTIAL_NOT_YET;
    size_t looks = 0;

    while (answer == SEQUENTIAL_NOT_YET && looks < SEQUENTIAL_LOOKS) {
        struct sequential s;

        sequential_compare(t->side[0], t->side[1], sequential_launches(++looks), &s);
        answer = sequential_answer(&s, MIN_EFFECT, SIGNIFICANCE);
    }
    tally->launches += (long)sequential_launches(looks);
    tally->found += answer == SEQUENTIAL_DIFFERENT || answer == SEQUENTIAL_SLIGHT;
    tally->same += answer == SEQUENTIAL_SAME;
}

static void judge_fixed(const struct trial *t, struct tally *tally)
{
    const struct compare_options o = {.min_effect = MIN_EFFECT, .min_launches = LEAST_FIXED, .false_discovery = 0.05};

    for (size_t n = LEAST_FIXED; n <= SEQUENTIAL_MOST; n++) {
        struct comparison c;

        compare_time((struct compare_side){t->side[0], n}, (struct compare_side){t->side[1], n}, true, &o, &c);
        tally->fixed_found[n] += c.p <= SIGNIFICANCE;
    }
    tally->trials++;
}

static void add(struct tally *sum, const struct tally *t)
{
    sum->trials += t->trials;
    sum->found += t->found;
    sum->launches += t->launches;
    for (size_t n = LEAST_FIXED; n <= SEQUENTIAL_MOST; n++)
        sum->fixed_found[n] += t->fixed_found[n];
}

static double percent(long part, long whole)
{
    return whole ? 100.0 * (double)part / (double)whole : NAN;
}

static void print_row(const char *what, double effect, double noise, const struct tally *t)
{
    printf("%-7s +%.0f %%  %6.2f %%  %6.0f %%  %8.1f     ", what, 100 * effect, 100 * noise,
           percent(t->found, t->trials), (double)t->launches / (double)t->trials);
    for (size_t n = LEAST_FIXED; n <= SEQUENTIAL_MOST; n += 4)
        printf(" %5.0f", percent(t->fixed_found[n], t->trials));
    printf("\n");
}

/* Trials of all effects of one measurement in turns, too, so that an hour's mood hits all of them. */
static void measure(const struct measurement *m, int trials, struct tally *sum, uint64_t *seed)
{
    struct tally tallies[EFFECTS] = {{0}};
    double noise[MOST_TRIALS];

    for (int i = 0; i < trials; i++) {
        for (size_t k = 0; k < EFFECTS; k++) {
            struct trial t;

            make_trial(m, effects[k], &t, seed);
            judge_adaptive(&t, &tallies[k]);
            judge_fixed(&t, &tallies[k]);
            noise[i] = compare_spread(t.side[0], SEQUENTIAL_MOST);
        }
    }
    for (size_t k = 0; k < EFFECTS; k++) {
        print_row(m->name, effects[k], stats_median(noise, (size_t)trials), &tallies[k]);
        if (effects[k] > 0)
            add(sum, &tallies[k]);
    }
}

static bool conclude(const struct tally *sum)
{
    double launches = (double)sum->launches / (double)sum->trials;
    size_t fixed = LEAST_FIXED;
    bool fine;

    while (fixed < SEQUENTIAL_MOST && sum->fixed_found[fixed] < sum->found)
        fixed++;
    fine = launches <= MOST_SHARE * (double)fixed;
    printf("%-4s of all planted changes %.1f %% were found with %.1f launches a side; a fixed number takes %zu for "
           "%.1f %%: %.0f %% of "
           "that (at most %.0f)\n",
           fine ? "ok" : "FAIL", percent(sum->found, sum->trials), launches, fixed,
           percent(sum->fixed_found[fixed], sum->trials), 100 * launches / (double)fixed, 100 * MOST_SHARE);
    return fine;
}

int main(void)
{
    struct tally sum = {0};
    const char *wanted = getenv("TRIALS");
    int trials = wanted ? atoi(wanted) : 12;
    uint64_t seed = 20261;

    if (trials < 1 || trials > MOST_TRIALS) {
        fprintf(stderr, "TRIALS takes a number from 1 to %d\n", MOST_TRIALS);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("truth/instructions, %d trials each; noise is that of launches, the planted one included\n"
           "                          adaptive          fixed: found in %%, by launches a side\n"
           "                  noise   found    launches ",
           trials);
    for (size_t n = LEAST_FIXED; n <= SEQUENTIAL_MOST; n += 4)
        printf(" %5zu", n);
    printf("\n");
    for (size_t i = 0; i < MEASUREMENTS; i++)
        measure(&measurements[i], trials, &sum, &seed);
    return !conclude(&sum);
}
