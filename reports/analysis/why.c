/* See why.h. Ratios are compared as logarithms, so that the factors' shares of a change add up. */
#include "why.h"

#include "../../harness/base/stats.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUIET 0.005    /* a quantity that moved less than this did not move */
#define ENOUGH 4       /* launches a side from which they tell the noise themselves */
#define WIDTH 1.96     /* standard deviations of a 95 % interval */
#define FLOOR 0.0005   /* no quantity is known better than this from its repetitions */
#define MISS_NS 100    /* a miss to memory */
#define PLAUSIBLE 0.05 /* share of the change of time that a cause can make at least */
#define NAMED 3
#define FROM_NONE 1e6 /* what began to happen moved further than anything else */

/* A quantity's change. */
struct change {
    double ratio, low, high; /* NaN: not measured on both sides */
    bool moved;              /* beyond its noise, and far enough to matter */
};

struct text {
    char *out;
    size_t size, length;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
    va_list arguments;
    int n = 0;

    va_start(arguments, format);
    if (t->length < t->size)
        n = vsnprintf(t->out + t->length, t->size - t->length, format, arguments);
    va_end(arguments);
    t->length += n > 0 ? (size_t)n : 0;
}

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

/* "+48 %", "+0.6 %": as many digits as help; "-0.0 %" would make people wonder. */
static void add_percent(struct text *t, double ratio)
{
    double p = percent(ratio);

    if (isinf(ratio))
        add(t, "from none");
    else if (ratio >= 10)
        add(t, "x%.3g", ratio);
    else if (fabs(p) < 0.05)
        add(t, "+0.0 %%");
    else
        add(t, "%+.*f %%", fabs(p) < 10 ? 1 : 0, p);
}

static double median_of(struct compare_side s)
{
    return stats_median(s.values, s.count);
}

/* The interval that repetitions tell: launches may differ by more, so the whole spread of one repetition is allowed for. */
static void narrow_interval(const struct why_series *s, struct change *c)
{
    double width = WIDTH * sqrt(2) * fmax(s->spread, FLOOR);

    c->low = c->ratio * exp(-width);
    c->high = c->ratio * exp(width);
}

static struct change change_of(const struct why_series *s)
{
    static const struct compare_options options = {.min_effect = QUIET,
                                                   .min_effect_deterministic = QUIET,
                                                   .min_launches = ENOUGH,
                                                   .false_discovery = 0.05,
                                                   .seed = 1};
    struct change c = {NAN, NAN, NAN, false};
    double before = median_of(s->before), now = median_of(s->now);

    if (before == 0 && now > 0)
        return (struct change){INFINITY, INFINITY, INFINITY, true};
    if (!(before > 0) || !(now > 0))
        return c;
    c.ratio = now / before;
    if (s->before.count >= ENOUGH && s->now.count >= ENOUGH) {
        struct comparison compared;

        compare_time(s->before, s->now, true, &options, &compared);
        c.low = compared.low;
        c.high = compared.high;
    } else {
        narrow_interval(s, &c);
    }
    c.moved = fabs(log(c.ratio)) >= log1p(QUIET) && (c.low > 1 || c.high < 1);
    return c;
}

static bool known(const struct change *c)
{
    return !isnan(c->ratio);
}

/* The product or quotient of two changes that are known. */
static struct change quotient(const struct change *a, const struct change *b)
{
    struct change c = {a->ratio / b->ratio, a->low / b->high, a->high / b->low, false};

    c.moved = fabs(log(c.ratio)) >= log1p(QUIET);
    return c;
}

static void add_factor(struct text *t, const char *words, const struct change *c, size_t *factors)
{
    if (!known(c))
        return;
    add(t, "%s%s ", (*factors)++ ? ", " : "", words);
    add_percent(t, c->ratio);
}

/* Who made the change of cycles: more work, or more cycles for the same work. */
static void add_split(struct text *t, const struct why_input *w)
{
    double i0 = median_of(w->instructions.before), i1 = median_of(w->instructions.now);
    double c0 = median_of(w->cycles.before), c1 = median_of(w->cycles.now);
    double work = (i1 - i0) * (c0 / i0), share = work / (c1 - c0);
    const char *more = c1 > c0 ? "added" : "saved";

    if (fabs(log(c1 / c0)) < log1p(QUIET))
        add(t, "; instructions and cycles did not move: the clock or a wait outside the CPU did");
    else if (share > 0.8)
        add(t, "; the %s cycles are work, not stalls", more);
    else if (share < 0.2)
        add(t, "; the %s cycles are stalls, not work", more);
    else
        add(t, "; %.0f %% of the %s cycles are work, the rest stalls", 100 * share, more);
}

/* The factors of the time, those that are known. */
static void add_factors(struct text *t, const struct why_input *w)
{
    struct change time = change_of(&w->time), instructions = change_of(&w->instructions),
                  cycles = change_of(&w->cycles);
    bool timed = !strcmp(w->what, "time") || !strcmp(w->what, "device time");
    size_t factors = 0;

    if (!timed)
        add_factor(t, "time", &time, &factors);
    else if (!isnan(w->ratio))
        time = (struct change){w->ratio, w->ratio, w->ratio, true};
    if (timed)
        add_factor(t, w->simulated ? "simulated instructions" : "instructions", &instructions, &factors);
    if (known(&cycles) && known(&instructions)) {
        struct change cpi = quotient(&cycles, &instructions);

        add_factor(t, "cycles per instruction", &cpi, &factors);
    }
    if (known(&cycles) && known(&time)) {
        struct change clock = quotient(&cycles, &time);

        add_factor(t, w->parallel ? "clock and threads that ran" : "clock", &clock, &factors);
    }
    if (!known(&instructions))
        add(t, "%sinstructions were not counted on both sides", factors ? ", " : "");
    else if (!known(&cycles))
        add(t, "%scycles were not counted, so stalls and clock cannot be told apart", factors ? "; " : "");
    else
        add_split(t, w);
}

/* How far it moved, on the scale of ratios; 0 if it did not. */
static double distance(const struct change *c)
{
    if (!c->moved)
        return 0;
    return isinf(c->ratio) ? FROM_NONE : fabs(log(c->ratio));
}

/* Whether so many events more or fewer can be felt in the time at all. Unknown times forbid nothing. */
static bool is_plausible(const struct why_input *w, const struct why_series *s)
{
    double most = s->most_ns > 0 ? s->most_ns : MISS_NS;
    double events = fabs(median_of(s->now) - median_of(s->before));
    double ns = fabs(median_of(w->time.now) - median_of(w->time.before));

    if (!isnan(w->ratio) && !strcmp(w->what, "time") && w->time.before.count)
        ns = fabs(w->ratio - 1) * median_of(w->time.before);
    return isnan(ns) || isnan(events) || events * most >= PLAUSIBLE * ns;
}

/* The counter that moved most among those that moved less than `below`; -1 if none is left. */
static int next_counter(const struct why_input *w, double below, struct change *out)
{
    double best = 0;
    int found = -1;

    for (size_t i = 0; i < w->counter_count; i++) {
        struct change c = change_of(&w->counters[i]);
        double moved = is_plausible(w, &w->counters[i]) ? distance(&c) : 0;

        if (moved > best && moved < below) {
            best = moved;
            found = (int)i;
            *out = c;
        }
    }
    return found;
}

/* With as many digits as the change itself, or as factors like it. */
static void add_interval(struct text *t, const struct change *c)
{
    int digits = fabs(percent(c->ratio)) < 10 ? 1 : 0;

    if (c->ratio >= 10)
        add(t, " (x%.3g to x%.3g)", c->low, c->high);
    else
        add(t, " (%+.*f to %+.*f)", digits, percent(c->low), digits, percent(c->high));
}

static void add_counters(struct text *t, const struct why_input *w)
{
    double below = INFINITY;

    for (int named = 0; named < NAMED; named++) {
        struct change c = {0};
        int i = next_counter(w, below, &c);

        if (i < 0)
            break;
        below = distance(&c);
        add(t, "%s%s ", named ? ", " : "; moved beyond noise: ", w->counters[i].words);
        add_percent(t, c.ratio);
        if (!isinf(c.ratio))
            add_interval(t, &c);
    }
}

const char *why_sentence(const struct why_input *w, char *out, size_t size)
{
    struct text t = {out, size, 0};

    *out = '\0';
    if (!isnan(w->ratio)) {
        add_percent(&t, w->ratio);
        add(&t, " %s: ", w->what);
    }
    if (!w->instructions.before.count && !w->cycles.before.count && !w->counter_count)
        add(&t, "nothing was counted on this machine, so time alone speaks");
    else
        add_factors(&t, w);
    add_counters(&t, w);
    return out;
}
