/*
 * A worker as a process: started with its pipes in a group of its own, watched, killed with everything it started,
 * reaped. Nothing here knows what the worker says.
 */
#ifndef HARNESS_LAUNCH_PROCESS_H
#define HARNESS_LAUNCH_PROCESS_H

#include "base/err.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct launch_process {
    pid_t pid;     /* also the id of its process group */
    int exit_fd;   /* becomes readable when it ends; -1 where the kernel has no such thing */
    int answer_fd; /* what it says on its descriptor 4; never blocks */
    int output_fd; /* its standard output and error together; never blocks */
    bool reaped;
    int status; /* as from waitpid, once reaped */
};

struct launch_start {
    const char *program; /* path; NULL is this program */
    char *const *argv;
    const char *request;   /* what the worker reads on descriptor 3 */
    const cpu_set_t *cpus; /* where it may run; NULL: where this process may */
    bool openmp;           /* with the OpenMP settings of a measurement instead of the user's */
    bool bind;             /* OpenMP threads stay on the CPU they started on */
    bool fixed_addresses;  /* without address randomisation, where that is allowed */
    bool bare;             /* of the user's environment only what programs need to start */
    const char *folder;    /* its working folder; NULL: this process's */
    const char *scratch;   /* the value of COUNTERMARK_SCRATCH; NULL: none */
};

int launch_process_start(struct launch_process *p, const struct launch_start *how, struct err *e);
/* True once it has ended; does not wait. */
bool launch_process_ended(struct launch_process *p);
/* Kills the whole group, reaps the worker, closes the pipes. Safe to call at any time after a start. */
void launch_process_finish(struct launch_process *p);

/* The end of what a process printed, in bounded memory. */
struct launch_tail {
    char text[2048];
    size_t length;
};
void launch_tail_add(struct launch_tail *t, const char *bytes, size_t length);
/* The last line that is not empty, made printable and cut to the room there is; "" if there is none. */
void launch_tail_line(const struct launch_tail *t, char *line, size_t size);

/* Resident memory of a process group: the leader at every call, its whole group now and then (a walk through /proc
 * costs time that belongs to the measurement). */
struct launch_memory {
    pid_t group;
    int64_t limit;
    int64_t next_walk, others; /* clock; what the others had at the last walk */
};
int64_t launch_memory_total(
    void); /* bytes this process may use: the machine's or its control group's, whichever is less */
/* Bytes in use when that is more than the limit, else 0. */
int64_t launch_memory_over(struct launch_memory *m);

/* CPUs for a launch that is to stay undisturbed: `threads` of those this process may use, one hardware thread per
 * core first, away from CPU 0 where possible. -1 if that is not known. */
int launch_cpus(int threads, cpu_set_t *out);

#endif
