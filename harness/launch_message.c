/*
 * The worker's side of the protocol (writing answers) and the request in both directions. See launch_message.h; the
 * reading of answers, which must distrust everything, is in launch_answer.c.
 */
#include "launch_message.h"
#include "base/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(17))

/* Seeds have 64 bits, JSON integers 63: they travel as decimal text. */
static json_t *seed_json(uint64_t seed)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, seed);
    return json_string(text);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *axes_json(const struct fact *axes)
{
    json_t *object = json_object();

    for (; axes && axes->name; axes++)
        if (json_object_set_new(object, axes->name, json_string(axes->value))) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static json_t *command_json(char *const *command)
{
    json_t *array;

    if (!command)
        return json_null();
    array = json_array();
    for (; *command; command++)
        if (json_array_append_new(array, json_string(*command))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

char *launch_request_encode(const struct launch_spec *s, pid_t parent, struct err *e)
{
    json_t *root = json_pack(
        "{s:i, s:i, s:s, s:s, s:s, s:o, s:s, s:i, s:I, s:f, s:i, s:i, s:f, s:o, s:o, s:f, s:o, s:o, s:b, s:b, s:o, "
        "s:o, s:f}",
        "protocol", LAUNCH_PROTOCOL, "parent", (int)parent, "point", s->point, "kernel", s->kernel, "variant",
        s->variant, "axes", axes_json(s->axes), "pass", s->pass ? s->pass : "", "number", s->number, "inner",
        (json_int_t)s->inner, "target", s->target_s, "min", s->min_repetitions, "max", s->max_repetitions, "precision",
        s->precision, "seed", seed_json(s->seed), "layout", seed_json(s->layout_seed), "timeout", s->timeout_s,
        "references", text_or_null(s->reference_folder), "script", text_or_null(s->fake_script), "count_kernel",
        s->count_kernel, "isolate", s->isolate, "command", command_json(s->command), "verify", text_or_null(s->verify),
        "simulate", s->simulate_s);
    char *line;

    if (root && s->raw)
        json_object_set_new(root, "raw", json_true());
    if (!root) {
        err_set(e, CM_USAGE, "%s: a name, an argument or a path is not valid UTF-8 and cannot be handed to a worker",
                s->point ? s->point : "launch");
        return NULL;
    }
    line = json_dumps(root, DUMP_FLAGS);
    json_decref(root);
    if (!line)
        err_set(e, CM_INTERNAL, "%s: the request to the worker could not be written", s->point);
    return line;
}

static int take_axes(json_t *object, struct launch_request *r)
{
    const char *name;
    json_t *value;
    size_t i = 0;

    r->axes = mem_new(json_object_size(object) + 1, sizeof *r->axes);
    json_object_foreach(object, name, value)
    {
        if (!json_is_string(value))
            return -1;
        r->axes[i].name = (char *)name;
        r->axes[i++].value = (char *)json_string_value(value);
    }
    r->spec.axes = r->axes;
    return 0;
}

static int take_command(json_t *array, struct launch_request *r)
{
    json_t *value;
    size_t i;

    if (!json_is_array(array))
        return json_is_null(array) ? 0 : -1;
    r->command = mem_new(json_array_size(array) + 1, sizeof *r->command);
    json_array_foreach(array, i, value)
    {
        if (!json_is_string(value))
            return -1;
        r->command[i] = (char *)json_string_value(value);
    }
    r->spec.command = r->command;
    return i ? 0 : -1;
}

static int take_request(json_t *root, struct launch_request *r)
{
    struct launch_spec *s = &r->spec;
    const char *seed, *layout;
    json_t *axes, *command, *references, *script, *verify;
    json_int_t inner;
    int version, parent, count_kernel, isolate;
    int rc = json_unpack(root,
                         "{s:i, s:i, s:s, s:s, s:s, s:o, s:s, s:i, s:I, s:F, s:i, s:i, s:F, s:s, s:s, s:F, s:o, s:o, "
                         "s:b, s:b, s:o, s:o, s?F}",
                         "protocol", &version, "parent", &parent, "point", &s->point, "kernel", &s->kernel, "variant",
                         &s->variant, "axes", &axes, "pass", &s->pass, "number", &s->number, "inner", &inner, "target",
                         &s->target_s, "min", &s->min_repetitions, "max", &s->max_repetitions, "precision",
                         &s->precision, "seed", &seed, "layout", &layout, "timeout", &s->timeout_s, "references",
                         &references, "script", &script, "count_kernel", &count_kernel, "isolate", &isolate, "command",
                         &command, "verify", &verify, "simulate", &s->simulate_s);

    if (rc || !json_is_object(axes))
        return -1;
    s->reference_folder = json_string_value(references);
    s->fake_script = json_string_value(script);
    s->verify = json_string_value(verify);
    r->parent = parent;
    s->inner = inner;
    s->count_kernel = count_kernel;
    s->raw = json_is_true(json_object_get(root, "raw"));
    s->isolate = isolate;
    s->seed = strtoull(seed, NULL, 10);
    s->layout_seed = strtoull(layout, NULL, 10);
    return take_axes(axes, r) || take_command(command, r) ? -1 : 0;
}

int launch_request_decode(const char *line, struct launch_request *r, struct err *e)
{
    json_error_t why;
    json_t *root = json_loads(line, 0, &why);
    int version = (int)json_integer_value(json_object_get(root, "protocol"));

    memset(r, 0, sizeof *r);
    r->root = root;
    if (!root)
        return err_set(e, CM_USAGE, "the request is not JSON: %s", why.text);
    if (version != LAUNCH_PROTOCOL)
        return err_set(e, CM_USAGE, "the request speaks protocol %d, this program protocol %d", version,
                       LAUNCH_PROTOCOL);
    if (take_request(root, r))
        return err_set(e, CM_USAGE, "the request lacks a field or has one of the wrong type");
    return 0;
}

void launch_request_free(struct launch_request *r)
{
    free(r->axes);
    free(r->command);
    json_decref(r->root);
    memset(r, 0, sizeof *r);
}

/* JSON holds UTF-8 only, a program's last words may be anything. */
static json_t *lenient_string(const char *text)
{
    json_t *json = json_string(text ? text : "");
    char *copy;

    if (json)
        return json;
    copy = mem_copy(text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    json = json_string(copy);
    free(copy);
    return json;
}

/* JSON has no NaN and no infinity: null stands for "no value", 0 for an amount that nobody knows. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *amount(double value)
{
    return json_real(isfinite(value) ? value : 0);
}

static void add_line(struct buf *b, json_t *root)
{
    char *line = root ? json_dumps(root, DUMP_FLAGS) : NULL;

    json_decref(root);
    if (line) {
        buf_add(b, line);
        buf_add(b, "\n");
    }
    free(line);
}

void launch_answer_hello(struct buf *b)
{
    add_line(b, json_pack("{s:i}", "protocol", LAUNCH_PROTOCOL));
}

void launch_answer_metric(struct buf *b, const struct metric *m)
{
    add_line(b, json_pack("{s:{s:o, s:o, s:o, s:o, s:i, s:i, s:b}}", "metric", "name", lenient_string(m->name), "unit",
                          lenient_string(m->unit), "meaning", lenient_string(m->meaning), "formula",
                          m->formula ? lenient_string(m->formula) : json_null(), "kind", (int)m->kind, "better",
                          (int)m->better, "deterministic", m->deterministic));
}

void launch_answer_sample(struct buf *b, size_t metric, const struct sample *s)
{
    add_line(b, json_pack("{s:[I, i, o, i, f, o]}", "sample", (json_int_t)metric, s->repetition, number(s->value),
                          (int)s->quality, s->share, lenient_string(s->reason)));
}

void launch_answer_result(struct buf *b, const struct launch_result *r)
{
    add_line(b, json_pack("{s:{s:i, s:o, s:i, s:i, s:I, s:o, s:i, s:I, s:o, s:o, s:o, s:o, s:o}}", "result", "status",
                          (int)r->status, "reason", lenient_string(r->reason), "signal", r->signal, "exit",
                          r->exit_code, "inner", (json_int_t)r->inner, "executing", amount(r->executing_s), "match",
                          r->match, "deviations", (json_int_t)r->deviations, "elements", amount(r->elements), "flops",
                          amount(r->flops), "read", amount(r->bytes_read), "written", amount(r->bytes_written),
                          "checksum", lenient_string(r->checksum)));
}

void launch_answer_end(struct buf *b, size_t samples)
{
    add_line(b, json_pack("{s:I}", "end", (json_int_t)samples));
}
