/* A kernel's page: its plots, and every point with its times, its class and its counters. */
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "report_site.h"
#include "report_tables.h"

#include <stdlib.h>
#include <string.h>

static int point_table(struct site *site, struct buf *b, const char *const parameters[2], struct err *e)
{
    static const struct column columns[] = {
        {"point", COLUMN_CODE},        {"time per element", COLUMN_NS},   {"fastest launch", COLUMN_NS},
        {"slowest launch", COLUMN_NS}, {"time per execution", COLUMN_NS}, {"launches", COLUMN_INTEGER},
        {"result", COLUMN_TEXT},
    };
    static const char sql[] =
        "SELECT substr(p.point, length(p.kernel) + 2), m.value / coalesce(nullif(p.elements, 0), 1), m.low / "
        "coalesce(nullif(p.elements, 0), 1),"
        " m.high / coalesce(nullif(p.elements, 0), 1), m.value, coalesce(m.n, 0),"
        " CASE WHEN p.match = 2 THEN 'wrong' WHEN p.unavailable = p.launches THEN 'cannot run here'"
        "      WHEN p.done = 0 AND p.failed > 0 THEN 'failed' WHEN p.done = 0 THEN 'not measured' WHEN p.match = 0 "
        "THEN 'same bits'"
        "      WHEN p.match = 1 THEN printf('in tolerance: %,d differ', p.deviations) ELSE 'not verified' END"
        " || CASE WHEN p.done > 0 AND p.failed > 0 THEN printf(' (%d of %d launches failed)', p.failed, p.launches) "
        "ELSE '' END"
        " FROM points p JOIN places l USING (point_id)"
        " LEFT JOIN (SELECT * FROM measured WHERE metric = 'wall.time') m USING (point_id)"
        " ORDER BY p.variant, l.own, l.rest, l.x, p.point";
    struct buf table = {0};
    size_t rows = 0;
    int result = report_tables(site->store, sql, parameters, e);

    if (!result)
        result = page_table(&table, site->store, sql, parameters, 2,
                            "Medians over launches; times of one execution divided by its elements.", columns,
                            sizeof columns / sizeof *columns, &rows, e);
    buf_addf(b, "<h3>Numbers</h3>\n<details%s>\n<summary>%s %zu point%s: time and result</summary>\n%s</details>\n",
             rows <= 30 ? " open=\"open\"" : "", rows == 1 ? "Its" : "All", rows, rows == 1 ? "" : "s",
             buf_text(&table));
    buf_free(&table);
    return result;
}

/* ---- counters: points down, metrics across */
struct counters {
    struct buf *b;
    struct buf heads;
    char **metrics;
    size_t count, capacity;
    size_t at; /* metrics already written in this row */
    char *point;
};

static int add_metric(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct counters *t = user;

    (void)count;
    (void)e;
    if (!cells[0].text)
        return 0;
    VEC_ROOM(t->metrics, t->count, t->capacity);
    t->metrics[t->count++] = mem_copy(cells[0].text);
    buf_add(&t->heads, "<th scope=\"col\" class=\"number\" title=\"");
    page_text(&t->heads, cells[2].text ? cells[2].text : "");
    buf_add(&t->heads, "\">");
    page_text(&t->heads, cells[0].text);
    buf_add(&t->heads, "<br/><small>");
    page_text(&t->heads, cells[1].text ? cells[1].text : "");
    buf_add(&t->heads, "</small></th>");
    return 0;
}

static void skip_to(struct counters *t, size_t metric)
{
    for (; t->at < metric; t->at++)
        buf_add(t->b, "<td class=\"number\"><span class=\"none\">-</span></td>");
}

static void end_row(struct counters *t)
{
    if (!t->point)
        return;
    skip_to(t, t->count);
    buf_add(t->b, "</tr>\n");
}

static int add_value(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct counters *t = user;
    const char *point = cells[0].text ? cells[0].text : "";
    char text[64];
    size_t metric = 0;

    (void)count;
    (void)e;
    if (!t->point || strcmp(t->point, point)) {
        end_row(t);
        free(t->point);
        t->point = mem_copy(point);
        t->at = 0;
        buf_add(t->b, "<tr><td>");
        page_code(t->b, point);
        buf_add(t->b, "</td>");
    }
    while (metric < t->count && strcmp(t->metrics[metric], cells[1].text ? cells[1].text : ""))
        metric++;
    if (metric == t->count || metric < t->at)
        return 0;
    skip_to(t, metric);
    buf_add(t->b, "<td class=\"number\">");
    page_text(t->b, text_quantity(cells[2].number, cells[3].text ? cells[3].text : "", text, sizeof text));
    if (cells[4].text && strcmp(cells[4].text, "exact") && strcmp(cells[4].text, "derived")) {
        buf_add(t->b, "<small>");
        page_text(t->b, cells[4].text);
        buf_add(t->b, "</small>");
    }
    buf_add(t->b, "</td>");
    t->at++;
    return 0;
}

/* One table of what `condition` selects (SQL of ours, on metric m). */
static int counter_table(struct site *site, struct buf *b, const char *const parameters[2], const char *heading,
                         const char *caption, const char *condition, const char *value, const char *unit, struct err *e)
{
    struct counters t = {.b = b};
    char *metrics = mem_format("SELECT m.metric, %s, k.meaning FROM measured m JOIN metric k ON k.name = m.metric"
                               " WHERE %s GROUP BY m.metric ORDER BY m.metric",
                               unit, condition);
    char *values =
        mem_format("SELECT substr(p.point, length(p.kernel) + 2), m.metric, %s, m.unit, m.quality FROM measured m "
                   "JOIN metric k ON k.name = m.metric"
                   " JOIN points p USING (point_id) JOIN places l USING (point_id) WHERE %s"
                   " ORDER BY p.variant, l.own, l.rest, l.x, p.point, m.metric",
                   value, condition);
    int result = report_tables(site->store, values, parameters, e);

    if (!result)
        result = store_query(site->store, metrics, parameters, 2, add_metric, &t, e);
    if (!result && t.count) {
        buf_addf(b,
                 "<details>\n<summary>%s</summary>\n<p class=\"facts\">%s</p>\n<div class=\"scroll\"><table "
                 "class=\"wide\">\n"
                 "<thead><tr><th scope=\"col\">point</th>%s</tr></thead>\n<tbody>\n",
                 heading, caption, buf_text(&t.heads));
        result = store_query(site->store, values, parameters, 2, add_value, &t, e);
        end_row(&t);
        buf_add(b, "</tbody></table></div>\n</details>\n");
    }
    for (size_t i = 0; i < t.count; i++)
        free(t.metrics[i]);
    free(t.metrics);
    free(t.point);
    buf_free(&t.heads);
    free(metrics);
    free(values);
    return result;
}

/* Variants that no machine like this can run, or that lack something here: once per reason. */
static int unavailable_variants(struct site *site, struct buf *b, const char *const parameters[2], struct err *e)
{
    static const struct column columns[] = {{"cannot run here", COLUMN_CODE}, {"why", COLUMN_TEXT}};
    static const char sql[] = "SELECT group_concat(variant, ' '), reason FROM (SELECT DISTINCT variant, reason "
                              "FROM points WHERE unavailable = launches ORDER BY variant) GROUP BY reason "
                              "ORDER BY 1";

    return report_tables(site->store, sql, parameters, e)
               ? -1
               : page_table(b, site->store, sql, parameters, 2, NULL, columns, 2, NULL, e);
}

static int absent_counters(struct site *site, struct buf *b, const char *const parameters[2], struct err *e)
{
    static const struct column columns[] = {{"metric", COLUMN_CODE}, {"why it is not there", COLUMN_TEXT}};
    static const char sql[] = "SELECT group_concat(metric, ' '), reason FROM (SELECT * FROM absent ORDER BY "
                              "metric) GROUP BY reason ORDER BY 1";

    return report_tables(site->store, sql, parameters, e)
               ? -1
               : page_table(b, site->store, sql, parameters, 2, "Not counted:", columns, 2, NULL, e);
}

static int tables(struct site *site, struct buf *b, const char *const parameters[2], struct err *e)
{
    if (point_table(site, b, parameters, e) || unavailable_variants(site, b, parameters, e))
        return -1;
    if (counter_table(site, b, parameters, "Counters per element", "What is not exact says so.",
                      "k.kind = 'count' AND m.metric NOT LIKE 'os.%' AND m.metric NOT LIKE '%.thread_m__'",
                      "m.value / coalesce(nullif(p.elements, 0), 1)", "'per element'", e))
        return -1;
    if (counter_table(site, b, parameters, "Derived from counters",
                      "Computed by formula; unavailable inputs give no value.",
                      "k.kind = 'derived' AND m.metric NOT LIKE '%.thread_m__'", "m.value", "k.unit", e))
        return -1;
    if (counter_table(site, b, parameters, "Resources", "Per execution, as the operating system counts them.",
                      "m.metric LIKE 'os.%'", "m.value", "CASE k.unit WHEN '1' THEN 'per execution' ELSE k.unit END",
                      e))
        return -1;
    if (counter_table(site, b, parameters, "On the GPU", "States and times: of one execution, or once in a launch.",
                      "(m.metric LIKE 'device.%' OR m.metric LIKE 'cupti.%' OR m.metric LIKE 'nvml.%') AND k.kind IN "
                      "('gauge', 'duration')",
                      "m.value", "k.unit", e))
        return -1;
    return absent_counters(site, b, parameters, e);
}

/* The kernel that the overview shows for its machine: the one with the most variants. */
static bool is_headline(const struct site *site, size_t kernel)
{
    const struct site_kernel *k = &site->kernels[kernel];

    for (size_t i = 0; i < site->kernel_count; i++) {
        const struct site_kernel *o = &site->kernels[i];

        if (o->machine == k->machine && (o->variants > k->variants || (o->variants == k->variants && i < kernel)))
            return false;
    }
    return true;
}

static int section(struct site *site, struct buf *b, size_t kernel, struct err *e)
{
    const struct site_kernel *k = &site->kernels[kernel];
    struct site_machine *m = &site->machines[k->machine];
    const char *parameters[2] = {k->run, k->name};
    char *stem = mem_format("%.*s%s%s", (int)(strlen(k->file) - strlen(".html")), k->file,
                            site->machine_count > 1 ? "-" : "", site->machine_count > 1 ? m->slug : "");
    bool headline = is_headline(site, kernel);
    int result;

    buf_addf(b, "<section class=\"machine\" id=\"%s\">\n<h2>", m->slug);
    page_textf(b, "On %s", m->name);
    buf_add(b, "</h2>\n");
    site_history_line(site, b, k->machine, k->name);
    result = site_run_line(site, b, k->run, e);
    if (!result)
        result = site_plots(site, b, "kernel", k->run, k->name, stem, headline ? &m->headline : NULL, e);
    if (!result)
        result = tables(site, b, parameters, e);
    buf_add(b, "</section>\n");
    free(stem);
    return result;
}

int site_kernel_pages(struct site *site, struct err *e)
{
    struct buf b = {0};
    int result = 0;

    for (size_t i = 0; i < site->kernel_count && !result; i++) {
        bool first = !i || strcmp(site->kernels[i - 1].name, site->kernels[i].name);
        bool last = i + 1 == site->kernel_count || strcmp(site->kernels[i + 1].name, site->kernels[i].name);

        if (first) {
            buf_clear(&b);
            site_page_begin(site, &b, site->kernels[i].name, site->kernels[i].file);
        }
        result = section(site, &b, i, e);
        if (last && !result) {
            page_end(&b);
            result = site_write(site, site->kernels[i].file, &b, e);
        }
    }
    buf_free(&b);
    return result;
}
