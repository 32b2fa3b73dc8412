/*
 * Tries each half of CUPTI on an empty region. See cupti_check.h.
 * needs: cuda
 */
#include "cupti_check.h"

#include <stdio.h>
#include <string.h>

#ifndef WITHOUT_CUDA

#include "collector.h"
#include "cuda_driver.h"
#include "cupti_activity.h"
#include "cupti_library.h"
#include "cupti_parts.h"
#include "cupti_range.h"

/* Some sentences end with their cure: it is told apart. */
static void refuse(struct cupti_check *out, const char *reason, const char *cure)
{
    size_t length = strlen(reason), behind = strlen(cure);

    if (behind && length > behind + 2 && !strcmp(reason + length - behind, cure))
        length -= behind + 2;
    length = length < sizeof out->reason ? length : sizeof out->reason - 1;
    snprintf(out->reason, sizeof out->reason, "%.*s", (int)length, reason);
    snprintf(out->cure, sizeof out->cure, "%.*s", (int)sizeof out->cure - 1,
             *cure ? cure : "see that nvidia-smi works, and try the CUPTI of a newer CUDA toolkit (COUNTERMARK_CUPTI)");
}

enum { READINGS = 4 };

/* The library and the driver: what both halves need. False with the reason. */
static bool begin(struct cupti_check *out)
{
    struct err e = {.code = 0}, trouble = {.code = 0};
    struct cuda_facts facts;
    const struct cupti *c = cupti_library(&e);

    memset(out, 0, sizeof *out);
    if (c) {
        snprintf(out->version, sizeof out->version, "%s", c->version);
        snprintf(out->path, sizeof out->path, "%s", c->path);
    }
    cuda_facts_read(&facts);
    if (*facts.reason)
        refuse(out, facts.reason, facts.cure);
    else if (!cuda_context(&trouble))
        refuse(out, trouble.text, cuda_cure());
    else if (!c)
        refuse(out, e.text,
               "install the CUPTI of the CUDA toolkit that this program was built with, or let "
               "COUNTERMARK_CUPTI name the folder of its libcupti.so");
    return !*out->reason;
}

void cupti_check_version(char *out, size_t size)
{
    const struct cupti *c = cupti_library(NULL);

    snprintf(out, size, "%s", c ? c->version : "");
}

void cupti_check_counters(struct cupti_check *out)
{
    struct reading readings[READINGS];
    struct err e = {.code = 0};
    struct cupti_chip chip;
    struct cupti_range *r;
    const char *cure = "";

    if (!begin(out))
        return;
    if (!cupti_chip_here(&chip, &cure, &e)) {
        refuse(out, e.text, cure);
        return;
    }
    snprintf(out->chip, sizeof out->chip, "%s", chip.name);
    cupti_chip_free(&chip);
    r = cupti_range_open("warp_instructions=smsp__inst_executed.sum", &e);
    if (!r) {
        refuse(out, e.text, cupti_last_cure());
        return;
    }
    for (int round = 0; round < cupti_range_rounds(r); round++) {
        cupti_range_start(r);
        cupti_range_stop(r);
    }
    cupti_range_read(r, readings, READINGS);
    /* Nothing ran in this region, so a CUPTI that saw nothing has done all that it was asked to. */
    if (cupti_range_was_empty(r))
        *out->reason = '\0';
    else if (*cupti_range_problem(r))
        refuse(out, cupti_range_problem(r), cupti_last_cure());
    else if (readings[0].quality == QUALITY_UNAVAILABLE)
        refuse(out, readings[0].reason, "");
    out->works = !*out->reason;
    cupti_range_close(r);
}

void cupti_check_tracing(struct cupti_check *out)
{
    struct err e = {.code = 0};
    struct cupti_activity *a;

    if (!begin(out))
        return;
    a = cupti_activity_open(&e);
    if (!a) {
        refuse(out, e.text, cupti_activity_cure());
        return;
    }
    cupti_activity_start(a);
    cupti_activity_stop(a);
    if (*cupti_activity_reason(a))
        refuse(out, cupti_activity_reason(a), "");
    out->works = !*out->reason;
    cupti_activity_close(a);
}

#else

void cupti_check_version(char *out, size_t size)
{
    snprintf(out, size, "%s", "");
}

void cupti_check_counters(struct cupti_check *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->reason, sizeof out->reason, "this program was built without CUPTI");
}

void cupti_check_tracing(struct cupti_check *out)
{
    cupti_check_counters(out);
}

#endif
