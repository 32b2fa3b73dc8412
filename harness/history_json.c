/*
 * A history as one JSON document; its members are described in the help of the command. Numbers that are not known
 * are null.
 */
#include "history.h"

#include "base/mem.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text(const char *value)
{
    json_t *s = value ? json_string(value) : json_null();

    return s ? s : json_string("(not UTF-8)");
}

static json_t *run_json(const struct series_run *run)
{
    json_t *o = json_object();

    json_object_set_new(o, "run", run->id ? json_integer(run->id) : json_null());
    json_object_set_new(o, "commit", run->commit[0] ? text(run->commit) : json_null());
    json_object_set_new(o, "subject", text(run->subject));
    json_object_set_new(o, "commit_time", run->commit_time ? json_integer(run->commit_time) : json_null());
    json_object_set_new(o, "started", run->started ? json_integer(run->started) : json_null());
    json_object_set_new(o, "dirty", json_boolean(run->dirty));
    return o;
}

static json_t *series_json(const struct finding_series *s)
{
    json_t *o = json_object();

    json_object_set_new(o, "point", text(s->point));
    json_object_set_new(o, "metric", text(s->metric));
    json_object_set_new(o, "unit", text(s->unit));
    json_object_set_new(o, "kind", text(change_kind_name(s->change.kind)));
    json_object_set_new(o, "before", number(s->change.before));
    json_object_set_new(o, "after", number(s->change.after));
    json_object_set_new(o, "ratio", number(s->change.ratio));
    json_object_set_new(o, "low", number(s->change.low));
    json_object_set_new(o, "high", number(s->change.high));
    json_object_set_new(o, "confidence", number(s->change.confidence));
    json_object_set_new(o, "pending", json_boolean(s->change.pending));
    json_object_set_new(o, "worse", json_boolean(s->worse));
    return o;
}

static json_t *variants_json(const char *list)
{
    json_t *a = json_array();

    while (*list) {
        size_t n = strcspn(list, ",");

        json_array_append_new(a, json_stringn(list, n));
        list += n + strspn(list + n, ", ");
    }
    return a;
}

static json_t *between_json(const struct finding *one)
{
    json_t *list = json_array();

    for (size_t i = 0; i < one->between.count; i++) {
        json_t *o = json_object();

        json_object_set_new(o, "commit", text(one->between.items[i].commit));
        json_object_set_new(o, "subject", text(one->between.items[i].subject));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *finding_json(const struct findings *f, const struct finding *one)
{
    json_t *o = json_object(), *series = json_array();
    double now;
    char *place = finding_place_words(f, one);

    json_object_set_new(o, "number", json_integer(one->number));
    json_object_set_new(o, "id", text(one->slug));
    json_object_set_new(o, "kind", text(change_kind_name(one->kind)));
    json_object_set_new(o, "verdict", text(finding_word(f, one)));
    json_object_set_new(o, "standing", text(finding_standing_name(finding_standing(one))));
    json_object_set_new(o, "worse", json_boolean(one->worse));
    json_object_set_new(o, "pending", json_boolean(one->pending));
    json_object_set_new(o, "since", json_boolean(one->since));
    json_object_set_new(o, "place", text(place));
    json_object_set_new(o, "before", run_json(&f->home.runs[one->before]));
    json_object_set_new(o, "first", run_json(&f->home.runs[one->run]));
    json_object_set_new(o, "last", run_json(&f->home.runs[one->last]));
    json_object_set_new(o, "commits", one->commits ? json_integer((json_int_t)one->commits) : json_null());
    json_object_set_new(o, "give_or_take_runs", json_integer((json_int_t)one->blur));
    json_object_set_new(o, "between", between_json(one));
    json_object_set_new(o, "kernel", text(one->kernel));
    json_object_set_new(o, "variants", variants_json(one->variants));
    json_object_set_new(o, "region", text(one->region));
    json_object_set_new(o, "summary", text(one->summary));
    json_object_set_new(o, "also_changed", text(one->machine_note));
    json_object_set_new(o, "state", text(finding_state_name(one->state)));
    json_object_set_new(o, "ledger", text(one->ledger));
    json_object_set_new(o, "undone_by", one->undone_by ? json_integer(one->undone_by) : json_null());
    json_object_set_new(o, "undoes", one->undoes ? json_integer(one->undoes) : json_null());
    json_object_set_new(o, "gone_again", json_boolean(finding_is_gone(f, one, &now)));
    for (size_t i = 0; i < one->series_count; i++)
        json_array_append_new(series, series_json(&one->series[i]));
    json_object_set_new(o, "series", series);
    free(place);
    return o;
}

static json_t *level_json(const struct findings *f, const struct findings_level *l)
{
    json_t *o = json_object();

    json_object_set_new(o, "first", run_json(&f->home.runs[l->run]));
    json_object_set_new(o, "last", run_json(&f->home.runs[l->last]));
    json_object_set_new(o, "runs", json_integer((json_int_t)l->count));
    json_object_set_new(o, "median", number(l->median));
    json_object_set_new(o, "low", number(l->low));
    json_object_set_new(o, "high", number(l->high));
    json_object_set_new(o, "creeping", json_boolean(l->creeping));
    json_object_set_new(o, "another_version", json_boolean(l->another));
    return o;
}

static json_t *levels_json(const struct findings *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->series; i++) {
        const struct findings_series *s = &f->all[i];
        json_t *o = json_object(), *levels = json_array();

        json_object_set_new(o, "point", text(s->point));
        json_object_set_new(o, "metric", text(s->metric));
        json_object_set_new(o, "unit", text(s->unit));
        json_object_set_new(o, "noise", number(s->noise));
        for (size_t l = 0; l < s->count; l++)
            json_array_append_new(levels, level_json(f, &s->levels[l]));
        json_object_set_new(o, "levels", levels);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *unmeasured_json(const struct findings *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->home.count; i++) {
        json_t *o;

        if (f->home.runs[i].id)
            continue;
        o = run_json(&f->home.runs[i]);
        json_object_set_new(o, "outcome", text(f->home.runs[i].outcome));
        json_array_append_new(list, o);
    }
    return list;
}

void history_write_json(const struct findings *f, const struct history_shown *o, struct buf *out)
{
    json_t *document = json_object(), *findings = json_array();
    char *words;
    size_t runs = 0;

    for (size_t i = 0; i < f->home.count; i++)
        runs += f->home.runs[i].id != 0;
    json_object_set_new(document, "kind", text("history"));
    json_object_set_new(document, "database", text(o->database));
    json_object_set_new(document, "machine", text(f->home.machine));
    json_object_set_new(document, "branch", text(f->home.branch));
    json_object_set_new(document, "scripted", json_boolean(f->home.scripted));
    json_object_set_new(document, "since", text(o->since));
    json_object_set_new(document, "runs", json_integer((json_int_t)runs));
    json_object_set_new(document, "series", json_integer((json_int_t)f->series));
    json_object_set_new(document, "values", json_integer((json_int_t)f->values));
    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(findings, finding_json(f, &f->items[i]));
    json_object_set_new(document, "findings", findings);
    json_object_set_new(document, "unmeasured", unmeasured_json(f));
    if (history_is_one_point(f))
        json_object_set_new(document, "levels", levels_json(f));
    words = json_dumps(document, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    buf_addf(out, "%s\n", words ? words : "{}");
    free(words);
    json_decref(document);
}
