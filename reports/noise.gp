# title: How far the times of launches lie apart
# meaning: Slowest launch over fastest launch of the same point, minus one: what cannot be told from noise by time
#   alone. Light bars are the worst point of a variant, dark ones the point in the middle.
# scope: kernel
# order: 90
# query: SELECT variant AS label, max(spread) AS value, max(CASE WHEN nth = (total + 1) / 2 THEN spread END) AS
#     middle, printf('%.*f %% at the worst, %.*f %% in the middle', max(spread) < 10, max(spread), max(CASE WHEN nth =
#     (total + 1) / 2 THEN spread END) < 10, max(CASE WHEN nth = (total + 1) / 2 THEN spread END)) AS text
#     FROM (SELECT variant, 100 * (high / low - 1) AS spread, count(*) OVER (PARTITION BY variant) AS total,
#     row_number() OVER (PARTITION BY variant ORDER BY high / low) AS nth FROM timed WHERE n > 1 AND low > 0)
#     GROUP BY variant ORDER BY value DESC, variant
# variables: SELECT max(100 * (high / low - 1)) AS most FROM timed WHERE n > 1 AND low > 0
# reading: SELECT CASE WHEN count(*) = 1 THEN printf('The launches of %s spread by %.*f %%.', max(point), max(spread) <
#     10, max(spread)) ELSE printf('Half of the points spread by %.*f %% or less; the most, %s, by %.*f %%.', max(CASE
#     WHEN nth = (total + 1) / 2 THEN spread END) < 10, max(CASE WHEN nth = (total + 1) / 2 THEN spread END), max(CASE
#     WHEN nth = total THEN point END), max(spread) < 10, max(spread)) END FROM (SELECT point, 100 * (high / low - 1)
#     AS spread, row_number() OVER (ORDER BY high / low) AS nth, count(*) OVER () AS total FROM timed WHERE n > 1 AND
#     low > 0)
# empty: SELECT 'no point was launched twice in this run.'

eval bar_page
most = most > 0 ? most : 1
set xrange [0:most * (narrow ? 1.03 : 2)]
set format x '%g %%'
set xlabel 'slowest launch / fastest launch - 1'
eval 'plot '.bar_box("column('value')", '0x56b4e9').', '.bar_box("column('middle')", 'blue').', '. \
    bar_words("column('value')")
