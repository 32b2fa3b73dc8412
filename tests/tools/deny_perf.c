/*
 * Runs a program that may not count: perf_event_open fails for it and its children, as on a machine without a PMU (ENOENT) or in a
 * container that forbids it (EACCES).
 *
 *     deny_perf ENOENT|EACCES|ENOSYS COMMAND [ARGUMENT]...
 *
 * The whole test suite passes under it. Exits 77 where the system lets no filter be set, 2 on wrong use.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int error_named(const char *name)
{
    return !strcmp(name, "ENOENT") ? ENOENT : !strcmp(name, "EACCES") ? EACCES : !strcmp(name, "ENOSYS") ? ENOSYS : 0;
}

int main(int argc, char **argv)
{
    int error = argc > 2 ? error_named(argv[1]) : 0;
    /* Load the number of the call; if it is perf_event_open answer the error, else allow. */
    struct sock_filter lines[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof lines / sizeof *lines, lines};

    if (!error) {
        fprintf(stderr, "usage: deny_perf ENOENT|EACCES|ENOSYS COMMAND [ARGUMENT]...\n");
        return 2;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
        fprintf(stderr, "deny_perf: the system lets no filter be set: %s\n", strerror(errno));
        return 77;
    }
    execvp(argv[2], argv + 2);
    fprintf(stderr, "deny_perf: %s cannot be run: %s\n", argv[2], strerror(errno));
    return 2;
}
