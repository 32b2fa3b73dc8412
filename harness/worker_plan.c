/* `worker --plan-collector`: what a collector can count here, asked in a process that may crash or leak. */
#include "registry.h"
#include "worker.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

static json_t *list_json(const struct text_list *l)
{
    json_t *array = json_array();

    for (size_t i = 0; i < l->count; i++)
        json_array_append_new(array, json_string(l->items[i]));
    return array;
}

static int say(json_t *root, struct err *e)
{
    size_t length;
    char *line = json_dumps(root, JSON_COMPACT);

    json_decref(root);
    if (!line)
        return err_set(e, CM_INTERNAL, "the passes could not be written");
    length = strlen(line);
    line[length] = '\n';
    if (write(LAUNCH_ANSWER_FD, line, length + 1) != (ssize_t)(length + 1))
        err_set(e, CM_INTERNAL, "the answer to --plan-collector could not be written to descriptor %d",
                LAUNCH_ANSWER_FD);
    free(line);
    return e->code ? -1 : 0;
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
