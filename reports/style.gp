# The shared look of all reports, read before each of them.
#
# Defined by the program: dark, narrow (1 or 0), rows (of data), blocks and series[1..blocks] (the data
#     file's blocks and their
# names), DATA (the data file, columns by header name), OUTPUT (the picture's file), and what the report's `variables:`
#     query gives.
# Defined here, for reports:
#   eval page(wide, small)     opens the picture, that many pixels high in wide and in narrow windows
#   eval log_axis('y', least, most)   a logarithmic axis that has labels also when it spans less than a decade
#   eval sweep_page(axis, least, most, steps, in_bytes, l1, l2, l3)   page and x axis of curves: the columns of the
#     table `frame`
#   eval log_bars(least, most), eval lin_bars(most)   the x axis of bars
#   eval bar_page; eval 'plot '.BARS              horizontal bars: columns label, value, text; bar_from is where they
#     start
#   bar_box(value, color), bar_words(at)          the parts of BARS, for other values or colours
#   eval gpu_page(rungs, thick)                   a page for groups of bars, one group per GPU variant
#   eval 'plot '.CURVES        one curve with points per block: columns x, y (shown divided by y_unit)

ink = dark ? '#e3e6ea' : '#1f2328'
soft = dark ? '#9aa4af' : '#59636e'
faint = dark ? '#3b434c' : '#d8dee4'
blue = dark ? 0x2f8fd0 : 0x0072b2
tint = dark ? '#262d35' : '#eef1f4'

set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set datafile missing 'NaN'

# Okabe-Ito, told apart by dash and point too. Black and yellow trade places with the background.
set linetype 1 lc rgb blue lw 2 dt 1 pt 7 ps 0.6
set linetype 2 lc rgb '#d55e00' lw 2 dt (12,4) pt 5 ps 0.6
set linetype 3 lc rgb '#009e73' lw 2 dt 1 pt 9 ps 0.8
set linetype 4 lc rgb '#cc79a7' lw 2 dt (12,4) pt 13 ps 0.9
set linetype 5 lc rgb '#e69f00' lw 2 dt 1 pt 11 ps 0.8
set linetype 6 lc rgb '#56b4e9' lw 2 dt (12,4) pt 6 ps 0.7
set linetype 7 lc rgb ink lw 2 dt 1 pt 4 ps 0.7
set linetype 8 lc rgb '#8f7a00' lw 2 dt (4,4) pt 8 ps 0.8
set linetype 9 lc rgb blue lw 2 dt (4,4) pt 12 ps 0.9
set linetype 10 lc rgb '#d55e00' lw 2 dt (4,4) pt 10 ps 0.8
set linetype 11 lc rgb '#009e73' lw 2 dt (4,4) pt 7 ps 0.6
set linetype 12 lc rgb '#cc79a7' lw 2 dt (4,4) pt 5 ps 0.6
set linetype cycle 12

set style fill solid 1 noborder
set border 3 lc rgb soft lw 1
set tics nomirror scale 0.5 textcolor rgb ink
set grid xtics ytics lt -1 lc rgb faint lw 1 dt 1
set grid back
set xlabel textcolor rgb ink offset 0,0.5
set ylabel textcolor rgb ink
set key textcolor rgb ink
set key outside below center horizontal samplen 3 spacing 1.15 Left reverse
unset title

width = narrow ? 380 : 860
size = narrow ? 12 : 14
page(wide, small) = sprintf("set terminal svg size %d,%d font 'sans-serif,%d' noenhanced linewidth 1; ". \
    "set output '%s'", width, narrow ? small : wide, size, OUTPUT)

# 200k and 1M where powers of ten would stand
number_format(most) = most >= 1e5 ? '%.0s%c' : '%g'
log_axis(axis, least, most) = sprintf("set logscale %s 10; set format %s '%s'; set %srange [%g:%g]; ", \
    axis, axis, number_format(most), axis, least / 1.4, most * 1.4) . \
    (most < 100 * least ? sprintf("set %stics (%s)", axis, list_125(decade(least), most)) : '')

# ---- a duration in ns: the unit that suits it
time_unit(ns) = ns >= 1e9 ? 1e9 : ns >= 1e6 ? 1e6 : ns >= 1e3 ? 1e3 : 1
time_name(unit) = unit == 1e9 ? 's' : unit == 1e6 ? 'ms' : unit == 1e3 ? 'us' : 'ns'

# ---- curves over a sweep: bytes are labelled 4 KiB, 1 MiB, with cache sizes as lines; other numbers at the data
byte_step(octaves) = octaves > (narrow ? 15 : 24) ? 64 : octaves > (narrow ? 9 : 16) ? (narrow ? 32 : 8) : \
    octaves > 5 ? (narrow ? 16 : 4) : 2
bytes_text(b) = b >= 2.0**30 ? sprintf('%.4g GiB', b / 2.0**30) : b >= 2**20 ? sprintf('%.4g MiB', b / 2.0**20) : \
    b >= 1024 ? sprintf('%.4g KiB', b / 1024.0) : sprintf('%.4g B', b)
byte_tics(x, most, step) = x > most ? '' : sprintf("'%s' %.0f, ", bytes_text(x), x) . byte_tics(x * step, most, step)
byte_axis(least, most) = sprintf("set logscale x 2; set xrange [%g:%g]; ", least / 1.2, most * 1.2) . \
    tics_list(byte_tics(2.0 ** ceil(log(least) / log(2) - 0.01), most * 1.01, \
        byte_step(log(most / least) / log(2)))) . '; '
cache_line(name, b, tag, least, most) = b >= least / 1.2 && b <= most * 1.2 ? \
    sprintf("set arrow %d from first %g, graph 0 to first %g, graph 1 nohead lc rgb soft lw 1.5 dt (6,4) back; ", \
        tag, b, b) . \
    sprintf("set label %d \"%s\\n%s\" at first %g, graph 1.0 center offset 0,1.6 textcolor rgb soft; ", \
        tag, name, bytes_text(b), b) : ''
cache_lines(least, most, l1, l2, l3) = cache_line('L1d', l1, 91, least, most) . \
    cache_line('L2', l2, 92, least, most) . cache_line('L3', l3, 93, least, most) . 'set tmargin 3.4; '
value_axis(least, most) = sprintf("set logscale x 10; set xrange [%g:%g]; ", least / 1.12, most * 1.12)
sweep_page(axis, least, most, steps, in_bytes, l1, l2, l3) = \
    page(400 + 24 * ceil(blocks / 3.0), 290 + 21 * blocks) . '; ' . (in_bytes ? \
    byte_axis(least, most) . cache_lines(least, most, l1, l2, l3) . "set xlabel axis.\" (bytes)\\n \"" : \
    value_axis(least, most) . "set xlabel axis.\"\\n \"") . (in_bytes || steps > 8 ? '' : '; CURVES = CURVES_AT')
y_unit = 1
CURVES = "for [i=1:blocks] DATA index i-1 using (column('x')):(column('y') / y_unit) with linespoints lt i title series[i]"
CURVES_AT = "for [i=1:blocks] DATA index i-1 using (column('x')):(column('y') / y_unit):xtic(sprintf('%g', column('x'))) ". \
    "with linespoints lt i title series[i]"

# ---- horizontal bars: in wide windows labels stand at the left and texts at the
#     bars' ends, in narrow ones both above the bar
bar_from = 0
bar_gap = 0.6
bar_top = narrow ? 0.0 : -0.34
bar_end = narrow ? 0.36 : 0.34
bar_page = page(70 + 34 * rows, 64 + 40 * rows) . \
    "; unset key; set yrange [rows - 0.4:-0.6]; set ytics scale 0; set grid noytics; set border 1" . \
    (narrow ? "; unset ytics; set lmargin 2; set rmargin 3.5" : '')
bar_room(most) = most * (narrow ? 1.03 : 1.22)
bar_box(value, color) = "DATA using (" . value . "):0:(bar_from):(" . value . "):($0+bar_top):($0+bar_end):(" . \
    color . ") with boxxyerror lc rgb variable notitle"
# the words start a hair inside: at the edge itself gnuplot drops them for some logarithms
bar_words(at) = narrow ? \
    "DATA using (bar_from + 1e-9 * abs(bar_from)):($0-0.26):(brief(strcol('label')).':  '.strcol('text')) " . \
        BAR_LABELS : \
    "DATA using (" . at . "):0:(strcol('text')):ytic(strcol('label')) " . BAR_LABELS . sprintf(" offset %g,0", bar_gap)
# what tells points apart stands at both ends
brief(text) = strlen(text) > 34 ? text[1:16].'…'.text[strlen(text)-16:*] : text
BAR_LABELS = "with labels notitle left textcolor rgb ink"
BARS = bar_box("column('value')", 'blue') . ', ' . bar_words("column('value')")

# ---- GPU variants: a group of bars each, `thick` lines high; in narrow windows the words stand above or wrap
grey = 0x8b949e
gpu_page(rungs, thick) = page(130 + 20 * ceil(blocks / 3.0) + rungs * (20 + 17 * thick), 80 + 22 * blocks + rungs * (26 + 16 * thick)) . \
    "; set yrange [rungs - 0.4:-0.6]; set ytics scale 0; set grid noytics; set border 1" . \
    (narrow ? '; set key maxcols 1' : '')
gpu_tic(label) = brief(label)

# a logarithmic x axis from `low` to `most`: 1, 2, 5 labelled where it is short, every second decade where it is long
tics_125(x, most) = x > most ? '' : sprintf("%g, %g, %g, ", x, 2 * x, 5 * x) . tics_125(10 * x, most)
tics_list(text) = 'set xtics (' . text[1:strlen(text) - 2] . ')'
list_125(x, most) = tics_125(x, most)[1:strlen(tics_125(x, most)) - 2]
log_tics(low, most) = log10(most / low) < (narrow ? 1.2 : 2.2) ? tics_list(tics_125(low, most)) : \
    log10(most / low) > (narrow ? 3.2 : 8) ? 'set xtics 100' : 'set xtics 10'
log_low(least) = 10.0 ** floor(log10(least) - 0.05)
log_bars(least, most) = sprintf("bar_from = %g; set logscale x 10; set format x '%s'; set xrange [%g:%g]; ", \
    log_low(least), number_format(most), log_low(least), \
    log_low(least) * 10 ** (log10(most / log_low(least)) * (narrow ? 1.02 : 1.15))) . \
    log_tics(log_low(least), most)
# a linear one from 0 with a handful of labels
decade(x) = 10.0 ** floor(log10(x))
nice(x) = decade(x) * (x < 1.5 * decade(x) ? 1 : x < 3.5 * decade(x) ? 2 : x < 7.5 * decade(x) ? 5 : 10)
lin_bars(most) = sprintf("set format x '%s'; set xrange [0:%g]; set xtics 0, %g", \
    most >= 1e5 ? '%.1s%c' : '%g', bar_room(most), nice(most / (narrow ? 4.0 : 6.0)))
