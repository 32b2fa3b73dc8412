/* The doctor on event groups: what of each can be counted here, asked of workers, one question for all groups of a collector. */
#include "../collectors/collector.h"
#include "../collectors/groups.h"
#include "base/mem.h"
#include "base/text.h"
#include "doctor_parts.h"
#include "launch.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *collector, *title;
} kinds[] = {{"papi", "event groups"}, {"cupti", "event groups of GPUs"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The reason behind "papi.NAME\treason" of a missing event, or NULL. */
static const char *missing_reason(const struct passes *p, const char *metric)
{
    size_t length = strlen(metric);

    for (size_t i = 0; i < p->missing.count; i++)
        if (!strncmp(p->missing.items[i], metric, length) && p->missing.items[i][length] == '\t')
            return p->missing.items[i] + length + 1;
    return NULL;
}

/* What is counted for an event: "NAME" or the one behind "NAME=" in a pass; NULL if no pass has it. free() it. */
static char *counted_as(const struct passes *p, const char *name)
{
    char *found = NULL;

    for (size_t i = 0; i < p->passes.count && !found; i++) {
        const char *events = strchr(p->passes.items[i], ':');
        size_t count = 0, length = strlen(name);
        char **parts = events ? text_split(events + 1, ',', &count) : NULL;

        for (size_t k = 0; k < count && !found; k++)
            if (!strncmp(parts[k], name, length) && (!parts[k][length] || parts[k][length] == '='))
                found = mem_copy(parts[k][length] ? parts[k] + length + 1 : name);
        free(parts);
    }
    return found;
}

static json_t *group_events(const struct group *g, const struct passes *p, const char *trouble)
{
    json_t *list = json_array();

    for (size_t i = 0; i < g->event_count; i++) {
        const struct group_event *event = &g->events[i];
        char *as = counted_as(p, event->name);
        const char *reason = as ? NULL : missing_reason(p, event->metric.name);

        if (!as && !reason)
            reason = trouble;
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o, s:o}", "name", event->name, "meaning",
                                              event->metric.meaning, "counted", as != NULL, "as", doctor_json(as),
                                              "reason", doctor_json(reason)));
        free(as);
    }
    return list;
}

/* Why GPUs count nothing, or NULL. */
static const char *gpu_trouble(const json_t *gpu)
{
    const json_t *counters = json_object_get(gpu, "counters");

    return json_is_true(json_object_get(counters, "works")) ? NULL : doctor_string(counters, "reason");
}

/* Asks a worker for all groups of a collector, unless `trouble` says already why nothing can be counted. */
static void plan(const char *collector, const struct group *groups, size_t count, struct passes *p, struct err *trouble)
{
    struct buf wanted = {0};

    for (size_t i = 0; i < count; i++)
        if (!strcmp(groups[i].collector, collector))
            buf_addf(&wanted, "%s%s", wanted.length ? "+" : "", groups[i].name);
    if (!trouble->code && wanted.length)
        launch_plan_collector(collector, buf_text(&wanted), NULL, NULL, p, trouble);
    buf_free(&wanted);
}

int doctor_groups(json_t *document, const json_t *gpu, struct err *e)
{
    size_t count = 0;
    const struct group *groups = groups_all(&count, e);
    json_t *list = json_array(), *passes = json_array();
    int rc = groups ? 0 : -1;

    for (size_t k = 0; k < KINDS && !rc; k++) {
        const char *collector = kinds[k].collector;
        const struct registry_collector *row = registry_collector(collector);
        const char *known = row && row->missing ? row->missing : strcmp(collector, "cupti") ? NULL : gpu_trouble(gpu);
        struct passes p = {0};
        struct err trouble = {0};

        if (known)
            err_set(&trouble, CM_NOTHING, "%s", known);
        plan(collector, groups, count, &p, &trouble);
        if (trouble.code == CM_INTERRUPTED)
            rc = err_set(e, CM_INTERRUPTED, "%s", trouble.text);
        for (size_t i = 0; i < count; i++)
            if (!strcmp(groups[i].collector, collector))
                json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "name", groups[i].name, "collector",
                                                      collector, "summary", groups[i].summary, "events",
                                                      group_events(&groups[i], &p, trouble.text)));
        for (size_t i = 0; i < p.passes.count; i++)
            json_array_append_new(passes, json_string(p.passes.items[i]));
        text_list_free(&p.passes);
        text_list_free(&p.missing);
    }
    json_object_set_new(document, "groups", list);
    json_object_set_new(document, "passes", passes);
    return rc;
}

/* ---- as text */

/* One reason for all events, or NULL: then a line for the group says enough. */
static const char *common_reason(const json_t *events)
{
    const char *first = doctor_string(json_array_get(events, 0), "reason");
    size_t i;
    json_t *row;

    json_array_foreach(events, i, row)
    {
        if (json_is_true(json_object_get(row, "counted")) || strcmp(doctor_string(row, "reason"), first) != 0)
            return NULL;
    }
    return first;
}

static void event_text(const json_t *event, int group_width, const char *group, int width, struct buf *out)
{
    const char *name = doctor_string(event, "name"), *as = doctor_string(event, "as");

    buf_addf(out, "  %-*s  %-*s  ", group_width, group, width, name);
    if (!json_is_true(json_object_get(event, "counted")))
        buf_addf(out, "missing: %s\n", doctor_string(event, "reason"));
    else if (strcmp(name, as) != 0)
        buf_addf(out, "counted as %s\n", as);
    else
        buf_add(out, "counted\n");
}

/* Passes of one collector. */
static size_t passes_of(const json_t *passes, const char *collector)
{
    size_t i, count = 0, length = strlen(collector);
    json_t *pass;

    json_array_foreach(passes, i, pass)
    {
        const char *text = json_string_value(pass);

        count += !strncmp(text, collector, length) && text[length] == ':';
    }
    return count;
}

static void group_text(const json_t *group, int group_width, int width, struct buf *out)
{
    const json_t *events = json_object_get(group, "events");
    const char *reason = common_reason(events);
    size_t i, count = json_array_size(events);
    json_t *event;

    if (reason) {
        buf_addf(out, "  %-*s  %zu event%s missing: %s\n", group_width, doctor_string(group, "name"), count,
                 count == 1 ? "" : "s", reason);
        return;
    }
    json_array_foreach(events, i, event)
    {
        event_text(event, group_width, i ? "" : doctor_string(group, "name"), width, out);
    }
}

void doctor_groups_text(const json_t *groups, const json_t *passes, struct buf *out)
{
    int group_width = doctor_width(groups, "name");

    for (size_t k = 0; k < KINDS; k++) {
        const char *collector = kinds[k].collector;
        size_t i, count = passes_of(passes, collector);
        int width = 0;
        json_t *group;

        json_array_foreach(groups, i, group)
        {
            int events = doctor_width(json_object_get(group, "events"), "name");

            if (!strcmp(doctor_string(group, "collector"), collector))
                width = events > width ? events : width;
        }
        buf_addf(out, "\n%s: %s", kinds[k].title, count ? "" : "no pass counts anything\n");
        if (count)
            buf_addf(out, "all together take %zu counter launch%s of each point\n", count, count == 1 ? "" : "es");
        json_array_foreach(groups, i, group)
        {
            if (!strcmp(doctor_string(group, "collector"), collector))
                group_text(group, group_width, width, out);
        }
    }
}
