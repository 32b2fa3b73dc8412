/* The gate's answer as Markdown, for a job's summary page or a comment on a change. */
#include "gate_model.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 50 /* of one finding's table; a job summary has a size limit */

/* Text inside a table cell or a paragraph: nothing in it is markup. */
static void add_plain(struct buf *out, const char *text)
{
    for (; text && *text; text++) {
        if (strchr("\\`*_{}[]<>|#&~", *text))
            buf_add(out, "\\");
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
    char change[32], low[32], high[32];

    buf_add(out, "| ");
    add_plain(out, item->point->text);
    buf_addf(out, " | %s |", gate_metric_words(item->metric->name));
    add_value(out, item->old_value, item->metric->unit);
    add_value(out, item->new_value, item->metric->unit);
    buf_addf(out, " %s |", isnan(item->c.ratio) ? "" : gate_change_words(item->c.ratio, change, sizeof change));
    if (isnan(item->c.low))
        buf_add(out, "  |\n");
    else
        buf_addf(out, " %s to %s |\n", gate_change_words(item->c.low, low, sizeof low),
                 gate_change_words(item->c.high, high, sizeof high));
}

static void add_table(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    size_t shown = 0, left = 0;

    buf_add(out, "\n| point | metric | before | now | change | 95 % interval |\n|---|---|--:|--:|--:|---|\n");
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

static void add_finding(struct buf *out, const struct gate *g, const struct gate_finding *f)
{
    buf_addf(out, "\n### F%d: %s, ", f->number, gate_finding_word(f));
    add_plain(out, f->kernel);
    buf_add(out, "/");
    add_plain(out, f->variant);
    buf_add(out, "\n\n");
    add_plain(out, f->summary);
    buf_add(out, "\n");
    if (!f->failed && f->verdict != COMPARE_WRONG)
        add_table(out, g, f);
    buf_add(out, "\n");
    add_label(out, "reason", f->reason);
    add_label(out, "why", f->why);
    add_label(out, "environment changed", gate_environment_line(f));
    buf_addf(out, "\nAgain, and with %.*s:\n\n", (int)strcspn(f->perf ? f->perf : "perf", " "),
             f->perf ? f->perf : "perf");
    add_code(out, f->rerun);
    add_code(out, f->perf);
}

/* What is ambiguous and changes nothing: one table, and behind it a line for every reason. */
static void add_quiet_findings(struct buf *out, const struct gate *g)
{
    size_t count, same;
    const struct gate_finding **list = gate_quiet_findings(g, &count);
    char *names;

    if (count)
        buf_add(out, "\n### ambiguous, not gating\n\n| finding | variant | change |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "| F%d | ", list[i]->number);
        add_plain(out, list[i]->kernel);
        buf_add(out, "/");
        add_plain(out, list[i]->variant);
        buf_add(out, " | ");
        add_plain(out, list[i]->summary);
        buf_add(out, " |\n");
    }
    buf_add(out, count ? "\n" : "");
    for (size_t i = 0; i < count; i += same) {
        same = gate_same_reason(list + i, count - i, &names);
        add_label(out, names, list[i]->reason);
        free(names);
    }
    free(list);
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
    for (size_t i = 0; i < g->baseline_count; i++)
        buf_addf(out, "%srun %" PRId64 " (%s)", i ? ", " : " against ", g->baselines[i]->run,
                 gate_run_words(g->baselines[i], words, sizeof words));
    buf_add(out, ".\n\n| verdict | points |\n|---|--:|\n");
    for (int v = COMPARE_SAME; v <= COMPARE_NEW; v++) {
        if (g->points_of[v])
            buf_addf(out, "| %s | %zu |\n", marks[v], g->points_of[v]);
    }
    for (size_t i = 0; i < g->finding_count; i++) {
        if (!gate_finding_is_quiet(g, &g->findings[i]))
            add_finding(out, g, &g->findings[i]);
    }
    add_quiet_findings(out, g);
}
