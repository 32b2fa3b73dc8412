/* See report_data.h. */
#include "report_data.h"
#include "../harness/base/mem.h"
#include "report_plot.h"
#include "report_tables.h"
#include "report_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

char *plot_cell(const char *text)
{
    char *copy = report_clean(text);

    for (char *c = copy; *c; c++)
        if (*c == '"' || *c == '`')
            *c = '\'';
        else if (*c == '\\')
            *c = '/';
    return copy;
}

void report_data_block(struct report_data *d, const char *header, const char *name)
{
    if (d->count)
        buf_add(&d->table, "\n\n");
    buf_addf(&d->table, "%s\n", header);
    VEC_ROOM(d->series, d->count, d->capacity);
    d->series[d->count++] = plot_cell(name);
}

static void start_block(struct report_data *d, const struct cell *cells, size_t count, const char *name)
{
    if (!d->header.length)
        for (size_t i = 0; i < count; i++)
            buf_addf(&d->header, "%s%s", i ? "\t" : "", cells[i].name);
    report_data_block(d, buf_text(&d->header), name);
}

static int add_row(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct report_data *d = user;
    const char *name = "";

    (void)e;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(cells[i].name, "series"))
            name = cells[i].text ? cells[i].text : "";
    if (!d->count || strcmp(d->last, name)) {
        start_block(d, cells, count, name);
        free(d->last);
        d->last = mem_copy(name);
    }
    for (size_t i = 0; i < count; i++) {
        char *text = plot_cell(cells[i].text ? cells[i].text : "NaN");

        /* an empty cell would shift the ones behind it */
        buf_addf(&d->table, "%s%s", i ? "\t" : "", *text ? text : " ");
        free(text);
    }
    buf_add(&d->table, "\n");
    d->rows++;
    return 0;
}

int report_data_read(struct report_data *d, struct store *s, const char *sql, const char *const parameters[2],
                     struct err *e)
{
    return report_tables(s, sql, parameters, e) ? -1 : store_query(s, sql, parameters, 2, add_row, d, e);
}

void report_data_free(struct report_data *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(d->series[i]);
    free(d->series);
    free(d->last);
    buf_free(&d->table);
    buf_free(&d->header);
    *d = (struct report_data){0};
}

struct variables {
    struct buf *script;
    const char *report;
    bool seen;
};

static bool is_variable(const char *name)
{
    if (!isalpha((unsigned char)*name))
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static bool is_number(const struct cell *c)
{
    /* "12 apples" and "0x10" are texts: only what SQLite prints for numbers goes unquoted */
    return c->text && *c->text && strspn(c->text, "0123456789+-.eE") == strlen(c->text) && isfinite(c->number);
}

static void add_quoted(struct buf *b, const char *text)
{
    char *copy = report_clean(text);

    buf_add_gnuplot(b, copy);
    free(copy);
}

static int add_variables(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct variables *v = user;

    if (v->seen)
        return 0;
    v->seen = true;
    for (size_t i = 0; i < count; i++) {
        if (!is_variable(cells[i].name))
            return err_set(e, CM_INTERNAL, "report %s.gp: the variable \"%s\" needs a plain name (SELECT ... AS name)",
                           v->report, cells[i].name);
        buf_addf(v->script, "%s = ", cells[i].name);
        if (!cells[i].text)
            buf_add(v->script, "NaN");
        else if (is_number(&cells[i]))
            buf_addf(v->script, "%.17g", cells[i].number);
        else
            add_quoted(v->script, cells[i].text);
        buf_add(v->script, "\n");
    }
    return 0;
}

int report_data_variables(struct buf *script, struct store *s, const char *sql, const char *const parameters[2],
                          const char *report, struct err *e)
{
    struct variables v = {.script = script, .report = report};

    return report_tables(s, sql, parameters, e) ? -1 : store_query(s, sql, parameters, 2, add_variables, &v, e);
}
