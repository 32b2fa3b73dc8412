/* Reads the leading comment of a report; see report_file.h. */
#include "report_file.h"
#include "../harness/base/asset.h"
#include "../harness/base/buf.h"
#include "../harness/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const key_names[REPORT_KEYS] = {"title", "meaning",   "scope",   "order",
                                                   "query", "variables", "reading", "empty"};
static const char *const scope_words[] = {"kernel", "machine", "overview", "headline", "series"};

/* The key of "name: ..." at `text`, with the place behind the colon; -1 if it is none of ours. */
static int find_key(const char *text, size_t length, size_t *value)
{
    const char *colon = memchr(text, ':', length);

    if (!colon)
        return -1;
    for (int k = 0; k < REPORT_KEYS; k++) {
        size_t size = strlen(key_names[k]);

        if ((size_t)(colon - text) == size && !memcmp(text, key_names[k], size)) {
            *value = size + 1;
            return k;
        }
    }
    return -1;
}

static void add_trimmed(struct buf *b, const char *text, size_t length)
{
    while (length && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    if (!length)
        return;
    if (b->length)
        buf_add(b, "\n");
    buf_add_n(b, text, length);
}

/* One comment line behind its '#': starts a key or goes on with the one before. */
static int comment_line(struct buf *keys, int *key, const char *text, size_t length, const char *name, int line,
                        struct err *e)
{
    size_t value = 0;

    if (!length || (length == 1 && *text == ' ')) {
        *key = -1;
        return 0;
    }
    if (length > 2 && !strncmp(text, "  ", 2)) {
        if (*key < 0)
            return err_set(e, CM_INTERNAL, "report %s.gp, line %d: this continues no key", name, line);
        add_trimmed(&keys[*key], text, length);
        return 0;
    }
    if (*text == ' ') {
        text++;
        length--;
    }
    *key = find_key(text, length, &value);
    if (*key < 0)
        return err_set(
            e, CM_INTERNAL,
            "report %s.gp, line %d: \"%.*s\" starts with none of title, meaning, scope, order, query, variables, "
            "reading and empty",
            name, line, (int)(length < 40 ? length : 40), text);
    if (keys[*key].length)
        return err_set(e, CM_INTERNAL, "report %s.gp, line %d: %s is given twice", name, line, key_names[*key]);
    add_trimmed(&keys[*key], text + value, length - value);
    return 0;
}

static int check_scope(const struct report_file *r, struct err *e)
{
    char *copy = mem_copy(r->keys[REPORT_SCOPE]), *rest = NULL;
    int result = 0;

    for (char *word = strtok_r(copy, " \n,", &rest); word && !result; word = strtok_r(NULL, " \n,", &rest)) {
        bool known = false;

        for (size_t i = 0; i < sizeof scope_words / sizeof *scope_words; i++)
            known |= !strcmp(word, scope_words[i]);
        if (!known)
            result = err_set(e, CM_INTERNAL,
                             "report %s.gp: scope \"%s\" is none of kernel, machine, overview, headline and series",
                             r->name, word);
    }
    free(copy);
    return result;
}

/* Data of a series' plot come from the program. */
static bool is_needed(const struct report_file *r, int key)
{
    bool asks = key == REPORT_QUERY || key == REPORT_READING || key == REPORT_EMPTY;

    return key != REPORT_VARIABLES && !(asks && r->keys[REPORT_SCOPE] && report_file_scope(r, "series"));
}

static int check_keys(struct report_file *r, struct err *e)
{
    char *end;

    for (int k = 0; k < REPORT_KEYS; k++)
        if (!r->keys[k] && is_needed(r, k))
            return err_set(e, CM_INTERNAL, "report %s.gp: its leading comment has no \"# %s:\"", r->name, key_names[k]);
    r->order = strtol(r->keys[REPORT_ORDER], &end, 10);
    if (end == r->keys[REPORT_ORDER] || *end)
        return err_set(e, CM_INTERNAL, "report %s.gp: order \"%s\" is not a number", r->name, r->keys[REPORT_ORDER]);
    return check_scope(r, e);
}

int report_file_parse(struct report_file *r, const char *name, const char *text, struct err *e)
{
    struct buf keys[REPORT_KEYS] = {0};
    const char *at = text;
    int key = -1, result = 0;

    *r = (struct report_file){.name = name, .body = text};
    for (int line = 1; *at == '#' && !result; line++) {
        const char *end = strchr(at, '\n');
        size_t length = end ? (size_t)(end - at) : strlen(at);

        result = comment_line(keys, &key, at + 1, length - 1, name, line, e);
        at += end ? length + 1 : length;
    }
    for (int k = 0; k < REPORT_KEYS; k++)
        if (keys[k].length)
            r->keys[k] = buf_take(&keys[k]);
    if (!result)
        result = check_keys(r, e);
    if (result)
        report_file_free(r);
    return result;
}

void report_file_free(struct report_file *r)
{
    for (int k = 0; k < REPORT_KEYS; k++)
        free(r->keys[k]);
    *r = (struct report_file){0};
}

bool report_file_scope(const struct report_file *r, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(r->keys[REPORT_SCOPE], word); at; at = strstr(at + 1, word))
        if ((at == r->keys[REPORT_SCOPE] || !isalpha((unsigned char)at[-1])) && !isalpha((unsigned char)at[size]))
            return true;
    return false;
}

static int by_order(const void *a, const void *b)
{
    const struct report_file *x = a, *y = b;

    return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : strcmp(x->name, y->name);
}

int report_files(struct report_file **list, size_t *count, struct err *e)
{
    size_t capacity = 0;

    *list = NULL;
    *count = 0;
    for (const struct asset *a = asset_reports; a->name; a++) {
        if (!strcmp(a->name, "style"))
            continue;
        VEC_ROOM(*list, *count, capacity);
        if (report_file_parse(&(*list)[*count], a->name, a->text, e)) {
            report_files_free(*list, *count);
            *list = NULL;
            *count = 0;
            return -1;
        }
        ++*count;
    }
    if (*count)
        qsort(*list, *count, sizeof **list, by_order);
    return 0;
}

void report_files_free(struct report_file *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        report_file_free(&list[i]);
    free(list);
}
