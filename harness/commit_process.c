/*
 * Builds and runs in a worktree: in a group of their own, so that all they started ends with them, with a file for what they say.
 * They are started without what ties git and make to the place where this program was started.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/text.h"
#include "commit_parts.h"
#include "git.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 50
#define PATIENCE_S 30 /* for a program that was asked to end */
#define LAST_BYTES (64 << 10)
#define LONGEST_WORDS 300

/* In a group of its own. 0, or an errno. */
static int start(const struct commit_process *p, pid_t *pid)
{
    int log = open(p->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644), failed = log < 0 ? errno : 0;
    char **environment = git_environment(p->more);
    struct process process = {.program = p->program,
                              .argv = p->argv,
                              .environment = environment,
                              .folder = p->folder,
                              .output = log,
                              .errors = log,
                              .apart = true};

    if (!failed)
        failed = process_start(&process, pid);
    if (log >= 0)
        close(log);
    free(environment);
    return failed;
}

/* Has it ended? Its id stays its own until it is reaped. */
static bool ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Until it ends or the time is up; a signal to this program ends the pause. True: it has ended. */
static bool attend(pid_t pid, double seconds, bool mind_interrupts)
{
    int64_t deadline = clock_ns() + (int64_t)(seconds * 1e9);
    struct pollfd watched = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    bool done;

    while (!(done = ended(pid)) && !(mind_interrupts && launch_interrupted()) &&
           !(seconds > 0 && clock_ns() >= deadline))
        poll(&watched, watched.fd >= 0 ? 1 : 0, watched.fd >= 0 ? TICK_MS : 2);
    if (watched.fd >= 0)
        close(watched.fd);
    return done;
}

int commit_execute(const struct commit_process *p, struct commit_end *end, struct err *e)
{
    int64_t began = clock_ns();
    bool interrupted;
    pid_t pid = -1;
    int rc;

    *end = (struct commit_end){.status = -1};
    if (launch_interrupted())
        return err_set(e, CM_INTERRUPTED, "interrupted");
    rc = start(p, &pid);
    if (rc)
        return err_set(e, CM_INTERNAL, "%s cannot be started in %s: %s", p->program, p->folder, strerror(rc));
    end->timed_out = !attend(pid, p->timeout_s, true) && !launch_interrupted();
    interrupted = launch_interrupted() && !ended(pid);
    if (interrupted && p->asked) {
        kill(pid, SIGINT);
        attend(pid, PATIENCE_S, false);
    }
    kill(-pid, SIGKILL);
    end->status = process_wait(pid);
    end->seconds = (double)(clock_ns() - began) / 1e9;
    return interrupted ? err_set(e, CM_INTERRUPTED, "interrupted") : 0;
}

/* The end of a file; free(). */
static char *read_end(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0, from = size > LAST_BYTES ? size - LAST_BYTES : 0;
    char *text = mem_new(LAST_BYTES + 1, 1);
    ssize_t n = fd >= 0 ? pread(fd, text, LAST_BYTES, from) : 0;

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    for (ssize_t i = 0; i < n; i++)
        if (!text[i])
            text[i] = ' ';
    return text;
}

/* make's own last line tells only that something above it failed. */
static bool says_nothing(const char *line)
{
    return !line[strspn(line, " \t\r")] ||
           ((text_starts(line, "make") || text_starts(line, "gmake")) && strstr(line, "***") != NULL);
}

/* Plain ASCII: compilers quote with typographic marks, and a cut may fall inside one. */
static char *plain(const char *line)
{
    char *out = mem_new(strlen(line) + 1, 1), *to = out;

    for (const char *at = line; *at && to - out < LONGEST_WORDS; at++) {
        unsigned char c = (unsigned char)*at;

        if (!strncmp(at, "\xe2\x80\x98", 3) || !strncmp(at, "\xe2\x80\x99", 3)) {
            *to++ = '\'';
            at += 2;
        } else {
            *to++ = c < 0x20 ? ' ' : c >= 0x7f ? '?' : (char)c;
        }
    }
    return out;
}

char *commit_last_words(const char *log)
{
    char *text = read_end(log), *rest = text, *line, *last = NULL, *useful = NULL, *error = NULL, *words;

    while ((line = strsep(&rest, "\n"))) {
        if (line[strspn(line, " \t\r")])
            last = line;
        if (says_nothing(line))
            continue;
        useful = line;
        if (!error && (strstr(line, "error: ") || strstr(line, "Error: ")))
            error = line;
    }
    words = error ? error : useful ? useful : last ? last : NULL;
    words = words ? plain(words) : mem_copy("it said nothing");
    free(text);
    return words;
}
