/*
 * The writer lock: an exclusive open-file-description lock on PATH.lock, held for the life of a writing handle. The kernel drops it
 * with the last descriptor, so a killed run leaves no lock behind, only a stale file that means nothing. The file is removed
 * on release; whoever locked a file that was removed meanwhile notices by its inode and starts over. Readers ask with F_OFD_GETLK,
 * which takes nothing, so that asking never gets in a writer's way.
 */
#include "store_internal.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { poll_ms = 20 };

static char *lock_path(const char *database)
{
    return mem_format("%s.lock", database);
}

static struct flock whole(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

/* Is the file behind `descriptor` still the one that `path` names? */
static bool current(int descriptor, const char *path)
{
    struct stat held, named;

    return !fstat(descriptor, &held) && !stat(path, &named) && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static int fail_open(const char *path, struct err *e)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return err_set(e, CM_INTERNAL, "%s cannot be created: the disk is full; free some space", path);
    return err_set(e, CM_INTERNAL,
                   "%s cannot be written (%s): make its folder and the file writable, or name another "
                   "database with --db",
                   path, strerror(errno));
}

/* 1 taken, 0 held by another, -1 error. */
static int try_lock(const char *path, int *descriptor, struct err *e)
{
    struct flock lock = whole(F_WRLCK);
    char owner[32];
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), length;

    if (fd < 0)
        return fail_open(path, e);
    if (fcntl(fd, F_OFD_SETLK, &lock)) {
        int why = errno;

        close(fd);
        if (why == EAGAIN || why == EACCES)
            return 0;
        return err_set(e, CM_INTERNAL, "%s cannot be locked (%s): put the database on a file system with locks", path,
                       strerror(why));
    }
    if (!current(fd, path)) {
        close(fd);
        return 0;
    }
    length = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || write(fd, owner, (size_t)length) != length) {
        /* the number only makes the other side's sentence clearer */
    }
    *descriptor = fd;
    return 1;
}

static long owner_of(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

static int fail_held(const char *path, const char *shown, struct err *e)
{
    long owner = owner_of(path);

    if (owner > 0)
        return err_set(e, CM_INTERNAL,
                       "%s is being written by another run (process %ld): wait until it has ended, or name another "
                       "database with --db",
                       shown, owner);
    return err_set(e, CM_INTERNAL,
                   "%s is being written by another run: wait until it has ended, or name another database with --db",
                   shown);
}

int lock_take(const char *database, const char *shown, int wait_ms, int *descriptor, struct err *e)
{
    const struct timespec pause = {.tv_nsec = poll_ms * 1000000L};
    int64_t end = clock_ns() + (int64_t)wait_ms * 1000000;
    char *path = lock_path(database);
    int result;

    while ((result = try_lock(path, descriptor, e)) == 0) {
        if (clock_ns() >= end && !(wait_ms == 0 && !lock_is_held(database))) {
            result = fail_held(path, shown, e);
            break;
        }
        nanosleep(&pause, NULL);
    }
    free(path);
    return result < 0 ? -1 : 0;
}

void lock_release(const char *database, int descriptor)
{
    char *path = lock_path(database);

    if (descriptor >= 0) {
        if (current(descriptor, path))
            unlink(path);
        close(descriptor);
    }
    free(path);
}

bool lock_is_held(const char *database)
{
    struct flock lock = whole(F_WRLCK);
    char *path = lock_path(database);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool held = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    free(path);
    return held;
}
