# title: Caches and memory of the GPU
# meaning: Hit rates of the first cache level (L1, in each multiprocessor) and the second (L2, shared), and the bandwidth of the
#   memory behind them (DRAM) as a share of what the kernel copy reached on this machine, or else of the GPU's peak.
# scope: kernel
# order: 46
# query: SELECT part AS series, label, place, value, text FROM (SELECT 1 AS nth, 'L1 hits' AS part, label, place, value,
#     printf('%.*f %%', value < 10, value) AS text FROM gpu WHERE metric = 'cupti.l1_hit_rate' UNION ALL SELECT 2,
#     'L2 hits', label, place, value, printf('%.*f %%', value < 10, value) FROM gpu WHERE metric = 'cupti.l2_hit_rate'
#     UNION ALL SELECT 3, 'memory', label, place, share, CASE WHEN rate > 1e-6 THEN
#     printf('%sB/s', cm_quantity(1e9 * rate, '1')) ELSE 'none' END FROM gpu_memory)
#     ORDER BY nth, place
# variables: SELECT count(DISTINCT place) AS rungs, max(coalesce((SELECT max(share) FROM gpu_memory), 100), 100) AS most
#     FROM gpu WHERE metric IN ('cupti.l1_hit_rate', 'cupti.l2_hit_rate', 'cupti.dram_bandwidth')
# reading: SELECT group_concat(words, ' ') FROM (SELECT printf('%s moves %sB/s through the GPU''s memory, %.*f %% of %s.',
#     label, cm_quantity(1e9 * rate, '1'), share < 10, share, whole) AS words FROM (SELECT * FROM gpu_memory WHERE
#     rate > 1e-6 ORDER BY rate DESC LIMIT 1) UNION ALL SELECT printf('%s finds the least in L2, %.*f %%.', label, value < 10, value) FROM
#     (SELECT * FROM gpu WHERE metric = 'cupti.l2_hit_rate' ORDER BY value LIMIT 1))
# empty: SELECT reason FROM gpu_uncounted

eval gpu_page(rungs, 1.1 * blocks)
set xrange [0:most * (narrow ? 1.3 : 1.15)]
set xtics 0, narrow ? 50 : 25, 100
set format x '%g %%'
set xlabel "hits; share of the bandwidth\n "
thick = 0.8 / blocks
top(i) = -0.4 + (i - 1) * thick
plot for [i=1:blocks] DATA index i-1 using (column('value')):(column('place')):(0):(column('value')): \
    (column('place') + top(i) + 0.03):(column('place') + top(i) + thick):ytic(gpu_tic(strcol('label'))) \
    with boxxyerror lt i title series[i], \
    for [i=1:blocks] DATA index i-1 using (column('value')):(column('place') + top(i) + thick / 2):(strcol('text')) \
    with labels left offset 0.4,0 textcolor rgb ink notitle
