/* See report_tables.h. */
#include "report_tables.h"

#include <ctype.h>
#include <string.h>

static const struct report_table tables[] = {
    {"runs", NULL,
     "SELECT o.id AS run FROM run r JOIN run o ON o.id = r.id OR (r.shards > 1 AND o.run_group = r.run_group"
     "    AND o.machine = r.machine AND o.shards = r.shards AND o.status = 'complete')"
     "   WHERE r.id = ?1"},
    {"own_launches", NULL, "SELECT l.* FROM runs CROSS JOIN planned_launch l ON l.run = runs.run"},
    {"points", "point_id",
     "SELECT p.id AS point_id, p.text AS point, p.kernel, p.variant, count(*) AS launches, sum(l.status = 'done') AS "
     "done,"
     "         sum(l.status NOT IN ('done', 'planned', 'skipped', 'unavailable')) AS failed,"
     "         sum(l.status = 'unavailable') AS unavailable, max(l.match) AS match, max(l.deviations) AS deviations,"
     "         max(l.elements) AS elements, max(l.flops) AS flops, max(l.bytes_read + l.bytes_written) AS bytes,"
     "         min(CASE WHEN l.status <> 'done' THEN l.reason END) AS reason"
     "    FROM own_launches l JOIN point p ON p.id = l.point"
     "   WHERE p.role = '' AND (?2 = '' OR p.kernel = ?2) GROUP BY p.id"},
    /* What could not run here must not shape what is drawn of the others. */
    {"axes", "point_id",
     "SELECT p.point_id, p.kernel, p.variant, a.axis, a.value, a.number FROM points p JOIN point_axis a"
     "    ON a.point = p.point_id WHERE p.done > 0"},
    {"shared_axes", NULL,
     "SELECT a.kernel, a.axis FROM axes a GROUP BY a.kernel, a.axis"
     "  HAVING count(*) = (SELECT count(*) FROM points q WHERE q.kernel = a.kernel AND q.done > 0)"},
    /* Different numbers in different variants make no curve. */
    {"swept", NULL,
     "SELECT DISTINCT kernel, axis FROM (SELECT kernel, axis FROM axes GROUP BY kernel, axis, variant"
     "    HAVING count(DISTINCT number) > 1)"},
    {"sweep", NULL,
     "SELECT kernel, axis, least, most FROM (SELECT a.kernel, a.axis, min(a.number) AS least, max(a.number) AS most,"
     "    row_number() OVER (PARTITION BY a.kernel"
     "      ORDER BY a.axis IN ('threads', 'procs'), count(DISTINCT a.number) DESC, a.axis DESC) AS nth"
     "    FROM axes a JOIN shared_axes s USING (kernel, axis) JOIN swept USING (kernel, axis) WHERE a.number IS NOT "
     "NULL"
     "   GROUP BY a.kernel, a.axis) WHERE nth = 1"},
    {"varying", NULL,
     "SELECT a.kernel, a.axis FROM axes a JOIN shared_axes s USING (kernel, axis)"
     "   GROUP BY a.kernel, a.axis HAVING count(DISTINCT a.value) > 1"},
    {"places", "point_id",
     "SELECT p.point_id,"
     "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT a.axis || '=' || a.value AS t FROM axes a"
     "      JOIN shared_axes USING (kernel, axis) WHERE a.point_id = p.point_id ORDER BY a.axis)), '') AS setting,"
     "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT CASE WHEN a.number IS NULL THEN a.value ELSE a.axis || "
     "'=' "
     "|| a.value END AS t FROM axes a"
     "      WHERE a.point_id = p.point_id"
     "      AND a.axis NOT IN (SELECT axis FROM shared_axes s WHERE s.kernel = p.kernel) ORDER BY a.axis)), '') AS own,"
     "    coalesce((SELECT a.number FROM axes a WHERE a.point_id = p.point_id AND a.axis IN ('threads', 'procs')), 0) "
     "AS workers,"
     "    (SELECT a.value FROM axes a WHERE a.point_id = p.point_id AND a.axis = 'result') AS result,"
     "    (SELECT a.number FROM axes a JOIN sweep USING (kernel, axis) WHERE a.point_id = p.point_id) AS x,"
     "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT CASE WHEN a.number IS NULL THEN a.value ELSE a.axis || "
     "'=' "
     "|| a.value END AS t FROM axes a"
     "      JOIN varying USING (kernel, axis) WHERE a.point_id = p.point_id"
     "      AND a.axis NOT IN (SELECT axis FROM sweep w WHERE w.kernel = p.kernel) ORDER BY a.axis)), '') AS rest"
     "    FROM points p"},
    /* A point's launches may be spread over shards: their medians are taken anew, formulas averaged. */
    {"ranked", NULL,
     "SELECT l.point, a.metric, a.median, a.quality, row_number() OVER launches AS nth, count(*) OVER whole AS n"
     "    FROM own_launches l JOIN points p ON p.point_id = l.point"
     "    JOIN launch_summary a ON a.launch = l.id WHERE (SELECT count(*) FROM runs) > 1"
     "    WINDOW whole AS (PARTITION BY l.point, a.metric), launches AS (whole ORDER BY a.median)"},
    {"summarised", NULL,
     "SELECT s.point, s.metric, avg(s.median) AS value, min(s.low) AS low, max(s.high) AS high, max(s.n) AS n,"
     "         max(s.quality) AS quality"
     "    FROM runs CROSS JOIN points p CROSS JOIN summary s INDEXED BY summary_run ON s.run = runs.run AND s.point = "
     "p.point_id"
     "   WHERE (SELECT count(*) FROM runs) = 1 OR s.n = 0 GROUP BY s.point, s.metric"
     "  UNION ALL SELECT point, metric, avg(CASE WHEN nth IN ((n + 1) / 2, (n + 2) / 2) THEN median END), min(median), "
     "max(median),"
     "         max(n), max(quality) FROM ranked GROUP BY point, metric"},
    {"measured", "point_id",
     "SELECT s.point AS point_id, m.name AS metric, s.value, s.low, s.high, s.n, m.unit, q.text AS quality"
     "    FROM summarised s JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality"},
    /* What computes on a device has times of its own; a result brought to the host is another thing to wait for. */
    {"devices", "point_id", "SELECT DISTINCT point_id FROM measured WHERE metric LIKE 'device.%'"},
    {"timed", "point_id",
     "SELECT p.*, l.setting, l.own, l.workers, l.x, l.rest, m.value AS time, m.low, m.high, m.n,"
     "         m.value / coalesce(nullif(p.elements, 0), 1) AS per_element, d.point_id IS NOT NULL AS device,"
     "         d.point_id IS NOT NULL AND l.result = 'host' AS to_host,"
     "         p.variant || CASE WHEN d.point_id IS NULL THEN '' WHEN l.result = 'host' THEN ' (GPU, to host)'"
     "           ELSE ' (GPU)' END AS name"
     "    FROM points p JOIN places l USING (point_id) JOIN measured m USING (point_id) LEFT JOIN devices d USING "
     "(point_id)"
     "   WHERE m.metric = 'wall.time' AND m.value > 0 AND coalesce(p.match, 0) < 2"},
    {"best", "point_id",
     "SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY kernel, name, setting) AS ways,"
     "    row_number() OVER (PARTITION BY kernel, name, setting ORDER BY time, point) AS nth FROM timed) WHERE nth = "
     "1"},
    {"headline", NULL,
     "SELECT kernel, setting FROM (SELECT kernel, setting, row_number() OVER (PARTITION BY kernel ORDER BY"
     "    count(DISTINCT variant) DESC, kernel = 'mandelbrot' AND max(elements) = 51414419 DESC, max(elements) DESC, "
     "setting DESC)"
     "    AS nth FROM best GROUP BY kernel, setting) WHERE nth = 1"},
    {"rung", NULL,
     "SELECT b.*, row_number() OVER (PARTITION BY kernel ORDER BY time DESC, variant) - 1 AS place,"
     "    max(time) OVER (PARTITION BY kernel) / time AS speedup,"
     "    name || CASE WHEN workers > 0 THEN printf(' \xc3\x97%d', workers) ELSE '' END AS label,"
     "    CASE WHEN match IS NULL THEN 'not verified' WHEN match = 0 THEN 'same bits'"
     "         WHEN deviations > 0 THEN printf('%,d differ', deviations) ELSE 'in tolerance' END AS class"
     "    FROM best b JOIN headline USING (kernel, setting)"},
    {"curve", NULL,
     "SELECT name || CASE WHEN rest <> '' THEN ' ' || rest ELSE '' END AS series, * FROM best WHERE x IS NOT NULL"},
    {"frame", NULL,
     "SELECT *, CASE in_bytes WHEN 0 THEN printf('%.10g', least) ELSE cm_bytes(least) END AS least_text,"
     "    CASE in_bytes WHEN 0 THEN printf('%.10g', most) ELSE cm_bytes(most) END AS most_text FROM ("
     "  SELECT w.axis, w.least, w.most, count(DISTINCT c.x) AS steps,"
     "    coalesce(min(c.bytes / c.x) > 0.25 AND max(c.bytes / c.x) < 1.5 AND max(c.bytes / c.x) < 1.3 * min(c.bytes / "
     "c.x), 0)"
     "      AS in_bytes,"
     "    json_extract(m.facts, '$.\"cache.L1d.bytes\"') AS l1, json_extract(m.facts, '$.\"cache.L2.bytes\"') AS l2,"
     "    json_extract(m.facts, '$.\"cache.L3.bytes\"') AS l3"
     "    FROM curve c JOIN sweep w USING (kernel) JOIN run r ON r.id = ?1 JOIN machine m ON m.id = r.machine"
     "   GROUP BY w.axis)"},
    {"shown", NULL,
     "SELECT CASE WHEN in_bytes THEN replace(h.setting, axis || '=' || CAST(r.x AS INTEGER), axis || '=' || "
     "cm_bytes(r.x))"
     "    ELSE h.setting END AS setting FROM headline h JOIN (SELECT max(x) AS x FROM rung) r LEFT JOIN frame"},
    {"counted", NULL,
     "SELECT r.label, r.place, a.metric, a.value, a.value / coalesce(nullif(r.elements, 0), 1) AS per_element, "
     "a.quality"
     "    FROM rung r JOIN measured a USING (point_id)"},
    /* Simulated counts, at the setting where most variants have them: the headline's is mostly too large. */
    {"simulated", NULL,
     "SELECT b.name || CASE WHEN workers > 0 THEN printf(' \xc3\x97%d', workers) ELSE '' END AS label, a.metric,"
     "    a.value / coalesce(nullif(b.elements, 0), 1) AS per_element, b.setting, b.time"
     "    FROM best b JOIN measured a USING (point_id) WHERE a.metric LIKE 'callgrind.%' AND b.setting = ("
     "      SELECT setting FROM best JOIN measured USING (point_id) WHERE metric = 'callgrind.instructions'"
     "       GROUP BY setting ORDER BY count(*) DESC, max(elements) DESC LIMIT 1)"},
    {"scaled", NULL,
     "SELECT *, min(CASE WHEN workers = 1 THEN time END) OVER way / time AS gain, count(*) OVER way AS steps,"
     "    min(time) OVER way AS quickest"
     "    FROM (SELECT *, variant || replace(replace(' ' || own, ' threads=' || CAST(workers AS INTEGER), ''),"
     "      ' procs=' || CAST(workers AS INTEGER), '') AS series"
     "      FROM timed JOIN headline USING (kernel, setting) WHERE workers > 0) WINDOW way AS (PARTITION BY series)"},
    {"balance", NULL,
     "SELECT t.variant || ' ' || t.own AS label, 100 * a.value / b.value AS share"
     "    FROM timed t JOIN headline h USING (kernel, setting)"
     "    JOIN measured a ON a.point_id = t.point_id AND a.metric = 'papi.PAPI_TOT_INS.thread_min'"
     "    JOIN measured b ON b.point_id = t.point_id AND b.metric = 'papi.PAPI_TOT_INS.thread_max' AND b.value > 0"
     "   WHERE t.workers <> 1"},
    /* The machine's anchors up to this run: each against the first run that the same program measured. */
    {"anchored", NULL,
     "SELECT series, nth, change FROM (SELECT p.variant AS series, dense_rank() OVER (ORDER BY r.started, r.id) AS "
     "nth,"
     "    100 * (s.median / first_value(s.median) OVER (PARTITION BY p.id ORDER BY r.started, r.id) - 1) AS change,"
     "    dense_rank() OVER (ORDER BY r.started DESC, r.id DESC) AS back"
     "    FROM run o JOIN machine a ON a.id = o.machine CROSS JOIN point p CROSS JOIN metric m"
     "    CROSS JOIN summary s ON s.point = p.id AND s.metric = m.id JOIN run r ON r.id = s.run"
     "    JOIN machine c ON c.id = r.machine AND c.name = a.name"
     "   WHERE o.id = ?1 AND p.role = 'anchor' AND m.name = 'wall.time' AND s.median > 0 AND r.scripted = o.scripted"
     "     AND (r.status = 'complete' OR r.id = o.id) AND (r.started, r.id) <= (o.started, o.id)) WHERE back <= 100"},
    {"absent", NULL,
     "SELECT DISTINCT m.name AS metric, substr(q.text, 13, length(q.text) - 13) AS reason FROM own_launches l"
     "    JOIN points p ON p.point_id = l.point JOIN sample s ON s.launch = l.id JOIN metric m ON m.id = s.metric"
     "    JOIN quality q ON q.id = s.quality WHERE q.text LIKE 'unavailable%'"},
    {"uncounted", NULL,
     "SELECT coalesce((SELECT reason FROM absent WHERE metric LIKE 'papi.%' LIMIT 1),"
     "    'this run counted nothing of the kind; countermark doctor tells what this machine can count.') AS reason"},
};

enum { OWN = sizeof tables / sizeof *tables, ALL_AT_MOST = 2 * OWN };

static const struct report_table *table_at(size_t i)
{
    return i < OWN ? &tables[i] : &report_tables_gpu[i - OWN];
}

/* The table of that name among the first `end`, or `end`. */
static size_t find(const char *word, size_t length, size_t end)
{
    size_t i = 0;

    while (i < end && (strncmp(table_at(i)->name, word, length) || table_at(i)->name[length]))
        i++;
    return i;
}

struct maker {
    struct store *store;
    const char *const *parameters;
    bool made[ALL_AT_MOST]; /* in this call */
};

/* What `sql` may name is made first; a column of the same name costs time alone. Tables name those that stand before them only. */
static int make_named(struct maker *m, const char *sql, size_t end, struct err *e)
{
    while (*sql) {
        size_t length = 0, i;

        while (isalnum((unsigned char)sql[length]) || sql[length] == '_')
            length++;
        i = length ? find(sql, length, end) : end;
        sql += length ? length : 1;
        if (i == end || m->made[i])
            continue;
        m->made[i] = true;
        if (make_named(m, table_at(i)->sql, i, e) ||
            store_table(m->store, table_at(i)->name, table_at(i)->key, table_at(i)->sql, m->parameters, 2, e))
            return -1;
    }
    return 0;
}

int report_tables(struct store *s, const char *sql, const char *const parameters[2], struct err *e)
{
    struct maker m = {.store = s, .parameters = parameters};
    size_t count = OWN;

    while (report_tables_gpu[count - OWN].name)
        count++;
    return make_named(&m, sql, count, e);
}
