/*
 * Going on with a run that was stopped: the plan is made again with the run's seed and must be the same list, by the same
 * program in the same environment; then what is stored counts, and only what is missing is measured.
 */
#include "base/mem.h"
#include "base/text.h"
#include "run_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run that may be the one. */
struct candidate {
    int64_t id;
    uint64_t seed;
    bool complete;
    char hash[80], fingerprint[40], arguments[600];
};

struct candidates {
    struct candidate *items;
    size_t count, capacity;
};

static int take_candidate(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct candidates *list = user;
    struct candidate *x;

    (void)e;
    if (count < 6)
        return 1;
    VEC_ROOM(list->items, list->count, list->capacity);
    x = &list->items[list->count++];
    *x = (struct candidate){.id = (int64_t)c[0].number, .seed = strtoull(c[1].text, NULL, 10)};
    x->complete = c[2].text && !strcmp(c[2].text, "complete");
    snprintf(x->hash, sizeof x->hash, "%s", c[3].text);
    snprintf(x->fingerprint, sizeof x->fingerprint, "%s", c[4].text);
    snprintf(x->arguments, sizeof x->arguments, "%s", c[5].text);
    return 0;
}

/* Compares the stored list, in sequence, with the plan's. */
struct comparison {
    struct session *s;
    size_t at;
    bool same;
};

static int compare_launch(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct comparison *x = user;
    const struct plan *p = &x->s->out->plan;
    const struct plan_launch *l = &p->launches[x->at];

    (void)e;
    if (x->at++ >= p->launch_count)
        return 0;
    x->same = count >= 3 && c[0].text && c[2].text && !strcmp(c[0].text, p->points[l->point].text) &&
              (int)c[1].number == l->number && !strcmp(c[2].text, l->pass);
    return !x->same;
}

/* A complete run may have interleaved re-runs behind its fixed list; they belong to no plan. */
static int same_list(struct session *s, const struct candidate *c, bool *same, struct err *e)
{
    struct comparison x = {s, 0, true};
    char id[24];
    const char *parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, c->id);
    *same = false;
    if (run_make_plan(s, c->seed, e))
        return -1;
    if (store_query(s->store,
                    "SELECT p.text, l.number, l.pass FROM launch l JOIN point p ON p.id = l.point WHERE l.run = ?1"
                    " AND l.pass NOT LIKE 'interleaved:%'"
                    " ORDER BY l.sequence",
                    parameters, 1, compare_launch, &x, e))
        return -1;
    *same = x.same && (c->complete ? x.at >= s->out->plan.launch_count : x.at == s->out->plan.launch_count);
    return 0;
}

/* Takes over one stored launch. */
struct takeover {
    struct session *s;
    size_t at;
};

static int take_launch(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct takeover *x = user;
    struct session *s = x->s;
    int status = count >= 5 && c[1].text ? launch_status_parse(c[1].text) : -1;
    struct point_state *point;

    if (x->at >= s->out->plan.launch_count)
        return 1;
    if (status < 0)
        return err_set(e, CM_INTERNAL, "%s: a launch has the status '%s', which this version does not know",
                       store_path(s->store), count >= 2 && c[1].text ? c[1].text : "");
    point = &s->points[s->out->plan.launches[x->at].point];
    s->launch_ids[x->at] = (int64_t)c[0].number;
    if (status == LAUNCH_DONE && !point->checksum && c[4].text && *c[4].text)
        point->checksum = mem_copy(c[4].text);
    run_note_outcome(s, x->at, (enum launch_status)status, c[2].text, c[3].number > 0 ? (int64_t)c[3].number : 0);
    x->at++;
    return 0;
}

static int take_over(struct session *s, const struct candidate *c, struct err *e)
{
    struct takeover x = {s, 0};
    char id[24];
    const char *parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, c->id);
    s->out->run = c->id;
    s->out->resumed = true;
    s->seed = c->seed;
    if (store_query(s->store,
                    "SELECT id, status, reason, inner, checksum FROM launch WHERE run = ?1"
                    " AND pass NOT LIKE 'interleaved:%' ORDER BY sequence",
                    parameters, 1, take_launch, &x, e))
        return -1;
    return run_anchor_resume(s, e);
}

/* Why this stopped run is not the one: a sentence, or NULL if it is. */
static int judge(struct session *s, const struct candidate *c, char **why, struct err *e)
{
    bool same = false;

    *why = NULL;
    if (strcmp(c->hash, s->out->host.binary_hash))
        *why = mem_format("run %" PRId64 " was measured by another build of countermark", c->id);
    else if (strcmp(c->fingerprint, s->out->host.fingerprint))
        *why = mem_format("the environment has changed since run %" PRId64 " (`countermark show %" PRId64 "`)", c->id,
                          c->id);
    else if (same_list(s, c, &same, e))
        return -1;
    else if (!same)
        *why = mem_format("run %" PRId64 " has another plan; it was: %s", c->id, c->arguments);
    return 0;
}

static int find_candidates(struct session *s, struct candidates *out, struct err *e)
{
    const char *machine[] = {s->out->host.machine_name};

    return store_query(s->store,
                       "SELECT r.id, r.seed, r.status, b.binary_hash, v.fingerprint, r.arguments FROM run r"
                       " JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build"
                       " JOIN environment v ON v.id = r.environment WHERE m.name = ?1"
                       " ORDER BY r.status = 'complete', r.started DESC, r.id DESC LIMIT 40",
                       machine, 1, take_candidate, out, e);
}

int run_resume(struct session *s, struct err *e)
{
    struct candidates list = {0};
    char *first_why = NULL;
    int result = find_candidates(s, &list, e);
    int64_t newest_stopped = 0;
    bool found = false;

    for (size_t i = 0; i < list.count && !result && !found; i++) {
        char *why;

        if (!list.items[i].complete && newest_stopped < list.items[i].id)
            newest_stopped = list.items[i].id;
        if (list.items[i].complete && list.items[i].id < newest_stopped)
            break; /* what was stopped since is what is meant */
        result = judge(s, &list.items[i], &why, e);
        found = !result && !why;
        if (found && list.items[i].complete)
            s->out->nothing_missing = true;
        if (found)
            result = take_over(s, &list.items[i], e);
        if (!first_why && !list.items[i].complete)
            first_why = why;
        else
            free(why);
    }
    if (!result && !found)
        result = err_set(e, CM_NOTHING, "there is nothing to resume: %s",
                         first_why ? first_why : "the database has no incomplete run of this machine");
    free(first_why);
    free(list.items);
    return result;
}
