/*
 * One commit, measured by a program of its own or by this one, as a person would do it there: `run` with the same words, in its worktree,
 * under today's settings. A program may be older than the database: it measures into a scratch database, which is then merged.
 */
#include "../db/store.h"
#include "backfill_parts.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "host.h"
#include "launch.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_SCRATCH_RUNS 16 /* each is looked at again by every merge */

static char *scratch_path(const struct backfill *b)
{
    return mem_format("%s/backfill.db", b->home);
}

static void forget_file(const char *path, const char *suffix)
{
    char *name = mem_format("%s%s", path, suffix);

    unlink(name);
    free(name);
}

void backfill_forget_scratch(const struct backfill *b)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock", ".builds"};
    char *path = scratch_path(b);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        forget_file(path, suffixes[i]);
    free(path);
}

/* Kept programs, anchors and proofs are those of the database itself. */
static int link_cache(const struct backfill *b, const char *scratch, struct err *e)
{
    char *link = mem_format("%s.builds", scratch), *real = mem_format("%s.builds", b->database);
    int failed = symlink(real, link) && errno != EEXIST
                     ? err_set(e, CM_INTERNAL, "%s cannot be made: %s", link, strerror(errno))
                     : 0;

    free(link);
    free(real);
    return failed;
}

/* Today's settings for every commit, in words that the programs of all times know; JSON is YAML, too. */
static int write_settings(const struct backfill *b, const struct commit_build *built, struct err *e)
{
    const struct config *c = b->q->config;
    char *path = mem_format("%s/.countermark.yaml", built->folder), *text;
    json_t *root = json_object(), *plans = json_object();
    int failed;

    if (c->machine_class)
        json_object_set_new(root, "class", json_string(c->machine_class));
    for (size_t i = 0; i < c->plan_count; i++)
        json_object_set_new(plans, c->plans[i].name, json_string(c->plans[i].text));
    if (json_object_size(plans))
        json_object_set(root, "plans", plans);
    text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    failed = text ? file_replace(path, text, strlen(text), e)
                  : err_set(e, CM_INTERNAL, "the settings for older commits cannot be written: a plan is no UTF-8");
    json_decref(plans);
    json_decref(root);
    free(text);
    free(path);
    return failed;
}

/* The worktree is this commit, whatever a build wrote into it: what git tracks is taken as it is, all else is ignored. */
static int declare_clean(const struct backfill *b, const struct commit_build *built, const char *log, struct err *e)
{
    static char shell[] = "sh", option[] = "-c",
                command[] = "git diff-files --name-only -z | git update-index -z --assume-unchanged --stdin";
    char *const argv[] = {shell, option, command, NULL};
    char *ignored = mem_format("%s/ignored", b->home);
    struct commit_end end;
    struct commit_process p = {.program = "/bin/sh", .argv = argv, .folder = built->folder, .log = log};
    int failed = file_replace(ignored, "*\n", 2, e) || commit_execute(&p, &end, e) ? -1 : 0;

    free(ignored);
    return failed;
}

static char **arguments(const struct backfill *b, const char *database)
{
    const struct backfill_request *q = b->q;
    char **argv = mem_new(q->word_count + 9, sizeof *argv);
    size_t n = 0;

    argv[n++] = (char *)"countermark";
    argv[n++] = (char *)"run";
    argv[n++] = (char *)"--db";
    argv[n++] = (char *)database;
    argv[n++] = (char *)"--progress";
    argv[n++] = (char *)"off";
    argv[n++] = (char *)"--machine";
    argv[n++] = b->machine;
    for (size_t i = 0; i < q->word_count; i++)
        argv[n++] = q->words[i];
    return argv;
}

static int execute(const struct backfill *b, const struct commit_build *built, const char *database, const char *log,
                   struct commit_end *end, struct err *e)
{
    char **argv = arguments(b, database);
    char *told[] = {mem_format(HOST_BRANCH "=%s", b->branch),
                    mem_format("GITHUB_HEAD_REF=%s", b->branch),
                    mem_copy("GIT_CONFIG_COUNT=1"),
                    mem_copy("GIT_CONFIG_KEY_0=core.excludesFile"),
                    mem_format("GIT_CONFIG_VALUE_0=%s/ignored", b->home),
                    NULL};
    struct commit_process p = {
        .program = built->program, .argv = argv, .more = told, .folder = built->folder, .log = log, .asked = true};
    int failed;

    failed = commit_execute(&p, end, e);
    for (size_t i = 0; told[i]; i++)
        free(told[i]);
    free(argv);
    if (!failed && end->status == CM_INTERRUPTED)
        failed = err_set(e, CM_INTERRUPTED, "interrupted");
    return failed;
}

/* Exit codes of a run that began: something may be stored. */
static bool has_run(int status)
{
    return status == CM_FINE || status == CM_UNTRUSTED || status == CM_WRONG || status == CM_NOTHING;
}

static int run_in_scratch(struct backfill *b, const struct commit_build *built, const char *log, struct commit_end *end,
                          struct err *e)
{
    char *scratch = scratch_path(b);
    struct store *s = NULL;
    int64_t added = 0;
    int failed;

    if (b->scratch_runs >= MOST_SCRATCH_RUNS)
        b->scratch_runs = 0;
    if (!b->scratch_runs)
        backfill_forget_scratch(b);
    failed = link_cache(b, scratch, e) || execute(b, built, scratch, log, end, e) ? -1 : 0;
    if (!failed && !has_run(end->status) && b->scratch_runs) { /* it may be older than the program before */
        b->scratch_runs = 0;
        backfill_forget_scratch(b);
        failed = link_cache(b, scratch, e) || execute(b, built, scratch, log, end, e) ? -1 : 0;
    }
    if (!failed && has_run(end->status) && file_exists(scratch)) {
        b->scratch_runs++;
        failed = store_open(&s, b->database, STORE_WRITE, e);
        if (!failed)
            failed = store_merge(s, scratch, &added, e);
        store_close(s);
    }
    free(scratch);
    return failed;
}

/* Of the newest run of this commit: */
struct stored {
    int64_t run;
    int64_t done; /* launches that measured something */
    char *reason; /* why the first of the others did not */
};

static int take_stored(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct stored *s = user;

    (void)count;
    (void)e;
    s->run = (int64_t)c[0].number;
    s->done = (int64_t)c[1].number;
    s->reason = mem_copy(c[2].text);
    return 0;
}

static int newest_run(const struct backfill *b, const struct commit *c, int64_t since, struct stored *out,
                      struct err *e)
{
    char after[24];
    const char *parameters[] = {c->id, b->machine, after};
    struct store *s = NULL;
    int failed = store_open(&s, b->database, STORE_READ, e);

    *out = (struct stored){0};
    snprintf(after, sizeof after, "%" PRId64, since);
    if (!failed)
        failed = store_query(s,
                             "SELECT r.id, (SELECT count(*) FROM launch l WHERE l.run = r.id AND l.status = 'done'),"
                             " (SELECT min(l.reason) FROM launch l WHERE l.run = r.id AND l.status <> 'done'"
                             " AND l.reason <> '')"
                             " FROM run r JOIN build u ON u.id = r.build JOIN machine m ON m.id = r.machine"
                             " WHERE u.commit_id = ?1 AND u.dirty = 0 AND m.name = ?2 AND r.id > ?3"
                             " AND r.status = 'complete' ORDER BY r.id DESC LIMIT 1",
                             parameters, 3, take_stored, out, e);
    store_close(s);
    return failed;
}

static int newest_id(const struct backfill *b, int64_t *id, struct err *e)
{
    struct store *s = NULL;
    double number = 0;
    bool found;
    int failed = store_open(&s, b->database, STORE_READ, e) ||
                 store_number(s, "SELECT coalesce(max(id), 0) FROM run", NULL, 0, &number, &found, e);

    store_close(s);
    *id = (int64_t)number;
    return failed ? -1 : 0;
}

/* A program of ours begins what it says with its name. */
static const char *own_words(const char *words)
{
    return text_starts(words, "countermark: ") ? words + strlen("countermark: ") : words;
}

/* What the exit code and the database say together. */
static int conclude(struct backfill *b, const struct commit *c, int64_t since, int status, const char *log,
                    enum backfill_result *result, char **reason, struct err *e)
{
    struct stored s;
    char *words;

    if (newest_run(b, c, since, &s, e))
        return -1;
    words = commit_last_words(log);
    if (s.done > 0) {
        *result = BACKFILL_MEASURED;
    } else if (status == CM_USAGE && !b->measured_before) {
        /* A mistake in the words would make every commit look unrunnable, after hours. */
        err_set(e, CM_USAGE, "commit %.12s cannot be measured this way: %s", c->id, own_words(words));
    } else if (status == CM_INTERNAL || status == CM_FINE) {
        *result = BACKFILL_TROUBLE;
        *reason =
            status ? mem_copy(own_words(words)) : mem_copy("its run is stored as of another, or of a changed, commit");
    } else {
        *result = BACKFILL_UNRUNNABLE;
        *reason = mem_copy(s.reason && *s.reason ? s.reason : own_words(words));
    }
    free(s.reason);
    free(words);
    return e->code ? -1 : 0;
}

int backfill_measure(struct backfill *b, const struct commit *c, const struct commit_build *built,
                     enum backfill_result *result, char **reason, struct err *e)
{
    char *log = mem_format("%s/%s/run.log", b->home, c->id);
    struct commit_end end = {0};
    int64_t since = 0;
    int failed = newest_id(b, &since, e) || write_settings(b, built, e) || declare_clean(b, built, log, e) ? -1 : 0;

    *reason = NULL;
    if (!failed)
        failed = b->direct ? execute(b, built, b->database, log, &end, e) : run_in_scratch(b, built, log, &end, e);
    if (!failed)
        failed = conclude(b, c, since, end.status, log, result, reason, e);
    free(log);
    return failed;
}
