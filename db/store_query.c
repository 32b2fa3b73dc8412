/* Generic reading: any SELECT over the documented tables and views. */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Decimal notation as SQLite prints it, so that binding a number instead of the text loses nothing: 12, -3, 0.25, 1.0. */
static bool canonical_number(const char *text, bool *whole)
{
    const char *t = text + (*text == '-'), *digits = t;
    size_t places;

    if (!isdigit((unsigned char)*t) || (*t == '0' && isdigit((unsigned char)t[1])))
        return false;
    while (isdigit((unsigned char)*t))
        t++;
    *whole = *t == '\0';
    if (*whole)
        return t - digits <= 18 && strcmp(text, "-0") != 0;
    if (*t != '.' || t - digits > 15)
        return false;
    places = strspn(t + 1, "0123456789");
    return places && !t[1 + places] && strlen(digits) <= 16 && (t[places] != '0' || places == 1);
}

void sql_bind_parameter(sqlite3_stmt *q, int index, const char *text)
{
    bool whole;

    if (!text)
        sqlite3_bind_null(q, index);
    else if (!canonical_number(text, &whole))
        sql_bind_text(q, index, text);
    else if (whole)
        sqlite3_bind_int64(q, index, strtoll(text, NULL, 10));
    else
        sqlite3_bind_double(q, index, strtod(text, NULL));
}

/* The statement, or NULL: one only, and one that reads. */
static sqlite3_stmt *prepare(struct store *s, const char *sql, const char *const *parameters, size_t count,
                             struct err *e)
{
    sqlite3_stmt *q = NULL;
    const char *tail;
    size_t i;

    if (sqlite3_prepare_v2(s->db, sql, -1, &q, &tail)) {
        err_set(e, CM_INTERNAL, "%s: the query `%.300s` has a mistake: %s", s->path, sql, sqlite3_errmsg(s->db));
        return NULL;
    }
    if (!q || !sqlite3_stmt_readonly(q) || tail[strspn(tail, " \t\r\n;")]) {
        err_set(e, CM_INTERNAL, "%s: `%.300s` is not one query that only reads", s->path, sql);
        sqlite3_finalize(q);
        return NULL;
    }
    if ((size_t)sqlite3_bind_parameter_count(q) > count) {
        err_set(e, CM_INTERNAL, "%s: the query `%.300s` wants %d parameters, %zu came", s->path, sql,
                sqlite3_bind_parameter_count(q), count);
        sqlite3_finalize(q);
        return NULL;
    }
    for (i = 0; i < count; i++)
        sql_bind_parameter(q, (int)i + 1, parameters[i]);
    return q;
}

static double cell_number(sqlite3_stmt *q, int column)
{
    const char *text;
    char *end;
    double number;

    switch (sqlite3_column_type(q, column)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return sqlite3_column_double(q, column);
    case SQLITE_TEXT:
        text = (const char *)sqlite3_column_text(q, column);
        number = strtod(text, &end);
        return end != text && !*end ? number : NAN;
    default: return NAN;
    }
}

static void fill(sqlite3_stmt *q, struct cell *cells, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        cells[i].name = sqlite3_column_name(q, (int)i);
        cells[i].number = cell_number(q, (int)i);
        cells[i].text = (const char *)sqlite3_column_text(q, (int)i);
    }
}

int store_query(struct store *s, const char *sql, const char *const *parameters, size_t parameter_count,
                store_row_function *each, void *user, struct err *e)
{
    sqlite3_stmt *q = prepare(s, sql, parameters, parameter_count, e);
    size_t count = q ? (size_t)sqlite3_column_count(q) : 0;
    struct cell *cells = q ? mem_new(count + 1, sizeof *cells) : NULL;
    int code = SQL_DONE;

    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading")) == SQL_ROW) {
        fill(q, cells, count);
        if (each(cells, count, user, e)) {
            code = e && e->code ? -1 : 0; /* stopped on purpose, or for a reason that it has said */
            break;
        }
    }
    sqlite3_finalize(q);
    free(cells);
    return code;
}

int store_number(struct store *s, const char *sql, const char *const *parameters, size_t n, double *value, bool *found,
                 struct err *e)
{
    sqlite3_stmt *q = prepare(s, sql, parameters, n, e);
    int code = q ? sql_step(s, q, e, "reading") : SQL_ERROR;

    if (found)
        *found = code == SQL_ROW;
    *value = code == SQL_ROW ? cell_number(q, 0) : NAN;
    sqlite3_finalize(q);
    return code == SQL_ERROR ? -1 : 0;
}

int store_text(struct store *s, const char *sql, const char *const *parameters, size_t n, char **value, struct err *e)
{
    sqlite3_stmt *q = prepare(s, sql, parameters, n, e);
    int code = q ? sql_step(s, q, e, "reading") : SQL_ERROR;

    *value = code == SQL_ROW ? mem_copy((const char *)sqlite3_column_text(q, 0)) : NULL;
    sqlite3_finalize(q);
    return code == SQL_ERROR ? -1 : 0;
}
