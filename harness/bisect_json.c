/* What a bisect found, as one JSON document. Names are those of the outcome; a number that is not known is null. */
#include "bisect.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *commit(const struct bisect_outcome *o, size_t i)
{
    const struct commit *c = &o->commits.items[i];
    json_t *row = json_object();

    json_object_set_new(row, "commit", json_string(c->id));
    json_object_set_new(row, "subject", json_string(c->subject));
    json_object_set_new(row, "time", json_integer(c->time));
    json_object_set_new(row, "launches", json_integer((json_int_t)o->search.commits[i].count));
    if (o->known[i].reason)
        json_object_set_new(row, "reason", json_string(o->known[i].reason));
    return row;
}

static json_t *culprit(const struct bisect_outcome *o, size_t i)
{
    const struct search_culprit *c = &o->search.culprits[i];
    json_t *row = json_object(), *commits = json_array();

    for (size_t k = c->first; k <= c->last; k++)
        json_array_append_new(commits, commit(o, k));
    json_object_set_new(row, "commits", commits);
    json_object_set_new(row, "ratio", number(c->ratio));
    json_object_set_new(row, "low", number(c->low));
    json_object_set_new(row, "high", number(c->high));
    json_object_set_new(row, "before", number(c->before));
    json_object_set_new(row, "after", number(c->after));
    json_object_set_new(row, "before_launches", json_integer((json_int_t)c->before_launches));
    json_object_set_new(row, "after_launches", json_integer((json_int_t)c->after_launches));
    json_object_set_new(row, "probability", number(c->probability));
    json_object_set_new(row, "in_turns", json_boolean(c->in_turns));
    json_object_set_new(row, "why", o->why && o->why[i] ? json_string(o->why[i]) : json_null());
    return row;
}

static json_t *ends(const struct bisect_outcome *o)
{
    const struct sequential *s = &o->search.ends;
    json_t *row = json_object();

    json_object_set_new(row, "ratio", number(s->ratio));
    json_object_set_new(row, "low", number(s->low));
    json_object_set_new(row, "high", number(s->high));
    json_object_set_new(row, "p", number(s->p));
    return row;
}

static json_t *cost(const struct bisect_outcome *o)
{
    json_t *row = json_object();

    json_object_set_new(row, "builds", json_integer((json_int_t)o->builds));
    json_object_set_new(row, "build_s", number(o->build_s));
    json_object_set_new(row, "launches", json_integer((json_int_t)o->launches));
    json_object_set_new(row, "launch_s", number(o->launch_s));
    json_object_set_new(row, "reused", json_integer((json_int_t)o->reused));
    json_object_set_new(row, "seconds", number(o->seconds));
    return row;
}

void bisect_write_json(const struct bisect_request *q, const struct bisect_outcome *o, struct buf *out)
{
    static const char *const answers[] = {"undecided", "found", "same", "undecided"};
    json_t *root = json_object(), *culprits = json_array(), *left = json_array();
    char *text;

    for (size_t i = 0; i < o->search.culprit_count; i++)
        json_array_append_new(culprits, culprit(o, i));
    for (size_t i = 0; i < o->commits.count; i++) {
        if (o->known[i].reason)
            json_array_append_new(left, commit(o, i));
    }
    json_object_set_new(root, "point", json_string(q->point));
    json_object_set_new(root, "metric", json_string(q->metric));
    json_object_set_new(root, "unit", json_string(o->unit));
    json_object_set_new(root, "scripted", json_boolean(o->scripted));
    json_object_set_new(root, "oldest", commit(o, 0));
    json_object_set_new(root, "newest", commit(o, o->commits.count - 1));
    json_object_set_new(root, "bad_is_older", json_boolean(o->swapped));
    json_object_set_new(root, "commits", json_integer((json_int_t)o->commits.count - 1));
    json_object_set_new(root, "answer", json_string(answers[o->search.answer]));
    json_object_set_new(root, "threshold", number(o->search.options.threshold));
    json_object_set_new(root, "noise", number(o->search.noise));
    json_object_set_new(root, "ends", ends(o));
    json_object_set_new(root, "culprits", culprits);
    json_object_set_new(root, "spread_out", json_boolean(o->search.spread_out));
    json_object_set_new(root, "left_out", left);
    json_object_set_new(root, "cost", cost(o));
    json_object_set_new(root, "exit_code", json_integer(bisect_exit_code(o)));
    text = json_dumps(root, JSON_INDENT(2));
    buf_addf(out, "%s\n", text ? text : "{}");
    free(text);
    json_decref(root);
}
