# title: How busy the GPU is
# meaning: Shares of the most there can be. Occupancy is warps that are resident; the mark on its bar is the limit that registers,
#   shared memory and block size leave. A pipe or the memory near 100 % is what holds a variant back; all low means
#   waiting.
# scope: kernel
# order: 44
# query: SELECT part AS series, label, place, value, printf('%.*f %%%s', value < 10, value, CASE WHEN bound > 0 THEN printf(' of %.0f %%', bound) ELSE '' END) AS text,
#     bound, max(value, coalesce(bound, 0)) AS at FROM (SELECT g.*, part, nth, CASE metric WHEN 'cupti.occupancy' THEN
#     (SELECT l.value FROM gpu l WHERE l.point_id = g.point_id AND l.metric = 'cupti.occupancy_limit') END AS bound FROM (SELECT 1 AS nth, 'occupancy' AS part, 'cupti.occupancy' AS metric
#     UNION ALL SELECT 2, 'instructions issued', 'cupti.issue_used' UNION ALL SELECT 3, 'fp64 pipe',
#     'cupti.fp64_pipe_used' UNION ALL SELECT 4, 'fma pipe (fp32)', 'cupti.fma_pipe_used' UNION ALL SELECT 5, 'memory (DRAM)',
#     'cupti.dram_used') JOIN gpu g USING (metric)) ORDER BY nth, place
# variables: SELECT count(DISTINCT place) AS rungs, max(value) AS most FROM gpu WHERE metric IN ('cupti.occupancy',
#     'cupti.issue_used', 'cupti.fp64_pipe_used', 'cupti.fma_pipe_used', 'cupti.dram_used')
# reading: SELECT printf('%s%s uses most of its %s: %.*f %%.', label, CASE WHEN (SELECT count(*)
#     FROM gpu_rung) > 1 THEN ', the fastest of these,' ELSE '' END, CASE metric WHEN
#     'cupti.issue_used' THEN 'issue slots' WHEN 'cupti.fp64_pipe_used' THEN 'fp64 pipes' WHEN 'cupti.fma_pipe_used'
#     THEN 'fma pipes' ELSE 'memory''s bandwidth' END, value < 10, value) || coalesce((SELECT
#     printf(' Its occupancy is %.*f %%%s.', o.value < 10, o.value, coalesce((SELECT
#     printf(' of %.0f %% that fit', l.value) FROM gpu l WHERE l.point_id = o.point_id AND l.metric =
#     'cupti.occupancy_limit'), '')) FROM gpu o WHERE o.point_id = g.point_id AND o.metric = 'cupti.occupancy'), '')
#     FROM gpu g WHERE metric IN ('cupti.issue_used', 'cupti.fp64_pipe_used', 'cupti.fma_pipe_used', 'cupti.dram_used')
#     ORDER BY place DESC, value DESC LIMIT 1
# empty: SELECT reason FROM gpu_uncounted

eval gpu_page(rungs, 0.85 * blocks)
set xrange [0:(most > 100 ? most : 100) * (narrow ? 1.6 : 1.2)]
set xtics 0, narrow ? 50 : 25, 100
set format x '%g %%'
set xlabel "of the most there can be\n "
thick = 0.86 / blocks
top(i) = -0.43 + (i - 1) * thick
middle(i) = top(i) + thick / 2
plot for [i=1:blocks] DATA index i-1 using (column('value')):(column('place')):(0):(column('value')): \
    (column('place') + top(i) + 0.02):(column('place') + top(i) + thick):ytic(gpu_tic(strcol('label'))) \
    with boxxyerror lt i title series[i], \
    for [i=1:blocks] DATA index i-1 using (column('at')):(column('place') + middle(i)):(strcol('text')) \
    with labels left offset 0.5,0 textcolor rgb ink notitle, \
    for [i=1:blocks] DATA index i-1 using (column('bound')):(column('place') + top(i)):(0):(thick) \
    with vectors nohead lc rgb ink lw 3 dt 1 notitle
