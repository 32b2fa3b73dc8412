/*
 * Reads .countermark.yaml with libyaml. Every mistake names file, line and column, every unknown key those that look like it.
 */
#include "config.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "config_keys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#define FILE_NAME ".countermark.yaml"

struct reader {
    struct config *out;
    void *target; /* what the keys' offsets are in: `out`, or an entry of one of its lists */
    const char *path;
    yaml_document_t document;
    struct err *e;
};

static int complain(const struct reader *r, yaml_mark_t at, const char *sentence)
{
    return err_set(r->e, CM_USAGE, "%s:%zu:%zu: %s", r->path, at.line + 1, at.column + 1, sentence);
}

static int complain_word(const struct reader *r, yaml_mark_t at, const char *format, const char *word)
{
    char *shown = mem_copy_n(word, strnlen(word, 100));
    char *text = mem_format("'%s' %s", shown, format);
    int result = complain(r, at, text);

    free(shown);
    free(text);
    return result;
}

/* The text of a scalar, or NULL with the complaint made. */
static const char *scalar_text(const struct reader *r, const yaml_node_t *n, const char *what)
{
    const char *text = n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;

    if (text && strlen(text) == n->data.scalar.length && *text)
        return text;
    char *sentence = mem_format("%s needs one value, as plain text", what);

    complain(r, n->start_mark, sentence);
    free(sentence);
    return NULL;
}

static int unknown_key(const struct reader *r, const struct config_key *keys, const char *name, yaml_mark_t at)
{
    const char *names[16];
    char near[200];
    struct buf all = {0};
    size_t n = 0;

    for (const struct config_key *k = keys; k->name && n < 16; k++) {
        buf_addf(&all, "%s%s", n ? ", " : "; known here: ", k->name);
        names[n++] = k->name;
    }
    char *shown = mem_copy_n(name, strnlen(name, 100));
    text_near(shown, names, n, near, sizeof near);

    char *sentence = mem_format("unknown key '%s'%s (countermark help config)", shown, *near ? near : buf_text(&all));
    int result = complain(r, at, sentence);

    buf_free(&all);
    free(shown);
    free(sentence);
    return result;
}

/* A path is relative to the configuration's own folder. */
static char *resolved(const struct reader *r, const char *path)
{
    const char *slash = strrchr(r->path, '/');

    if (*path == '/' || !slash)
        return mem_copy(path);
    return mem_format("%.*s/%s", (int)(slash - r->path), r->path, path);
}

static int read_mapping(const struct reader *r, const yaml_node_t *n, const struct config_key *keys, const char *what);

static int read_plan(const struct reader *r, const yaml_node_t *name, const yaml_node_t *value)
{
    struct config *c = r->out;
    const char *word = scalar_text(r, name, "the name of a plan"), *text;

    if (!word)
        return -1;
    if (!text_is_name(word))
        return complain_word(r, name->start_mark, "is no name for a plan: letters, digits, '.', '_' and '-' only",
                             word);
    text = scalar_text(r, value, "a plan");
    if (!text)
        return -1;
    for (size_t i = 0; i < c->plan_count; i++)
        if (!strcmp(c->plans[i].name, word))
            return complain_word(r, name->start_mark, "names a second plan", word);
    c->plans = mem_grow(c->plans, c->plan_count + 1, sizeof *c->plans);
    c->plans[c->plan_count].name = mem_copy(word);
    c->plans[c->plan_count++].text = mem_copy(text);
    return 0;
}

static int read_plans(const struct reader *r, const yaml_node_t *n)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;
    int failed = 0;

    if (n->type != YAML_MAPPING_NODE)
        return complain(r, n->start_mark, "plans needs names with their text: \"nightly: |\" and the lines below it");
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top && !failed; p++)
        failed = read_plan(r, yaml_document_get_node(d, p->key), yaml_document_get_node(d, p->value));
    return failed;
}

static int read_threshold(const struct reader *r, const yaml_node_t *n)
{
    struct config *c = r->out;
    struct config_threshold *t;
    struct reader entry = *r;

    c->thresholds = mem_grow(c->thresholds, c->threshold_count + 1, sizeof *c->thresholds);
    t = &c->thresholds[c->threshold_count++];
    *t = (struct config_threshold){.min_effect = -1};
    entry.target = t;
    if (read_mapping(&entry, n, config_threshold_keys, "a threshold"))
        return -1;
    return t->min_effect < 0
               ? complain(r, n->start_mark, "a threshold needs its min-effect: \"{ points: GLOB, min-effect: 5% }\"")
               : 0;
}

static int read_thresholds(const struct reader *r, const yaml_node_t *n)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;
    int failed = 0;

    if (n->type != YAML_SEQUENCE_NODE)
        return complain(r, n->start_mark,
                        "thresholds needs a list: \"- { points: GLOB, metrics: GLOB, min-effect: 5% }\"");
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top && !failed; i++)
        failed = read_threshold(r, yaml_document_get_node(d, *i));
    return failed;
}

static int read_value(const struct reader *r, const struct config_key *k, const yaml_node_t *n)
{
    void *field = (char *)r->target + k->offset;
    const char *text;

    if (k->kind == KIND_MAPPING)
        return read_mapping(r, n, k->below, k->name);
    if (k->kind == KIND_PLANS)
        return read_plans(r, n);
    if (k->kind == KIND_THRESHOLDS)
        return read_thresholds(r, n);
    text = scalar_text(r, n, k->name);
    if (!text)
        return -1;
    switch (k->kind) {
    case KIND_SHARE:
        return text_share(text, field) || *(double *)field < 0
                   ? complain_word(r, n->start_mark, "is no share; write it like 1% or 0.01", text)
                   : 0;
    case KIND_DURATION:
        if (text_duration(text, field) || *(double *)field < 0)
            return complain_word(r, n->start_mark, "is no time; write it like 90s, 10m or 2h", text);
        if (!(*(double *)field > 0))
            *(double *)field = -1; /* a zero that somebody wrote is not a default */
        return 0;
    case KIND_NAME:
        if (!text_is_name(text))
            return complain_word(r, n->start_mark, "is no name: letters, digits, '.', '_' and '-' only", text);
        *(char **)field = mem_copy(text);
        return 0;
    case KIND_FAIL_ON:
        *(bool *)field = !strcmp(text, "faster");
        return *(bool *)field || !strcmp(text, "slower")
                   ? 0
                   : complain_word(r, n->start_mark, "is neither slower nor faster", text);
    case KIND_PATH: *(char **)field = resolved(r, text); return 0;
    default: *(char **)field = mem_copy(text); return 0;
    }
}

static const struct config_key *find_key(const struct config_key *keys, const char *name)
{
    for (; keys->name; keys++)
        if (!strcmp(keys->name, name))
            return keys;
    return NULL;
}

static int read_mapping(const struct reader *r, const yaml_node_t *n, const struct config_key *keys, const char *what)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;
    unsigned seen = 0;

    if (n->type != YAML_MAPPING_NODE) {
        char *sentence = mem_format("%s needs keys with values: \"key: value\"", what);
        int result = complain(r, n->start_mark, sentence);

        free(sentence);
        return result;
    }
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(d, p->key);
        const char *name = scalar_text(r, key, "a key");
        const struct config_key *k = name ? find_key(keys, name) : NULL;

        if (!name)
            return -1;
        if (!k)
            return unknown_key(r, keys, name, key->start_mark);
        if (seen & (1u << (k - keys)))
            return complain_word(r, key->start_mark, "stands here a second time", name);
        seen |= 1u << (k - keys);
        if (read_value(r, k, yaml_document_get_node(d, p->value)))
            return -1;
    }
    return 0;
}

static int syntax_error(const struct reader *r, const yaml_parser_t *p)
{
    char *sentence = mem_format("this is no YAML: %s%s%s", p->problem ? p->problem : "it cannot be read",
                                p->context ? ", " : "", p->context ? p->context : "");
    int result = complain(r, p->problem_mark, sentence);

    free(sentence);
    return result;
}

int config_parse(struct config *c, const char *path, const char *text, size_t length, struct err *e)
{
    struct reader r = {.out = c, .target = c, .path = path, .e = e};
    yaml_parser_t parser;
    int failed = 0;

    *c = (struct config){0};
    if (!yaml_parser_initialize(&parser))
        return err_set(e, CM_INTERNAL, "%s: the YAML library has no memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    if (!yaml_parser_load(&parser, &r.document)) {
        failed = syntax_error(&r, &parser);
    } else {
        const yaml_node_t *root = yaml_document_get_root_node(&r.document);

        if (root && !(root->type == YAML_SCALAR_NODE && !root->data.scalar.length))
            failed = read_mapping(&r, root, config_keys, "the configuration");
        yaml_document_delete(&r.document);
    }
    yaml_parser_delete(&parser);
    if (failed)
        config_free(c);
    else
        c->path = mem_copy(path);
    return failed;
}

/* ".countermark.yaml" here, or "../.countermark.yaml" and so on up to the folder that has .git; NULL if there is none. */
static char *find_file(void)
{
    char *up = mem_copy(""), *found = NULL;

    for (int depth = 0; depth < 64; depth++) {
        char *file = mem_format("%s" FILE_NAME, up), *top = mem_format("%s.git", up), *more;
        bool at_top = file_exists(top);

        free(top);
        if (!found && file_exists(file))
            found = mem_copy(file);
        free(file);
        if (at_top) {
            free(up);
            return found;
        }
        more = mem_format("../%s", up);
        free(up);
        up = more;
    }
    free(up);
    if (found && strchr(found, '/')) { /* outside a repository only the working folder counts */
        free(found);
        found = NULL;
    }
    return found;
}

int config_read(struct config *c, struct err *e)
{
    char *path = find_file(), *text;
    size_t length;
    int failed;

    *c = (struct config){0};
    if (!path)
        return 0;
    text = file_read(path, &length, e);
    failed = text ? config_parse(c, path, text, length, e) : -1;
    free(text);
    free(path);
    return failed;
}

void config_free(struct config *c)
{
    for (size_t i = 0; i < c->plan_count; i++) {
        free(c->plans[i].name);
        free(c->plans[i].text);
    }
    free(c->plans);
    for (size_t i = 0; i < c->threshold_count; i++) {
        free(c->thresholds[i].points);
        free(c->thresholds[i].metrics);
    }
    free(c->thresholds);
    free(c->baseline);
    free(c->ledger);
    free(c->path);
    free(c->machine);
    free(c->machine_class);
    free(c->database);
    free(c->report);
    free(c->metrics);
    free(c->build.command);
    free(c->build.program);
    free(c->build.run);
    *c = (struct config){0};
}
