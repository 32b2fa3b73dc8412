# title: What moved against the accepted run
# meaning: Change in percent with its interval; to the right is more. Red is slower, green faster, orange not certain.
#   The 20 points that moved most and are not the same.
# scope: overview
# order: 10
# query: SELECT CASE WHEN length(point) > 46 THEN substr(point, 1, 22) || '…' || substr(point, -23) ELSE point END AS
#     label, 100 * (ratio - 1) AS value, 100 * (coalesce(ratio_low, ratio) - 1) AS low, 100 * (coalesce(ratio_high, ratio) - 1) AS high,
#     printf(CASE WHEN ratio < 10 THEN '%+.3g %% %s' ELSE '%+.0f %% %s' END, 100 * (ratio - 1), CASE WHEN
#     metric = 'wall.time' THEN 'time' WHEN metric IN ('papi.PAPI_TOT_INS', 'callgrind.instructions') THEN 'instr.'
#     ELSE metric END) AS text, CASE verdict WHEN
#     'slower' THEN 2 WHEN 'faster' THEN 3 ELSE 5 END AS color FROM verdict WHERE run = ?1 AND verdict IN ('slower',
#     'faster', 'ambiguous') AND ratio > 0 ORDER BY abs(ratio - 1) DESC, point LIMIT 20
# variables: SELECT 100 * (min(min(coalesce(ratio_low, ratio), 0.98)) - 1) AS least, 100 *
#     (max(max(coalesce(ratio_high, ratio), 1.02)) - 1) AS most FROM verdict WHERE run = ?1 AND verdict IN ('slower',
#     'faster', 'ambiguous') AND ratio > 0
# reading: SELECT printf('%d of %d verdicts are slower, %d faster, %d ambiguous.', sum(verdict = 'slower'), count(*),
#     sum(verdict = 'faster'), sum(verdict = 'ambiguous')) FROM verdict WHERE run = ?1
# empty: SELECT CASE WHEN EXISTS (SELECT 1 FROM verdict WHERE run = ?1) THEN 'nothing moved.' ELSE
#     'this run was not checked.' END

eval bar_page
span = most - least
bar_from = least - 0.05 * span
set xrange [bar_from:most + span * (narrow ? 0.05 : 0.45)]
set format x '%+g %%'
set xtics nice(span / 3.5)
bar_gap = 1.2
set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb soft lw 1.5 back
set xlabel 'change'
shade(c) = c == 2 ? 0xd55e00 : c == 3 ? 0x009e73 : 0xe69f00
set errorbars 0
line = narrow ? 0.18 : 0
eval "plot DATA using (column('value')):($0+line):(column('low')):(column('high')):(shade(column('color'))) ".\
    "with xerrorbars lc rgb variable pt 7 ps 1 lw 2 notitle, ".bar_words("column('high')")
