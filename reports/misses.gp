# title: Cache misses per element, by level
# meaning: A level that is missed less than once per 1000 elements costs next to nothing; each miss of the last level
#   waits for memory. The scale is logarithmic; a level without a bar was not counted on this machine.
# scope: kernel
# order: 70
# query: SELECT level AS series, label, dense_rank() OVER (ORDER BY place) - 1 AS place, max(per_element, 1e-7) AS y
#     FROM counted JOIN (SELECT 'papi.PAPI_L1_DCM' AS metric, 'level 1' AS level UNION ALL SELECT 'papi.PAPI_L2_DCM',
#     'level 2' UNION ALL SELECT 'papi.PAPI_L3_TCM', 'level 3') USING (metric) ORDER BY level, place
# variables: SELECT max(min(per_element), 1e-6) AS least, max(max(per_element), 1e-5) AS most, count(DISTINCT place)
#     AS rungs FROM counted WHERE metric IN ('papi.PAPI_L1_DCM', 'papi.PAPI_L2_DCM', 'papi.PAPI_L3_TCM')
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %s level 1 data-cache misses per element.', max(label),
#     cm_quantity(max(v), '1')) ELSE
#     printf('%s misses the level 1 data cache the most, %s times per element; %s the least, %s times.', max(CASE WHEN
#     up = 1 THEN label END), cm_quantity(max(v), '1'), max(CASE WHEN down = 1 THEN label END), cm_quantity(min(v),
#     '1')) END
#     FROM (SELECT label, v, row_number() OVER (ORDER BY v DESC, label) AS up, row_number() OVER (ORDER BY v, label
#     DESC) AS down FROM (SELECT label, per_element AS v FROM counted WHERE metric = 'papi.PAPI_L1_DCM'))
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_L1_DCM'), reason)
#     FROM uncounted

eval page(110 + 14 + rungs * (16 + 12 * blocks), 110 + 14 + rungs * (14 + 11 * blocks))
set logscale x 10
low = log_low(least)
set xrange [low:10 ** ceil(log10(most) + 0.01)]
set format x number_format(most)
eval log_tics(low, most)
set yrange [rungs - 0.4:-0.6]
set ytics scale 0
set grid noytics
set border 1
set xlabel "misses per element\n "
thick = 0.8 / blocks
top(i) = -0.4 + (i - 1) * thick
plot for [i=1:blocks] DATA index i-1 using (column('y')):(column('place')):(low):(column('y')): \
    (column('place') + top(i) + 0.03):(column('place') + top(i) + thick):ytic(strcol('label')) \
    with boxxyerror lt i title series[i]
