#!/bin/bash
# Nights without counters: one instruction in a thousand more, planted in one variant of a program that is built for it, is found,
# confirmed by the kept old program, and named; the same program again, and the other variant, are silent.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/planted.sh"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
grep -Eq '^callgrind .* yes' collectors.txt || skip "$(grep '^callgrind' collectors.txt | grep -o 'no: .*')"
deny() { "$BUILD/tests/tools/deny_perf" ENOENT "$@"; }
deny true 2>/dev/null || skip "the system lets no filter be set, so counters cannot be hidden"
cat >.countermark.yaml <<'E'
plans:
  night: |
    launches 2
    target 1ms
    collect papi:base
    simulate 20s
    use mandelbrot/nops size=64 maxiter=100
    use mandelbrot/serial size=64 maxiter=100
E
night() { deny "./$1" nightly night --progress off; }
sql() { sqlite3 countermark.db "$@"; }

planted_begin
ok "a program is built" planted_build 0 old
exits 0 "a night is the baseline" night old
has err "callgrind counts instructions on a simulated CPU instead; gates decide on those and on time" \
    "one sentence says what nights are judged by"
exits 0 "the next one, of the same program, is silent" night old
is "in every count" "$(sql "SELECT DISTINCT verdict FROM verdict WHERE run = 2 AND metric = 'callgrind.instructions'")" same

thousandth=$(sql "SELECT CAST(value / 1000 AS INTEGER) + 1 FROM v_samples WHERE run = 1 AND point GLOB '*nops*' AND
    metric = 'callgrind.instructions' LIMIT 1")
ok "a thousandth more is built into one variant" planted_build "$thousandth" new
exits 1 "and the night is red" night new
has out "1 regression: mandelbrot/nops instructions +0.10 %" "it is named"
has out "counted again: +0.10 %" "after the old program and the new one counted again"
has out "with callgrind: countermark run --db /tmp/perf.db --collect callgrind --launches 1 -k mandelbrot -v nops" \
    "with the line for valgrind"
lacks out "perf stat" "and none for perf, which has no counters here"
is "the other variant is the same" "$(sql "SELECT verdict FROM verdict WHERE run = 3 AND point GLOB '*serial*' AND
    metric = 'callgrind.instructions'")" same
exits 1 "without a second count it is red, too" ./new check --confirm-budget 0
ok "it is accepted" ./new accept F1 --reason wanted
exits 0 "and then the baseline" ./new check
done_testing
