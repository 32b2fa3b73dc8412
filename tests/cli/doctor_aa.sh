#!/bin/bash
# doctor --aa: a plan against itself, and what check makes of it. Times are scripted.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
ins='{"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
# Every other launch takes five times as long: there nothing can be seen. How many repetitions a launch has plays no part.
wild=
for launch in 1 3 5 7; do
    wild="$wild{\"point\": \"mandelbrot/simd*\", \"launch\": $launch, \"metric\": \"wall.time\", \"scale\": 5}, "
done
rules="$wild{\"metric\": \"wall.time\", \"value\": 1000000, \"noise\": 0.02}, $ins"
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [{\"point\": \"mandelbrot/serial*size=16*\", \"metric\": \"papi.PAPI_TOT_INS\", \"scale\": 1.0005}, $rules]}" >more.json

field() { # PYTHON EXPRESSION over d, the document in ./out
    python3 -c 'import json, sys
d = json.load(open("out"))
print(eval(sys.argv[1]))' "$1"
}
aa() {
    "$COUNTERMARK" doctor --aa "$@" --plan fast --collect wall,fake:base.json
}

night base.json
exits 0 "a first night" "$COUNTERMARK" check
night more.json
exits 0 "0.05 % more instructions are within the usual threshold" "$COUNTERMARK" check
has out "(estimated from these launches; \`countermark doctor --aa\` measures it)" "and what would have been seen is an estimate"
has out "mandelbrot/serial: time about " "in the list too"

exits 0 "the plan against itself" aa 4 --progress plain
has out "plan fast 4 times against itself, 8 launches of a point each" "it tells what it did"
has out "this gate sees " "and what the gate sees"
has out " and 0.02 % in instructions on this machine" "of counts too"
has out "false alarms: 0 of " "and how often it would have cried wolf"
has err "A/A run 1 of 4" "with progress"
has err "A/A run 4 of 4, about " "and what is left"
is "the plan is announced once" "$(grep -c '^plan fast: ' err)" 1
is "the blindest series comes first" "$(sed -n 4p out | cut -d: -f1)" "mandelbrot/simd"
has out "only more than a factor of 2" "of which no change can be seen"
is "the runs are in a database of their own" \
    "$(sqlite3 countermark.db.builds/aa.db "SELECT count(*) FROM run") $(sqlite3 countermark.db "SELECT count(*) FROM run")" "4 2"
is "what was learnt is stored, of a scripted machine" "$(sqlite3 countermark.db "SELECT count(*), min(runs), max(launches),
    min(comparisons), sum(scripted) FROM noise")" "6|4|32|6|6"

exits 1 "now 0.05 % are a regression: counts have a threshold as tight as their noise" "$COUNTERMARK" check
has out "1 regression: mandelbrot/serial instructions +0.05 % (1 point)" "which is named"
has out "this gate sees " "what it sees is told"
lacks out "estimate" "and no estimate any more"
exits 1 "JSON" "$COUNTERMARK" check --format json
is "has the number beside every comparison" \
    "$(field "sorted({c['detectable_from'] for c in d['comparisons']})")" "['aa']"
is "and null where nothing would have been seen" \
    "$(field "[c['detectable'] for c in d['comparisons'] if c['metric'] == 'wall.time' and 'simd' in c['point']]")" "[None]"
is "half of the points, nine of ten, of each metric" \
    "$(field "[(m['metric'], m['points'], m['estimated'], m['nine_of_ten'] is None) for m in d['sight']['metrics']]")" \
    "[('wall.time', 3, 0, True), ('papi.PAPI_TOT_INS', 3, 0, False)]"
exits 1 "compare" "$COUNTERMARK" compare run:1 run:2
has out "same (would have seen 0.02 %)" "has it in its table"
has out "same (would have seen only more than a factor of 2)" "also of what cannot be seen"
exits 1 "Markdown" "$COUNTERMARK" check --markdown m.md
has m.md "this gate sees " "has the sentence"

exits 0 "as JSON" aa 2 --format json --progress off
is "one document with all there is" "$(field "sorted(d)")" \
    "['aa', 'database', 'false_alarms', 'fingerprint', 'interrupted', 'launches', 'machine', 'plan', 'runs', 'scripted', 'seconds', 'series', 'sight']"
is "and a row per series" "$(field "len(d['series']), d['runs'], d['launches'], d['interrupted']")" "(6, 2, 8, False)"
is "progress that is off says nothing" "$(grep -c 'A/A run' err)" 0
ok "the database is in order" "$COUNTERMARK" db check

exits 2 "one run is no pair" aa 1
has err "from 2 to 500, not \"1\"" "it says"
exits 2 "nor is a word" aa many
exits 2 "two numbers are one too many" aa 2 3
exits 2 "a plan that is not there" "$COUNTERMARK" doctor --aa 2 --plan none
exits 2 "a plan without a measurement" "$COUNTERMARK" doctor --plan fast
exits 2 "both measurements at once" "$COUNTERMARK" doctor --aa --layout
echo '{"rules": [{"error": "crash"}]}' >crash.json
exits 3 "a plan of which nothing runs" "$COUNTERMARK" doctor --aa 2 --plan fast --collect wall,fake:crash.json --db none.db
has err "no launch of the plan gave a number" "says so"
ok "and stores nothing" test ! -e none.db

# Without counters nights count instructions by simulation, and so does this.
"$COUNTERMARK" list collectors >collectors.txt 2>&1
deny() { "$BUILD/tests/tools/deny_perf" ENOENT "$@"; }
if grep -Eq '^callgrind .* yes' collectors.txt && deny true 2>/dev/null; then
    exits 0 "without counters" deny "$COUNTERMARK" doctor --aa 2 -k mandelbrot -v serial -s size=16 -s maxiter=20 --launches 2 \
        --db simulated.db --format json --progress off
    is "instructions are simulated, as in a night" "$(field "sorted(s['metric'] for s in d['series'])")" \
        "['callgrind.instructions', 'wall.time']"
else
    echo "# note: no simulator, or counters that cannot be hidden"
fi

# Stopped in the third run: two are there and are used.
"$COUNTERMARK" doctor --aa 400 --plan fast --collect wall,fake:base.json --db stopped.db --progress plain >out 2>err &
pid=$!
for _ in $(seq 1200); do
    grep -q "A/A run 3 of" err 2>/dev/null && break
    sleep 0.05
done
sleep 0.1
kill -TERM $pid
wait $pid
is "stopped: exit 130" $? 130
has out "times against itself" "what was measured is shown"
is "and stored" "$(sqlite3 stopped.db "SELECT count(*), min(runs) >= 2 FROM noise")" "6|1"
done_testing
