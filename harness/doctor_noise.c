/*
 * The doctor on noise: every setting and every neighbour that is known to move times, what it is now, what it did to the last run, and
 * what can be done about it.
 */
#include "doctor_noise.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "doctor_parts.h"
#include "registry.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 200  /* how long others are watched now */
#define BUSY 0.25    /* of a CPU: what disturbs */
#define STOLEN 0.005 /* of the time */
#define WORDS 300

/* A row: advice only where there is something to do. */
static void add(json_t *rows, const char *name, const char *value, const char *last, const char *advice)
{
    json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:s}", "name", name, "value", doctor_json(value), "last_run",
                                          doctor_json(last), "advice", advice));
}

/* A fact of the environment; the advice is for values that match the glob. */
static void add_fact(json_t *rows, const struct host *h, const char *name, const char *last, const char *bad,
                     const char *advice)
{
    const char *value = host_fact(h->environment, name);

    add(rows, name, value, last, value && text_glob(bad, value) ? advice : "");
}

/* The number in a small file; NaN if there is none. */
static double file_number(const char *path)
{
    char *text = file_exists(path) ? file_read(path, NULL, NULL) : NULL, *end = text;
    double value = text ? strtod(text, &end) : (double)NAN;

    value = end == text ? (double)NAN : value;
    free(text);
    return value;
}

/* Sum, or largest, of the numbers in all files of a pattern; NaN if there is none. */
static double files_number(const char *pattern, bool largest)
{
    glob_t found;
    double all = NAN;

    if (glob(pattern, 0, NULL, &found))
        return NAN;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        double one = file_number(found.gl_pathv[i]);

        if (!isnan(one))
            all = isnan(all) ? one : largest ? fmax(all, one) : all + one;
    }
    globfree(&found);
    return all;
}

static void add_smt(json_t *rows, const struct host *h)
{
    const char *value = host_fact(h->environment, "smt");
    char *siblings = file_read("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", NULL, NULL), words[WORDS];
    bool shared = siblings && strpbrk(siblings, ",-");

    if (siblings)
        siblings[strcspn(siblings, "\n")] = '\0';
    snprintf(words, sizeof words, "%s%s%s%s", value ? value : "", shared ? (value ? ": CPUs " : "CPUs ") : "",
             shared ? siblings : "", shared ? " share a core" : "");
    add(rows, "smt", words, "",
        shared ? "a neighbour on the same core slows a thread: echo off | sudo tee /sys/devices/system/cpu/smt/control"
               : "");
    free(siblings);
}

/* What others do just now, by the collector that watches them under launches. */
static double others_now(void)
{
    const struct registry_collector *c = registry_collector("neighbours");
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    struct target target = {.kind = TARGET_THREADS};
    struct reading r = {.value = NAN};
    void *handle;

    if (!c || c->missing || c->collector->probe(NULL))
        return NAN;
    handle = c->collector->open("", &target, NULL);
    if (!handle)
        return NAN;
    nanosleep(&pause, NULL);
    if (!c->collector->read(handle, &r, 1))
        r.value = NAN;
    c->collector->close(handle);
    return r.value;
}

static void add_load(json_t *rows, const struct host *h, const struct last_run *l)
{
    const char *cpus = host_fact(h->machine, "cpu.count");
    double others = others_now(), average = file_number("/proc/loadavg");
    char value[WORDS] = "", last[WORDS];
    int n = 0;

    if (!isnan(others))
        n = snprintf(value, sizeof value, "others keep %.1f of %s CPUs busy just now", others, cpus ? cpus : "the");
    if (!isnan(average) && n >= 0)
        snprintf(value + n, sizeof value - (size_t)n, "%sload average %.2f", n ? ", " : "", average);
    add(rows, "load", value, last_run_load(l, last, sizeof last),
        others >= BUSY ? "times beside a neighbour are no times to compare: wait, or stop what is running" : "");
}

/* The hypervisor's share since the machine started; NaN where nobody tells. */
static double stolen_since_boot(void)
{
    char *text = file_read("/proc/stat", NULL, NULL), *at = text ? text + strcspn(text, " \n") : NULL;
    double all = 0, stolen = NAN;

    for (int i = 0; at && i < 8; i++) {
        double ticks = strtod(at, &at);

        all += ticks;
        stolen = i == 7 ? ticks : stolen;
    }
    free(text);
    return all > 0 ? stolen / all : (double)NAN;
}

static void add_steal(json_t *rows, const struct last_run *l)
{
    double stolen = stolen_since_boot();
    char value[WORDS] = "", last[WORDS];
    bool much = stolen >= STOLEN || (l->measured > 0 && l->steal >= STOLEN * l->measured);

    if (!isnan(stolen))
        snprintf(value, sizeof value, "%.2g %% of all CPU time since the system started", 100 * stolen);
    add(rows, "steal", value, last_run_steal(l, last, sizeof last),
        much ? "the hypervisor gives the CPUs to others: ask for dedicated ones. Times under it are marked, and left "
               "out "
               "of a launch where they are the lesser part"
             : "");
}

static void add_numa(json_t *rows, const struct host *h)
{
    const char *nodes = host_fact(h->machine, "numa.nodes");
    double balancing = file_number("/proc/sys/kernel/numa_balancing");
    bool many = nodes && strtol(nodes, NULL, 10) > 1, moves = many && balancing > 0;
    char value[WORDS];

    snprintf(value, sizeof value, "%s%s%s", nodes ? nodes : "", nodes ? many ? " nodes" : " node" : "",
             moves ? ", the kernel moves memory between them" : "");
    add(rows, "numa", value, "",
        moves  ? "memory that moves makes times jump: sudo sysctl kernel.numa_balancing=0, and numactl --membind"
        : many ? "where memory lies decides its speed: numactl --cpunodebind=0 --membind=0"
               : "");
}

static double meminfo(const char *text, const char *name)
{
    const char *at = text ? strstr(text, name) : NULL;

    return at ? 1024 * strtod(at + strlen(name), NULL) : (double)NAN;
}

static void add_swap(json_t *rows, const struct last_run *l)
{
    char *text = file_read("/proc/meminfo", NULL, NULL), value[WORDS] = "", last[WORDS], used[40], whole[40];
    double total = meminfo(text, "SwapTotal:"), rest = meminfo(text, "SwapFree:");

    free(text);
    if (total > 0)
        snprintf(value, sizeof value, "%s of %s used", text_quantity(total - rest, "bytes", used, sizeof used),
                 text_quantity(total, "bytes", whole, sizeof whole));
    else if (total <= 0)
        snprintf(value, sizeof value, "none");
    add(rows, "swap", value, last_run_swap(l, last, sizeof last),
        total > rest ? "memory that was swapped out comes back in the middle of a launch: sudo swapoff -a" : "");
}

static void add_thermal(json_t *rows, const struct last_run *l)
{
    double degrees = files_number("/sys/class/thermal/thermal_zone*/temp", true) / 1000;
    double throttles = files_number("/sys/devices/system/cpu/cpu*/thermal_throttle/core_throttle_count", false);
    char value[WORDS] = "", last[WORDS];
    int n = 0;

    if (!isnan(degrees))
        n = snprintf(value, sizeof value, "%.0f C at the hottest sensor", degrees);
    if (!isnan(throttles) && n >= 0)
        snprintf(value + n, sizeof value - (size_t)n, "%scores were held back %.0f times since the system started",
                 n ? ", " : "", throttles);
    add(rows, "thermal", value, last_run_heat(l, last, sizeof last),
        l->throttles > 0 ? "heat lowers the clock: better cooling, or a lower fixed clock (turbo off)" : "");
}

static json_t *noise_rows(const struct host *h, const struct last_run *l)
{
    json_t *rows = json_array();
    char last[WORDS];

    add_fact(rows, h, "governor", "", "ondemand,powersave,schedutil,conservative,userspace",
             "the clock follows the load: sudo cpupower frequency-set --governor performance");
    add_fact(rows, h, "turbo", "", "1",
             "the clock depends on heat and neighbours; off is steadier (cpufreq/boost or intel_pstate/no_turbo)");
    add_smt(rows, h);
    add_load(rows, h, l);
    add_steal(rows, l);
    add_fact(rows, h, "aslr", last_run_addresses(l, last, sizeof last), "1,2",
             "addresses differ between launches, which averages their luck out; run --isolate fixes them");
    add_fact(rows, h, "thp", "", "always",
             "whether memory gets huge pages is luck: echo madvise | sudo tee "
             "/sys/kernel/mm/transparent_hugepage/enabled");
    add_numa(rows, h);
    add_swap(rows, l);
    add_thermal(rows, l);
    add_fact(rows, h, "hypervisor", "", "[!n]*,n[!o]*",
             "neighbours on the host show as steal, or not at all; what is measured in turns is safe from them");
    return rows;
}

void doctor_noise(json_t *document, const struct host *h, const char *database)
{
    struct last_run l;
    struct err trouble = {0};

    if (last_run_read(&l, database, h->machine_name, &trouble))
        l.id = 0;
    json_object_set_new(document, "noise",
                        json_pack("{s:o, s:I, s:o, s:o}", "database", doctor_json(database), "run", (json_int_t)l.id,
                                  "trouble", doctor_json(trouble.text), "rows", noise_rows(h, &l)));
    free(l.isolated);
}

void doctor_noise_text(const json_t *noise, struct buf *out)
{
    const json_t *rows = json_object_get(noise, "rows");
    int width = doctor_width(rows, "name");
    long long run = json_integer_value(json_object_get(noise, "run"));
    size_t i;
    json_t *row;

    buf_add(out, "\nnoise\n");
    if (*doctor_string(noise, "trouble"))
        buf_addf(out, "  what it did to the last run is not known: %s\n", doctor_string(noise, "trouble"));
    else if (!run)
        buf_addf(out, "  %s has no run of this machine, which could tell what it does\n",
                 doctor_string(noise, "database"));
    json_array_foreach(rows, i, row)
    {
        const char *value = doctor_string(row, "value");

        buf_addf(out, "  %-*s  %s\n", width, doctor_string(row, "name"), *value ? value : "not told");
        if (*doctor_string(row, "last_run"))
            buf_addf(out, "  %-*s  run %lld: %s\n", width, "", run, doctor_string(row, "last_run"));
        if (*doctor_string(row, "advice"))
            buf_addf(out, "  %-*s  advice: %s\n", width, "", doctor_string(row, "advice"));
    }
}
