/* What a bisect found, for people. */
#include "base/text.h"
#include "bisect.h"
#include "gate_model.h"
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add_commit(struct buf *out, const struct commit *c)
{
    time_t when = (time_t)c->time;
    struct tm day;
    char date[16] = "";

    if (c->time > 0 && gmtime_r(&when, &day))
        strftime(date, sizeof date, "%Y-%m-%d ", &day);
    buf_addf(out, "%.10s %s\"%s\"", c->id, date, c->subject);
}

/* "+3.0 % (95 % +2.4 to +3.6 %)" */
static void add_change(struct buf *out, double ratio, double low, double high)
{
    char middle[32], least[32], most[32];

    buf_add(out, text_change_words(ratio, middle, sizeof middle));
    if (isfinite(low) && isfinite(high) && low > 0 && low < high)
        buf_addf(out, " (95 %% %s to %s)", text_change_words(low, least, sizeof least),
                 text_change_words(high, most, sizeof most));
}

static void add_suspects(struct buf *out, const struct bisect_outcome *o, const struct search_culprit *c)
{
    const size_t most = 8;

    for (size_t i = c->first; i <= c->last && i - c->first < most; i++) {
        buf_add(out, "    ");
        add_commit(out, &o->commits.items[i]);
        if (o->known[i].reason)
            buf_addf(out, " (%s)", o->known[i].reason);
        buf_add(out, "\n");
    }
    if (c->last - c->first >= most)
        buf_addf(out, "    ... and %zu more\n", c->last - c->first + 1 - most);
}

static void add_culprit(struct buf *out, const struct bisect_outcome *o, size_t i)
{
    const struct search_culprit *c = &o->search.culprits[i];
    char before[40], after[40];

    if (c->first == c->last) {
        add_commit(out, &o->commits.items[c->last]);
        buf_add(out, ": ");
    } else
        buf_addf(out, "one of %zu commits%s: ", c->last - c->first + 1,
                 o->search.spread_out ? ", or many of them by little each"
                 : o->search.answer == SEARCH_FOUND
                     ? ", which cannot be told apart since those between cannot be measured"
                     : "");
    add_change(out, c->ratio, c->low, c->high);
    buf_addf(out, ", %s -> %s (%zu and %zu launches)", text_quantity(c->before, o->unit, before, sizeof before),
             text_quantity(c->after, o->unit, after, sizeof after), c->before_launches, c->after_launches);
    if (!c->in_turns)
        buf_addf(out, ", %.0f %% sure", 100 * c->probability);
    buf_add(out, "\n");
    if (c->first != c->last)
        add_suspects(out, o, c);
    if (o->why && o->why[i])
        buf_addf(out, "  %s\n", o->why[i]);
}

static void add_ends(struct buf *out, const struct bisect_outcome *o)
{
    const struct sequential *s = &o->search.ends;
    char seen[32];

    if (isnan(s->ratio))
        return;
    buf_add(out, "from end to end: ");
    add_change(out, s->ratio, s->low, s->high);
    buf_addf(out, ", %s\n", o->search.options.deterministic ? "counted twice" : "both ends in turns");
    if (o->search.answer == SEARCH_SAME)
        buf_addf(
            out,
            "no change of %s or more lies between them; what was done and undone again does not show at the ends\n",
            text_percent(o->search.options.threshold, seen, sizeof seen));
}

static void add_left_out(struct buf *out, const struct bisect_outcome *o)
{
    size_t count = 0;

    for (size_t i = 0; i < o->commits.count; i++)
        count += o->known[i].reason != NULL;
    if (!count)
        return;
    buf_addf(out, "left out:\n");
    for (size_t i = 0, shown = 0; i < o->commits.count && shown < 8; i++) {
        if (!o->known[i].reason)
            continue;
        buf_addf(out, "    %.10s %s\n", o->commits.items[i].id, o->known[i].reason);
        shown++;
    }
    if (count > 8)
        buf_addf(out, "    ... and %zu more\n", count - 8);
}

static void add_cost(struct buf *out, const struct bisect_outcome *o)
{
    char launches[40], all[40];

    buf_addf(out, "cost: %zu build%s", o->builds, text_plural(o->builds, "s"));
    if (o->builds) {
        char builds[40];

        buf_addf(out, " (%s)", text_quantity(o->build_s, "s", builds, sizeof builds));
    }
    buf_addf(out, ", %zu launch%s (%s), %s in all", o->launches, text_plural(o->launches, "es"),
             text_quantity(o->launch_s, "s", launches, sizeof launches),
             text_quantity(o->seconds, "s", all, sizeof all));
    if (o->reused)
        buf_addf(out, "; %zu launch%s of before", o->reused, text_plural(o->reused, "es"));
    buf_add(out, "\n");
}

static void add_doubts(struct buf *out, const struct bisect_outcome *o)
{
    if (o->search.answer == SEARCH_UNDECIDED && o->stopped)
        buf_add(out, "not decided: what was allowed is used up; the same command goes on from here\n");
    else if (o->search.answer == SEARCH_UNDECIDED && o->search.spread_out)
        buf_add(out,
                "not decided: no single commit does what all of them do together, when both its sides are measured in "
                "turns\n");
    else if (o->search.answer == SEARCH_UNDECIDED)
        buf_add(out, "not decided: the noise is too large for what is looked for; choose ends that differ more, or a "
                     "metric that is counted\n");
}

void bisect_write_text(const struct bisect_request *q, const struct bisect_outcome *o, struct buf *out)
{
    const struct commit *first = &o->commits.items[0], *last = &o->commits.items[o->commits.count - 1];

    buf_addf(out, "%s of %s, %zu commit%s from %.10s to %.10s%s\n", q->metric, q->point, o->commits.count - 1,
             text_plural(o->commits.count - 1, "s"), first->id, last->id,
             o->swapped ? ", where the bad end is the older one" : "");
    if (o->scripted)
        buf_add(out, "values are scripted\n");
    add_ends(out, o);
    add_doubts(out, o);
    for (size_t i = 0; i < o->search.culprit_count; i++)
        add_culprit(out, o, i);
    add_left_out(out, o);
    add_cost(out, o);
}
