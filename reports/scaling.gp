# title: Scaling over workers
# meaning: How much faster each additional thread or process makes a variant, against its own time with one. The
#   dashed line is perfect scaling; curves flatten where a shared resource is used up or there are more workers than
#   cores. At most the ten fastest ways are shown.
# scope: kernel
# order: 40
# query: SELECT series, workers AS x, gain AS y FROM (SELECT *, dense_rank() OVER (ORDER BY quickest, series) AS place
#     FROM scaled WHERE gain IS NOT NULL AND steps > 1) WHERE place <= 10 ORDER BY series, x
# variables: SELECT max(workers) AS most FROM timed
# reading: SELECT printf('With %d workers, %s reaches %.3g times its own speed with one, %.0f %% of perfect.',
#     workers, series, gain, 100 * gain / workers) FROM scaled WHERE gain IS NOT NULL ORDER BY workers DESC, gain DESC
#     LIMIT 1
# empty: SELECT 'no variant was measured with one and with more threads or processes.'

eval page(330 + 24 * blocks, 290 + 21 * blocks)
set xlabel "threads or processes\n "
set ylabel 'times its speed with one'
set xrange [0.8:most + 0.2]
set yrange [0:most * 1.05]
set xtics 1, most > 16 ? 4 : most > 8 ? 2 : 1
set arrow 1 from 1, 1 to most, most nohead lc rgb soft lw 1.5 dt (6,4) back
eval 'plot '.CURVES
