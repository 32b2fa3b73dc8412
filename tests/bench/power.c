/*
 * What it takes to find 1, 2 and 5 % more instructions in real launches: stopping as soon as it is decided, against a fixed number.
 *
 * A loop whose instructions are known (truth/instructions) runs with n rounds, and with 0, 1, 2, 5 % more, in pairs of shuffled turns, the
 * old and the new one in processes of their own. What those launches did is a pool, from which trials are drawn: stretches of successive
 * launches of both, so that what the machine does between stretches stays between them. Both ways judge the same draws.
 *
 * Where noise is small there is nothing to save, and how noisy a machine is nobody knows beforehand. So noise is planted, too: launches whose
 * rounds vary by nothing, 0.5 and 1 %, on top of what the machine does. They are mixed as the points of a plan: a fixed number must do
 * for all of them. Equal power: the smallest fixed number that finds as many of the planted changes.
 *
 * A fixed number is judged as stored runs are, and has to be 8 at least. POOL (128) launches a side of each effect and measurement, and
 * TRIALS (400) drawn from them.
 */
#include "../../harness/base/err.h"
#include "../../harness/base/text.h"
#include "../../harness/launch.h"
#include "reports/analysis/sequential.h"
#include "simulated.h"

#include <inttypes.h>

#define ROUNDS 64 /* n is a multiple of this */
#define WORK (3200 * ROUNDS)
#define REPETITIONS_MADE 9
#define TRIES 20       /* of a launch that a hypervisor disturbed */
#define STRETCH 4      /* successive launches that are drawn together */
#define MOST_FIXED 320 /* launches a side */
#define MOST_SHARE 0.5 /* launches of the adaptive way, of those of the fixed one */
#define MOST_POOL 1000
#define MOST_TRIALS 10000
#define MIN_EFFECT 0.005 /* so that each planted change is one that counts */
#define SIGNIFICANCE 0.05

static const struct measurement {
    const char *name;
    double noise; /* planted, as a share */
} measurements[] = {{"still", 0}, {"usual", 0.005}, {"noisy", 0.01}};
#define MEASUREMENTS (sizeof measurements / sizeof measurements[0])

static const double effects[] = {0, 0.01, 0.02, 0.05};
#define EFFECTS (sizeof effects / sizeof effects[0])

/* Launches a side that a fixed way may choose from. */
static const size_t fixed_numbers[] = {8,  10, 12, 16, 20,  24,  28,  32,  40,  48,
                                       56, 64, 80, 96, 112, 128, 160, 192, 256, MOST_FIXED};
#define FIXED (sizeof fixed_numbers / sizeof fixed_numbers[0])

/* Real launches of both, in the order in which they were made. */
struct pool {
    double side[2][MOST_POOL];
    size_t count;
};

struct trial {
    double side[2][MOST_FIXED];
};

/* Of one effect: what was found, by whom, with how many launches a side. */
struct tally {
    long trials, found, same, launches, fixed_found[FIXED];
};

/* As a gate takes it: what a hypervisor disturbed is left out, NaN if that is half of it. */
static double median_time(const struct launch_outcome *out)
{
    double values[64];
    size_t n = 0, suspect = 0;

    for (size_t i = 0; i < out->sample_count && n < 64; i++) {
        if (strcmp(out->samples[i].metric, "wall.time") || !(out->samples[i].value > 0))
            continue;
        suspect += out->samples[i].quality == QUALITY_SUSPECT;
        if (out->samples[i].quality != QUALITY_SUSPECT)
            values[n++] = out->samples[i].value;
    }
    return suspect >= n ? NAN : stats_median(values, n);
}

/* NaN if it was disturbed. */
static double try_once(const struct measurement *m, double effect, uint64_t *seed)
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
    return time;
}

static double launch_once(const struct measurement *m, double effect, uint64_t *seed)
{
    for (int i = 0; i < TRIES; i++) {
        double time = try_once(m, effect, seed);

        if (time > 0)
            return time;
    }
    fprintf(stderr, "a hypervisor takes so much away that no time can be measured; try again on a quieter machine\n");
    exit(1);
}

/* Pairs of an old and a new one, a coin deciding which goes first. */
static void fill(const struct measurement *m, double effect, size_t count, struct pool *p, uint64_t *seed)
{
    for (p->count = 0; p->count < count; p->count++) {
        bool first = stats_random(seed) % 2;

        p->side[first][p->count] = launch_once(m, first ? effect : 0, seed);
        p->side[!first][p->count] = launch_once(m, first ? 0 : effect, seed);
    }
}

static void draw(const struct pool *p, struct trial *t, uint64_t *seed)
{
    for (size_t n = 0; n < MOST_FIXED; n += STRETCH) {
        size_t from = stats_random(seed) % p->count;

        for (size_t i = 0; i < STRETCH; i++)
            for (int side = 0; side < 2; side++)
                t->side[side][n + i] = p->side[side][(from + i) % p->count];
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
    const struct compare_options o = {
        .min_effect = MIN_EFFECT, .min_launches = fixed_numbers[0], .false_discovery = 0.05};

    for (size_t i = 0; i < FIXED; i++) {
        size_t n = fixed_numbers[i];
        struct comparison c;

        compare_time((struct compare_side){t->side[0], n}, (struct compare_side){t->side[1], n}, true, &o, &c);
        tally->fixed_found[i] += c.p <= SIGNIFICANCE;
    }
    tally->trials++;
}

static void add(struct tally *sum, const struct tally *t)
{
    sum->trials += t->trials;
    sum->found += t->found;
    sum->launches += t->launches;
    for (size_t i = 0; i < FIXED; i++)
        sum->fixed_found[i] += t->fixed_found[i];
}

static double percent(long part, long whole)
{
    return whole ? 100.0 * (double)part / (double)whole : NAN;
}

static void print_row(const char *what, double effect, double noise, const struct tally *t)
{
    printf("%-7s +%.0f %%  %6.2f %%  %6.0f %%  %8.1f     ", what, 100 * effect, 100 * noise,
           percent(t->found, t->trials), (double)t->launches / (double)t->trials);
    for (size_t i = 0; i < FIXED; i += 2)
        printf(" %5.0f", percent(t->fixed_found[i], t->trials));
    printf("\n");
}

static void measure(const struct measurement *m, size_t count, int trials, struct tally *sum, uint64_t *seed)
{
    static struct pool pool;

    for (size_t k = 0; k < EFFECTS; k++) {
        struct tally tally = {0};

        fill(m, effects[k], count, &pool, seed);
        for (int i = 0; i < trials; i++) {
            struct trial t;

            draw(&pool, &t, seed);
            judge_adaptive(&t, &tally);
            judge_fixed(&t, &tally);
        }
        print_row(m->name, effects[k], compare_spread(pool.side[0], pool.count), &tally);
        if (effects[k] > 0)
            add(sum, &tally);
    }
}

static bool conclude(const struct tally *sum)
{
    double launches = (double)sum->launches / (double)sum->trials;
    size_t at = 0;
    bool fine, reached;

    while (at + 1 < FIXED && sum->fixed_found[at] < sum->found)
        at++;
    reached = sum->fixed_found[at] >= sum->found;
    fine = launches <= MOST_SHARE * (double)fixed_numbers[at];
    printf("%-4s of all planted changes %.1f %% were found with %.1f launches a side; a fixed number takes %s%zu for "
           "%.1f %%: %.0f %% of that (at most %.0f)\n",
           fine ? "ok" : "FAIL", percent(sum->found, sum->trials), launches, reached ? "" : "more than ",
           fixed_numbers[at], percent(sum->fixed_found[at], sum->trials), 100 * launches / (double)fixed_numbers[at],
           100 * MOST_SHARE);
    return fine;
}

static int setting(const char *name, int otherwise, int most)
{
    const char *text = getenv(name);
    int value = text ? atoi(text) : otherwise;

    if (value >= 8 && value <= most)
        return value;
    fprintf(stderr, "%s takes a number from 8 to %d\n", name, most);
    exit(2);
}

int main(void)
{
    struct tally sum = {0};
    int trials = setting("TRIALS", 400, MOST_TRIALS), count = setting("POOL", 128, MOST_POOL);
    uint64_t seed = 20261;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf(
        "truth/instructions, %d launches a side, %d trials drawn from them; noise is that of launches, the planted one "
        "included\n"
        "                          adaptive          fixed: found in %%, by launches a side\n"
        "                  noise   found    launches ",
        count, trials);
    for (size_t i = 0; i < FIXED; i += 2)
        printf(" %5zu", fixed_numbers[i]);
    printf("\n");
    for (size_t i = 0; i < MEASUREMENTS; i++)
        measure(&measurements[i], (size_t)count, trials, &sum, &seed);
    return !conclude(&sum);
}
