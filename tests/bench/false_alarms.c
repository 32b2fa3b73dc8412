/*
 * How often a whole gate calls something slower where nothing changed: at most once in a hundred. 2,000 gates over recorded quick runs: one
 * run against another one, suspects as the gate picks them, then each of them measured again in turns. What is drawn for that are
 * launches of the point in the order in which they were recorded, seconds apart; real turns are closer together.
 *
 * The same where the machine became 5 % slower between the two runs: against stored runs alone nothing is ever called slower, and
 * in turns both programs are.
 */
#include "reports/analysis/sequential.h"
#include "simulated.h"

#define GATES 2000
#define MOST_POINTS 64
#define RECORDED "tests/golden/quick_runs/launches.txt"
#define RED_DISCOVERY 0.01 /* harness/gate_confirm.c */
#define SUSPECT_P 0.001    /* harness/sight.h */
#define MIN_EFFECT 0.01

static const struct compare_options options = {
    .min_effect = MIN_EFFECT, .min_effect_deterministic = 0.001, .min_launches = 8, .false_discovery = 0.05};

struct tally {
    long suspects, red, green, refuted, undecided, launches; /* red: gates in which anything is slower */
    long gates_with_suspects;
};

/* What gate_judge.c does with the times of two runs. Answers how many points are suspected, which in `suspect`. */
static size_t judge(const struct recorded *list, size_t points, size_t old, size_t now, double moved,
                    size_t suspect[MOST_POINTS], double ratio[MOST_POINTS])
{
    struct comparison before[MOST_POINTS], after[MOST_POINTS];
    size_t n = 0;

    for (size_t p = 0; p < points; p++) {
        double candidate[RECORDED_LAUNCHES];

        for (int i = 0; i < RECORDED_LAUNCHES; i++)
            candidate[i] = moved * list[p].runs[now][i];
        compare_time((struct compare_side){list[p].runs[old], RECORDED_LAUNCHES},
                     (struct compare_side){candidate, RECORDED_LAUNCHES}, true, &options, &before[p]);
        after[p] = before[p];
    }
    compare_control(after, points, options.false_discovery);
    for (size_t p = 0; p < points; p++) {
        if (before[p].verdict != COMPARE_SAME && (after[p].verdict != COMPARE_SAME || before[p].p <= SUSPECT_P))
            suspect[n] = p, ratio[n++] = before[p].ratio;
    }
    return n;
}

struct again {
    const double *in_time;
    double stored; /* the ratio that raised suspicion */
    size_t at, count[2];
    double side[2][SEQUENTIAL_MOST];
    struct sequential s;
    enum sequential_answer answer;
};

static void next_block(struct again *a, uint64_t *seed)
{
    bool turns[2 * SEQUENTIAL_MOST];
    size_t n = sequential_turns(a->s.looks, turns, seed);

    for (size_t k = 0; k < n; k++)
        a->side[turns[k]][a->count[turns[k]]++] = a->in_time[a->at++];
    sequential_compare(a->side[0], a->side[1], a->count[0], &a->s);
}

static bool is_refuted(const struct again *a)
{
    bool there = (a->s.low > 1 || a->s.high < 1) && fabs(log(a->s.ratio)) > log1p(MIN_EFFECT);

    return !there && (a->stored < a->s.low || a->stored > a->s.high);
}

static bool is_settled(const struct again *a)
{
    if (a->answer == SEQUENTIAL_HOPELESS)
        return is_refuted(a) || sequential_reach(&a->s) >= fabs(log(a->stored));
    return a->answer != SEQUENTIAL_NOT_YET;
}

/* What gate_confirm.c does with the suspects. */
static void confirm(const struct recorded *list, const size_t *suspect, const double *ratio, size_t n, struct tally *t,
                    uint64_t *seed)
{
    struct again again[MOST_POINTS];
    size_t all = list[0].count * RECORDED_LAUNCHES, slower = 0;

    for (size_t i = 0; i < n; i++)
        again[i] = (struct again){.in_time = list[suspect[i]].runs[0],
                                  .stored = ratio[i],
                                  .at = stats_random(seed) % (all - 2 * SEQUENTIAL_MOST)};
    for (size_t look = 0; look < SEQUENTIAL_LOOKS; look++) {
        double p[MOST_POINTS], limit;

        for (size_t i = 0; i < n; i++) {
            if (!is_settled(&again[i]))
                next_block(&again[i], seed);
            p[i] = again[i].s.p;
        }
        limit = compare_limit(p, n, RED_DISCOVERY);
        for (size_t i = 0; i < n; i++) {
            if (!is_settled(&again[i]))
                again[i].answer = sequential_answer(&again[i].s, MIN_EFFECT, limit);
        }
    }
    for (size_t i = 0; i < n; i++) {
        bool moved = again[i].answer == SEQUENTIAL_DIFFERENT;

        slower += moved && again[i].s.ratio > 1;
        if (again[i].answer == SEQUENTIAL_NOT_YET || again[i].answer == SEQUENTIAL_HOPELESS)
            *(is_refuted(&again[i]) ? &t->refuted : &t->undecided) += 1;
        t->green += again[i].answer == SEQUENTIAL_SAME || again[i].answer == SEQUENTIAL_SLIGHT;
        t->launches += (long)again[i].count[0];
    }
    t->suspects += (long)n;
    t->gates_with_suspects += n > 0;
    t->red += slower > 0;
}

static bool gates(const struct recorded *list, size_t points, double moved, const char *what)
{
    struct tally t = {0};
    uint64_t seed = 17;
    double low, high;
    bool fine;

    for (int i = 0; i < GATES; i++) {
        double ratio[MOST_POINTS];
        size_t suspect[MOST_POINTS], old = stats_random(&seed) % list[0].count;
        size_t now = (old + 1 + stats_random(&seed) % (list[0].count - 1)) % list[0].count;
        size_t n = judge(list, points, old, now, moved, suspect, ratio);

        confirm(list, suspect, ratio, n, &t, &seed);
    }
    share_bounds(t.red, GATES, 0.95, &low, &high);
    fine = t.red * 100 <= GATES;
    printf(
        "%-4s %-27s %ld of %d gates red: %.2f %% (95 %%: %.2f to %.2f); %.1f suspects a gate, in turns %.0f %% same, "
        "%.0f %% refuted, %.0f %% not decided, %.1f launches a side\n",
        fine ? "ok" : "FAIL", what, t.red, GATES, 100.0 * (double)t.red / GATES, 100 * low, 100 * high,
        (double)t.suspects / GATES, 100.0 * (double)t.green / (double)t.suspects,
        100.0 * (double)t.refuted / (double)t.suspects, 100.0 * (double)t.undecided / (double)t.suspects,
        (double)t.launches / (double)t.suspects);
    return fine;
}

int main(void)
{
    size_t points;
    struct recorded *list = read_recorded(RECORDED, &points);
    bool fine;

    points = points < MOST_POINTS ? points : MOST_POINTS;
    printf("%zu recorded runs of %zu points; red only after measuring again\n", list->count, points);
    fine = gates(list, points, 1, "nothing changed:");
    fine = gates(list, points, 1.05, "the machine is 5 % slower:") && fine;
    free(list);
    return !fine;
}
