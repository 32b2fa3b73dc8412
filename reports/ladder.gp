# title: The ladder: how much faster each variant is
# meaning: Every variant solves the same problem; bars show how many times as fast as the slowest rung it is, on a
#   logarithmic scale. Blue bars give the reference's result bit by bit, orange ones within the stated tolerance, grey
#   ones were not verified; hatched bars are GPU variants, whose result stays on the GPU unless "to host" is said. Where a variant
#   ran in several ways (threads, schedules) its fastest is shown.
# scope: kernel headline
# order: 10
# query: SELECT label, speedup, printf(CASE WHEN speedup < 10 THEN '%.2f×' WHEN speedup < 100 THEN '%.1f×' WHEN
#     speedup < 10000 THEN '%.0f×' ELSE '%,d×' END || ' %s', CASE WHEN speedup < 10000 THEN speedup ELSE
#     CAST(round(speedup) AS INTEGER) END, class) AS text, CASE WHEN match = 0 THEN 1 WHEN match = 1 THEN 2 ELSE 3 END AS
#     class, device FROM rung
#     WHERE (SELECT count(*) FROM rung) > 1 ORDER BY place
# variables: SELECT max(speedup) AS most, max(CASE WHEN place = 0 THEN label END) AS base, kernel = 'mandelbrot' AS
#     tutorial, max(device) AS devices FROM rung
# reading: SELECT
#     printf('%s is %s times as fast as %s, the slowest rung, at %s; of %d variants %d give the same bits.',
#     max(CASE WHEN place = top THEN label END), CASE WHEN max(speedup) < 1000 THEN printf('%.3g', max(speedup)) ELSE
#     printf('%,d', CAST(round(max(speedup)) AS INTEGER)) END, max(CASE WHEN place = 0 THEN label END),
#     coalesce((SELECT nullif(setting, '') FROM shown), 'its one setting'), count(*), sum(match = 0)) ||
#     coalesce((SELECT printf(' %s on the GPU, %s, %s as the best on the CPU, %s.', CASE WHEN g.match + c.match = 0 THEN
#     'With the same bits the best' ELSE 'The best' END, g.label, CASE WHEN g.time <= c.time THEN
#     printf('is %.3g times as fast', c.time / g.time) ELSE printf('takes %.3g times as long', g.time / c.time) END, c.label)
#     FROM (SELECT * FROM rung WHERE device ORDER BY coalesce(match, 3), time LIMIT 1) g,
#     (SELECT * FROM rung WHERE NOT device ORDER BY coalesce(match, 3), time LIMIT 1) c), '') || CASE WHEN
#     max(kernel) = 'mandelbrot' THEN
#     ' The shaded band is the tutorial''s: its own base was interpreted Python, which is not measured here.' ELSE ''
#     END FROM (SELECT *, max(place) OVER () AS top FROM rung)
# empty: SELECT CASE WHEN EXISTS (SELECT 1 FROM rung) THEN 'only one variant of this kernel was measured.' ELSE
#     'no variant of this kernel was measured with a correct result.' END

eval bar_page
set logscale x 10
bar_from = 1
most = most < 1.5 ? 1.5 : most
room = narrow ? most * 1.1 : 10 ** (log10(most) / 0.72)
if (tutorial && room < 700) { room = 700 }
set xrange [1:room]
if (room < 60) { set xtics (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50) }
set format x number_format(room).'×'
if (tutorial) {
    set object 1 rectangle from 10, graph 0 to 500, graph 1 fillcolor rgb tint fillstyle solid noborder behind
    if (narrow && room > 5000) {
        set label 1 'the tutorial promises 10 to 500 times' at 1, graph 1 left offset 0,0.7 textcolor rgb soft
    } else {
        set label 1 'the tutorial promises 10 to 500 times' at 500, graph 1 right offset 0,0.7 textcolor rgb soft
    }
    set tmargin 2.2
}
set xlabel 'times as fast as '.base
color(class) = class == 1 ? blue : class == 2 ? 0xe69f00 : 0x8b949e
solid = bar_box("(column('device') == 1 ? NaN : column('speedup'))", "color(column('class'))")
# one element a class: a pattern takes its colour from the first bar
device_bar(c) = sprintf("(column('device') == 1 && column('class') == %d ? column('speedup') : NaN)", c)
hatched(c) = sprintf(", DATA using %s:0:(bar_from):%s:($0+bar_top):($0+bar_end) with boxxyerror lt 1 lc rgb %d " . \
    "fillstyle pattern 6 border notitle", device_bar(c), device_bar(c), color(c))
eval 'plot '.solid.(devices ? hatched(1).hatched(2).hatched(3) : '').', '.bar_words("column('speedup')")
