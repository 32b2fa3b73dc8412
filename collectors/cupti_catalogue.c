/*
 * Every metric that the collector can give: those of groups, of tracing, the time while counted; and, once a pass of this process
 * names them, CUPTI's own by their own names, with unit and kind as CUPTI tells them.
 * needs: cuda
 */
#include "cupti_parts.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "cupti_activity.h"
#include "groups.h"

#include <stdlib.h>
#include <string.h>

/* So many of CUPTI's own names in one process; the list never moves, since its rows are kept by others. */
enum { OWN = 512 };

static const struct metric counted_time = {
    "cupti.counted_time",
    "ns",
    "Time of the work while counters were read: for what counting costs, never for a rate",
    NULL,
    METRIC_DURATION,
    BETTER_LOWER,
    false};

static struct metric *list;
static size_t count;

static size_t length_of(const struct metric *m)
{
    size_t n = 0;

    while (m[n].name)
        n++;
    return n;
}

static void add(const struct metric *m)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].name, m->name))
            return;
    list[count++] = *m;
}

static struct metric *catalogue(void)
{
    const struct metric *groups = groups_catalogue("cupti");

    if (list)
        return list;
    list = mem_new(length_of(groups) + length_of(cupti_activity_metrics) + 1 + OWN + 1, sizeof *list);
    for (const struct metric *m = groups; m->name; m++)
        add(m);
    for (const struct metric *m = cupti_activity_metrics; m->name; m++)
        add(m);
    add(&counted_time);
    return list;
}

const struct metric *cupti_catalogue(void)
{
    return catalogue();
}

#ifndef WITHOUT_CUDA

static size_t own;

/* A count grows with the work; what is per something, of a peak, or a ratio does not. */
static bool grows(const char *counted, CUpti_MetricType type)
{
    const char *rollup = strchr(counted, '.');

    return type == CUPTI_METRIC_TYPE_COUNTER && rollup && !strchr(rollup + 1, '.');
}

static bool is_listed(const char *name)
{
    for (const struct metric *m = catalogue(); m->name; m++)
        if (!strcmp(m->name, name))
            return true;
    return false;
}

void cupti_catalogue_add(const struct cupti *c, const struct cupti_set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct cupti_metric *m = &s->metrics[i];
        struct cupti_property p;
        char unit[64], *meaning;

        if (own == OWN || is_listed(m->name) || !cupti_property_read(c, s->host, m->counted, &p))
            continue;
        meaning = mem_copy(*p.description ? p.description : m->counted);
        text_disarm(meaning, false);
        own++;
        add(&(struct metric){.name = mem_copy(m->name),
                             .unit = mem_copy(cupti_unit(&p, unit, sizeof unit)),
                             .meaning = meaning,
                             .kind = grows(m->counted, p.type) ? METRIC_COUNT : METRIC_GAUGE,
                             .better = BETTER_NEITHER});
    }
}

#endif
