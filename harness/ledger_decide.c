/* From the words of accept, ignore and note to rows of the ledger: see ledger_decide.h. */
#include "ledger_decide.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ref_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) .offset = offsetof(struct decide_options, field)

const struct option_row decide_rows[] = {
    {"reason", 0, OPTION_TEXT, "TEXT", "says why, for those who read the ledger later (needed)", AT(reason), NULL},
    {"until", 0, OPTION_TEXT, "DATE", "holds up to this day, 2026-12-31", AT(until), NULL},
    {"points", 0, OPTION_TEXT, "GLOB", "means these points instead of a finding's", AT(points), NULL},
    {"metrics", 0, OPTION_TEXT, "GLOB", "means these metrics of the points", AT(metrics), NULL},
    {"commit", 0, OPTION_TEXT, "REV", "is about this commit", AT(commit), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "means the last check and the runs of this machine", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "writes into this database (countermark.db)", AT(database), NULL},
    {0},
};

static bool is_accept(const struct decision *d)
{
    return !strcmp(d->kind, "accept");
}

/* Scripted runs prove the gate, not the machine: they are a baseline among their like only. */
static int check_run(struct store *s, int64_t run, struct err *e)
{
    char id[24], *status = NULL;
    const char *const parameters[] = {id};
    double value;
    bool mixed;
    int failed;

    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_text(s, "SELECT status FROM run WHERE id = ?1", parameters, 1, &status, e))
        return -1;
    failed = status && strcmp(status, "complete")
                 ? err_set(e, CM_USAGE, "run %s is %s and cannot be a baseline; complete it: countermark run --resume",
                           id, status)
                 : 0;
    free(status);
    if (failed || store_number(s,
                               "SELECT 1 FROM run WHERE id = ?1 AND scripted = 1"
                               " AND EXISTS (SELECT 1 FROM run WHERE scripted = 0)",
                               parameters, 1, &value, &mixed, e))
        return -1;
    return mixed ? err_set(e, CM_USAGE, "run %s is scripted and cannot be a baseline among real runs", id) : 0;
}

/* A glob that matches nothing stored is a typing mistake. */
static int check_points(struct store *s, const char *points, struct err *e)
{
    const char *const parameters[] = {points};
    double value;
    bool found;

    if (store_number(s, "SELECT 1 FROM point WHERE role = '' AND cm_glob(?1, text) LIMIT 1", parameters, 1, &value,
                     &found, e))
        return -1;
    return found ? 0
                 : err_set(e, CM_USAGE, "no point in %s matches '%.200s'; see: countermark show last", store_path(s),
                           points);
}

static int check_metrics(struct store *s, const char *metrics, struct err *e)
{
    const char *const parameters[] = {metrics};
    double value;
    bool found;

    if (store_number(s, "SELECT 1 FROM metric WHERE cm_glob(?1, name) LIMIT 1", parameters, 1, &value, &found, e))
        return -1;
    return found ? 0
                 : err_set(e, CM_USAGE, "no metric in %s matches '%.200s'; see: countermark list metrics",
                           store_path(s), metrics);
}

static int add_row(struct store *s, const struct decision *d, const char *points, const char *metrics, int64_t run,
                   const char *commit, struct err *e)
{
    struct ledger_row row = {.kind = d->kind,
                             .points = points,
                             .metrics = metrics,
                             .run = run,
                             .reason = d->options->reason,
                             .until = d->options->until,
                             .commit = commit};

    return store_ledger_add(s, &row, NULL, e);
}

static const char *past_words(const struct decision *d)
{
    return is_accept(d) ? "accepted" : !strcmp(d->kind, "ignore") ? "ignored" : "noted";
}

/* Before today, as the ledger counts days; what is no day is refused where it is stored. */
static bool has_passed(const char *until)
{
    char today[32];

    clock_iso8601(clock_wall_seconds(), today);
    today[strlen("2026-12-31")] = 0;
    return until && strlen(until) == strlen(today) && strcmp(until, today) < 0 &&
           strspn(until, "0123456789-") == strlen(until);
}

/* "; until 2026-12-31" and how it goes on. */
static void say_until(const struct decision *d, struct buf *said)
{
    if (d->options->until)
        buf_addf(said, ", until %s", d->options->until);
    buf_add(said, "\n");
}

/* What is wrong is repaired, and no decision: looking away from it is not offered. A remark on it is fine. */
static int check_finding(const struct decision *d, const struct decide_finding *f, struct err *e)
{
    if (f->wrong && is_accept(d))
        return err_set(e, CM_USAGE, "F%d is a wrong result of %s: that is never accepted, it is repaired", f->number,
                       f->points[0]);
    if (f->wrong && !strcmp(d->kind, "ignore"))
        return err_set(e, CM_USAGE, "F%d is a wrong result of %s: that is never ignored, it is repaired", f->number,
                       f->points[0]);
    if (f->failed && is_accept(d))
        return err_set(e, CM_USAGE, "F%d has failed launches of %s: there is no sound result to accept", f->number,
                       f->points[0]);
    return 0;
}

static char *joined(char **items, size_t count)
{
    struct buf b = {0};

    for (size_t i = 0; i < count; i++)
        buf_addf(&b, "%s%s", i ? "," : "", items[i]);
    return b.length ? buf_take(&b) : mem_copy("*");
}

static int store_finding(struct store *s, const struct decision *d, const struct decide_finding *f, struct err *e)
{
    char *moved = is_accept(d) || f->failed ? mem_copy("*") : joined(f->metrics, f->metric_count);
    char **globs = decide_finding_globs(f);
    int failed = 0;

    for (size_t i = 0; globs[i]; i++) {
        failed =
            failed || add_row(s, d, globs[i], d->options->metrics ? d->options->metrics : moved, f->run, f->commit, e);
        free(globs[i]);
    }
    free(globs);
    free(moved);
    return failed;
}

static int decide_finding(struct store *s, const struct decision *d, int number, struct buf *said, struct err *e)
{
    struct decide_finding f;
    int failed = decide_finding_read(s, d->options->machine, number, &f, e) || check_finding(d, &f, e) ||
                 (is_accept(d) && check_run(s, f.run, e)) || store_finding(s, d, &f, e);

    if (!failed) {
        buf_addf(said, "%s F%d: %zu point%s of run %" PRId64 " (%s%s)", past_words(d), number, f.point_count,
                 f.point_count == 1 ? "" : "s", f.run, f.points[0], f.point_count > 1 ? ", ..." : "");
        buf_add(said, is_accept(d)                 ? " are the baseline from now on"
                      : !strcmp(d->kind, "ignore") ? ": reported, but the gate does not fail for it"
                                                   : "");
        say_until(d, said);
    }
    decide_finding_free(&f);
    return failed ? -1 : 0;
}

/* A run with something wrong in it is no baseline where that would be part of it. */
static int check_sound(struct store *s, int64_t run, const char *points, struct err *e)
{
    char id[24], *wrong = NULL;
    const char *const parameters[] = {id, points ? points : ""};
    int failed;

    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_text(s,
                   "SELECT point FROM v_points WHERE run = ?1 AND (wrong > 0 OR failed > 0)"
                   " AND (?2 = '' OR cm_glob(?2, point)) ORDER BY point LIMIT 1",
                   parameters, 2, &wrong, e))
        return -1;
    failed = wrong ? err_set(e, CM_USAGE,
                             "run %s has wrong results or failed launches (%s) and cannot be a baseline as a whole; "
                             "accept its findings one by one: countermark check",
                             id, wrong)
                   : 0;
    free(wrong);
    return failed;
}

static void say_target(const struct decision *d, int64_t run, const char *commit, struct buf *said)
{
    const struct decide_options *o = d->options;

    buf_addf(said, "%s", past_words(d));
    if (run)
        buf_addf(said, " run %" PRId64, run);
    if (is_accept(d)) {
        buf_addf(said, ": it is the baseline of %s%s%s%s from now on", o->points ? "points " : "all its points",
                 o->points ? o->points : "", o->metrics ? ", metrics " : "", o->metrics ? o->metrics : "");
    } else {
        buf_addf(said, "%s%s%s%s%s", run && o->points ? "," : "", o->points ? " points " : "",
                 o->points ? o->points : "", o->metrics ? ", metrics " : "", o->metrics ? o->metrics : "");
        if (commit && *commit && !run)
            buf_addf(said, " since commit %.7s", commit);
        if (!strcmp(d->kind, "ignore"))
            buf_add(said, ": reported, but the gate does not fail for it");
    }
    say_until(d, said);
}

static int run_commit(struct store *s, int64_t run, char **commit, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, run);
    return store_text(s,
                      "SELECT CASE WHEN b.dirty THEN '' ELSE b.commit_id END FROM run r JOIN build b ON b.id = r.build"
                      " WHERE r.id = ?1",
                      parameters, 1, commit, e);
}

static int decide_run(struct store *s, const struct decision *d, int64_t run, const char *about, struct buf *said,
                      struct err *e)
{
    const struct decide_options *o = d->options;
    char *commit = about ? mem_copy(about) : NULL;
    int failed = 0;

    if (is_accept(d))
        failed = check_run(s, run, e) || check_sound(s, run, o->points, e);
    if (!failed && !commit)
        failed = run_commit(s, run, &commit, e);
    if (!failed)
        failed =
            add_row(s, d, o->points ? o->points : "*", o->metrics ? o->metrics : "*", run, commit ? commit : "", e);
    if (!failed)
        say_target(d, run, commit, said);
    free(commit);
    return failed ? -1 : 0;
}

/* Points by name: an acceptance needs a run all the same, that of the commit or the newest one. */
static int decide_points(struct store *s, const struct decision *d, struct buf *said, struct err *e)
{
    const struct decide_options *o = d->options;
    char *commit = o->commit ? ref_commit(s, o->commit, e) : mem_copy("");
    int64_t run = 0;
    int failed = commit ? 0 : -1;

    if (!failed && is_accept(d)) {
        char *ref = o->commit ? mem_format("commit:%s", commit) : mem_copy("last");

        failed = ref_find(s, ref, o->machine, NULL, 0, &run, NULL, e) ||
                 decide_run(s, d, run, o->commit ? commit : NULL, said, e);
        free(ref);
    } else if (!failed) {
        failed = add_row(s, d, o->points ? o->points : "*", o->metrics ? o->metrics : "*", 0, commit, e);
        if (!failed)
            say_target(d, 0, commit, said);
    }
    free(commit);
    return failed ? -1 : 0;
}

static int decide(struct store *s, const struct decision *d, struct buf *said, struct err *e)
{
    const struct decide_options *o = d->options;
    int number = d->what ? decide_finding_number(d->what) : 0;
    int64_t run = 0;

    if ((o->points && check_points(s, o->points, e)) || (o->metrics && check_metrics(s, o->metrics, e)))
        return -1;
    if (number)
        return decide_finding(s, d, number, said, e);
    if (!d->what)
        return decide_points(s, d, said, e);
    return ref_find(s, d->what, o->machine, NULL, 0, &run, NULL, e) ? -1 : decide_run(s, d, run, NULL, said, e);
}

static int check_words(const struct decision *d, const struct option_list *operands, struct err *e)
{
    const struct decide_options *o = d->options;

    if (operands->count > 1 || (!operands->count && !o->points && !o->commit))
        return err_set(e, CM_USAGE,
                       "%s takes one finding or one run, or --points or --commit: countermark %s F1 --reason TEXT",
                       d->kind, d->kind);
    if (operands->count && o->commit)
        return err_set(e, CM_USAGE, "--commit goes with --points; %s has its own commit", operands->items[0]);
    if (operands->count && o->points && decide_finding_number(operands->items[0]))
        return err_set(e, CM_USAGE, "%s has its own points; --points goes without it, or with a run",
                       operands->items[0]);
    if (!o->reason || !*o->reason)
        return err_set(e, CM_USAGE, "%s needs --reason TEXT: others will want to know why", d->kind);
    if (has_passed(d->options->until))
        return err_set(e, CM_USAGE, "--until %s has passed: a decision needs a day that is still to come",
                       d->options->until);
    return 0;
}

int decide_command(const char *kind, int argc, char **argv, struct buf *said, struct err *e)
{
    struct decide_options o = {0};
    struct decision d = {.kind = kind, .options = &o};
    struct option_list operands = {0};
    struct config c = {0};
    struct store *s = NULL;
    int failed = opt_parse(decide_rows, argc, argv, &o, &operands, NULL, e) || check_words(&d, &operands, e) ||
                 config_read(&c, e);

    if (!failed) {
        o.machine = o.machine ? o.machine : c.machine; /* as check has it */
        d.what = operands.count ? operands.items[0] : NULL;
        failed = store_open(&s,
                            o.database   ? o.database
                            : c.database ? c.database
                                         : "countermark.db",
                            STORE_UPDATE, e) ||
                 decide(s, &d, said, e);
    }
    store_close(s);
    config_free(&c);
    opt_list_free(&operands);
    return failed ? e->code : CM_FINE;
}
