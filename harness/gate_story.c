/* The one line that tells the story of a check: what counts first, then what is only told. */
#include "gate_model.h"

#include <inttypes.h>
#include <string.h>

#define NAMED 3 /* findings that it names */

/* "against run 3 (commit abc1234)": the baseline of the finding's first item; its run if the commit is the same. */
static void add_against(struct buf *b, const struct gate *g, const struct gate_finding *f)
{
    char words[80];

    for (size_t i = 0; i < g->item_count; i++) {
        const struct gate_side *before = g->items[i].baseline;

        if (g->items[i].finding != f->number || !before)
            continue;
        if (gate_base_words(g)) {
            buf_addf(b, " against %s", gate_base_words(g));
            return;
        }
        if (strcmp(before->commit, g->candidate.commit) || before->dirty != g->candidate.dirty)
            buf_addf(b, " against %s", gate_run_words(before, words, sizeof words));
        else
            buf_addf(b, " against run %" PRId64, before->run);
        return;
    }
}

/* "2 regressions: a/b instructions +3.0 % (7 points) against ..., a/c ..."; nothing if there are none. */
static void add_some(struct buf *b, const struct gate *g, const char *word, bool excused, const char *one,
                     const char *many)
{
    size_t count = 0, shown = 0;

    for (size_t i = 0; i < g->finding_count; i++)
        count += !strcmp(gate_finding_word(&g->findings[i]), word) && g->findings[i].excused == excused;
    if (count == 0)
        return;
    buf_addf(b, "%s%zu %s: ", b->length ? "; " : "", count, count == 1 ? one : many);
    for (size_t i = 0; i < g->finding_count && shown < NAMED; i++) {
        const struct gate_finding *f = &g->findings[i];

        if (strcmp(gate_finding_word(f), word) || f->excused != excused)
            continue;
        buf_addf(b, "%s%s/%s ", shown++ ? ", " : "", f->kernel, f->variant);
        if (f->verdict == COMPARE_SLOWER || f->verdict == COMPARE_FASTER) {
            buf_add(b, f->summary);
            add_against(b, g, f);
        } else {
            buf_addf(b, "(%s)", f->summary);
        }
    }
    if (count > shown)
        buf_addf(b, " and %zu more", count - shown);
}

static void add_findings(struct buf *b, const struct gate *g, const char *word, const char *one, const char *many)
{
    add_some(b, g, word, false, one, many);
}

static void add_excused(struct buf *b, const struct gate *g)
{
    add_some(b, g, "slower", true, "regression excused by the ledger", "regressions excused by the ledger");
    add_some(b, g, "failed", true, "failed variant excused by the ledger", "failed variants excused by the ledger");
    add_some(b, g, "faster", true, "improvement excused by the ledger", "improvements excused by the ledger");
}

static void add_count(struct buf *b, size_t count, const char *word, bool *first)
{
    if (count == 0)
        return;
    buf_addf(b, "%s%zu %s%s", *first ? (b->length ? "; " : "") : ", ", count,
             *first ? (count == 1 ? "point " : "points ") : "", word);
    *first = false;
}

char *gate_tell(const struct gate *g)
{
    const size_t *n = g->points_of;
    struct buf b = {0};
    bool first = true;

    add_findings(&b, g, "wrong", "variant is wrong", "variants are wrong");
    add_findings(&b, g, "slower", "regression", "regressions");
    add_findings(&b, g, "failed", "variant failed", "variants failed");
    if (gate_count_streaks(g) > 0)
        buf_addf(&b, "%s%zu comparison%s ambiguous %s", b.length ? "; " : "", gate_count_streaks(g),
                 gate_count_streaks(g) == 1 ? "" : "s", g->options->strict ? "(--strict)" : "in three checks running");
    if (g->options->fail_on_faster)
        add_findings(&b, g, "faster", "improvement that fails this gate", "improvements that fail this gate");
    else
        add_findings(&b, g, "faster", "improvement", "improvements");
    add_excused(&b, g);
    if (g->first_baseline && g->accepted_points)
        buf_addf(&b, "%sstored as the first baseline of machine %s: run %" PRId64 " with %zu point%s",
                 b.length ? "; " : "", g->candidate.machine, g->candidate.run, g->accepted_points,
                 g->accepted_points == 1 ? "" : "s");
    else if (!b.length && n[COMPARE_SAME] + n[COMPARE_AMBIGUOUS] > 0)
        buf_add(&b, "nothing slower");
    else if (!b.length)
        buf_add(&b, n[COMPARE_NEW] > 0 ? "nothing to compare with yet" : "nothing is comparable");
    add_count(&b, n[COMPARE_SAME], "same", &first);
    add_count(&b, n[COMPARE_AMBIGUOUS], "ambiguous", &first);
    if (!g->first_baseline || !g->accepted_points)
        add_count(&b, n[COMPARE_NEW], "new", &first);
    add_count(&b, n[COMPARE_INCOMPARABLE], "incomparable", &first);
    gate_trust_story(g, &b);
    if (b.length == 0)
        buf_add(&b, "nothing was measured");
    gate_machine_story(g, &b);
    return buf_take(&b);
}
