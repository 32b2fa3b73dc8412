/* Times that only a variant can tell, by its device's clock (enum figure in variant.h), as metrics of the time pass. */
#ifndef HARNESS_WORKER_FIGURES_H
#define HARNESS_WORKER_FIGURES_H

#include "../variants/variant.h"
#include "base/metric.h"

/* In the order of enum figure; ends with a NULL name. */
extern const struct metric figure_metrics[FIGURES + 1];

#endif
