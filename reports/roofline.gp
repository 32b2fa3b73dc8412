# title: Roofline: how near to the machine's ceilings
# meaning: To the right: more arithmetic per byte of memory. Lines are ceilings measured on this machine: the slope is the
#   bandwidth that the kernel copy reaches, the level the arithmetic of the kernel peak. Squares are GPU variants,
#   at the largest problem that most of them ran, circles CPU variants. Filled marks were counted by the hardware; open ones take what the plain algorithm needs, so that caches
#   and work that is skipped can lift them over the lines. Both axes are logarithmic.
# scope: kernel
# order: 25
# query: SELECT series, x, y, label FROM (
#     SELECT 1 AS kind, place, precision, printf('%s ceiling, %s: %sFLOP/s, %sB/s', place, precision, cm_quantity(1e9 * peak,
#     '1'), cm_quantity(1e9 * bandwidth, '1')) AS series, x, min(peak, bandwidth * x) AS y, '' AS label FROM (SELECT r.*,
#     CASE nth WHEN 1 THEN x_least WHEN 2 THEN ridge ELSE x_most END AS x FROM roofs r, roof_frame, (SELECT 1 AS nth
#     UNION ALL SELECT 2 UNION ALL SELECT 3))
#     UNION ALL SELECT 2, place, counted, place || ' variants, ' || CASE WHEN counted THEN 'counted' ELSE
#     'by the algorithm' END, x, y, label FROM flown
#     UNION ALL SELECT 3, '', '', 'names', x, y, label FROM (SELECT *, row_number() OVER (PARTITION BY place ORDER BY y
#     DESC, label) AS nth FROM flown) WHERE nth <= 8)
#     WHERE EXISTS (SELECT 1 FROM roofs) ORDER BY kind, place DESC, precision DESC, CASE kind WHEN 1 THEN x ELSE y END
# variables: SELECT * FROM roof_frame
# reading: SELECT group_concat(words, ' ') FROM (SELECT words FROM (SELECT printf('%s reaches %sFLOP/s, %.3g %% of the %s''s ceiling of %s.',
#     label, cm_quantity(1e9 * y, '1'), 100 * y / roof, place, CASE WHEN bandwidth * x < peak THEN
#     printf('%sB/s (copy of %s)', cm_quantity(1e9 * bandwidth, '1'), cm_bytes(copied)) ELSE printf('%sFLOP/s (%s)',
#     cm_quantity(1e9 * peak, '1'), precision) END) AS words, 1 AS nth, device, y FROM (SELECT *, row_number() OVER
#     (PARTITION BY place, precision ORDER BY y DESC, label) AS best FROM flown WHERE roof > 0) WHERE best = 1
#     UNION ALL SELECT DISTINCT printf('The copy of %s fits into the %s''s caches: the slope is theirs, not the memory''s.',
#     cm_bytes(copied), place), 2, device, 0 FROM flown WHERE roof > 0 AND cached) ORDER BY nth, device DESC, y DESC)
# empty: SELECT CASE WHEN EXISTS (SELECT 1 FROM flown) THEN 'the ceilings of this machine were not measured:' ||
#     ' countermark run -k copy -s size=256M, and -k peak -s precision=fp64,fp32, do that.' WHEN EXISTS (SELECT 1
#     FROM rung WHERE flops > 0 OR bytes > 0) THEN 'this kernel has no arithmetic, or moves no bytes.' END

# The same height for every decade, so that names can be kept a line apart
scale = narrow ? 52 : 62
bottom = y_least / 3
top = y_most * 3
decades = log10(top / bottom)
decades = decades < 4 ? 4 : decades
lines = blocks - 1
eval page(scale * decades + 70 + 24 * lines, scale * decades + 70 + 21 * lines)
set logscale xy 10
set xrange [x_least:x_most]
set yrange [bottom:bottom * 10 ** decades]
set format x '%g'
set format y number_format(top)
set xlabel "FLOP per byte\n "
set ylabel 'GFLOP/s'
is_gpu(i) = series[i][1:3] eq 'GPU'
is_line(i) = strstrt(series[i], 'ceiling') > 0
is_counted(i) = strstrt(series[i], 'counted') > 0
shade(i) = is_gpu(i) ? "'#d55e00'" : 'blue'
middle = sqrt(x_least * x_most)
side(x) = x < middle ? 1.0 : -1.0
step = (narrow ? 14.5 : 18.0) / scale
away = 10 ** (log10(x_most / x_least) * (narrow ? 0.05 : 0.03))
place(y) = (last = log10(y) > last + step ? log10(y) : last + step, 10 ** last)
short(text) = narrow ? (strlen(text) > 20 ? text[1:9].'…'.text[strlen(text)-9:*] : text) : brief(text)
curves = ''
do for [i=1:lines] {
    curves = curves . sprintf("DATA index %d using (column('x')):(column('y')) with %s title series[%d], ", i - 1, \
        is_line(i) ? sprintf("lines lc rgb %s lw 2 dt %s", shade(i), strstrt(series[i], 'fp32') ? '(8,5)' : '1') : \
        sprintf("points lc rgb %s lw 2 pt %d ps 0.9", shade(i), (is_gpu(i) ? 4 : 6) + is_counted(i)), i)
}
names = "DATA index lines using (column('x')):(column('y')):"
eval "plot ".curves."last = -99, ".names."(column('x') * (away ** side(column('x')) - 1)):(place(column('y')) - column('y')) ". \
    "with vectors nohead lc rgb soft lw 0.7 notitle, last = -99, ". \
    "DATA index lines using (column('x') * away ** side(column('x'))):(place(column('y'))):". \
    "(side(column('x')) > 0 ? short(strcol('label')) : '') with labels left offset 0.4,0 textcolor rgb ink notitle, last = -99, ". \
    "DATA index lines using (column('x') * away ** side(column('x'))):(place(column('y'))):". \
    "(side(column('x')) < 0 ? short(strcol('label')) : '') with labels right offset -0.4,0 textcolor rgb ink notitle"
