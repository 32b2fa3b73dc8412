/* Tables of one connection, in memory, that later queries build on: see store.h. The file is not written. */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The parameters as one text. */
static char *key_of(const char *const *parameters, size_t count)
{
    struct buf b = {0};

    for (size_t i = 0; i < count; i++)
        buf_addf(&b, "%zu:%s;", parameters[i] ? strlen(parameters[i]) + 1 : 0, parameters[i] ? parameters[i] : "");
    return buf_take(&b);
}

/* A statement of ours, freed. */
static int run(struct store *s, char *sql, struct err *e)
{
    int result = sql_exec(s, sql, e, "preparing a table");

    free(sql);
    return result;
}

/* A handle that reads may write its own tables alone, and only meanwhile. */
static int begin(struct store *s, struct err *e)
{
    return sql_exec(s, "PRAGMA temp_store = MEMORY; PRAGMA query_only = OFF", e, "preparing a table");
}

static int end(struct store *s, int result, struct err *e)
{
    struct err later = {0};

    if (s->mode == STORE_READ && sql_exec(s, "PRAGMA query_only = ON", &later, "preparing a table") && !result)
        return err_set(e, (enum exit_code)later.code, "%s", later.text);
    return result;
}

static int drop(struct store *s, const char *name, struct err *e)
{
    return run(s, mem_format("DROP TABLE IF EXISTS temp.\"%s\"", name), e);
}

static int fill(struct store *s, const char *name, const char *select, const char *const *parameters, size_t count,
                struct err *e)
{
    char *sql = mem_format("CREATE TEMP TABLE \"%s\" AS %s", name, select);
    sqlite3_stmt *q = NULL;
    const char *tail = "";
    int result = -1;

    /* behind AS stands a SELECT or a mistake: nothing else than this table can be written */
    if (sqlite3_prepare_v2(s->db, sql, -1, &q, &tail))
        err_set(e, CM_INTERNAL, "%s: the table %s, `%.300s`, has a mistake: %s", s->path, name, select,
                sqlite3_errmsg(s->db));
    else if (tail[strspn(tail, " \t\r\n;")] || (size_t)sqlite3_bind_parameter_count(q) > count)
        err_set(e, CM_INTERNAL, "%s: the table %s, `%.300s`, is not one query with %zu parameters", s->path, name,
                select, count);
    else {
        for (size_t i = 0; i < count; i++)
            sql_bind_parameter(q, (int)i + 1, parameters[i]);
        result = sql_do(s, q, e, "preparing a table");
    }
    sqlite3_finalize(q);
    free(sql);
    return result;
}

static struct temporary *find(struct store *s, const char *name)
{
    for (size_t i = 0; i < s->temporary_count; i++)
        if (!strcmp(s->temporary[i].name, name))
            return &s->temporary[i];
    return NULL;
}

static void forget(struct temporary *t)
{
    free(t->name);
    free(t->parameters);
}

static int make(struct store *s, const char *name, const char *columns, const char *select,
                const char *const *parameters, size_t count, struct err *e)
{
    if (begin(s, e) || drop(s, name, e) || fill(s, name, select, parameters, count, e))
        return -1;
    if (!columns)
        return 0;
    return run(s, mem_format("CREATE INDEX temp.\"%s key\" ON \"%s\" (%s)", name, name, columns), e);
}

int store_table(struct store *s, const char *name, const char *columns, const char *select,
                const char *const *parameters, size_t count, struct err *e)
{
    struct temporary *t = find(s, name);
    char *key = key_of(parameters, count);

    if (t && !strcmp(t->parameters, key)) {
        free(key);
        return 0;
    }
    if (t) {
        forget(t);
        *t = s->temporary[--s->temporary_count];
    }
    if (end(s, make(s, name, columns, select, parameters, count, e), e)) {
        free(key);
        return -1;
    }
    VEC_ROOM(s->temporary, s->temporary_count, s->temporary_capacity);
    s->temporary[s->temporary_count++] = (struct temporary){mem_copy(name), key};
    return 0;
}

void store_tables_forget(struct store *s)
{
    for (size_t i = 0; i < s->temporary_count; i++)
        forget(&s->temporary[i]);
    free(s->temporary);
    s->temporary = NULL;
    s->temporary_count = s->temporary_capacity = 0;
}
