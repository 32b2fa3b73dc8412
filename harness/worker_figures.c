/* What a variant's own times are called and mean. */
#include "worker_figures.h"

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
