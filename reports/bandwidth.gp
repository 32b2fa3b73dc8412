# title: Bandwidth over the sweep
# meaning: Bytes that the algorithm reads and writes, divided by time: what a variant gets out of each cache level and
#   out of memory. Shown for kernels that move at least one byte per arithmetic operation.
# scope: kernel
# order: 30
# query: SELECT series, x, bytes / time AS y FROM curve WHERE bytes > 0 AND bytes >= flops ORDER BY series, x
# variables: SELECT f.*, min(c.bytes / c.time) AS y_least, max(c.bytes / c.time) AS y_most FROM frame f, curve c
#     WHERE c.bytes > 0
# reading: SELECT
#     printf('The best bandwidth is %.3g GB/s (%s at %s %s); at the largest %s the best is %.3g GB/s (%s).', max(CASE
#     WHEN up = 1 THEN rate END), max(CASE WHEN up = 1 THEN series END), (SELECT axis FROM sweep), max(CASE WHEN up =
#     1 THEN x_text END), (SELECT axis FROM sweep), max(CASE WHEN far = 1 THEN rate END), max(CASE WHEN far = 1 THEN
#     series END)) FROM (SELECT *, CASE WHEN in_bytes THEN cm_bytes(x) ELSE
#     printf('%.10g', x) END AS x_text, row_number() OVER (ORDER BY rate DESC) AS up,
#     row_number() OVER (ORDER BY x DESC, rate DESC) AS far FROM (SELECT *, bytes / time AS rate
#     FROM curve WHERE bytes >= flops), frame)
# empty: SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM curve) THEN 'this run has no sweep over an axis.' WHEN EXISTS
#     (SELECT 1 FROM curve WHERE bytes > 0) THEN 'this kernel computes more than it moves.' ELSE
#     'how many bytes this kernel moves is not known.' END

eval sweep_page(axis, least, most, steps, in_bytes, l1, l2, l3)
eval log_axis('y', y_least, y_most)
set ylabel 'GB/s'
eval 'plot '.CURVES
