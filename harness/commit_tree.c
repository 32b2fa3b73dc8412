/*
 * Worktrees of commits, side by side in one folder: DB.builds/commits/ID/tree. Those that were used longest ago make room where the
 * disk fills up. Each has a lock, so that nothing is removed while somebody measures in it.
 */
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "commit_parts.h"
#include "git.h"
#include "launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MOST_TREES 64
#define LEAST_FREE_SHARE 0.1          /* of the disk ... */
#define LEAST_FREE_BYTES (2ull << 30) /* ... or so much, whichever is less */

char *commit_home(const char *database, struct err *e)
{
    char *folder = mem_format("%s.builds/commits", database), *home = NULL;

    if (!file_folder(folder, e)) {
        home = realpath(folder, NULL);
        if (!home)
            err_set(e, CM_INTERNAL, "the folder %s cannot be used: %s", folder, strerror(errno));
    }
    free(folder);
    return home;
}

int commit_lock(const char *base, bool alone, bool wait, int *descriptor, struct err *e)
{
    char *path = mem_format("%s/lock", base);
    int result = 0, fd = *descriptor >= 0 ? *descriptor : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        result = err_set(e, CM_INTERNAL, "%s cannot be written: %s", path, strerror(errno));
    while (!result && flock(fd, (alone ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB))) {
        if (errno != EINTR)
            result = err_set(e, CM_INTERNAL, "%s cannot be locked: %s", path, strerror(errno));
        else if (launch_interrupted())
            result = err_set(e, CM_INTERRUPTED, "interrupted");
    }
    free(path);
    if (result && fd >= 0)
        close(fd);
    *descriptor = result ? -1 : fd;
    return result;
}

bool commit_tree_is(const char *tree, const char *id)
{
    char *own = mem_format("--git-dir=%s/.git", tree), *answer;
    const char *const words[] = {own, "rev-parse", "HEAD", NULL};
    bool same;

    answer = file_exists(tree) ? git_ask(tree, words, NULL) : NULL;
    if (answer)
        answer[strcspn(answer, "\n")] = 0;
    same = answer && !strcmp(answer, id);
    free(answer);
    free(own);
    return same;
}

void commit_tree_remove(const char *base, const char *repository)
{
    char *tree = mem_format("%s/tree", base);
    const char *const words[] = {"worktree", "remove", "--force", "--force", tree, NULL};
    char *said = git_ask(repository, words, NULL);

    free(said);
    /* Not a worktree of this repository, or only half of one, or git cannot. */
    if (file_exists(tree) && file_remove_all(tree))
        log_warning("%s could not be removed", tree);
    free(tree);
}

/* The worktree that was used longest ago, and how many there are. */
struct oldest {
    char *base;
    struct timespec used;
    size_t count;
};

static void look_at(const char *home, const char *name, struct oldest *o)
{
    char *base = mem_format("%s/%s", home, name), *tree = mem_format("%s/tree", base),
         *stamp = mem_format("%s/outcome.json", base);
    struct stat s;

    if (file_exists(tree)) {
        o->count++;
        if (stat(stamp, &s) && stat(tree, &s))
            s.st_mtim = (struct timespec){0};
        if (!o->base || s.st_mtim.tv_sec < o->used.tv_sec ||
            (s.st_mtim.tv_sec == o->used.tv_sec && s.st_mtim.tv_nsec < o->used.tv_nsec)) {
            free(o->base);
            o->base = mem_copy(base);
            o->used = s.st_mtim;
        }
    }
    free(base);
    free(tree);
    free(stamp);
}

static struct oldest find_oldest(const char *home, const char *const *passed, size_t passed_count)
{
    struct oldest o = {0};
    DIR *d = opendir(home);
    const struct dirent *entry;

    while (d && (entry = readdir(d))) {
        bool skip = entry->d_name[0] == '.';

        for (size_t i = 0; i < passed_count && !skip; i++) {
            const char *slash = strrchr(passed[i], '/');

            skip = slash && !strcmp(slash + 1, entry->d_name);
        }
        if (!skip)
            look_at(home, entry->d_name, &o);
    }
    if (d)
        closedir(d);
    return o;
}

static bool disk_is_full(const char *home)
{
    struct statvfs v;
    double free_bytes, all;

    if (statvfs(home, &v))
        return false;
    free_bytes = (double)v.f_bavail * (double)v.f_frsize;
    all = (double)v.f_blocks * (double)v.f_frsize;
    return free_bytes < (double)LEAST_FREE_BYTES && free_bytes < LEAST_FREE_SHARE * all;
}

/* Trees that somebody works in stay. */
static void make_room(const char *home, const char *repository)
{
    const char *busy[MOST_TREES];
    size_t count = 0;

    for (;;) {
        struct oldest o = find_oldest(home, busy, count);
        int lock = -1;

        if (!o.base || (o.count + count < MOST_TREES && !disk_is_full(home)) || count == MOST_TREES) {
            free(o.base);
            break;
        }
        if (commit_lock(o.base, true, false, &lock, NULL)) {
            busy[count++] = o.base;
            continue;
        }
        commit_tree_remove(o.base, repository);
        commit_stamp_forget(o.base);
        close(lock);
        free(o.base);
    }
    while (count)
        free((char *)busy[--count]);
}

int commit_tree_add(const char *home, const char *base, const char *repository, const char *id, struct err *e)
{
    char *tree = mem_format("%s/tree", base), *complaint = NULL, *said;
    /* The user's hooks are for the user's own work; what is checked out is told by its id alone. */
    const char *const words[] = {"-c",       "core.hooksPath=/dev/null",
                                 "-c",       "advice.detachedHead=false",
                                 "worktree", "add",
                                 "--force",  "--detach",
                                 tree,       id,
                                 NULL};

    make_room(home, repository);
    if (file_exists(tree))
        commit_tree_remove(base, repository);
    said = git_ask(repository, words, &complaint);
    if (!said && launch_interrupted())
        err_set(e, CM_INTERRUPTED, "interrupted");
    else if (!said)
        err_set(e, CM_INTERNAL, "commit %.12s cannot be checked out in %s: %s", id, tree, complaint);
    free(complaint);
    free(tree);
    if (!said)
        return -1;
    free(said);
    return 0;
}
