# title: The ladder: how much faster each variant is
# meaning: Every variant solves the same problem; bars show how many times as fast as the slowest rung it is, on a
#   logarithmic scale. Blue bars give the reference's result bit by bit, orange ones within the stated tolerance, grey
#   ones were not verified. Where a variant ran in several ways (threads, schedules) its fastest is shown.
# scope: kernel headline
# order: 10
# query: SELECT label, speedup, printf(CASE WHEN speedup < 10 THEN '%.2f×' WHEN speedup < 100 THEN '%.1f×' ELSE
#     '%.0f×' END || ' %s', speedup, class) AS text, CASE WHEN match = 0 THEN 1 WHEN match = 1 THEN 2 ELSE 3 END AS
#     class FROM rung
#     WHERE (SELECT count(*) FROM rung) > 1 ORDER BY place
# variables: SELECT max(speedup) AS most, max(CASE WHEN place = 0 THEN label END) AS base, kernel = 'mandelbrot' AS
#     tutorial FROM rung
# reading: SELECT
#     printf('%s is %.3g times as fast as %s, the slowest rung, at %s; of %d variants %d give the same bits.',
#     max(CASE WHEN place = top THEN label END), max(speedup), max(CASE WHEN place = 0 THEN label END),
#     coalesce((SELECT nullif(setting, '') FROM shown), 'its one setting'), count(*), sum(match = 0)) || CASE WHEN
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
set format x '%g×'
if (tutorial) {
    set object 1 rectangle from 10, graph 0 to 500, graph 1 fillcolor rgb tint fillstyle solid noborder behind
    set label 1 'the tutorial promises 10 to 500 times' at 500, graph 1 right offset 0,0.7 textcolor rgb soft
    set tmargin 2.2
}
set xlabel 'times as fast as '.base
color(class) = class == 1 ? blue : class == 2 ? 0xe69f00 : 0x8b949e
eval 'plot '.bar_box("column('speedup')", "color(column('class'))").', '.bar_words("column('speedup')")
