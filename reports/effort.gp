# title: Where the time of the run went
# meaning: Time inside variants (warm-up and verification included) and the rest: starting workers, setting up,
#   storing. Anchors are launches that tell whether the machine moved.
# scope: machine
# order: 10
# query: SELECT CASE p.role WHEN '' THEN p.kernel || '/' || p.variant ELSE 'anchors' END AS label, sum(l.wall_s) AS value, sum(l.executing_s) AS inside,
#     printf('%.3g s, %.0f %% executing', sum(l.wall_s), 100 * sum(l.executing_s) / sum(l.wall_s)) AS text
#     FROM own_launches l JOIN point p ON p.id = l.point WHERE l.wall_s > 0
#     GROUP BY 1 ORDER BY value DESC LIMIT 24
# variables: SELECT max(t) AS most FROM (SELECT sum(l.wall_s) AS t FROM own_launches l
#     JOIN point p ON p.id = l.point GROUP BY CASE p.role WHEN '' THEN p.kernel || '/' || p.variant ELSE 'anchors' END)
# reading: SELECT printf('%d launches took %.3g s, of which %.0f %% were spent executing variants.', count(*),
#     sum(l.wall_s), 100 * sum(l.executing_s) / sum(l.wall_s)) FROM own_launches l
#     WHERE l.wall_s > 0
# empty: SELECT 'no launch has stored how long it took.'

eval bar_page
set xrange [0:most * (narrow ? 1.03 : 1.5)]
set format x '%g s'
set xlabel 'seconds in all launches of the variant'
eval 'plot '.bar_box("column('value')", '0x56b4e9').', '.bar_box("column('inside')", 'blue').', '. \
    bar_words("column('value')")
