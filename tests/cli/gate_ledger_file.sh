#!/bin/bash
# The ledger as a text in the user's repository, which check follows; thresholds by name and improvements that fail, as configured.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

config() { # MORE
    fast_plan 2 'mandelbrot/serial size=16 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
    gate_counts
    echo "$1" >>.countermark.yaml
}
config ""
rules='{"metric": "wall.time", "value": 1000000}, {"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
more='{"point": "mandelbrot/simd*", "metric": "papi.PAPI_TOT_INS", "scale":'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [$more 1.1}, $rules]}" >more.json
echo "{\"rules\": [$more 0.9}, $rules]}" >less.json
json() { # EXPRESSION over d, the document in ./out
    python3 -c "import json; d = json.load(open('out')); print($1)"
}

night base.json --no-anchor
exits 0 "a first night" "$COUNTERMARK" check
night more.json --no-anchor
exits 1 "10 % more are red" "$COUNTERMARK" check
exits 0 "an empty ledger is a list" "$COUNTERMARK" ledger
has out "nobody decided anything yet" "that says so"
exits 0 "a decision" "$COUNTERMARK" ignore F1 --reason "known: \"quoted\" <b>
and a second line" --until 2999-12-31
exits 0 "another" "$COUNTERMARK" note last --reason "- dashes: and # signs"

exits 0 "exported" "$COUNTERMARK" ledger export ledger.yaml
is "the count is told" "$(cat out)" "ledger.yaml: 2 decisions"
cp ledger.yaml before.yaml
exits 0 "imported again" "$COUNTERMARK" ledger import ledger.yaml
is "nothing is new" "$(cat out)" "0 new decisions of 2"
exits 0 "exported again" "$COUNTERMARK" ledger export ledger.yaml
ok "it is the same, to the byte" cmp ledger.yaml before.yaml
exits 0 "standard output" "$COUNTERMARK" ledger export -
ok "is the same, too" cmp out before.yaml
cp countermark.db other.db
sqlite3 other.db "DELETE FROM ledger WHERE kind <> 'accept'"
exits 0 "into another database" "$COUNTERMARK" ledger import - --db other.db
is "nothing comes out of nothing" "$(cat out)" "0 new decisions of 0"
exits 0 "from the file" "$COUNTERMARK" ledger import ledger.yaml --db other.db
is "both are new" "$(cat out)" "2 new decisions of 2"
is "with their reasons" "$(sqlite3 other.db "SELECT hex(reason) FROM ledger WHERE kind <> 'accept' ORDER BY kind")" \
    "$(sqlite3 countermark.db "SELECT hex(reason) FROM ledger WHERE kind <> 'accept' ORDER BY kind")"
is "and when they were made" "$(sqlite3 other.db "SELECT created FROM ledger WHERE kind <> 'accept' ORDER BY kind")" \
    "$(sqlite3 countermark.db "SELECT created FROM ledger WHERE kind <> 'accept' ORDER BY kind")"

# What check follows.
cat >ledger.yaml <<'E'
version: 1
decisions:
  - kind: ignore
    points: mandelbrot/simd:*
    reason: "as agreed"
  - {kind: ignore, points: gone/*, reason: renamed long ago}
  - {kind: accept, commit: 1234abcd, reason: of another machine}
E
sqlite3 countermark.db "DELETE FROM ledger WHERE kind <> 'accept'"
exits 1 "a file that is not configured says nothing" "$COUNTERMARK" check
config "ledger: ledger.yaml"
exits 0 "one that is configured is followed" "$COUNTERMARK" check --format json
is "what it ignores is excused" "$(json "[(f['variant'], f['excused'], f['ledger']) for f in d['findings']]")" \
    "[('simd', True, 'ignored: as agreed')]"
is "what covers nothing is told" "$(json "[n for n in d['ledger']]" |
    grep -o 'ledger.yaml:7: it accepts commit 1234abcd, which has no complete run here\|matches no point' | tr '\n' ';')" \
    "ledger.yaml:7: it accepts commit 1234abcd, which has no complete run here;matches no point;"
exits 0 "the list" "$COUNTERMARK" ledger
has out "(ledger file)" "says what is from the file"
exits 0 "its JSON" "$COUNTERMARK" ledger --format json
is "too" "$(json "sum(e['from_file'] for e in d['decisions'])")" 2
exits 0 "an export without a name" "$COUNTERMARK" ledger export
has ledger.yaml "of another machine" "writes that file, and keeps what is for other databases"
printf 'version: 1\ndecisions: []\n' >ledger.yaml
exits 1 "taken out of the file it has ended" "$COUNTERMARK" check
is "here, too" "$(sqlite3 countermark.db "SELECT count(*) FROM ledger WHERE kind = 'ignore'")" 0
echo "decisions: [{kind: ignore, points: x, raeson: y}]" >ledger.yaml
exits 2 "a mistake in the file" "$COUNTERMARK" check
has err "ledger.yaml:1:39: 'raeson' is no field of a decision (did you mean reason?)" "is named with its place"
for text in "decisions: [{kind: forbid, reason: y}]" "decisions: [{kind: ignore}]" "decisions: [{kind: accept, reason: y}]" \
    "decisions: 3" "version: 2" "- a" "decisions: [{kind: note, reason: y, until: soon}]" \
    "decisions: [{kind: note, reason: y, created: soon}]" "decisions: [{kind: note, reason: y, reason: z}]" \
    "decisions: [{kind: note, reason: y, commit: \"' OR 1\"}]" "a: [b"; do
    echo "$text" >ledger.yaml
    exits 2 "refused: $text" "$COUNTERMARK" check
done
rm ledger.yaml
exits 6 "a file that is not there" "$COUNTERMARK" check
has err "ledger.yaml" "is named"

# Thresholds by name, the last that matches; and improvements.
config "  thresholds: 3"
exits 2 "a mistake in the configuration" "$COUNTERMARK" check
has err ".countermark.yaml:10:15: thresholds needs a list" "has its place"
config "  thresholds: [{points: x}]"
exits 2 "a threshold without its share" "$COUNTERMARK" check
has err "needs its min-effect" "is none"
threshold() { # MORE
    config "  thresholds:
    - {points: 'mandelbrot/*', min-effect: 20%}
$1"
}
threshold ""
exits 0 "10 % are little where 20 % count" "$COUNTERMARK" check
ok "which is told, not hidden" grep -Eq '^    mandelbrot/simd.* instructions: \+10(\.0)? % is less than the 20 % that count here$' out
threshold "    - {points: 'mandelbrot/simd:*', metrics: 'papi.*', min-effect: 5%}"
exits 1 "but not for the variant that is named behind it" "$COUNTERMARK" check
threshold "    - {points: 'mandelbrot/simd:*', metrics: 'wall.*', min-effect: 5%}"
exits 0 "nor for another metric" "$COUNTERMARK" check
config ""
night less.json --no-anchor
exits 0 "an improvement fails nothing" "$COUNTERMARK" check
exits 1 "but with --fail-on faster" "$COUNTERMARK" check --fail-on faster
is "and says so" "$(tail -n 1 out | cut -d: -f1)" "1 improvement that fails this gate"
config "  fail-on: faster"
exits 1 "as configured, too" "$COUNTERMARK" check
exits 0 "the command line has the last word" "$COUNTERMARK" check --fail-on slower
exits 0 "accepted" "$COUNTERMARK" accept F1 --reason "less work"
exits 0 "it is the baseline" "$COUNTERMARK" check
config "  fail-on: never"
exits 2 "another word" "$COUNTERMARK" check
has err "neither slower nor faster" "is refused"
done_testing
