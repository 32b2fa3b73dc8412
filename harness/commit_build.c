/*
 * Builds a commit once: DB.builds/commits/ID holds its worktree (tree), what the build said (log), what became of it (outcome.json)
 * and a lock. See commit_build.h.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "commit_parts.h"
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_S 1800

/* One commit on its way. */
struct job {
    const struct config_build *config;
    const char *repository, *id;
    char *home, *base, *tree, *log;
};

static int begin(struct job *j, const char *database, struct err *e)
{
    if (strspn(j->id, "0123456789abcdef") != strlen(j->id) || strlen(j->id) < 40)
        return err_set(e, CM_INTERNAL, "'%.64s' is no commit's id", j->id);
    j->home = commit_home(database, e);
    if (!j->home)
        return -1;
    j->base = mem_format("%s/%s", j->home, j->id);
    j->tree = mem_format("%s/tree", j->base);
    j->log = mem_format("%s/log", j->base);
    return file_folder(j->base, e);
}

static void finish(struct job *j)
{
    free(j->home);
    free(j->base);
    free(j->tree);
    free(j->log);
}

static bool can_be_executed(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && access(path, X_OK) == 0;
}

static char *program_path(const struct job *j)
{
    const char *program = j->config->program;

    if (!program)
        return mem_copy(launch_self());
    return *program == '/' ? mem_copy(program) : mem_format("%s/%s", j->tree, program);
}

/* Nothing to do: it was built, and is all there, or is known not to build. */
static bool is_there(const struct job *j, struct commit_stamp *s)
{
    char *program = program_path(j);
    bool there;

    commit_stamp_read(j->base, j->config, s);
    there = s->known && (!s->built || (commit_tree_is(j->tree, j->id) && can_be_executed(program)));
    free(program);
    if (!there)
        commit_stamp_free(s);
    return there;
}

static int execute(const struct job *j, struct commit_stamp *s, struct err *e)
{
    static char shell[] = "sh", option[] = "-c";
    char *command = mem_copy(j->config->command), *argv[] = {shell, option, command, NULL};
    double limit = j->config->timeout_s;
    struct commit_end end;
    char words[60];
    struct commit_process p = {.program = "/bin/sh",
                               .argv = argv,
                               .folder = j->tree,
                               .log = j->log,
                               .timeout_s = limit > 0   ? limit
                                            : limit < 0 ? 0
                                                        : DEFAULT_TIMEOUT_S};
    int failed = commit_execute(&p, &end, e);

    free(command);
    if (failed)
        return -1;
    s->seconds += end.seconds;
    if (end.timed_out)
        s->reason =
            mem_format("the build did not end within %s", text_duration_words(p.timeout_s, words, sizeof words));
    else if (end.status)
        s->reason = commit_last_words(j->log);
    s->built = !s->reason;
    return 0;
}

/* Leaves a stamp, or nothing at all. */
static int build(const struct job *j, struct commit_stamp *s, struct err *e)
{
    char *program = program_path(j);
    int failed;

    commit_stamp_forget(j->base);
    *s = (struct commit_stamp){.known = true, .built = true};
    failed = file_replace(j->log, "", 0, e) || commit_tree_add(j->home, j->base, j->repository, j->id, e);
    if (!failed && j->config->command)
        failed = execute(j, s, e);
    if (!failed && s->built && !can_be_executed(program)) {
        s->built = false;
        s->reason = mem_format("the build made no program %s", j->config->program);
    }
    if (!failed)
        failed = commit_stamp_write(j->base, j->config, s, e);
    if (failed || !s->built) /* of a failed build its log is what matters */
        commit_tree_remove(j->base, j->repository);
    free(program);
    return failed ? -1 : 0;
}

/* The lock is held by others as long as they use what was built, and by one alone who builds. */
static int find_or_build(const struct job *j, struct commit_build *out, struct commit_stamp *s, struct err *e)
{
    if (commit_lock(j->base, false, true, &out->lock, e))
        return -1;
    out->cached = is_there(j, s);
    if (out->cached)
        return 0;
    if (commit_lock(j->base, true, true, &out->lock, e))
        return -1;
    out->cached = is_there(j, s); /* somebody else built it meanwhile */
    if (!out->cached && build(j, s, e))
        return -1;
    return commit_lock(j->base, false, true, &out->lock, e);
}

int commit_build(const char *database, const struct config *c, const char *repository, const struct commit *commit,
                 struct commit_build *out, struct err *e)
{
    struct job j = {.config = &c->build, .repository = repository, .id = commit->id};
    struct commit_stamp s = {0};
    int failed;

    *out = (struct commit_build){.lock = -1};
    failed = begin(&j, database, e) || find_or_build(&j, out, &s, e);
    if (!failed) {
        commit_stamp_touch(j.base);
        out->built = s.built;
        out->seconds = s.seconds;
        out->reason = mem_copy(s.reason ? s.reason : "");
        out->folder = mem_copy(j.tree);
        out->log = mem_copy(j.log);
        out->program = program_path(&j);
    }
    commit_stamp_free(&s);
    finish(&j);
    if (failed)
        commit_build_free(out);
    return failed ? -1 : 0;
}

int commit_build_known(const char *database, const struct config *c, const struct commit *commit)
{
    char *base = mem_format("%s.builds/commits/%s", database, commit->id);
    struct commit_stamp s;
    int known;

    commit_stamp_read(base, &c->build, &s);
    known = s.known ? s.built : s.other ? -2 : -1;
    commit_stamp_free(&s);
    free(base);
    return known;
}

int commit_build_forget(const char *database, const char *repository, const struct commit *commit, struct err *e)
{
    char *base = mem_format("%s.builds/commits/%s", database, commit->id), *real = realpath(base, NULL);
    int lock = -1, failed = 0;

    if (real) {
        failed = commit_lock(real, true, true, &lock, e);
        if (!failed) {
            commit_stamp_forget(real);
            commit_tree_remove(real, repository);
            close(lock);
        }
    }
    free(real);
    free(base);
    return failed;
}

void commit_build_free(struct commit_build *b)
{
    if (b->lock > 0)
        close(b->lock);
    free(b->folder);
    free(b->program);
    free(b->reason);
    free(b->log);
    *b = (struct commit_build){.lock = -1};
}
