/*
 * The gate's answer in the two forms that build servers read: JUnit XML (one suite per variant, one case per point and metric)
 * and annotations as lines.
 */
#include "gate_model.h"

#include "base/clock.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* XML 1.0 has no control characters, not even escaped. */
static void add_xml(struct buf *out, const char *text)
{
    for (; text && *text; text++) {
        char one[2] = {(unsigned char)*text < 0x20 ? ' ' : *text, 0};

        buf_add_html(out, one);
    }
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " %s=\"", name);
    add_xml(out, value);
    buf_add(out, "\"");
}

static bool is_failure(const struct gate *g, const struct gate_item *item)
{
    return item->c.verdict == COMPARE_SLOWER || item->c.verdict == COMPARE_WRONG || gate_counts_as_ambiguous(g, item);
}

static bool is_error(const struct gate *g, const struct gate_item *item)
{
    return item->point->failed > 0 && !is_failure(g, item);
}

static bool is_skipped(const struct gate *g, const struct gate_item *item)
{
    bool undecided = item->c.verdict == COMPARE_AMBIGUOUS || item->c.verdict == COMPARE_INCOMPARABLE;

    return undecided && !is_failure(g, item) && !is_error(g, item);
}

static bool same_variant(const struct gate_item *a, const struct gate_item *b)
{
    return !strcmp(a->point->kernel, b->point->kernel) && !strcmp(a->point->variant, b->point->variant);
}

/* What a failure says: change, reason, and how to see it again. */
static void add_message(struct buf *b, const struct gate *g, const struct gate_item *item)
{
    char change[32];

    buf_addf(b, "%s", gate_metric_words(item->metric->name));
    if (!isnan(item->c.ratio))
        buf_addf(b, " %s", gate_change_words(item->c.ratio, change, sizeof change));
    buf_addf(b, ", %s", compare_verdict_name(item->c.verdict));
    if (item->reason)
        buf_addf(b, ": %s", item->reason);
    else if (item->point->failed > 0)
        buf_addf(b, ": %d launch%s failed: %s", item->point->failed, item->point->failed == 1 ? "" : "es",
                 item->point->reason ? item->point->reason : "");
    if (item->finding)
        buf_addf(b, "; again: %s", g->findings[item->finding - 1].rerun);
}

static void add_outcome(struct buf *out, const struct gate *g, const struct gate_item *item, const char *element)
{
    struct buf message = {0};

    add_message(&message, g, item);
    buf_addf(out, "      <%s", element);
    add_attribute(out, "message", buf_text(&message));
    if (strcmp(element, "skipped"))
        add_attribute(out, "type", compare_verdict_name(item->c.verdict));
    buf_add(out, "/>\n");
    buf_free(&message);
}

static void add_case(struct buf *out, const struct gate *g, const struct gate_item *item)
{
    struct buf name = {0}, class_name = {0};
    const char *element = is_failure(g, item)   ? "failure"
                          : is_error(g, item)   ? "error"
                          : is_skipped(g, item) ? "skipped"
                                                : NULL;
    double seconds = item->metric->duration && isfinite(item->new_value) ? item->new_value / 1e9 : 0;

    buf_addf(&name, "%s %s", item->point->text, gate_metric_words(item->metric->name));
    buf_addf(&class_name, "%s.%s", item->point->kernel, item->point->variant);
    buf_add(out, "    <testcase");
    add_attribute(out, "classname", buf_text(&class_name));
    add_attribute(out, "name", buf_text(&name));
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

/* Items are sorted by point, and so by variant: one suite from `first` up to the next variant. Returns where that begins. */
static size_t add_suite(struct buf *out, const struct gate *g, size_t first)
{
    size_t end = first, failures = 0, errors = 0, skipped = 0;
    struct buf name = {0};
    char time[32];

    for (; end < g->item_count && same_variant(&g->items[end], &g->items[first]); end++) {
        failures += is_failure(g, &g->items[end]);
        errors += is_error(g, &g->items[end]);
        skipped += is_skipped(g, &g->items[end]);
    }
    clock_iso8601(g->candidate.started, time);
    time[19] = '\0'; /* the schema wants no zone */
    buf_addf(&name, "%s/%s", g->items[first].point->kernel, g->items[first].point->variant);
    buf_add(out, "  <testsuite");
    add_attribute(out, "name", buf_text(&name));
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\" timestamp=\"%s\"",
             end - first, failures, errors, skipped, time);
    add_attribute(out, "hostname", g->candidate.machine);
    buf_add(out, ">\n");
    for (size_t i = first; i < end; i++)
        add_case(out, g, &g->items[i]);
    buf_add(out, "  </testsuite>\n");
    buf_free(&name);
    return end;
}

void gate_write_junit(const struct gate *g, struct buf *out)
{
    size_t failures = 0, errors = 0;

    for (size_t i = 0; i < g->item_count; i++) {
        failures += is_failure(g, &g->items[i]);
        errors += is_error(g, &g->items[i]);
    }
    buf_addf(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"countermark run %" PRId64
             "\" tests=\"%zu\""
             " failures=\"%zu\" errors=\"%zu\">\n",
             g->candidate.run, g->item_count, failures, errors);
    for (size_t i = 0; i < g->item_count;)
        i = add_suite(out, g, i);
    buf_add(out, "</testsuites>\n");
}

/* Workflow commands: data escapes %, CR and LF, properties : and , as well. */
static void add_escaped(struct buf *out, const char *text, bool property)
{
    for (; text && *text; text++) {
        if (strchr("%\r\n", *text) || (property && strchr(":,", *text)))
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            buf_add_n(out, text, 1);
    }
}

void gate_write_github(const struct gate *g, struct buf *out)
{
    for (size_t i = 0; i < g->finding_count; i++) {
        const struct gate_finding *f = &g->findings[i];
        bool red = f->failed || f->verdict == COMPARE_SLOWER || f->verdict == COMPARE_WRONG;
        struct buf title = {0};

        buf_addf(&title, "countermark: %s/%s %s", f->kernel, f->variant, gate_finding_word(f));
        buf_addf(out, "::%s title=", red ? "error" : f->verdict == COMPARE_AMBIGUOUS ? "warning" : "notice");
        add_escaped(out, buf_text(&title), true);
        buf_add(out, "::");
        add_escaped(out, f->summary, false);
        if (f->reason) {
            buf_add(out, "; ");
            add_escaped(out, f->reason, false);
        }
        buf_add(out, "; again: ");
        add_escaped(out, f->rerun, false);
        buf_add(out, "\n");
        buf_free(&title);
    }
    buf_addf(out, "%s\n", g->story);
}
