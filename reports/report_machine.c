/* The machines' page: what each machine, its environment and the build were, and plots about the run as a whole. */
#include "report_site.h"

#include <stdio.h>
#include <string.h>

/* Facts of one JSON column, as name and value; sizes in bytes are scaled. */
static int facts(struct site *site, struct buf *b, const char *run, const char *heading, const char *sql, struct err *e)
{
    static const struct column columns[] = {{"fact", COLUMN_CODE}, {"value", COLUMN_TEXT}};

    buf_addf(b, "<h3>%s</h3>\n", heading);
    return page_table(b, site->store, sql, &run, 1, NULL, columns, 2, NULL, e);
}

#define FACTS_FROM(table, facts, on)                                                                                   \
    "SELECT f.key, CASE WHEN f.key LIKE '%.bytes' AND f.value > 0 THEN cm_bytes(f.value) ELSE f.value END"             \
    " FROM run r JOIN " table " t ON t.id = r." on ", json_each(t." facts ") f WHERE r.id = ?1 ORDER BY f.key"

/* A row per GPU; bare numbers get the unit that their fact has. */
static const char gpu_rows[] =
    "WITH fact(n, name, value) AS ("
    "  SELECT CAST(substr(f.key, 5) AS INTEGER), substr(f.key, 5 + instr(substr(f.key, 5), '.')), nullif(f.value, '0')"
    "    FROM run r"
    "    JOIN (SELECT 1 AS kind, id, facts FROM machine UNION ALL SELECT 2, id, facts FROM environment) t"
    "      ON t.id = CASE t.kind WHEN 1 THEN r.machine ELSE r.environment END, json_each(t.facts) f"
    "   WHERE r.id = ?1 AND f.key GLOB 'gpu.[0-9]*.*'),"
    "shown(n, name, value) AS ("
    "  SELECT n, name, CASE WHEN value GLOB '*[^0-9.]*' THEN value WHEN name LIKE '%.bytes' THEN cm_bytes(value)"
    "    WHEN name LIKE '%clock.max' THEN value || ' MHz' WHEN name = 'power_limit' THEN value || ' W'"
    "    WHEN name = 'memory.bus' THEN value || ' bit wide' ELSE value END FROM fact)"
    " SELECT max(CASE name WHEN 'name' THEN value END) || char(10) || 'number ' || n,"
    "   max(CASE name WHEN 'capability' THEN value END), max(CASE name WHEN 'sms' THEN value END),"
    "   max(CASE name WHEN 'l2.bytes' THEN value END),"
    "   max(CASE name WHEN 'memory.bytes' THEN value END) || char(10)"
    "     || max(CASE name WHEN 'memory.bus' THEN value ELSE '' END),"
    "   max(CASE name WHEN 'sm_clock.max' THEN value END) || char(10)"
    "     || coalesce('memory ' || max(CASE name WHEN 'memory_clock.max' THEN value END), ''),"
    "   max(CASE name WHEN 'power_limit' THEN value END),"
    "   'ECC ' || coalesce(max(CASE name WHEN 'ecc' THEN value END), 'not known') || char(10)"
    "     || 'MIG ' || coalesce(max(CASE name WHEN 'mig' THEN value END), 'not known')"
    " FROM shown GROUP BY n ORDER BY n";

/* The GPUs, a row each, and what drives them; nothing on machines without. */
static int gpus(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const struct column columns[] = {
        {"GPU", COLUMN_STACKED},      {"capability", COLUMN_TEXT},  {"multiprocessors", COLUMN_TEXT},
        {"L2", COLUMN_TEXT},          {"memory", COLUMN_STACKED},   {"clocks at most", COLUMN_STACKED},
        {"power limit", COLUMN_TEXT}, {"ECC, MIG", COLUMN_STACKED},
    };
    static const struct column software[] = {{"for GPUs", COLUMN_CODE}, {"version", COLUMN_TEXT}};
    static const char versions[] =
        "SELECT f.key, f.value FROM run r JOIN environment v ON v.id = r.environment, json_each(v.facts) f"
        " WHERE r.id = ?1 AND (f.key IN ('gpu.driver', 'gpu.cuda') OR f.key LIKE '%cupti%') ORDER BY f.key DESC";
    struct buf table = {0};
    int result =
        page_table(&table, site->store, gpu_rows, &run, 1, NULL, columns, sizeof columns / sizeof *columns, NULL, e);

    if (!result && table.length)
        result = page_table(&table, site->store, versions, &run, 1, NULL, software, 2, NULL, e);
    if (table.length)
        buf_addf(b, "<h3>GPU</h3>\n%s", table.text);
    buf_free(&table);
    return result;
}

static int build_facts(struct site *site, struct buf *b, const char *run, struct err *e)
{
    return facts(
        site, b, run, "Build",
        "SELECT k, v FROM (SELECT 1 AS place, 'commit' AS k, commit_id AS v, * FROM build"
        " UNION ALL SELECT 2, 'branch', branch, * FROM build UNION ALL SELECT 3, 'subject', subject, * FROM build"
        " UNION ALL SELECT 4, 'working tree', CASE WHEN dirty THEN 'with changes that are not committed' ELSE 'clean' "
        "END,"
        " * FROM build UNION ALL SELECT 5, 'compiler', compiler, * FROM build"
        " UNION ALL SELECT 6, 'flags', flags, * FROM build UNION ALL SELECT 7, 'program', binary_hash, * FROM build"
        " UNION ALL SELECT 8, f.key, f.value, t.* FROM build t, json_each(t.facts) f) b"
        " JOIN run r ON r.build = b.id WHERE r.id = ?1 AND v <> '' ORDER BY place, k",
        e);
}

static int section(struct site *site, struct buf *b, const struct site_machine *m, struct err *e)
{
    char stem[40];

    buf_addf(b, "<section class=\"machine\" id=\"%s\">\n<h2>", m->slug);
    page_text(b, m->name);
    buf_add(b, "</h2>\n");
    snprintf(stem, sizeof stem, "machine-%s", m->slug);
    if (site_run_line(site, b, m->run, e) ||
        site_plots(site, b, "machine", m->run, "", site->machine_count > 1 ? stem : "machine", NULL, e) ||
        site_truth(site, b, m->run, e) || gpus(site, b, m->run, e) ||
        facts(site, b, m->run, "Machine", FACTS_FROM("machine", "facts", "machine"), e) ||
        facts(site, b, m->run, "Environment", FACTS_FROM("environment", "facts", "environment"), e) ||
        build_facts(site, b, m->run, e))
        return -1;
    buf_add(b, "</section>\n");
    return 0;
}

int site_machine_page(struct site *site, struct err *e)
{
    struct buf b = {0};
    int result = 0;

    site_page_begin(site, &b, site->machine_count > 1 ? "Machines" : "Machine", "machine.html");
    for (size_t i = 0; i < site->machine_count && !result; i++)
        result = section(site, &b, &site->machines[i], e);
    page_end(&b);
    if (!result)
        result = site_write(site, "machine.html", &b, e);
    buf_free(&b);
    return result;
}
