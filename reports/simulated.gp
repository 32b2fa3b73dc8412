# title: Instructions per element, simulated
# meaning: Counted on valgrind's simulated CPU where there are no hardware counters: exact, but of the path that a CPU without
#   AVX-512 takes, and nothing is said of stalls. Fewer is better. The scale is logarithmic.
# scope: kernel
# order: 51
# query: SELECT label, per_element AS value, cm_quantity(per_element, '1') AS text FROM simulated
#     WHERE metric = 'callgrind.instructions' ORDER BY per_element DESC, label
# variables: SELECT min(per_element) AS least, max(per_element) AS most FROM simulated
#     WHERE metric = 'callgrind.instructions'
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('%s: %s instructions per element', max(label),
#     cm_quantity(max(v), '1')) ELSE printf('%s needs %s instructions per element, %s %s', max(CASE WHEN up = 1 THEN
#     label END), cm_quantity(max(v), '1'), max(CASE WHEN down = 1 THEN label END), cm_quantity(min(v), '1')) END ||
#     CASE WHEN max(setting) <> '' THEN ', at ' || max(setting) ELSE '' END || '.'
#     FROM (SELECT label, v, setting, row_number() OVER (ORDER BY v DESC, label) AS up,
#     row_number() OVER (ORDER BY v, label DESC) AS down FROM (SELECT label, per_element AS v, setting
#     FROM simulated WHERE metric = 'callgrind.instructions'))
# empty: SELECT NULL

eval bar_page
eval log_bars(least, most)
set xlabel 'instructions per element'
eval 'plot '.BARS
