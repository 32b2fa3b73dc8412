/* Examines the machine: collectors, counters, clock, settings, tools. The document is described in doctor.h. */
#include "doctor.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "doctor_parts.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *doctor_json(const char *text)
{
    json_t *value = json_string(text ? text : "");

    return value ? value : json_string("(not valid UTF-8)");
}

static json_t *machine(const struct host *h)
{
    const char *memory = host_fact(h->machine, "memory.bytes"); /* as the machine is known everywhere */

    return json_pack("{s:o, s:o, s:i, s:I, s:o}", "name", doctor_json(h->machine_name), "cpu",
                     doctor_json(host_fact(h->machine, "cpu.model")), "cpus", h->cpus, "memory_bytes",
                     (json_int_t)(memory ? strtoll(memory, NULL, 10) : h->memory_bytes), "hypervisor",
                     doctor_json(host_fact(h->environment, "hypervisor")));
}

static json_t *collectors(void)
{
    json_t *list = json_array();

    for (const struct registry_collector *c = registry_collectors; c->name; c++) {
        const char *cure = "", *reason = c->collector->probe(&cure);

        if (c->missing)
            reason = c->missing;
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o, s:o}", "name", c->name, "summary",
                                              c->collector->summary, "works", reason == NULL, "reason",
                                              doctor_json(reason), "cure", doctor_json(reason ? cure : NULL)));
    }
    return list;
}

/* A setting whose value matches `bad` (a glob) gets the advice. */
struct setting {
    const char *fact, *bad, *advice;
};

static json_t *settings(const struct host *h)
{
    static const struct setting rows[] = {
        {"perf_event_paranoid", "[3-9]", "forbids counters to all but root: sudo sysctl kernel.perf_event_paranoid=1"},
        {"perf_event_paranoid", "2",
         "counts user space alone; the kernel's share needs: sudo sysctl "
         "kernel.perf_event_paranoid=1"},
        {"nmi_watchdog", "1", "takes a counter away: sudo sysctl kernel.nmi_watchdog=0"},
        {"clocksource", "hpet,acpi_pm,jiffies,refined-jiffies", "reading this clock is slow and coarse: tsc is better"},
    };
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = host_fact(h->environment, rows[i].fact);
        bool exempt = !geteuid() && text_starts(rows[i].fact, "perf_event");
        bool bad = value && !exempt && *rows[i].bad && text_glob(rows[i].bad, value);
        bool again = i && !strcmp(rows[i].fact, rows[i - 1].fact);

        if (again && !bad)
            continue;
        if (again)
            json_array_remove(list, json_array_size(list) - 1);
        json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "name", rows[i].fact, "value", doctor_json(value),
                                              "advice", bad ? rows[i].advice : ""));
    }
    return list;
}

static json_t *tools(void)
{
    static const struct {
        const char *name, *use, *cure;
    } rows[] = {
        {"gnuplot", "draws the plots of reports", "install gnuplot-nox"},
        {"git", "tells which commit was measured", "install git"},
        {"valgrind", "counts instructions without a PMU, on a simulated CPU", "install valgrind"},
    };
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *path = file_find_program(rows[i].name);

        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s}", "name", rows[i].name, "path", doctor_json(path),
                                              "use", rows[i].use, "cure", path ? "" : rows[i].cure));
        free(path);
    }
    return list;
}

json_t *doctor_examine(const struct host *h, const char *database, struct err *e)
{
    json_t *document = json_object();

    json_object_set_new(document, "doctor", json_integer(1));
    json_object_set_new(document, "machine", machine(h));
    json_object_set_new(document, "collectors", collectors());
    json_object_set_new(document, "gpu", doctor_gpu());
    if (doctor_groups(document, json_object_get(document, "gpu"), e)) {
        json_decref(document);
        return NULL;
    }
    json_object_set_new(document, "clock",
                        json_pack("{s:f, s:f}", "resolution_ns", clock_resolution_ns(), "cost_ns", clock_cost_ns()));
    json_object_set_new(document, "settings", settings(h));
    doctor_noise(document, h, database);
    json_object_set_new(document, "tools", tools());
    return document;
}
