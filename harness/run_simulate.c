/*
 * Simulators in a run. Where the plan wants the CPU's counters and they cannot be had, a simulator counts instructions instead, if
 * the plan gives it time (`simulate`). It takes some fifty times as long as the work itself: so from a point's time, which is known by
 * then, follows whether it is worth a launch. What is too large is unavailable, and told once a run.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "run_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define START_S 0.7 /* of a simulator, before it does anything */
#define REGIONS 2   /* of a point it executes: one fills the caches, one counts */
#define LENIENCE 2  /* what was counted in earlier runs may take so many times the limit: else it comes and goes */

/* Is it about the CPU's own counters: "papi:EVENT,EVENT", "papi.EVENT"? */
static bool is_of_cpu(const char *text)
{
    char *name = mem_copy_n(text, strcspn(text, ".:"));
    const struct registry_collector *c = registry_collector(name);

    free(name);
    return c && c->collector->claims & CLAIM_CPU_PMU;
}

const char *run_uncountable(const struct session *s)
{
    const struct text_list *passes = &s->counters.passes, *missing = &s->counters.missing;

    for (size_t i = 0; i < passes->count; i++)
        if (is_of_cpu(passes->items[i]))
            return NULL;
    for (size_t i = 0; i < missing->count; i++)
        if (is_of_cpu(missing->items[i]) && strchr(missing->items[i], '\t'))
            return strchr(missing->items[i], '\t') + 1;
    return NULL;
}

double run_simulate_limit(const struct session *s, size_t point)
{
    double limit = s->stand_in ? s->out->plan.simulate_s : LAUNCH_SIMULATE_S;

    return s->points[point].wall_known[1] > 0 ? LENIENCE * limit : limit;
}

void run_simulate_learn(struct session *s, size_t point, const struct launch_outcome *out)
{
    double *values = mem_new(out->sample_count + 1, sizeof *values);
    size_t n = 0;

    for (size_t i = 0; i < out->sample_count; i++)
        if (!strcmp(out->samples[i].metric, "wall.time") && isfinite(out->samples[i].value))
            values[n++] = out->samples[i].value;
    if (n)
        s->points[point].execution_s =
            stats_median(values, n) / 1e9 / (double)(out->result.inner ? out->result.inner : 1);
    free(values);
}

double run_simulate_expected(const struct session *s, size_t i)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    const struct registry_collector *c = registry_simulator(l->pass);
    double once = s->points[l->point].execution_s, limit = run_simulate_limit(s, l->point);

    if (!(once > 0))
        once = s->out->plan.points[l->point].cost_s;
    once *= c->collector->slowdown;
    return once > limit ? 0 : START_S + REGIONS * once;
}

char *run_simulate_too_large(struct session *s, size_t i)
{
    const struct plan_launch *l = &s->out->plan.launches[i];
    const struct registry_collector *c = registry_simulator(l->pass);
    double once = s->points[l->point].execution_s, limit = run_simulate_limit(s, l->point);
    char text[300];

    if (!c || !launch_too_large(once * c->collector->slowdown, limit, text, sizeof text))
        return NULL;
    return mem_format("%s: %s", c->name, text);
}

void run_simulate_note(struct session *s, const char *reason)
{
    s->too_large += reason && strstr(reason, LAUNCH_TOO_LARGE) != NULL;
}

void run_simulate_tell(const struct session *s)
{
    char limit[40];

    if (s->too_large)
        log_note("%zu point%s too large to simulate within %s: not counted, their times alone are judged", s->too_large,
                 s->too_large == 1 ? " is" : "s are",
                 text_duration_words(s->stand_in ? s->out->plan.simulate_s : LAUNCH_SIMULATE_S, limit, sizeof limit));
}
