/* The loop of a bisect: the range, the search's wishes fulfilled, what it costs. See bisect.h. */
#include "bisect.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "bisect_parts.h"
#include "git.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The commits after `old` up to `now` behind `old` itself. */
static int read_range(struct bisect *b, struct commit *old, const struct commit *now, struct err *e)
{
    char *range = mem_format("%s..%s", old->id, now->id);
    struct commit_list later = {0};
    int failed = commits_in(b->q->repository, range, &later, e);

    free(range);
    if (failed)
        return -1;
    b->out->commits.items = mem_new(later.count + 1, sizeof *later.items);
    b->out->commits.count = b->out->commits.capacity = later.count + 1;
    b->out->commits.items[0] = *old;
    *old = (struct commit){0};
    for (size_t i = 0; i < later.count; i++)
        b->out->commits.items[i + 1] = later.items[i];
    free(later.items);
    return 0;
}

/* Where two lines of history part: the id, free(), or "". */
static char *common(const struct bisect *b, const struct commit *x, const struct commit *y)
{
    const char *const words[] = {"merge-base", x->id, y->id, NULL};
    char *complaint = NULL, *id = git_ask(b->q->repository, words, &complaint);

    free(complaint);
    if (id)
        id[strcspn(id, "\n")] = 0;
    return id ? id : mem_copy("");
}

static int find_range(struct bisect *b, struct err *e)
{
    struct commit good = {0}, bad = {0};
    char *base = NULL;
    int failed = commit_of(b->q->repository, b->q->good, &good, e) || commit_of(b->q->repository, b->q->bad, &bad, e);

    if (!failed) {
        base = common(b, &good, &bad);
        b->out->swapped = !strcmp(base, bad.id);
        if (!strcmp(good.id, bad.id))
            failed = err_set(e, CM_USAGE, "%.60s and %.60s are one commit, %.10s: there is nothing between them",
                             b->q->good, b->q->bad, good.id);
        else if (strcmp(base, good.id) && strcmp(base, bad.id))
            failed = err_set(e, CM_USAGE, "neither of %.60s and %.60s descends from the other%s%.10s%s", b->q->good,
                             b->q->bad, *base ? ": their histories part at " : "", base,
                             *base ? ", which may be the good one" : "");
        else
            failed = b->out->swapped ? read_range(b, &bad, &good, e) : read_range(b, &good, &bad, e);
    }
    commit_free(&good);
    commit_free(&bad);
    free(base);
    return failed ? -1 : 0;
}

static double spent(const struct bisect *b)
{
    return (double)(clock_ns() - b->started_ns) / 1e9;
}

static void announce(const struct bisect *b)
{
    const struct bisect_outcome *o = b->out;
    double builds, launches;
    size_t built = 0, stored = 0;

    search_expect(&o->search, &builds, &launches);
    for (size_t i = 0; i < o->commits.count; i++) {
        built += o->search.commits[i].built;
        stored += o->known[i].stored_count;
    }
    builds *= 1 - (double)built / (double)o->commits.count; /* what is built costs nothing more */
    log_note("%s of %s: %zu commit%s between %.10s and %.10s, about %.0f builds and %.0f launches", b->metric.name,
             b->q->point, o->commits.count - 1, o->commits.count == 2 ? "" : "s", o->commits.items[0].id,
             o->commits.items[o->commits.count - 1].id, builds, launches);
    if (built || stored)
        log_note("%zu commit%s built already, and %zu launch%s of before can be used", built,
                 built == 1 ? " is" : "s are", stored, stored == 1 ? "" : "es");
}

/* Once the ends were built, it is known what things cost. */
static void announce_price(const struct bisect *b)
{
    const struct bisect_outcome *o = b->out;
    double builds, launches, build_s = o->builds ? o->build_s / (double)o->builds : 0, launch_s;
    char one[40], launch[40], all[40];

    if (!o->launches)
        return;
    search_expect(&o->search, &builds, &launches);
    launch_s = o->launch_s / (double)o->launches;
    text_quantity(launch_s, "s", launch, sizeof launch);
    text_duration_words(builds * build_s + launches * launch_s, all, sizeof all);
    if (o->builds)
        log_note("a build takes %s, a launch %s: about %s in all", text_quantity(build_s, "s", one, sizeof one), launch,
                 all);
    else
        log_note("a launch takes %s: about %s in all without builds", launch, all);
}

/* An end without a value ends it all; any other commit is left out. */
static int leave_out(struct bisect *b, size_t i, struct err *e)
{
    const struct commit *c = &b->out->commits.items[i];

    if (!search_skip(&b->out->search, i)) {
        log_note("%.10s is left out: %s", c->id, b->out->known[i].reason);
        return 0;
    }
    return err_set(e, CM_NOTHING, "the %s end %.10s cannot be measured: %.700s; %.900s",
                   (i == 0) != b->out->swapped ? "good" : "bad", c->id, b->out->known[i].reason,
                   b->unmeasured ? b->unmeasured : "choose another one near it");
}

/* Of this call alone: what was measured before costs nothing now. */
static bool is_used_up(const struct bisect *b)
{
    return (b->q->budget_s > 0 && spent(b) > b->q->budget_s) || b->out->launches >= b->most_launches;
}

static int take_step(struct bisect *b, const struct search_step *step, struct err *e)
{
    struct bisect_outcome *o = b->out;

    for (size_t k = 0; k < step->count; k++) {
        size_t i = step->commits[k];
        double value;

        if (o->search.commits[i].skipped)
            continue;
        if (is_used_up(b))
            return 0;
        if (bisect_measure(b, i, &value, e))
            return -1;
        if (isfinite(value))
            search_add(&o->search, i, value);
        else if (leave_out(b, i, e))
            return -1;
        search_price(&o->search, o->builds ? o->build_s / (double)o->builds : 0,
                     o->launches ? o->launch_s / (double)o->launches : 0);
    }
    return 0;
}

static int search(struct bisect *b, struct err *e)
{
    struct search *s = &b->out->search;
    struct search_step step;
    enum search_phase phase = SEARCH_ENDS;

    while (search_next(s, &step) == SEARCH_NOT_YET) {
        if (phase == SEARCH_ENDS && s->phase != SEARCH_ENDS)
            announce_price(b);
        phase = s->phase;
        if (is_used_up(b)) {
            search_stop(s);
            b->out->stopped = true;
        } else if (take_step(b, &step, e)) {
            return -1;
        }
    }
    b->out->stopped = b->out->stopped || (s->answer == SEARCH_UNDECIDED && s->launches >= s->options.most_launches);
    return s->answer == SEARCH_FOUND ? bisect_why(b, e) : 0;
}

static int set_up(struct bisect *b, struct err *e)
{
    const struct bisect_request *q = b->q;
    struct bisect_outcome *o = b->out;
    struct search_options options = {.threshold = q->min_effect, .most_launches = q->launches, .seed = 1};

    if (find_range(b, e) || host_read(&b->host, q->machine, q->config->machine_class, NULL, e) || bisect_shape(b, e))
        return -1;
    o->known = mem_new(o->commits.count, sizeof *o->known);
    options.deterministic = b->metric.deterministic;
    search_begin(&o->search, o->commits.count, &options);
    for (size_t i = 0; i < o->commits.count; i++) {
        if (commit_build_known(b->database, q->config, &o->commits.items[i]) == 1)
            search_built(&o->search, i);
    }
    if (bisect_store_open(b, e))
        return -1;
    b->most_launches = o->search.options.most_launches;
    for (size_t i = 0; i < o->commits.count; i++)
        o->search.options.most_launches += o->known[i].stored_count;
    return 0;
}

/* A database in the working folder is found from the worktrees, too. */
static char *absolute(const char *path)
{
    char *here = *path == '/' ? NULL : getcwd(NULL, 0),
         *whole = here ? mem_format("%s/%s", here, path) : mem_copy(path);

    free(here);
    return whole;
}

int bisect_run(const struct bisect_request *q, struct bisect_outcome *out, struct err *e)
{
    struct bisect b = {.q = q, .out = out, .database = absolute(q->database), .started_ns = clock_ns()};
    int failed;

    *out = (struct bisect_outcome){0};
    launch_catch_signals(true);
    failed = set_up(&b, e);
    if (!failed) {
        announce(&b);
        failed = search(&b, e);
    }
    if (bisect_store_close(&b, failed ? NULL : e))
        failed = -1;
    launch_catch_signals(false);
    if (failed && e->code == CM_INTERRUPTED) {
        err_clear(e);
        err_set(e, CM_INTERRUPTED, "interrupted: %zu launches are kept, and the same command goes on", out->launches);
    }
    out->seconds = spent(&b);
    bisect_shape_free(&b);
    host_free(&b.host);
    free(b.database);
    return failed;
}

void bisect_outcome_free(struct bisect_outcome *o)
{
    for (size_t i = 0; o->known && i < o->commits.count; i++) {
        free(o->known[i].stored);
        free(o->known[i].reason);
    }
    for (size_t i = 0; o->why && i < o->search.culprit_count; i++)
        free(o->why[i]);
    free(o->why);
    free(o->known);
    free(o->unit);
    if (o->search.commits)
        search_free(&o->search);
    commits_free(&o->commits);
    *o = (struct bisect_outcome){0};
}

int bisect_exit_code(const struct bisect_outcome *o)
{
    switch (o->search.answer) {
    case SEARCH_FOUND: return CM_FINE;
    case SEARCH_SAME: return CM_NOTHING;
    case SEARCH_UNDECIDED:
    case SEARCH_NOT_YET: break;
    }
    return CM_UNTRUSTED;
}
