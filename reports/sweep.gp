# title: Time per element over the sweep
# meaning: Flat is linear behaviour; a step up is where the data leave a cache or overheads stop mattering. Where a
#   variant ran in several ways (threads, schedules) its fastest is shown. Both axes are logarithmic.
# scope: kernel
# order: 20
# query: SELECT series, x, per_element AS y FROM curve ORDER BY series, x
# variables: SELECT f.*, min(c.per_element) AS y_least, max(c.per_element) AS y_most FROM frame f, curve c
# reading: SELECT CASE count(*) WHEN 0 THEN printf('No variant ran at two values of %s with all else the same.',
#     (SELECT axis FROM frame)) WHEN 1 THEN
#     printf('Over %s from %s to %s the time per element of %s changes by a factor of %.3g.', axis, least_text, most_text,
#     max(series), max(ratio)) ELSE
#     printf('Over %s from %s to %s the time per element of %s changes the most, by a factor of %.3g, that of %s the least, %.2f.',
#     axis, least_text, most_text, max(CASE WHEN up = 1 THEN series END), max(ratio), max(CASE WHEN down = 1 THEN
#     series END), min(ratio)) END FROM (SELECT *, row_number() OVER (ORDER BY ratio DESC, series) AS up, row_number()
#     OVER (ORDER BY ratio, series DESC) AS down FROM (SELECT series, max(per_element) / min(per_element) AS ratio
#     FROM curve GROUP BY series HAVING count(*) > 1)), frame
# empty: SELECT 'this run has no sweep over an axis.'

eval sweep_page(axis, least, most, steps, in_bytes, l1, l2, l3)
y_unit = time_unit(sqrt(y_least * y_most))
eval log_axis('y', y_least / y_unit, y_most / y_unit)
set ylabel time_name(y_unit).' per element'
eval 'plot '.CURVES
