#!/bin/bash
# alone: its neighbours are to be the only ones
# Real neighbours: a busy loop on another core is seen by every launch; loops on all cores make a time that is no regression, and
# the gate says whose doing it was.
. "$TOP/tests/tap.sh"

cpus=$(nproc)
[ "$cpus" -ge 2 ] || skip "one CPU: there is no other core for a neighbour"
command -v taskset >/dev/null || skip "there is no taskset to put a neighbour on a core"
mapfile -t ids < <(taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r low high; do seq "$low" "${high:-$low}"; done)

loops=()
busy() { # CPU
    taskset -c "$1" bash -c 'while :; do :; done' &
    loops+=($!)
}
quiet() {
    [ ${#loops[@]} = 0 ] || kill "${loops[@]}" 2>/dev/null
    loops=()
}
trap quiet EXIT
sql() { sqlite3 -separator ' ' countermark.db "$1"; }
others() { # RUN: the median of its launches
    sql "SELECT s.median FROM summary s JOIN metric m ON m.id = s.metric JOIN point p ON p.id = s.point
        WHERE s.run = $1 AND m.name = 'os.others' AND p.role = ''"
}

busy "${ids[-1]}"
"$COUNTERMARK" run -k mandelbrot -v serial -s size=100 --launches 5 --collect wall --progress off >out 2>err
quiet
is "a busy loop on another core is seen by every launch" "$(sql "SELECT count(*), min(value) >= 0.5 FROM v_samples
    WHERE metric = 'os.others'")" "5 1"
rm -r countermark.db*

cat >.countermark.yaml <<'E'
plans:
  one: |
    launches 8
    target 100ms
    collect wall
    use mandelbrot/serial size=300 maxiter=300
E
night() { # PROGRAM
    "$1" run --plan one --progress off >run.out 2>run.err || tap_show run.err
}
# The same code in another file: for the gate another build.
cp "$COUNTERMARK" other
echo >>other

night "$COUNTERMARK"
exits 0 "the first night is the baseline" "$COUNTERMARK" check
for cpu in "${ids[@]:0:4}"; do
    busy "$cpu"
    busy "$cpu"
done
night ./other
quiet
calm=$(others 1) crowd=$(others 2)
clear=$(sql "SELECT $calm < 0.3 AND $crowd > $calm + 0.5 AND b.low > 1.2 * a.high FROM v_history a JOIN v_history b
    ON b.run = 2 AND b.metric = a.metric AND b.point = a.point WHERE a.run = 1 AND a.metric = 'wall.time'")
if [ "$cpus" -gt 4 ] || [ "$cpus" != "$(getconf _NPROCESSORS_ONLN)" ] || [ "$clear" != 1 ]; then
    echo "# note: the gate on real neighbours is not tested: $calm CPUs were busy without them, $crowd with, of $cpus"
    done_testing
fi
exits 0 "times beside neighbours are no regression" ./other check --confirm-budget 0
is "but ambiguous" "$(sql "SELECT verdict FROM verdict WHERE run = 2 AND metric = 'wall.time'")" ambiguous
has out "beside a neighbour that kept" "and the neighbours are named"
./other check >out 2>err
not_ok "without them it does not show again" test "$(sql "SELECT verdict FROM verdict WHERE run = 2")" = slower
ok "and was their doing" test "$(sql "SELECT count(*) FROM verdict WHERE run = 2 AND reason LIKE '%beside a neighbour%'")" = 1
done_testing
