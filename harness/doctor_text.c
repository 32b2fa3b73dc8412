/* The doctor's findings for people: aligned columns, each trouble with its cure below it. */
#include "doctor.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* The longest `key` of a list's objects. */
static int width_of(const json_t *list, const char *key)
{
    size_t i, width = 0;
    json_t *row;

    json_array_foreach(list, i, row)
    {
        size_t length = strlen(text_of(row, key));

        width = length > width ? length : width;
    }
    return (int)width;
}

static void machine_text(const json_t *m, struct buf *out)
{
    char memory[40];

    text_quantity(json_number_value(json_object_get(m, "memory_bytes")), "bytes", memory, sizeof memory);
    buf_addf(out, "machine %s\n", text_of(m, "name"));
    buf_addf(out, "  %s, %d CPUs for this process, %s of memory", text_of(m, "cpu"),
             (int)json_integer_value(json_object_get(m, "cpus")), memory);
    if (*text_of(m, "hypervisor"))
        buf_addf(out, ", under %s", text_of(m, "hypervisor"));
    buf_add(out, "\n");
}

static void collectors_text(const json_t *list, struct buf *out)
{
    int width = width_of(list, "name");
    size_t i;
    json_t *row;

    buf_add(out, "\ncollectors\n");
    json_array_foreach(list, i, row)
    {
        bool works = json_is_true(json_object_get(row, "works"));

        buf_addf(out, "  %-*s  %s%s\n", width, text_of(row, "name"),
                 works ? "works: " : "does not work: ", text_of(row, works ? "summary" : "reason"));
        if (*text_of(row, "cure"))
            buf_addf(out, "  %-*s  cure: %s\n", width, "", text_of(row, "cure"));
    }
}

/* One reason for all events, or NULL: then a line for the group says enough. */
static const char *common_reason(const json_t *events)
{
    const char *first = text_of(json_array_get(events, 0), "reason");
    size_t i;
    json_t *row;

    json_array_foreach(events, i, row)
    {
        if (json_is_true(json_object_get(row, "counted")) || strcmp(text_of(row, "reason"), first) != 0)
            return NULL;
    }
    return first;
}

static void event_text(const json_t *event, int group_width, const char *group, int width, struct buf *out)
{
    const char *name = text_of(event, "name"), *as = text_of(event, "as");

    buf_addf(out, "  %-*s  %-*s  ", group_width, group, width, name);
    if (!json_is_true(json_object_get(event, "counted")))
        buf_addf(out, "missing: %s\n", text_of(event, "reason"));
    else if (strcmp(name, as) != 0)
        buf_addf(out, "counted as %s\n", as);
    else
        buf_add(out, "counted\n");
}

static void groups_text(const json_t *groups, const json_t *passes, struct buf *out)
{
    int group_width = width_of(groups, "name"), width = 0;
    size_t i, k;
    json_t *group, *event;

    json_array_foreach(groups, i, group)
    {
        int events = width_of(json_object_get(group, "events"), "name");

        width = events > width ? events : width;
    }
    buf_addf(out, "\nevent groups: %s", json_array_size(passes) ? "" : "no pass counts anything\n");
    if (json_array_size(passes))
        buf_addf(out, "all together take %zu counter pass%s\n", json_array_size(passes),
                 json_array_size(passes) == 1 ? "" : "es");
    json_array_foreach(groups, i, group)
    {
        const json_t *events = json_object_get(group, "events");
        const char *reason = common_reason(events);

        if (reason) {
            buf_addf(out, "  %-*s  %zu event%s missing: %s\n", group_width, text_of(group, "name"),
                     json_array_size(events), json_array_size(events) == 1 ? "" : "s", reason);
            continue;
        }
        json_array_foreach(events, k, event)
        {
            event_text(event, group_width, k ? "" : text_of(group, "name"), width, out);
        }
    }
}

static void settings_text(const json_t *list, struct buf *out)
{
    int width = width_of(list, "name"), values = width_of(list, "value");
    size_t i;
    json_t *row;

    values = values < (int)strlen("not told") ? (int)strlen("not told") : values;
    buf_add(out, "\nsettings\n");
    json_array_foreach(list, i, row)
    {
        const char *value = *text_of(row, "value") ? text_of(row, "value") : "not told",
                   *advice = text_of(row, "advice");

        buf_addf(out, "  %-*s  ", width, text_of(row, "name"));
        if (*advice)
            buf_addf(out, "%-*s  %s\n", values, value, advice);
        else
            buf_addf(out, "%s\n", value);
    }
}

static void tools_text(const json_t *list, struct buf *out)
{
    int width = width_of(list, "name");
    size_t i;
    json_t *row;

    buf_add(out, "\ntools\n");
    json_array_foreach(list, i, row)
    {
        bool there = *text_of(row, "path");

        buf_addf(out, "  %-*s  %s: %s", width, text_of(row, "name"), there ? text_of(row, "path") : "not found",
                 text_of(row, "use"));
        buf_addf(out, "%s%s\n", there ? "" : "; ", text_of(row, "cure"));
    }
}

void doctor_text(const json_t *document, struct buf *out)
{
    const json_t *clock = json_object_get(document, "clock");

    machine_text(json_object_get(document, "machine"), out);
    collectors_text(json_object_get(document, "collectors"), out);
    groups_text(json_object_get(document, "groups"), json_object_get(document, "passes"), out);
    buf_addf(out, "\nclock\n  smallest step %.0f ns, one read costs %.1f ns\n",
             json_number_value(json_object_get(clock, "resolution_ns")),
             json_number_value(json_object_get(clock, "cost_ns")));
    settings_text(json_object_get(document, "settings"), out);
    tools_text(json_object_get(document, "tools"), out);
}
