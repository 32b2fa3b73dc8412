/* What workers say of GPUs, as JSON lines: written by `worker --gpu`, read by the parent. See gpu.h. */
#include "base/text.h"
#include "gpu.h"
#include "launch.h"
#include "worker.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing */

static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);

    return value ? value : json_string("(not valid UTF-8)");
}

static void finish(json_t *root, struct buf *out)
{
    char *line = json_dumps(root, JSON_COMPACT);

    if (line)
        buf_addf(out, "%s\n", line);
    free(line);
    json_decref(root);
}

static json_t *device_json(const struct cuda_device *d)
{
    json_t *o =
        json_pack("{s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i}", "name", text_json(d->name), "uuid", text_json(d->uuid),
                  "major", d->major, "minor", d->minor, "sms", d->sms, "threads_per_sm", d->threads_per_sm,
                  "registers_per_sm", d->registers_per_sm, "blocks_per_sm", d->blocks_per_sm);
    json_t *more =
        json_pack("{s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:b, s:b, s:f}", "shared_per_sm", (json_int_t)d->shared_per_sm,
                  "shared_reserved_per_block", (json_int_t)d->shared_reserved_per_block, "l2_bytes",
                  (json_int_t)d->l2_bytes, "memory_bytes", (json_int_t)d->memory_bytes, "sm_clock_mhz", d->sm_clock_mhz,
                  "memory_clock_mhz", d->memory_clock_mhz, "bus_bits", d->bus_bits, "ecc", (int)d->ecc, "mig",
                  (int)d->mig, "power_limit_w", d->power_limit_w);

    json_object_update(o, more);
    json_decref(more);
    return o;
}

void gpu_write(const struct cuda_facts *f, struct buf *out)
{
    json_t *devices = json_array();

    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(devices, device_json(&f->devices[i]));
    finish(json_pack("{s:i, s:o, s:o, s:i, s:o, s:o, s:b, s:o}", "protocol", LAUNCH_PROTOCOL, "reason",
                     text_json(f->reason), "cure", text_json(f->cure), "cuda", f->cuda, "driver", text_json(f->driver),
                     "cupti", text_json(f->cupti), "profiling_restricted", (int)f->profiling_restricted, "devices",
                     devices),
           out);
}

void gpu_write_check(const struct cupti_check *c, struct buf *out)
{
    finish(json_pack("{s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "protocol", LAUNCH_PROTOCOL, "works", (int)c->works,
                     "reason", text_json(c->reason), "cure", text_json(c->cure), "chip", text_json(c->chip), "version",
                     text_json(c->version), "path", text_json(c->path)),
           out);
}

int gpu_serve(const char *what, struct err *e)
{
    struct cuda_facts facts;
    struct cupti_check check = {.works = false};
    struct buf line = {0};
    int rc;

    if (!strcmp(what, "facts")) {
        cuda_facts_read(&facts);
        if (!*facts.reason)
            cupti_check_version(facts.cupti, sizeof facts.cupti);
        gpu_write(&facts, &line);
    } else if (!strcmp(what, "counters")) {
        cupti_check_counters(&check);
        gpu_write_check(&check, &line);
    } else if (!strcmp(what, "tracing")) {
        cupti_check_tracing(&check);
        gpu_write_check(&check, &line);
    } else {
        err_set(e, CM_USAGE, "worker --gpu takes facts, counters or tracing, not %s", what);
        return CM_USAGE;
    }
    rc = worker_answer(&line, e);
    buf_free(&line);
    return rc ? e->code : CM_FINE;
}

/* ---- reading */

/* Vendors' texts are foreign: nothing of them may steer a terminal. */
static void take_text(const json_t *o, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(o, key));

    snprintf(out, size, "%s", text ? text : "");
    text_disarm(out, false);
}

static int take_int(const json_t *o, const char *key)
{
    return (int)json_integer_value(json_object_get(o, key));
}

static int64_t take_big(const json_t *o, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(o, key));
}

static void take_device(const json_t *o, struct cuda_device *d)
{
    take_text(o, "name", d->name, sizeof d->name);
    take_text(o, "uuid", d->uuid, sizeof d->uuid);
    d->major = take_int(o, "major");
    d->minor = take_int(o, "minor");
    d->sms = take_int(o, "sms");
    d->threads_per_sm = take_int(o, "threads_per_sm");
    d->registers_per_sm = take_int(o, "registers_per_sm");
    d->blocks_per_sm = take_int(o, "blocks_per_sm");
    d->shared_per_sm = take_big(o, "shared_per_sm");
    d->shared_reserved_per_block = take_big(o, "shared_reserved_per_block");
    d->l2_bytes = take_big(o, "l2_bytes");
    d->memory_bytes = take_big(o, "memory_bytes");
    d->sm_clock_mhz = take_int(o, "sm_clock_mhz");
    d->memory_clock_mhz = take_int(o, "memory_clock_mhz");
    d->bus_bits = take_int(o, "bus_bits");
    d->ecc = json_is_true(json_object_get(o, "ecc"));
    d->mig = json_is_true(json_object_get(o, "mig"));
    d->power_limit_w = json_number_value(json_object_get(o, "power_limit_w"));
}

static json_t *read_line(const char *line, size_t length)
{
    json_t *root = json_loadb(line, length, 0, NULL);

    if (json_integer_value(json_object_get(root, "protocol")) == LAUNCH_PROTOCOL &&
        json_is_string(json_object_get(root, "reason")))
        return root;
    json_decref(root);
    return NULL;
}

bool gpu_parse(const char *line, size_t length, struct cuda_facts *out)
{
    json_t *root = read_line(line, length), *devices = json_object_get(root, "devices");
    bool good = json_is_array(devices);

    memset(out, 0, sizeof *out);
    if (good) {
        take_text(root, "reason", out->reason, sizeof out->reason);
        take_text(root, "cure", out->cure, sizeof out->cure);
        take_text(root, "driver", out->driver, sizeof out->driver);
        take_text(root, "cupti", out->cupti, sizeof out->cupti);
        out->cuda = take_int(root, "cuda");
        out->profiling_restricted = json_is_true(json_object_get(root, "profiling_restricted"));
        for (size_t i = 0; i < json_array_size(devices) && i < CUDA_DEVICES; i++)
            take_device(json_array_get(devices, i), &out->devices[out->count++]);
    }
    json_decref(root);
    return good;
}

bool gpu_parse_check(const char *line, size_t length, struct cupti_check *out)
{
    json_t *root = read_line(line, length);
    bool good = json_is_boolean(json_object_get(root, "works"));

    memset(out, 0, sizeof *out);
    if (good) {
        out->works = json_is_true(json_object_get(root, "works"));
        take_text(root, "reason", out->reason, sizeof out->reason);
        take_text(root, "cure", out->cure, sizeof out->cure);
        take_text(root, "chip", out->chip, sizeof out->chip);
        take_text(root, "version", out->version, sizeof out->version);
        take_text(root, "path", out->path, sizeof out->path);
    }
    json_decref(root);
    return good;
}
