# title: Where the time of GPU variants goes
# meaning: One execution as the host waits for it. Between kernels the GPU starts them or has nothing to do; the rest is the
#   host's: launching, and hearing that all is done. Kernels are timed in a traced launch of their own, which
#   can make short ones look longer.
# scope: kernel
# order: 42
# query: SELECT part AS series, label, place, start / wall * 100 AS start, stop / wall * 100 AS stop,
#     cm_quantity(wall, 'ns') AS text FROM (SELECT 1 AS nth, CASE WHEN kernels IS NULL THEN 'on the GPU (kernels not traced)'
#     ELSE 'kernels' END AS part, label, place, wall, 0 AS start, coalesce(kernels, busy) AS stop FROM gpu_split
#     UNION ALL SELECT 2, 'copies', label, place, wall, kernels, kernels + copies FROM gpu_split WHERE copies > 0
#     UNION ALL SELECT 3, 'between kernels', label, place, wall, kernels + copies, busy FROM gpu_split
#     WHERE kernels IS NOT NULL
#     UNION ALL SELECT 4, 'host: launching, waiting', label, place, wall, busy, wall FROM gpu_split) ORDER BY nth, part, place
# variables: SELECT count(*) AS rungs FROM gpu_split
# reading: SELECT printf('Of the %s of %s%s, %.1f %% are kernels', cm_quantity(wall, 'ns'), label,
#     CASE WHEN setting <> '' THEN ' at ' || setting ELSE '' END, 100 * kernels / wall) ||
#     CASE WHEN copies > 0 THEN printf(', %.1f %% copies', 100 * copies / wall) ELSE '' END ||
#     printf(', %.1f %% gaps between them and %.1f %% the host''s.', 100 * (busy - kernels - copies) / wall,
#     100 * (wall - busy) / wall) || coalesce(' ' || (SELECT printf('%s has the least in kernels, %.1f %%.', o.label,
#     100 * o.kernels / o.wall) FROM gpu_split o WHERE o.kernels IS NOT NULL AND o.place <> g.place AND o.kernels /
#     o.wall < g.kernels / g.wall ORDER BY o.kernels / o.wall LIMIT 1), '') FROM (SELECT * FROM gpu_split
#     WHERE kernels IS NOT NULL ORDER BY place DESC LIMIT 1) g
#     UNION ALL SELECT printf('Of the %s of %s the GPU takes %.1f %%; kernels were not traced.', cm_quantity(wall, 'ns'),
#     label, 100 * busy / wall) FROM (SELECT * FROM gpu_split ORDER BY place DESC LIMIT 1) LIMIT 1
# empty: SELECT 'the GPU did not tell how long it took.' FROM gpu_rung LIMIT 1

eval gpu_page(rungs, 2)
if (narrow) { unset ytics; set lmargin 2; set rmargin 3.5 }
set xrange [0:narrow ? 101 : 118]
set xtics 0, 25, 100
set format x '%g %%'
set xlabel "share of the time that the host waits\n "
shade(i) = strstrt(series[i], 'kernels') == 1 || strstrt(series[i], 'on the GPU') == 1 ? blue : series[i] eq 'copies' ? \
    0xe69f00 : series[i] eq 'between kernels' ? 0x56b4e9 : grey
eval "plot for [i=1:blocks] DATA index i-1 using (column('start')):(column('place')):(column('start')):(column('stop')):". \
    "(column('place') + bar_top):(column('place') + bar_end) with boxxyerror lc rgb shade(i) title series[i], ". \
    "DATA index 0 using ".(narrow ? "(0):(column('place') - 0.26):(brief(strcol('label')).':  '.strcol('text'))" : \
    "(100):(column('place')):(strcol('text')):ytic(gpu_tic(strcol('label')))")." with labels left offset ". \
    (narrow ? '0' : '0.6').",0 textcolor rgb ink notitle"
