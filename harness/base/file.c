/* See file.h. */
#include "file.h"
#include "mem.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(struct err *e, const char *what, const char *path)
{
    return err_set(e, CM_INTERNAL, "cannot %s %s: %s", what, path, strerror(errno));
}

char *file_read(const char *path, size_t *length, struct err *e)
{
    size_t used = 0, capacity = 0;
    char *text = NULL;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        failed(e, "read", path);
        return NULL;
    }
    /* Files of /proc and /sys have no size beforehand: read until the end. */
    do {
        if (capacity - used < 2) {
            capacity = capacity ? 2 * capacity : 4096;
            text = mem_grow(text, capacity, 1);
        }
        got = read(fd, text + used, capacity - used - 1);
        if (got > 0)
            used += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0) {
        failed(e, "read", path);
        free(text);
        close(fd);
        return NULL;
    }
    close(fd);
    text[used] = '\0';
    if (length)
        *length = used;
    return text;
}

enum { LANES = 4 };

static uint64_t stir(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash << 31 | hash >> 33;
}

/* Word by word in lanes that do not wait for each other: a byte at a time takes longer than all else that a command does. */
static uint64_t hash_of(const unsigned char *bytes, size_t length)
{
    uint64_t lanes[LANES] = {1, 2, 3, 4}, word, hash = length;
    size_t i = 0;

    for (; i + sizeof lanes <= length; i += sizeof lanes)
        for (size_t k = 0; k < LANES; k++) {
            memcpy(&word, bytes + i + k * sizeof word, sizeof word);
            lanes[k] = stir(lanes[k], word);
        }
    for (size_t k = 0; k < LANES; k++)
        hash = stir(hash, lanes[k]);
    hash = stir(hash, text_hash(bytes + i, length - i, 0));
    return stir(hash, hash >> 32);
}

int file_hash(const char *path, uint64_t *hash, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *bytes;

    if (fd < 0 || fstat(fd, &st)) {
        failed(e, "read", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    bytes = st.st_size > 0 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (bytes == MAP_FAILED)
        return failed(e, "read", path);
    *hash = hash_of(bytes ? bytes : "", (size_t)st.st_size);
    if (bytes)
        munmap(bytes, (size_t)st.st_size);
    return 0;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        bytes += done;
        length -= (size_t)done;
    }
    return 0;
}

static int replace(const char *path, const void *bytes, size_t length, mode_t mode, struct err *e)
{
    char *temporary = mem_format("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC), result = -1;

    if (fd < 0) {
        failed(e, "write", path);
        free(temporary);
        return -1;
    }
    if (write_all(fd, bytes, length) || fchmod(fd, mode))
        failed(e, "write", path);
    else
        result = 0;
    /* close reports late write errors on some file systems */
    if (close(fd) && !result)
        result = failed(e, "write", path);
    if (!result && rename(temporary, path))
        result = failed(e, "write", path);
    if (result)
        unlink(temporary);
    free(temporary);
    return result;
}

int file_replace(const char *path, const void *bytes, size_t length, struct err *e)
{
    return replace(path, bytes, length, 0644, e);
}

int file_folder(const char *path, struct err *e)
{
    char *partial = mem_copy(path);
    int result = 0;

    for (char *slash = partial + 1; *partial && !result; slash++) {
        char kept = *slash;

        if (kept != '/' && kept != '\0')
            continue;
        *slash = '\0';
        if (mkdir(partial, 0777) && errno != EEXIST)
            result = failed(e, "create folder", partial);
        *slash = kept;
        if (!kept)
            break;
    }
    free(partial);
    return result;
}

bool file_exists(const char *path)
{
    struct stat s;

    return !stat(path, &s);
}

int file_copy(const char *from, const char *to, struct err *e)
{
    struct stat s;
    size_t length;
    char *bytes;
    int result;

    if (stat(from, &s))
        return failed(e, "read", from);
    bytes = file_read(from, &length, e);
    if (!bytes)
        return -1;
    result = replace(to, bytes, length, s.st_mode & 0777, e);
    free(bytes);
    return result;
}

/* Folders that nobody may write, as caches of modules are: nothing in them could be removed. */
static int open_folder(const char *path, const struct stat *s, int kind, struct FTW *where)
{
    (void)where;
    if (kind == FTW_D || kind == FTW_DNR)
        chmod(path, s->st_mode | S_IRWXU);
    return 0;
}

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *where)
{
    (void)s;
    (void)kind;
    (void)where;
    remove(path);
    return 0;
}

int file_remove_all(const char *path)
{
    nftw(path, open_folder, 16, FTW_PHYS);
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return file_exists(path) ? -1 : 0;
}

static bool is_program(const char *path)
{
    struct stat s;

    if (stat(path, &s) || access(path, X_OK))
        return false;
    errno = S_ISREG(s.st_mode) ? 0 : EACCES;
    return !errno;
}

char *file_find_program(const char *name)
{
    const char *path = getenv("PATH");
    size_t count;
    char **folders, *found = NULL;

    if (strchr(name, '/'))
        return is_program(name) ? mem_copy(name) : NULL;
    folders = text_split(path ? path : "/usr/bin:/bin", ':', &count);
    for (size_t i = 0; i < count && *name && !found; i++) {
        char *file = mem_format("%s/%s", *folders[i] ? folders[i] : ".", name);

        if (is_program(file))
            found = file;
        else
            free(file);
    }
    free(folders);
    return found;
}
