/*
 * What a bisect remembers: a database of its own beside the user's, with a run for every commit that was measured. What stands there
 * under the same words, point and machine is not measured again. Of counts, which are the same on any day, those that the user's own
 * database holds of clean builds of these commits are taken, too.
 */
#include "../db/store.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "bisect_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *kept_path(const struct bisect *b)
{
    return mem_format("%s.builds/bisect.db", b->database);
}

static size_t commit_named(const struct bisect *b, const char *id)
{
    const struct commit_list *l = &b->out->commits;
    size_t i = 0;

    while (i < l->count && strcmp(l->items[i].id, id))
        i++;
    return i;
}

static void keep(struct bisect_commit *c, double value)
{
    VEC_ROOM(c->stored, c->stored_count, c->stored_capacity);
    c->stored[c->stored_count++] = value;
}

/* Rows of commit, run, inner, value: of one launch each. */
static int take_launch(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct bisect *b = user;
    size_t i = commit_named(b, c[0].text);

    (void)count;
    (void)e;
    b->number++;
    if (i == b->out->commits.count)
        return 0;
    b->out->known[i].run = (int64_t)c[1].number;
    if (!b->inner && !isnan(c[2].number))
        b->inner = (int64_t)c[2].number;
    if (isfinite(c[3].number))
        keep(&b->out->known[i], c[3].number);
    return 0;
}

static int read_kept(struct bisect *b, struct err *e)
{
    const char *const parameters[] = {b->arguments, b->host.machine_name, b->metric.name, b->pass};

    return store_query(b->kept,
                       "SELECT u.commit_id, r.id, l.inner, CASE WHEN q.text LIKE 'suspect%' THEN NULL ELSE s.median END"
                       " FROM run r JOIN build u ON u.id = r.build JOIN machine c ON c.id = r.machine"
                       " JOIN launch l ON l.run = r.id JOIN launch_summary s ON s.launch = l.id"
                       " JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality"
                       " WHERE r.plan = 'bisect' AND r.arguments = ?1 AND c.name = ?2 AND m.name = ?3 AND l.pass = ?4"
                       " AND l.status = 'done' ORDER BY r.id, l.sequence",
                       parameters, 4, take_launch, b, e);
}

/* A count of a finished run speaks twice, as the search wants to see counts twice. */
static int take_count(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct bisect *b = user;
    size_t i = commit_named(b, c[0].text);

    (void)count;
    (void)e;
    if (i < b->out->commits.count && !b->out->known[i].stored_count && isfinite(c[1].number)) {
        keep(&b->out->known[i], c[1].number);
        keep(&b->out->known[i], c[1].number);
    }
    return 0;
}

static int read_users(struct bisect *b, struct err *e)
{
    const char *const parameters[] = {b->q->point, b->host.machine_name, b->metric.name, b->script ? "1" : "0"};
    struct store *s = NULL;
    int failed;

    if (!b->metric.deterministic || !file_exists(b->database))
        return 0;
    if (store_open(&s, b->database, STORE_READ, e))
        return -1;
    failed = store_query(s,
                         "SELECT u.commit_id, s.median FROM summary s JOIN run r ON r.id = s.run"
                         " JOIN build u ON u.id = r.build JOIN machine c ON c.id = r.machine"
                         " JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric"
                         " JOIN quality q ON q.id = s.quality WHERE p.text = ?1 AND c.name = ?2 AND m.name = ?3"
                         " AND r.scripted = CAST(?4 AS INTEGER) AND r.status = 'complete' AND NOT u.dirty"
                         " AND q.text NOT LIKE 'suspect%' ORDER BY r.started DESC",
                         parameters, 4, take_count, b, e);
    store_close(s);
    return failed;
}

int bisect_store_open(struct bisect *b, struct err *e)
{
    const struct config_build *c = &b->q->config->build;
    char *folder = mem_format("%s.builds", b->database), *path = kept_path(b);
    int failed;

    b->arguments = mem_format("%s %s | %s | %s | %s", b->q->point, b->metric.name, c->command ? c->command : "",
                              c->program ? c->program : "", c->run ? c->run : "");
    failed =
        file_folder(folder, e) || store_open(&b->kept, path, STORE_WRITE, e) || read_kept(b, e) || read_users(b, e);
    free(folder);
    free(path);
    return failed ? -1 : 0;
}

static void random_name(struct bisect *b, const char *commit, char out[37])
{
    uint64_t seed = text_hash(commit, strlen(commit), (uint64_t)b->started_ns);

    snprintf(out, 37, "bisect-%016" PRIx64, stats_random(&seed));
}

/* The run of a commit: made with its first launch. */
static int begin_run(struct bisect *b, size_t i, const struct commit_build *built, struct err *e)
{
    const struct commit *c = &b->out->commits.items[i];
    struct host host = b->host; /* but for what is this commit's */
    char uuid[37], id[24] = "";
    uint64_t hash = 0;
    struct run_row run = {.uuid = uuid,
                          .group = uuid,
                          .plan = "bisect",
                          .arguments = b->arguments,
                          .shard = 1,
                          .shards = 1,
                          .scripted = b->script != NULL};

    if (!file_hash(built->program, &hash, NULL))
        snprintf(id, sizeof id, "%016" PRIx64, hash);
    host.commit = c->id;
    host.subject = c->subject;
    host.commit_time = c->time;
    host.dirty = false;
    host.binary_hash = id;
    random_name(b, c->id, uuid);
    return host_store(&host, b->kept, &run.machine, &run.environment, &run.build, e) ||
                   store_run_begin(b->kept, &run, NULL, 0, &b->out->known[i].run, NULL, e)
               ? -1
               : 0;
}

int bisect_store_launch(struct bisect *b, size_t commit, const struct commit_build *built, const char *pass,
                        const struct launch_outcome *out, struct err *e)
{
    struct bisect_commit *c = &b->out->known[commit];
    struct point_row point = {.text = b->q->point,
                              .kernel = b->kernel,
                              .variant = b->variant,
                              .kernel_version = "1",
                              .variant_version = "1",
                              .code_hash = "",
                              .axes = b->axes};
    struct launch_row row = {.number = b->number, .pass = pass};

    if (!c->run && begin_run(b, commit, built, e))
        return -1;
    for (size_t i = 0; i < out->metric_count; i++) {
        if (store_metric(b->kept, &out->metrics[i], e))
            return -1;
    }
    if (store_point(b->kept, &point, &row.point, e))
        return -1;
    return store_launch_extra(b->kept, c->run, &row, &out->result, out->samples, out->sample_count, e);
}

int bisect_store_close(struct bisect *b, struct err *e)
{
    int failed = 0;

    for (size_t i = 0; b->kept && i < b->out->commits.count && !failed; i++)
        failed = b->out->known[i].run ? store_run_finish(b->kept, b->out->known[i].run, false, e) : 0;
    store_close(b->kept);
    b->kept = NULL;
    free(b->arguments);
    b->arguments = NULL;
    return failed;
}
