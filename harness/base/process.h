/*
 * Programs that this one starts. They read nothing, they get no shell, and what they say goes where it is told: to a descriptor, or
 * collected into memory.
 */
#ifndef HARNESS_BASE_PROCESS_H
#define HARNESS_BASE_PROCESS_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
    const char *program; /* a path, or a name that is looked for on PATH */
    char *const *argv;
    char *const *environment; /* NULL: this program's */
    const char *folder;       /* its working folder; NULL: this program's */
    int output, errors;       /* descriptors for what it says; process_collect has its own */
    bool apart;               /* in a process group of its own, and with all signals as they are by default */
};

/* 0, or an errno. */
int process_start(const struct process *p, pid_t *pid);
/* Waits until it has ended, whatever signals come: its exit status, 128 + the signal's number if it was killed, -1 if it is none of
 * ours. */
int process_wait(pid_t pid);

/* Starts it, keeps the first `most` bytes that it says and waits. Complaints are kept in `errors`, at most 64 KiB, or in `output`, too,
 * if that is NULL. Its status as of process_wait; -1 with errno if it could not be started. */
int process_collect(const struct process *p, size_t most, struct buf *output, struct buf *errors);

#endif
