/*
 * Which commit is measured, asked of git itself and without a shell. Outside a repository, or without git, the
 * answers are empty: results can be stored all the same.
 */
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "host_parts.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_ANSWER (4 << 20)

/* Changes in files that a build could have picked up without being told. */
static const char source_names[] = "*.c,*.h,*.cu,*.cuh,*.cc,*.cpp,*.cxx,*.hpp,*.rs,*.go,*.f90,*.s,*.S,Makefile,*.mk";

struct ends {
    int answer[2], complaint[2];
};

static pid_t start_git(char *const *argv, const struct ends *ends)
{
    posix_spawn_file_actions_t files;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends->answer[1], 1);
    posix_spawn_file_actions_adddup2(&files, ends->complaint[1], 2);
    if (posix_spawnp(&pid, "git", &files, NULL, argv, environ))
        pid = -1;
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

static void read_all(int fd, struct buf *b)
{
    char bytes[8192];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0 && b->length < LONGEST_ANSWER)
            buf_add_n(b, bytes, (size_t)n);
}

/* git's exit status, or -1 if it could not be started. Complaints are short: a pipe holds them until the answer is
 * read. */
static int run_git(char *const *argv, struct buf *answer, struct buf *complaint)
{
    struct ends ends;
    int status = -1;
    pid_t pid;

    if (pipe2(ends.answer, O_CLOEXEC))
        return -1;
    if (pipe2(ends.complaint, O_CLOEXEC)) {
        close(ends.answer[0]);
        close(ends.answer[1]);
        return -1;
    }
    pid = start_git(argv, &ends);
    close(ends.answer[1]);
    close(ends.complaint[1]);
    if (pid > 0) {
        read_all(ends.answer[0], answer);
        read_all(ends.complaint[0], complaint);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    close(ends.answer[0]);
    close(ends.complaint[0]);
    return status;
}

/* `git -C folder --no-optional-locks WORDS`: the answer, free(), or NULL. */
static char *git(const char *folder, const char *const *words, struct buf *complaint)
{
    char *argv[16];
    struct buf answer = {0};
    size_t n = 0, made;
    int status;

    argv[n++] = mem_copy("git");
    argv[n++] = mem_copy("-C");
    argv[n++] = mem_copy(folder);
    argv[n++] = mem_copy("--no-optional-locks");
    for (; *words && n < 15; words++)
        argv[n++] = mem_copy(*words);
    made = n;
    argv[n] = NULL;
    status = run_git(argv, &answer, complaint);
    for (size_t i = 0; i < made; i++)
        free(argv[i]);
    if (!status)
        return answer.text ? buf_take(&answer) : mem_copy("");
    buf_free(&answer);
    return NULL;
}

/* Hash, time and subject from three lines. */
static void take_commit(struct host *h, char *text)
{
    char *rest = text, *hash = strsep(&rest, "\n"), *time = strsep(&rest, "\n"), *subject = strsep(&rest, "\n");

    if (!hash || !time || strspn(hash, "0123456789abcdef") != strlen(hash))
        return;
    h->commit = mem_copy(hash);
    h->commit_time = strtoll(time, NULL, 10);
    h->subject = mem_copy(subject ? subject : "");
}

/* A checkout of a commit instead of a branch is what build services make; they tell the branch beside it. */
static char *branch_of(const char *folder)
{
    static const char *const command[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    static const char *const told[] = {"GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_BRANCH", "BRANCH_NAME"};
    struct buf complaint = {0};
    char *branch = git(folder, command, &complaint);

    buf_free(&complaint);
    if (branch)
        branch[strcspn(branch, "\n")] = 0;
    for (size_t i = 0; !branch && i < sizeof told / sizeof *told; i++) {
        const char *value = getenv(told[i]);

        if (value && *value)
            branch = mem_copy(value);
    }
    return branch ? branch : mem_copy("");
}

/* A changed tracked file, or a new source file: a database or a report lying about is no change. */
static bool is_dirty(const char *folder)
{
    static const char *const command[] = {"status", "--porcelain", "--untracked-files=all", NULL};
    struct buf complaint = {0};
    char *list = git(folder, command, &complaint), *rest = list, *line;
    bool dirty = !list;

    while (!dirty && rest && (line = strsep(&rest, "\n"))) {
        const char *slash = strrchr(line, '/'), *name = slash ? slash + 1 : strlen(line) > 3 ? line + 3 : "";

        if (*line)
            dirty = strncmp(line, "??", 2) || text_glob(source_names, name);
    }
    buf_free(&complaint);
    free(list);
    return dirty;
}

static bool from_folder(struct host *h, const char *folder)
{
    static const char *const command[] = {"log", "-1", "--format=%H%n%ct%n%s", NULL};
    struct buf complaint = {0};
    char *text = git(folder, command, &complaint);

    if (text)
        take_commit(h, text);
    else if (complaint.text && !strstr(complaint.text, "not a git repository") &&
             !strstr(complaint.text, "does not have any commits"))
        log_warning("the commit is not known: git says: %.*s", (int)strcspn(complaint.text, "\n"), complaint.text);
    buf_free(&complaint);
    free(text);
    if (!h->commit)
        return false;
    h->branch = branch_of(folder);
    h->dirty = is_dirty(folder);
    return true;
}

void host_gather_commit(struct host *h)
{
    char *program = mem_copy(launch_self()), *slash = strrchr(program, '/');

    if (slash)
        *slash = 0;
    /* A user's own repository first: it is what they measure. */
    if (!from_folder(h, ".") && slash && *program)
        from_folder(h, program);
    free(program);
    if (!h->commit)
        h->commit = mem_copy("");
    if (!h->branch)
        h->branch = mem_copy("");
    if (!h->subject)
        h->subject = mem_copy("");
}
