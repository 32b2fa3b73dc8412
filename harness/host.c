/* Gathers the host's facts, lays a script's over them, stores them, keeps programs. See host.h. */
#include "host.h"
#include "../collectors/fake.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "host_parts.h"
#include "launch.h"
#include "launch_process.h"
#include "registry.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lists while they grow. */
struct gathered {
    struct host *host;
    struct facts machine, environment, build;
};

static void replace_text(char **text, const char *value)
{
    free(*text);
    *text = mem_copy(value);
}

static bool holds(const struct facts *f, const char *name)
{
    return f->items && host_fact(f->items, name);
}

/* The commit's names; false if `name` is none of them. */
static bool overlay_commit(struct host *h, const char *name, const char *value)
{
    if (!strcmp(name, "commit")) {
        replace_text(&h->commit, value);
        replace_text(&h->parents, NULL);
        replace_text(&h->repository, NULL);
    } else if (!strcmp(name, "parents"))
        replace_text(&h->parents, value);
    else if (!strcmp(name, "branch"))
        replace_text(&h->branch, value);
    else if (!strcmp(name, "subject"))
        replace_text(&h->subject, value);
    else if (!strcmp(name, "binary_hash"))
        replace_text(&h->binary_hash, value);
    else if (!strcmp(name, "commit_time"))
        h->commit_time = strtoll(value, NULL, 10);
    else if (!strcmp(name, "dirty"))
        h->dirty = strcmp(value, "0") && strcmp(value, "false");
    else
        return false;
    return true;
}

/* A scripted fact replaces its like; a new one goes where its name belongs. */
static void overlay(const char *name, const char *value, void *user)
{
    static const char machine_names[] = "cpu.*,core.*,socket.*,cache.*,memory.*,numa.*,gpu.*";
    static const char gpu_settings[] = "gpu.driver,gpu.cuda,gpu.*.ecc,gpu.*.mig,gpu.*.power_limit";
    struct gathered *g = user;
    bool of_machine = text_glob(machine_names, name) && !text_glob(gpu_settings, name);

    if (overlay_commit(g->host, name, value))
        return;
    if (holds(&g->build, name)) {
        facts_set(&g->build, name, value);
        return;
    }
    if (of_machine || holds(&g->machine, name))
        facts_set(&g->machine, name, value);
    if (!of_machine)
        facts_set(&g->environment, name, value);
}

static char *hash_program(void)
{
    uint64_t hash;

    return file_hash(launch_self(), &hash, NULL) ? mem_copy("") : mem_format("%016" PRIx64, hash);
}

static void gather(struct gathered *g)
{
    char *cpuinfo = file_read("/proc/cpuinfo", NULL, NULL);

    if (cpuinfo)
        host_parse_cpuinfo(cpuinfo, &g->machine, &g->environment);
    free(cpuinfo);
    host_gather_machine(&g->machine);
    host_gather_environment(&g->environment);
    host_gather_libraries(&g->environment);
    host_gather_gpu(&g->machine, &g->environment);
    if (g->machine.items)
        facts_set(&g->environment, "hypervisor", host_fact(g->machine.items, "hypervisor"));
    facts_set(&g->build, "program.version", registry_version);
    facts_setf(&g->build, "program.protocol", "%d", LAUNCH_PROTOCOL);
    facts_setf(&g->build, "program.variant_abi", "%d", VARIANT_ABI);
    facts_set(&g->build, "cuda.toolkit", registry_cuda);
    host_gather_commit(g->host);
    g->host->binary_hash = hash_program();
}

static int64_t number(const struct fact *facts, const char *name)
{
    const char *value = host_fact(facts, name);

    return value ? strtoll(value, NULL, 10) : 0;
}

static void fingerprint(struct host *h)
{
    fact_fingerprint(h->environment, NULL, h->fingerprint);
    fact_fingerprint(h->machine, h->environment, h->machine_fingerprint);
}

void host_set_environment(struct host *h, const char *name, const char *value)
{
    struct facts all = {0};

    for (const struct fact *f = h->environment; f && f->name; f++)
        facts_set(&all, f->name, f->value);
    facts_set(&all, name, value);
    facts_free(h->environment);
    h->environment = facts_take(&all);
    fingerprint(h);
}

/* What follows from the facts, scripted ones included. */
static int conclude(struct host *h, const char *machine, const char *klass, struct err *e)
{
    cpu_set_t cpus;

    h->cache_bytes[1] = number(h->machine, "cache.L1d.bytes");
    h->cache_bytes[2] = number(h->machine, "cache.L2.bytes");
    h->cache_bytes[3] = number(h->machine, "cache.L3.bytes");
    h->memory_bytes = launch_memory_total();
    h->cpus = sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
    fingerprint(h);
    h->machine_name = machine && *machine ? mem_copy(machine) : host_make_name(h->machine);
    h->machine_class = mem_copy(klass ? klass : "");
    if (!text_is_name(h->machine_name))
        return err_set(e, CM_USAGE, "the machine's name \"%s\" may hold letters, digits, '.', '_' and '-' only",
                       h->machine_name);
    if (*h->machine_class && !text_is_name(h->machine_class))
        return err_set(e, CM_USAGE, "the machine's class \"%s\" may hold letters, digits, '.', '_' and '-' only",
                       h->machine_class);
    return 0;
}

int host_read(struct host *h, const char *machine, const char *klass, const char *script, struct err *e)
{
    struct gathered g = {.host = h};
    struct fake *fake = NULL;

    memset(h, 0, sizeof *h);
    if (script && *script) {
        fake = fake_load(script, e);
        if (!fake)
            return -1;
    }
    gather(&g);
    if (fake)
        fake_each_fact(fake, overlay, &g);
    fake_free(fake);
    h->machine = facts_take(&g.machine);
    h->environment = facts_take(&g.environment);
    h->build = facts_take(&g.build);
    if (!conclude(h, machine, klass, e))
        return 0;
    host_free(h);
    return -1;
}

void host_free(struct host *h)
{
    facts_free(h->machine);
    facts_free(h->environment);
    facts_free(h->build);
    free(h->machine_name);
    free(h->machine_class);
    free(h->commit);
    free(h->parents);
    free(h->repository);
    free(h->branch);
    free(h->subject);
    free(h->binary_hash);
    memset(h, 0, sizeof *h);
}

int host_store(const struct host *h, struct store *s, int64_t *machine, int64_t *environment, int64_t *build,
               struct err *e)
{
    const struct machine_row m = {h->machine_name, h->machine_class, h->machine};
    const struct environment_row v = {h->fingerprint, h->environment};
    const struct build_row b = {.commit = h->commit,
                                .branch = h->branch,
                                .subject = h->subject,
                                .commit_time = h->commit_time,
                                .dirty = h->dirty,
                                .compiler = registry_compiler,
                                .flags = registry_flags,
                                .binary_hash = h->binary_hash,
                                .facts = h->build};

    if (store_machine(s, &m, machine, e) || store_environment(s, &v, environment, e) || store_build(s, &b, build, e))
        return -1;
    return 0;
}

static char *kept_path(const char *database, const char *hash, const char *name)
{
    return mem_format("%s.builds/%s%s%s", database, hash, *name ? "/" : "", name);
}

int host_keep_program(const struct host *h, const char *database, struct err *e)
{
    char *folder, *path;
    int rc = 0;

    if (!text_is_name(h->binary_hash))
        return err_set(e, CM_INTERNAL, "this program could not be read, so it cannot be kept for later comparisons");
    folder = kept_path(database, h->binary_hash, "");
    path = kept_path(database, h->binary_hash, "countermark");
    if (!file_exists(path))
        rc = file_folder(folder, e) || file_copy(launch_self(), path, e) ? -1 : 0;
    free(folder);
    free(path);
    return rc;
}

char *host_kept_program(const char *database, const char *binary_hash)
{
    char *path;

    if (!binary_hash || !text_is_name(binary_hash))
        return NULL;
    path = kept_path(database, binary_hash, "countermark");
    if (file_exists(path))
        return path;
    free(path);
    return NULL;
}
