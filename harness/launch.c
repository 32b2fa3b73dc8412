/*
 * The parent's side of a launch: start the worker, take its answers in, keep it inside its limits, and turn whatever
 * happens into a status with a sentence. Everything is read through bounded buffers and without blocking, so that a
 * worker which prints without end, says nothing, or leaves children behind costs this launch alone.
 */
#include "launch.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch_message.h"
#include "launch_process.h"
#include "launch_simulator.h"
#include "registry.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_LINE (1 << 16)
#define MOST_ANSWER (1 << 29) /* bytes of one launch */
#define DEFAULT_TIMEOUT_S 60
#define SIMULATED_TIMEOUT_S 600
#define DEFAULT_TARGET_S 0.1
#define DEFAULT_REPETITIONS 30
#define MEMORY_SHARE 0.8
#define TICK_MS 20 /* memory and interruption are looked at this often */

static volatile sig_atomic_t interrupted;

void launch_interrupt(void)
{
    interrupted = 1;
}

bool launch_interrupted(void)
{
    return interrupted != 0;
}

static void on_signal(int number)
{
    (void)number;
    launch_interrupt();
}

void launch_catch_signals(bool on)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    static struct sigaction before[3];
    static int users;
    struct sigaction action = {.sa_handler = on_signal};

    if (on ? users++ : --users)
        return;
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], on ? &action : &before[i], on ? &before[i] : NULL);
}

/* One launch under way. */
struct watch {
    struct launch_spec *spec;
    struct launch_process process;
    struct launch_simulator simulator;
    struct launch_answers answers;
    struct launch_memory memory;
    struct launch_tail tail;
    struct buf line; /* the answer's unfinished line */
    size_t answered; /* bytes */
    int64_t deadline;
    bool answer_open, output_open;
    bool stopped; /* by us: the status is decided */
    struct err garbled;
};

static void decide(struct watch *w, enum launch_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void decide(struct watch *w, enum launch_status status, const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    w->answers.out->result.status = status;
    w->answers.out->result.reason = launch_outcome_text(w->answers.out, text);
    w->stopped = true;
}

static void take_lines(struct watch *w, const char *bytes, size_t length)
{
    w->answered += length;
    if (w->garbled.code)
        return;
    if (w->answered > MOST_ANSWER) {
        err_set(&w->garbled, CM_INTERNAL, "the worker broke the protocol: its answer has no end");
        return;
    }
    while (length && !w->garbled.code) {
        const char *newline = memchr(bytes, '\n', length);
        size_t part = newline ? (size_t)(newline - bytes) : length;

        if (w->line.length + part > LONGEST_LINE) {
            err_set(&w->garbled, CM_INTERNAL, "the worker broke the protocol: a line of its answer has no end");
            return;
        }
        buf_add_n(&w->line, bytes, part);
        if (!newline)
            return;
        launch_answer_take(&w->answers, buf_text(&w->line), w->line.length, &w->garbled);
        buf_clear(&w->line);
        bytes += part + 1;
        length -= part + 1;
    }
}

/* Reads once what is there. False at the end of the file. */
static bool drain(struct watch *w, int fd, bool answer, size_t *got)
{
    char bytes[16384];
    ssize_t n = read(fd, bytes, sizeof bytes);

    *got = n > 0 ? (size_t)n : 0;
    if (n > 0 && answer)
        take_lines(w, bytes, (size_t)n);
    else if (n > 0)
        launch_tail_add(&w->tail, bytes, (size_t)n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void drain_rest(struct watch *w)
{
    size_t got;

    do
        drain(w, w->process.answer_fd, true, &got);
    while (got && !w->garbled.code);
    /* Of the output the last part is enough: no more than a pipe can hold. */
    for (int i = 0; i < 64; i++)
        if (!drain(w, w->process.output_fd, false, &got) || !got)
            break;
}

static void check_limits(struct watch *w)
{
    int64_t now = clock_ns(), used;
    char text[32], limit[32];

    if (w->garbled.code)
        decide(w, LAUNCH_GARBLED, "%s", w->garbled.text);
    else if (now > w->deadline)
        decide(w, LAUNCH_HUNG, "exceeded its time limit of %g s", w->spec->timeout_s);
    else if (w->memory.limit > 0 && (used = launch_memory_over(&w->memory)))
        decide(w, LAUNCH_MEMORY, "used %s of memory, more than its limit of %s",
               text_quantity((double)used, "bytes", text, sizeof text),
               text_quantity((double)w->memory.limit, "bytes", limit, sizeof limit));
}

/* Until the worker has ended, a limit is exceeded or the user interrupts. */
static void attend(struct watch *w)
{
    int64_t next_check = 0;

    while (!w->stopped && !interrupted) {
        struct pollfd fds[3] = {{.fd = w->answer_open ? w->process.answer_fd : -1, .events = POLLIN},
                                {.fd = w->output_open ? w->process.output_fd : -1, .events = POLLIN},
                                {.fd = w->process.exit_fd, .events = POLLIN}};
        size_t got;
        /* Where the kernel does not tell us about the end of a process, it is asked for often. */
        int rc = poll(fds, 3, w->process.exit_fd >= 0 ? TICK_MS : 1);

        if (rc > 0 && fds[0].revents)
            w->answer_open = drain(w, w->process.answer_fd, true, &got);
        if (rc > 0 && fds[1].revents)
            w->output_open = drain(w, w->process.output_fd, false, &got);
        if ((fds[2].revents || w->process.exit_fd < 0) && launch_process_ended(&w->process))
            return;
        if (clock_ns() >= next_check || w->garbled.code) {
            check_limits(w);
            next_check = clock_ns() + TICK_MS * 1000000;
        }
    }
}

/* What became of a worker that ended by itself. */
static void conclude(struct watch *w)
{
    struct launch_result *r = &w->answers.out->result;
    int status = w->process.status;
    char last[201];
    const char *colon;

    launch_tail_line(&w->tail, last, sizeof last);
    launch_simulator_reason(&w->tail, last, sizeof last);
    colon = *last ? ": " : "";
    if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);

        r->signal = number;
        if (number == SIGKILL)
            decide(w, LAUNCH_CRASHED, "was killed from outside (signal 9, as the kernel does when memory runs out)%s%s",
                   colon, last);
        else
            decide(w, LAUNCH_CRASHED, "died from signal %d (%s)%s%s", number, strsignal(number), colon, last);
    } else if (WEXITSTATUS(status)) {
        r->exit_code = WEXITSTATUS(status);
        decide(w, LAUNCH_EXITED, "ended with status %d%s%s", r->exit_code, colon, last);
    } else if (w->garbled.code) {
        decide(w, LAUNCH_GARBLED, "%s", w->garbled.text);
    } else if (w->answers.progress != ANSWER_END) {
        decide(w, LAUNCH_GARBLED, "ended without a result%s%s", colon, last);
    } else if ((r->status == LAUNCH_EXITED || r->status == LAUNCH_CRASHED) && *last) {
        /* The worker tells how the program ended, the program itself has said why. */
        char *reason = mem_copy(r->reason);

        decide(w, r->status, "%s: %s", reason, last);
        free(reason);
    }
}

static int threads_of(const struct launch_spec *s)
{
    for (const struct fact *axis = s->axes; axis && axis->name; axis++)
        if (!strcmp(axis->name, "threads") || !strcmp(axis->name, "procs"))
            return (int)strtol(axis->value, NULL, 10);
    return 1;
}

static int start(struct watch *w, struct err *e)
{
    static char name[] = "countermark", command[] = "worker";
    char *argv[] = {name, command, NULL};
    struct launch_start how = {.program = w->spec->program, .argv = argv, .openmp = !w->spec->command};
    struct err why = {0};
    char *request;
    cpu_set_t cpus;
    int rc;

    if (launch_simulator_begin(&w->simulator, w->spec, &how, &why)) {
        decide(w, LAUNCH_UNAVAILABLE, "%s", why.text);
        return 0;
    }
    request = launch_request_encode(w->spec, getpid(), e);
    if (!request)
        return -1;
    how.fixed_addresses = w->spec->isolate;
    if (w->spec->isolate && !launch_cpus(threads_of(w->spec), &cpus)) {
        how.cpus = &cpus;
        how.bind = how.openmp && CPU_COUNT(&cpus) > 1;
    }
    how.request = request;
    rc = launch_process_start(&w->process, &how, e);
    free(request);
    return rc;
}

static void fill_in(struct launch_spec *s)
{
    int64_t most = (int64_t)(MEMORY_SHARE * (double)launch_memory_total());

    if (!(s->timeout_s > 0))
        s->timeout_s = registry_simulator(s->pass) ? SIMULATED_TIMEOUT_S : DEFAULT_TIMEOUT_S;
    if (!(s->simulate_s > 0))
        s->simulate_s = LAUNCH_SIMULATE_S;
    if (!(s->target_s > 0))
        s->target_s = DEFAULT_TARGET_S;
    /* A program of the user's runs once per launch unless more is asked for. */
    if (s->min_repetitions <= 0)
        s->min_repetitions = 1;
    if (s->max_repetitions <= 0)
        s->max_repetitions = s->command ? 1 : DEFAULT_REPETITIONS;
    if (s->memory_limit <= 0 || s->memory_limit > most)
        s->memory_limit = most;
}

int launch_execute(const struct launch_spec *wanted, struct launch_outcome *out, struct err *e)
{
    struct launch_spec spec = *wanted;
    struct watch w = {.spec = &spec, .answers = {.out = out}, .answer_open = true, .output_open = true};
    int64_t began = clock_ns();

    memset(out, 0, sizeof *out);
    out->result = (struct launch_result){.match = -1, .started = clock_wall_seconds(), .reason = "", .checksum = ""};
    if (interrupted)
        return err_set(e, CM_INTERRUPTED, "interrupted");
    fill_in(&spec);
    if (start(&w, e)) {
        launch_simulator_end(&w.simulator);
        return -1;
    }
    w.deadline = began + (int64_t)(spec.timeout_s * 1e9);
    w.memory = (struct launch_memory){.group = w.process.pid, .limit = spec.memory_limit};
    attend(&w);
    if (!w.stopped && !interrupted) {
        drain_rest(&w);
        conclude(&w);
    }
    launch_process_finish(&w.process);
    launch_simulator_conclude(&w.simulator, out);
    launch_simulator_end(&w.simulator);
    buf_free(&w.line);
    out->result.wall_s = (double)(clock_ns() - began) / 1e9;
    if (interrupted) {
        launch_outcome_free(out);
        return err_set(e, CM_INTERRUPTED, "interrupted");
    }
    if (out->result.status != LAUNCH_DONE && out->result.status != LAUNCH_WRONG)
        out->sample_count = 0;
    return 0;
}
