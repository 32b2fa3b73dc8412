/* See report_tables.h. SQLite evaluates only the tables that a query names. */
#include "report_tables.h"
#include "../harness/base/mem.h"

#include <ctype.h>
#include <strings.h>

static const char tables[] =
    "WITH runs(run) AS MATERIALIZED ("
    "  SELECT o.id FROM run r JOIN run o ON o.id = r.id OR (r.shards > 1 AND o.run_group = r.run_group"
    "    AND o.machine = r.machine AND o.shards = r.shards AND o.status = 'complete')"
    "   WHERE r.id = ?1),"
    "points AS MATERIALIZED ("
    "  SELECT p.id AS point_id, p.text AS point, p.kernel, p.variant, count(*) AS launches, sum(l.status = 'done') AS done,"
    "         sum(l.status NOT IN ('done', 'planned', 'skipped', 'unavailable')) AS failed,"
    "         sum(l.status = 'unavailable') AS unavailable, max(l.match) AS match, max(l.deviations) AS deviations,"
    "         max(l.elements) AS elements, max(l.flops) AS flops, max(l.bytes_read + l.bytes_written) AS bytes,"
    "         min(CASE WHEN l.status <> 'done' THEN l.reason END) AS reason"
    "    FROM runs CROSS JOIN launch l ON l.run = runs.run JOIN point p ON p.id = l.point"
    "   WHERE ?2 = '' OR p.kernel = ?2 GROUP BY p.id),"
    "axes AS MATERIALIZED ("
    "  SELECT p.point_id, p.kernel, a.axis, a.value, a.number FROM points p JOIN point_axis a ON a.point = p.point_id),"
    "shared_axes(kernel, axis) AS MATERIALIZED ("
    "  SELECT a.kernel, a.axis FROM axes a GROUP BY a.kernel, a.axis"
    "  HAVING count(*) = (SELECT count(*) FROM points q WHERE q.kernel = a.kernel)),"
    "sweep(kernel, axis, least, most) AS MATERIALIZED ("
    "  SELECT kernel, axis, least, most FROM (SELECT a.kernel, a.axis, min(a.number) AS least, max(a.number) AS most,"
    "    row_number() OVER (PARTITION BY a.kernel"
    "      ORDER BY a.axis IN ('threads', 'procs'), count(DISTINCT a.number) DESC, a.axis DESC) AS nth"
    "    FROM axes a JOIN shared_axes s USING (kernel, axis) WHERE a.number IS NOT NULL"
    "   GROUP BY a.kernel, a.axis HAVING count(DISTINCT a.number) > 1) WHERE nth = 1),"
    "varying(kernel, axis) AS MATERIALIZED ("
    "  SELECT a.kernel, a.axis FROM axes a JOIN shared_axes s USING (kernel, axis)"
    "   GROUP BY a.kernel, a.axis HAVING count(DISTINCT a.value) > 1),"
    "places AS MATERIALIZED ("
    "  SELECT p.point_id,"
    "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT a.axis || '=' || a.value AS t FROM axes a"
    "      JOIN shared_axes USING (kernel, axis) WHERE a.point_id = p.point_id ORDER BY a.axis)), '') AS setting,"
    "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT a.axis || '=' || a.value AS t FROM axes a WHERE a.point_id = p.point_id"
    "      AND a.axis NOT IN (SELECT axis FROM shared_axes s WHERE s.kernel = p.kernel) ORDER BY a.axis)), '') AS own,"
    "    coalesce((SELECT a.number FROM axes a WHERE a.point_id = p.point_id AND a.axis IN ('threads', 'procs')), 0) AS workers,"
    "    (SELECT a.number FROM axes a JOIN sweep USING (kernel, axis) WHERE a.point_id = p.point_id) AS x,"
    "    coalesce((SELECT group_concat(t, ' ') FROM (SELECT a.axis || '=' || a.value AS t FROM axes a"
    "      JOIN varying USING (kernel, axis) WHERE a.point_id = p.point_id"
    "      AND a.axis NOT IN (SELECT axis FROM sweep w WHERE w.kernel = p.kernel) ORDER BY a.axis)), '') AS rest"
    "    FROM points p),"
    "measured AS MATERIALIZED ("
    "  SELECT p.point_id, m.name AS metric, s.median AS value, s.low, s.high, s.n, m.unit, q.text AS quality"
    "    FROM runs CROSS JOIN points p JOIN summary s ON s.run = runs.run AND s.point = p.point_id"
    "    JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality),"
    "timed AS MATERIALIZED ("
    "  SELECT p.*, l.setting, l.own, l.workers, l.x, l.rest, m.value AS time, m.low, m.high, m.n,"
    "         m.value / coalesce(nullif(p.elements, 0), 1) AS per_element"
    "    FROM points p JOIN places l USING (point_id) JOIN measured m USING (point_id)"
    "   WHERE m.metric = 'wall.time' AND m.value > 0 AND coalesce(p.match, 0) < 2),"
    "best AS MATERIALIZED ("
    "  SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY kernel, variant, setting) AS ways,"
    "    row_number() OVER (PARTITION BY kernel, variant, setting ORDER BY time, point) AS nth FROM timed) WHERE nth = 1),"
    "headline(kernel, setting) AS MATERIALIZED ("
    "  SELECT kernel, setting FROM (SELECT kernel, setting, row_number() OVER (PARTITION BY kernel ORDER BY"
    "    count(DISTINCT variant) DESC, kernel = 'mandelbrot' AND max(elements) = 51414419 DESC, max(elements) DESC, setting DESC)"
    "    AS nth FROM best GROUP BY kernel, setting) WHERE nth = 1),"
    "rung AS MATERIALIZED ("
    "  SELECT b.*, row_number() OVER (PARTITION BY kernel ORDER BY time DESC, variant) - 1 AS place,"
    "    max(time) OVER (PARTITION BY kernel) / time AS speedup,"
    "    variant || CASE WHEN workers > 0 THEN printf(' \xc3\x97%d', workers) ELSE '' END AS label,"
    "    CASE WHEN match IS NULL THEN 'not verified' WHEN match = 0 THEN 'same bits'"
    "         WHEN deviations > 0 THEN printf('%,d differ', deviations) ELSE 'in tolerance' END AS class"
    "    FROM best b JOIN headline USING (kernel, setting)),"
    "curve AS MATERIALIZED ("
    "  SELECT variant || CASE WHEN rest <> '' THEN ' ' || rest ELSE '' END AS series, * FROM best WHERE x IS NOT NULL),"
    "absent(metric, reason) AS ("
    "  SELECT DISTINCT m.name, rtrim(substr(q.text, 13), ')') FROM runs CROSS JOIN launch l ON l.run = runs.run"
    "    JOIN points p ON p.point_id = l.point JOIN sample s ON s.launch = l.id JOIN metric m ON m.id = s.metric"
    "    JOIN quality q ON q.id = s.quality WHERE q.text LIKE 'unavailable%')";

char *report_tables_query(const char *sql)
{
    while (isspace((unsigned char)*sql))
        sql++;
    if (!strncasecmp(sql, "WITH", 4) && isspace((unsigned char)sql[4]))
        return mem_format("%s, %s", tables, sql + 5);
    return mem_format("%s %s", tables, sql);
}
