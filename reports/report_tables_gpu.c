/* Tables about GPUs and about the ceilings of a machine; see report_tables.h. */
#include "report_tables.h"

const struct report_table report_tables_gpu[] = {
    {"gpu_setting", NULL,
     "SELECT kernel, setting FROM (SELECT kernel, setting, row_number() OVER (PARTITION BY kernel ORDER BY"
     "    count(*) DESC, max(elements) DESC, setting DESC) AS nth FROM best WHERE device GROUP BY kernel, setting)"
     "   WHERE nth = 1"},
    {"gpu_rung", NULL,
     "SELECT b.*, row_number() OVER (PARTITION BY kernel ORDER BY time DESC, name) - 1 AS place,"
     "    variant || CASE WHEN to_host THEN ' (to host)' ELSE '' END AS label"
     "    FROM best b JOIN gpu_setting USING (kernel, setting) WHERE device"},
    {"gpu", NULL,
     "SELECT r.label, r.place, r.setting, r.time AS wall, r.point_id, a.metric, a.value, a.quality"
     "    FROM gpu_rung r JOIN measured a USING (point_id)"
     "   WHERE a.metric LIKE 'device.%' OR a.metric LIKE 'cupti.%' OR a.metric LIKE 'nvml.%'"},
    /* Tracing disturbs: what it finds is cut to what the undisturbed time allows. */
    {"gpu_split", NULL,
     "SELECT label, place, setting, wall, busy, kernels, max(min(copies, busy - kernels), 0) AS copies FROM ("
     "  SELECT r.label, r.place, r.setting, r.wall, r.busy, min(k.value, r.busy) AS kernels,"
     "    coalesce(c.value, 0) + coalesce(z.value, 0) AS copies"
     "    FROM (SELECT label, place, setting, wall, point_id, min(value, wall) AS busy FROM gpu"
     "      WHERE metric = 'device.time' AND value > 0) r"
     "    LEFT JOIN gpu k ON k.point_id = r.point_id AND k.metric = 'cupti.kernel_time'"
     "    LEFT JOIN gpu c ON c.point_id = r.point_id AND c.metric = 'cupti.copy_time'"
     "    LEFT JOIN gpu z ON z.point_id = r.point_id AND z.metric = 'cupti.set_time')"},
    /* From the few points of two kernels to their runs: a database may hold years of others. Shards count as one run. */
    {"ceiling_points", NULL,
     "SELECT p.id, p.kernel, p.text AS point, r.run_group, max(r.started) OVER (PARTITION BY r.run_group) AS started,"
     "    CASE WHEN d.median IS NULL THEN 'CPU' ELSE 'GPU' END AS place, coalesce(d.median, t.median) AS time,"
     "    CASE p.kernel WHEN 'copy' THEN 'bandwidth' ELSE coalesce((SELECT value FROM point_axis x"
     "      WHERE x.point = p.id AND x.axis = 'precision'), 'fp64') END AS what,"
     "    (SELECT max(l.flops) FROM launch l WHERE l.point = p.id AND l.run = t.run) AS flops,"
     "    (SELECT max(l.bytes_read + l.bytes_written) FROM launch l WHERE l.point = p.id AND l.run = t.run) AS bytes"
     "    FROM run mine CROSS JOIN point p JOIN summary t ON t.point = p.id"
     "      AND t.metric = (SELECT id FROM metric WHERE name = 'wall.time')"
     "    JOIN run r ON r.id = t.run AND r.machine = mine.machine AND r.scripted = mine.scripted"
     "      AND (r.status = 'complete' OR r.id = mine.id)"
     "    LEFT JOIN summary d ON d.point = p.id AND d.run = t.run"
     "      AND d.metric = (SELECT id FROM metric WHERE name = 'device.time')"
     "   WHERE mine.id = ?1 AND p.kernel IN ('peak', 'copy')"
     "     AND NOT EXISTS (SELECT 1 FROM launch l WHERE l.point = p.id AND l.run = t.run AND l.match = 2)"},
    {"ceilings", NULL,
     "SELECT place, what, rate, point, bytes, what = 'bandwidth' AND bytes < 2 * coalesce(CASE place WHEN 'GPU' THEN"
     "    json_extract(m.facts, '$.\"gpu.0.l2.bytes\"') ELSE coalesce(json_extract(m.facts, '$.\"cache.L3.bytes\"'),"
     "    json_extract(m.facts, '$.\"cache.L2.bytes\"')) END, 0) AS cached FROM (SELECT *, row_number() OVER "
     "(PARTITION "
     "BY place, what"
     "    ORDER BY started DESC, run_group, CASE kernel WHEN 'copy' THEN bytes END DESC, rate DESC) AS nth"
     "    FROM (SELECT *, CASE kernel WHEN 'copy' THEN bytes ELSE flops END / time AS rate FROM ceiling_points)"
     "   WHERE rate > 0) JOIN run r ON r.id = ?1 JOIN machine m ON m.id = r.machine WHERE nth = 1"},
    /* Without a measured ceiling the chip's own idea of its peak, as a share, must do. */
    {"gpu_memory", NULL,
     "SELECT b.label, b.place, b.value AS rate, CASE WHEN c.rate > 0 THEN 100 * b.value / c.rate ELSE u.value END AS "
     "share,"
     "    CASE WHEN c.rate > 0 THEN printf('the %sB/s of copy', cm_quantity(1e9 * c.rate, '1')) ELSE 'its peak' END AS "
     "whole"
     "    FROM gpu b LEFT JOIN ceilings c ON c.place = 'GPU' AND c.what = 'bandwidth'"
     "    LEFT JOIN gpu u ON u.point_id = b.point_id AND u.metric = 'cupti.dram_used'"
     "   WHERE b.metric = 'cupti.dram_bandwidth' AND (c.rate > 0 OR u.value > 0)"},
    {"gpu_uncounted", NULL,
     "SELECT coalesce((SELECT reason FROM absent WHERE metric LIKE 'cupti.%' LIMIT 1),"
     "    'this run counted nothing of the kind on the GPU; countermark doctor tells what this machine can count.')"
     "    AS reason FROM gpu_rung LIMIT 1"},
    /* A roofline compares no times: GPU variants stand where their other plots take them, at a problem that keeps them busy. */
    {"flown_rungs", NULL,
     "SELECT r.label, r.kernel, r.device, CASE WHEN r.device THEN 'GPU' ELSE 'CPU' END AS place, r.flops, r.bytes,"
     "    coalesce(t.value, r.time) AS time, coalesce(d.value, 0) + coalesce(f.value, 0) AS counted_flops,"
     "    b.value AS counted_bytes, (d.value IS NOT NULL OR f.value IS NOT NULL) AND b.value > 0 AS counted,"
     "    CASE WHEN coalesce(f.value, 0) > coalesce(d.value, 0) THEN 'fp32' WHEN d.value > 0 THEN 'fp64'"
     "      ELSE coalesce((SELECT a.value FROM axes a WHERE a.point_id = r.point_id AND a.axis = 'precision'),"
     "        CASE WHEN r.variant LIKE '%fp32%' THEN 'fp32' ELSE 'fp64' END) END AS precision"
     "    FROM (SELECT label, kernel, variant, device, point_id, flops, bytes, time FROM rung WHERE NOT device"
     "      UNION ALL SELECT name, kernel, variant, device, point_id, flops, bytes, time FROM gpu_rung) r"
     "    LEFT JOIN measured t ON t.point_id = r.point_id AND t.metric = 'device.time' AND t.value > 0"
     "    LEFT JOIN measured d ON d.point_id = r.point_id AND d.metric = 'cupti.fp64_flops'"
     "    LEFT JOIN measured f ON f.point_id = r.point_id AND f.metric = 'cupti.fp32_flops'"
     "    LEFT JOIN measured b ON b.point_id = r.point_id AND b.metric = 'cupti.dram_bytes'"},
    {"flown", NULL,
     "SELECT *, min(peak, bandwidth * x) AS roof FROM ("
     "  SELECT r.label, r.device, r.place, r.counted, r.precision, p.rate AS peak, b.rate AS bandwidth,"
     "    b.bytes AS copied, b.cached,"
     "    CASE WHEN r.counted THEN r.counted_flops / r.counted_bytes ELSE r.flops / r.bytes END AS x,"
     "    CASE WHEN r.counted THEN r.counted_flops ELSE r.flops END / r.time AS y"
     "    FROM flown_rungs r LEFT JOIN ceilings p ON p.place = r.place AND p.what = r.precision"
     "    LEFT JOIN ceilings b ON b.place = r.place AND b.what = 'bandwidth')"
     "   WHERE x > 0 AND y > 0"},
    /* What is drawn of the ceilings: those that the points there are under. */
    {"roofs", NULL,
     "SELECT DISTINCT place, precision, peak, bandwidth, peak / bandwidth AS ridge"
     "    FROM flown WHERE roof > 0"},
    {"roof_frame", NULL,
     "SELECT min(x, coalesce(low, x)) / 4 AS x_least, max(far, coalesce(high, far)) * 4 AS x_most, y_least,"
     "    max(y_most, coalesce(top, 0)) AS y_most FROM"
     "    (SELECT min(x) AS x, max(x) AS far, min(y) AS y_least, max(y) AS y_most FROM flown),"
     "    (SELECT min(ridge) AS low, max(ridge) AS high, max(peak) AS top FROM roofs)"},
    {NULL, NULL, NULL},
};
