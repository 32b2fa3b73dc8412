/* The first page: what happened, what did not work, what there is. */
#include "report_site.h"
#include "report_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int troubles(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const struct column columns[] = {
        {"point", COLUMN_CODE}, {"launches", COLUMN_INTEGER}, {"outcome", COLUMN_VERDICT}, {"why", COLUMN_TEXT}};

    return page_table(
        b, site->store,
        "SELECT p.text, count(*), l.status, coalesce(l.reason, '') FROM planned_launch l JOIN point p ON p.id = l.point"
        " WHERE l.run = ?1 AND p.role = '' AND l.status NOT IN ('done', 'planned', 'skipped')"
        " GROUP BY p.text, l.status, l.reason ORDER BY l.status = 'unavailable', l.status, p.text LIMIT 200",
        &run, 1, "Launches by outcome", columns, 4, NULL, e);
}

/* Counters that the run lacks, once per reason. */
static int missing(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const struct column columns[] = {{"not counted", COLUMN_CODE}, {"why", COLUMN_TEXT}};
    const char *parameters[] = {run, ""};
    static const char sql[] = "SELECT group_concat(metric, ' '), reason FROM (SELECT * FROM absent ORDER BY metric)"
                              " GROUP BY reason ORDER BY 1";

    return report_tables(site->store, sql, parameters, e)
               ? -1
               : page_table(b, site->store, sql, parameters, 2, "Counters", columns, 2, NULL, e);
}

static int not_measured(struct site *site, struct buf *b, const char *run, struct err *e)
{
    struct buf tables = {0};
    int result = troubles(site, &tables, run, e);

    if (!result)
        result = missing(site, &tables, run, e);
    if (tables.length)
        buf_addf(b, "<h3>What could not be measured, and why</h3>\n%s", tables.text);
    buf_free(&tables);
    return result;
}

static int add_kernel(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct buf *b = user;

    (void)count;
    (void)e;
    page_textf(b, ": %.0f point%s, %.0f variant%s", cells[0].number, cells[0].number > 1 ? "s" : "", cells[1].number,
               cells[1].number > 1 ? "s" : "");
    if (cells[2].text && cells[3].number > 1.005)
        page_textf(b, "; %s is %.3g times as fast as the slowest%s%s", cells[2].text, cells[3].number,
                   cells[4].text && *cells[4].text ? " at " : "", cells[4].text ? cells[4].text : "");
    return 0;
}

static int kernel_line(struct site *site, struct buf *b, const struct site_kernel *k, struct err *e)
{
    const struct site_machine *m = &site->machines[k->machine];
    const char *parameters[] = {k->run, k->name};
    static const char sql[] = "SELECT (SELECT count(*) FROM points), (SELECT count(DISTINCT variant) FROM points),"
                              " (SELECT label FROM rung ORDER BY place DESC LIMIT 1), (SELECT max(speedup) FROM rung),"
                              " (SELECT max(setting) FROM shown)";
    int result = report_tables(site->store, sql, parameters, e);

    buf_addf(b, "<li><a href=\"%s#%s\">", k->file, m->slug);
    page_text(b, k->name);
    buf_add(b, "</a>");
    if (!result)
        result = store_query(site->store, sql, parameters, 2, add_kernel, b, e);
    if (strcmp(k->run, m->run))
        page_textf(b, " (from run %s)", k->run);
    buf_add(b, "</li>\n");
    return result;
}

/* Those with something to act on first. */
static int kernels(struct site *site, struct buf *b, size_t machine, struct err *e)
{
    int result = 0, most = 0;

    for (size_t i = 0; i < site->kernel_count; i++) {
        int rank = site_history_rank(site, machine, site->kernels[i].name);

        most = rank > most ? rank : most;
    }
    buf_add(b, "<h3>Kernels</h3>\n<ul>\n");
    for (int rank = 0; rank <= most; rank++)
        for (size_t i = 0; i < site->kernel_count && !result; i++)
            if (site->kernels[i].machine == machine && site_history_rank(site, machine, site->kernels[i].name) == rank)
                result = kernel_line(site, b, &site->kernels[i], e);
    buf_add(b, "</ul>\n");
    return result;
}

static int section(struct site *site, struct buf *b, size_t machine, struct err *e)
{
    const struct site_machine *m = &site->machines[machine];
    char stem[40];

    snprintf(stem, sizeof stem, "overview-%s", m->slug);
    buf_addf(b, "<section class=\"machine\" id=\"%s\">\n<h2>", m->slug);
    page_text(b, m->name);
    buf_add(b, "</h2>\n");
    if (site_verdicts(site, b, m, e))
        return -1;
    site_history_overview(site, b, machine);
    if (site_run_line(site, b, m->run, e))
        return -1;
    buf_add(b, buf_text(&m->headline));
    if (site_plots(site, b, "overview", m->run, "", site->machine_count > 1 ? stem : "overview", NULL, e) ||
        kernels(site, b, machine, e) || not_measured(site, b, m->run, e))
        return -1;
    buf_add(b, "</section>\n");
    return 0;
}

static int runs(struct site *site, struct buf *b, struct err *e)
{
    static const struct column columns[] = {
        {"run", COLUMN_CODE},       {"machine", COLUMN_TEXT},     {"plan", COLUMN_TEXT},
        {"started", COLUMN_TIME},   {"took", COLUMN_SECONDS},     {"commit", COLUMN_CODE},
        {"status", COLUMN_VERDICT}, {"launches", COLUMN_INTEGER}, {"not done", COLUMN_INTEGER},
    };

    buf_add(b, "<h2>Runs</h2>\n");
    return page_table(
        b, site->store,
        "SELECT r.id, m.name, r.plan || CASE WHEN r.shards > 1 THEN printf(' %d/%d', r.shard, r.shards) ELSE '' END"
        " || CASE WHEN r.scripted THEN ' (scripted)' ELSE '' END, r.started, r.finished - r.started,"
        " substr(b.commit_id, 1, 12) || CASE WHEN b.dirty THEN '+' ELSE '' END, r.status,"
        " (SELECT count(*) FROM planned_launch l WHERE l.run = r.id),"
        " (SELECT count(*) FROM planned_launch l WHERE l.run = r.id AND l.status <> 'done')"
        " FROM run r JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build"
        " ORDER BY r.started DESC, r.id DESC LIMIT 30",
        NULL, 0, "The newest 30; a + behind the commit: with changes that were not committed.", columns,
        sizeof columns / sizeof *columns, NULL, e);
}

int site_overview(struct site *site, struct err *e)
{
    struct buf b = {0};
    int result = 0;

    site_page_begin(site, &b, site->title, "index.html");
    for (size_t i = 0; i < site->machine_count && !result; i++)
        result = section(site, &b, i, e);
    if (!result)
        result = runs(site, &b, e);
    page_end(&b);
    if (!result)
        result = site_write(site, "index.html", &b, e);
    buf_free(&b);
    return result;
}
