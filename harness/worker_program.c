/*
 * One launch of any program. The child is made, waits at a gate while collectors attach to it, and when the gate
 * opens it does nothing but execve: so counts start where the program does, and time runs from there until it has
 * been waited for.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "worker.h"
#include "worker_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
    struct worker *worker;
    char *path;
    const char *started; /* what an execution starts, with its words: the program, or what simulates it */
    char *const *argv;
    struct text_list words; /* of the simulator, and the program's behind them */
    char *simulator;        /* its path, or NULL */
    int null;               /* /dev/null */
    struct timespec began;  /* of the execution under way, by the clock of file systems */
    int64_t spent_ns;       /* in executions */
    struct reading readings[MEASURE_READINGS];
};

/* A child at its gate. */
struct child {
    pid_t pid;
    int gate;   /* write a byte: it goes on */
    int errors; /* errno of a failed execve, else the end of the file */
    int output; /* its standard output, or -1 */
};

/* In the child: up to the gate and through it. Nothing may stand between read and execve, not even what the C library wraps
 * around them: with counters running every instruction here is counted as the program's. */
static void be_program(const struct program *p, int gate, int errors, int output, pid_t parent)
{
    char *const *argv = p->argv;
    const char *path = p->started;
    char **environment = environ, go;
    int error;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(p->null, 0) < 0 || dup2(output, 1) < 0)
        syscall(SYS_exit_group, 126);
    if (syscall(SYS_read, gate, &go, 1) == 1)
        syscall(SYS_execve, path, argv, environment);
    error = errno;
    if (write(errors, &error, sizeof error) < 0)
        error = 0;
    syscall(SYS_exit_group, 127);
}

static int make_child(struct program *p, bool capture, struct child *c)
{
    int gate[2] = {-1, -1}, errors[2] = {-1, -1}, output[2] = {-1, -1};
    pid_t self = getpid();

    if (pipe2(gate, O_CLOEXEC) || pipe2(errors, O_CLOEXEC) || (capture && pipe2(output, O_CLOEXEC)) ||
        (c->pid = fork()) < 0) {
        worker_outcome(p->worker, LAUNCH_UNAVAILABLE, "no process could be made for it: %s", strerror(errno));
        return -1;
    }
    if (!c->pid) {
        close(gate[1]);
        be_program(p, gate[0], errors[1], capture ? output[1] : p->null, self);
    }
    close(gate[0]);
    close(errors[1]);
    if (capture)
        close(output[1]);
    c->gate = gate[1];
    c->errors = errors[0];
    c->output = output[0];
    return 0;
}

/* Takes the output in until its end, or until the program has ended and nothing more is there: children that it left
 * behind may hold the other end open for ever. */
static void take_output(struct child *c, struct digest *d)
{
    int ended = (int)syscall(SYS_pidfd_open, c->pid, 0);
    char bytes[65536];

    for (;;) {
        struct pollfd fds[2] = {{.fd = c->output, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
        ssize_t n;

        if (poll(fds, 2, -1) < 0 && errno == EINTR)
            continue;
        if (!fds[0].revents)
            break;
        n = read(c->output, bytes, sizeof bytes);
        if (n > 0)
            digest_add(d, bytes, (size_t)n);
        else if (!n || errno != EINTR)
            break;
    }
    if (ended >= 0)
        close(ended);
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (wait4(pid, &status, 0, NULL) < 0 && errno == EINTR)
        ;
    return status;
}

static void close_child(struct child *c)
{
    close(c->gate);
    close(c->errors);
    if (c->output >= 0)
        close(c->output);
}

/* What the end of the program means; false if it did not end well. */
static bool judge(struct program *p, const struct child *c, int status)
{
    struct worker *w = p->worker;
    int error;

    if (read(c->errors, &error, sizeof error) == sizeof error) {
        worker_outcome(w, LAUNCH_UNAVAILABLE, "cannot run %.200s: %s%s", p->path, strerror(error),
                       error == ENOEXEC ? " (a script needs a first line such as #!/bin/sh)" : "");
    } else if (WIFSIGNALED(status)) {
        w->result.signal = WTERMSIG(status);
        worker_outcome(w, LAUNCH_CRASHED, "died from signal %d (%s)", w->result.signal, strsignal(w->result.signal));
    } else if (WEXITSTATUS(status)) {
        w->result.exit_code = WEXITSTATUS(status);
        worker_outcome(w, LAUNCH_EXITED, "ended with status %d", w->result.exit_code);
    }
    return w->result.status == LAUNCH_DONE;
}

/* One execution that is not measured: warms caches up, and shows what the program puts out. */
static bool warm_up(struct program *p)
{
    const char *verify = p->worker->spec->verify;
    bool capture = verify && !strcmp(verify, "sha256");
    struct digest *d = capture ? digest_new() : NULL;
    struct child c;
    int64_t before;
    int status;

    if (make_child(p, capture, &c)) {
        if (d)
            digest_finish(d, p->worker->checksum);
        return false;
    }
    before = clock_ns();
    if (write(c.gate, "", 1) == 1 && d)
        take_output(&c, d);
    /* Whoever still holds the output open gets a broken pipe, not an endless wait. */
    if (c.output >= 0)
        close(c.output);
    c.output = -1;
    status = wait_for(c.pid);
    p->spent_ns += clock_ns() - before;
    if (d)
        digest_finish(d, p->worker->checksum);
    status = judge(p, &c, status);
    close_child(&c);
    return status;
}

/* From here on the program is executed under the simulator that counts in this pass, if there is one. False: it cannot. */
static bool simulate(struct program *p)
{
    struct worker *w = p->worker;
    const struct collector *c = worker_simulator(w);
    struct err e = {0};

    if (!c)
        return true;
    if (!worker_simulable(w, (double)p->spent_ns / 1e9 * c->slowdown))
        return false;
    if (!c->wrap(w->instruments.items[0].events, TARGET_CHILD, &p->words, &e)) {
        p->simulator = file_find_program(p->words.items[0]);
        if (!p->simulator)
            err_set(&e, CM_NOTHING, "%s is not on PATH", p->words.items[0]);
    }
    if (e.code) {
        worker_outcome(w, LAUNCH_UNAVAILABLE, "%.380s", e.text);
        return false;
    }
    text_list_add(&p->words, p->path);
    for (char *const *word = w->spec->command + 1; *word; word++)
        text_list_add(&p->words, *word);
    p->words.items = mem_grow(p->words.items, p->words.count + 1, sizeof *p->words.items);
    p->words.items[p->words.count] = NULL;
    p->started = p->simulator;
    p->argv = p->words.items;
    return true;
}

static bool measure(struct program *p, int repetition)
{
    struct measure_instruments *in = &p->worker->instruments;
    struct target target = {.kind = TARGET_CHILD, .count_kernel = in->count_kernel};
    struct err e = {0};
    struct child c;
    int64_t before;
    int status;
    bool good, released = false;

    if (make_child(p, false, &c))
        return false;
    target.child = c.pid;
    before = clock_ns();
    measure_turn(in, repetition);
    if (!measure_open(in, &target, &e) && !measure_start(in, &e))
        released = write(c.gate, "", 1) == 1;
    if (!released) {
        err_set(&e, CM_NOTHING, "the program could not be let go: %s", strerror(errno));
        kill(c.pid, SIGKILL);
    }
    status = wait_for(c.pid);
    if (released) {
        size_t count;

        if (!measure_stop(in))
            err_set(&e, CM_NOTHING, "an instrument could not be stopped");
        p->spent_ns += clock_ns() - before;
        good = judge(p, &c, status);
        count = measure_read(in, p->readings, MEASURE_READINGS);
        count += measure_read_launch(in, p->readings + count, MEASURE_READINGS - count);
        if (good)
            worker_record_readings(repetition, p->readings, count, p->worker);
    }
    measure_close(in);
    close_child(&c);
    if (e.code)
        worker_outcome(p->worker, LAUNCH_UNAVAILABLE, "%.380s", e.text);
    return p->worker->result.status == LAUNCH_DONE;
}

static bool repeat(struct program *p)
{
    const struct launch_spec *spec = p->worker->spec;
    int64_t began = clock_ns();
    int turns = (int)p->worker->instruments.turns; /* each set has one at least */
    int least = turns > spec->min_repetitions ? turns : spec->min_repetitions;

    for (int i = 0;; i++) {
        if (i >= spec->max_repetitions && i >= least)
            return true;
        if (i >= least && (double)(clock_ns() - began) >= spec->target_s * 1e9)
            return true;
        clock_gettime(CLOCK_REALTIME_COARSE, &p->began);
        if (!measure(p, i))
            return false;
    }
}

/* The checksum of what was put out; judged by whoever knows the other launches. */
static void verify(struct program *p)
{
    struct worker *w = p->worker;
    const char *pattern = w->spec->verify;
    struct err e = {0};

    if (!pattern || !*pattern)
        return;
    if (strcmp(pattern, "sha256") && digest_files(pattern, &p->began, w->checksum, &e)) {
        w->result.match = 2;
        worker_outcome(w, LAUNCH_WRONG, "%.380s", e.text);
        return;
    }
    if (worker_fault_is(w, "wrong") || worker_fault_is(w, "untouched"))
        w->checksum[0] = w->checksum[0] == '0' ? '1' : '0';
    w->result.match = 0;
    w->result.checksum = w->checksum;
}

void worker_program(struct worker *w)
{
    struct program *p = mem_new(1, sizeof *p);

    p->worker = w;
    w->instruments.fresh = true; /* each execution is another process */
    p->path = file_find_program(w->spec->command[0]);
    p->started = p->path;
    p->argv = w->spec->command;
    p->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    w->result.inner = 1;
    w->result.elements = 1;
    if (!p->path)
        worker_outcome(w, LAUNCH_UNAVAILABLE, "the command %.200s is not there or may not be executed",
                       w->spec->command[0]);
    else if (!worker_instruments(w) && !worker_fault(w) && warm_up(p) && simulate(p) && repeat(p))
        verify(p);
    w->result.executing_s = (double)p->spent_ns / 1e9;
    close(p->null);
    text_list_free(&p->words);
    free(p->simulator);
    free(p->path);
    free(p);
}
