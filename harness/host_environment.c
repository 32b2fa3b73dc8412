/*
 * The environment: what changes under a machine and moves its numbers. A change makes another fingerprint, which is
 * shown and named, so nothing may stand here that differs from run to run by itself.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "host_parts.h"

#include <elf.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

const char *host_parse_choice(const char *text, char *out, size_t size)
{
    const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    size_t n;

    if (close) {
        text = open + 1;
        n = (size_t)(close - text);
    } else {
        n = strcspn(text, "\n");
    }
    snprintf(out, size, "%.*s", (int)n, text);
    return out;
}

/* A setting that is one small file; adds nothing where there is none. */
static bool add_file(struct facts *f, const char *name, const char *path)
{
    char *text = file_exists(path) ? file_read(path, NULL, NULL) : NULL;
    char value[128];

    if (text)
        facts_set(f, name, host_parse_choice(text, value, sizeof value));
    free(text);
    return text != NULL;
}

static void add_turbo(struct facts *f)
{
    char *text;

    if (add_file(f, "turbo", "/sys/devices/system/cpu/cpufreq/boost"))
        return;
    if (!file_exists("/sys/devices/system/cpu/intel_pstate/no_turbo"))
        return;
    text = file_read("/sys/devices/system/cpu/intel_pstate/no_turbo", NULL, NULL);
    if (text)
        facts_set(f, "turbo", *text == '0' ? "1" : "0");
    free(text);
}

void host_gather_environment(struct facts *f)
{
    static const struct {
        const char *fact, *path;
    } files[] = {
        {"governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
        {"cpufreq.driver", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"},
        {"smt", "/sys/devices/system/cpu/smt/control"},
        {"thp", "/sys/kernel/mm/transparent_hugepage/enabled"},
        {"aslr", "/proc/sys/kernel/randomize_va_space"},
        {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
        {"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
        {"nmi_watchdog", "/proc/sys/kernel/nmi_watchdog"},
        {"driver.nvidia", "/sys/module/nvidia/version"},
    };
    struct utsname system;

    if (!uname(&system)) {
        facts_set(f, "kernel.release", system.release);
        facts_set(f, "kernel.machine", system.machine);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        add_file(f, files[i].fact, files[i].path);
    add_turbo(f);
    facts_set(f, "library.libc", gnu_get_libc_version());
}

/* The linker's build id of a loaded object, its first 8 hex digits; "" without one. */
static void build_id(const struct dl_phdr_info *info, char hex[9])
{
    *hex = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const char *at, *end;

        if (p->p_type != PT_NOTE)
            continue;
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the loader tells addresses as numbers */
        at = (const char *)(info->dlpi_addr + p->p_vaddr);
        end = at + p->p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            const unsigned char *id;

            memcpy(&note, at, sizeof note);
            id = (const unsigned char *)at + sizeof note + ((note.n_namesz + 3) & ~3u);
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz >= 4) {
                snprintf(hex, 9, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
                return;
            }
            at = (const char *)id + ((note.n_descsz + 3) & ~3u);
        }
    }
}

static int add_library(struct dl_phdr_info *info, size_t size, void *user)
{
    /* Those that can change what is measured or how. */
    static const char *const names[] = {"gomp", "omp", "papi", "pfm", "sqlite3"};
    const char *base = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
    char fact[64], id[9], *path;

    (void)size;
    for (size_t i = 0; base && i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        const char *version;

        if (strncmp(base, "/lib", 4) || strncmp(base + 4, names[i], n) || base[4 + n] != '.')
            continue;
        /* The file that the link leads to has the full version in its name. */
        path = realpath(info->dlpi_name, NULL);
        version = path ? strstr(path, ".so.") : NULL;
        build_id(info, id);
        snprintf(fact, sizeof fact, "library.%s", names[i]);
        facts_setf(user, fact, "%s%s%s", version ? version + 4 : "", version && *id ? " " : "", id);
        free(path);
    }
    return 0;
}

void host_gather_libraries(struct facts *environment)
{
    dl_iterate_phdr(add_library, environment);
}
