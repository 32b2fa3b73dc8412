/* Starting and ending worker processes; see launch_process.h. */
#include "launch_process.h"
#include "base/mem.h"
#include "base/text.h"
#include "host.h"
#include "isolate.h"
#include "launch.h"
#include "launch_message.h"
#include "launch_simulator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Settings of the user's that would change what an OpenMP variant does behind the axes' back. */
static const char *const openmp_names[] = {"OMP_", "GOMP_CPU_AFFINITY=", "GOMP_SPINCOUNT=", "KMP_", "GOMP_STACKSIZE="};
/* A waiting thread that spins would be counted as work. Binding is off by default: it would also tie children that a
 * variant forks to one CPU. */
static char openmp_passive[] = "OMP_WAIT_POLICY=passive", openmp_fixed[] = "OMP_DYNAMIC=false",
            openmp_free[] = "OMP_PROC_BIND=false", openmp_bound[] = "OMP_PROC_BIND=close",
            openmp_places[] = "OMP_PLACES=threads";

static bool is_openmp(const char *variable)
{
    for (size_t i = 0; i < sizeof openmp_names / sizeof *openmp_names; i++)
        if (!strncmp(variable, openmp_names[i], strlen(openmp_names[i])))
            return true;
    return false;
}

/* What a program may need to start at all; the rest differs from user to user and moves the stack. */
static bool is_needed(const char *variable)
{
    static const char *const names[] = {"PATH=", "LD_", "TMPDIR=", "VALGRIND_LIB="};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_starts(variable, names[i]))
            return true;
    return false;
}

/* What backfill tells a run about its commit: what is measured does not see it, or counts of a small program would differ from
 * those of the same program that bisect or somebody else starts. */
static bool is_told(const char *variable)
{
    static const char *const names[] = {
        "GITHUB_HEAD_REF=", "GIT_CONFIG_COUNT=", "GIT_CONFIG_KEY_0=", "GIT_CONFIG_VALUE_0="};

    if (text_starts(variable, HOST_BRANCH "="))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_starts(variable, names[i]))
            return true;
    return false;
}

/* The environment of the worker; free() the array and the first string, where there is a scratch folder. */
static char **make_environment(const struct launch_start *how)
{
    bool told = getenv(HOST_BRANCH) != NULL;
    size_t count = 0, n = 0;
    char **list;

    while (environ[count])
        count++;
    list = mem_new(count + 7, sizeof *list);
    if (how->scratch)
        list[n++] = mem_format(LAUNCH_SCRATCH "=%s", how->scratch);
    for (size_t i = 0; i < count; i++)
        if ((!how->openmp || !is_openmp(environ[i])) && (!how->bare || is_needed(environ[i])) &&
            !(told && is_told(environ[i])))
            list[n++] = environ[i];
    if (how->openmp) {
        list[n++] = openmp_passive;
        list[n++] = openmp_fixed;
        list[n++] = how->bind ? openmp_bound : openmp_free;
        if (how->bind)
            list[n++] = openmp_places;
    }
    return list;
}

const char *launch_self(void)
{
    static char path[4096];
    struct stat there, self;
    ssize_t n;

    if (*path)
        return path;
    n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    /* Replaced or removed while it runs (a rebuild): the link itself still leads to the file that is running. */
    if (n <= 0 || stat(path, &there) || stat("/proc/self/exe", &self) || there.st_ino != self.st_ino ||
        there.st_dev != self.st_dev)
        snprintf(path, sizeof path, "/proc/self/exe");
    return path;
}

/* A descriptor above those that the worker gets, so that placing one cannot overwrite another. */
static int lift(int fd)
{
    int high;

    if (fd < 0)
        return -1;
    high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    return high;
}

/* The request lies in a memory file: the parent never waits for a worker that does not read. */
static int request_file(const char *request)
{
    int fd = lift(memfd_create("request", MFD_CLOEXEC));
    size_t length = request ? strlen(request) : 0, done = 0;

    while (fd >= 0 && done < length) {
        ssize_t n = pwrite(fd, request + done, length - done, (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    return fd;
}

enum { END_NULL, END_REQUEST, END_ANSWER, END_OUTPUT, ENDS };

struct ends {
    int child[ENDS];          /* what becomes the worker's 0, 3, 4 and 1+2 */
    int answer_fd, output_fd; /* the parent's */
};

static int make_pipe(int *read_end, int *write_end)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC))
        return -1;
    *read_end = lift(fds[0]);
    *write_end = lift(fds[1]);
    return *read_end < 0 || *write_end < 0 || fcntl(*read_end, F_SETFL, O_NONBLOCK) ? -1 : 0;
}

static void close_ends(struct ends *ends, bool also_mine)
{
    for (int i = 0; i < ENDS; i++)
        if (ends->child[i] >= 0)
            close(ends->child[i]);
    if (!also_mine)
        return;
    if (ends->answer_fd >= 0)
        close(ends->answer_fd);
    if (ends->output_fd >= 0)
        close(ends->output_fd);
}

static int make_ends(struct ends *ends, const char *request, struct err *e)
{
    memset(ends, 0xff, sizeof *ends);
    ends->child[END_NULL] = lift(open("/dev/null", O_RDONLY | O_CLOEXEC));
    ends->child[END_REQUEST] = request_file(request);
    if (ends->child[END_NULL] >= 0 && ends->child[END_REQUEST] >= 0 &&
        !make_pipe(&ends->answer_fd, &ends->child[END_ANSWER]) &&
        !make_pipe(&ends->output_fd, &ends->child[END_OUTPUT]))
        return 0;
    err_set(e, CM_INTERNAL, "cannot make the pipes to a worker: %s", strerror(errno));
    close_ends(ends, true);
    return -1;
}

static int spawn(pid_t *pid, const struct launch_start *how, const struct ends *ends)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    char **environment = make_environment(how);
    sigset_t none, all;
    int rc;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends->child[END_NULL], 0);
    posix_spawn_file_actions_adddup2(&files, ends->child[END_OUTPUT], 1);
    posix_spawn_file_actions_adddup2(&files, ends->child[END_OUTPUT], 2);
    posix_spawn_file_actions_adddup2(&files, ends->child[END_REQUEST], LAUNCH_REQUEST_FD);
    posix_spawn_file_actions_adddup2(&files, ends->child[END_ANSWER], LAUNCH_ANSWER_FD);
    posix_spawn_file_actions_addclosefrom_np(&files, LAUNCH_ANSWER_FD + 1);
    if (how->folder)
        posix_spawn_file_actions_addchdir_np(&files, how->folder);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    rc = posix_spawn(pid, how->program ? how->program : launch_self(), &files, &attributes, how->argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (how->scratch)
        free(environment[0]);
    free(environment);
    return rc;
}

/* OpenMP reads the CPU mask when its library loads, before main: the mask must be there at exec, so it is inherited. Addresses are
 * chosen by exec itself. */
static int spawn_on(pid_t *pid, const struct launch_start *how, const struct ends *ends)
{
    cpu_set_t mine;
    bool changed =
        how->cpus && !sched_getaffinity(0, sizeof mine, &mine) && !sched_setaffinity(0, sizeof *how->cpus, how->cpus);
    unsigned long before = 0;
    bool fixed = how->fixed_addresses && !isolate_fix_addresses(&before);
    int rc = spawn(pid, how, ends);

    if (fixed)
        isolate_restore_addresses(before);
    if (changed)
        sched_setaffinity(0, sizeof mine, &mine);
    return rc;
}

int launch_process_start(struct launch_process *p, const struct launch_start *how, struct err *e)
{
    struct ends ends;
    int rc;

    memset(p, 0, sizeof *p);
    if (make_ends(&ends, how->request, e))
        return -1;
    rc = spawn_on(&p->pid, how, &ends);
    close_ends(&ends, rc != 0);
    if (rc)
        return err_set(e, CM_INTERNAL, "cannot start the worker %s: %s", how->program ? how->program : launch_self(),
                       strerror(rc));
    p->answer_fd = ends.answer_fd;
    p->output_fd = ends.output_fd;
    p->exit_fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    return 0;
}

static void reap(struct launch_process *p)
{
    while (!p->reaped && waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
        ;
    p->reaped = true;
}

/* The whole group. */
static void kill_group(const struct launch_process *p)
{
    if (p->pid > 0 && !p->reaped)
        kill(-p->pid, SIGKILL);
}

bool launch_process_ended(struct launch_process *p)
{
    siginfo_t info = {0};
    int rc;

    if (p->reaped)
        return true;
    do
        rc = waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    while (rc < 0 && errno == EINTR);
    if (!rc && !info.si_pid)
        return false;
    /* As long as the leader is not reaped, its group's id cannot be anybody else's. */
    kill_group(p);
    reap(p);
    return true;
}

void launch_process_finish(struct launch_process *p)
{
    if (p->pid <= 0)
        return;
    kill_group(p);
    reap(p);
    close(p->answer_fd);
    close(p->output_fd);
    if (p->exit_fd >= 0)
        close(p->exit_fd);
    p->pid = 0;
}

void launch_tail_add(struct launch_tail *t, const char *bytes, size_t length)
{
    size_t room = sizeof t->text - t->length;

    if (length >= sizeof t->text) {
        memcpy(t->text, bytes + length - sizeof t->text, sizeof t->text);
        t->length = sizeof t->text;
        return;
    }
    if (length > room) {
        size_t keep = sizeof t->text - length;

        memmove(t->text, t->text + t->length - keep, keep);
        t->length = keep;
    }
    memcpy(t->text + t->length, bytes, length);
    t->length += length;
}

void launch_tail_line(const struct launch_tail *t, char *line, size_t size)
{
    size_t end = t->length, begin, n;

    while (end && (t->text[end - 1] == '\n' || t->text[end - 1] == '\r' || t->text[end - 1] == ' '))
        end--;
    for (begin = end; begin && t->text[begin - 1] != '\n' && t->text[begin - 1] != '\r';)
        begin--;
    n = end - begin;
    if (n >= size)
        n = size - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)t->text[begin + i];

        line[i] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
    }
    line[n] = 0;
}
