/* Between the ledger of the database and its text file: see ledger_file.h. */
#include "ledger_file.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "gate_model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows for the database: an acceptance of a commit is one for every home that measured it. */
struct rows {
    struct ledger_row *items;
    int64_t *created;
    size_t count, capacity, created_capacity;
};

struct runs {
    int64_t *items;
    size_t count, capacity;
};

bool ledger_is_automatic(const struct ledger_entry *entry)
{
    return !strcmp(entry->kind, "accept") &&
           (!strcmp(entry->reason, GATE_FIRST_POINT) || !strcmp(entry->reason, GATE_FIRST_VERSION) ||
            !strcmp(entry->reason, GATE_FIRST_RUN));
}

static int take_run(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct runs *list = user;

    (void)count;
    (void)e;
    VEC_ROOM(list->items, list->count, list->capacity);
    list->items[list->count++] = (int64_t)c[0].number;
    return 0;
}

/* The run of that uuid; else, if a commit is named, the newest complete clean run of it at each machine and branch. */
static int find_runs(struct store *s, const struct ledger_text *t, struct runs *list, struct err *e)
{
    const char *const uuid[] = {t->run ? t->run : ""}, *const commit[] = {t->commit ? t->commit : ""};

    *list = (struct runs){0};
    if (t->run && store_query(s, "SELECT id FROM run WHERE uuid = ?1", uuid, 1, take_run, list, e))
        return -1;
    if (list->count || !t->commit || strcmp(t->kind, "accept") != 0)
        return 0;
    return store_query(s,
                       "SELECT id FROM (SELECT r.id, row_number() OVER (PARTITION BY m.name, b.branch ORDER BY"
                       " r.started DESC, r.id DESC) AS place FROM run r JOIN machine m ON m.id = r.machine"
                       " JOIN build b ON b.id = r.build WHERE r.status = 'complete' AND NOT b.dirty"
                       " AND b.commit_id GLOB ?1 || '*') WHERE place = 1",
                       commit, 1, take_run, list, e);
}

static void add_row(struct rows *rows, const struct ledger_text *t, int64_t run)
{
    VEC_ROOM(rows->created, rows->count, rows->created_capacity);
    VEC_ROOM(rows->items, rows->count, rows->capacity);
    rows->created[rows->count] = t->created;
    rows->items[rows->count++] = (struct ledger_row){.kind = t->kind,
                                                     .points = t->points ? t->points : "*",
                                                     .metrics = t->metrics ? t->metrics : "*",
                                                     .run = run,
                                                     .reason = t->reason,
                                                     .until = t->until,
                                                     .commit = t->commit ? t->commit : ""};
}

static int resolve(struct store *s, struct ledger_texts *list, struct rows *rows, struct err *e)
{
    for (size_t i = 0; i < list->count; i++) {
        struct ledger_text *t = &list->items[i];
        struct runs runs;

        if (find_runs(s, t, &runs, e)) {
            free(runs.items);
            return -1;
        }
        t->lost = !runs.count && !strcmp(t->kind, "accept");
        for (size_t k = 0; k < runs.count; k++)
            add_row(rows, t, runs.items[k]);
        if (!runs.count && !t->lost)
            add_row(rows, t, 0);
        free(runs.items);
    }
    return 0;
}

static char *read_input(const char *path, size_t *length, struct err *e)
{
    struct buf b = {0};
    char bytes[8192];
    size_t n;

    if (strcmp(path, "-") != 0)
        return file_read(path, length, e);
    while ((n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        buf_add_n(&b, bytes, n);
    if (ferror(stdin)) {
        err_set(e, CM_INTERNAL, "standard input: %s", strerror(errno));
        buf_free(&b);
        return NULL;
    }
    *length = b.length;
    return b.text ? buf_take(&b) : mem_copy("");
}

int ledger_file_take(struct store *s, const char *path, bool follow, size_t *added, size_t *removed,
                     struct ledger_texts *list, struct err *e)
{
    struct ledger_texts own = {0}, *texts = list ? list : &own;
    struct rows rows = {0};
    size_t length = 0;
    char *text = read_input(path, &length, e);
    int failed;

    *texts = (struct ledger_texts){0};
    *added = *removed = 0;
    if (!text || ledger_parse(texts, path, text, length, e)) {
        free(text);
        return -1;
    }
    failed =
        resolve(s, texts, &rows, e) || ledger_take(s, rows.items, rows.created, rows.count, follow, added, removed, e);
    free(rows.items);
    free(rows.created);
    free(text);
    if (failed || !list)
        ledger_texts_free(texts);
    return failed ? -1 : 0;
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static bool same_globs(const char *a, const char *b)
{
    return !strcmp(a ? a : "*", b ? b : "*");
}

/* Do both say the same? One that names no run says it of every run of its commit. */
static bool says(const struct ledger_text *file, const struct ledger_text *stored)
{
    return same_text(file->kind, stored->kind) && same_globs(file->points, stored->points) &&
           same_globs(file->metrics, stored->metrics) && same_text(file->commit, stored->commit) &&
           same_text(file->reason, stored->reason) && same_text(file->until, stored->until) &&
           (!file->run || same_text(file->run, stored->run));
}

static const struct ledger_text *find(const struct ledger_texts *list, const struct ledger_text *t, bool in_file)
{
    for (size_t i = 0; i < list->count; i++)
        if (in_file ? says(&list->items[i], t) : says(t, &list->items[i]))
            return &list->items[i];
    return NULL;
}

static char *uuid_of(struct store *s, int64_t run, struct err *e)
{
    char id[24], *uuid = NULL;
    const char *const parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, run);
    return run && !store_text(s, "SELECT uuid FROM run WHERE id = ?1", parameters, 1, &uuid, e) ? uuid : NULL;
}

static char *copy_glob(const char *glob)
{
    return strcmp(glob, "*") ? mem_copy(glob) : NULL;
}

static int load_stored(struct store *s, bool all, struct ledger_texts *out, struct err *e)
{
    struct ledger l;

    if (ledger_load(s, &l, e))
        return -1;
    for (size_t i = 0; i < l.count; i++) {
        const struct ledger_entry *entry = &l.items[i];

        if (ledger_is_automatic(entry) && !all)
            continue;
        VEC_ROOM(out->items, out->count, out->capacity);
        out->items[out->count++] = (struct ledger_text){.kind = mem_copy(entry->kind),
                                                        .points = copy_glob(entry->points),
                                                        .metrics = copy_glob(entry->metrics),
                                                        .commit = *entry->commit ? mem_copy(entry->commit) : NULL,
                                                        .run = uuid_of(s, entry->run, e),
                                                        .reason = mem_copy(entry->reason),
                                                        .until = mem_copy(entry->until),
                                                        .created = entry->created};
    }
    ledger_free(&l);
    return e->code ? -1 : 0;
}

/* In the file's order what stays of it, then what is new. Entries are moved: the lists share no text. */
static void merge(struct ledger_texts *file, struct ledger_texts *stored, struct ledger_texts *out)
{
    for (size_t i = 0; i < file->count; i++) {
        struct ledger_text *t = &file->items[i];

        if (!t->lost && !find(stored, t, false))
            continue;
        VEC_ROOM(out->items, out->count, out->capacity);
        out->items[out->count++] = *t;
        *t = (struct ledger_text){0};
    }
    for (size_t i = 0, kept = out->count; i < stored->count; i++) {
        struct ledger_texts before = {out->items, kept, kept};

        if (find(&before, &stored->items[i], true))
            continue;
        VEC_ROOM(out->items, out->count, out->capacity);
        out->items[out->count++] = stored->items[i];
        stored->items[i] = (struct ledger_text){0};
    }
}

/* What the file holds already, with what this database cannot take marked; nothing where there is none. */
static int read_file(struct store *s, const char *path, struct ledger_texts *out, struct err *e)
{
    struct rows rows = {0};
    size_t length;
    char *text;
    int failed;

    *out = (struct ledger_texts){0};
    if (!strcmp(path, "-") || !file_exists(path))
        return 0;
    text = file_read(path, &length, e);
    failed = !text || ledger_parse(out, path, text, length, e) || resolve(s, out, &rows, e);
    free(rows.items);
    free(rows.created);
    free(text);
    return failed ? -1 : 0;
}

int ledger_file_write(struct store *s, const char *path, bool all, struct buf *text, size_t *count, struct err *e)
{
    struct ledger_texts file = {0}, stored = {0}, out = {0};
    int failed = read_file(s, path, &file, e) || load_stored(s, all, &stored, e);

    if (!failed) {
        merge(&file, &stored, &out);
        ledger_write_yaml(&out, text);
        *count = out.count;
        if (strcmp(path, "-") != 0)
            failed = file_replace(path, buf_text(text), text->length, e);
    }
    ledger_texts_free(&file);
    ledger_texts_free(&stored);
    ledger_texts_free(&out);
    return failed ? -1 : 0;
}
