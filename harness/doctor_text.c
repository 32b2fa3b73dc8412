/* The doctor's findings for people: aligned columns, each trouble with its cure below it. */
#include "doctor.h"

#include "base/text.h"
#include "doctor_parts.h"

#include <stdio.h>
#include <string.h>

const char *doctor_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

int doctor_width(const json_t *list, const char *key)
{
    size_t i, width = 0;
    json_t *row;

    json_array_foreach(list, i, row)
    {
        size_t length = strlen(doctor_string(row, key));

        width = length > width ? length : width;
    }
    return (int)width;
}

static void machine_text(const json_t *m, struct buf *out)
{
    char memory[40];

    text_quantity(json_number_value(json_object_get(m, "memory_bytes")), "bytes", memory, sizeof memory);
    buf_addf(out, "machine %s\n", doctor_string(m, "name"));
    buf_addf(out, "  %s, %d CPUs for this process, %s of memory", doctor_string(m, "cpu"),
             (int)json_integer_value(json_object_get(m, "cpus")), memory);
    if (*doctor_string(m, "hypervisor"))
        buf_addf(out, ", under %s", doctor_string(m, "hypervisor"));
    buf_add(out, "\n");
}

static void collectors_text(const json_t *list, struct buf *out)
{
    int width = doctor_width(list, "name");
    size_t i;
    json_t *row;

    buf_add(out, "\ncollectors\n");
    json_array_foreach(list, i, row)
    {
        bool works = json_is_true(json_object_get(row, "works"));

        buf_addf(out, "  %-*s  %s%s\n", width, doctor_string(row, "name"),
                 works ? "works: " : "does not work: ", doctor_string(row, works ? "summary" : "reason"));
        if (*doctor_string(row, "cure"))
            buf_addf(out, "  %-*s  cure: %s\n", width, "", doctor_string(row, "cure"));
    }
}

static void settings_text(const json_t *list, struct buf *out)
{
    int width = doctor_width(list, "name"), values = doctor_width(list, "value");
    size_t i;
    json_t *row;

    values = values < (int)strlen("not told") ? (int)strlen("not told") : values;
    buf_add(out, "\nsettings\n");
    json_array_foreach(list, i, row)
    {
        const char *value = *doctor_string(row, "value") ? doctor_string(row, "value") : "not told",
                   *advice = doctor_string(row, "advice");

        buf_addf(out, "  %-*s  ", width, doctor_string(row, "name"));
        if (*advice)
            buf_addf(out, "%-*s  %s\n", values, value, advice);
        else
            buf_addf(out, "%s\n", value);
    }
}

static void tools_text(const json_t *list, struct buf *out)
{
    int width = doctor_width(list, "name");
    size_t i;
    json_t *row;

    buf_add(out, "\ntools\n");
    json_array_foreach(list, i, row)
    {
        bool there = *doctor_string(row, "path");

        buf_addf(out, "  %-*s  %s: %s", width, doctor_string(row, "name"),
                 there ? doctor_string(row, "path") : "not found", doctor_string(row, "use"));
        buf_addf(out, "%s%s\n", there ? "" : "; ", doctor_string(row, "cure"));
    }
}

void doctor_text(const json_t *document, struct buf *out)
{
    const json_t *clock = json_object_get(document, "clock");

    machine_text(json_object_get(document, "machine"), out);
    collectors_text(json_object_get(document, "collectors"), out);
    doctor_gpu_text(json_object_get(document, "gpu"), out);
    doctor_groups_text(json_object_get(document, "groups"), json_object_get(document, "passes"), out);
    buf_addf(out, "\nclock\n  smallest step %.0f ns, one read costs %.1f ns\n",
             json_number_value(json_object_get(clock, "resolution_ns")),
             json_number_value(json_object_get(clock, "cost_ns")));
    settings_text(json_object_get(document, "settings"), out);
    doctor_noise_text(json_object_get(document, "noise"), out);
    tools_text(json_object_get(document, "tools"), out);
}
