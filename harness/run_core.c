/*
 * The loop of a run: host, plan, store, launch after launch. What is stored stays stored however this ends.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "run.h"
#include "run_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

char *run_reference_folder(const char *database, const char *binary_hash)
{
    return mem_format("%s.builds/%s/references", database, binary_hash);
}

char *run_cache_folder(const char *database)
{
    return mem_format("%s.builds/proofs", database);
}

static uint64_t random_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_ns();
    return seed >> 1; /* so that it can be given back as --seed */
}

static void random_name(char out[37])
{
    uint64_t state[2] = {0};

    if (getrandom(state, sizeof state, 0) != (ssize_t)sizeof state) {
        state[0] = (uint64_t)clock_ns();
        state[1] = (uint64_t)clock_wall_seconds() ^ ((uint64_t)getpid() << 32);
    }
    snprintf(out, 37, "%08x-%04x-4%03x-a%03x-%012" PRIx64, (unsigned)(state[0] >> 32),
             (unsigned)(state[0] >> 16 & 0xffff), (unsigned)(state[0] & 0xfff), (unsigned)(state[1] >> 52),
             state[1] & 0xffffffffffffu);
}

/* The same for every shard of one plan with one seed, program and commit. */
static void group_name(const struct session *s, char out[37])
{
    const struct plan *p = &s->out->plan;
    uint64_t hash = text_hash(&s->seed, sizeof s->seed, 0);

    for (size_t i = 0; i < p->point_count; i++)
        hash = text_hash(p->points[i].text, strlen(p->points[i].text) + 1, hash);
    hash = text_hash(&p->shard_of, sizeof p->shard_of, hash);
    hash = text_hash(s->out->host.binary_hash, strlen(s->out->host.binary_hash), hash);
    hash = text_hash(s->out->host.commit, strlen(s->out->host.commit), hash);
    snprintf(out, 37, "shards-%016" PRIx64, hash);
}

static int find_command(const char *program, struct err *e)
{
    char *path = file_find_program(program);
    if (!path && strchr(program, '/'))
        return err_set(e, CM_NOTHING, "the command '%s' cannot be run: %s", program, strerror(errno));
    if (!path)
        return err_set(e, CM_NOTHING, "the command '%s' is not found on PATH", program);
    free(path);
    return 0;
}

/* Programs must be there before anything is measured: a build that failed is no night. */
static int find_commands(const struct plan *p, struct err *e)
{
    for (size_t i = 0; i < p->point_count; i++)
        if (p->points[i].command && find_command(p->points[i].command[0], e))
            return -1;
    return 0;
}

static void free_points(struct session *s)
{
    for (size_t i = 0; s->points && i < s->out->plan.point_count; i++) {
        free(s->points[i].failures[0].reason);
        free(s->points[i].failures[1].reason);
        free(s->points[i].checksum);
    }
    free(s->points);
    s->points = NULL;
}

int run_make_plan(struct session *s, uint64_t seed, struct err *e)
{
    struct plan_request q = s->q->plan;
    struct run_outcome *o = s->out;

    free_points(s);
    plan_free(&o->plan);
    q.seed = s->seed = seed;
    q.anchors = s->anchor.wanted;
    if (plan_make(&q, &o->host, &s->counters, &o->plan, e))
        return -1;
    run_anchor_mark(s);
    free(s->launch_ids);
    free(o->status);
    s->points = mem_new(o->plan.point_count + 1, sizeof *s->points);
    s->launch_ids = mem_new(o->plan.launch_count + 1, sizeof *s->launch_ids);
    o->status = mem_new(o->plan.launch_count + 1, sizeof *o->status);
    return 0;
}

static int begin(struct session *s, struct err *e)
{
    struct run_outcome *o = s->out;
    const struct plan *p = &o->plan;
    struct launch_row *rows = mem_new(p->launch_count + 1, sizeof *rows);
    char uuid[37], group[37];
    struct run_row run = {.uuid = uuid,
                          .group = uuid,
                          .plan = p->name,
                          .arguments = s->q->arguments,
                          .seed = s->seed,
                          .shard = 1,
                          .shards = 1,
                          .scripted = s->fake_script != NULL};
    int failed = host_store(&o->host, s->store, &run.machine, &run.environment, &run.build, e) ||
                 host_store_commits(&o->host, s->store, e);

    random_name(uuid);
    if (s->q->plan.shards > 1) {
        group_name(s, group);
        run.group = group;
        run.shard = s->q->plan.shard;
        run.shards = s->q->plan.shards;
    }
    for (size_t i = 0; i < p->launch_count && !failed; i++) {
        failed = run_point_id(s, p->launches[i].point, e);
        rows[i] =
            (struct launch_row){(int)i, s->points[p->launches[i].point].id, p->launches[i].number, p->launches[i].pass};
    }
    if (!failed)
        failed = store_run_begin(s->store, &run, rows, p->launch_count, &o->run, s->launch_ids, e);
    free(rows);
    return failed;
}

static int prepare_folders(struct session *s, struct err *e)
{
    struct err trouble = {0};

    s->references = run_reference_folder(s->q->database, s->out->host.binary_hash);
    if (file_folder(s->references, e))
        return -1;
    if (plan_has_variants(&s->out->plan) && host_keep_program(&s->out->host, s->q->database, &trouble))
        log_warning("this program is not kept for later re-runs: %s", trouble.text);
    return 0;
}

/* What the gate and the reports will have to do without. */
static void announce_counters(const struct session *s)
{
    const struct text_list *missing = &s->counters.missing;
    const char *reason = missing->count ? strchr(missing->items[0], '\t') : NULL;

    if (!reason)
        return;
    if (s->stand_in)
        log_note("no counters here (%s): %s counts instructions on a simulated CPU instead; gates decide on those and "
                 "on time",
                 run_uncountable(s), s->stand_in->name);
    else if (s->counters.passes.count)
        log_note("%zu event%s cannot be counted here; `countermark doctor` says why", missing->count,
                 missing->count == 1 ? "" : "s");
    else
        log_note("no counters, so time alone is measured: %s; `countermark doctor` has the cure", reason + 1);
}

/* Points that cannot run: with the reason if all have the same. */
static void announce_unable(const struct session *s)
{
    const struct plan *p = &s->out->plan;
    const char *reason = NULL;
    size_t unable = 0;
    bool alike = true;

    for (size_t i = 0; i < p->point_count; i++) {
        const char *one = p->points[i].anchor ? NULL : p->points[i].unavailable;

        unable += one != NULL;
        alike = alike && (!one || !reason || !strcmp(one, reason));
        reason = one ? one : reason;
    }
    if (unable)
        log_note("%zu of the points cannot run here%s%s; `countermark list points` says %s", unable, alike ? ": " : "",
                 alike ? reason : "", alike ? "which" : "why");
}

static size_t count_planned(const struct run_outcome *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->plan.launch_count; i++)
        n += o->status[i] == LAUNCH_PLANNED;
    return n;
}

static void announce(const struct session *s)
{
    const struct run_outcome *o = s->out;
    size_t time = 0, counters = 0, anchors = 0, points = 0;
    double left = run_expected_left(s, 0);
    char expected[40], beside[60] = "";

    for (size_t i = 0; i < o->plan.point_count; i++)
        points += !o->plan.points[i].anchor;
    for (size_t i = 0; i < o->plan.launch_count; i++) {
        const struct plan_point *p = &o->plan.points[o->plan.launches[i].point];

        time += !p->unavailable && !p->anchor && !*o->plan.launches[i].pass;
        counters += !p->unavailable && *o->plan.launches[i].pass;
        anchors += !p->unavailable && p->anchor;
    }
    if (anchors)
        snprintf(beside, sizeof beside, " plus %zu of the anchors", anchors);
    if (s->q->plan.shards > 1)
        log_note("shard %d of %d: %zu of %zu launches", s->q->plan.shard, s->q->plan.shards, o->plan.launch_count,
                 o->plan.shard_of);
    text_duration_words(left < 1 ? 1 : left, expected, sizeof expected);
    log_note("plan %s: %zu point%s, %zu time launch%s + %zu counter launch%s%s, %s %s%s", o->plan.name, points,
             text_plural(points, "s"), time, time == 1 ? "" : "es", counters, counters == 1 ? "" : "es", beside,
             left < 1 ? "under" : "about", expected, s->q->budget_s > 0 ? " before the budget's cut" : "");
    announce_unable(s);
    announce_counters(s);
    if (o->resumed)
        log_note("going on with run %" PRId64 ": %zu of %zu launches are there", o->run,
                 o->plan.launch_count - count_planned(o), o->plan.launch_count);
}

/* Does the next round end inside the budget? Round 0 is always measured, so that every point has something. */
static bool round_fits(const struct session *s, size_t first)
{
    const struct plan *p = &s->out->plan;
    double spent = (double)(clock_ns() - s->progress.started_ns) / 1e9, need = 0;
    int round = p->launches[first].round;

    if (s->q->budget_s <= 0 || !round)
        return true;
    for (size_t i = first; i < p->launch_count && p->launches[i].round == round; i++)
        need += s->out->status[i] == LAUNCH_PLANNED ? run_expected(s, i) : 0;
    return spent + need <= s->q->budget_s;
}

static int skip_rest(struct session *s, size_t from, struct err *e)
{
    int failed = 0;

    progress_note(s, "the budget is spent: rounds from %d on are skipped", s->out->plan.launches[from].round + 1);
    for (size_t i = from; i < s->out->plan.launch_count && !failed; i++)
        if (s->out->status[i] == LAUNCH_PLANNED)
            failed = run_store_status(s, i, LAUNCH_SKIPPED, "cut by the budget", e);
    return failed;
}

static int loop(struct session *s, struct err *e)
{
    const struct plan *p = &s->out->plan;
    int failed = 0;

    for (size_t i = 0; i < p->launch_count && !failed; i++) {
        bool new_round = !i || p->launches[i].round != p->launches[i - 1].round;

        if (launch_interrupted())
            return err_set(e, CM_INTERRUPTED, "interrupted");
        if (new_round && !round_fits(s, i))
            return skip_rest(s, i, e);
        if (s->out->status[i] != LAUNCH_PLANNED)
            continue;
        progress_show(s, i);
        failed = run_launch(s, i, e);
    }
    return failed;
}

/* Whether the loop ended well or not, the run is closed and what is missing is said. */
static int finish(struct session *s, int failed, struct err *e)
{
    struct run_outcome *o = s->out;
    struct err second = {0};
    bool stopped = failed && e->code == CM_INTERRUPTED;
    int doubts;

    o->left = o->anchors.left = 0;
    for (size_t i = 0; i < o->plan.launch_count; i++)
        *(o->plan.points[o->plan.launches[i].point].anchor ? &o->anchors.left : &o->left) +=
            o->status[i] == LAUNCH_PLANNED;
    doubts = run_tie_points(s, &second);
    if ((store_run_finish(s->store, o->run, stopped, &second) || doubts) && !failed)
        return err_set(e, CM_INTERNAL, "%s", second.text);
    if (!failed && !o->left && o->done && host_store_measured(&o->host, s->store, e))
        return -1;
    if (stopped) {
        err_clear(e);
        return err_set(e, CM_INTERRUPTED,
                       "stopped: %zu of %zu launches of run %" PRId64 " are stored; go on with: %s%s",
                       o->plan.launch_count - o->left - o->anchors.left, o->plan.launch_count, o->run,
                       s->q->plan.command ? "the same command and --resume" : "countermark run --resume --db ",
                       s->q->plan.command ? "" : s->q->database);
    }
    return failed;
}

static int measure_all(struct session *s, struct err *e)
{
    int failed;

    launch_catch_signals(true);
    progress_start(s);
    failed = loop(s, e);
    progress_end(s);
    run_simulate_tell(s);
    failed = finish(s, failed, e);
    launch_catch_signals(false);
    return failed;
}

/* From the request to a run that is begun or taken up again. */
static int set_up(struct session *s, struct err *e)
{
    const struct run_request *q = s->q;
    struct plan_text text;
    uint64_t seed = q->seed_given ? q->plan.seed : q->plan.shards > 1 ? 1 : random_seed();
    int failed;

    if (plan_read(&q->plan, &text, e))
        return -1;
    failed = run_check_collectors(text.collect, e);
    if (!failed)
        failed = run_fake_script(text.collect, &s->fake_script, e);
    if (!failed)
        failed = host_read(&s->out->host, q->machine, q->machine_class, s->fake_script, e);
    if (!failed && (q->plan.command || !text.use_count))
        host_forget_own_commit(&s->out->host);
    if (!failed && q->count_kernel)
        host_set_environment(&s->out->host, "counted", "user and kernel");
    if (!failed && q->isolate)
        run_isolate(&s->out->host);
    if (!failed)
        failed = run_anchor_wanted(s, text.launches, e);
    if (!failed) /* a mistake in the request is told before counters are tried and a database is made */
        failed = run_make_plan(s, seed, e) || find_commands(&s->out->plan, e) ? -1 : 0;
    if (!failed)
        failed = store_open(&s->store, q->database, STORE_WRITE, e);
    if (!failed)
        failed = prepare_folders(s, e) || run_anchor_find(s, e) ? -1 : 0;
    if (!failed)
        failed = run_collect(s, text.collect, e);
    if (!failed)
        failed = run_calibrate(s, e);
    if (!failed)
        failed = run_store_metrics(s, e);
    if (!failed)
        failed = q->resume ? run_resume(s, e) : run_make_plan(s, seed, e);
    if (!failed)
        failed = run_read_history(s, e);
    if (!failed && !s->out->resumed)
        failed = begin(s, e);
    plan_text_free(&text);
    return failed;
}

static void session_free(struct session *s)
{
    store_close(s->store);
    free_points(s);
    free(s->launch_ids);
    free(s->fake_script);
    free(s->uncounted);
    free(s->references);
    run_anchor_free(&s->anchor);
    text_list_free(&s->counters.passes);
    text_list_free(&s->counters.missing);
}

int run_plan(const struct run_request *q, struct run_outcome *out, struct err *e)
{
    struct session s = {.q = q, .out = out};
    int64_t started = clock_ns();
    int failed;

    *out = (struct run_outcome){0};
    failed = set_up(&s, e);
    out->scripted = s.fake_script != NULL;
    if (!failed && !out->nothing_missing) {
        if (!q->again)
            announce(&s);
        failed = measure_all(&s, e);
    }
    out->wall_s = (double)(clock_ns() - started) / 1e9;
    out->stopped = failed ? e->code : CM_FINE;
    session_free(&s);
    return failed;
}

void run_outcome_free(struct run_outcome *o)
{
    host_free(&o->host);
    plan_free(&o->plan);
    free(o->status);
    *o = (struct run_outcome){0};
}

int run_exit_code(const struct run_outcome *o)
{
    if (o->stopped)
        return o->stopped;
    if (o->wrong)
        return CM_WRONG;
    if (o->failed)
        return CM_UNTRUSTED;
    return o->done ? CM_FINE : CM_NOTHING;
}
