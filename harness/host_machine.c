/*
 * The machine: what stays while a host lives. Topology comes from hwloc (in the parent only: loading it takes
 * milliseconds), the CPU's names from /proc/cpuinfo. Nothing here may differ from boot to boot, or the machine would
 * lose its history.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "host_parts.h"

#include <ctype.h>
#include <hwloc.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

/* Beginnings of the flags that name instruction sets; the other hundred change with the kernel, not with the CPU. */
static const char *const instruction_sets[] = {
    "sse", "ssse3",     "avx",        "fma",   "bmi", "f16c", "popcnt", "aes", "vaes", "sha",   "gfni",
    "amx", "pclmulqdq", "vpclmulqdq", "movbe", "abm", "adx",  "asimd",  "sve", "neon", "crc32", "atomics"};

static bool is_instruction_set(const char *flag)
{
    for (size_t i = 0; i < sizeof instruction_sets / sizeof *instruction_sets; i++)
        if (text_starts(flag, instruction_sets[i]))
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void set_flags(struct facts *machine, const char *flags)
{
    size_t count;
    char **words = text_split(flags, ' ', &count);
    struct buf b = {0};

    qsort(words, count, sizeof *words, by_text);
    for (size_t i = 0; i < count; i++)
        if (is_instruction_set(words[i]))
            buf_addf(&b, "%s%s", b.length ? " " : "", words[i]);
    facts_set(machine, "cpu.flags", buf_text(&b));
    buf_free(&b);
    free(words);
}

/* One "name : value" line. */
static void take_cpu_line(char *line, struct facts *machine, struct facts *environment)
{
    static const struct {
        const char *line, *fact;
        bool environment;
    } wanted[] = {
        {"model name", "cpu.model", false},       {"vendor_id", "cpu.vendor", false},
        {"cpu family", "cpu.family", false},      {"model", "cpu.model_number", false},
        {"stepping", "cpu.stepping", false},      {"microcode", "microcode", true},
        {"CPU implementer", "cpu.vendor", false}, {"CPU part", "cpu.model_number", false},
        {"CPU variant", "cpu.variant", false},    {"CPU revision", "cpu.stepping", false},
    };
    char *colon = strchr(line, ':'), *end = colon;

    if (!colon)
        return;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *end = 0;
    for (colon++; *colon == ' ';)
        colon++;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strcmp(line, wanted[i].line))
            facts_set(wanted[i].environment ? environment : machine, wanted[i].fact, colon);
    if (!strcmp(line, "flags") || !strcmp(line, "Features"))
        set_flags(machine, colon);
}

void host_parse_cpuinfo(const char *text, struct facts *machine, struct facts *environment)
{
    const char *end = strstr(text, "\n\n"); /* the first CPU speaks for all */
    char *copy = mem_copy_n(text, end ? (size_t)(end - text) : strlen(text)), *rest = copy, *line;

    while ((line = strsep(&rest, "\n")))
        take_cpu_line(line, machine, environment);
    free(copy);
}

/* Words of a CPU's name that say nothing about which it is. */
static bool is_noise(const char *word)
{
    static const char *const noise[] = {"intel", "amd", "cpu",  "processor", "genuine",      "arm", "the",
                                        "with",  "gen", "core", "@",         "technologies", "inc."};

    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (!strcmp(word, noise[i]))
            return true;
    /* "64-core", "2.70ghz", "12th" */
    return strstr(word, "-core") || strstr(word, "ghz") || (isdigit((unsigned char)*word) && strstr(word, "th"));
}

void host_short_model(const char *model, char *out, size_t size)
{
    char *copy = mem_copy(model), *rest = copy, *word;
    size_t n = 0, words = 0;

    for (char *c = copy; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
        if (!strncmp(c, "(r)", 3) || !strncmp(c, "(R)", 3))
            memset(c, ' ', 3);
        else if (!strncmp(c, "(tm)", 4) || !strncmp(c, "(TM)", 4))
            memset(c, ' ', 4);
    }
    out[0] = 0;
    while ((word = strsep(&rest, " \t")) && words < 3) {
        if (!*word || is_noise(word))
            continue;
        if (*word == '@')
            break;
        if (n && n + 1 < size)
            out[n++] = '-';
        for (; *word && n + 1 < size; word++)
            if (isalnum((unsigned char)*word) || *word == '-' || *word == '.')
                out[n++] = *word;
        out[n] = 0;
        words++;
    }
    free(copy);
}

static int64_t fact_number(const struct fact *facts, const char *name)
{
    const char *value = host_fact(facts, name);

    return value ? strtoll(value, NULL, 10) : 0;
}

char *host_make_name(const struct fact *machine)
{
    const char *model = host_fact(machine, "cpu.model"), *cache = "l3";
    int64_t bytes = fact_number(machine, "cache.L3.bytes");
    char cpu[64] = "", size[32] = "";
    char *name;

    if (model)
        host_short_model(model, cpu, sizeof cpu);
    if (!bytes) {
        bytes = fact_number(machine, "cache.L2.bytes");
        cache = "l2";
    }
    if (bytes >= 1 << 20)
        snprintf(size, sizeof size, "-%s-%lldm", cache, (long long)(bytes >> 20));
    else if (bytes)
        snprintf(size, sizeof size, "-%s-%lldk", cache, (long long)(bytes >> 10));
    name = mem_format("%s-%lldc%s", *cpu ? cpu : "cpu", (long long)fact_number(machine, "core.count"), size);
    return name;
}

static void add_cache(hwloc_topology_t t, hwloc_obj_type_t type, const char *name, long fallback, struct facts *machine)
{
    hwloc_obj_t cache = hwloc_get_obj_by_type(t, type, 0);
    int64_t bytes = cache && cache->attr->cache.size ? (int64_t)cache->attr->cache.size : fallback;
    char fact[64];

    if (bytes <= 0)
        return;
    snprintf(fact, sizeof fact, "cache.%s.bytes", name);
    facts_setf(machine, fact, "%lld", (long long)bytes);
    if (!cache)
        return;
    snprintf(fact, sizeof fact, "cache.%s.count", name);
    facts_setf(machine, fact, "%d", hwloc_get_nbobjs_by_type(t, type));
    if (cache->attr->cache.linesize)
        facts_setf(machine, "cache.line", "%u", cache->attr->cache.linesize);
}

/* Kernels keep some memory to themselves, each another amount: the fact is rounded, so that an update changes
 * nothing. */
static void add_memory(struct facts *machine)
{
    char *text = file_read("/proc/meminfo", NULL, NULL), *at = text ? strstr(text, "MemTotal:") : NULL;
    int64_t bytes = at ? 1024 * strtoll(at + strlen("MemTotal:"), NULL, 10) : 0;
    int64_t grain = bytes >= (int64_t)8 << 30 ? (int64_t)1 << 30 : (int64_t)1 << 28;

    free(text);
    if (bytes > 0)
        facts_setf(machine, "memory.bytes", "%" PRId64, (bytes + grain / 2) / grain * grain);
}

static void add_topology(hwloc_topology_t t, struct facts *machine)
{
    facts_setf(machine, "cpu.count", "%d", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU));
    facts_setf(machine, "core.count", "%d", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE));
    facts_setf(machine, "socket.count", "%d", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PACKAGE));
    facts_setf(machine, "numa.nodes", "%d", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE));
    add_cache(t, HWLOC_OBJ_L1CACHE, "L1d", sysconf(_SC_LEVEL1_DCACHE_SIZE), machine);
    add_cache(t, HWLOC_OBJ_L2CACHE, "L2", sysconf(_SC_LEVEL2_CACHE_SIZE), machine);
    add_cache(t, HWLOC_OBJ_L3CACHE, "L3", sysconf(_SC_LEVEL3_CACHE_SIZE), machine);
}

#ifdef __x86_64__
/* How hypervisors sign CPUID leaf 0x40000000. */
static const struct {
    const char *signature, *name;
} hypervisors[] = {
    {"KVMKVMKVM", "kvm"},     {"Microsoft Hv", "hyper-v"}, {"VMwareVMware", "vmware"}, {"XenVMMXenVMM", "xen"},
    {"TCGTCGTCGTCG", "qemu"}, {"bhyve bhyve ", "bhyve"},   {"VBoxVBoxVBox", "vbox"},   {"ACRNACRNACRN", "acrn"},
};

static const char *hypervisor_name(void)
{
    unsigned a, b, c, d;
    char signature[13];

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 31)))
        return "none";
    __cpuid(0x40000000, a, b, c, d);
    memcpy(signature, &b, 4);
    memcpy(signature + 4, &c, 4);
    memcpy(signature + 8, &d, 4);
    signature[12] = 0;
    for (size_t i = 0; i < sizeof hypervisors / sizeof *hypervisors; i++)
        if (!strcmp(signature, hypervisors[i].signature))
            return hypervisors[i].name;
    return "unknown";
}
#else
static const char *hypervisor_name(void)
{
    return file_exists("/sys/hypervisor/type") ? "xen" : "none";
}
#endif

void host_gather_machine(struct facts *machine)
{
    hwloc_topology_t t;

    if (!hwloc_topology_init(&t)) {
        /* All of the machine, not only what this container may use. */
        hwloc_topology_set_flags(t, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
        hwloc_topology_set_all_types_filter(t, HWLOC_TYPE_FILTER_KEEP_ALL);
        hwloc_topology_set_io_types_filter(t, HWLOC_TYPE_FILTER_KEEP_NONE);
        if (!hwloc_topology_load(t))
            add_topology(t, machine);
        hwloc_topology_destroy(t);
    }
    add_memory(machine);
    facts_set(machine, "hypervisor", hypervisor_name());
}
