/* The documents of show.h for people: aligned tables. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "show.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { columns_limit = 12, fact_limit = 100 };

/* Cells row after row; widths are known when the last one came. */
struct table {
    const char *const *titles; /* '<' or '>' in front says the side */
    size_t columns, count, capacity;
    char **cells;
};

/* How many columns of a terminal a text takes, near enough: one for each character. */
static size_t width(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void add(struct table *t, const char *text)
{
    char *c;

    VEC_ROOM(t->cells, t->count, t->capacity);
    t->cells[t->count] = mem_copy(text);
    for (c = t->cells[t->count++]; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' '; /* a row is a line */
}

static void write_cell(struct buf *out, const char *text, size_t wide, bool right, bool last)
{
    size_t pad = wide - width(text);

    if (right)
        buf_addf(out, "%*s%s", (int)pad, "", text);
    else
        buf_addf(out, "%s%*s", text, last ? 0 : (int)pad, "");
    buf_add(out, last ? "\n" : "  ");
}

static void write_table(struct table *t, struct buf *out)
{
    size_t wide[columns_limit] = {0}, i, k;

    if (!t->columns)
        return;
    for (k = 0; k < t->columns; k++)
        wide[k] = width(t->titles[k] + 1);
    for (i = 0; i < t->count; i++)
        if (width(t->cells[i]) > wide[i % t->columns])
            wide[i % t->columns] = width(t->cells[i]);
    for (k = 0; k < t->columns; k++)
        write_cell(out, t->titles[k] + 1, wide[k], *t->titles[k] == '>', k + 1 == t->columns);
    for (i = 0; i < t->count; i++)
        write_cell(out, t->cells[i], wide[i % t->columns], *t->titles[i % t->columns] == '>',
                   (i + 1) % t->columns == 0);
    for (i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static json_int_t integer_of(const json_t *object, const char *key)
{
    return (json_int_t)json_number_value(json_object_get(object, key));
}

/* Six digits, and whole numbers whole. */
static const char *figure(const json_t *value, char *out, size_t size)
{
    double v = json_number_value(value);

    if (!json_is_number(value))
        snprintf(out, size, "-");
    else if (fabs(v) < 1e15 && (fabs(v) >= 1e6 || floor(v) == v))
        snprintf(out, size, "%.0f", v);
    else
        snprintf(out, size, "%.6g", v);
    return out;
}

/* Does this machine count the metric wrong? */
static bool is_wrong(const json_t *m)
{
    return text_starts(text_of(m, "truth"), "wrong");
}

static void add_values(struct table *t, const json_t *m)
{
    char number[40], low[40], high[40], range[90];

    add(t, figure(json_object_get(m, "median"), number, sizeof number));
    snprintf(range, sizeof range, "%s..%s", figure(json_object_get(m, "low"), low, sizeof low),
             figure(json_object_get(m, "high"), high, sizeof high));
    add(t, integer_of(m, "n") > 0 ? range : "");
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, integer_of(m, "n"));
    add(t, integer_of(m, "n") > 0 ? number : "");
    add(t, text_of(m, "unit"));
    snprintf(range, sizeof range, "%.40s%s%.40s", text_of(m, "quality"), is_wrong(m) ? "; counted " : "",
             is_wrong(m) ? text_of(m, "truth") : "");
    add(t, is_wrong(m) ? range : text_of(m, "quality"));
}

static void write_points(const json_t *points, struct buf *out)
{
    static const char *const titles[] = {"<point", "<metric", ">median", ">low..high", ">n", "<unit", "<quality"};
    struct table t = {.titles = titles, .columns = 7};
    const json_t *point, *metrics, *m;
    size_t i, k;

    json_array_foreach(points, i, point)
    {
        metrics = json_object_get(point, "metrics");
        json_array_foreach(metrics, k, m)
        {
            add(&t, text_of(point, "point"));
            add(&t, text_of(m, "metric"));
            add_values(&t, m);
        }
    }
    if (t.count)
        write_table(&t, out);
    else
        buf_add(out, "no results\n");
}

static void write_results(const json_t *points, struct buf *out)
{
    static const char *const titles[] = {"<point", "<result", ">deviations", ">launches", ">done", ">failed", "<code"};
    struct table t = {.titles = titles, .columns = 7};
    const json_t *point;
    char number[40];
    size_t i;

    json_array_foreach(points, i, point)
    {
        add(&t, text_of(point, "point"));
        add(&t, text_of(point, "result"));
        add(&t, figure(json_object_get(point, "deviations"), number, sizeof number));
        add(&t, figure(json_object_get(point, "launches"), number, sizeof number));
        add(&t, figure(json_object_get(point, "done"), number, sizeof number));
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                 integer_of(point, "failed") + integer_of(point, "wrong"));
        add(&t, number);
        snprintf(number, sizeof number, "%.12s", text_of(point, "code"));
        add(&t, number);
    }
    if (t.count)
        write_table(&t, out);
}

static void write_failures(const json_t *failures, struct buf *out)
{
    static const char *const titles[] = {"<point", "<pass", "<status", ">launches", "<reason"};
    struct table t = {.titles = titles, .columns = 5};
    const json_t *f;
    char number[40];
    size_t i;

    json_array_foreach(failures, i, f)
    {
        add(&t, text_of(f, "point"));
        add(&t, *text_of(f, "pass") ? text_of(f, "pass") : "time");
        add(&t, text_of(f, "status"));
        add(&t, figure(json_object_get(f, "launches"), number, sizeof number));
        add(&t, text_of(f, "reason"));
    }
    if (!t.count)
        return;
    buf_add(out, "\nwithout a result\n");
    write_table(&t, out);
}

static void write_facts(json_t *facts, struct buf *out)
{
    static const char *const titles[] = {"<fact", "<value"};
    struct table t = {.titles = titles, .columns = 2};
    const char *name;
    json_t *value;

    json_object_foreach(facts, name, value)
    {
        const char *text = json_string_value(value);
        char *cut;

        cut = mem_format(text && strlen(text) > fact_limit ? "%.*s..." : "%.*s", fact_limit, text ? text : "");
        add(&t, name);
        add(&t, cut);
        free(cut);
    }
    if (t.count)
        write_table(&t, out);
}

static void write_head(const json_t *d, struct buf *out)
{
    const json_t *run = json_object_get(d, "run"), *build = json_object_get(d, "build"),
                 *machine = json_object_get(d, "machine");
    char when[32], words[64];

    clock_iso8601(integer_of(run, "started"), when);
    buf_addf(out, "run %" JSON_INTEGER_FORMAT "  %s  %s", integer_of(run, "run"), text_of(run, "status"), when);
    if (json_is_number(json_object_get(run, "finished")))
        buf_addf(out, "  %s",
                 text_duration_words((double)(integer_of(run, "finished") - integer_of(run, "started")), words,
                                     sizeof words));
    buf_addf(out, "  plan %s", text_of(run, "plan"));
    if (integer_of(run, "shards") > 1)
        buf_addf(out, "  shard %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT, integer_of(run, "shard"),
                 integer_of(run, "shards"));
    buf_add(out, json_is_true(json_object_get(run, "scripted")) ? "  scripted\n" : "\n");
    buf_addf(out, "machine %s%s%s  environment %s\n", text_of(machine, "name"),
             *text_of(machine, "class") ? "  class " : "", text_of(machine, "class"),
             text_of(json_object_get(d, "environment"), "fingerprint"));
    buf_addf(out, "commit %.12s%s%s%s  %s\n", *text_of(build, "commit") ? text_of(build, "commit") : "unknown",
             json_is_true(json_object_get(build, "dirty")) ? " with local changes" : "",
             *text_of(build, "branch") ? "  on " : "", text_of(build, "branch"), text_of(build, "subject"));
    buf_addf(out, "built by %s  %s\n", text_of(build, "compiler"), text_of(build, "flags"));
}

static void write_run(const json_t *d, struct buf *out)
{
    static const char *const parts[] = {"machine", "environment", "build"};
    size_t i;

    write_head(d, out);
    buf_add(out, "\n");
    write_points(json_object_get(d, "points"), out);
    buf_add(out, "\n");
    write_results(json_object_get(d, "points"), out);
    write_failures(json_object_get(d, "failures"), out);
    for (i = 0; i < 3; i++) {
        buf_addf(out, "\n%s\n", parts[i]);
        write_facts(json_object_get(json_object_get(d, parts[i]), "facts"), out);
    }
}

static void write_rows(const json_t *rows, struct buf *out)
{
    static const char *const titles[] = {">run",    "<started",   "<commit", "<machine", "<point",  "<metric",
                                         ">median", ">low..high", ">n",      "<unit",    "<quality"};
    struct table t = {.titles = titles, .columns = 11};
    const json_t *row;
    char text[64];
    size_t i;

    json_array_foreach(rows, i, row)
    {
        add(&t, figure(json_object_get(row, "run"), text, sizeof text));
        clock_iso8601(integer_of(row, "started"), text);
        add(&t, text);
        snprintf(text, sizeof text, "%.12s", text_of(row, "commit"));
        add(&t, text);
        add(&t, text_of(row, "machine"));
        add(&t, text_of(row, "point"));
        add(&t, text_of(row, "metric"));
        add_values(&t, row);
    }
    write_table(&t, out);
}

static void write_side(const char *name, const json_t *side, struct buf *out)
{
    char when[32];

    clock_iso8601(integer_of(side, "started"), when);
    buf_addf(out, "%s  run %" JSON_INTEGER_FORMAT "  %s  commit %.12s  machine %s\n", name, integer_of(side, "run"),
             when, *text_of(side, "commit") ? text_of(side, "commit") : "unknown", text_of(side, "machine"));
}

static void write_differences(const json_t *d, struct buf *out)
{
    static const char *const titles[] = {"<what", "<name", "<left", "<right"};
    struct table t = {.titles = titles, .columns = 4};
    const json_t *list = json_object_get(d, "differences"), *row;
    size_t i;

    write_side("left ", json_object_get(d, "left"), out);
    write_side("right", json_object_get(d, "right"), out);
    buf_add(out, "\n");
    json_array_foreach(list, i, row)
    {
        add(&t, text_of(row, "what"));
        add(&t, text_of(row, "name"));
        add(&t, json_is_null(json_object_get(row, "left")) ? "-" : text_of(row, "left"));
        add(&t, json_is_null(json_object_get(row, "right")) ? "-" : text_of(row, "right"));
    }
    if (t.count)
        write_table(&t, out);
    else
        buf_add(out, "machine, environment, build and machine code are the same\n");
}

void show_text(const json_t *document, struct buf *out)
{
    const char *kind = text_of(document, "kind");

    if (!strcmp(kind, "run"))
        write_run(document, out);
    else if (!strcmp(kind, "points"))
        write_rows(json_object_get(document, "rows"), out);
    else
        write_differences(document, out);
    text_disarm(out->text, true); /* stored text never steers the terminal */
}
