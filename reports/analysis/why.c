/* See why.h. Ratios are compared as logarithms, so that the factors' shares of a change add up. */
#include "why.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define QUIET 0.005 /* a factor that moved less than this did not move */
#define LOUD 0.05   /* another counter is worth naming from here */
#define NAMED 3

static double log_ratio(double baseline, double candidate)
{
    return baseline > 0 && candidate > 0 ? log(candidate / baseline) : NAN;
}

static double percent(double log_value)
{
    return 100 * expm1(log_value);
}

static size_t add_text(char *out, size_t size, size_t length, const char *text)
{
    int n = length < size ? snprintf(out + length, size - length, "%s", text) : 0;

    return n < 0 ? length : length + (size_t)n;
}

/* The sentence about the two factors of the cycles. */
static size_t explain_factors(double instructions, double cycles, char *out, size_t size)
{
    double per_instruction = cycles - instructions;
    int n;

    if (fabs(cycles) < QUIET && fabs(instructions) < QUIET)
        n = snprintf(out, size, "instructions and cycles did not move: the clock or a wait outside the CPU did");
    else if (fabs(instructions) < QUIET)
        n = snprintf(out, size, "the same instructions take %+.1f %% cycles: stalls, not work",
                     percent(per_instruction));
    else if (fabs(per_instruction) < QUIET)
        n = snprintf(out, size, "%+.1f %% instructions at unchanged cycles per instruction: work, not stalls",
                     percent(instructions));
    else
        n = snprintf(out, size, "%+.1f %% instructions and %+.1f %% cycles per instruction", percent(instructions),
                     percent(per_instruction));
    return n < 0 ? 0 : (size_t)n;
}

/* The counter that moved most among those that are not named yet and moved less than `below`; -1 if none is left. */
static int next_counter(const struct why_input *w, double below)
{
    double best = LOUD;
    int found = -1;

    for (size_t i = 0; i < w->counter_count; i++) {
        double moved = fabs(log_ratio(w->counters[i].baseline, w->counters[i].candidate));

        if (moved >= best && moved < below) {
            best = moved;
            found = (int)i;
        }
    }
    return found;
}

static size_t name_counters(const struct why_input *w, char *out, size_t size, size_t length)
{
    double below = INFINITY;

    for (int named = 0; named < NAMED; named++) {
        int i = next_counter(w, below);
        char text[160];

        if (i < 0)
            break;
        below = fabs(log_ratio(w->counters[i].baseline, w->counters[i].candidate));
        snprintf(text, sizeof text, "%s%s %+.0f %%", named == 0 ? "; moved most: " : ", ", w->counters[i].name,
                 percent(log_ratio(w->counters[i].baseline, w->counters[i].candidate)));
        length = add_text(out, size, length, text);
    }
    return length;
}

const char *why_sentence(const struct why_input *w, char *out, size_t size)
{
    double instructions = log_ratio(w->instructions[0], w->instructions[1]);
    double cycles = log_ratio(w->cycles[0], w->cycles[1]);
    size_t length;

    if (isnan(instructions) && isnan(cycles) && w->counter_count == 0) {
        snprintf(out, size, "nothing was counted on this machine, so time alone speaks");
        return out;
    }
    if (!isnan(instructions) && !isnan(cycles)) {
        length = explain_factors(instructions, cycles, out, size);
    } else if (!isnan(instructions)) {
        int n = snprintf(out, size, "instructions moved by %+.1f %%, cycles were not counted", percent(instructions));

        length = n < 0 ? 0 : (size_t)n;
    } else {
        length = add_text(out, size, 0, "instructions were not counted on both sides");
    }
    name_counters(w, out, size, length);
    return out;
}
