/*
 * The place of a finding: how many commits lie between the last run without it and the first one with it, and what
 * else changed.
 */
#include "findings_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 4, LONGEST = 60 };

/* The facts around two runs that differ, those that tell the most first. ?1, ?2: the runs. */
static const char changes[] =
    "WITH about (side, key, value) AS ("
    " SELECT r.id, 'compiler', b.compiler FROM run r JOIN build b ON b.id = r.build WHERE r.id IN (?1, ?2)"
    " UNION ALL SELECT r.id, 'compiler.flags', b.flags FROM run r JOIN build b ON b.id = r.build WHERE r.id IN (?1, ?2)"
    " UNION ALL SELECT r.id, j.key, j.value FROM run r JOIN environment v ON v.id = r.environment, json_each(v.facts) j"
    "  WHERE r.id IN (?1, ?2)"
    " UNION ALL SELECT r.id, j.key, j.value FROM run r JOIN machine m ON m.id = r.machine, json_each(m.facts) j"
    "  WHERE r.id IN (?1, ?2))"
    " SELECT key, coalesce(nullif(max(CASE WHEN side = ?1 THEN value END), ''), '(none)') AS old,"
    " coalesce(nullif(max(CASE WHEN side = ?2 THEN value END), ''), '(none)') AS new"
    " FROM about GROUP BY key HAVING old <> new"
    " ORDER BY CASE key WHEN 'compiler' THEN 0 WHEN 'kernel.release' THEN 1 WHEN 'microcode' THEN 2"
    " WHEN 'governor' THEN 3 WHEN 'gpu.driver' THEN 4 ELSE 5 END, key";

struct note {
    struct buf text;
    size_t count;
};

static void add_short(struct buf *b, const char *value)
{
    size_t length = strlen(value), cut = LONGEST;

    while (cut > 0 && ((unsigned char)value[cut < length ? cut : length] & 0xc0) == 0x80)
        cut--; /* not inside a character */
    if (length <= LONGEST)
        buf_add(b, value);
    else
        buf_addf(b, "%.*s...", (int)cut, value);
}

static int take_change(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct note *note = user;

    (void)count;
    (void)e;
    if (++note->count == SHOWN + 1)
        buf_add(&note->text, " and more");
    if (note->count > SHOWN)
        return 0;
    buf_addf(&note->text, "%s%s ", note->text.length ? ", " : "", c[0].text);
    add_short(&note->text, c[1].text);
    buf_add(&note->text, " -> ");
    add_short(&note->text, c[2].text);
    return 0;
}

/* Between two runs of one clean commit it was not the code. */
static void add_same(const struct series_run *before, const struct series_run *now, struct buf *b)
{
    if (!before->commit[0] || strcmp(before->commit, now->commit) != 0)
        return;
    if (!before->dirty && !now->dirty)
        buf_add(b, "the commit is the same");
    else
        buf_add(b, before->dirty && now->dirty ? "both with local changes" : "with or without local changes");
}

static int note_changes(struct store *s, const struct series_run *before, const struct series_run *now, char **text,
                        struct err *e)
{
    char first[24], second[24];
    const char *const parameters[] = {first, second};
    struct note note = {0};
    int result;

    snprintf(first, sizeof first, "%" PRId64, before->id);
    snprintf(second, sizeof second, "%" PRId64, now->id);
    add_same(before, now, &note.text);
    result = store_query(s, changes, parameters, 2, take_change, &note, e);
    *text = note.text.length ? buf_take(&note.text) : NULL;
    buf_free(&note.text);
    return result;
}

static int read_commits(struct store *s, const struct series_run *before, const struct series_run *now,
                        struct finding *one, struct err *e)
{
    if (!before->commit[0] || !now->commit[0] || !strcmp(before->commit, now->commit))
        return 0;
    if (store_commits_between(s, before->commit, now->commit, &one->between, e))
        return -1;
    one->commits = one->between.count;
    if (one->commits > FINDINGS_COMMITS)
        commit_path_free(&one->between);
    return 0;
}

static void copy_place(struct finding *one, const struct finding *same)
{
    one->commits = same->commits;
    one->machine_note = mem_copy(same->machine_note);
    for (size_t i = 0; i < same->between.count; i++) {
        const struct commit_known *c = &same->between.items[i];

        VEC_ROOM(one->between.items, one->between.count, one->between.capacity);
        one->between.items[one->between.count++] =
            (struct commit_known){mem_copy(c->commit), mem_copy(c->subject), c->time};
    }
}

/* Findings of one place share what is known of it. */
static const struct finding *same_place(const struct findings *f, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (f->items[k].before == f->items[i].before && f->items[k].last == f->items[i].last &&
            f->items[k].run == f->items[i].run)
            return &f->items[k];
    return NULL;
}

int findings_place(struct store *s, struct findings *f, struct err *e)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->items[i];
        const struct finding *same = same_place(f, i);
        const struct series_run *before = &f->home.runs[one->before], *now = &f->home.runs[one->last];

        if (same)
            copy_place(one, same);
        else if (read_commits(s, before, now, one, e) || note_changes(s, before, now, &one->machine_note, e))
            return -1;
    }
    return 0;
}
