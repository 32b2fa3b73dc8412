# title: What the machine does by itself
# meaning: Anchors are the same work by the same kept program in every run: when their times move, the machine did, and
#   not the code. Up is slower. Each is compared with the first run that its program measured.
# scope: machine
# order: 20
# query: SELECT series, nth AS x, change AS y FROM anchored WHERE (SELECT max(nth) > min(nth) FROM anchored) ORDER BY series, x
# variables: SELECT min(nth) AS first, max(nth) AS last, min(min(change), -2) AS least, max(max(change), 2) AS most
#     FROM anchored
# reading: SELECT printf('This run against the first one of the same program, %d runs are known: %s.', max(nth),
#     group_concat(printf('%s %+.1f %%', series, change), ', ')) FROM (SELECT * FROM anchored WHERE nth =
#     (SELECT max(nth) FROM anchored) ORDER BY series)
# empty: SELECT CASE WHEN EXISTS (SELECT 1 FROM anchored) THEN
#     'anchors were measured in one run so far; a second one shows whether the machine moved.' ELSE
#     'no run of this machine has anchors: they take part where points have 8 or more time launches.' END

eval page(330, 330)
span = most - least
set xrange [first - 0.5:last + 0.5]
set xtics nice((last - first) / (narrow ? 4.0 : 8.0) > 1 ? (last - first) / (narrow ? 4.0 : 8.0) : 1)
set yrange [least - 0.1 * span:most + 0.1 * span]
set format y '%+g %%'
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb soft lw 1.5 back
set xlabel "runs, oldest first\n "
set ylabel 'time'
eval 'plot '.CURVES
