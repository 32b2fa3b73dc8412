# title: Branch mispredictions per 1000 elements
# meaning: Each costs some 15 to 20 cycles: far below one per 1000 elements they hardly matter.
# scope: kernel
# order: 65
# query: SELECT label, 1000 * per_element AS value, cm_quantity(1000 * per_element, '1') AS text
#     FROM counted WHERE metric = 'papi.PAPI_BR_MSP' ORDER BY place
# variables: SELECT min(1000 * per_element) AS least, max(1000 * per_element) AS most FROM counted
#     WHERE metric = 'papi.PAPI_BR_MSP'
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %s branch mispredictions per 1000 elements.', max(label),
#     cm_quantity(max(v), '1')) ELSE printf('%s mispredicts %s branches per 1000 elements, %s %s.', max(CASE WHEN up
#     = 1 THEN label END), cm_quantity(max(v), '1'), max(CASE WHEN down = 1 THEN label END), cm_quantity(min(v), '1'))
#     END FROM (SELECT label, v, row_number() OVER
#     (ORDER BY v DESC, label) AS up, row_number() OVER (ORDER BY v, label DESC) AS down FROM (SELECT label, 1000 *
#     per_element AS v FROM counted WHERE metric = 'papi.PAPI_BR_MSP'))
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_BR_MSP'), reason)
#     FROM uncounted

eval bar_page
eval lin_bars(most > 0 ? most : 1)
set xlabel 'mispredictions per 1000 elements'
eval 'plot '.BARS
