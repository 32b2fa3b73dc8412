/*
 * The gate's answer as Markdown, for a job's summary page or a comment on a change: worst first, each finding with its picture and with
 * the change that would have been seen. A comment has a largest size, so what is told in full is limited; the rest takes a line each.
 */
#include "gate_model.h"

#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 30       /* of one finding's table */
#define FULL 30000    /* bytes after which findings take a line each; GitHub's comments hold 65,536 characters */
#define BRIEF 45000   /* and after which they are only counted */
#define SENTENCE 4000 /* the longest text of one place */

/* Text inside a table cell or a paragraph: nothing in it is markup. */
static void add_plain(struct buf *out, const char *text)
{
    for (size_t n = 0; text && *text && n < SENTENCE; text++, n++) {
        if (strchr("\\`*_{}[]<>|#&~", *text))
            buf_add(out, "\\");
        /* An @ would call somebody, a :// be made a link: an entity is seen as the same character, and does neither. */
        if (*text == '@')
            buf_add(out, "&#64;");
        else if (!strncmp(text, "://", 3))
            buf_add(out, "&#58;");
        else
            buf_add_n(out, strchr("\r\n", *text) ? " " : text, 1);
    }
}

static void add_label(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "- %s: ", label);
    add_plain(out, text);
    buf_add(out, "\n");
}

/* Indented code: no text can end it early. */
static void add_code(struct buf *out, const char *text)
{
    buf_add(out, "    ");
    for (; text && *text; text++)
        buf_add_n(out, strchr("\r\n", *text) ? " " : text, 1);
    buf_add(out, "\n");
}

static void add_value(struct buf *out, double value, const char *unit)
{
    char words[48];

    buf_addf(out, " %s |", isnan(value) ? "" : text_quantity(value, unit, words, sizeof words));
}

static void add_row(struct buf *out, const struct gate_item *item)
{
    char change[32], low[32], high[32], sight[60];

    buf_add(out, "| ");
    add_plain(out, item->point->text);
    buf_addf(out, " | %s |", metric_words(item->metric->name));
    add_value(out, item->old_value, item->metric->unit);
    add_value(out, item->new_value, item->metric->unit);
    buf_addf(out, " %s |", isnan(item->c.ratio) ? "" : text_change_words(item->c.ratio, change, sizeof change));
    if (isnan(item->c.low))
        buf_add(out, "  |");
    else
        buf_addf(out, " %s to %s |", text_change_words(item->c.low, low, sizeof low),
                 text_change_words(item->c.high, high, sizeof high));
    buf_addf(out, " %s |\n", gate_sight_words(item, sight, sizeof sight));
}

static void add_table(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    size_t shown = 0, left = 0;

    buf_add(out, "\n| point | metric | before | now | change | 95 % interval | smallest that shows |\n"
                 "|---|---|--:|--:|--:|---|--:|\n");
    for (size_t i = 0; i < g->item_count; i++) {
        if (g->items[i].finding != f->number)
            continue;
        if (shown++ < ROWS)
            add_row(out, &g->items[i]);
        else
            left++;
    }
    if (left)
        buf_addf(out, "\nand %zu more\n", left);
}

/* A path as a link's target: what could end it or be markup is written as bytes. */
static void add_target(struct buf *out, const char *path)
{
    for (; *path; path++) {
        if (isalnum((unsigned char)*path) || strchr("-._~/:?=&%+,;@!$", *path))
            buf_add_n(out, path, 1);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*path);
    }
}

/* On a line of its own, so that a page that cannot show it may leave the line out. */
static void add_picture(struct buf *out, const struct gate_finding *f)
{
    char change[32];

    if (!f->picture)
        return;
    buf_addf(out, "\n![F%d, the worst point: ", f->number);
    add_plain(out, f->shown->point->text);
    buf_addf(out, ", %s", metric_words(f->shown->metric->name));
    if (!isnan(f->shown->c.ratio))
        buf_addf(out, " %s", text_change_words(f->shown->c.ratio, change, sizeof change));
    buf_add(out, "](");
    add_target(out, f->picture);
    buf_add(out, ")\n");
}

static void add_finding(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    bool judged = !f->failed && f->verdict != COMPARE_WRONG;
    char tool[24];

    buf_addf(out, "\n### F%d: %s, ", f->number, gate_finding_word(f));
    add_plain(out, f->kernel);
    buf_add(out, "/");
    add_plain(out, f->variant);
    buf_add(out, "\n\n");
    add_plain(out, f->summary);
    buf_add(out, "\n");
    add_picture(out, f);
    if (judged)
        add_table(out, g, f);
    buf_add(out, "\n");
    add_label(out, "ledger", f->ledger);
    add_label(out, "reason", f->reason);
    add_label(out, "why", f->why);
    add_label(out, "environment changed", gate_environment_line(f));
    buf_addf(out, "\nAgain, with %s%s:\n\n", gate_tool_words(f, tool, sizeof tool), judged ? ", or accepted" : "");
    add_code(out, f->rerun);
    add_code(out, f->perf);
    if (judged)
        buf_addf(out, "    countermark accept F%d --reason TEXT\n", f->number);
}

static void add_line(struct buf *out, const struct gate_finding *f)
{
    buf_addf(out, "| F%d | ", f->number);
    add_plain(out, f->kernel);
    buf_add(out, "/");
    add_plain(out, f->variant);
    buf_addf(out, " | %s", f->verdict == COMPARE_AMBIGUOUS ? "" : gate_finding_word(f));
    buf_add(out, f->verdict == COMPARE_AMBIGUOUS || f->verdict == COMPARE_WRONG || f->failed ? "" : ": ");
    add_plain(out, f->summary);
    buf_add(out, " |\n");
}

/* In full what is worst, then a line each, then a number. */
static void add_loud_findings(struct buf *out, const struct gate *g)
{
    size_t lines = 0, left = 0;

    for (size_t i = 0; i < g->finding_count; i++) {
        const struct gate_finding *f = &g->findings[i];

        if (gate_finding_is_quiet(g, f) || gate_finding_is_decided(g, f))
            continue;
        if (out->length < FULL) {
            add_finding(out, g, f);
        } else if (out->length < BRIEF) {
            buf_add(out, lines++ ? "" : "\n### and also\n\n| finding | variant | change |\n|---|---|---|\n");
            add_line(out, f);
        } else {
            left++;
        }
    }
    if (left)
        buf_addf(out, "\nand %zu more findings, as `--format json` has them\n", left);
}

/* What people decided to live with, each with what they said. */
static void add_decided_findings(struct buf *out, const struct gate *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->finding_count && out->length < BRIEF; i++) {
        const struct gate_finding *f = &g->findings[i];

        if (!gate_finding_is_decided(g, f))
            continue;
        buf_add(out, count++ ? "" : "\n### decided, not gating\n\n");
        buf_addf(out, "- F%d, %s, ", f->number, gate_finding_word(f));
        add_plain(out, f->kernel);
        buf_add(out, "/");
        add_plain(out, f->variant);
        buf_add(out, ": ");
        add_plain(out, f->summary);
        buf_add(out, f->ledger ? "; " : "");
        add_plain(out, f->ledger);
        buf_add(out, "\n");
    }
}

/* What is ambiguous and changes nothing: one table, and behind it a line for every reason. */
static void add_quiet_findings(struct buf *out, const struct gate *g)
{
    size_t count, same;
    const struct gate_finding **list = gate_quiet_findings(g, &count);
    char *names;

    if (count)
        buf_add(out, "\n### ambiguous, not gating\n\n| finding | variant | change |\n|---|---|---|\n");
    for (size_t i = 0; i < count && out->length < BRIEF; i++)
        add_line(out, list[i]);
    buf_add(out, count ? "\n" : "");
    for (size_t i = 0; i < count && out->length < BRIEF; i += same) {
        same = gate_same_reason(list + i, count - i, &names);
        add_label(out, names, list[i]->reason);
        free(names);
    }
    free(list);
}

static void add_ledger_notes(struct buf *out, const struct gate *g)
{
    if (g->ledger_note_count)
        buf_add(out, "\n### ledger\n\n");
    for (size_t i = 0; i < g->ledger_note_count && out->length < BRIEF + 5000; i++) {
        buf_add(out, "- ");
        add_plain(out, g->ledger_notes[i]);
        buf_add(out, "\n");
    }
}

void gate_write_markdown(const struct gate *g, struct buf *out)
{
    static const char *const marks[] = {[COMPARE_SAME] = "same",
                                        [COMPARE_FASTER] = "faster",
                                        [COMPARE_SLOWER] = "slower",
                                        [COMPARE_AMBIGUOUS] = "ambiguous",
                                        [COMPARE_INCOMPARABLE] = "incomparable",
                                        [COMPARE_WRONG] = "wrong",
                                        [COMPARE_NEW] = "new"};
    char words[80];

    buf_addf(out, "## countermark: %s\n\n", g->exit_code == CM_FINE ? "fine" : "needs attention");
    add_plain(out, g->story);
    if (g->sight) {
        buf_add(out, "\n\n");
        add_plain(out, g->sight);
        buf_add(out, ".");
    }
    buf_addf(out, "\n\nRun %" PRId64 " (%s) on machine ", g->candidate.run,
             gate_run_words(&g->candidate, words, sizeof words));
    add_plain(out, g->candidate.machine);
    if (gate_base_words(g)) {
        buf_add(out, " against ");
        add_plain(out, gate_base_words(g));
    }
    for (size_t i = 0; i < g->baseline_count && !gate_base_words(g); i++)
        buf_addf(out, "%srun %" PRId64 " (%s)", i ? ", " : " against ", g->baselines[i]->run,
                 gate_run_words(g->baselines[i], words, sizeof words));
    buf_add(out, ".\n\n| verdict | points |\n|---|--:|\n");
    for (int v = COMPARE_SAME; v <= COMPARE_NEW; v++) {
        if (g->points_of[v])
            buf_addf(out, "| %s | %zu |\n", marks[v], g->points_of[v]);
    }
    add_loud_findings(out, g);
    add_decided_findings(out, g);
    add_quiet_findings(out, g);
    add_ledger_notes(out, g);
}
