/*
 * What bisect costs and how often it is right: ranges of commits with planted changes, launches drawn at random, searched by the
 * program's own code. Fixed seeds; TRIALS=N for more of each.
 *
 * Limits: of the first row 19 of 20 right with a median of at most 60 launches; no culprit where there is none.
 */
#include "../../harness/base/stats.h"
#include "../../reports/analysis/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_TRIALS 2000
#define MOST_COMMITS 1024

enum noise { NORMAL, HEAVY, OUTLIERS, EXACT, DRIFTING };

struct scenario {
    const char *name;
    size_t commits; /* that may be the culprit */
    double noise;
    enum noise kind;
    double steps[2];    /* shares; at random places, at least 4 commits apart */
    double build_s;     /* a launch takes 1 */
    double skipped;     /* this share of the commits cannot be built */
    double least_right; /* limits, as a share and in launches; 0: none */
    double most_launches;
};

static const struct scenario scenarios[] = {
    {"3 % at 1.5 %", 64, 0.015, NORMAL, {0.03}, 0, 0, 0.95, 60},
    {"-3 % at 1.5 %", 64, 0.015, NORMAL, {-0.03}, 0, 0, 0.95, 60},
    {"6 % at 1.5 %", 64, 0.015, NORMAL, {0.06}, 0, 0, 0.95, 60},
    {"2 % at 1.5 %", 64, 0.015, NORMAL, {0.02}, 0, 0, 0, 0},
    {"3 %, heavy tails", 64, 0.015, HEAVY, {0.03}, 0, 0, 0.9, 90},
    {"3 %, a tenth disturbed", 64, 0.015, OUTLIERS, {0.03}, 0, 0, 0.9, 90},
    {"3 %, drift of 5 %", 64, 0.015, DRIFTING, {0.03}, 0, 0, 0, 0},
    {"3 % and 3 %", 64, 0.015, NORMAL, {0.03, 0.03}, 0, 0, 0.85, 120},
    {"6 % and -3 %", 64, 0.015, NORMAL, {0.06, -0.03}, 0, 0, 0.85, 120},
    {"no change", 64, 0.015, NORMAL, {0}, 0, 0, 0.95, 0},
    {"no change, heavy tails", 64, 0.015, HEAVY, {0}, 0, 0, 0.95, 0},
    {"3 %, a build costs 100", 64, 0.015, NORMAL, {0.03}, 100, 0, 0.95, 0},
    {"3 %, a third unbuildable", 64, 0.015, NORMAL, {0.03}, 0, 0.33, 0.9, 90},
    {"3 % of 1,000 commits", 1000, 0.015, NORMAL, {0.03}, 0, 0, 0.9, 90},
    {"0.5 % of a count", 64, 0, EXACT, {0.005}, 0, 0, 1, 16},
    {"a count, twice", 64, 0, EXACT, {0.005, 0.002}, 0, 0, 1, 30},
};

static double uniform(uint64_t *seed)
{
    return ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* One launch, as a factor of its level; `number` is its place in time. */
static double launch(const struct scenario *sc, size_t number, uint64_t *seed)
{
    double x = gaussian(seed);

    switch (sc->kind) {
    case NORMAL: return exp(sc->noise * x);
    case HEAVY: /* Student's t of 3, scaled to the same standard deviation of its middle */
        return exp(sc->noise * x /
                   sqrt((pow(gaussian(seed), 2) + pow(gaussian(seed), 2) + pow(gaussian(seed), 2)) / 3));
    case OUTLIERS: return exp(sc->noise * x) * (uniform(seed) < 0.1 ? 1 + 0.5 * uniform(seed) : 1);
    case DRIFTING: return exp(sc->noise * x) * (number >= 20 ? 1.05 : 1); /* from then on another machine */
    case EXACT: break;
    }
    return 1;
}

struct truth {
    size_t places[2], count;
    double level[MOST_COMMITS + 1];
    bool broken[MOST_COMMITS + 1];
};

static void plant(const struct scenario *sc, struct truth *t, uint64_t *seed)
{
    double level = 100;

    t->count = 0;
    for (int i = 0; i < 2 && sc->steps[i] != 0; i++)
        t->places[t->count++] = 1 + stats_random(seed) % sc->commits;
    while (t->count == 2 && t->places[1] < t->places[0] + 4) {
        t->places[0] = 1 + stats_random(seed) % sc->commits;
        t->places[1] = 1 + stats_random(seed) % sc->commits;
    }
    for (size_t i = 0; i <= sc->commits; i++) {
        for (size_t k = 0; k < t->count; k++)
            level *= i == t->places[k] ? 1 + sc->steps[k] : 1;
        t->level[i] = level;
        t->broken[i] = i && i < sc->commits && uniform(seed) < sc->skipped;
    }
}

struct tally {
    size_t right, wrong, undecided; /* wrong: a commit is named that it was not; undecided: no or too few names */
    double launches[MOST_TRIALS], builds[MOST_TRIALS];
};

static void judge(const struct search *s, const struct truth *t, struct tally *sum)
{
    size_t hits = 0, misses = 0;

    for (size_t i = 0; i < s->culprit_count && s->answer == SEARCH_FOUND; i++) {
        bool hit = false;

        for (size_t k = 0; k < t->count; k++)
            hit = hit || (s->culprits[i].first <= t->places[k] && t->places[k] <= s->culprits[i].last);
        hits += hit;
        misses += !hit;
    }
    if (misses)
        sum->wrong++;
    else if (t->count ? hits == t->count : s->answer != SEARCH_FOUND)
        sum->right++;
    else
        sum->undecided++;
}

static void search_once(const struct scenario *sc, size_t trial, struct tally *sum, uint64_t *seed)
{
    static struct truth t;
    struct search_options o = {
        .deterministic = sc->kind == EXACT, .build_s = sc->build_s, .launch_s = 1, .seed = *seed};
    struct search_step step;
    struct search s;
    size_t made = 0, built = 0;

    plant(sc, &t, seed);
    search_begin(&s, sc->commits + 1, &o);
    while (search_next(&s, &step) == SEARCH_NOT_YET) {
        for (size_t i = 0; i < step.count; i++) {
            size_t c = step.commits[i];

            if (s.commits[c].skipped)
                continue;
            built += !s.commits[c].built;
            if (t.broken[c])
                search_skip(&s, c);
            else
                search_add(&s, c, t.level[c] * launch(sc, made++, seed));
        }
    }
    judge(&s, &t, sum);
    sum->launches[trial] = (double)made;
    sum->builds[trial] = (double)built;
    search_free(&s);
}

static bool measure(const struct scenario *sc, size_t trials)
{
    static struct tally sum;
    uint64_t seed = 20261123;
    double median, most;
    clock_t began = clock();
    bool fine;

    sum = (struct tally){0};
    for (size_t i = 0; i < trials; i++)
        search_once(sc, i, &sum, &seed);
    median = stats_median(sum.launches, trials);
    most = stats_quantile(sum.launches, trials, 0.9);
    fine = (double)sum.right >= sc->least_right * (double)trials - 1e-9 &&
           (!(sc->most_launches > 0) || median <= sc->most_launches);
    printf("%-4s %-26s %5zu %6zu %6zu %8.0f %8.0f %7.0f %8.1f", fine ? "ok" : "FAIL", sc->name, sum.right, sum.wrong,
           sum.undecided, median, most, stats_median(sum.builds, trials),
           1e3 * (double)(clock() - began) / CLOCKS_PER_SEC / (double)trials);
    if (sc->least_right > 0)
        printf("   at least %.0f %%", 100 * sc->least_right);
    if (sc->most_launches > 0)
        printf(", at most %.0f", sc->most_launches);
    printf("\n");
    return fine;
}

int main(int argc, char **argv)
{
    const char *text = getenv("TRIALS");
    int trials = text ? atoi(text) : 20, failed = 0, only = argc > 1 ? atoi(argv[1]) : -1;

    if (trials < 1 || trials > MOST_TRIALS) {
        fprintf(stderr, "TRIALS takes a number from 1 to %d\n", MOST_TRIALS);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("bisect, %d trials each; wrong: an innocent commit is named; a launch costs 1\n"
           "                                 right  wrong   open   median   9 of 10  builds  ms each   limits\n",
           trials);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (only < 0 || (size_t)only == i)
            failed += !measure(&scenarios[i], (size_t)trials);
    }
    return failed > 0;
}
