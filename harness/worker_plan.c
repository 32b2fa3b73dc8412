/*
 * `worker --plan-collector` and `worker --collector-model`: what a collector can count, here or on a model of a device, asked in
 * a process that may crash or leak. And `worker --codes`: what machine code another program holds.
 */
#include "registry.h"
#include "worker.h"

#include <jansson.h>

static json_t *list_json(const struct text_list *l)
{
    json_t *array = json_array();

    for (size_t i = 0; i < l->count; i++)
        json_array_append_new(array, json_string(l->items[i]));
    return array;
}

/* One line on the answer's descriptor; takes `root` over. */
static int say(json_t *root, struct err *e)
{
    char *line = json_dumps(root, JSON_COMPACT);
    struct buf b = {0};
    int rc = -1;

    json_decref(root);
    if (line) {
        buf_addf(&b, "%s\n", line);
        rc = worker_answer(&b, e);
    } else {
        err_set(e, CM_INTERNAL, "the answer could not be put together");
    }
    buf_free(&b);
    free(line);
    return rc;
}

int worker_plan(const char *name, const char *wanted, struct err *e)
{
    const struct registry_collector *c = registry_collector(name);
    struct passes passes = {0};
    int rc = -1;

    if (!c)
        return err_set(e, CM_USAGE, "there is no collector %s", name), CM_USAGE;
    /* No probe: a collector that cannot work here answers with every wanted event as missing, each with the reason. */
    if (!c->collector->plan)
        err_set(e, CM_USAGE, "the collector %s has no passes of its own: it belongs to the time pass", name);
    else if (!c->collector->plan(wanted, &passes, e))
        rc = say(json_pack("{s:i, s:o, s:o}", "protocol", LAUNCH_PROTOCOL, "passes", list_json(&passes.passes),
                           "missing", list_json(&passes.missing)),
                 e);
    text_list_free(&passes.passes);
    text_list_free(&passes.missing);
    return rc ? e->code : CM_FINE;
}

int worker_model(const char *name, const char *model, struct err *e)
{
    const struct registry_collector *c = registry_collector(name);
    struct text_list metrics = {0}, groups = {0};
    int rc = -1;

    if (!c)
        err_set(e, CM_USAGE, "there is no collector %s", name);
    else if (c->missing)
        err_set(e, CM_NOTHING, "%s: %s", name, c->missing);
    else if (!c->collector->model)
        err_set(e, CM_USAGE, "the collector %s knows no models of devices", name);
    else if (!c->collector->model(model, &metrics, &groups, e))
        rc = say(json_pack("{s:i, s:o, s:o}", "protocol", LAUNCH_PROTOCOL, "metrics", list_json(&metrics), "groups",
                           list_json(&groups)),
                 e);
    text_list_free(&metrics);
    text_list_free(&groups);
    return rc ? e->code : CM_FINE;
}

int worker_codes(struct err *e)
{
    json_t *codes = json_object();

    for (const struct registry_code *c = registry_codes; c->kernel; c++) {
        struct buf name = {0};

        buf_addf(&name, "%s/%s", c->kernel, c->name); /* the kernel's own code stands under "kernel/" */
        json_object_set_new(codes, buf_text(&name), json_string(c->hash));
        buf_free(&name);
    }
    return say(json_pack("{s:i, s:o}", "protocol", LAUNCH_PROTOCOL, "codes", codes), e) ? e->code : CM_FINE;
}
