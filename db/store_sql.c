/* Statements, transactions and the sentences for what SQLite answers: see store_internal.h. */
#include "store_internal.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int fail_space(const char *path, int system, const char *doing, struct err *e)
{
    if (system == EFBIG)
        return err_set(e, CM_INTERNAL,
                       "%s: the limit on file sizes was reached while %s; raise it (ulimit -f unlimited) and go on: "
                       "what was stored before is kept",
                       path, doing);
    if (system == EDQUOT)
        return err_set(
            e, CM_INTERNAL,
            "%s: the disk quota is used up while %s; free some space and go on: what was stored before is kept", path,
            doing);
    return err_set(e, CM_INTERNAL,
                   "%s: the disk is full while %s; free some space and go on: what was stored before is kept", path,
                   doing);
}

static int fail_code(const char *path, int code, int system, const char *message, const char *doing, struct err *e)
{
    int primary = code & 0xff;

    if (primary == SQLITE_FULL)
        return fail_space(path, system, doing, e);
    if (primary == SQLITE_IOERR && (system == ENOSPC || system == EFBIG || system == EDQUOT))
        return fail_space(path, system, doing, e);
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        return err_set(e, CM_INTERNAL,
                       "%s is being written by another program, %s had to wait too long: try again later", path, doing);
    if (primary == SQLITE_NOTADB)
        return err_set(e, CM_USAGE, "%s is not a database of countermark: name another file with --db", path);
    if (primary == SQLITE_CORRUPT)
        return err_set(
            e, CM_INTERNAL,
            "%s is damaged (%s) while %s: restore a copy, or save what is readable with `sqlite3 FILE .recover`", path,
            message, doing);
    if (primary == SQLITE_READONLY || primary == SQLITE_PERM || primary == SQLITE_AUTH)
        return err_set(e, CM_INTERNAL, "%s cannot be written while %s: make the file and its folder writable", path,
                       doing);
    if (primary == SQLITE_CANTOPEN)
        return err_set(e, CM_INTERNAL,
                       "%s cannot be opened while %s (%s): make the file and its folder readable and writable", path,
                       doing, system ? strerror(system) : message);
    if (primary == SQLITE_IOERR)
        return err_set(e, CM_INTERNAL, "%s: reading or writing failed while %s (%s): look at the disk", path, doing,
                       system ? strerror(system) : message);
    return err_set(e, CM_INTERNAL, "%s: %s while %s", path, message, doing);
}

int sql_fail(struct store *s, struct err *e, const char *doing)
{
    int last = errno; /* SQLite does not always pass on what the system said of its log */
    int code = sqlite3_extended_errcode(s->db), system = sqlite3_system_errno(s->db);

    if (!system && (code & 0xff) == SQLITE_IOERR)
        system = last;
    return fail_code(s->path, code, system, sqlite3_errmsg(s->db), doing, e);
}

sqlite3_stmt *sql_use(struct store *s, const char *literal, struct err *e)
{
    size_t i;

    for (i = 0; i < STORE_STATEMENTS && s->statements[i].sql; i++) {
        if (s->statements[i].sql == literal) {
            sqlite3_reset(s->statements[i].statement);
            sqlite3_clear_bindings(s->statements[i].statement);
            return s->statements[i].statement;
        }
    }
    if (i == STORE_STATEMENTS) {
        err_set(e, CM_INTERNAL, "%s: more than %d kinds of statements are in use", s->path, STORE_STATEMENTS);
        return NULL;
    }
    if (sqlite3_prepare_v3(s->db, literal, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i].statement, NULL)) {
        sql_fail(s, e, "preparing a statement");
        return NULL;
    }
    s->statements[i].sql = literal;
    return s->statements[i].statement;
}

int sql_step(struct store *s, sqlite3_stmt *q, struct err *e, const char *doing)
{
    int code = sqlite3_step(q);

    if (code == SQLITE_ROW)
        return SQL_ROW;
    if (code == SQLITE_DONE) {
        sqlite3_reset(q);
        return SQL_DONE;
    }
    sql_fail(s, e, doing);
    sqlite3_reset(q);
    return SQL_ERROR;
}

int sql_do(struct store *s, sqlite3_stmt *q, struct err *e, const char *doing)
{
    int code;

    do
        code = sql_step(s, q, e, doing);
    while (code == SQL_ROW);
    return code;
}

int sql_exec(struct store *s, const char *sql, struct err *e, const char *doing)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? sql_fail(s, e, doing) : 0;
}

int sql_integer(struct store *s, const char *literal, int64_t *value, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, literal, e);
    int code;

    *value = 0;
    if (!q || (code = sql_step(s, q, e, "reading")) == SQL_ERROR)
        return -1;
    if (code == SQL_ROW)
        *value = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return 0;
}

/* Length of the well-formed UTF-8 sequence at `t`, 0 if there is none (overlong, surrogate, cut off). */
static size_t utf8_length(const unsigned char *t, size_t left)
{
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *t < 0x80 ? 1 : (*t & 0xe0) == 0xc0 ? 2 : (*t & 0xf0) == 0xe0 ? 3 : (*t & 0xf8) == 0xf0 ? 4 : 0;
    unsigned code = length == 1 ? *t : length ? *t & (0x7fu >> length) : 0;
    size_t i;

    if (!length || length > left)
        return 0;
    for (i = 1; i < length; i++) {
        if ((t[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (t[i] & 0x3fu);
    }
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return length == 1 ? 1 : 0;
    return length;
}

static bool utf8_valid(const char *text, size_t length)
{
    size_t at = 0, step;

    for (; at < length; at += step)
        if (!(step = utf8_length((const unsigned char *)text + at, length - at)))
            return false;
    return true;
}

void sql_bind_text(sqlite3_stmt *q, int index, const char *text)
{
    size_t length = text ? strlen(text) : 0, at, step;
    struct buf b = {0};

    if (!text || utf8_valid(text, length)) {
        sqlite3_bind_text(q, index, text ? text : "", (int)length, SQLITE_TRANSIENT);
        return;
    }
    for (at = 0; at < length; at += step) {
        step = utf8_length((const unsigned char *)text + at, length - at);
        buf_add_n(&b, step ? text + at : "\xef\xbf\xbd", step ? step : 3);
        if (!step)
            step = 1;
    }
    sqlite3_bind_text(q, index, buf_text(&b), (int)b.length, SQLITE_TRANSIENT);
    buf_free(&b);
}

void sql_bind_text_or_null(sqlite3_stmt *q, int index, const char *text)
{
    if (text)
        sql_bind_text(q, index, text);
    else
        sqlite3_bind_null(q, index);
}

void sql_bind_number(sqlite3_stmt *q, int index, double value)
{
    if (isfinite(value))
        sqlite3_bind_double(q, index, value);
    else
        sqlite3_bind_null(q, index);
}

const char *sql_text(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);

    return text ? text : "";
}

double sql_number(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? NAN : sqlite3_column_double(q, column);
}

int txn_begin(struct store *s, bool *mine, struct err *e)
{
    *mine = false;
    if (!sqlite3_get_autocommit(s->db))
        return 0;
    if (sql_exec(s, "BEGIN IMMEDIATE", e, "starting to write"))
        return -1;
    *mine = true;
    return 0;
}

int txn_end(struct store *s, bool mine, int result, struct err *e)
{
    if (!mine)
        return result;
    if (result == 0)
        result = sql_exec(s, "COMMIT", e, "storing");
    if (result && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    if (result) {
        /* ids given inside the transaction are void now */
        cache_clear(&s->metrics);
        cache_clear(&s->qualities);
    }
    return result;
}

static void function_glob(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *patterns = (const char *)sqlite3_value_text(values[0]);
    const char *text = (const char *)sqlite3_value_text(values[1]);

    (void)count;
    sqlite3_result_int(context, text && text_glob(patterns, text));
}

static void function_quantity(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *unit = (const char *)sqlite3_value_text(values[1]);
    char text[96];

    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_NULL)
        sqlite3_result_text(context,
                            text_quantity(sqlite3_value_double(values[0]), unit ? unit : "", text, sizeof text), -1,
                            SQLITE_TRANSIENT);
}

static void function_bytes(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[32];

    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_NULL)
        sqlite3_result_text(context, text_bytes_words(sqlite3_value_double(values[0]), text, sizeof text), -1,
                            SQLITE_TRANSIENT);
}

int sql_functions(struct store *s, struct err *e)
{
    static const struct {
        const char *name;
        int arguments;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"cm_glob", 2, function_glob},
                     {"cm_quantity", 2, function_quantity},
                     {"cm_bytes", 1, function_bytes},
                     {"cm_fingerprint", 2, function_fingerprint}};
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sqlite3_create_function(s->db, functions[i].name, functions[i].arguments, flags, NULL,
                                    functions[i].function, NULL, NULL))
            return sql_fail(s, e, "opening");
    return 0;
}
