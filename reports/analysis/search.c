/*
 * See search.h.
 *
 * Method: the ends are measured in shuffled turns as two programs are compared (sequential.c), which also tells the noise. Then the model
 * of search_model.c says for every commit how likely its level is another than it seems, and how far away that is: the information of
 * one more launch there follows, and what is gained for its price decides. It ends when each change has its place with 98.5 %, and
 * three pairs of launches of both its sides, made in turns at one time, show at least half of it. Where they do not, the machine moved
 * or the change is made of many small ones: more launches tell, or no commit is named.
 *
 * Assumed: launches of one commit scatter around its level independently, with no more than now and then an outlier; levels move by at
 * least half of what counts, or not at all; changes are few. What was undone inside the range does not show at its ends.
 *
 * Measured by tests/bench/bisect.c, 200 ranges of 64 commits each, noise of a launch 1.5 %:
 *
 *                                right   an innocent named   launches: median, 9 of 10   builds
 *   a step of 3 %                 199            1                 38         61           11
 *   6 %                           200            0                 22         36            8
 *   2 %                           197            3                 74        130           16
 *   3 %, tails of Student's t(3)  199            1                 56        101           14
 *   3 %, a tenth disturbed        198            2                 53         93           13
 *   3 % twice                     185            0                 66         98           19
 *   no change                     200            0                136        192            2
 *   0.5 % of a count              200            0                 10         10            8
 */
#include "search_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LAUNCHES 300
#define PAIRS 3
#define MOST_PAIRS 15 /* that may be asked for since those before did not show a change */

void search_begin(struct search *s, size_t commits, const struct search_options *o)
{
    *s = (struct search){.options = *o, .count = commits, .noise = NAN, .seed = o->seed};
    s->ends = (struct sequential){.ratio = NAN, .low = 0, .high = INFINITY, .p = 1};
    s->commits = mem_new(commits, sizeof *s->commits);
    s->turns = mem_new(1, sizeof *s->turns);
    if (!(s->options.threshold > 0))
        s->options.threshold = o->deterministic ? 0.001 : 0.01;
    if (!s->options.most_launches)
        s->options.most_launches = MOST_LAUNCHES;
    if (!(s->options.launch_s > 0))
        s->options.launch_s = 1;
}

void search_free(struct search *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->commits[i].values);
    free(s->turns);
    free(s->commits);
    free(s->culprits);
    *s = (struct search){0};
}

void search_built(struct search *s, size_t commit)
{
    s->commits[commit].built = true;
}

void search_price(struct search *s, double build_s, double launch_s)
{
    if (launch_s > 0) {
        s->options.build_s = build_s;
        s->options.launch_s = launch_s;
    }
}

int search_skip(struct search *s, size_t commit)
{
    if (commit == 0 || commit + 1 == s->count)
        return -1;
    s->commits[commit].skipped = true;
    return 0;
}

static void remember(struct search_turns *t, size_t commit, double value)
{
    t->recent_count += t->recent_count < SEARCH_RECENT;
    memmove(&t->recent[1], &t->recent[0], (t->recent_count - 1) * sizeof *t->recent);
    t->recent[0].commit = commit;
    t->recent[0].value = value;
}

void search_add(struct search *s, size_t commit, double value)
{
    struct search_commit *c = &s->commits[commit];
    struct search_turns *t = s->turns;
    bool last = commit + 1 == s->count;

    if (!isfinite(value))
        return;
    VEC_ROOM(c->values, c->count, c->capacity);
    c->values[c->count++] = value;
    c->built = true;
    s->launches++;
    if (s->phase == SEARCH_ENDS && (commit == 0 || last) && t->end_counts[last] < SEQUENTIAL_MOST)
        t->ends[last][t->end_counts[last]++] = value;
    remember(t, commit, value);
}

/* No single commit shows what all together do: one range, from the last that is as the good end to the first that is as the bad one. */
static void join_culprits(struct search *s, const struct search_view *v)
{
    double near = log1p(s->options.threshold) / 2;
    size_t first = 0, last = s->count - 1;

    while (first + 2 < s->count && fabs(v->level[first + 1] - v->level[0]) < near)
        first++;
    while (last > first + 1 && fabs(v->level[last - 1] - v->level[s->count - 1]) < near)
        last--;
    s->culprit_count = 0;
    *search_culprit_add(s) = (struct search_culprit){.first = first + 1, .last = last, .probability = 1};
}

void search_finish(struct search *s, enum search_answer answer)
{
    s->phase = SEARCH_OVER;
    s->answer = answer;
    search_effects(s);
}

/* ---- inside ---- */

/* What `launches` more say about a question that is open with probability q, where the answers lie `apart`; in nats. */
static double information(double q, double apart, size_t launches)
{
    double open = q <= 0 || q >= 1 ? 0 : -q * log(q) - (1 - q) * log1p(-q);

    return fmin(open, 0.5 * log1p(q * (1 - q) * apart * apart * (double)launches));
}

/* Where launches tell most for what they cost. */
static bool ask_best(const struct search *s, const struct search_view *v, struct search_step *step)
{
    double best = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct search_commit *c = &s->commits[i];

        for (size_t n = 1; n <= 8 && !c->skipped; n *= 2) {
            double price = (c->built ? 0 : s->options.build_s) + (double)n * s->options.launch_s;
            double gain = information(v->other[i], v->apart[i], n);

            if (gain < 1e-4 || gain / price <= best)
                continue;
            best = gain / price;
            step->count = n;
            for (size_t k = 0; k < n; k++)
                step->commits[k] = i;
        }
    }
    return best > 0;
}

/* A change that the model sees, but no single commit seems open: what lies around it is measured. */
static void ask_around(const struct search *s, struct search_step *step)
{
    size_t low = 0, high = s->count - 1, middle;

    for (size_t i = 0, width = 0; i < s->culprit_count; i++) {
        if (s->culprits[i].last - s->culprits[i].first < width)
            continue;
        width = s->culprits[i].last - s->culprits[i].first;
        low = s->culprits[i].first - 1;
        high = s->culprits[i].last;
    }
    while (low > 0 && s->commits[low].skipped)
        low--;
    middle = search_nearest(s, low, high, (low + high) / 2);
    step->commits[step->count++] = s->commits[low].count <= s->commits[high].count ? low : high;
    if (middle != low)
        step->commits[0] = middle;
}

/* ---- in turns ---- */

static size_t measurable_before(const struct search *s, size_t commit)
{
    do
        commit--;
    while (commit > 0 && s->commits[commit].skipped);
    return commit;
}

/* The newest launches of both sides of a culprit, as logs, that were made at about one time; answers how many both sides have. */
static size_t recent_of(const struct search *s, const struct search_culprit *c, double side[2][SEARCH_RECENT])
{
    const struct search_turns *t = s->turns;
    size_t before = measurable_before(s, c->first), n[2] = {0};

    for (size_t i = 0; i < t->recent_count; i++) {
        if (t->recent[i].commit == before || t->recent[i].commit == c->last) {
            bool after = t->recent[i].commit == c->last;

            side[after][n[after]++] = log(t->recent[i].value);
        }
    }
    return n[0] < n[1] ? n[0] : n[1];
}

static void ask_pairs(struct search *s, const struct search_culprit *c, size_t pairs, struct search_step *step)
{
    size_t before = measurable_before(s, c->first);

    for (size_t i = 0; i < pairs; i++) {
        bool old_first = stats_random(&s->seed) % 2;

        step->commits[step->count++] = old_first ? before : c->last;
        step->commits[step->count++] = old_first ? c->last : before;
    }
    s->phase = SEARCH_TURNS;
}

/* Was it measured in turns, and do they show at least half of the change? Else asks for more pairs, as long as there is hope. */
static bool holds_in_turns(struct search *s, struct search_culprit *c, double change, struct search_step *step)
{
    struct search_turns *t = s->turns;
    size_t wanted = s->options.deterministic ? 1 : PAIRS, n;
    double side[2][SEARCH_RECENT];

    if (c->in_turns)
        return true;
    n = recent_of(s, c, side);
    c->in_turns = n >= wanted && (stats_median(side[1], n) - stats_median(side[0], n)) / change >= 0.5;
    s->commits[c->last].settled = c->in_turns;
    if (c->in_turns)
        return true;
    t->disputed += n >= wanted;
    if (n >= wanted && t->disputed > MOST_PAIRS) {
        s->spread_out = true;
        search_finish(s, SEARCH_UNDECIDED);
        return false;
    }
    n = n < wanted ? wanted - n : 1;
    ask_pairs(s, c, n, step);
    return false;
}

/* Culprits of less than what counts are none. */
static void drop_slight(struct search *s, const struct search_view *v)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->culprit_count; i++) {
        const struct search_culprit *c = &s->culprits[i];

        if (fabs(v->level[c->last] - v->level[c->first - 1]) >= log1p(s->options.threshold) * 0.8)
            s->culprits[kept++] = *c;
    }
    s->culprit_count = kept;
}

/* Is every culprit one when measured in turns, too? False: there is a step, or it is over, or to be looked at anew. */
static bool hold_in_turns(struct search *s, const struct search_view *v, struct search_step *step)
{
    search_effects(s);
    for (size_t i = 0; i < s->culprit_count; i++) {
        struct search_culprit *c = &s->culprits[i];

        c->in_turns = s->commits[c->last].settled;
        if (!holds_in_turns(s, c, v ? v->level[c->last] - v->level[c->first - 1] : log(c->ratio), step))
            return false;
        if (s->turns->early && c->low <= 1 && c->high >= 1) { /* the ends were not sure either */
            ask_pairs(s, c, 1, step);
            return false;
        }
    }
    return true;
}

static void next_inside(struct search *s, struct search_step *step)
{
    struct search_view v;
    bool located;

    search_model(s, &v);
    s->noise = v.sigma;
    located = search_culprits(s, &v);
    if (located) {
        drop_slight(s, &v);
        if (!s->culprit_count)
            search_finish(s, SEARCH_UNDECIDED);
        else if (hold_in_turns(s, &v, step))
            search_finish(s, SEARCH_FOUND);
        if (s->spread_out) {
            join_culprits(s, &v);
            search_effects(s);
        }
    } else if (s->turns->early && !s->culprit_count) {
        s->phase = SEARCH_ENDS; /* there was nothing */
    } else {
        s->phase = SEARCH_INSIDE;
        if (!ask_best(s, &v, step))
            ask_around(s, step);
    }
    search_view_free(&v);
}

static void next_exact(struct search *s, struct search_step *step)
{
    if (search_exact_next(s, step)) {
        s->phase = SEARCH_INSIDE;
        return;
    }
    search_exact_culprits(s);
    if (s->spread_out || hold_in_turns(s, NULL, step))
        search_finish(s, SEARCH_FOUND);
}

enum search_answer search_next(struct search *s, struct search_step *step)
{
    step->count = 0;
    while (!step->count && s->phase != SEARCH_OVER) {
        if (s->launches >= s->options.most_launches) {
            search_stop(s);
        } else if (s->phase == SEARCH_ENDS) {
            search_ends_next(s, step);
        } else {
            (s->options.deterministic ? next_exact : next_inside)(s, step);
        }
    }
    if (s->launches + step->count > s->options.most_launches)
        step->count = s->options.most_launches - s->launches;
    return s->phase == SEARCH_OVER ? s->answer : SEARCH_NOT_YET;
}

void search_stop(struct search *s)
{
    struct search_view v;

    if (s->phase == SEARCH_OVER)
        return;
    if (s->phase != SEARCH_ENDS && s->options.deterministic) {
        search_exact_culprits(s);
    } else if (s->phase != SEARCH_ENDS) {
        search_model(s, &v);
        search_culprits(s, &v);
        drop_slight(s, &v);
        search_view_free(&v);
    }
    search_finish(s, SEARCH_UNDECIDED);
}

void search_expect(const struct search *s, double *builds, double *launches)
{
    double halvings = ceil(log2((double)s->count));

    *builds = fmin((double)s->count, s->count < 3 ? 2 : 3 + halvings);
    *launches = s->options.deterministic ? 2 * SEARCH_EXACT_LAUNCHES + halvings + 2 : 22 + 2 * halvings;
}
