/* Inside host*.c: lists of facts, and the parts that gather them. Parsers take text, so that they can be tested on
 * recordings. */
#ifndef HARNESS_HOST_PARTS_H
#define HARNESS_HOST_PARTS_H

#include "host.h"

/* A growing list; `items` always ends with a NULL name once something was added. */
struct facts {
    struct fact *items;
    size_t count, capacity;
};

/* Copies both texts; replaces the value of a name that is there. A NULL or empty value adds nothing. */
void facts_set(struct facts *f, const char *name, const char *value);
void facts_setf(struct facts *f, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Sorts by name and hands the list over (host_free releases it). Never NULL. */
struct fact *facts_take(struct facts *f);
void facts_free(struct fact *list);

/* What /proc/cpuinfo tells: cpu.model, cpu.vendor, cpu.family, cpu.flags (instruction sets only); the microcode goes to
 * `environment`. */
void host_parse_cpuinfo(const char *text, struct facts *machine, struct facts *environment);
/* "always [madvise] never" -> "madvise"; text without brackets is taken as it is, without its newline. Returns `out`.
 * */
const char *host_parse_choice(const char *text, char *out, size_t size);
/* "xeon-2c-l3-480m" from the facts: short, readable, and the same tomorrow; free(). */
char *host_make_name(const struct fact *machine);
/* A short name of the CPU: "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz" -> "xeon-platinum-8481c". */
void host_short_model(const char *model, char *out, size_t size);

void host_gather_machine(struct facts *machine);
void host_gather_environment(struct facts *environment);
/* Versions and build ids of the libraries that are loaded. */
void host_gather_libraries(struct facts *environment);
/* GPUs; nothing without a driver. The second is the first's way of telling what it has heard. */
void host_gather_gpu(struct facts *machine, struct facts *environment);
struct cuda_facts;
void host_gpu_facts(const struct cuda_facts *f, struct facts *machine, struct facts *environment);
/* Commit, branch, subject, time, dirty. */
void host_gather_commit(struct host *h);

#endif
