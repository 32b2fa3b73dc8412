/*
 * Inside cupti*.c: what the parts of the collector share. What is wanted as words, the chip that is here, and CUPTI's host side, which
 * knows what a chip can count and how often the work must run for it.
 */
#ifndef COLLECTORS_CUPTI_PARTS_H
#define COLLECTORS_CUPTI_PARTS_H

#include "collector.h"

/* A metric that somebody wants, with what may be counted for it, in order of preference: "dram__bytes.sum", or an estimate
 * "lts__t_sectors_lookup_miss.sum * 32". */
struct cupti_want {
    char *name; /* without "cupti." */
    char *const *alternatives;
    size_t count;
};

struct cupti_wants {
    struct cupti_want *items;
    size_t count, capacity;
    bool activity;
};

/* Reads "", or words joined by +: activity, a group, a metric of one (events, derived), or a name of CUPTI's own. CM_USAGE names the
 * word that is none of these, and what is near. */
int cupti_wants_parse(struct cupti_wants *w, const char *wanted, struct err *e);
void cupti_wants_free(struct cupti_wants *w);

/* Groups, activity and cupti.counted_time; then metrics that a pass of this process named by CUPTI's own names. */
const struct metric *cupti_catalogue(void);

#ifndef WITHOUT_CUDA
#include "cupti_plan.h"

/* Says what CUPTI's error number means; the cure goes to *cure (may be NULL), and is the last one. Always -1. */
int cupti_failed(const struct cupti *c, const char *call, int error, const char **cure, struct err *e);
/* What can be done about the last failure, one sentence or "". */
const char *cupti_last_cure(void);

/* Ends what cupti_device() began; it may begin again. */
void cupti_device_end(const struct cupti *c);

/* The first visible device. */
struct cupti_chip {
    char name[32]; /* "GH100" */
    CUcontext context;
    uint8_t *availability; /* CUPTI's image of the counters that may be read here */
    size_t availability_size;
};

/* Everything cupti_device() does; then whether the device can be profiled, its chip and its counters. NULL with the reason. */
const struct cupti *cupti_chip_here(struct cupti_chip *out, const char **cure, struct err *e);
void cupti_chip_free(struct cupti_chip *chip);

/* ---- the host side */
typedef struct CUpti_Profiler_Host_Object cupti_host;

/* NULL with the reason; CM_USAGE if the chip is not known, with the names of those that are. */
cupti_host *cupti_host_open(const struct cupti *c, const char *chip, const uint8_t *availability, struct err *e);
void cupti_host_close(const struct cupti *c, cupti_host *host);

/* What CUPTI tells about a metric. The texts are CUPTI's, valid while the host object lives. */
struct cupti_property {
    const char *description, *unit;
    CUpti_MetricType type;
};

enum cupti_known { CUPTI_KNOWN, CUPTI_NO_BASE, CUPTI_NO_SUFFIX };
/* Asked for each name before it is scheduled, since one bad name spoils the host object and is not told. On CUPTI_NO_BASE and
 * CUPTI_NO_SUFFIX the reason is in *e: what is near, or what may stand behind the base name. */
enum cupti_known cupti_metric_known(const struct cupti *c, cupti_host *host, const char *chip, const char *counted,
                                    struct cupti_property *out, struct err *e);

/* True with the properties of a name, with or without its suffix. */
bool cupti_property_read(const struct cupti *c, cupti_host *host, const char *name, struct cupti_property *out);
/* Its unit in the project's words: bytes, ns, %, 1. Returns `out`. */
const char *cupti_unit(const struct cupti_property *p, char *out, size_t size);

/* All base metrics of a type: CUPTI's own array. */
const char *const *cupti_base_metrics(const struct cupti *c, cupti_host *host, CUpti_MetricType type, size_t *count);

/* Schedules these metrics together; the names are known to be good. With `set` its host object and image are filled in. Returns the
 * rounds, or -1 if they do not go together. */
int cupti_schedule(const struct cupti *c, const char *chip, const uint8_t *availability, const char *const *counted,
                   size_t count, struct cupti_set *set, struct err *e);

/* True if this counter patches the code. */
bool cupti_patches(const char *counted);

/* ---- partition of what is wanted into passes */
struct cupti_item {
    const char *name; /* borrowed from the wants */
    char *counted;    /* "dram__bytes_op_read.sum" */
    char *factor;     /* "32" behind the alternative's " * ", or "" */
    int rounds;       /* of this one alone */
};

struct cupti_partition {
    struct text_list passes;  /* "warp_instructions=smsp__inst_executed.sum,..." without "cupti:" */
    struct text_list missing; /* "name\treason" without "cupti." */
    int rounds;               /* of all passes together */
};

/* -1 if the chip cannot be asked at all, or somebody named a metric that no chip has (CM_USAGE). */
int cupti_partition_make(const struct cupti *c, const char *chip, const uint8_t *availability,
                         const struct cupti_wants *w, struct cupti_partition *out, struct err *e);
void cupti_partition_free(struct cupti_partition *p);

/* Enters the metrics of a set that go by CUPTI's own names into the catalogue, with unit and kind. */
void cupti_catalogue_add(const struct cupti *c, const struct cupti_set *s);
#endif

#endif
