/* What the results depend on: the machine, its environment, the build. Facts are sorted by name. */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include "../db/store.h"

/* Tells the branch where a commit is checked out instead of one. */
#define HOST_BRANCH "COUNTERMARK_BRANCH"

struct host {
    char *machine_name; /* --machine, configuration, or made from the hardware: "xeon-2c-480m" */
    char *machine_class;
    struct fact
        *machine; /* cpu.model cpu.vendor cpu.family cpu.flags cpu.count core.count cache.L1d.bytes cache.L2.bytes
                                  cache.L3.bytes cache.line memory.bytes numa.nodes hypervisor gpu.N.name gpu.N.sms ...
                                  (hwloc, in the parent only; GPUs from a worker) */
    struct fact *environment;     /* kernel.release microcode governor turbo hypervisor smt thp aslr perf_event_paranoid
                                  library.* (libc, papi, gomp, sqlite, cupti) gpu.driver gpu.cuda gpu.N.ecc gpu.N.mig
                                  gpu.N.power_limit */
    char fingerprint[17];         /* of the environment */
    char machine_fingerprint[17]; /* of machine + environment: key of cached counter proofs */
    struct fact *build;           /* program.*, cuda.toolkit */
    char *commit, *branch, *subject; /* of the repository around the working folder or the program; "" if none */
    char *parents;                   /* blank between them; "" of a root; NULL unknown */
    char *repository; /* the folder in which git knows this commit; NULL none, or the commit is scripted */
    int64_t commit_time;
    bool dirty;
    char *binary_hash;
    int64_t cache_bytes[4]; /* [1] L1d, [2] L2, [3] L3 of one core's view; 0 unknown */
    int64_t memory_bytes;
    int cpus; /* CPUs this process may use */
};

/* `fake_script` may replace facts. */
int host_read(struct host *h, const char *machine_or_null, const char *class_or_null, const char *fake_script,
              struct err *e);
void host_free(struct host *h);
/* How somebody chose to measure changes numbers like any other fact of the environment. */
void host_set_environment(struct host *h, const char *name, const char *value);
const char *host_fact(const struct fact *facts, const char *name); /* value or NULL */

/* Stores machine, environment and build; answers their ids. */
int host_store(const struct host *h, struct store *s, int64_t *machine, int64_t *environment, int64_t *build,
               struct err *e);

/* A program of the user is measured: the commit of this program, which stands in where there is no repository, is none of its. */
void host_forget_own_commit(struct host *h);
/* Tells the database where this run's commit stands in its history, and which commits lie between it and those that are known, so that
 * a change can be named by them. Nothing is lost without: trouble with git is none. */
int host_store_commits(const struct host *h, struct store *s, struct err *e);
/* The run is complete: this commit can be measured on this machine. */
int host_store_measured(const struct host *h, struct store *s, struct err *e);

/* Keeps a copy of this program beside the database (DB.builds/HASH/countermark) for later interleaved re-runs;
 * answers whether a kept program of that hash exists through `path` (free()), or NULL. */
int host_keep_program(const struct host *h, const char *database, struct err *e);
char *host_kept_program(const char *database, const char *binary_hash);

#endif
