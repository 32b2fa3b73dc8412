/*
 * Series out of the summaries: see series.h. A point's history is its text, of which every machine code has a row of its own; so all
 * values of one text are gathered from its rows, metric by metric, then put in the order of the home's runs.
 */
#include "series_rows.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdlib.h>
#include <string.h>

/* One series as it is handed over. */
struct columns {
    size_t *run;
    double *value, *low, *high;
    int *launches;
    bool *another, *suspect;
    size_t room;
};

struct reader {
    struct rows rows;
    char *text, *kernel, *variant; /* the point at hand */
    struct identity *identities;
    size_t identity_count, identity_capacity;
    struct columns columns;
    series_function *each;
    void *user;
    bool stopped;
};

static int compare_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* In the order of history, one value per run. */
static void put_in_order(struct wanted *m)
{
    size_t kept = 0;

    for (size_t i = 1; i < m->count; i++) {
        if (m->values[i].index <= m->values[i - 1].index) {
            qsort(m->values, m->count, sizeof *m->values, compare_value);
            break;
        }
    }
    for (size_t i = 0; i < m->count; i++)
        if (i + 1 == m->count || m->values[i + 1].index != m->values[i].index)
            m->values[kept++] = m->values[i];
    m->count = kept;
}

static void make_room(struct columns *c, size_t count)
{
    if (count <= c->room)
        return;
    c->room = count + count / 2;
    c->run = mem_grow(c->run, c->room, sizeof *c->run);
    c->value = mem_grow(c->value, c->room, sizeof *c->value);
    c->low = mem_grow(c->low, c->room, sizeof *c->low);
    c->high = mem_grow(c->high, c->room, sizeof *c->high);
    c->launches = mem_grow(c->launches, c->room, sizeof *c->launches);
    c->another = mem_grow(c->another, c->room, sizeof *c->another);
    c->suspect = mem_grow(c->suspect, c->room, sizeof *c->suspect);
}

static void free_columns(struct columns *c)
{
    free(c->run);
    free(c->value);
    free(c->low);
    free(c->high);
    free(c->launches);
    free(c->another);
    free(c->suspect);
}

/* Answers what the caller's function does. */
static int hand_over(struct reader *r, const struct wanted *m, struct err *e)
{
    struct columns *c = &r->columns;
    struct series series = {.point = r->text,
                            .kernel = r->kernel,
                            .variant = r->variant,
                            .metric = m->name,
                            .unit = m->unit,
                            .better = m->better,
                            .kind = m->kind,
                            .deterministic = m->deterministic,
                            .count = m->count};

    make_room(c, m->count);
    for (size_t i = 0; i < m->count; i++) {
        const struct value *v = &m->values[i];

        c->run[i] = v->index;
        c->value[i] = v->value;
        c->low[i] = v->low;
        c->high[i] = v->high;
        c->launches[i] = v->launches;
        c->another[i] = i > 0 && v->whose != v[-1].whose && strcmp(v->whose, v[-1].whose) != 0;
        c->suspect[i] = v->suspect;
    }
    series.run = c->run;
    series.value = c->value;
    series.low = c->low;
    series.high = c->high;
    series.launches = c->launches;
    series.another = c->another;
    series.suspect = c->suspect;
    return r->each(&series, r->user, e);
}

static void forget_point(struct reader *r)
{
    for (size_t i = 0; i < r->identity_count; i++)
        free(r->identities[i].whose);
    r->identity_count = 0;
    free(r->text);
    free(r->kernel);
    free(r->variant);
    r->text = r->kernel = r->variant = NULL;
}

/* All series of the text at hand. */
static int end_point(struct reader *r, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < r->rows.metric_count; i++)
        r->rows.metrics[i].count = 0;
    for (size_t i = 0; !result && i < r->identity_count; i++)
        result = rows_read(&r->rows, &r->identities[i], e);
    for (size_t i = 0; !result && !r->stopped && i < r->rows.metric_count; i++) {
        struct wanted *m = &r->rows.metrics[r->rows.by_name[i]];

        put_in_order(m);
        r->stopped = m->count && hand_over(r, m, e);
    }
    forget_point(r);
    return r->stopped && e && e->code ? -1 : result;
}

/* "anchor/size*": a list of globs in which one begins with the kernel's whole name. */
static bool names_kernel(const char *globs, const char *kernel)
{
    size_t length = strlen(kernel);

    for (const char *at = globs; at && (at = strstr(at, kernel)); at++)
        if ((at == globs || at[-1] == ',') && at[length] == '/')
            return true;
    return false;
}

/* Columns: id, text, kernel, variant, kernel_version, variant_version, role. */
static int take_point(struct reader *r, const char *globs, sqlite3_stmt *q, struct err *e)
{
    if (r->text && strcmp(r->text, sql_text(q, 1)) != 0 && end_point(r, e))
        return -1;
    if (r->stopped || !text_glob(globs, sql_text(q, 1)) || (*sql_text(q, 6) && !names_kernel(globs, sql_text(q, 2))))
        return 0;
    if (!r->text) {
        r->text = mem_copy(sql_text(q, 1));
        r->kernel = mem_copy(sql_text(q, 2));
        r->variant = mem_copy(sql_text(q, 3));
    }
    VEC_ROOM(r->identities, r->identity_count, r->identity_capacity);
    r->identities[r->identity_count++] =
        (struct identity){sqlite3_column_int64(q, 0), mem_format("%s\n%s", sql_text(q, 4), sql_text(q, 5))};
    return 0;
}

/* What the glob begins with, escapes taken off; *ends: that is all of it. A comma that is not escaped may part several globs. */
static char *plain_part(const char *glob, bool *ends, bool *several)
{
    char *text = mem_copy(glob), *to = text;

    *several = false;
    for (; *glob && !strchr("*?[", *glob); *to++ = *glob++) {
        if (*glob == '\\' && glob[1])
            glob++;
        else
            *several = *several || *glob == ',';
    }
    *to = '\0';
    *ends = !*glob;
    *several = *several || strchr(glob, ',');
    return text;
}

/*
 * Between which texts the globs can match, so that one point of thousands costs no walk over all: a point's own text; what begins
 * like a single glob; else everything.
 */
static int find_bounds(struct store *s, const char *globs, char **first, char **last, struct err *e)
{
    const char *text;
    bool ends, several;
    double found = 0;

    *last = NULL;
    text = *first = plain_part(globs ? globs : "", &ends, &several);
    if (*text && ends) {
        if (store_number(s, "SELECT count(*) FROM point WHERE text = ?1", &text, 1, &found, NULL, e))
            return -1;
        if (found > 0)
            *last = mem_copy(text);
    }
    if (!*last && several)
        **first = '\0';
    if (!*last)
        *last = mem_format("%s\xf4\x8f\xbf\xbf", *first); /* the last character there is */
    return 0;
}

static int walk_points(struct reader *r, const char *globs, const char *first, const char *last, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->rows.s,
                              "SELECT id, text, kernel, variant, kernel_version, variant_version, role FROM point "
                              "WHERE text BETWEEN ?1 AND ?2 ORDER BY text, kernel_version, variant_version, id",
                              e);
    int code = SQL_ERROR;

    if (q) {
        sql_bind_text(q, 1, first);
        sql_bind_text(q, 2, last);
    }
    while (q && !r->stopped && (code = sql_step(r->rows.s, q, e, "reading points")) == SQL_ROW) {
        if (take_point(r, globs, q, e)) {
            sqlite3_reset(q);
            return -1;
        }
    }
    if (r->stopped)
        sqlite3_reset(q);
    else if (code != SQL_ERROR && r->text)
        return end_point(r, e);
    return code == SQL_ERROR ? -1 : 0;
}

static int read_points(struct reader *r, const char *globs, struct err *e)
{
    char *first = NULL, *last = NULL;
    int result = find_bounds(r->rows.s, globs, &first, &last, e);

    if (!result)
        result = walk_points(r, globs, first, last, e);
    free(first);
    free(last);
    return result;
}

int series_each(struct store *s, const struct series_home *home, const char *points, const char *metrics,
                series_function *each, void *user, struct err *e)
{
    struct reader r = {.each = each, .user = user};
    int result = rows_open(&r.rows, s, home, metrics, e);

    if (!result && r.rows.metric_count)
        result = read_points(&r, points, e);
    rows_close(&r.rows);
    forget_point(&r);
    free_columns(&r.columns);
    free(r.identities);
    return result;
}
