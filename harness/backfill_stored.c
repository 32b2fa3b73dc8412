/*
 * What a backfill knows from the database and leaves there. A commit is measured if a complete run of a clean build of it, on this
 * machine, was asked for with the same words: other words measure other things.
 */
#include "../db/commit.h"
#include "../db/store.h"
#include "backfill_parts.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "git.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* Where results go is no part of what is measured. */
static bool is_aside(const char *word)
{
    return !strcmp(word, "--db") || !strcmp(word, "--progress") || !strcmp(word, "--machine");
}

/* "countermark run --db X --machine M -k triad" -> "-k triad"; free(). NULL if it is no such line. */
static char *work_of(const char *arguments)
{
    size_t count, first = 2;
    char **words = run_unquote(arguments, &count), *rest = NULL;

    if (words && count >= 2 && !strcmp(words[0], "countermark") && !strcmp(words[1], "run")) {
        while (first + 1 < count && is_aside(words[first]))
            first += 2;
        rest = run_quote((int)(count - first), words + first);
    }
    free(words);
    return rest;
}

static size_t find(const struct backfill *b, const char *id)
{
    for (size_t i = 0; i < b->count; i++)
        if (!strcmp(b->commits.items[b->wanted[i]].id, id))
            return i;
    return b->count;
}

/* What measuring this commit took, its build included. */
static void remember_cost(struct backfill *b, const char *id, double run_s)
{
    char *base = mem_format("%s/%s", b->home, id);
    struct commit_stamp stamp;

    commit_stamp_read(base, &b->q->config->build, &stamp);
    VEC_ROOM(b->costs, b->cost_count, b->cost_capacity);
    b->costs[b->cost_count++] = run_s + (stamp.known ? stamp.seconds : 0);
    commit_stamp_free(&stamp);
    free(base);
}

static int take_run(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct backfill *b = user;
    char *work = c[1].text ? work_of(c[1].text) : NULL;
    size_t i = c[0].text && work && !strcmp(work, b->words) ? find(b, c[0].text) : b->count;

    (void)count;
    (void)e;
    if (i < b->count) {
        remember_cost(b, c[0].text, c[2].number);
        if (!b->q->again)
            b->done[i] = b->measured_before = true;
    }
    free(work);
    return 0;
}

char *backfill_unrunnable_path(const struct backfill *b, const char *id)
{
    return mem_format("%s/%s/unrunnable", b->home, id);
}

static bool same_words(const struct backfill *b, const char *id)
{
    char *path = backfill_unrunnable_path(b, id), *text = file_exists(path) ? file_read(path, NULL, NULL) : NULL;
    bool same = text && !strcmp(text, b->words);

    free(text);
    free(path);
    return same;
}

static int read_outcome(struct backfill *b, struct store *s, size_t i, struct err *e)
{
    const struct commit *c = &b->commits.items[b->wanted[i]];
    char *status = NULL, *reason = NULL;

    if (store_commit_status(s, c->id, b->machine, &status, &reason, e))
        return -1;
    if (status && !strcmp(status, "unbuildable"))
        b->done[i] = commit_build_known(b->database, b->q->config, c) == 0 ||
                     commit_build_known(b->database, b->q->config, c) == -1;
    else if (status && !strcmp(status, "unrunnable"))
        b->done[i] = same_words(b, c->id);
    free(status);
    free(reason);
    return 0;
}

int backfill_read_done(struct backfill *b, struct err *e)
{
    const char *parameters[] = {b->machine};
    struct store *s = NULL;
    int failed = store_open(&s, b->database, STORE_READ, e);

    if (!failed)
        failed = store_query(
            s,
            "SELECT u.commit_id, r.arguments, r.finished - r.started FROM run r JOIN build u ON u.id = r.build"
            " JOIN machine m ON m.id = r.machine"
            " WHERE m.name = ?1 AND r.status = 'complete' AND u.dirty = 0 AND u.commit_id <> ''"
            " AND EXISTS (SELECT 1 FROM launch l WHERE l.run = r.id AND l.status = 'done')",
            parameters, 1, take_run, b, e);
    for (size_t i = 0; i < b->count && !failed; i++)
        if (!b->done[i] && !b->q->again)
            failed = read_outcome(b, s, i, e);
    store_close(s);
    return failed;
}

static struct commit_row row_of(const struct backfill *b, const struct commit *c)
{
    return (struct commit_row){.commit = c->id,
                               .parents = c->parents,
                               .branch = b->branch,
                               .subject = c->subject,
                               .time = c->time,
                               .status = "known",
                               .reason = "",
                               .machine = b->machine};
}

int backfill_store_places(struct backfill *b, struct err *e)
{
    struct commit_row *rows = mem_new(b->commits.count + 1, sizeof *rows);
    struct store *s = NULL;
    int failed = store_open(&s, b->q->database, file_exists(b->q->database) ? STORE_UPDATE : STORE_WRITE, e);

    for (size_t i = 0; i < b->commits.count; i++)
        rows[i] = row_of(b, &b->commits.items[i]);
    if (!failed)
        failed = store_commits(s, rows, b->commits.count, e);
    store_close(s);
    free(rows);
    return failed;
}

int backfill_store_outcome(struct backfill *b, const struct commit *c, const char *status, const char *reason,
                           struct err *e)
{
    struct commit_row row = row_of(b, c);
    struct store *s = NULL;
    int failed = store_open(&s, b->database, STORE_UPDATE, e);

    row.status = status;
    row.reason = reason ? reason : "";
    if (!failed)
        failed = store_commits(s, &row, 1, e);
    store_close(s);
    return failed;
}

/* git's answer without its newline, or NULL. */
static char *line_of(const char *repository, const char *const *words)
{
    char *text = git_ask(repository, words, NULL);

    if (text)
        text[strcspn(text, "\n")] = 0;
    if (text && !*text) {
        free(text);
        return NULL;
    }
    return text;
}

/* A branch here, or one of a remote's. */
static char *named_branch(const char *repository, const char *end)
{
    const char *const words[] = {"rev-parse", "--symbolic-full-name", end, NULL};
    char *name = line_of(repository, words), *branch = NULL;

    if (name && text_starts(name, "refs/heads/"))
        branch = mem_copy(name + strlen("refs/heads/"));
    else if (name && text_starts(name, "refs/remotes/") && strchr(name + strlen("refs/remotes/"), '/'))
        branch = mem_copy(strchr(name + strlen("refs/remotes/"), '/') + 1);
    free(name);
    return branch;
}

char *backfill_branch(const char *repository, const char *range)
{
    const char *dots = strstr(range, ".."), *end = dots && dots[2] ? dots + 2 : "HEAD";
    const char *const current[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    const char *const inside[] = {"merge-base", "--is-ancestor", end, "HEAD", NULL};
    const char *const holding[] = {"for-each-ref", "--count=1", "--format=%(refname:short)", "--contains", end,
                                   "refs/heads",   NULL};
    char *branch = named_branch(repository, end), *is_inside;

    if (branch)
        return branch;
    is_inside = git_ask(repository, inside, NULL);
    if (is_inside)
        branch = line_of(repository, current);
    free(is_inside);
    if (!branch)
        branch = line_of(repository, holding);
    return branch ? branch : mem_copy("");
}
