/* See process.h. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_COMPLAINT (1 << 16)

static void set_apart(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
}

int process_start(const struct process *p, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failed;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, p->output, 1);
    posix_spawn_file_actions_adddup2(&files, p->errors, 2);
    if (p->folder)
        posix_spawn_file_actions_addchdir_np(&files, p->folder);
    posix_spawnattr_init(&attributes);
    if (p->apart)
        set_apart(&attributes);
    failed = posix_spawnp(pid, p->program, &files, &attributes, p->argv, p->environment ? p->environment : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

int process_wait(pid_t pid)
{
    int status;
    pid_t ended;

    do
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_all(int fd, struct buf *b, size_t most)
{
    char bytes[8192];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0 && b->length < most)
            buf_add_n(b, bytes, (size_t)n < most - b->length ? (size_t)n : most - b->length);
}

/* Complaints wait in a file in memory: nobody has to read them while the output is read. */
static int collect(struct process *p, int from, size_t most, struct buf *output, struct buf *errors)
{
    pid_t pid = -1;
    int failed = process_start(p, &pid), status = -1;

    close(p->output);
    if (!failed) {
        read_all(from, output, most);
        status = process_wait(pid);
        if (errors && lseek(p->errors, 0, SEEK_SET) == 0)
            read_all(p->errors, errors, LONGEST_COMPLAINT);
    }
    errno = failed ? failed : errno;
    return status;
}

int process_collect(const struct process *p, size_t most, struct buf *output, struct buf *errors)
{
    struct process told = *p;
    int ends[2], status = -1, trouble;

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    told.output = ends[1];
    told.errors = errors ? memfd_create("errors", MFD_CLOEXEC) : ends[1];
    if (told.errors >= 0)
        status = collect(&told, ends[0], most, output, errors);
    else
        close(ends[1]);
    trouble = errno;
    close(ends[0]);
    if (errors && told.errors >= 0)
        close(told.errors);
    errno = trouble;
    return status;
}
