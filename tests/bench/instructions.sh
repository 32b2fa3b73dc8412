#!/bin/bash
# How small a change callgrind's instructions show: a thousandth more, planted in one variant of a second program, in 50 trials of one
# launch each; and as many of the first program with itself. Then what being simulated costs.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
. "$TOP/tests/planted.sh"
trials=${TRIALS:-50}

if ! "$COUNTERMARK" list collectors 2>&1 | grep -Eq '^callgrind .* yes'; then
    echo "skipped: callgrind $("$COUNTERMARK" list collectors 2>&1 | grep '^callgrind' | grep -o 'no: .*')"
    exit 0
fi
cat >.countermark.yaml <<'E'
plans:
  trial: |
    launches 1
    target 1ms
    collect callgrind:instructions
    use mandelbrot/nops size=64 maxiter=100
  cost: |
    launches 3
    target 50ms
    collect callgrind
    use mandelbrot/serial size=300 maxiter=1000
    use mandelbrot/simd size=100 maxiter=1000
    use mandelbrot/arrays size=100 maxiter=100
    use triad/serial size=16M
    use peak/serial steps=640 precision=fp64
E
trial() { # PROGRAM: one launch, judged against the first run by what is stored
    "./$1" run --plan trial --no-calibrate --progress off >out 2>&1 || return 9
    "./$1" check --baseline run:1 --metric callgrind.instructions --confirm-budget 0 >out 2>&1
}
instructions() { # DIVISOR MORE
    sqlite3 countermark.db "SELECT CAST(value / $1 AS INTEGER) + $2 FROM v_samples WHERE run = 1 AND metric = 'callgrind.instructions'"
}

planted_begin
planted_build 0 old || exit 1
trial old
planted_build "$(instructions 1000 1)" new || exit 1
found=0 alarms=0
for ((i = 0; i < trials; i++)); do
    trial new
    [ $? = 1 ] && found=$((found + 1))
    trial old || alarms=$((alarms + 1))
done
printf 'planted %d of %d instructions: found in %d of %d trials of one launch each; the same program: %d alarms in %d\n' \
    "$(instructions 1000 1)" "$(instructions 1 0)" "$found" "$trials" "$alarms" "$trials"

"$COUNTERMARK" run --plan cost --no-calibrate --progress off --db cost.db >out 2>&1 || tail out
echo "one launch on the simulated CPU (three executions, one of them not counted), beside one execution by itself:"
sqlite3 -separator '	' cost.db "SELECT p.kernel || '/' || p.variant, t.median / 1e6, l.executing_s * 1e3,
    l.executing_s * 1e9 / t.median, l.wall_s FROM launch l JOIN point p ON p.id = l.point JOIN summary t ON t.point = p.id
    JOIN metric m ON m.id = t.metric AND m.name = 'wall.time' WHERE l.pass <> '' ORDER BY p.text" |
    awk -F '\t' '{ printf "  %-20s %9.3f ms  %9.1f ms  %6.0f times  (the whole launch %.1f s)\n", $1, $2, $3, $4, $5 }'
[ "$found" = "$trials" ] && [ "$alarms" = 0 ]
