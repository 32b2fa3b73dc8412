/*
 * The search among counts, which are the same whenever they are counted: an interval whose ends differ holds a change and is halved, the
 * widest first, until its ends are neighbours or nothing between them can be measured. So every culprit is found that does not
 * cancel another one inside an interval; each costs log2 of the range in builds and as many launches.
 */
#include "search_parts.h"

#include "../../harness/base/stats.h"

#include <math.h>

static double level(const struct search *s, size_t commit)
{
    return stats_median(s->commits[commit].values, s->commits[commit].count);
}

static bool differ(const struct search *s, size_t a, size_t b)
{
    double old = level(s, a), now = level(s, b);

    if (old == 0 || now == 0)
        return old != now;
    return fabs(log(now / old)) >= log1p(s->options.threshold) * (1 - 1e-9);
}

/* The next commit from `from` on that was measured, or the number of commits. */
static size_t next_measured(const struct search *s, size_t from)
{
    while (from < s->count && (s->commits[from].skipped || !s->commits[from].count))
        from++;
    return from;
}

bool search_exact_next(struct search *s, struct search_step *step)
{
    size_t widest = 0;

    for (size_t a = 0, b; (b = next_measured(s, a + 1)) < s->count; a = b) {
        size_t middle = search_nearest(s, a, b, (a + b) / 2);

        if (middle == a || b - a <= widest || !differ(s, a, b))
            continue;
        widest = b - a;
        step->commits[0] = middle;
        step->count = 1;
    }
    return widest > 0;
}

void search_exact_culprits(struct search *s)
{
    s->culprit_count = 0;
    for (size_t a = 0, b; (b = next_measured(s, a + 1)) < s->count; a = b) {
        if (differ(s, a, b))
            *search_culprit_add(s) = (struct search_culprit){.first = a + 1, .last = b, .probability = 1};
    }
    s->spread_out = !s->culprit_count;
    if (s->spread_out)
        *search_culprit_add(s) = (struct search_culprit){.first = 1, .last = s->count - 1, .probability = 1};
}
