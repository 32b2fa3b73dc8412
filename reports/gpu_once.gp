# title: What a GPU costs once
# meaning: Before and after all executions of a launch: context, code and memory; the input to the GPU; the result back. A
#   variant pays only if it runs often enough to earn that back. The scale is logarithmic.
# scope: kernel
# order: 43
# query: SELECT part AS series, label, place, value, cm_quantity(value, 'ns') AS text FROM (SELECT 1 AS nth, 'set-up' AS
#     part, 'device.setup' AS metric UNION ALL SELECT 2, 'upload', 'device.upload' UNION ALL SELECT 3, 'download',
#     'device.download') JOIN gpu USING (metric) WHERE value > 0 ORDER BY nth, place
# variables: SELECT min(value) AS least, max(value) AS most, count(DISTINCT place) AS rungs, max(CASE WHEN metric =
#     'device.setup' THEN 1 ELSE 0 END) AS has_setup FROM gpu WHERE metric IN ('device.setup', 'device.upload',
#     'device.download') AND value > 0
# reading: SELECT printf('%s: %s before and after, as long as %s.', label, cm_quantity(sum(value), 'ns'),
#     CASE WHEN sum(value) < 1.5 * wall THEN 'one execution or less' ELSE printf('%s executions', cm_quantity(sum(value) /
#     wall, '1')) END) FROM gpu WHERE metric IN ('device.setup', 'device.upload',
#     'device.download') AND place = (SELECT max(place) FROM gpu) GROUP BY label
# empty: SELECT 'the GPU variants did not tell what set-up and transfers took.' FROM gpu_rung LIMIT 1

eval gpu_page(rungs, 1.2 * blocks)
unit = time_unit(most)
set logscale x 10
low = log_low(least / unit)
high = most / unit < 5 * low ? 5 * low : most / unit
set xrange [low:low * 10 ** (log10(high / low) * (narrow ? 1.25 : 1.15))]
set format x '%g'
eval log_tics(low, high)
set xlabel time_name(unit)."\n "
thick = 0.8 / blocks
top(i) = -0.4 + (i - 1) * thick
plot for [i=1:blocks] DATA index i-1 using (column('value') / unit):(column('place')):(low):(column('value') / unit): \
    (column('place') + top(i) + 0.03):(column('place') + top(i) + thick):ytic(gpu_tic(strcol('label'))) \
    with boxxyerror lt i title series[i], \
    for [i=1:blocks] DATA index i-1 using (column('value') / unit):(column('place') + top(i) + thick / 2):(strcol('text')) \
    with labels left offset 0.4,0 textcolor rgb ink notitle
