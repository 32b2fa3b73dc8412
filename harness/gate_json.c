/*
 * The gate's answer for programs, one JSON document. Stable: names are added, never changed.
 *
 *     version     1
 *     exit        the exit code            story    the last line of the text
 *     candidate   run, uuid, machine, branch, commit, subject, dirty, started, scripted, status, binary
 *     baselines   the same, for every run that was compared with
 *     sight       the smallest change this gate sees: sentence, metrics (metric, points, estimated, half, nine_of_ten; shares, null
 *                 beyond a factor of 2)
 *     machine     whether the machine moved since each baseline: baseline (run), moved, ratio, low, high (all anchors; if parts of the
 *                 machine moved no ratio, and low and high are the least and the most moved anchor's), sentence, changed (facts),
 *                 anchors (anchor, ratio, low, high, moved)
 *     points      how many points by verdict, and failed, unavailable, accepted
 *     notes       what else people are told
 *     against     what the baselines are, where they are several by choice: "the newest 10 runs before, ..."; or null
 *     ledger      sentences about entries of the ledger that expired or match nothing
 *     findings    number, id ("F1"), verdict (slower faster ambiguous wrong failed), kernel, variant, points, summary, reason,
 *                 why, environment, rerun, perf (the line of an independent tool), ledger (what people decided about it), excused
 *                 (so that it does not count in the exit code), picture (the Markdown's link to it), history (of the comparison
 *                 that moved most: point, metric, unit, and runs, the last ones up to the candidate with run, commit, value, low,
 *                 high, suspect)
 *     comparisons point, metric, unit, verdict, baseline (run), before, now, ratio, low, high, p, noise, threshold, launches
 *                 [before, now], confirmed, streak, finding, reason, detectable (the smallest change that would have been
 *                 seen, null beyond a factor of 2), detectable_from (aa, estimate or null), beyond (of stored times where the
 *                 machine moved: the least and the most that is left of their ratio, else null)
 *
 * What is unknown is null.
 */
#include "gate_anchor.h"

#include "base/mem.h"
#include "sight.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* JSON is UTF-8; what is not (a name out of a foreign database) loses the bytes that are not. */
static json_t *text(const char *value)
{
    struct buf b = {0};
    json_t *json;

    if (!value)
        return json_null();
    json = json_string(value);
    if (json)
        return json;
    for (; *value; value++)
        buf_add_n(&b, (unsigned char)*value < 0x80 ? value : "?", 1);
    json = json_string(buf_text(&b));
    buf_free(&b);
    return json;
}

static json_t *run_json(const struct gate_side *s)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:b, s:o, s:o}", "run", (json_int_t)s->run, "uuid",
                     text(s->uuid), "machine", text(s->machine), "branch", text(s->branch), "commit", text(s->commit),
                     "subject", text(s->subject), "dirty", s->dirty, "started", (json_int_t)s->started, "scripted",
                     s->scripted, "status", text(s->status), "binary", text(s->binary_hash));
}

/* What the worst point did before; null where nothing of it can be told. */
static json_t *history_json(const struct gate_finding *f)
{
    json_t *runs;

    if (!f->shown)
        return json_null();
    runs = json_array();
    for (size_t i = 0; i < f->past_count; i++) {
        const struct gate_past *p = &f->past[i];

        json_array_append_new(runs, json_pack("{s:I, s:o, s:o, s:o, s:o, s:b}", "run", (json_int_t)p->run, "commit",
                                              text(p->commit), "value", number(p->value), "low", number(p->low), "high",
                                              number(p->high), "suspect", p->suspect));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "point", text(f->shown->point->text), "metric",
                     text(f->shown->metric->name), "unit", text(f->shown->metric->unit), "runs", runs);
}

static json_t *finding_json(const struct gate_finding *f)
{
    char id[16];
    json_t *points = json_array();

    snprintf(id, sizeof id, "F%d", f->number);
    for (size_t i = 0; i < f->point_count; i++)
        json_array_append_new(points, text(f->points[i]->text));
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "number",
                     f->number, "id", id, "verdict", gate_finding_word(f), "kernel", text(f->kernel), "variant",
                     text(f->variant), "points", points, "summary", text(f->summary), "reason", text(f->reason), "why",
                     text(f->why), "environment", text(f->environment), "rerun", text(f->rerun), "perf", text(f->perf),
                     "ledger", text(f->ledger), "excused", f->excused, "picture", text(f->picture), "history",
                     history_json(f));
}

static json_t *sight_json(const struct gate *g)
{
    struct sight *list = mem_new(g->metric_count + 1, sizeof *list);
    json_t *metrics = json_array();

    gate_sights(g, list);
    for (size_t i = 0; i < g->metric_count; i++) {
        const struct sight *s = &list[i];

        if (s->count)
            json_array_append_new(metrics,
                                  json_pack("{s:o, s:I, s:I, s:o, s:o}", "metric", text(s->metric), "points",
                                            (json_int_t)s->count, "estimated", (json_int_t)s->estimated, "half",
                                            number(sight_half(s)), "nine_of_ten", number(sight_nine_of_ten(s))));
        sight_free(&list[i]);
    }
    free(list);
    return json_pack("{s:o, s:o}", "sentence", text(g->sight), "metrics", metrics);
}

static json_t *item_json(const struct gate_item *i)
{
    const struct comparison *c = &i->c;
    size_t before = i->old_series ? i->old_series->count : 0, now = i->new_series ? i->new_series->count : 0;
    json_t *baseline = i->baseline ? json_integer((json_int_t)i->baseline->run) : json_null();
    json_t *finding = i->finding ? json_integer(i->finding) : json_null();

    return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[I, I], s:b, s:i, s:o, s:o, "
                     "s:o, s:o, s:s?}",
                     "point", text(i->point->text), "metric", text(i->metric->name), "unit", text(i->metric->unit),
                     "verdict", compare_verdict_name(c->verdict), "baseline", baseline, "before", number(i->old_value),
                     "now", number(i->new_value), "ratio", number(c->ratio), "low", number(c->low), "high",
                     number(c->high), "p", number(c->p), "noise", number(c->noise), "threshold", number(c->threshold),
                     "launches", (json_int_t)before, (json_int_t)now, "confirmed", i->confirmed, "streak", i->streak,
                     "finding", finding, "reason", text(i->reason), "beyond", gate_beyond_json(i), "detectable",
                     number(i->detectable), "detectable_from",
                     i->detectable_from == SIGHT_AA         ? "aa"
                     : i->detectable_from == SIGHT_ESTIMATE ? "estimate"
                                                            : NULL);
}

static json_t *points_json(const struct gate *g)
{
    json_t *object = json_object();

    for (int v = COMPARE_SAME; v <= COMPARE_NEW; v++)
        json_object_set_new(object, compare_verdict_name((enum compare_verdict)v),
                            json_integer((json_int_t)g->points_of[v]));
    json_object_set_new(object, "failed", json_integer((json_int_t)g->failed_points));
    json_object_set_new(object, "unavailable", json_integer((json_int_t)g->unavailable_points));
    json_object_set_new(object, "accepted", json_integer((json_int_t)g->accepted_points));
    return object;
}

static json_t *notes_json(const struct gate *g)
{
    json_t *notes = json_array();

    if (g->confirm_note)
        json_array_append_new(notes, text(g->confirm_note));
    if (g->base_note)
        json_array_append_new(notes, text(g->base_note));
    if (g->accept_note)
        json_array_append_new(notes, text(g->accept_note));
    return notes;
}

static json_t *ledger_json(const struct gate *g)
{
    json_t *notes = json_array();

    for (size_t i = 0; i < g->ledger_note_count; i++)
        json_array_append_new(notes, text(g->ledger_notes[i]));
    return notes;
}

void gate_write_json(const struct gate *g, struct buf *out)
{
    json_t *baselines = json_array(), *findings = json_array(), *items = json_array(), *root;
    char *dumped;

    for (size_t i = 0; i < g->baseline_count; i++)
        json_array_append_new(baselines, run_json(g->baselines[i]));
    for (size_t i = 0; i < g->finding_count; i++)
        json_array_append_new(findings, finding_json(&g->findings[i]));
    for (size_t i = 0; i < g->item_count; i++)
        json_array_append_new(items, item_json(&g->items[i]));
    root = json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version", 1, "exit",
                     g->exit_code, "story", text(g->story), "candidate", run_json(&g->candidate), "baselines",
                     baselines, "points", points_json(g), "sight", sight_json(g), "machine", gate_machine_json(g),
                     "notes", notes_json(g), "ledger", ledger_json(g), "against", text(gate_base_words(g)), "findings",
                     findings, "comparisons", items);
    dumped = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    buf_addf(out, "%s\n", dumped ? dumped : "null");
    free(dumped);
    json_decref(root);
}
