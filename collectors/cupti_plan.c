/*
 * The plan for the device that is here. What cannot be counted is missing with its reason, whatever the reason: no driver, no
 * permission, no such counter on this chip. Tracing needs less than counting, so it may be all that is left.
 * needs: cuda
 */
#include "cupti_plan.h"

#include "../harness/base/mem.h"
#include "cupti_activity.h"
#include "cupti_parts.h"

#include <stdlib.h>
#include <string.h>

static void miss(struct passes *out, const char *name, const char *reason)
{
    char *line = mem_format("cupti.%s\t%s", name, reason);

    text_list_add(&out->missing, line);
    free(line);
}

static void miss_activity(struct passes *out, const char *reason)
{
    for (const struct metric *m = cupti_activity_metrics; m->name; m++)
        miss(out, m->name + strlen("cupti."), reason);
}

static void miss_counters(struct passes *out, const struct cupti_wants *w, const char *reason)
{
    for (size_t i = 0; i < w->count; i++)
        miss(out, w->items[i].name, reason);
}

#ifdef WITHOUT_CUDA

static int plan_here(const struct cupti_wants *w, struct passes *out, struct err *e)
{
    static const char reason[] = "built without CUDA";

    (void)e;
    if (w->activity)
        miss_activity(out, reason);
    miss_counters(out, w, reason);
    return 0;
}

#else

/* "reason; cure" */
static void with_cure(struct err *why, const char *cure)
{
    struct err both = {0};

    if (!*cure)
        return;
    err_set(&both, (enum exit_code)why->code, "%.500s; %s", why->text, cure);
    *why = both;
}

/* The lists of `from`, with our name in front of each line; they are emptied. */
static void take_lines(struct cupti_partition *from, struct passes *out)
{
    for (size_t i = 0; i < from->passes.count; i++) {
        char *pass = mem_format("cupti:%s", from->passes.items[i]);

        text_list_add(&out->passes, pass);
        free(pass);
    }
    for (size_t i = 0; i < from->missing.count; i++) {
        char *line = mem_format("cupti.%s", from->missing.items[i]);

        text_list_add(&out->missing, line);
        free(line);
    }
    cupti_partition_free(from);
}

/* A chip that this CUPTI is too old to know is no mistake of the user's, as a mistyped metric is. */
static bool chip_is_known(const struct cupti *c, const struct cupti_chip *chip, struct err *e)
{
    struct err why = {0};
    cupti_host *host = cupti_host_open(c, chip->name, chip->availability, &why);

    if (!host && why.code == CM_USAGE)
        err_set(e, CM_NOTHING, "CUPTI %s does not know this GPU's chip, %s: install a newer CUDA toolkit", c->version,
                chip->name);
    else if (!host)
        err_set(e, CM_NOTHING, "%s", why.text);
    cupti_host_close(c, host);
    return host != NULL;
}

static int plan_counters(const struct cupti_wants *w, struct passes *out, struct err *e)
{
    struct cupti_chip chip;
    struct cupti_partition p = {0};
    struct err why = {0};
    const char *cure;
    const struct cupti *c = cupti_chip_here(&chip, &cure, &why);
    int status = 0;

    if (c && chip_is_known(c, &chip, &why)) {
        status = cupti_partition_make(c, chip.name, chip.availability, w, &p, e);
        take_lines(&p, out);
    } else {
        with_cure(&why, cure);
        miss_counters(out, w, why.text);
    }
    cupti_chip_free(&chip);
    return status;
}

static int plan_here(const struct cupti_wants *w, struct passes *out, struct err *e)
{
    struct err why = {0};
    const char *cure;

    if (!cupti_device(&cure, &why)) {
        with_cure(&why, cure);
        if (w->activity)
            miss_activity(out, why.text);
        miss_counters(out, w, why.text);
        return 0;
    }
    if (w->activity)
        text_list_add(&out->passes, "cupti:activity");
    return w->count ? plan_counters(w, out, e) : 0;
}

#endif

int cupti_plan(const char *wanted, struct passes *out, struct err *e)
{
    struct cupti_wants w = {0};
    int status = cupti_wants_parse(&w, wanted, e);

    if (!status)
        status = plan_here(&w, out, e);
    cupti_wants_free(&w);
    return status;
}
