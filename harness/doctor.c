/* Examines the machine: collectors, counters, clock, settings, tools. The document is described in doctor.h. */
#include "doctor.h"

#include "../collectors/groups.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *text_or_empty(const char *text)
{
    json_t *value = json_string(text ? text : "");

    return value ? value : json_string("(not valid UTF-8)");
}

static json_t *machine(const struct host *h)
{
    return json_pack("{s:o, s:o, s:i, s:I, s:o}", "name", text_or_empty(h->machine_name), "cpu",
                     text_or_empty(host_fact(h->machine, "cpu.model")), "cpus", h->cpus, "memory_bytes",
                     (json_int_t)h->memory_bytes, "hypervisor", text_or_empty(host_fact(h->environment, "hypervisor")));
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
                                              text_or_empty(reason), "cure", text_or_empty(reason ? cure : NULL)));
    }
    return list;
}

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
                                              event->metric.meaning, "counted", as != NULL, "as", text_or_empty(as),
                                              "reason", text_or_empty(reason)));
        free(as);
    }
    return list;
}

/* All groups are planned at once, in a worker: what cannot be counted here comes back with its reason. */
static int counters(json_t *document, struct err *e)
{
    struct passes p = {0};
    struct err trouble = {0};
    struct buf wanted = {0};
    size_t count = 0;
    const struct group *groups = groups_all(&count, e);
    json_t *list = json_array(), *passes = json_array();

    for (size_t i = 0; groups && i < count; i++)
        buf_addf(&wanted, "%s%s", i ? "+" : "", groups[i].name);
    if (groups && launch_plan_collector("papi", buf_text(&wanted), NULL, NULL, &p, &trouble) &&
        trouble.code == CM_INTERRUPTED)
        err_set(e, CM_INTERRUPTED, "%s", trouble.text);
    for (size_t i = 0; groups && i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", groups[i].name, "summary", groups[i].summary,
                                              "events", group_events(&groups[i], &p, trouble.text)));
    for (size_t i = 0; i < p.passes.count; i++)
        json_array_append_new(passes, json_string(p.passes.items[i]));
    json_object_set_new(document, "groups", list);
    json_object_set_new(document, "passes", passes);
    text_list_free(&p.passes);
    text_list_free(&p.missing);
    buf_free(&wanted);
    return groups && trouble.code != CM_INTERRUPTED ? 0 : -1;
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
        {"governor", "ondemand,powersave,schedutil,conservative,userspace",
         "the clock follows the load: sudo cpupower frequency-set --governor performance"},
        {"turbo", "1",
         "the clock depends on heat and neighbours; off is steadier (cpufreq/boost or intel_pstate/no_turbo)"},
        {"smt", "on",
         "a neighbour on the same core slows a thread: echo off | sudo tee /sys/devices/system/cpu/smt/control"},
        {"aslr", "", ""},
        {"thp", "", ""},
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
        json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "name", rows[i].fact, "value", text_or_empty(value),
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
        {"valgrind", "instruction counts without a PMU; not used by this version", "install valgrind"},
    };
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *path = file_find_program(rows[i].name);

        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s}", "name", rows[i].name, "path", text_or_empty(path),
                                              "use", rows[i].use, "cure", path ? "" : rows[i].cure));
        free(path);
    }
    return list;
}

json_t *doctor_examine(const struct host *h, struct err *e)
{
    json_t *document = json_object();

    json_object_set_new(document, "doctor", json_integer(1));
    json_object_set_new(document, "machine", machine(h));
    json_object_set_new(document, "collectors", collectors());
    if (counters(document, e)) {
        json_decref(document);
        return NULL;
    }
    json_object_set_new(document, "clock",
                        json_pack("{s:f, s:f}", "resolution_ns", clock_resolution_ns(), "cost_ns", clock_cost_ns()));
    json_object_set_new(document, "settings", settings(h));
    json_object_set_new(document, "tools", tools());
    return document;
}
