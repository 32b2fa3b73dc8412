# title: Instructions per element
# meaning: Fewer is better: vector instructions do several elements at once. The scale is logarithmic.
# scope: kernel
# order: 50
# query: SELECT label, per_element AS value, printf('%.3g', per_element) AS text FROM counted
#     WHERE metric = 'papi.PAPI_TOT_INS' ORDER BY place
# variables: SELECT min(per_element) AS least, max(per_element) AS most FROM counted WHERE metric =
#     'papi.PAPI_TOT_INS'
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %.3g instructions per element.', max(label), max(v)) ELSE
#     printf('%s needs %.3g instructions per element, %s %.3g.', max(CASE WHEN up = 1 THEN label END), max(v),
#     max(CASE WHEN down = 1 THEN label END), min(v)) END FROM (SELECT label, v, row_number() OVER (ORDER BY v DESC,
#     label) AS up, row_number() OVER (ORDER BY v, label DESC) AS down FROM (SELECT label, per_element AS v
#     FROM counted WHERE metric = 'papi.PAPI_TOT_INS'))
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_TOT_INS'), reason)
#     FROM uncounted

eval bar_page
eval log_bars(least, most)
set xlabel 'instructions per element'
eval 'plot '.BARS
