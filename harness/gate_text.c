/* The gate's answer for people: findings worst first, aligned, and a last line that tells the story. */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "sight.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 12  /* comparisons shown of one finding */
#define FULL 12  /* findings shown in full */
#define LINES 30 /* of what takes a line each */
#define NAMES 12 /* that a reason is given for by name */

static const char *quantity(double value, const char *unit, char *out, size_t size)
{
    if (isnan(value))
        snprintf(out, size, "-");
    else
        text_quantity(value, unit, out, size);
    return out;
}

/* "+1.2 % to +4.8 %", or "-". */
static const char *interval(const struct comparison *c, char *out, size_t size)
{
    char low[32], high[32];

    if (isnan(c->low) || isnan(c->high))
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%s to %s", text_change_words(c->low, low, sizeof low),
                 text_change_words(c->high, high, sizeof high));
    return out;
}

static int widest_point(const struct gate *g, int finding)
{
    int width = 5;

    for (size_t i = 0; i < g->item_count; i++) {
        int n = (int)strlen(g->items[i].point->text);

        if ((finding < 0 || g->items[i].finding == finding) && n > width)
            width = n;
    }
    return width;
}

static void add_head(struct buf *out, int width, const char *indent)
{
    buf_addf(out, "%s%-*s  %-12s  %10s  %10s  %8s  %-20s  %s\n", indent, width, "point", "metric", "before", "now",
             "change", "95 % interval", "verdict");
}

/*
 * "same (would have seen 1.4 %)": what stayed the same says nothing without it. What is there for certain, but too small to count,
 * is told from what was not seen.
 */
static void add_verdict(struct buf *out, const struct gate_item *item)
{
    char sight[60];

    buf_add(out, compare_verdict_name(item->c.verdict));
    if (gate_is_slight(item))
        buf_addf(out, " (there, but less than the %s that count)",
                 sight_share_words(item->c.threshold, sight, sizeof sight));
    else if (item->c.verdict == COMPARE_SAME && *gate_sight_words(item, sight, sizeof sight))
        buf_addf(out, " (would have seen %s)", sight);
    buf_add(out, "\n");
}

static void add_row(struct buf *out, const struct gate_item *item, int width, const char *indent)
{
    char before[48], now[48], change[32], range[80];

    buf_addf(out, "%s%-*s  %-12s  %10s  %10s  %8s  %-20s  ", indent, width, item->point->text,
             metric_words(item->metric->name), quantity(item->old_value, item->metric->unit, before, sizeof before),
             quantity(item->new_value, item->metric->unit, now, sizeof now),
             isnan(item->c.ratio) ? "-" : text_change_words(item->c.ratio, change, sizeof change),
             interval(&item->c, range, sizeof range));
    add_verdict(out, item);
}

static void add_line(struct buf *out, const char *name, const char *text)
{
    if (text && *text)
        buf_addf(out, "    %-12s %s\n", name, text);
}

static void add_rows(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    int width = widest_point(g, f->number);
    size_t shown = 0, left = 0;

    add_head(out, width, "    ");
    for (size_t i = 0; i < g->item_count; i++) {
        if (g->items[i].finding != f->number)
            continue;
        if (shown < ROWS) {
            add_row(out, &g->items[i], width, "    ");
            shown++;
        } else {
            left++;
        }
    }
    if (left)
        buf_addf(out, "    ... and %zu more (countermark compare shows all)\n", left);
}

static void add_finding(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    char id[16], tool[24], label[40];

    snprintf(id, sizeof id, "F%d", f->number);
    buf_addf(out, "%-4s%-10s %s/%s: %s\n", id, gate_finding_word(f), f->kernel, f->variant, f->summary);
    if (!f->failed && f->verdict != COMPARE_WRONG)
        add_rows(out, g, f);
    add_line(out, "reason:", f->reason);
    add_line(out, "why:", f->why);
    add_line(out, "environment:", gate_environment_line(f));
    add_line(out, "again:", f->rerun);
    snprintf(label, sizeof label, "with %s:", gate_tool_words(f, tool, sizeof tool));
    add_line(out, label, f->perf);
    add_line(out, "ledger:", f->ledger);
    if (!f->failed && f->verdict != COMPARE_WRONG)
        buf_addf(out, "    %-12s countermark accept F%d --reason TEXT\n", "accept:", f->number);
    buf_add(out, "\n");
}

static void add_brief(struct buf *out, const struct gate_finding *f, const char *word)
{
    char id[16];

    snprintf(id, sizeof id, "F%d", f->number);
    buf_addf(out, "    %-4s%s/%s%s%s: %s\n", id, f->kernel, f->variant, *word ? " " : "", word, f->summary);
}

static void add_left(struct buf *out, size_t left)
{
    if (left)
        buf_addf(out, "    ... and %zu more (--why shows all)\n", left);
}

/* The worst in full, the others in a line. */
static void add_loud_findings(struct buf *out, const struct gate *g)
{
    size_t shown = 0, most = g->options->why ? SIZE_MAX : FULL;

    for (size_t i = 0; i < g->finding_count; i++) {
        const struct gate_finding *f = &g->findings[i];

        if (gate_finding_is_quiet(g, f) || gate_finding_is_decided(g, f))
            continue;
        if (shown++ < most) {
            add_finding(out, g, f);
            continue;
        }
        if (shown == most + 1)
            buf_add(out, "and also (--why shows more):\n");
        if (shown <= most + LINES)
            add_brief(out, f, gate_finding_word(f));
    }
    if (shown > most) {
        add_left(out, shown > most + LINES ? shown - most - LINES : 0);
        buf_add(out, "\n");
    }
}

/* What people decided to live with: a line each, and what they said. */
static void add_decided_findings(struct buf *out, const struct gate *g)
{
    size_t shown = 0;

    for (size_t i = 0; i < g->finding_count; i++) {
        const struct gate_finding *f = &g->findings[i];

        if (!gate_finding_is_decided(g, f) || shown++ >= LINES)
            continue;
        if (shown == 1)
            buf_add(out, "decided, not gating (--why shows more):\n");
        add_brief(out, f, gate_finding_word(f));
        if (f->ledger)
            buf_addf(out, "        %s\n", f->ledger);
    }
    add_left(out, shown > LINES ? shown - LINES : 0);
    buf_add(out, shown ? "\n" : "");
}

/* What is ambiguous and changes nothing: a line each, and one for every reason. */
static void add_quiet_findings(struct buf *out, const struct gate *g)
{
    size_t count, same, shown = 0;
    const struct gate_finding **list = gate_quiet_findings(g, &count);
    char *names;

    if (count)
        buf_add(out, "ambiguous, not gating (--why shows more):\n");
    for (size_t i = 0; i < count && shown < LINES; i += same) {
        same = gate_same_reason(list + i, count - i, &names);
        for (size_t k = i; k < i + same && shown < LINES; k++, shown++)
            add_brief(out, list[k], "");
        if (list[i]->reason)
            buf_addf(out, "    %s: %s\n", same > NAMES ? "these" : names, list[i]->reason);
        free(names);
    }
    add_left(out, count - shown);
    buf_add(out, count ? "\n" : "");
    free(list);
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* What could not be compared, one line per variant and reason. */
static void add_incomparable(struct buf *out, const struct gate *g)
{
    size_t lines = 0;

    for (size_t i = 0; i < g->item_count; i++) {
        const struct gate_item *item = &g->items[i];
        size_t count = 0, earlier = 0;

        if (item->c.verdict != COMPARE_INCOMPARABLE || item->finding)
            continue;
        for (size_t k = 0; k < g->item_count; k++) {
            const struct gate_item *other = &g->items[k];
            bool alike = other->c.verdict == COMPARE_INCOMPARABLE &&
                         !strcmp(other->point->kernel, item->point->kernel) &&
                         !strcmp(other->point->variant, item->point->variant) && same_text(other->reason, item->reason);

            count += alike;
            earlier += alike && k < i;
        }
        if (!earlier && lines++ < LINES)
            buf_addf(out, "incomparable: %s/%s, %zu comparison%s: %s\n", item->point->kernel, item->point->variant,
                     count, count == 1 ? "" : "s", item->reason ? item->reason : "");
    }
    if (lines > LINES)
        buf_addf(out, "... and %zu more that are incomparable (--format json has all)\n", lines - LINES);
}

/* "run 3 (commit abc1234, machine box)"; the machine only where it says something. */
static void add_run(struct buf *out, const struct gate_side *s, const struct gate_side *beside)
{
    char words[80];
    bool machine = !beside || strcmp(s->machine, beside->machine);

    buf_addf(out, "run %" PRId64, s->run);
    if (!s->commit[0] && !machine)
        return;
    buf_addf(out, " (%s", s->commit[0] ? gate_run_words(s, words, sizeof words) : "");
    if (machine)
        buf_addf(out, "%smachine %s", s->commit[0] ? ", " : "", s->machine);
    if (machine && beside && s->klass[0] && !strcmp(s->klass, beside->klass))
        buf_addf(out, " of the same class %s", s->klass);
    buf_add(out, ")");
}

static void add_title(struct buf *out, const struct gate *g)
{
    add_run(out, &g->candidate, NULL);
    if (gate_base_words(g))
        buf_addf(out, " against %s", gate_base_words(g));
    for (size_t i = 0; i < g->baseline_count && !gate_base_words(g); i++) {
        buf_add(out, i ? ", " : " against ");
        add_run(out, g->baselines[i], &g->candidate);
    }
    buf_add(out, g->candidate.scripted ? "; scripted\n\n" : "\n\n");
}

static void add_notes(struct buf *out, const struct gate *g)
{
    add_incomparable(out, g);
    if (g->unavailable_points)
        buf_addf(out, "%zu point%s cannot run here\n", g->unavailable_points, g->unavailable_points == 1 ? "" : "s");
    if (g->confirm_note)
        buf_addf(out, "%s\n", g->confirm_note);
    if (g->base_note)
        buf_addf(out, "%s\n", g->base_note);
    if (g->accept_note)
        buf_addf(out, "%s\n", g->accept_note);
    for (size_t i = 0; i < g->ledger_note_count; i++)
        buf_addf(out, "%s\n", g->ledger_notes[i]);
    if (g->sight)
        buf_addf(out, "%s\n", g->sight);
}

void gate_write_text(const struct gate *g, struct buf *out)
{
    add_title(out, g);
    add_loud_findings(out, g);
    add_decided_findings(out, g);
    add_quiet_findings(out, g);
    gate_write_same(g, out);
    gate_write_moved(g, out);
    add_notes(out, g);
    buf_addf(out, "%s\n", g->story);
}

void gate_write_table(const struct gate *g, struct buf *out)
{
    int width = widest_point(g, -1);

    add_title(out, g);
    add_head(out, width, "");
    for (size_t i = 0; i < g->item_count; i++)
        add_row(out, &g->items[i], width, "");
    buf_add(out, "\n");
    for (size_t i = 0; i < g->finding_count; i++) {
        const struct gate_finding *f = &g->findings[i];

        buf_addf(out, "%s/%s %s: %s%s%s\n", f->kernel, f->variant, gate_finding_word(f), f->summary,
                 f->reason ? ": " : "", f->reason ? f->reason : "");
        add_line(out, "why:", f->why);
    }
    gate_write_moved(g, out);
    add_notes(out, g);
    buf_addf(out, "%s\n", g->story);
}
