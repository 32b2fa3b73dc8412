/*
 * The program that measures a machine's anchors. It is a copy of the one that first measured there, stands beside the database as
 * DB.builds/anchor-MACHINE/countermark, and is never replaced as long as it is whole: then its times change with the machine alone.
 * Its hash is the code hash of the anchors' points, so another program begins another history. Anchors are a help and no result:
 * whatever is wrong with them is said once, and the run goes on.
 */
#include "../collectors/fake.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "run_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL "anchor" /* what a script names that wants anchors */

int run_anchor_wanted(struct session *s, int launches, struct err *e)
{
    struct fake *script;

    s->anchor.wanted = !s->q->no_anchor && launches >= PLAN_ANCHOR_LAUNCHES;
    if (!s->anchor.wanted || !s->fake_script)
        return 0;
    script = fake_load(s->fake_script, e);
    if (!script)
        return -1;
    s->anchor.wanted = fake_names(script, KERNEL);
    fake_free(script);
    return 0;
}

static char *hash_of(const char *path)
{
    uint64_t hash;

    return file_exists(path) && !file_hash(path, &hash, NULL) ? mem_format("%016" PRIx64, hash) : NULL;
}

/* What the database knows of this machine's anchors: are there any, and are there some of this program? */
static int read_known(struct session *s, const char *hash, bool *any, bool *this, struct err *e)
{
    const char *parameters[] = {s->out->host.machine_name, hash ? hash : ""};
    const char *sql = "SELECT count(*) FROM run r JOIN machine m ON m.id = r.machine JOIN launch l ON l.run = r.id"
                      " JOIN point p ON p.id = l.point WHERE m.name = ?1 AND p.role = 'anchor' AND l.status = 'done'";
    char *mine = mem_format("%s AND p.code_hash = ?2", sql);
    double all = 0, same = 0;
    bool found;
    int failed = store_number(s->store, sql, parameters, 1, &all, &found, e) ||
                 store_number(s->store, mine, parameters, 2, &same, &found, e);

    free(mine);
    *any = all > 0;
    *this = same > 0;
    return failed ? -1 : 0;
}

/* Does the program still run here and speak this protocol? NULL, or why not; free(). One short launch of the first anchor tells. */
static char *try_program(const struct session *s, const char *program, const char *references, int *stopped,
                         struct err *e)
{
    const struct plan *p = &s->out->plan;
    struct launch_outcome out = {0};
    struct err trouble = {0};
    char *why = NULL;
    size_t i = 0;

    while (i < p->point_count && !p->points[i].anchor)
        i++;
    if (i == p->point_count || p->points[i].unavailable)
        return NULL;
    if (launch_execute(&(struct launch_spec){.program = program,
                                             .point = p->points[i].text,
                                             .kernel = p->points[i].kernel,
                                             .variant = p->points[i].variant,
                                             .axes = p->points[i].axes,
                                             .pass = "",
                                             .inner = 1,
                                             .target_s = 0.001,
                                             .max_repetitions = 1,
                                             .timeout_s = 20,
                                             .reference_folder = references},
                       &out, &trouble)) {
        *stopped = trouble.code == CM_INTERRUPTED ? err_set(e, CM_INTERRUPTED, "%s", trouble.text) : 0;
        return mem_copy(trouble.text);
    }
    if (out.result.status != LAUNCH_DONE)
        why = mem_format(
            "the anchor program %s does not run here: %s (without that file the next run keeps a new one)", program,
            out.result.reason && *out.result.reason ? out.result.reason : launch_status_name(out.result.status));
    launch_outcome_free(&out);
    return why;
}

/* Keeps a copy of this program as the machine's; the copy appears whole or not at all. */
static int keep(const char *folder, const char *path, struct err *e)
{
    return file_folder(folder, e) || file_copy(launch_self(), path, e) ? -1 : 0;
}

/* Takes over what is needed to launch the program; `a->unable` says why it cannot be used. */
static int take_program(struct session *s, struct err *e)
{
    struct run_anchor *a = &s->anchor;
    struct err trouble = {0};
    int stopped = 0;

    free(a->hash);
    free(a->references);
    free(a->unable);
    a->unable = NULL;
    a->hash = hash_of(a->program);
    a->references = run_reference_folder(s->q->database, a->hash ? a->hash : "unknown");
    if (!a->hash)
        a->unable = mem_format("%s cannot be read", a->program);
    else if (file_folder(a->references, &trouble))
        a->unable = mem_copy(trouble.text);
    else
        a->unable = try_program(s, a->program, a->references, &stopped, e);
    if (a->unable && a->hash && !trouble.code && !stopped) { /* it may have been killed from outside */
        free(a->unable);
        a->unable = try_program(s, a->program, a->references, &stopped, e);
    }
    return stopped;
}

/* A new program where there is none to go on with. */
static int begin_anew(struct session *s, const char *folder, struct err *e)
{
    struct run_anchor *a = &s->anchor;
    struct err trouble = {0};

    if (!keep(folder, a->program, &trouble))
        return take_program(s, e);
    free(a->unable);
    a->unable = mem_copy(trouble.text);
    return 0;
}

static int find_in(struct session *s, const char *folder, struct err *e)
{
    struct run_anchor *a = &s->anchor;
    bool there = file_exists(a->program), known, same;
    char *hash = hash_of(a->program);
    int failed = read_known(s, hash, &known, &same, e);

    free(hash);
    if (failed)
        return -1;
    if (known && !same)
        log_warning(
            "the anchor program %s is %s: this run begins a new history of anchors, and old ones say nothing of it",
            a->program, there ? "not the one that was kept (damaged, or replaced)" : "gone");
    if (!there || (known && !same))
        return begin_anew(s, folder, e);
    if (take_program(s, e))
        return -1;
    /* Nothing depends on it yet: left over from a run that stored nothing. */
    return a->unable && !known ? begin_anew(s, folder, e) : 0;
}

int run_anchor_find(struct session *s, struct err *e)
{
    struct run_anchor *a = &s->anchor;
    char *folder;
    int failed;

    if (!a->wanted)
        return 0;
    folder = mem_format("%s.builds/anchor-%s", s->q->database, s->out->host.machine_name);
    a->program = mem_format("%s/countermark", folder);
    failed = find_in(s, folder, e);
    if (!failed && a->unable)
        log_warning("no anchors in this run, so nothing tells whether the machine moved: %s", a->unable);
    free(folder);
    return failed;
}

void run_anchor_mark(struct session *s)
{
    struct plan *p = &s->out->plan;

    for (size_t i = 0; i < p->point_count && s->anchor.unable; i++)
        if (p->points[i].anchor && !p->points[i].unavailable)
            p->points[i].unavailable = mem_copy(s->anchor.unable);
}

int run_anchor_resume(struct session *s, struct err *e)
{
    char run[24], *hash = NULL;
    const char *parameters[] = {run};
    struct run_anchor *a = &s->anchor;

    snprintf(run, sizeof run, "%" PRId64, s->out->run);
    if (!a->wanted || a->unable)
        return 0;
    if (store_text(s->store,
                   "SELECT min(p.code_hash) FROM launch l JOIN point p ON p.id = l.point WHERE l.run = ?1"
                   " AND p.role = 'anchor'",
                   parameters, 1, &hash, e))
        return -1;
    if (hash && strcmp(hash, a->hash)) {
        a->unable = mem_copy("the anchor program was replaced since this run began");
        run_anchor_mark(s);
    }
    free(hash);
    return 0;
}

void run_anchor_free(struct run_anchor *a)
{
    free(a->program);
    free(a->hash);
    free(a->references);
    free(a->unable);
    *a = (struct run_anchor){0};
}
