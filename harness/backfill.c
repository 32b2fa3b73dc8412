/* The loop of a backfill: which commit, its build, its run, its outcome. See backfill.h. */
#include "backfill.h"

#include "backfill_parts.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "git.h"
#include "host.h"
#include "launch.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MOST_TROUBLE 2 /* one commit after the other: then it is not the commits */

static int check_range(const char *range, struct err *e)
{
    const char *dots = strstr(range, "..");

    if (!dots || dots[2] == '.' || *range == '-' || dots[2] == '-' || strstr(dots + 2, ".."))
        return err_set(
            e, CM_USAGE,
            "backfill takes a range of commits, REV..REV, such as v1.0..main, not '%.100s': the commits after the "
            "first, up to the second",
            range);
    return 0;
}

static int read_commits(struct backfill *b, struct err *e)
{
    const struct backfill_request *q = b->q;
    size_t every = q->every ? q->every : 1;

    if (check_range(q->range, e) || commits_in(q->repository, q->range, &b->commits, e))
        return -1;
    if (!b->commits.count)
        return err_set(e, CM_NOTHING, "there is no commit in %.100s: is the range the wrong way round?", q->range);
    b->wanted = mem_new(b->commits.count, sizeof *b->wanted);
    for (size_t i = 0; i < b->commits.count; i++)
        if ((b->commits.count - 1 - i) % every == 0)
            b->wanted[b->count++] = i;
    b->done = mem_new(b->count, sizeof *b->done);
    b->out->wanted = b->count;
    b->branch = backfill_branch(q->repository, q->range);
    return 0;
}

/* The words may name the machine themselves. */
static const char *machine_in(const struct backfill_request *q)
{
    const char *name = q->machine;

    for (size_t i = 0; i < q->word_count && strcmp(q->words[i], "--") != 0; i++) {
        if (text_starts(q->words[i], "--machine="))
            name = q->words[i] + strlen("--machine=");
        else if (!strcmp(q->words[i], "--machine") && i + 1 < q->word_count)
            name = q->words[i + 1];
    }
    return name ? name : q->config->machine;
}

static int read_machine(struct backfill *b, struct err *e)
{
    struct host h;

    if (host_read(&h, machine_in(b->q), b->q->config->machine_class, NULL, e))
        return -1;
    b->machine = mem_copy(h.machine_name);
    host_free(&h);
    return 0;
}

/* Two at a time would measure each other. */
static int lock_home(struct backfill *b, struct err *e)
{
    char *path = mem_format("%s/backfill.lock", b->home);
    int failed = 0;

    b->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (b->lock < 0)
        failed = err_set(e, CM_INTERNAL, "%s cannot be written: %s", path, strerror(errno));
    else if (flock(b->lock, LOCK_EX | LOCK_NB))
        failed =
            err_set(e, CM_USAGE, "another backfill fills %s: two at a time would disturb each other", b->q->database);
    free(path);
    return failed;
}

static int set_up(struct backfill *b, struct err *e)
{
    const struct backfill_request *q = b->q;

    b->words = run_quote((int)q->word_count, q->words);
    b->direct = !q->config->build.program;
    if (read_commits(b, e) || read_machine(b, e))
        return -1;
    b->home = commit_home(q->database, e);
    if (!b->home || lock_home(b, e) || backfill_store_places(b, e))
        return -1;
    b->database = realpath(q->database, NULL);
    if (!b->database)
        return err_set(e, CM_INTERNAL, "%s cannot be found: %s", q->database, strerror(errno));
    if (backfill_read_done(b, e))
        return -1;
    for (size_t i = 0; i < b->count; i++)
        b->out->before += b->done[i];
    backfill_forget_scratch(b); /* of one that was killed */
    return 0;
}

static void tear_down(struct backfill *b)
{
    if (b->database)
        backfill_forget_scratch(b);
    if (b->lock >= 0)
        close(b->lock);
    commits_free(&b->commits);
    free(b->database);
    free(b->home);
    free(b->branch);
    free(b->machine);
    free(b->words);
    free(b->wanted);
    free(b->done);
    free(b->costs);
}

/* Could the words lead to something else in another commit? */
static bool measures_something_else(const struct backfill *b)
{
    for (size_t i = 0; i < b->q->word_count; i++)
        if (!strcmp(b->q->words[i], "--") || strstr(b->q->words[i], "fake:"))
            return true;
    return !b->direct;
}

/* Seconds of a commit more: some will not build, as some before did not. 0: not known before one was measured. */
static double expected(const struct backfill *b)
{
    double measured = (double)b->out->measured;

    if (!b->cost_count)
        return 0;
    return (stats_median(b->costs, b->cost_count) * (measured + 1) + b->failed_s) / (measured + 1 + (double)b->failed);
}

/* "about 3 min left": what `left` commits will take, if that can be said. */
static const char *left_words(const struct backfill *b, size_t left, char *out, size_t size)
{
    double seconds = expected(b) * (double)left;
    char time[40];

    if (!left)
        snprintf(out, size, "%s", "");
    else if (!b->cost_count)
        snprintf(out, size, "; how long the rest takes is known when one is measured");
    else
        snprintf(out, size, "; about %s left", text_duration_words(seconds < 1 ? 1 : seconds, time, sizeof time));
    return out;
}

static void announce(const struct backfill *b)
{
    static const char *const words[] = {"status", "--porcelain", "--untracked-files=no", NULL};
    char *changed = git_ask(b->q->repository, words, NULL), rest[80];

    log_note("%zu commit%s in %s%s%s: %zu done before, %zu to do, those that tell most first%s", b->count,
             text_plural(b->count, "s"), b->q->range, *b->branch ? " on " : "", b->branch, b->out->before,
             b->count - b->out->before,
             b->cost_count ? left_words(b, b->count - b->out->before, rest, sizeof rest) : "");
    if (changed && *changed)
        log_note("what is not committed is not measured");
    if (!measures_something_else(b))
        log_warning("every commit is measured by this same program: `build: program:` names the one that each commit "
                    "builds, and a command of yours stands behind --");
    free(changed);
}

static void tell(const struct backfill *b, const struct commit *c, const char *what, const char *reason)
{
    const struct backfill_outcome *o = b->out;
    size_t tried = o->measured + o->unbuildable + o->unrunnable + o->troubled;
    size_t left = b->count - o->before - tried;
    char rest[80];

    log_note("[%zu of %zu] %.7s %.60s: %s%s%s%s", o->before + tried, b->count, c->id, c->subject, what,
             reason && *reason ? ": " : "", reason ? reason : "", left_words(b, left, rest, sizeof rest));
}

static int remember_unrunnable(const struct backfill *b, const struct commit *c, bool unrunnable, struct err *e)
{
    char *path = backfill_unrunnable_path(b, c->id);
    int failed = 0;

    if (unrunnable)
        failed = file_replace(path, b->words, strlen(b->words), e);
    else
        unlink(path);
    free(path);
    return failed;
}

static int settle(struct backfill *b, const struct commit *c, enum backfill_result result, const char *reason,
                  struct err *e)
{
    static const char *const statuses[] = {"measured", "unbuildable", "unrunnable"};
    struct backfill_outcome *o = b->out;
    size_t *const counts[] = {&o->measured, &o->unbuildable, &o->unrunnable, &o->troubled};

    ++*counts[result];
    b->measured_before |= result == BACKFILL_MEASURED;
    if (result == BACKFILL_TROUBLE)
        return 0;
    return backfill_store_outcome(b, c, statuses[result], reason, e) ||
                   remember_unrunnable(b, c, result == BACKFILL_UNRUNNABLE, e)
               ? -1
               : 0;
}

/* Builds, and measures what could be built. */
static int try_commit(struct backfill *b, const struct commit *c, enum backfill_result *result, char **reason,
                      struct err *e)
{
    struct commit_build built;
    int failed;

    if (b->q->again && commit_build_known(b->database, b->q->config, c) == 0 &&
        commit_build_forget(b->database, b->q->repository, c, e))
        return -1;
    if (commit_build(b->database, b->q->config, b->q->repository, c, &built, e))
        return -1;
    if (built.built) {
        failed = backfill_measure(b, c, &built, result, reason, e);
    } else {
        *result = BACKFILL_UNBUILDABLE;
        *reason = mem_copy(built.reason);
        failed = 0;
    }
    commit_build_free(&built);
    return failed;
}

static void note_cost(struct backfill *b, enum backfill_result result, double seconds)
{
    if (result == BACKFILL_MEASURED) {
        VEC_ROOM(b->costs, b->cost_count, b->cost_capacity);
        b->costs[b->cost_count++] = seconds;
    } else {
        b->failed_s += seconds;
        b->failed++;
    }
}

/* `trouble` counts those in a row that say nothing about their commit. */
static int do_commit(struct backfill *b, const struct commit *c, size_t *trouble, struct err *e)
{
    static const char *const said[] = {"measured", "does not build", "cannot be measured", "left out for now"};
    int64_t before = clock_ns();
    enum backfill_result result = BACKFILL_TROUBLE;
    struct err why = {0};
    char *reason = NULL;
    int failed = 0;

    if (try_commit(b, c, &result, &reason, &why)) {
        if (why.code != CM_INTERNAL) /* interrupted, or a mistake in the words */
            failed = err_set(e, (enum exit_code)why.code, "%s", why.text);
        result = BACKFILL_TROUBLE;
        free(reason);
        reason = mem_copy(why.text);
    }
    note_cost(b, result, (double)(clock_ns() - before) / 1e9);
    *trouble = result == BACKFILL_TROUBLE ? *trouble + 1 : 0;
    if (!failed)
        failed = settle(b, c, result, reason, e);
    if (!failed)
        tell(b, c, said[result], reason);
    if (!failed && *trouble >= MOST_TROUBLE)
        failed = err_set(e, CM_INTERNAL, "%zu commits in a row could not be measured: %s", *trouble, reason);
    free(reason);
    return failed;
}

static int loop(struct backfill *b, struct err *e)
{
    int64_t began = clock_ns();
    size_t i, tried = 0, trouble = 0;
    int failed = 0;

    while (!failed && (i = backfill_next(b->done, b->count)) < b->count) {
        b->out->seconds = (double)(clock_ns() - began) / 1e9;
        if (b->q->budget_s > 0 && tried++ && b->out->seconds + expected(b) > b->q->budget_s)
            break;
        if (launch_interrupted())
            return err_set(e, CM_INTERRUPTED, "interrupted");
        b->done[i] = true;
        failed = do_commit(b, &b->commits.items[b->wanted[i]], &trouble, e);
    }
    b->out->seconds = (double)(clock_ns() - began) / 1e9;
    return failed;
}

int backfill_run(const struct backfill_request *q, struct backfill_outcome *out, struct err *e)
{
    struct backfill b = {.q = q, .out = out, .lock = -1};
    int failed;

    *out = (struct backfill_outcome){0};
    launch_catch_signals(true);
    failed = set_up(&b, e);
    if (!failed) {
        announce(&b);
        failed = loop(&b, e);
        out->left = out->wanted - out->before - out->measured - out->unbuildable - out->unrunnable - out->troubled;
    }
    launch_catch_signals(false);
    tear_down(&b);
    return failed;
}
