/*
 * Times that were taken while the machine was known to be held back: kept as measured, and marked. Two things are known to hold a
 * repetition back:
 *
 *   heat or power   the GPU's clock was lowered while it ran
 *   the hypervisor  it gave at least STOLEN_SHARE of the repetition's time to somebody else. It tells so in steps of 10 ms, for all
 *                   CPUs together: in a repetition of up to half a second any step is too much, in a long one a few do nothing
 *
 * What becomes of marked times is the reader's rule: a launch is summarised from its other repetitions where those are the greater
 * part, and where they are not, its time is itself marked and decides nothing.
 *
 * Of a scripted launch the machine's own noise is left out: what disturbs it is what the script says.
 */
#include "worker_noise.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STOLEN_SHARE 0.02

static struct reading *find(struct reading *readings, size_t count, const char *metric)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(readings[i].metric, metric))
            return &readings[i];
    return NULL;
}

static void mark_times(struct reading *readings, size_t count, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void mark_times(struct reading *readings, size_t count, const char *format, ...)
{
    static const char *const times[] = {"wall.time", "device.time"};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct reading *r = find(readings, count, times[i]);
        va_list args;

        if (!r || r->quality != QUALITY_EXACT)
            continue;
        va_start(args, format);
        vsnprintf(r->reason, sizeof r->reason, format, args);
        va_end(args);
        r->quality = QUALITY_SUSPECT;
    }
}

void worker_noise_mark(struct reading *readings, size_t count)
{
    const struct reading *held = find(readings, count, "nvml.held_back"), *stolen = find(readings, count, "os.steal"),
                         *wall = find(readings, count, "wall.time");

    if (held && held->value > 0)
        mark_times(readings, count, "the GPU's clock was held back%s%.80s", *held->reason ? ": " : "", held->reason);
    if (stolen && wall && stolen->value > 0 && stolen->value >= STOLEN_SHARE * wall->value)
        mark_times(readings, count, "the hypervisor took %.4g ms away", stolen->value / 1e6);
}

void worker_noise_forget(struct reading *readings, size_t count)
{
    static const char *const noise[] = {"os.steal", "os.others", "os.throttles"};

    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
        struct reading *r = find(readings, count, noise[i]);

        if (r)
            *r = (struct reading){.metric = r->metric, .quality = QUALITY_EXACT, .share = 1};
    }
}
