/* What a variant's own times are called, and how they become readings. */
#include "worker_figures.h"

#include <math.h>

const struct metric figure_metrics[FIGURES + 1] = {
    [FIGURE_TIME] = {"device.time", "ns", "Time on the device, from a repetition's first command to its last one's end",
                     NULL, METRIC_DURATION, BETTER_LOWER, false},
    [FIGURE_SETUP] = {"device.setup", "ns", "Time to make the device ready: context, code, memory; once per launch",
                      NULL, METRIC_GAUGE, BETTER_LOWER, false},
    [FIGURE_UPLOAD] = {"device.upload", "ns", "Time to bring the input to the device; once per launch", NULL,
                       METRIC_GAUGE, BETTER_LOWER, false},
    [FIGURE_DOWNLOAD] = {"device.download", "ns", "Time to bring the result back from the device; once per launch",
                         NULL, METRIC_GAUGE, BETTER_LOWER, false},
};

void worker_figures_start(struct worker_figures *f)
{
    for (int i = 0; i < FIGURES; i++)
        f->values[i] = (double)NAN;
}

void worker_figures_ask(struct worker_figures *f, const struct variant *v, struct run *r)
{
    double told[FIGURES];

    f->values[FIGURE_TIME] = (double)NAN;
    if (!v->figures)
        return;
    for (int i = 0; i < FIGURES; i++)
        told[i] = (double)NAN;
    v->figures(r, told);
    /* Transfers happen twice in a launch; the last one found everything in place, so it stands for what they cost. */
    for (int i = 0; i < FIGURES; i++)
        if (!isnan(told[i]))
            f->values[i] = told[i];
}

bool worker_figures_launch(const struct worker_figures *f, enum figure which, struct reading *out)
{
    *out = (struct reading){.metric = figure_metrics[which].name, .value = f->values[which], .share = 1};
    return !isnan(f->values[which]);
}

size_t worker_figures_add(const struct worker_figures *f, struct reading *readings, size_t count, size_t capacity)
{
    struct reading one;

    if (count < capacity && worker_figures_launch(f, FIGURE_TIME, &one))
        readings[count++] = one;
    return count;
}
