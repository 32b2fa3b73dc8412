/*
 * Does a cut hold? The best cut of noise is a cut, too; so each is judged by
 * the values on both sides: whether the levels are long enough to be levels,
 * lie far enough apart to be seen, are steps and no slope, and differ more than
 * the noise lets levels differ that were chosen as the best of many. The
 * weakest cut goes first, its neighbours are judged anew.
 */
#include "change_parts.h"

#include "../../harness/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong with a cut comes before how strong it is. */
#define TOO_SHORT (-1e12)
#define TOO_SMALL (-1e9)
#define SLOPE (-1e6)

#define AROUND 2          /* shortest levels next to a cut, where a step shows */
#define ENOUGH 500        /* values of each level, to know its median */
#define NEAR 20           /* values next to a cut in which two levels show as such */
#define NEATLY 10         /* values next to a cut of which none may be on the wrong side, if what is farther creeps */
#define BRIEF 2           /* times the shortest level: what is shorter is looked at value by value */
#define GROUPS_APART 5.0  /* standard deviations: so far apart hardly a value is nearer to the other level */
#define GROUPS_SHARE 0.25 /* of values that may be all the same, for spikes */

struct change_sums change_sums_make(const double *z, size_t n)
{
    struct change_sums s = {mem_new(n + 1, sizeof *s.z), mem_new(n + 1, sizeof *s.squares),
                            mem_new(n + 1, sizeof *s.moments)};

    for (size_t i = 0; i < n; i++) {
        s.z[i + 1] = s.z[i] + z[i];
        s.squares[i + 1] = s.squares[i] + (long double)z[i] * z[i];
        s.moments[i + 1] = s.moments[i] + (long double)i * z[i];
    }
    return s;
}

void change_sums_free(struct change_sums *s)
{
    free(s->z);
    free(s->squares);
    free(s->moments);
}

double change_mean(const struct change_sums *s, size_t from, size_t to)
{
    return (double)((s->z[to] - s->z[from]) / (long double)(to - from));
}

double change_squares(const struct change_sums *s, size_t from, size_t to)
{
    long double sum = s->z[to] - s->z[from];

    return fmax(0, (double)(s->squares[to] - s->squares[from] - sum * sum / (long double)(to - from)));
}

double change_line(const struct change_sums *s, size_t from, size_t to)
{
    long double n = (long double)(to - from), center = (long double)from + (n - 1) / 2;
    long double with = s->moments[to] - s->moments[from] - center * (s->z[to] - s->z[from]);
    long double places = n * (n * n - 1) / 12;

    return places > 0 ? fmax(0, change_squares(s, from, to) - (double)(with * with / places)) : 0;
}

double change_widest(const struct change_memory *m)
{
    double rest = 1 - m->dependent;

    return (1 + m->dependent) / (m->near ? rest * rest : rest);
}

double change_wider(const struct change_memory *m, size_t n)
{
    double r = m->dependent, few = 2 * r * (1 - pow(r, (double)n)) / ((double)n * (1 - r) * (1 - r));

    return change_widest(m) - (m->near ? few / (1 - r) : few);
}

double change_score(const struct change_sums *s, const struct change_memory *m, size_t from, size_t cut, size_t to)
{
    size_t before = cut - from, after = to - cut;

    return fabs(change_mean(s, cut, to) - change_mean(s, from, cut)) /
           sqrt(change_wider(m, before) / (double)before + change_wider(m, after) / (double)after);
}

double change_confidence(double score, size_t n)
{
    return fmax(0, 1 - erfc(score / sqrt(2)) * (double)n);
}

/* The share of values from ... to above `middle`. */
static double share_above(const double *x, size_t from, size_t to, double middle)
{
    size_t above = 0;

    for (size_t i = from; i < to; i++)
        above += x[i] > middle;
    return (double)above / (double)(to - from);
}

/* How often values fall above `middle` on both sides of a cut: the score of the difference; without limit if there are two levels. */
static double score_of_groups(const double *x, double middle, size_t from, size_t cut, size_t to)
{
    double before = (double)(cut - from), after = (double)(to - cut);
    double left = share_above(x, from, cut, middle), right = share_above(x, cut, to, middle);
    double share = (left * before + right * after) / (before + after);

    if (fmin(left, right) < GROUPS_SHARE && fmax(left, right) > 1 - GROUPS_SHARE)
        return INFINITY;
    return fabs(right - left) / sqrt(share * (1 - share) * (1 / before + 1 / after));
}

/* What n values cost in likelihood, if `share` of them does and the common share is `all`. */
static double surprise(double n, double share, double all)
{
    double with = share > 0 ? share * log(share / all) : 0,
           without = share < 1 ? (1 - share) * log((1 - share) / (1 - all)) : 0;

    return n * (with + without);
}

/*
 * Some values in a row that are all large are nothing where large ones are frequent, in noise that is skewed: the score of how many
 * lie above `middle` on both sides, by likelihood, since there are too few for the normal law.
 */
static double score_of_sides(const double *x, double middle, size_t from, size_t cut, size_t to)
{
    double before = (double)(cut - from), after = (double)(to - cut);
    double left = share_above(x, from, cut, middle), right = share_above(x, cut, to, middle);
    double share = (left * before + right * after) / (before + after);

    if (share <= 0 || share >= 1)
        return 0;
    return sqrt(2 * (surprise(before, left, share) + surprise(after, right, share)));
}

/* Not one value on the wrong side of `middle`. */
static bool parts_neatly(const double *x, double middle, size_t from, size_t cut, size_t to)
{
    double left = share_above(x, from, cut, middle), right = share_above(x, cut, to, middle);

    return fmin(left, right) <= 0 && fmax(left, right) >= 1;
}

/*
 * Levels have medians that differ; brief ones have values that do. And where they lie so far apart that hardly a value should be nearer
 * to the other one, but many are, also near the cut, values fall into two groups, of which a run may look like a level: then what
 * counts is how often they fall into the higher one.
 */
static double score_of_values(const struct change_rule *r, size_t from, size_t cut, size_t to)
{
    const struct change_view *v = r->view;
    bool is_brief = r->excursion && (cut - from < BRIEF * r->shortest || to - cut < BRIEF * r->shortest);
    double before, after, middle;

    from = cut - from > ENOUGH ? cut - ENOUGH : from;
    to = to - cut > ENOUGH ? cut + ENOUGH : to;
    before = change_median(v->x + from, cut - from);
    after = change_median(v->x + cut, to - cut);
    middle = before / 2 + after / 2;

    if (fabs(after - before) < r->apart * v->sigma)
        return -INFINITY;
    if (fabs(after - before) < GROUPS_APART * v->sigma)
        return is_brief ? score_of_sides(v->x, middle, from, cut, to) : INFINITY;
    if (parts_neatly(v->x, middle, cut - from > NEATLY ? cut - NEATLY : from, cut,
                     to - cut > NEATLY ? cut + NEATLY : to))
        return INFINITY;
    if (is_brief)
        return score_of_sides(v->x, middle, from, cut, to);
    return fmax(
        score_of_groups(v->x, middle, from, cut, to),
        score_of_groups(v->x, middle, cut - from > NEAR ? cut - NEAR : from, cut, to - cut > NEAR ? cut + NEAR : to));
}

/*
 * A straight line through both levels is the better picture: then there is no step, unless the values next to the cut, few or some more,
 * leave no doubt that it is one.
 */
static bool is_slope(const struct change_sums *s, const struct change_rule *r, size_t from, size_t cut, size_t to)
{
    double levels = change_squares(s, from, cut) + change_squares(s, cut, to);

    if (change_line(s, from, to) >= r->straight * levels)
        return false;
    for (size_t around = 1; around <= AROUND; around++) {
        size_t near = around * r->shortest;
        size_t left = cut - from > near ? cut - near : from, right = to - cut > near ? cut + near : to;

        levels = change_squares(s, left, cut) + change_squares(s, cut, right);
        if (change_line(s, left, right) - levels >= change_widest(&r->memory) * r->limit * r->limit)
            return false;
    }
    return true;
}

/* How much a cut has beyond what it needs; below 0 it does not hold. */
static double strength(const struct change_sums *s, const struct change_rule *r, size_t from, size_t cut, size_t to)
{
    double score = change_score(s, &r->memory, from, cut, to);
    double apart = fabs(change_mean(s, cut, to) - change_mean(s, from, cut));
    size_t shortest = r->excursion && apart >= CHANGE_FAR ? r->excursion : r->shortest;

    if (cut - from < shortest || to - cut < shortest)
        return TOO_SHORT + score;
    if (apart < r->apart)
        return TOO_SMALL + score;
    if (is_slope(s, r, from, cut, to))
        return SLOPE + score;
    if (r->view)
        return fmin(score, score_of_values(r, from, cut, to)) - r->limit;
    return score - r->limit;
}

/* The cuts that are left, chained; and a tree over them whose root is the
 * weakest. */
struct cuts {
    size_t *next, *before; /* of level i: its neighbours that are left */
    double *strength;      /* of the cut that begins level i */
    size_t *weakest;       /* tree: 1 is the root, `leaves` + i is cut i */
    size_t leaves;
};

static size_t weaker(const struct cuts *c, size_t a, size_t b)
{
    return c->strength[b] < c->strength[a] ? b : a;
}

static void set_strength(struct cuts *c, size_t i, double strength)
{
    c->strength[i] = strength;
    for (size_t node = (c->leaves + i) / 2; node; node /= 2)
        c->weakest[node] = weaker(c, c->weakest[2 * node], c->weakest[2 * node + 1]);
}

static void judge_cut(struct cuts *c, const struct change_sums *s, const struct change_rule *r, const size_t *starts,
                      size_t i, size_t levels)
{
    if (i > 0 && i < levels)
        set_strength(c, i, strength(s, r, starts[c->before[i]], starts[i], starts[c->next[i]]));
}

static void cuts_make(struct cuts *c, size_t levels)
{
    for (c->leaves = 1; c->leaves < levels; c->leaves *= 2)
        ;
    c->next = mem_new(levels + 1, sizeof *c->next);
    c->before = mem_new(levels + 1, sizeof *c->before);
    c->strength = mem_new(c->leaves, sizeof *c->strength);
    c->weakest = mem_new(2 * c->leaves, sizeof *c->weakest);
    for (size_t i = 0; i < c->leaves; i++) {
        c->strength[i] = INFINITY;
        c->weakest[c->leaves + i] = i;
    }
    for (size_t i = 0; i <= levels; i++) {
        c->next[i] = i + 1;
        c->before[i] = i ? i - 1 : 0;
    }
}

static void cuts_free(struct cuts *c)
{
    free(c->next);
    free(c->before);
    free(c->strength);
    free(c->weakest);
}

size_t change_judge(const struct change_sums *s, const struct change_rule *rule, size_t *starts, size_t levels)
{
    struct cuts c;
    size_t left = 0;

    if (levels < 2)
        return levels;
    cuts_make(&c, levels);
    for (size_t i = 1; i < levels; i++)
        judge_cut(&c, s, rule, starts, i, levels);
    while (c.strength[c.weakest[1]] < 0) {
        size_t gone = c.weakest[1], before = c.before[gone], next = c.next[gone];

        set_strength(&c, gone, INFINITY);
        c.next[before] = next;
        c.before[next] = before;
        judge_cut(&c, s, rule, starts, before, levels);
        judge_cut(&c, s, rule, starts, next, levels);
    }
    for (size_t i = 0; i <= levels; i = i < levels ? c.next[i] : i + 1)
        starts[left++] = starts[i];
    cuts_free(&c);
    return left - 1;
}
