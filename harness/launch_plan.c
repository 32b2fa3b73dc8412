/*
 * What a collector can count: here, in passes, or on a model of a device. A worker process is asked (launch_ask.h). Proving
 * counter sets takes time, so the passes are kept in a file, one per collector, question, machine with its environment,
 * and program.
 */
#include "../collectors/collector.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch.h"
#include "launch_ask.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 120
#define LONGEST_ANSWER (1 << 20)
#define LONGEST_MODEL (1 << 24) /* thousands of metrics with their meanings */

static bool take_list(json_t *array, struct text_list *l)
{
    json_t *item;
    size_t i;

    if (!json_is_array(array))
        return false;
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return false;
        text_list_add(l, json_string_value(item));
    }
    return true;
}

/* Two lists under their names; on failure both are empty. */
static bool parse_lists(const char *text, size_t length, const char *first_name, struct text_list *first,
                        const char *second_name, struct text_list *second)
{
    json_t *root = json_loadb(text, length, 0, NULL);
    bool good = json_integer_value(json_object_get(root, "protocol")) == LAUNCH_PROTOCOL &&
                take_list(json_object_get(root, first_name), first) &&
                take_list(json_object_get(root, second_name), second);

    json_decref(root);
    if (!good) {
        text_list_free(first);
        text_list_free(second);
    }
    return good;
}

/* Asks `worker OPTION COLLECTOR ABOUT`. */
static int ask(const char *option, const char *collector, const char *about, const char *what, size_t longest,
               struct buf *answer, struct err *e)
{
    char *argv[] = {mem_copy("countermark"), mem_copy("worker"), mem_copy(option),
                    mem_copy(collector),     mem_copy(about),    NULL};
    char *who = mem_format("the collector %s", collector);
    const struct launch_question q = {
        .argv = argv, .who = who, .what = what, .longest = longest, .patience_s = PATIENCE_S};
    int rc = launch_ask(&q, answer, e);

    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    free(who);
    return rc;
}

static int ask_passes(const char *collector, const char *wanted, struct buf *answer, struct passes *out, struct err *e)
{
    if (ask("--plan-collector", collector, wanted ? wanted : "", "its passes", LONGEST_ANSWER, answer, e))
        return -1;
    if (!parse_lists(buf_text(answer), answer->length, "passes", &out->passes, "missing", &out->missing))
        return err_set(e, CM_INTERNAL, "the collector %s gave no readable answer when asked for its passes", collector);
    return 0;
}

/* The name of the answer's file, or NULL without a folder. */
static char *cache_path(const char *folder, const char *collector, const char *wanted, const char *fingerprint)
{
    uint64_t program;
    char *key, *path;

    if (!folder || !*folder || !text_is_name(collector))
        return NULL;
    if (file_hash(launch_self(), &program, NULL))
        return NULL;
    key = mem_format("%s|%s|%s|%016" PRIx64, collector, wanted ? wanted : "", fingerprint ? fingerprint : "", program);
    path = mem_format("%s/passes-%s-%016" PRIx64 ".json", folder, collector, text_hash(key, strlen(key), 0));
    free(key);
    return path;
}

static bool from_cache(const char *path, struct passes *out)
{
    size_t length = 0;
    char *text = path && file_exists(path) ? file_read(path, &length, NULL) : NULL;
    bool good = text && parse_lists(text, length, "passes", &out->passes, "missing", &out->missing);

    free(text);
    return good;
}

int launch_plan_collector(const char *collector, const char *wanted, const char *cache_folder, const char *fingerprint,
                          struct passes *out, struct err *e)
{
    char *path = cache_path(cache_folder, collector, wanted, fingerprint);
    struct buf answer = {0};
    int rc = 0;

    memset(out, 0, sizeof *out);
    if (!from_cache(path, out)) {
        rc = ask_passes(collector, wanted, &answer, out, e);
        /* Without the file the next run asks again; so it does where nothing counts, as that may be cured any time. */
        if (!rc && path && out->passes.count && !file_folder(cache_folder, NULL))
            file_replace(path, buf_text(&answer), answer.length, NULL);
    }
    buf_free(&answer);
    free(path);
    return rc;
}

int launch_collector_model(const char *collector, const char *chip, struct text_list *metrics, struct text_list *groups,
                           struct err *e)
{
    struct buf answer = {0};
    int rc = ask("--collector-model", collector, chip, "what it counts", LONGEST_MODEL, &answer, e);

    memset(metrics, 0, sizeof *metrics);
    memset(groups, 0, sizeof *groups);
    if (!rc && !parse_lists(buf_text(&answer), answer.length, "metrics", metrics, "groups", groups))
        rc = err_set(e, CM_INTERNAL, "the collector %s gave no readable answer about %s", collector, chip);
    buf_free(&answer);
    return rc;
}
