/*
 * Reading a worker's answers. The worker runs code under test, which may have written anything into the pipe: every
 * line is parsed strictly, every index and length is checked, and the first line that does not fit ends the launch as
 * garbled.
 */
#include "base/mem.h"
#include "base/text.h"
#include "launch_message.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define MOST_METRICS 4096
#define MOST_SAMPLES 4000000
#define LONGEST_REASON 600

/* The texts of an outcome: freed together. */
struct texts {
    char **items;
    size_t count, capacity;
};

const char *launch_outcome_text(struct launch_outcome *out, const char *text)
{
    struct texts *t = out->memory;

    if (!text || !*text)
        return "";
    if (!t)
        t = out->memory = mem_new(1, sizeof *t);
    /* Neighbouring samples share their reason more often than not. */
    if (t->count && !strcmp(t->items[t->count - 1], text))
        return t->items[t->count - 1];
    VEC_ROOM(t->items, t->count, t->capacity);
    t->items[t->count] = mem_copy(text);
    text_disarm(t->items[t->count], false);
    return t->items[t->count++];
}

void launch_outcome_free(struct launch_outcome *out)
{
    struct texts *t = out->memory;

    for (size_t i = 0; t && i < t->count; i++)
        free(t->items[i]);
    if (t)
        free(t->items);
    free(t);
    free(out->metrics);
    free(out->samples);
    memset(out, 0, sizeof *out);
}

static int wrong(struct err *e, const char *what)
{
    return err_set(e, CM_INTERNAL, "the worker broke the protocol: %s", what);
}

static int take_hello(struct launch_answers *a, json_t *version, struct err *e)
{
    if (json_integer_value(version) != LAUNCH_PROTOCOL)
        return err_set(e, CM_INTERNAL, "the worker speaks protocol %" JSON_INTEGER_FORMAT ", this program protocol %d",
                       json_integer_value(version), LAUNCH_PROTOCOL);
    a->progress = ANSWER_HELLO;
    return 0;
}

static int take_metric(struct launch_answers *a, json_t *json, struct err *e)
{
    struct launch_outcome *out = a->out;
    struct metric m = {0};
    const char *name, *unit, *meaning, *formula;
    json_t *maybe;
    int kind, better, deterministic;

    if (json_unpack(json, "{s:s, s:s, s:s, s:o, s:i, s:i, s:b}", "name", &name, "unit", &unit, "meaning", &meaning,
                    "formula", &maybe, "kind", &kind, "better", &better, "deterministic", &deterministic))
        return wrong(e, "a metric lacks a field");
    if (kind < 0 || kind > METRIC_DERIVED || better < 0 || better > BETTER_NEITHER || !*name || strlen(name) > 200)
        return wrong(e, "a metric has a field out of range");
    if (out->metric_count >= MOST_METRICS)
        return wrong(e, "too many metrics");
    m.name = launch_outcome_text(out, name);
    m.unit = launch_outcome_text(out, unit);
    m.meaning = launch_outcome_text(out, meaning);
    formula = json_string_value(maybe);
    m.formula = formula ? launch_outcome_text(out, formula) : NULL;
    m.kind = (enum metric_kind)kind;
    m.better = (enum metric_better)better;
    m.deterministic = deterministic;
    VEC_ROOM(out->metrics, out->metric_count, a->metric_capacity);
    out->metrics[out->metric_count++] = m;
    return 0;
}

static int take_sample(struct launch_answers *a, json_t *json, struct err *e)
{
    struct launch_outcome *out = a->out;
    struct sample s = {0};
    const char *reason;
    json_int_t metric;
    json_t *value;
    int quality;

    if (json_unpack(json, "[I, i, o, i, F, s!]", &metric, &s.repetition, &value, &quality, &s.share, &reason))
        return wrong(e, "a sample lacks a field");
    if (metric < 0 || (size_t)metric >= out->metric_count || s.repetition < -1 || quality < 0 ||
        quality > QUALITY_UNAVAILABLE || strlen(reason) > LONGEST_REASON || !(s.share >= 0))
        return wrong(e, "a sample has a field out of range");
    if (!json_is_number(value) && (!json_is_null(value) || quality != QUALITY_UNAVAILABLE))
        return wrong(e, "a sample has no value");
    if (out->sample_count >= MOST_SAMPLES)
        return wrong(e, "too many samples");
    s.metric = out->metrics[metric].name;
    s.value = json_is_null(value) ? (double)NAN : json_number_value(value);
    s.quality = (enum quality)quality;
    s.reason = launch_outcome_text(out, reason);
    VEC_ROOM(out->samples, out->sample_count, a->sample_capacity);
    out->samples[out->sample_count++] = s;
    return 0;
}

static int take_result(struct launch_answers *a, json_t *json, struct err *e)
{
    struct launch_result *r = &a->out->result;
    const char *reason, *checksum;
    json_int_t inner, deviations;
    int status;

    if (json_unpack(json, "{s:i, s:s, s:i, s:i, s:I, s:F, s:i, s:I, s:F, s:F, s:F, s:F, s:s}", "status", &status,
                    "reason", &reason, "signal", &r->signal, "exit", &r->exit_code, "inner", &inner, "executing",
                    &r->executing_s, "match", &r->match, "deviations", &deviations, "elements", &r->elements, "flops",
                    &r->flops, "read", &r->bytes_read, "written", &r->bytes_written, "checksum", &checksum))
        return wrong(e, "the result lacks a field");
    if (status <= LAUNCH_PLANNED || status >= LAUNCH_SKIPPED || r->match < -1 || r->match > 2 || inner < 0 ||
        strlen(reason) > LONGEST_REASON || strlen(checksum) > 128)
        return wrong(e, "the result has a field out of range");
    r->status = (enum launch_status)status;
    r->inner = inner;
    r->deviations = deviations;
    r->reason = launch_outcome_text(a->out, reason);
    r->checksum = launch_outcome_text(a->out, checksum);
    a->progress = ANSWER_RESULT;
    return 0;
}

static int take_end(struct launch_answers *a, json_t *json, struct err *e)
{
    if (!json_is_integer(json) || (size_t)json_integer_value(json) != a->out->sample_count)
        return wrong(e, "samples are missing");
    a->progress = ANSWER_END;
    return 0;
}

static int take(struct launch_answers *a, json_t *root, struct err *e)
{
    void *only = json_object_iter(root);
    const char *key = only ? json_object_iter_key(only) : "";
    json_t *value = only ? json_object_iter_value(only) : NULL;

    if (!strcmp(key, "protocol") && a->progress == ANSWER_NOTHING)
        return take_hello(a, value, e);
    if (a->progress == ANSWER_HELLO) {
        if (!strcmp(key, "metric"))
            return take_metric(a, value, e);
        if (!strcmp(key, "sample"))
            return take_sample(a, value, e);
        if (!strcmp(key, "result"))
            return take_result(a, value, e);
    }
    if (!strcmp(key, "end") && a->progress == ANSWER_RESULT)
        return take_end(a, value, e);
    return wrong(e, "a message came that does not belong there");
}

int launch_answer_take(struct launch_answers *a, const char *line, size_t length, struct err *e)
{
    json_error_t why;
    json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &why);
    int rc;

    if (!json_is_object(root)) {
        json_decref(root);
        return wrong(e, "a line of its answer is no message");
    }
    rc = take(a, root, e);
    json_decref(root);
    return rc;
}
