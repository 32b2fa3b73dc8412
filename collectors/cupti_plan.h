/*
 * From wanted groups and metrics to passes, by CUPTI's host side: needs the library, but neither driver nor GPU.
 *
 * A pass is "cupti:activity" (tracing), or "cupti:NAME=COUNTED,..." where NAME is a group's logical name and COUNTED what this
 * chip has for it, as "dram_read_bytes=dram__bytes_op_read.sum" or with a factor "...=lts__t_sectors_lookup_miss.sum*32"; a
 * metric of CUPTI's own name stands alone: "smsp__inst_executed.sum". Every hardware set repeats the tie-point warp_instructions. Metrics
 * that patch the code (smsp__sass_*) never share a pass with others. A set that needs several rounds of the work is one pass:
 * see collector.rounds.
 */
#ifndef COLLECTORS_CUPTI_PLAN_H
#define COLLECTORS_CUPTI_PLAN_H

#include "collector.h"

/* collector.plan and collector.model; the first asks the device that is here. */
int cupti_plan(const char *wanted, struct passes *out, struct err *e);
int cupti_model(const char *chip, struct text_list *metrics, struct text_list *groups, struct err *e);

#ifndef WITHOUT_CUDA
#include "cupti_library.h"

/* One metric of a pass. */
struct cupti_metric {
    char *name;    /* "cupti.dram_read_bytes" */
    char *counted; /* "dram__bytes_op_read.sum" */
    double factor; /* 1, or what makes an estimate of it */
};

/* A set ready to be counted: kept until the values are evaluated. */
struct cupti_set {
    struct cupti_metric *metrics;
    const char **counted; /* count names, in the order of `metrics` */
    size_t count;
    struct CUpti_Profiler_Host_Object *host;
    uint8_t *image;
    size_t image_size;
    int rounds; /* CUPTI's passes */
};

/* Reads the text behind "cupti:" and schedules it for the chip; `availability` is the device's image, or NULL for what the model has.
 * -1 names the metric that is wrong. */
int cupti_set_make(const struct cupti *c, const char *chip, const uint8_t *availability, size_t availability_size,
                   const char *events, struct cupti_set *out, struct err *e);
void cupti_set_free(const struct cupti *c, struct cupti_set *s);

/* Chips that the host side knows, ended by NULL; kept for the life of the process. */
const char *const *cupti_chips(const struct cupti *c, struct err *e);
#endif

#endif
