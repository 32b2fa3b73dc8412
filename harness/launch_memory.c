/*
 * The memory of a launch, watched from outside. A limit on the address space would be exact but stops sanitizers and
 * GPU drivers, which reserve terabytes that they never touch; so resident memory is what counts.
 */
#include "base/clock.h"
#include "launch_process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small file of /proc into `text`; false if it is gone. */
static bool read_small(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    return n > 0;
}

static int64_t meminfo_total(void)
{
    char text[512];
    long long kib = 0;
    const char *at;

    if (read_small("/proc/meminfo", text, sizeof text) && (at = strstr(text, "MemTotal:")))
        kib = strtoll(at + 9, NULL, 10);
    return kib * 1024;
}

/* The least memory.max on the way from our control group (version 2) to the top; 0 without a limit. */
static int64_t group_limit(void)
{
    char group[1024], path[1200], text[64], *line;
    int64_t least = 0;

    if (!read_small("/proc/self/cgroup", group, sizeof group) || strncmp(group, "0::/", 4))
        return 0;
    line = group + 3;
    line[strcspn(line, "\n")] = 0;
    for (;;) {
        int64_t bytes;

        snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", line);
        if (read_small(path, text, sizeof text) && isdigit((unsigned char)*text)) {
            bytes = strtoll(text, NULL, 10);
            if (bytes > 0 && (!least || bytes < least))
                least = bytes;
        }
        if (!*line)
            return least;
        *strrchr(line, '/') = 0;
    }
}

int64_t launch_memory_total(void)
{
    static int64_t total;

    if (!total) {
        int64_t limit = group_limit();

        total = meminfo_total();
        if (limit && (!total || limit < total))
            total = limit;
    }
    return total;
}

/* Resident bytes of one process; `own` alone leaves out pages shared with files and other processes. */
static int64_t resident(pid_t pid, bool own)
{
    char path[64], text[128], *at;
    long long pages, shared;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if (!read_small(path, text, sizeof text))
        return 0;
    strtoll(text, &at, 10); /* the address space */
    pages = strtoll(at, &at, 10);
    shared = strtoll(at, &at, 10);
    return (pages - (own ? shared : 0)) * sysconf(_SC_PAGESIZE);
}

/* Resident bytes where a page shared by n processes counts 1/n for each: exact, and dear. */
static int64_t proportional(pid_t pid)
{
    char path[64], text[1024];
    const char *at;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    if (!read_small(path, text, sizeof text) || !(at = strstr(text, "\nPss:")))
        return resident(pid, true);
    return strtoll(at + 5, NULL, 10) * 1024;
}

static bool in_group(pid_t pid, pid_t group)
{
    char path[64], text[512], *after;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!read_small(path, text, sizeof text) || !(after = strrchr(text, ')')))
        return false;
    /* ") S PARENT GROUP ..." */
    if (strlen(after) < 4)
        return false;
    strtol(after + 3, &after, 10);
    return strtol(after, NULL, 10) == group;
}

/* Sum of `measure` over the members of the group, its leader left out. */
static int64_t walk(pid_t group, int64_t (*measure)(pid_t))
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int64_t sum = 0;

    while (proc && (entry = readdir(proc))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && pid != group && in_group(pid, group))
            sum += measure(pid);
    }
    if (proc)
        closedir(proc);
    return sum;
}

static int64_t own_resident(pid_t pid)
{
    return resident(pid, true);
}

int64_t launch_memory_over(struct launch_memory *m)
{
    int64_t now = clock_ns(), leader = resident(m->group, false), used;

    if (now >= m->next_walk) {
        m->others = walk(m->group, own_resident);
        /* At most a 200th of the time goes into walking. */
        m->next_walk = clock_ns() + 100000000 + 200 * (clock_ns() - now);
    }
    if (leader + m->others <= m->limit)
        return 0;
    /* Pages that children share with the leader were counted more than once: look closely before killing. */
    used = m->others ? proportional(m->group) + walk(m->group, proportional) : leader;
    return used > m->limit ? used : 0;
}
