# title: Level 1 data-cache misses per element over the sweep
# meaning: Where a curve steps up, the data of that variant stop fitting. Where a variant ran in several ways its
#   fastest is shown.
# scope: kernel
# order: 75
# query: SELECT c.series, c.x, max(a.value / coalesce(nullif(c.elements, 0), 1), 1e-7) AS y
#     FROM curve c JOIN measured a USING (point_id) WHERE a.metric = 'papi.PAPI_L1_DCM' ORDER BY c.series, c.x
# variables: SELECT f.*, min(max(a.value / coalesce(nullif(c.elements, 0), 1), 1e-7)) AS y_least, max(max(a.value /
#     coalesce(nullif(c.elements, 0), 1), 1e-6)) AS y_most FROM frame f, curve c JOIN measured a USING (point_id)
#     WHERE a.metric = 'papi.PAPI_L1_DCM'
# reading: SELECT printf('At %s %s the most misses are %s per element (%s), at %s they are %s (%s).', axis,
#     least_text, cm_quantity(max(CASE WHEN a = 1 THEN v END), '1'), max(CASE WHEN a = 1 THEN series END), most_text,
#     cm_quantity(max(CASE WHEN z = 1 THEN v END), '1'), max(CASE WHEN z = 1 THEN series END)) FROM (SELECT *, row_number() OVER (ORDER BY x, v DESC) AS
#     a, row_number() OVER (ORDER BY x DESC, v DESC) AS z FROM (SELECT c.series, c.x, a.value /
#     coalesce(nullif(c.elements, 0), 1) AS v FROM curve c JOIN measured a USING (point_id)
#     WHERE a.metric = 'papi.PAPI_L1_DCM')), frame
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric = 'papi.PAPI_L1_DCM'), CASE WHEN NOT EXISTS (SELECT 1
#     FROM curve) THEN 'this run has no sweep over an axis.' END, reason) FROM uncounted

eval sweep_page(axis, least, most, steps, in_bytes, l1, l2, l3)
eval log_axis('y', y_least, y_most)
set ylabel 'misses per element'
eval 'plot '.CURVES
