/*
 * Which commit is measured, asked of git itself and without a shell. Outside a repository, or without git, the
 * answers are empty: results can be stored all the same.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "git.h"
#include "host_parts.h"
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE "."

/* Changes in files that a build could have picked up without being told. */
static const char source_names[] = "*.c,*.h,*.cu,*.cuh,*.cc,*.cpp,*.cxx,*.hpp,*.rs,*.go,*.f90,*.s,*.S,Makefile,*.mk";

/* Hash, parents, time and subject from four lines. */
static void take_commit(struct host *h, char *text)
{
    char *rest = text, *hash = strsep(&rest, "\n"), *parents = strsep(&rest, "\n"), *time = strsep(&rest, "\n"),
         *subject = strsep(&rest, "\n");

    if (!hash || !parents || !time || strspn(hash, "0123456789abcdef") != strlen(hash))
        return;
    h->commit = mem_copy(hash);
    h->parents = mem_copy(parents);
    h->commit_time = strtoll(time, NULL, 10);
    h->subject = mem_copy(subject ? subject : "");
}

/* A checkout of a commit instead of a branch is what build services, and backfill, make; they tell the branch beside it. */
static char *branch_of(const char *folder)
{
    static const char *const command[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    static const char *const told[] = {
        HOST_BRANCH,  "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
        "BRANCH_NAME"};
    char *branch = git_ask(folder, command, NULL);

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
    char *list = git_ask(folder, command, NULL), *rest = list, *line;
    bool dirty = !list;

    while (!dirty && rest && (line = strsep(&rest, "\n"))) {
        const char *slash = strrchr(line, '/'), *name = slash ? slash + 1 : strlen(line) > 3 ? line + 3 : "";

        if (*line)
            dirty = strncmp(line, "??", 2) || text_glob(source_names, name);
    }
    free(list);
    return dirty;
}

static bool from_folder(struct host *h, const char *folder)
{
    static const char *const command[] = {"log", "-1", "--format=%H%n%P%n%ct%n%s", NULL};
    char *complaint = NULL, *text = git_ask(folder, command, &complaint);

    if (text)
        take_commit(h, text);
    else if (!strstr(complaint, "not a git repository") && !strstr(complaint, "does not have any commits") &&
             !strstr(complaint, "git cannot be started"))
        log_warning("the commit is not known: git says: %s", complaint);
    free(complaint);
    free(text);
    if (!h->commit)
        return false;
    h->repository = mem_copy(folder);
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
    if (!from_folder(h, HERE) && slash && *program)
        from_folder(h, program);
    free(program);
    if (!h->commit)
        h->commit = mem_copy("");
    if (!h->branch)
        h->branch = mem_copy("");
    if (!h->subject)
        h->subject = mem_copy("");
}

void host_forget_own_commit(struct host *h)
{
    if (!h->repository || !strcmp(h->repository, HERE))
        return;
    free(h->repository);
    free(h->parents);
    h->repository = h->parents = NULL;
    *h->commit = *h->branch = *h->subject = '\0';
    h->commit_time = 0;
    h->dirty = false;
}
