/*
 * The ledger as a text for the user's repository, YAML:
 *
 *     # what it is, for those who open it
 *     version: 1
 *     decisions:
 *       - kind: ignore                 # accept, ignore or note
 *         points: mandelbrot/simd:*    # glob; all without it
 *         metrics: wall.time           # glob; all without it
 *         commit: 3f2a91c              # that it is about
 *         run: 8c3e...                 # uuid, where the database has it; an acceptance without takes the newest runs of its commit
 *         reason: fixed next week
 *         until: 2026-12-31
 *         created: 2026-11-23T00:00:00Z
 *
 * Mistakes are named with file, line and column.
 */
#ifndef HARNESS_LEDGER_FILE_H
#define HARNESS_LEDGER_FILE_H

#include "../db/ledger.h"
#include "base/buf.h"

struct ledger_text {
    char *kind, *points, *metrics, *commit, *run, *reason, *until; /* NULL: left out */
    int64_t created;                                               /* 0: left out */
    size_t line;
    bool lost; /* it accepts what this database does not have */
};

struct ledger_texts {
    struct ledger_text *items;
    size_t count, capacity;
};

/* ledger_read.c */
int ledger_parse(struct ledger_texts *out, const char *path, const char *text, size_t length, struct err *e);
void ledger_texts_free(struct ledger_texts *list);

/* ledger_file.c: the file "-" is standard input or output. */
/* Takes the file's decisions into the database; `follow` as ledger_take. Those it cannot take yet are `lost`. *list is free()d by
 * ledger_texts_free and may be NULL. */
int ledger_file_take(struct store *s, const char *path, bool follow, size_t *added, size_t *removed,
                     struct ledger_texts *list, struct err *e);
/* Writes the database's decisions into the file; those of the file that other databases can take stay. `all`: what check accepted by
 * itself, too. The same stands in `text`, where that of "-" is the caller's to print. */
int ledger_file_write(struct store *s, const char *path, bool all, struct buf *text, size_t *count, struct err *e);
/* An acceptance that check made by itself: no decision of people. */
bool ledger_is_automatic(const struct ledger_entry *entry);

/* ledger_write.c */
void ledger_write_yaml(const struct ledger_texts *list, struct buf *out);

#endif
