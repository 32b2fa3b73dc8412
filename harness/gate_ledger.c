/*
 * The gate honours what people decided. What is ignored is judged and told as ever, but does not count in the exit code; where a run was
 * named as the baseline, what was accepted since then does not count either, as long as it got no worse. A wrong result always counts.
 * Decisions that have ended, or that cover nothing that is measured here, are told.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "ledger_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD = 6 }; /* notes; the others are counted */

/* Whether what came with an entry's commit lies between a baseline and the candidate: asked once. */
struct span {
    const struct ledger_entry *entry;
    const struct gate_side *baseline;
    bool holds;
};

struct spans {
    struct span *items;
    size_t count, capacity;
};

static bool is_kind(const struct ledger_entry *entry, const char *kind)
{
    return !strcmp(entry->kind, kind);
}

/* Is `part` the commit or an ancestor of it? By what is stored of parents; where that ends, by time. */
static int contains(struct gate *g, const char *commit, const char *part, bool *yes, struct err *e)
{
    const char *const parameters[] = {commit, part};
    double value;
    bool found;

    if (store_number(g->store,
                     "WITH RECURSIVE up (id) AS (SELECT ?1 UNION SELECT p.value FROM up JOIN commits c"
                     " ON c.commit_id = up.id JOIN json_each('[\"' || replace(c.parents, ' ', '\",\"') || '\"]') p"
                     " WHERE c.parents <> ''),"
                     " known (id, time) AS (SELECT commit_id, commit_time FROM commits UNION"
                     " SELECT commit_id, commit_time FROM build)"
                     " SELECT CASE WHEN EXISTS (SELECT 1 FROM up WHERE id GLOB ?2 || '*') THEN 1"
                     " WHEN NOT EXISTS (SELECT 1 FROM up LEFT JOIN commits c ON c.commit_id = up.id"
                     " WHERE c.parents IS NULL) THEN 0"
                     " ELSE coalesce((SELECT max(time) FROM known WHERE id GLOB ?2 || '*') <="
                     " (SELECT max(time) FROM known WHERE id = ?1), 0) END",
                     parameters, 2, &value, &found, e))
        return -1;
    *yes = found && value > 0;
    return 0;
}

/* The candidate has the commit, and the baseline is not beyond it. */
static int spans_commit(struct gate *g, const struct ledger_entry *entry, const struct gate_side *baseline, bool *holds,
                        struct err *e)
{
    bool has = !g->candidate.commit[0], beyond = false;

    if (!has && contains(g, g->candidate.commit, entry->commit, &has, e))
        return -1;
    if (has && baseline && baseline->commit[0] && !text_starts(baseline->commit, entry->commit) &&
        contains(g, baseline->commit, entry->commit, &beyond, e))
        return -1;
    *holds = has && !beyond;
    return 0;
}

static int is_spanned(struct gate *g, struct spans *known, const struct ledger_entry *entry,
                      const struct gate_side *baseline, bool *holds, struct err *e)
{
    for (size_t i = 0; i < known->count; i++) {
        if (known->items[i].entry == entry && known->items[i].baseline == baseline) {
            *holds = known->items[i].holds;
            return 0;
        }
    }
    if (spans_commit(g, entry, baseline, holds, e))
        return -1;
    VEC_ROOM(known->items, known->count, known->capacity);
    known->items[known->count++] = (struct span){entry, baseline, *holds};
    return 0;
}

static bool covers(const struct ledger_entry *entry, const char *point, const char *metric)
{
    return text_glob(entry->points, point) && metric_matches(entry->metrics, metric);
}

/* An ignored run is one night; an ignored finding or glob is for all nights, a commit's for what came with it. */
static int is_ignored_by(struct gate *g, struct spans *known, const struct ledger_entry *entry,
                         const struct gate_item *item, bool *yes, struct err *e)
{
    *yes = !entry->expired && is_kind(entry, "ignore") && covers(entry, item->point->text, item->metric->name) &&
           !(entry->run && !strcmp(entry->points, "*") && entry->run != g->candidate.run);
    if (!*yes || !*entry->commit || (entry->run && !strcmp(entry->points, "*")))
        return 0;
    return is_spanned(g, known, entry, item->baseline, yes, e);
}

/* The median that the point had in the accepted run, and when that started. */
static int accepted_value(struct gate *g, const struct gate_item *item, int64_t run, double *value, double *started,
                          struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, item->point->text, item->metric->name};
    bool found;

    snprintf(id, sizeof id, "%" PRId64, run);
    *value = *started = NAN;
    return store_number(g->store,
                        "SELECT s.median FROM summary s JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric"
                        " WHERE s.run IN " GATE_RUNS " AND p.text = ?2 AND m.name = ?3",
                        parameters, 3, value, &found, e) ||
                   store_number(g->store, "SELECT started FROM run WHERE id = ?1", parameters, 1, started, &found, e)
               ? -1
               : 0;
}

/* Against a baseline that was named: accepted later than that, and not worse since. */
static int is_accepted_by(struct gate *g, const struct ledger_entry *entry, const struct gate_item *item, bool *yes,
                          struct err *e)
{
    double value, started, worse, before;

    *yes = false;
    if (!g->options->baseline || !item->baseline || entry->expired || !is_kind(entry, "accept") ||
        ledger_is_automatic(entry) || !covers(entry, item->point->text, item->metric->name))
        return 0;
    if (accepted_value(g, item, entry->run, &value, &started, e))
        return -1;
    worse = item->metric->better == BETTER_LOWER ? item->new_value / value : value / item->new_value;
    before = (double)item->baseline->started;
    *yes = (started > before || (started == before && entry->run > item->baseline->run)) &&
           worse <= 1 + fmax(item->c.threshold, 0);
    return 0;
}

/* "ignored until 2026-12-31: fixed next week" */
static char *words_of(const struct ledger_entry *entry)
{
    const char *word = is_kind(entry, "ignore") ? "ignored" : is_kind(entry, "accept") ? "accepted" : "noted";

    char *words =
        mem_format("%s%s%s: %s", word, entry->until ? " until " : "", entry->until ? entry->until : "", entry->reason);

    text_disarm(words, false); /* one line, whatever somebody wrote */
    return words;
}

static bool is_told(const struct gate_item *item)
{
    enum compare_verdict v = item->c.verdict;

    return v == COMPARE_SLOWER || v == COMPARE_FASTER || v == COMPARE_AMBIGUOUS || item->point->failed > 0 ||
           v == COMPARE_WRONG;
}

/* The newest decision that excuses it; else the newest note, which is only repeated. */
static int decide(struct gate *g, struct spans *known, struct gate_item *item, struct err *e)
{
    const struct ledger_entry *said = NULL;

    for (size_t i = g->ledger.count; i-- > 0 && !item->excused;) {
        const struct ledger_entry *entry = &g->ledger.items[i];
        bool ignored = false, accepted = false;

        if (item->c.verdict != COMPARE_WRONG &&
            (is_ignored_by(g, known, entry, item, &ignored, e) || is_accepted_by(g, entry, item, &accepted, e)))
            return -1;
        item->excused = ignored || accepted;
        if (item->excused ||
            (!said && !entry->expired && is_kind(entry, "note") && !(entry->run && !strcmp(entry->points, "*")) &&
             strcmp(entry->points, "*") && covers(entry, item->point->text, item->metric->name)))
            said = entry;
    }
    item->ledger = said ? words_of(said) : NULL;
    return 0;
}

static void tell(struct gate *g, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct gate *g, const char *format, ...)
{
    char text[1200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    VEC_ROOM(g->ledger_notes, g->ledger_note_count, g->ledger_note_capacity);
    g->ledger_notes[g->ledger_note_count++] = mem_copy(text);
}

int gate_ledger_open(struct gate *g, struct err *e)
{
    struct ledger_texts texts = {0};
    size_t added, removed;

    if (g->options->ledger && ledger_file_take(g->store, g->options->ledger, true, &added, &removed, &texts, e))
        return -1;
    for (size_t i = 0; i < texts.count; i++) {
        const struct ledger_text *t = &texts.items[i];

        if (t->lost)
            tell(g, "%s:%zu: it accepts %s %.40s, which has no complete run here: nothing is accepted by it",
                 g->options->ledger, t->line, t->commit ? "commit" : "run", t->commit ? t->commit : t->run);
    }
    ledger_texts_free(&texts);
    return ledger_load(g->store, &g->ledger, e);
}

/* A newer decision of the same kind about the same things stands in its place. */
static bool is_replaced(const struct ledger *l, size_t which)
{
    const struct ledger_entry *a = &l->items[which];

    for (size_t i = which + 1; i < l->count; i++) {
        const struct ledger_entry *b = &l->items[i];

        if (!strcmp(a->kind, b->kind) && !strcmp(a->points, b->points) && !strcmp(a->metrics, b->metrics) &&
            !strcmp(a->commit, b->commit))
            return true;
    }
    return false;
}

struct names {
    char **items;
    size_t count, capacity;
};

static int take_name(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct names *list = user;

    (void)count;
    (void)e;
    VEC_ROOM(list->items, list->count, list->capacity);
    list->items[list->count++] = mem_copy(c[0].text);
    return 0;
}

static bool matches_any(const char *glob, const struct names *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_glob(glob, list->items[i]))
            return true;
    return !list->count;
}

static void names_free(struct names *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

/* "the ignore of mandelbrot/simd:*, wall.time (fixed next week)" */
static char *entry_words(const struct ledger_entry *entry)
{
    bool all = !strcmp(entry->metrics, "*");

    return mem_format("ledger %" PRId64 ": the %s of %.200s%s%.100s (%.300s)", entry->id,
                      is_kind(entry, "accept") ? "acceptance" : entry->kind, entry->points, all ? "" : ", ",
                      all ? "" : entry->metrics, entry->reason);
}

static int is_known_commit(struct gate *g, const char *commit, bool *known, struct err *e)
{
    const char *const parameters[] = {commit};
    double value;

    return store_number(g->store,
                        "SELECT 1 FROM build WHERE commit_id GLOB ?1 || '*' UNION"
                        " SELECT 1 FROM commits WHERE commit_id GLOB ?1 || '*' LIMIT 1",
                        parameters, 1, &value, known, e);
}

static int review(struct gate *g, size_t which, const struct names *points, const struct names *metrics, struct err *e)
{
    const struct ledger_entry *entry = &g->ledger.items[which];
    bool accept = is_kind(entry, "accept"), known = true;
    char *words;

    if (is_kind(entry, "note") || ledger_is_automatic(entry) || is_replaced(&g->ledger, which) ||
        (*entry->commit && is_known_commit(g, entry->commit, &known, e)))
        return e->code ? -1 : 0;
    words = entry_words(entry);
    if (entry->expired)
        tell(g, "%s ended on %s: %s", words, entry->until,
             accept ? "the older baseline is back" : "what it covered counts again");
    else if (!matches_any(entry->points, points))
        tell(g, "%s matches no point that is measured here", words);
    else if (!matches_any(entry->metrics, metrics))
        tell(g, "%s matches no metric that is measured here", words);
    else if (!known)
        tell(g, "%s is about commit %.12s, which is not known here: it covers nothing", words, entry->commit);
    free(words);
    return 0;
}

/* Points of the newest run of every plan here: what another plan measures is measured, too. */
static int load_names(struct gate *g, struct names *points, struct names *metrics, struct err *e)
{
    const char *const parameters[] = {g->candidate.machine};

    return store_query(g->store,
                       "SELECT DISTINCT p.text FROM launch l JOIN point p ON p.id = l.point WHERE p.role = ''"
                       " AND l.run IN (SELECT id FROM (SELECT r.id, row_number() OVER (PARTITION BY r.plan, r.shard"
                       " ORDER BY r.started DESC, r.id DESC) AS place FROM run r JOIN machine m ON m.id = r.machine"
                       " WHERE r.status = 'complete' AND m.name = ?1) WHERE place = 1)",
                       parameters, 1, take_name, points, e) ||
                   store_query(g->store, "SELECT name FROM metric", NULL, 0, take_name, metrics, e)
               ? -1
               : 0;
}

static int review_all(struct gate *g, struct err *e)
{
    struct names points = {0}, metrics = {0};
    int failed = g->ledger.count ? load_names(g, &points, &metrics, e) : 0;
    size_t left;

    for (size_t i = 0; i < g->ledger.count && !failed; i++)
        failed = review(g, i, &points, &metrics, e);
    names_free(&points);
    names_free(&metrics);
    if (g->ledger_note_count <= TOLD)
        return failed;
    left = g->ledger_note_count - TOLD;
    while (g->ledger_note_count > TOLD)
        free(g->ledger_notes[--g->ledger_note_count]);
    tell(g, "and %zu more entries of the ledger have ended or cover nothing; see: countermark ledger", left);
    return failed;
}

int gate_ledger_apply(struct gate *g, struct err *e)
{
    struct spans known = {0};
    int failed = 0;

    for (size_t i = 0; i < g->item_count && !failed; i++) {
        if (is_told(&g->items[i]))
            failed = decide(g, &known, &g->items[i], e);
    }
    free(known.items);
    return failed ? -1 : review_all(g, e);
}
