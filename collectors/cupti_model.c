/*
 * What could be counted on a chip that need not be here, and at what price: CUPTI's host side knows all chips of its time.
 * needs: cuda
 */
#include "cupti_plan.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "cupti_activity.h"
#include "cupti_parts.h"
#include "groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef WITHOUT_CUDA

int cupti_model(const char *chip, struct text_list *metrics, struct text_list *groups, struct err *e)
{
    (void)metrics;
    (void)groups;
    return err_set(e, CM_NOTHING, "what a %s can count is not known here: built without CUDA", chip);
}

#else

/* A line of texts with tabs between; the texts are CUPTI's or ours and must hold none. */
static void add_line(struct text_list *list, const char *const *texts, size_t count)
{
    struct buf b = {0};

    for (size_t i = 0; i < count; i++) {
        char *clean = mem_copy(texts[i]);

        text_disarm(clean, false);
        buf_addf(&b, "%s%s", i ? "\t" : "", clean);
        free(clean);
    }
    text_list_add(list, buf_text(&b));
    buf_free(&b);
}

/* What a partition counts for a metric, as "32 x lts__t_sectors_lookup_miss.sum"; free(). NULL if it is missing. */
static char *counted_as(const struct cupti_partition *p, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < p->passes.count; i++) {
        const char *at = p->passes.items[i];

        for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
            size_t end = strcspn(at, ","), star;

            if (strncmp(at, name, length) || at[length] != '=')
                continue;
            at += length + 1;
            end -= length + 1;
            star = strcspn(at, "*,");
            return star < end
                       ? mem_format("%.*s x %.*s (an estimate)", (int)(end - star - 1), at + star + 1, (int)star, at)
                       : mem_copy_n(at, end);
        }
    }
    return NULL;
}

static const char *why_missing(const struct cupti_partition *p, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < p->missing.count; i++)
        if (!strncmp(p->missing.items[i], name, length) && p->missing.items[i][length] == '\t')
            return p->missing.items[i] + length + 1;
    return "";
}

static void list_group_metrics(const struct group *g, const struct cupti_partition *p, struct text_list *metrics)
{
    for (size_t i = 0; i < g->event_count; i++) {
        const struct group_event *event = &g->events[i];
        char *counted = counted_as(p, event->name);
        char *missing = counted ? NULL : mem_format("(missing: %s)", why_missing(p, event->name));
        const char *const texts[] = {event->metric.name, event->metric.unit, counted ? counted : missing,
                                     event->metric.meaning};
        bool listed = false;

        /* Two groups may share a metric. */
        for (size_t k = 0; k < metrics->count && !listed; k++)
            listed = text_starts(metrics->items[k], event->metric.name) &&
                     metrics->items[k][strlen(event->metric.name)] == '\t';
        if (!listed)
            add_line(metrics, texts, 4);
        free(counted);
        free(missing);
    }
}

static void list_group(const struct group *g, const struct cupti_partition *p, struct text_list *groups)
{
    struct buf names = {0}, missing = {0};
    char passes[24], launches[24];

    for (size_t i = 0; i < g->event_count; i++) {
        const char *name = g->events[i].name;
        struct buf *to = *why_missing(p, name) ? &missing : &names;

        buf_addf(to, "%s%s", to->length ? " " : "", name);
    }
    snprintf(passes, sizeof passes, "%d", p->rounds);
    snprintf(launches, sizeof launches, "%zu", p->passes.count);
    add_line(groups, (const char *const[]){g->name, passes, launches, buf_text(&names), buf_text(&missing), g->summary},
             6);
    buf_free(&names);
    buf_free(&missing);
}

static const char *suffixes(CUpti_MetricType type)
{
    switch (type) {
    case CUPTI_METRIC_TYPE_COUNTER: return ".sum .avg .min .max";
    case CUPTI_METRIC_TYPE_RATIO: return ".ratio .pct .max_rate";
    case CUPTI_METRIC_TYPE_THROUGHPUT: return ".avg.pct_of_peak_sustained_elapsed";
    default: return "";
    }
}

static void list_base_metrics(const struct cupti *c, const char *chip, struct text_list *metrics)
{
    cupti_host *host = cupti_host_open(c, chip, NULL, NULL);

    for (int type = 0; host && type < CUPTI_METRIC_TYPE__COUNT; type++) {
        size_t count;
        const char *const *names = cupti_base_metrics(c, host, (CUpti_MetricType)type, &count);

        for (size_t i = 0; i < count; i++) {
            struct cupti_property p = {.description = "", .unit = "", .type = (CUpti_MetricType)type};
            char *counted = mem_format("%s%s", names[i], suffixes((CUpti_MetricType)type)), *name, unit[64];

            cupti_property_read(c, host, names[i], &p);
            cupti_unit(&p, unit, sizeof unit);
            name = mem_format("cupti.%s", names[i]);
            add_line(metrics, (const char *const[]){name, unit, counted, p.description}, 4);
            free(name);
            free(counted);
        }
    }
    cupti_host_close(c, host);
}

/* People write gh100; CUPTI wants GH100. */
static const char *chip_as_known(const struct cupti *c, const char *chip)
{
    const char *const *chips = cupti_chips(c, NULL);

    for (size_t i = 0; chips && chips[i]; i++)
        if (!strcasecmp(chips[i], chip))
            return chips[i];
    return chip;
}

int cupti_model(const char *chip, struct text_list *metrics, struct text_list *groups, struct err *e)
{
    const struct cupti *c = cupti_library(e);
    size_t count = 0;
    const struct group *g = c ? groups_all(&count, e) : NULL;
    int status = g ? 0 : -1;

    if (c)
        chip = chip_as_known(c, chip);
    for (size_t i = 0; i < count && !status; i++) {
        struct cupti_wants w = {0};
        struct cupti_partition p = {0};

        if (strcmp(g[i].collector, "cupti"))
            continue;
        status = cupti_wants_parse(&w, g[i].name, e) || cupti_partition_make(c, chip, NULL, &w, &p, e) ? -1 : 0;
        if (!status && metrics)
            list_group_metrics(&g[i], &p, metrics);
        if (!status && groups)
            list_group(&g[i], &p, groups);
        cupti_partition_free(&p);
        cupti_wants_free(&w);
    }
    if (!status && metrics)
        list_base_metrics(c, chip, metrics);
    return status;
}

#endif
