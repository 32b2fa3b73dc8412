/* Commits and what became of them: see commit.h. Their place is kept once, an outcome once per machine. */
#include "commit.h"

#include "store_internal.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { sha1_digits = 40, sha256_digits = 64, shortest = 4 };

static bool is_hex(const char *text, size_t length)
{
    return strspn(text, "0123456789abcdef") >= length;
}

bool commit_ok(const char *text)
{
    size_t length = strlen(text);

    return (length == sha1_digits || length == sha256_digits) && is_hex(text, length);
}

bool commit_word_ok(const char *text)
{
    size_t length = strlen(text);

    return length >= shortest && length <= sha256_digits && is_hex(text, length);
}

bool commit_parents_ok(const char *text)
{
    size_t length;

    for (; *text; text += length) {
        length = strcspn(text, " ");
        if ((length != sha1_digits && length != sha256_digits) || !is_hex(text, length))
            return false;
        if (text[length] == ' ' && !text[++length])
            return false;
    }
    return true;
}

bool commit_status_ok(const char *status)
{
    return !strcmp(status, "measured") || !strcmp(status, "unbuildable") || !strcmp(status, "unrunnable");
}

static int check(const struct commit_row *c, struct err *e)
{
    if (!c->commit || !commit_ok(c->commit))
        return err_set(e, CM_INTERNAL, "'%.80s' is no commit: 40 or 64 hexadecimal digits are needed",
                       c->commit ? c->commit : "");
    if (c->parents && !commit_parents_ok(c->parents))
        return err_set(e, CM_INTERNAL, "the parents of commit %.12s are no commits: '%.200s'", c->commit, c->parents);
    if (!c->status || (strcmp(c->status, "known") != 0 && !commit_status_ok(c->status)))
        return err_set(e, CM_INTERNAL, "commit %.12s has the status '%.40s', which is none", c->commit,
                       c->status ? c->status : "");
    return name_check("branch", c->branch, true, e) || name_check("machine's name", c->machine, true, e) ? -1 : 0;
}

/* keep: what is known here stays, and only gaps are filled; else what comes is the better knowledge, where it knows something. */
int commit_add_place(struct store *s, const struct commit_row *c, bool keep, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO commits AS c (commit_id, parents, branch, subject, commit_time) "
                              "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (commit_id) DO UPDATE SET "
                              "parents = CASE WHEN ?6 THEN coalesce(c.parents, excluded.parents) "
                              "ELSE coalesce(excluded.parents, c.parents) END, "
                              "branch = CASE WHEN excluded.branch = '' OR (?6 AND c.branch <> '') THEN c.branch "
                              "ELSE excluded.branch END, "
                              "subject = CASE WHEN excluded.subject = '' OR (?6 AND c.subject <> '') THEN c.subject "
                              "ELSE excluded.subject END, "
                              "commit_time = CASE WHEN excluded.commit_time = 0 OR (?6 AND c.commit_time <> 0) "
                              "THEN c.commit_time ELSE excluded.commit_time END",
                              e);

    if (!q)
        return -1;
    sql_bind_text(q, 1, c->commit);
    sql_bind_text_or_null(q, 2, c->parents);
    sql_bind_text(q, 3, c->branch);
    sql_bind_text(q, 4, c->subject);
    sqlite3_bind_int64(q, 5, c->time);
    sqlite3_bind_int(q, 6, keep);
    return sql_do(s, q, e, "storing a commit");
}

int commit_add_outcome(struct store *s, const struct commit_row *c, int64_t tried, bool newest, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO commit_outcome AS o (commit_id, machine, status, reason, tried) "
                              "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (commit_id, machine) DO UPDATE SET "
                              "status = excluded.status, reason = excluded.reason, tried = excluded.tried "
                              "WHERE ?6 OR excluded.tried > o.tried",
                              e);

    if (!q)
        return -1;
    sql_bind_text(q, 1, c->commit);
    sql_bind_text(q, 2, c->machine);
    sql_bind_text(q, 3, c->status);
    sql_bind_text(q, 4, c->reason);
    sqlite3_bind_int64(q, 5, tried);
    sqlite3_bind_int(q, 6, newest);
    return sql_do(s, q, e, "storing a commit");
}

static int add_all(struct store *s, const struct commit_row *rows, size_t count, struct err *e)
{
    int64_t now = clock_wall_seconds();

    for (size_t i = 0; i < count; i++) {
        if (check(&rows[i], e) || commit_add_place(s, &rows[i], false, e))
            return -1;
        if (strcmp(rows[i].status, "known") != 0 && commit_add_outcome(s, &rows[i], now, true, e))
            return -1;
    }
    return 0;
}

int store_commits(struct store *s, const struct commit_row *rows, size_t count, struct err *e)
{
    bool mine;

    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, add_all(s, rows, count, e), e);
}

int store_commit_status(struct store *s, const char *commit, const char *machine, char **status, char **reason,
                        struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT coalesce(o.status, 'known'), coalesce(o.reason, '') FROM commits c "
                              "LEFT JOIN commit_outcome o ON o.commit_id = c.commit_id AND o.machine = ?2 "
                              "WHERE c.commit_id = ?1",
                              e);
    int code;

    *status = *reason = NULL;
    if (!q)
        return -1;
    sql_bind_text(q, 1, commit);
    sql_bind_text(q, 2, machine);
    code = sql_step(s, q, e, "reading a commit");
    if (code == SQL_ROW) {
        *status = mem_copy(sql_text(q, 0));
        *reason = mem_copy(sql_text(q, 1));
    }
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : 0;
}
