# title: Instructions per cycle
# meaning: How busy the core is. High is not fast by itself: time is instructions divided by this.
# scope: kernel
# order: 60
# query: SELECT label, i.value / c.value AS value, printf('%.3g', i.value / c.value) AS text
#     FROM counted i JOIN counted c USING (label, place) WHERE i.metric = 'papi.PAPI_TOT_INS' AND c.metric =
#     'papi.PAPI_TOT_CYC' AND c.value > 0 ORDER BY place
# variables: SELECT min(i.value / c.value) AS least, max(i.value / c.value) AS most FROM counted i
#     JOIN counted c USING (label, place) WHERE i.metric = 'papi.PAPI_TOT_INS' AND c.metric = 'papi.PAPI_TOT_CYC' AND
#     c.value > 0
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %.3g instructions per cycle.', max(label), max(v)) ELSE
#     printf('%s completes the most instructions per cycle, %.3g, and %s the fewest, %.3g.', max(CASE WHEN up = 1 THEN
#     label END), max(v), max(CASE WHEN down = 1 THEN label END), min(v)) END FROM (SELECT label, v, row_number() OVER
#     (ORDER BY v DESC, label) AS up, row_number() OVER (ORDER BY v, label DESC) AS down FROM (SELECT label, i.value /
#     c.value AS v FROM counted i JOIN counted c USING (label, place) WHERE i.metric = 'papi.PAPI_TOT_INS' AND
#     c.metric = 'papi.PAPI_TOT_CYC' AND c.value > 0))
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_TOT_INS'), reason)
#     FROM uncounted

eval bar_page
eval lin_bars(most > 0 ? most : 1)
set xlabel 'instructions per cycle'
eval 'plot '.BARS
