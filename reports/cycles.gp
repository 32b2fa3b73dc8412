# title: Cycles per element
# meaning: Time in clock cycles, those of all threads together: it does not change with the clock rate. The scale is
#   logarithmic.
# scope: kernel
# order: 55
# query: SELECT label, per_element AS value, cm_quantity(per_element, '1') AS text FROM counted
#     WHERE metric = 'papi.PAPI_TOT_CYC' ORDER BY place
# variables: SELECT min(per_element) AS least, max(per_element) AS most FROM counted WHERE metric =
#     'papi.PAPI_TOT_CYC'
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %s cycles per element.', max(label),
#     cm_quantity(max(v), '1')) ELSE printf('%s needs %s cycles per element, %s %s.', max(CASE WHEN up = 1 THEN label
#     END), cm_quantity(max(v), '1'), max(CASE WHEN down = 1 THEN label END), cm_quantity(min(v), '1')) END FROM (SELECT label, v, row_number() OVER (ORDER BY v DESC, label) AS up,
#     row_number() OVER (ORDER BY v, label DESC) AS down FROM (SELECT label, per_element AS v
#     FROM counted WHERE metric = 'papi.PAPI_TOT_CYC'))
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_TOT_CYC'), reason)
#     FROM uncounted

eval bar_page
eval log_bars(least, most)
set xlabel 'cycles per element'
eval 'plot '.BARS
