/* A history in words: its findings by commit, those first that somebody has to act on. */
#include "history.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED = 12, SUSPECTS = 6 };

static void add_clean(struct buf *out, const char *text)
{
    char *copy = mem_copy(text);

    text_disarm(copy, false);
    buf_add(out, copy);
    free(copy);
}

static int64_t time_of(const struct series_run *run)
{
    return run->commit_time ? run->commit_time : run->started;
}

static void add_day(struct buf *out, int64_t seconds)
{
    char text[32];

    clock_iso8601(seconds, text);
    buf_add_n(out, text, 10);
}

static size_t count_of(const struct findings *f, enum finding_standing s)
{
    size_t count = 0;

    for (size_t i = 0; i < f->count; i++)
        count += finding_standing(&f->items[i]) == s;
    return count;
}

static void add_counted(struct buf *b, size_t count, const char *one, const char *many)
{
    if (count)
        buf_addf(b, "%s%zu %s", b->length ? ", " : "", count, count == 1 ? one : many);
}

/* "42 runs of 40 commits, 2026-09-01 to 2026-11-20". */
static void write_runs(const struct findings *f, struct buf *out)
{
    const struct series_home *home = &f->home;
    size_t runs = 0, commits = 0, blind = 0, first = home->count, last = 0;

    for (size_t i = 0; i < home->count; i++) {
        const struct series_run *run = &home->runs[i];

        blind += run->id == 0;
        if (!run->id)
            continue;
        runs++;
        commits += run->commit[0] && (last == 0 || strcmp(home->runs[last - 1].commit, run->commit) != 0);
        first = first < i ? first : i;
        last = i + 1;
    }
    buf_addf(out, "%zu run%s", runs, runs == 1 ? "" : "s");
    if (commits)
        buf_addf(out, " of %zu commit%s", commits, commits == 1 ? "" : "s");
    if (blind)
        buf_addf(out, " (%zu more could not be measured)", blind);
    if (last) {
        buf_add(out, ", ");
        add_day(out, time_of(&home->runs[first]));
        buf_add(out, " to ");
        add_day(out, time_of(&home->runs[last - 1]));
    }
}

static void write_head(const struct findings *f, struct buf *out)
{
    struct buf counts = {0};

    buf_add(out, "machine ");
    add_clean(out, f->home.machine);
    if (f->home.branch[0]) {
        buf_add(out, ", branch ");
        add_clean(out, f->home.branch);
    }
    buf_add(out, ": ");
    write_runs(f, out);
    buf_addf(out, ", %zu series%s\n", f->series, f->home.scripted ? " (scripted)" : "");
    add_counted(&counts, count_of(f, STANDS_WORSE), "got worse", "got worse");
    add_counted(&counts, count_of(f, STANDS_BETTER), "got better or otherwise changed",
                "got better or otherwise changed");
    add_counted(&counts, count_of(f, STANDS_SETTLED), "settled", "settled");
    add_counted(&counts, count_of(f, STANDS_PENDING), "pending", "pending");
    buf_addf(out, "%s\n", counts.length ? buf_text(&counts) : "no change found");
    buf_free(&counts);
}

/* One of several commits that it may have been, with why it has no run. */
static void write_suspect(const struct findings *f, const struct commit_known *c, struct buf *out)
{
    buf_addf(out, "    %.7s  ", c->commit);
    add_clean(out, c->subject);
    for (size_t i = 0; i < f->home.count; i++) {
        if (f->home.runs[i].id || strcmp(f->home.runs[i].commit, c->commit) != 0)
            continue;
        buf_add(out, " (");
        add_clean(out, f->home.runs[i].outcome);
        buf_add(out, ")");
        break;
    }
    buf_add(out, "\n");
}

/* The heading that findings of one place share. */
static void write_place(const struct findings *f, const struct finding *one, const struct history_shown *o,
                        struct buf *out)
{
    const struct series_run *run = &f->home.runs[one->last];
    char *words = finding_place_words(f, one);

    if (one->since && o->since) {
        buf_add(out, "since ");
        add_clean(out, o->since);
        buf_add(out, ": ");
    }
    buf_addf(out, "%s  ", words);
    add_day(out, time_of(run));
    if (run->subject[0] && one->kind != CHANGE_CREEP && one->commits < 2) {
        buf_add(out, "  ");
        add_clean(out, run->subject);
    }
    buf_add(out, "\n");
    if (one->kind != CHANGE_CREEP && one->between.count > 1 && one->between.count <= SUSPECTS)
        for (size_t i = 0; i < one->between.count; i++)
            write_suspect(f, &one->between.items[i], out);
    free(words);
}

static void write_line(struct buf *out, const char *title, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "      %s", title);
    add_clean(out, text);
    buf_add(out, "\n");
}

/* How to find the one commit of several. */
static void write_bisect(const struct findings *f, const struct finding *one, struct buf *out)
{
    const struct finding_series *lead = &one->series[0];
    char *point, *metric;

    if (one->commits < 2 || one->kind != CHANGE_STEP || finding_standing(one) > STANDS_BETTER)
        return;
    point = run_quote(1, (char *const[]){lead->point});
    metric = run_quote(1, (char *const[]){lead->metric});
    buf_add(out, "      to find it: countermark bisect --point ");
    add_clean(out, point);
    buf_add(out, " --metric ");
    add_clean(out, metric);
    buf_addf(out, " --good %.10s --bad %.10s\n", f->home.runs[one->before].commit, f->home.runs[one->run].commit);
    free(point);
    free(metric);
}

/* How to accept it: its number is of this list, and no name of it. */
static void write_decision(const struct findings *f, const struct finding *one, struct buf *out)
{
    const struct series_run *run = &f->home.runs[one->run];
    char *globs, *points;

    if (finding_standing(one) != STANDS_WORSE || one->state != FINDING_OPEN || !*run->commit || run->dirty ||
        !strcmp(run->commit, f->home.runs[one->before].commit))
        return;
    globs = finding_globs(one);
    points = run_quote(1, (char *const[]){globs});
    buf_add(out, "      to accept it: countermark accept --points ");
    add_clean(out, points);
    buf_addf(out, " --commit %.10s --reason TEXT\n", run->commit);
    free(points);
    free(globs);
}

/* It stays a finding, but others outweigh it. */
static void write_gone(const struct findings *f, const struct finding *one, struct buf *out)
{
    double now;
    char before[48], after[48];

    if (finding_is_gone(f, one, &now))
        buf_addf(out, "      gone again since: %s now, %s before it\n",
                 text_quantity(now, one->series[0].unit, after, sizeof after),
                 text_quantity(one->series[0].change.before, one->series[0].unit, before, sizeof before));
}

static void write_finding(const struct findings *f, const struct finding *one, struct buf *out)
{
    buf_addf(out, "  F%-3d %s  ", one->number, finding_word(f, one));
    add_clean(out, one->summary);
    buf_add(out, "\n");
    write_line(out, "where: ", one->region);
    write_line(out, "also changed: ", one->machine_note);
    write_line(out, "", one->ledger);
    if (one->undone_by)
        buf_addf(out, "      taken back by F%d\n", one->undone_by);
    if (one->undoes)
        buf_addf(out, "      takes F%d back\n", one->undoes);
    write_gone(f, one, out);
    write_bisect(f, one, out);
    write_decision(f, one, out);
}

static bool same_place(const struct finding *a, const struct finding *b)
{
    return a->run == b->run && a->before == b->before && a->last == b->last && a->since == b->since;
}

static void write_part(const struct findings *f, enum finding_standing s, const char *title,
                       const struct history_shown *o, struct buf *out)
{
    const struct finding *before = NULL;
    size_t count = count_of(f, s), written = 0, limit = o->all ? count : LISTED;

    if (count)
        buf_addf(out, "\n%s\n", title);
    for (size_t i = 0; i < f->count && written < limit; i++) {
        const struct finding *one = &f->items[i];

        if (finding_standing(one) != s)
            continue;
        if (!before || !same_place(before, one))
            write_place(f, one, o, out);
        write_finding(f, one, out);
        before = one;
        written++;
    }
    if (written < count)
        buf_addf(out, "  and %zu more: --all\n", count - written);
}

/* The commits that have no run, each with the reason. */
static void write_unmeasured(const struct findings *f, struct buf *out)
{
    bool first = true;

    for (size_t i = 0; i < f->home.count; i++) {
        const struct series_run *run = &f->home.runs[i];

        if (run->id)
            continue;
        if (first)
            buf_add(out, "\nCould not be measured:\n");
        first = false;
        buf_addf(out, "  %.7s  ", run->commit);
        add_clean(out, run->subject);
        buf_add(out, " (");
        add_clean(out, run->outcome);
        buf_add(out, ")\n");
    }
}

bool history_is_one_point(const struct findings *f)
{
    return f->series > 0 && !strcmp(f->all[0].point, f->all[f->series - 1].point);
}

void history_write_text(const struct findings *f, const struct history_shown *o, struct buf *out)
{
    size_t doubtful = count_of(f, STANDS_DOUBTFUL);

    write_head(f, out);
    if (history_is_one_point(f))
        history_write_levels(f, out);
    write_part(f, STANDS_WORSE, "Got worse:", o, out);
    write_part(f, STANDS_BETTER, "Got better, or changed without being worse:", o, out);
    write_part(f, STANDS_SETTLED, "Settled (taken back, accepted or ignored):", o, out);
    write_part(f, STANDS_PENDING, "Pending (seen too late to be sure; one or two more runs will tell):", o, out);
    if (o->all) {
        write_part(f, STANDS_DOUBTFUL, "Doubtful (so many series show as much by chance):", o, out);
        write_unmeasured(f, out);
    } else if (doubtful) {
        buf_addf(out, "\n%zu more that chance shows among so many series: --all\n", doubtful);
    }
}
