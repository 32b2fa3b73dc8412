/* See worker_digest.h. */
#include "worker_digest.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct digest {
    struct sha256_ctx state;
};

struct digest *digest_new(void)
{
    struct digest *d = mem_new(1, sizeof *d);

    sha256_init(&d->state);
    return d;
}

void digest_add(struct digest *d, const void *bytes, size_t length)
{
    sha256_update(&d->state, length, bytes);
}

void digest_finish(struct digest *d, char hex[DIGEST_HEX])
{
    unsigned char bytes[SHA256_DIGEST_SIZE];

    sha256_digest(&d->state, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    free(d);
}

static bool older(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static int add_open(struct digest *d, int fd, const char *path, const struct timespec *since, struct err *e)
{
    char bytes[65536];
    struct stat s;
    uint64_t head[1];
    ssize_t n;

    if (fstat(fd, &s) || !S_ISREG(s.st_mode))
        return err_set(e, CM_WRONG, "%.200s, which is to be verified, is no regular file", path);
    if (older(&s.st_mtim, since))
        return err_set(e, CM_WRONG,
                       "%.200s, which is to be verified, is older than this execution: the program did not write it",
                       path);
    head[0] = (uint64_t)s.st_size;
    digest_add(d, path, strlen(path) + 1);
    digest_add(d, head, sizeof head);
    while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            digest_add(d, bytes, (size_t)n);
    return n ? err_set(e, CM_WRONG, "%.200s, which is to be verified, cannot be read: %s", path, strerror(errno)) : 0;
}

static int add_file(struct digest *d, const char *path, const struct timespec *since, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

    if (fd < 0)
        return err_set(e, CM_WRONG, "%.200s, which is to be verified, cannot be read: %s", path, strerror(errno));
    rc = add_open(d, fd, path, since, e);
    close(fd);
    return rc;
}

int digest_files(const char *pattern, const struct timespec *since, char hex[DIGEST_HEX], struct err *e)
{
    struct digest *d;
    glob_t found = {0};
    int rc = glob(pattern, GLOB_TILDE, NULL, &found);

    if (rc) {
        globfree(&found);
        return err_set(e, CM_WRONG, "no file matches %.200s, so there is nothing to verify", pattern);
    }
    d = digest_new();
    for (size_t i = 0; i < found.gl_pathc && !rc; i++)
        rc = add_file(d, found.gl_pathv[i], since, e);
    globfree(&found);
    digest_finish(d, hex);
    return rc;
}
