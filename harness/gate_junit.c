/*
 * The gate's answer as JUnit XML, in the dialect that Jenkins, GitLab and GitHub's readers have in common (tests/golden/junit.xsd): one
 * suite per variant, one case per point and metric, and a last suite for the gate itself. Its one case fails if the gate is red without
 * any other failure, as where nothing was comparable, so that no reader takes that for a good night.
 */
#include "gate_model.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Text of an element, in which lines stay lines. */
static void add_lines(struct buf *out, const char *text)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        char *line;

        end = text + strcspn(text, "\n");
        line = mem_copy_n(text, (size_t)(end - text));
        gate_add_xml(out, line);
        buf_add(out, *end ? "\n" : "");
        free(line);
    }
}

/* What people decided to live with is skipped, with their reason. */
static const struct gate_finding *excuse(const struct gate *g, const struct gate_item *item)
{
    const struct gate_finding *f = item->finding ? &g->findings[item->finding - 1] : NULL;

    return f && f->excused ? f : NULL;
}

static bool is_failure(const struct gate *g, const struct gate_item *item)
{
    bool red = item->c.verdict == COMPARE_SLOWER || item->c.verdict == COMPARE_WRONG;

    return (red || gate_counts_as_ambiguous(g, item)) && !excuse(g, item);
}

static bool is_error(const struct gate *g, const struct gate_item *item)
{
    return item->point->failed > 0 && !is_failure(g, item) && !excuse(g, item);
}

static bool is_skipped(const struct gate *g, const struct gate_item *item)
{
    bool undecided = item->c.verdict == COMPARE_AMBIGUOUS || item->c.verdict == COMPARE_INCOMPARABLE;

    return (undecided || excuse(g, item)) && !is_failure(g, item) && !is_error(g, item);
}

static bool same_variant(const struct gate_item *a, const struct gate_item *b)
{
    return !strcmp(a->point->kernel, b->point->kernel) && !strcmp(a->point->variant, b->point->variant);
}

/* What a failure says first: change and reason. */
static void add_message(struct buf *b, const struct gate *g, const struct gate_item *item)
{
    const struct gate_finding *excused = excuse(g, item);
    char change[32];

    buf_addf(b, "%s", metric_words(item->metric->name));
    if (!isnan(item->c.ratio))
        buf_addf(b, " %s", text_change_words(item->c.ratio, change, sizeof change));
    buf_addf(b, ", %s", compare_verdict_name(item->c.verdict));
    if (excused && excused->ledger)
        buf_addf(b, ", %s", excused->ledger);
    if (item->reason)
        buf_addf(b, ": %s", item->reason);
    else if (item->point->failed > 0)
        buf_addf(b, ": %d launch%s failed: %s", item->point->failed, item->point->failed == 1 ? "" : "es",
                 item->point->reason ? item->point->reason : "");
}

static void add_detail(struct buf *b, const char *label, const char *text)
{
    if (text && *text)
        buf_addf(b, "%s: %s\n", label, text);
}

/* What it says to those who open it: the values, and how to see them again. */
static void add_details(struct buf *b, const struct gate *g, const struct gate_item *item)
{
    const struct gate_finding *f = item->finding ? &g->findings[item->finding - 1] : NULL;
    char before[48], now[48], low[32], high[32], tool[24];

    if (!isnan(item->old_value) && !isnan(item->new_value))
        buf_addf(b, "%s -> %s", text_quantity(item->old_value, item->metric->unit, before, sizeof before),
                 text_quantity(item->new_value, item->metric->unit, now, sizeof now));
    if (b->length && !isnan(item->c.low))
        buf_addf(b, ", 95 %% interval %s to %s", text_change_words(item->c.low, low, sizeof low),
                 text_change_words(item->c.high, high, sizeof high));
    buf_add(b, b->length ? "\n" : "");
    if (!f)
        return;
    buf_addf(b, "finding: F%d, %s\n", f->number, f->summary);
    add_detail(b, "why", f->why);
    add_detail(b, "environment", gate_environment_line(f));
    add_detail(b, "again", f->rerun);
    add_detail(b, gate_tool_words(f, tool, sizeof tool), f->perf);
}

static void add_outcome(struct buf *out, const struct gate *g, const struct gate_item *item, const char *element)
{
    struct buf message = {0}, details = {0};

    add_message(&message, g, item);
    buf_addf(out, "      <%s", element);
    gate_add_attribute(out, "message", buf_text(&message));
    if (strcmp(element, "skipped")) {
        gate_add_attribute(out, "type", compare_verdict_name(item->c.verdict));
        add_details(&details, g, item);
    }
    if (details.length) {
        buf_add(out, ">");
        add_lines(out, buf_text(&details));
        buf_addf(out, "</%s>\n", element);
    } else {
        buf_add(out, "/>\n");
    }
    buf_free(&message);
    buf_free(&details);
}

static void add_case(struct buf *out, const struct gate *g, const struct gate_item *item)
{
    struct buf name = {0}, class_name = {0};
    const char *element = is_failure(g, item)   ? "failure"
                          : is_error(g, item)   ? "error"
                          : is_skipped(g, item) ? "skipped"
                                                : NULL;
    double seconds = item->metric->duration && isfinite(item->new_value) ? item->new_value / 1e9 : 0;

    buf_addf(&name, "%s %s", item->point->text, metric_words(item->metric->name));
    buf_addf(&class_name, "%s.%s", item->point->kernel, item->point->variant);
    buf_add(out, "    <testcase");
    gate_add_attribute(out, "classname", buf_text(&class_name));
    gate_add_attribute(out, "name", buf_text(&name));
    buf_addf(out, " time=\"%.9f\"", seconds);
    if (element) {
        buf_add(out, ">\n");
        add_outcome(out, g, item, element);
        buf_add(out, "    </testcase>\n");
    } else {
        buf_add(out, "/>\n");
    }
    buf_free(&name);
    buf_free(&class_name);
}

/* When the run began, as the schema wants it: without a zone. */
static void begin_suite(struct buf *out, const struct gate *g, const char *name, const size_t counts[4])
{
    char time[32];

    clock_iso8601(g->candidate.started, time);
    time[19] = '\0';
    buf_add(out, "  <testsuite");
    gate_add_attribute(out, "name", name);
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\" timestamp=\"%s\"",
             counts[0], counts[1], counts[2], counts[3], time);
    gate_add_attribute(out, "hostname", g->candidate.machine);
    buf_add(out, ">\n");
}

/* Items are sorted by point, and so by variant: one suite from `first` up to the next variant. Returns where that begins. */
static size_t add_suite(struct buf *out, const struct gate *g, size_t first)
{
    size_t end = first, counts[4] = {0};
    struct buf name = {0};

    for (; end < g->item_count && same_variant(&g->items[end], &g->items[first]); end++) {
        counts[0]++;
        counts[1] += is_failure(g, &g->items[end]);
        counts[2] += is_error(g, &g->items[end]);
        counts[3] += is_skipped(g, &g->items[end]);
    }
    buf_addf(&name, "%s/%s", g->items[first].point->kernel, g->items[first].point->variant);
    begin_suite(out, g, buf_text(&name), counts);
    for (size_t i = first; i < end; i++)
        add_case(out, g, &g->items[i]);
    buf_add(out, "  </testsuite>\n");
    buf_free(&name);
    return end;
}

static void add_note(struct buf *b, const char *note)
{
    if (note && *note)
        buf_addf(b, "%s\n", note);
}

/* The gate's own suite: the story, what it would have seen, and what the ledger says. */
static void add_gate(struct buf *out, const struct gate *g, bool fails)
{
    const size_t counts[4] = {1, fails, 0, 0};
    struct buf notes = {0};

    add_note(&notes, g->story);
    add_note(&notes, g->sight);
    add_note(&notes, g->confirm_note);
    add_note(&notes, g->accept_note);
    for (size_t i = 0; i < g->ledger_note_count; i++)
        add_note(&notes, g->ledger_notes[i]);
    begin_suite(out, g, "countermark", counts);
    buf_add(out, "    <testcase classname=\"countermark\" name=\"gate\" time=\"0\">\n");
    if (fails) {
        buf_add(out, "      <failure");
        gate_add_attribute(out, "message", g->story);
        buf_addf(out, " type=\"exit %d\"/>\n", g->exit_code);
    }
    buf_add(out, "      <system-out>");
    add_lines(out, buf_text(&notes));
    buf_add(out, "</system-out>\n    </testcase>\n  </testsuite>\n");
    buf_free(&notes);
}

void gate_write_junit(const struct gate *g, struct buf *out)
{
    size_t failures = 0, errors = 0;
    bool fails;

    for (size_t i = 0; i < g->item_count; i++) {
        failures += is_failure(g, &g->items[i]);
        errors += is_error(g, &g->items[i]);
    }
    fails = g->exit_code && !failures && !errors;
    buf_addf(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"countermark run %" PRId64
             "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
             g->candidate.run, g->item_count + 1, failures + fails, errors);
    for (size_t i = 0; i < g->item_count;)
        i = add_suite(out, g, i);
    add_gate(out, g, fails);
    buf_add(out, "</testsuites>\n");
}
