# title: A series over its history
# meaning: Points are runs in the order of their commits (the median of the launches), the band reaches from the smallest to the
#   largest launch. The thick line is the level; a vertical line stands where it changed: red and up is worse, green and down is better.
# scope: series
# order: 10

# The data come from the program (report_history_plot.c), all blocks with the same columns: x value low high text brief date kind.
# b_VALUES ... are the blocks' numbers, -1 for one that is not there. y_least, y_most: the axis; y_digits: behind the point.

eval page(370, 390)
worse = '#d55e00'
better = '#009e73'
unsure = '#e69f00'
span = y_most - y_least
bottom = y_least + 1e-9 * span
top = y_most - 1e-9 * span
set xrange [-0.7:x_most + 0.7]
set yrange [y_least:y_most]
set format x ''
unset xtics
set grid noxtics
set format y '%.'.sprintf('%d', y_digits).'f'
set ytics nice(span / (narrow ? 4.0 : 5.0))
set ylabel y_label
set tmargin 3.2
# room for two lines of words below the axis
set xlabel " \n \n "
set rmargin narrow ? 5 : 4
set key samplen 2 width -1
if (narrow) set key maxcols 2
if (!narrow) set key maxcols 5
words = narrow ? 'brief' : 'text'
said(n) = strcol(words) eq '-' ? '' : strcol(words)

block(n) = "DATA index ".sprintf('%d', n)." using (column('x'))"
upright(n, kind) = "DATA index ".sprintf('%d', n)." using (column('kind') == ".sprintf('%d', kind). \
    " ? column('x') : NaN):(y_least):(0):(span) with vectors nohead "

parts = block(b_values).":(column('low')):(column('high')) with filledcurves fc rgb blue fs transparent solid 0.22 " . \
    "noborder title 'launches'"
if (b_around >= 0) parts = parts.", DATA index b_around using (column('x')):(y_least):(0):(span) with vectors nohead ". \
    "lc rgb soft lw 1 dt (2,4) title 'surroundings changed'"
if (b_changes >= 0) parts = parts.", ".upright(b_changes, 1)."dt 1 lc rgb worse lw 1.5 notitle, ". \
    upright(b_changes, 2)."dt 1 lc rgb better lw 1.5 notitle, ".upright(b_changes, 3)."lc rgb unsure lw 1.5 dt (6,4) notitle, ". \
    upright(b_changes, 4)."dt 1 lc rgb soft lw 1.5 notitle"
parts = parts.", ".block(b_values).":(column('value')) with points pt 7 ps ".(x_most > 150 ? '0.25' : '0.45'). \
    " lc rgb blue title 'a run'"
if (b_suspect >= 0) parts = parts.", ".block(b_suspect).":(column('value')) with points pt 6 ps 0.8 lc rgb unsure title 'suspect'"
if (b_beyond >= 0) parts = parts.", DATA index b_beyond using (column('kind') > 0 ? column('x') : NaN):(y_most - 0.02 * span) ". \
    "with points pt 9 ps 0.8 lc rgb blue title 'off the scale', ". \
    "DATA index b_beyond using (column('kind') < 0 ? column('x') : NaN):(y_least + 0.02 * span) with points pt 11 ps 0.8 lc rgb blue notitle"
if (b_levels >= 0) parts = parts.", ".block(b_levels).":(column('value')) with lines dt 1 lc rgb ink lw 2.5 title 'level'"
if (b_pending >= 0) parts = parts.", ".block(b_pending).":(column('value')) with lines lc rgb unsure lw 2.5 dt (6,3) title 'not confirmed'"
if (b_absent >= 0) parts = parts.", DATA index b_absent using (column('x')):(y_least + 0.03 * span) with points pt 2 ps 0.8 lw 1.5 lc rgb soft ". \
    "title 'not measured'"
if (b_ledger >= 0) parts = parts.", DATA index b_ledger using (column('x')):(y_least + (0.09 + 0.115 * column('low')) * span) with points pt 5 ps 1.6 lc rgb ink notitle". \
    ", DATA index b_ledger using (column('x')):(y_least + (0.09 + 0.115 * column('low')) * span):(strcol('brief')) with labels font ',10' textcolor rgb (dark ? '#13171c' : '#ffffff') notitle". \
    ", NaN with points pt 5 ps 1.4 lc rgb ink title ledger_title"
place = narrow ? 'high' : 'low'
above(row) = ", DATA index b_changes using (column(place) == ".row." ? column('x') : NaN):(top):(strcol('text')) " . \
    "with labels center offset 0,".(row eq '0' ? '0.7' : '1.8')." textcolor rgb ink notitle"
if (b_changes >= 0) parts = parts.above('0').above('1')
parts = parts.", DATA index b_places using (column('x')):(bottom):(said(0)) with labels center offset 0,-0.8 textcolor rgb ink notitle". \
    ", DATA index b_places using (column('x')):(bottom):(strcol(words) eq '-' ? '' : strcol('date')) with labels center offset 0,-1.8 textcolor rgb soft notitle"
eval 'plot '.parts
