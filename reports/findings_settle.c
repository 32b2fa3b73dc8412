/* What became of findings: taken back by a later change, accepted, ignored; and the order in which people read them. */
#include "findings_parts.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What takes a change back leaves no more of it than this share; and does so in at least this share of its series. */
#define REST 0.35
#define SHARED 0.5

static double size_of_change(const struct change *c)
{
    double size = fabs(log(c->ratio));

    return isnan(size) ? 0 : fmin(size, 10);
}

static double size_of(const struct finding *f)
{
    double size = 0;

    for (size_t i = 0; i < f->series_count; i++)
        size = fmax(size, size_of_change(&f->series[i].change));
    return size;
}

static const struct finding_series *find_series(const struct finding *f, const struct finding_series *wanted)
{
    for (size_t i = 0; i < f->series_count; i++)
        if (!strcmp(f->series[i].point, wanted->point) && !strcmp(f->series[i].metric, wanted->metric))
            return &f->series[i];
    return NULL;
}

static bool takes_back(const struct finding *later, const struct finding *earlier)
{
    size_t back = 0;

    if (later->kind != CHANGE_STEP || earlier->kind != CHANGE_STEP || later->worse == earlier->worse ||
        later->pending || strcmp(later->kernel, earlier->kernel) != 0)
        return false;
    for (size_t i = 0; i < earlier->series_count; i++) {
        const struct finding_series *then = &earlier->series[i], *now = find_series(later, then);
        double left = now ? log(then->change.ratio) + log(now->change.ratio) : NAN;

        back += fabs(left) <= REST * size_of_change(&then->change);
    }
    return back > 0 && (double)back >= SHARED * (double)earlier->series_count;
}

/* Findings are named by their index + 1 here; the first later one that fits, each takes back one. */
static void match_reverts(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t best = f->count;

        for (size_t k = 0; k < f->count; k++)
            if (f->items[k].run > f->items[i].run && !f->items[k].undoes && !f->items[k].doubtful &&
                (best == f->count || f->items[k].run < f->items[best].run) && takes_back(&f->items[k], &f->items[i]))
                best = k;
        if (best < f->count) {
            f->items[i].undone_by = (int)best + 1;
            f->items[best].undoes = (int)i + 1;
        }
    }
}

/* The place of a run in the history; -1 if it stands in none of it. */
static double place_of(const struct series_home *home, int64_t run)
{
    size_t low = 0, high = home->member_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (home->members[middle].run < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low < home->member_count && home->members[low].run == run ? (double)home->members[low].index : -1;
}

static bool is_about(const struct findings *f, const struct finding *one, const char *commit)
{
    for (size_t i = one->before + 1; i <= one->last; i++)
        if (text_starts(f->home.runs[i].commit, commit))
            return true;
    for (size_t i = 0; i < one->between.count; i++) /* those without a run, too */
        if (text_starts(one->between.items[i].commit, commit))
            return true;
    return false;
}

/* What was accepted with a run is all that was there by then. Other decisions about a commit are about its findings alone, those about
 * a run likewise about what was there. */
static bool applies(const struct findings *f, const struct finding *one, const struct ledger_entry *entry)
{
    bool accepted_run = entry->run && !strcmp(entry->kind, "accept");

    if (entry->commit[0] && !accepted_run)
        return is_about(f, one, entry->commit);
    return !entry->run || place_of(&f->home, entry->run) >= (double)one->run;
}

static const struct ledger_entry *decision_on(const struct findings *f, const struct finding *one,
                                              const struct finding_series *s, const struct ledger *l)
{
    const struct ledger_entry *note = NULL;

    for (size_t i = l->count; i-- > 0;) {
        const struct ledger_entry *entry = &l->items[i];
        bool is_note = !strcmp(entry->kind, "note");

        if (entry->expired || (is_note && note) || !text_glob(entry->points, s->point) ||
            !metric_matches(entry->metrics, s->metric) || !applies(f, one, entry))
            continue;
        if (!is_note)
            return entry;
        note = entry;
    }
    return note;
}

static enum finding_state state_of(const struct ledger_entry *entry)
{
    if (!entry)
        return FINDING_OPEN;
    return !strcmp(entry->kind, "accept") ? FINDING_ACCEPTED
           : !strcmp(entry->kind, "note") ? FINDING_NOTED
                                          : FINDING_IGNORED;
}

/* "accepted: slower on purpose (until 2026-12-31)", "ignored for 3 of 12 series: ..." */
static char *decision_words(const struct ledger_entry *entry, size_t covered, size_t of)
{
    static const char *const words[] = {"", "accepted", "ignored", "noted"};
    char *part = covered < of ? mem_format(" for %zu of %zu series", covered, of) : mem_copy("");
    char *text = mem_format("%s%s: %s%s%s%s", words[state_of(entry)], part, entry->reason,
                            entry->until ? " (until " : "", entry->until ? entry->until : "", entry->until ? ")" : "");

    free(part);
    text_disarm(text, false);
    return text;
}

/* Settled is what is decided for every series that counts: of a regression those that got worse. */
static void decide(const struct findings *f, struct finding *one, const struct ledger *l)
{
    const struct ledger_entry *of_state[FINDING_NOTED + 1] = {NULL};
    size_t counted = 0, covered[FINDING_NOTED + 1] = {0};
    enum finding_state shown = FINDING_OPEN;

    for (size_t i = 0; i < one->series_count; i++) {
        const struct ledger_entry *entry;
        enum finding_state state;

        if (one->worse && !one->series[i].worse)
            continue;
        entry = decision_on(f, one, &one->series[i], l);
        state = state_of(entry);
        counted++;
        covered[state]++;
        if (!of_state[state])
            of_state[state] = entry;
    }
    for (enum finding_state s = FINDING_ACCEPTED; s <= FINDING_NOTED; s++)
        if (covered[s] > covered[shown] || shown == FINDING_OPEN)
            shown = covered[s] ? s : shown;
    if (shown == FINDING_OPEN)
        return;
    one->ledger = decision_words(of_state[shown], covered[shown], counted);
    if (shown == FINDING_NOTED || covered[FINDING_ACCEPTED] + covered[FINDING_IGNORED] == counted)
        one->state = shown;
}

bool finding_lasts(const struct change *c, double level)
{
    if (c->kind == CHANGE_SPREAD || c->kind == CHANGE_MODES || c->pending)
        return true;
    return fabs(level - c->before) > 0.25 * fabs(c->after - c->before) && (level > c->before) == (c->after > c->before);
}

bool finding_is_gone(const struct findings *f, const struct finding *one, double *now)
{
    const struct finding_series *lead = one->series;
    const struct findings_series *s = one->series_count ? findings_series_of(f, lead->point, lead->metric) : NULL;

    if (one->undone_by || !s || !s->count)
        return false;
    *now = s->levels[s->count - 1].median;
    return !finding_lasts(&lead->change, *now);
}

enum finding_standing finding_standing(const struct finding *f)
{
    if (f->doubtful)
        return STANDS_DOUBTFUL;
    if (f->state == FINDING_ACCEPTED || f->state == FINDING_IGNORED || f->undone_by || (f->undoes && !f->worse))
        return STANDS_SETTLED;
    if (f->pending)
        return STANDS_PENDING;
    return f->worse ? STANDS_WORSE : STANDS_BETTER;
}

static int by_reading(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    double size;

    if (finding_standing(x) != finding_standing(y))
        return finding_standing(x) < finding_standing(y) ? -1 : 1;
    if (x->run != y->run)
        return x->run > y->run ? -1 : 1;
    size = size_of(x) - size_of(y);
    if (size != 0)
        return size > 0 ? -1 : 1;
    return strcmp(x->kernel, y->kernel) ? strcmp(x->kernel, y->kernel) : (int)x->kind - (int)y->kind;
}

static int series_weight(const struct finding_series *s)
{
    return !strcmp(s->metric, "wall.time") || !strcmp(s->metric, "device.time") ? 0
           : text_glob(METRICS_GATING, s->metric)                               ? 1
                                                                                : 2;
}

/* What people look at first: times, then counts, then the rest; what moved most leads. */
static int by_weight(const void *a, const void *b)
{
    const struct finding_series *x = a, *y = b;
    double size = size_of_change(&x->change) - size_of_change(&y->change);

    if (series_weight(x) != series_weight(y))
        return series_weight(x) - series_weight(y);
    if (x->change.kind != y->change.kind)
        return (int)x->change.kind - (int)y->change.kind;
    if (size != 0)
        return size > 0 ? -1 : 1;
    return strcmp(x->point, y->point) ? strcmp(x->point, y->point) : strcmp(x->metric, y->metric);
}

static void put_in_order(struct findings *f)
{
    int *number_of = mem_new(f->count + 1, sizeof *number_of);

    for (size_t i = 0; i < f->count; i++) {
        f->items[i].number = (int)i + 1;
        qsort(f->items[i].series, f->items[i].series_count, sizeof *f->items[i].series, by_weight);
    }
    if (f->count)
        qsort(f->items, f->count, sizeof *f->items, by_reading);
    for (size_t i = 0; i < f->count; i++)
        number_of[f->items[i].number] = (int)i + 1;
    for (size_t i = 0; i < f->count; i++) {
        f->items[i].number = (int)i + 1;
        f->items[i].undone_by = number_of[f->items[i].undone_by];
        f->items[i].undoes = number_of[f->items[i].undoes];
    }
    free(number_of);
}

int findings_settle(struct store *s, struct findings *f, struct err *e)
{
    struct ledger l;

    if (ledger_load(s, &l, e))
        return -1;
    match_reverts(f);
    for (size_t i = 0; i < f->count; i++)
        decide(f, &f->items[i], &l);
    ledger_free(&l);
    put_in_order(f);
    return 0;
}
