/* Reads the ledger's text file with libyaml; every mistake names file, line and column. See ledger_file.h. */
#include "ledger_file.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

struct reader {
    struct ledger_texts *out;
    const char *path;
    yaml_document_t document;
    struct err *e;
};

static const struct field {
    const char *name;
    size_t offset;
} fields[] = {
    {"kind", offsetof(struct ledger_text, kind)},       {"points", offsetof(struct ledger_text, points)},
    {"metrics", offsetof(struct ledger_text, metrics)}, {"commit", offsetof(struct ledger_text, commit)},
    {"run", offsetof(struct ledger_text, run)},         {"reason", offsetof(struct ledger_text, reason)},
    {"until", offsetof(struct ledger_text, until)},
};

enum { FIELDS = sizeof fields / sizeof *fields };

static int complain(const struct reader *r, yaml_mark_t at, const char *sentence)
{
    return err_set(r->e, CM_USAGE, "%s:%zu:%zu: %s", r->path, at.line + 1, at.column + 1, sentence);
}

static int complain_word(const struct reader *r, yaml_mark_t at, const char *word, const char *what)
{
    return err_set(r->e, CM_USAGE, "%s:%zu:%zu: '%.80s' %s", r->path, at.line + 1, at.column + 1, word, what);
}

/* The text of a scalar, or NULL with the complaint made. */
static const char *scalar(const struct reader *r, const yaml_node_t *n)
{
    const char *text = n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;

    if (text && *text && strlen(text) == n->data.scalar.length)
        return text;
    complain(r, n->start_mark, "a decision's fields need one value each, as plain text");
    return NULL;
}

/* "2026-11-23T00:00:00Z", as clock_iso8601 writes it, or the day alone. */
static int read_created(const struct reader *r, const yaml_node_t *n, const char *text, int64_t *created)
{
    struct tm day = {0};
    const char *end = strptime(text, "%Y-%m-%d", &day);

    if (end && *end == 'T')
        end = strptime(end, "T%H:%M:%SZ", &day);
    if (!end || *end)
        return complain_word(r, n->start_mark, text, "is no time; write it like 2026-12-31T12:00:00Z");
    *created = timegm(&day);
    return *created > 0 ? 0 : complain_word(r, n->start_mark, text, "is too long ago");
}

static int read_field(const struct reader *r, struct ledger_text *t, const yaml_node_t *key, const yaml_node_t *value)
{
    const char *names[FIELDS + 1], *name = scalar(r, key), *text = name ? scalar(r, value) : NULL;
    char near[200], *sentence;
    int failed;

    if (!text)
        return -1;
    if (!strcmp(name, "created"))
        return read_created(r, value, text, &t->created);
    for (size_t i = 0; i < FIELDS; i++) {
        char **field = (char **)((char *)t + fields[i].offset);

        if (strcmp(name, fields[i].name) != 0)
            continue;
        if (*field)
            return complain_word(r, key->start_mark, name, "stands here a second time");
        *field = mem_copy(text);
        return 0;
    }
    for (size_t i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    names[FIELDS] = "created";
    sentence = mem_format("is no field of a decision%s", text_near(name, names, FIELDS + 1, near, sizeof near));
    failed = complain_word(r, key->start_mark, name, sentence);
    free(sentence);
    return failed;
}

static bool is_hexadecimal(const char *word)
{
    return strlen(word) >= 4 && strlen(word) <= 64 && strspn(word, "0123456789abcdef") == strlen(word);
}

/* What the ledger would refuse anyway, said with its line. */
static int check_text(const struct reader *r, const yaml_node_t *n, const struct ledger_text *t)
{
    static const char *const kinds[] = {"accept", "ignore", "note"};
    bool known = false;

    for (size_t i = 0; t->kind && i < sizeof kinds / sizeof *kinds; i++)
        known = known || !strcmp(t->kind, kinds[i]);
    if (!known)
        return complain(r, n->start_mark, "a decision needs its kind: accept, ignore or note");
    if (!t->reason)
        return complain(r, n->start_mark, "a decision needs its reason");
    if (t->commit && !is_hexadecimal(t->commit))
        return complain_word(r, n->start_mark, t->commit, "is no commit: write at least 4 of its hexadecimal digits");
    if (!strcmp(t->kind, "accept") && !t->run && !t->commit)
        return complain(r, n->start_mark, "an acceptance needs the commit, or the run, that becomes the baseline");
    return 0;
}

static int read_decision(const struct reader *r, const yaml_node_t *n)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;
    struct ledger_text *t;

    if (n->type != YAML_MAPPING_NODE)
        return complain(r, n->start_mark, "a decision needs its fields: \"kind: ignore\" and so on");
    VEC_ROOM(r->out->items, r->out->count, r->out->capacity);
    t = &r->out->items[r->out->count++];
    *t = (struct ledger_text){.line = n->start_mark.line + 1};
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++)
        if (read_field(r, t, yaml_document_get_node(d, p->key), yaml_document_get_node(d, p->value)))
            return -1;
    return check_text(r, n, t);
}

static int read_decisions(const struct reader *r, const yaml_node_t *n)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;

    if (n->type == YAML_SCALAR_NODE && !n->data.scalar.length)
        return 0;
    if (n->type != YAML_SEQUENCE_NODE)
        return complain(r, n->start_mark, "decisions needs a list: \"- kind: ignore\" and so on");
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
        if (read_decision(r, yaml_document_get_node(d, *i)))
            return -1;
    return 0;
}

static int read_root(const struct reader *r, const yaml_node_t *n)
{
    yaml_document_t *d = (yaml_document_t *)&r->document;

    if (!n || (n->type == YAML_SCALAR_NODE && !n->data.scalar.length))
        return 0;
    if (n->type != YAML_MAPPING_NODE)
        return complain(r, n->start_mark, "a ledger needs \"version: 1\" and \"decisions:\"");
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(d, p->key), *value = yaml_document_get_node(d, p->value);
        const char *name = scalar(r, key), *text;

        if (!name)
            return -1;
        if (!strcmp(name, "decisions")) {
            if (read_decisions(r, value))
                return -1;
        } else if (!strcmp(name, "version")) {
            text = scalar(r, value);
            if (!text)
                return -1;
            if (strcmp(text, "1") != 0)
                return complain_word(r, value->start_mark, text,
                                     "is a version of the ledger that is newer than this "
                                     "program knows");
        } else {
            return complain_word(r, key->start_mark, name, "is unknown here: version and decisions are");
        }
    }
    return 0;
}

int ledger_parse(struct ledger_texts *out, const char *path, const char *text, size_t length, struct err *e)
{
    struct reader r = {.out = out, .path = path, .e = e};
    yaml_parser_t parser;
    int failed;

    *out = (struct ledger_texts){0};
    if (!yaml_parser_initialize(&parser))
        return err_set(e, CM_INTERNAL, "%s: the YAML library has no memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    if (!yaml_parser_load(&parser, &r.document)) {
        failed = err_set(e, CM_USAGE, "%s:%zu:%zu: this is no YAML: %s", path, parser.problem_mark.line + 1,
                         parser.problem_mark.column + 1, parser.problem ? parser.problem : "it cannot be read");
    } else {
        failed = read_root(&r, yaml_document_get_root_node(&r.document));
        yaml_document_delete(&r.document);
    }
    yaml_parser_delete(&parser);
    if (failed)
        ledger_texts_free(out);
    return failed;
}

void ledger_texts_free(struct ledger_texts *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < FIELDS; k++)
            free(*(char **)((char *)&list->items[i] + fields[k].offset));
    free(list->items);
    *list = (struct ledger_texts){0};
}
