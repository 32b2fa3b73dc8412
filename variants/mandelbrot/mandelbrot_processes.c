/*
 * Rows shared out to processes, the multiprocessing way: each execution forks, the children fill a shared mapping, and the
 * parent copies it into the result when all have ended. The price of starting processes is part of the time, as it is for
 * whoever does this. Process p takes the rows p, p + procs, ...: neighbouring rows cost alike, so the shares are even, and
 * every execution does the same work.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PROCESSES 4096

static const struct axis axes[] = {
    {"procs", "1:CPUS:1", "CPUS", "processes", false},
    {0},
};

struct processes {
    int count;
    pid_t *children;
    int32_t *shared;
};

static void finish(struct run *r)
{
    struct processes *p = r->state;

    if (!p)
        return;
    if (p->shared)
        munmap(p->shared, r->output_bytes);
    free(p->children);
    free(p);
    r->state = NULL;
}

static int prepare(struct run *r)
{
    int64_t count = run_number(r, "procs");
    struct processes *p;
    void *map;

    if (count < 1 || count > MOST_PROCESSES) {
        snprintf(r->error, sizeof r->error, "procs is %lld, but must lie between 1 and %d", (long long)count,
                 MOST_PROCESSES);
        return -1;
    }
    p = calloc(1, sizeof *p);
    map = mmap(NULL, r->output_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    r->state = p;
    if (p) {
        p->count = (int)count;
        p->shared = map == MAP_FAILED ? NULL : map;
        p->children = calloc((size_t)count, sizeof *p->children);
    } else if (map != MAP_FAILED) {
        munmap(map, r->output_bytes);
    }
    if (p && p->shared && p->children)
        return 0;
    finish(r);
    snprintf(r->error, sizeof r->error, "no shared memory of %zu bytes for %lld processes", r->output_bytes,
             (long long)count);
    return -1;
}

static void child(const struct mandelbrot *m, const struct processes *p, int number, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (int row = number; row < m->height; row += p->count)
        mandelbrot_row(m, row, p->shared + (size_t)row * m->width);
    _exit(0);
}

/* Waits for the first `n` children; how many did not end well. */
static int gather(const struct processes *p, int n)
{
    int failed = 0;

    for (int i = 0; i < n; i++) {
        int status;
        pid_t got;

        do
            got = waitpid(p->children[i], &status, 0);
        while (got < 0 && errno == EINTR);
        failed += got < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    return failed;
}

static int run_processes(struct run *r)
{
    const struct processes *p = r->state;
    pid_t parent = getpid();
    int failed;

    for (int i = 0; i < p->count; i++) {
        pid_t pid = fork();

        if (pid == 0)
            child(r->problem, p, i, parent);
        if (pid < 0) {
            snprintf(r->error, sizeof r->error, "cannot start process %d of %d: %s", i + 1, p->count, strerror(errno));
            gather(p, i);
            return -1;
        }
        p->children[i] = pid;
    }
    failed = gather(p, p->count);
    if (failed) {
        snprintf(r->error, sizeof r->error, "%d of %d processes did not end well", failed, p->count);
        return -1;
    }
    memcpy(r->output, p->shared, r->output_bytes);
    return 0;
}

const struct variant variant_mandelbrot_processes = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "rows in forked processes with shared memory, the multiprocessing way",
    .axes = axes,
    .forks = true,
    .prepare = prepare,
    .run = run_processes,
    .finish = finish,
};
