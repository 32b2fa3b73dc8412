# title: How evenly threads share the work
# meaning: Instructions of the idlest thread as a share of those of the busiest; 100 % is a perfect split. A low bar
#   is waiting time for the others.
# scope: kernel
# order: 80
# query: SELECT label, share AS value, printf('%.1f %%', share) AS text FROM balance ORDER BY share, label LIMIT 16
# reading: SELECT
#     printf('%s shares the least evenly: its idlest thread completes %.0f %% of the instructions of its busiest.',
#     label, share) FROM balance ORDER BY share LIMIT 1
# empty: SELECT coalesce((SELECT reason FROM absent WHERE metric LIKE 'papi.PAPI_TOT_INS%'), CASE WHEN EXISTS (SELECT
#     1 FROM counted WHERE metric = 'papi.PAPI_TOT_INS') THEN 'no variant with two or more threads was counted.' ELSE
#     reason END) FROM uncounted

eval bar_page
set xrange [0:narrow ? 101 : 118]
set xtics 0, 25, 100
set format x '%g %%'
set xlabel 'idlest thread / busiest thread'
eval 'plot '.BARS
