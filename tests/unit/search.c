/* The search for a culprit: what it finds, what it must not name, what it costs. Fixed seeds: no clock, no luck. */
#include "../../reports/analysis/search.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 70

/* A range of commits: what each of them takes. */
struct range {
    size_t count;
    double level[MOST], noise;
    bool broken[MOST];
    double later; /* a factor of all launches from the 11th on: another machine */
    size_t launches, builds, measured[MOST];
    uint64_t seed;
};

static double gaussian(uint64_t *seed)
{
    double u = ((double)(stats_random(seed) >> 11) + 0.5) / 9007199254740992.0;
    double v = (double)(stats_random(seed) >> 11) / 9007199254740992.0;

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static struct range flat(size_t count, double noise, uint64_t seed)
{
    struct range r = {.count = count, .noise = noise, .later = 1, .seed = seed};

    for (size_t i = 0; i < count; i++)
        r.level[i] = 100;
    return r;
}

static void step_at(struct range *r, size_t commit, double factor)
{
    for (size_t i = commit; i < r->count; i++)
        r->level[i] *= factor;
}

static double launch(struct range *r, size_t commit)
{
    r->measured[commit]++;
    return r->level[commit] * exp(r->noise * gaussian(&r->seed)) * (r->launches++ >= 10 ? r->later : 1);
}

static void walk(struct search *s, struct range *r, const struct search_options *o)
{
    struct search_step step;

    search_begin(s, r->count, o);
    while (search_next(s, &step) == SEARCH_NOT_YET) {
        assert_true(step.count > 0);
        for (size_t i = 0; i < step.count; i++) {
            size_t c = step.commits[i];

            assert_true(c < r->count);
            assert_true(!s->commits[c].skipped || i > 0);
            if (s->commits[c].skipped)
                continue;
            r->builds += !s->commits[c].built;
            if (r->broken[c])
                assert_int_equal(search_skip(s, c), 0);
            else
                search_add(s, c, launch(r, c));
        }
    }
    assert_int_equal(step.count, 0);
}

static const struct search_options times = {.launch_s = 1, .seed = 3};
static const struct search_options counted = {.launch_s = 1, .seed = 3, .deterministic = true};

static void counts_are_halved(void **state)
{
    struct range r = flat(65, 0, 1);
    struct search s;

    (void)state;
    step_at(&r, 23, 1.005);
    walk(&s, &r, &counted);
    assert_int_equal(s.answer, SEARCH_FOUND);
    assert_int_equal(s.culprit_count, 1);
    assert_int_equal(s.culprits[0].first, 23);
    assert_int_equal(s.culprits[0].last, 23);
    assert_true(fabs(s.culprits[0].ratio - 1.005) < 1e-12);
    assert_true(s.culprits[0].in_turns);
    assert_true(r.launches <= 12 && r.builds <= 9);
    search_free(&s);
}

static void counts_have_several_culprits(void **state)
{
    struct range r = flat(64, 0, 1);
    struct search s;

    (void)state;
    step_at(&r, 5, 1.02);
    step_at(&r, 6, 0.99);
    step_at(&r, 60, 1.004);
    walk(&s, &r, &counted);
    assert_int_equal(s.culprit_count, 3);
    assert_int_equal(s.culprits[0].last, 5);
    assert_int_equal(s.culprits[1].last, 6);
    assert_int_equal(s.culprits[2].last, 60);
    assert_true(s.culprits[1].ratio < 1 && s.culprits[2].ratio > 1);
    search_free(&s);
}

/* Less than what counts from one commit to the next, but not altogether: nobody alone is named. */
static void counts_that_creep_are_told_so(void **state)
{
    struct range r = flat(41, 0, 1);
    struct search s;

    (void)state;
    for (size_t i = 1; i <= 40; i++)
        step_at(&r, i, 1.0004);
    walk(&s, &r, &counted);
    assert_true(s.spread_out);
    assert_int_equal(s.culprit_count, 1);
    assert_int_equal(s.culprits[0].first, 1);
    assert_int_equal(s.culprits[0].last, 40);
    assert_true(s.culprits[0].ratio > 1.015);
    search_free(&s);
}

static void equal_counts_end_at_once(void **state)
{
    struct range r = flat(1000 < MOST ? 1000 : MOST, 0, 1);
    struct search s;

    (void)state;
    walk(&s, &r, &counted);
    assert_int_equal(s.answer, SEARCH_SAME);
    assert_int_equal(r.launches, 4);
    assert_int_equal(s.culprit_count, 0);
    search_free(&s);
}

/* What is called a count, but is another one every time, is searched like a time. */
static void restless_counts_are_times(void **state)
{
    struct range r = flat(33, 0.01, 7);
    struct search s;

    (void)state;
    step_at(&r, 20, 1.1);
    walk(&s, &r, &counted);
    assert_false(s.options.deterministic);
    assert_int_equal(s.answer, SEARCH_FOUND);
    assert_int_equal(s.culprits[0].last, 20);
    assert_true(s.culprits[0].low > 1 && s.culprits[0].low < s.culprits[0].high);
    search_free(&s);
}

/* A step of two deviations among 64 commits, either way round. */
static void times_are_searched(void **state)
{
    size_t right = 0, launches = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct range r = flat(65, 0.015, seed);
        size_t place = 1 + stats_random(&r.seed) % 64;
        struct search s;

        step_at(&r, place, seed % 2 ? 1.03 : 1 / 1.03);
        walk(&s, &r, &times);
        right += s.answer == SEARCH_FOUND && s.culprit_count == 1 && s.culprits[0].first == place &&
                 s.culprits[0].last == place && (s.culprits[0].ratio > 1) == (seed % 2);
        launches += r.launches;
        search_free(&s);
    }
    assert_true(right >= 19);
    assert_true(launches <= 20 * 60);
}

static void several_times_are_found(void **state)
{
    size_t right = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct range r = flat(65, 0.01, seed);
        struct search s;

        step_at(&r, 17, 1.05);
        step_at(&r, 50, 0.97);
        walk(&s, &r, &times);
        right += s.culprit_count == 2 && s.culprits[0].last == 17 && s.culprits[1].last == 50;
        search_free(&s);
    }
    assert_true(right >= 9);
}

static void no_change_names_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct range r = flat(65, 0.004, seed);
        struct search s;

        walk(&s, &r, &times);
        assert_int_equal(s.answer, SEARCH_SAME);
        assert_int_equal(s.culprit_count, 0);
        search_free(&s);
    }
}

/* The culprit and its neighbours cannot be built: they are named together, and nothing else is. */
static void broken_commits_share_the_blame(void **state)
{
    for (int exact = 0; exact < 2; exact++) {
        struct range r = flat(33, exact ? 0 : 0.005, 11);
        struct search s;

        (void)state;
        step_at(&r, 12, 1.04);
        r.broken[11] = r.broken[12] = r.broken[13] = true;
        walk(&s, &r, exact ? &counted : &times);
        assert_int_equal(s.answer, SEARCH_FOUND);
        assert_int_equal(s.culprit_count, 1);
        assert_int_equal(s.culprits[0].first, 11);
        assert_int_equal(s.culprits[0].last, 14);
        search_free(&s);
    }
}

static void ends_cannot_be_left_out(void **state)
{
    struct search s;

    (void)state;
    search_begin(&s, 5, &times);
    assert_int_equal(search_skip(&s, 0), -1);
    assert_int_equal(search_skip(&s, 4), -1);
    assert_int_equal(search_skip(&s, 2), 0);
    search_add(&s, 0, NAN);
    search_add(&s, 0, INFINITY);
    assert_int_equal(s.launches, 0);
    search_free(&s);
}

/* All is slower from the 11th launch on, by as much as the culprit does: an innocent commit must not hang for it. */
static void a_machine_that_moves_convicts_nobody(void **state)
{
    size_t wrong = 0, right = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct range r = flat(65, 0.01, seed);
        size_t place = 1 + stats_random(&r.seed) % 64;
        struct search s;

        r.later = 1.04;
        step_at(&r, place, 1.04);
        walk(&s, &r, &times);
        for (size_t i = 0; i < s.culprit_count && s.answer == SEARCH_FOUND; i++)
            wrong += s.culprits[i].first > place || s.culprits[i].last < place;
        right += s.answer == SEARCH_FOUND && s.culprit_count == 1 && s.culprits[0].last == place;
        search_free(&s);
    }
    assert_true(wrong <= 1);
    assert_true(right >= 15);
}

/* Ten small steps, of which none counts: nobody alone is named. */
static void times_that_creep_name_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct range r = flat(33, 0.004, seed);
        struct search s;

        for (size_t i = 10; i < 20; i++)
            step_at(&r, i, 1.003);
        walk(&s, &r, &times);
        for (size_t i = 0; i < s.culprit_count; i++)
            assert_true(s.answer != SEARCH_FOUND || s.culprits[i].last > s.culprits[i].first);
        search_free(&s);
    }
}

/* Launches of what is built are made instead of builds, where those are dear. */
static void dear_builds_are_saved(void **state)
{
    struct search_options dear = times;
    size_t cheap_builds = 0, dear_builds = 0;

    (void)state;
    dear.build_s = 200;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        for (int d = 0; d < 2; d++) {
            struct range r = flat(65, 0.015, seed);
            struct search s;

            step_at(&r, 40, 1.03);
            walk(&s, &r, d ? &dear : &times);
            assert_true(s.answer == SEARCH_FOUND && s.culprits[0].last == 40);
            *(d ? &dear_builds : &cheap_builds) += r.builds;
            search_free(&s);
        }
    }
    assert_true(dear_builds < cheap_builds);
}

static void launches_have_a_limit(void **state)
{
    static const size_t limits[] = {1, 3, 5, 7, 16, 19};

    (void)state;
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        struct search_options few = times;
        struct range r = flat(65, 0.02, 5);
        struct search s;

        few.most_launches = limits[k];
        step_at(&r, 30, 1.05);
        walk(&s, &r, &few);
        assert_int_equal(s.answer, SEARCH_UNDECIDED);
        assert_int_equal(r.launches, limits[k]);
        for (size_t i = 0; i < s.culprit_count; i++) /* what is known so far is no commit by name */
            assert_true(!s.culprits[i].in_turns && s.culprits[i].first <= s.culprits[i].last);
        search_free(&s);
    }
}

/* Half of what counts, seen as clearly as can be, is no culprit beside one. */
static void slight_changes_are_none(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct range r = flat(33, 0.0005, seed);
        struct search s;

        step_at(&r, 8, 1.005);
        step_at(&r, 20, 1.04);
        walk(&s, &r, &times);
        assert_int_equal(s.answer, SEARCH_FOUND);
        assert_int_equal(s.culprit_count, 1);
        assert_int_equal(s.culprits[0].last, 20);
        search_free(&s);
    }
}

static void two_commits_are_a_range(void **state)
{
    struct range r = flat(2, 0.005, 5);
    struct search s;
    double builds, launches;

    (void)state;
    step_at(&r, 1, 1.05);
    walk(&s, &r, &times);
    assert_int_equal(s.answer, SEARCH_FOUND);
    assert_true(s.culprit_count == 1 && s.culprits[0].first == 1 && s.culprits[0].last == 1);
    search_expect(&s, &builds, &launches);
    assert_true(builds >= 2 && launches >= 2);
    search_free(&s);
}

/* The same answers bring the same wishes: so a search is taken up again. */
static void the_same_answers_take_the_same_way(void **state)
{
    struct range a = flat(65, 0.01, 9), b = flat(65, 0.01, 9);
    struct search s, t;

    (void)state;
    step_at(&a, 44, 1.03);
    step_at(&b, 44, 1.03);
    walk(&s, &a, &times);
    walk(&t, &b, &times);
    assert_int_equal(a.launches, b.launches);
    assert_memory_equal(a.measured, b.measured, sizeof a.measured);
    assert_true(s.culprits[0].ratio == t.culprits[0].ratio);
    search_free(&s);
    search_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_halved),
        cmocka_unit_test(counts_have_several_culprits),
        cmocka_unit_test(counts_that_creep_are_told_so),
        cmocka_unit_test(equal_counts_end_at_once),
        cmocka_unit_test(restless_counts_are_times),
        cmocka_unit_test(times_are_searched),
        cmocka_unit_test(several_times_are_found),
        cmocka_unit_test(no_change_names_nobody),
        cmocka_unit_test(broken_commits_share_the_blame),
        cmocka_unit_test(ends_cannot_be_left_out),
        cmocka_unit_test(a_machine_that_moves_convicts_nobody),
        cmocka_unit_test(times_that_creep_name_nobody),
        cmocka_unit_test(dear_builds_are_saved),
        cmocka_unit_test(launches_have_a_limit),
        cmocka_unit_test(slight_changes_are_none),
        cmocka_unit_test(two_commits_are_a_range),
        cmocka_unit_test(the_same_answers_take_the_same_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
