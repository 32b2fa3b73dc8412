#!/bin/bash
# A machine that moved, on scripted times: anchors that moved make stored times ambiguous, never slower, with the change as it was
# measured and what of it is beyond the machine's; in turns it is what it is. Facts that changed are named where something moved.
# time: 300
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.002}'
anchors='"point": "anchor/*", "metric": "wall.time"'
work='"point": "mandelbrot/*", "metric": "wall.time"'
simd='"point": "mandelbrot/simd*", "metric": "wall.time"'
script() { # FILE FACTS RULE...
    local file=$1 facts=$2
    shift 2
    echo "{\"facts\": {$facts}, \"rules\": [$* {$anchors, \"add\": 0}, $rules]}" >"$file"
}
before='"governor": "performance", "kernel.release": "6.1", "microcode": "0x1"'
script base.json "$before"
# Only the run of that night: what is measured again later is as ever.
script drift.json "$before" "{$anchors, \"launch\": \"0-7\", \"scale\": 1.052}," "{$work, \"launch\": \"0-7\", \"scale\": 1.052},"
script hidden.json "$before" "{$anchors, \"launch\": \"0-7\", \"scale\": 0.95}," "{$simd, \"launch\": \"8-99\", \"scale\": 1.053},"
# The new program goes at another speed in every launch: on average it is the same.
odd=$(for ((i = 8; i < 110; i++)); do
    printf '{%s, "launch": %d, "scale": %s},' "$simd" $i "$(printf '%d.%04d' $(((9100 + i * 7919 % 1801) / 10000)) $(((9100 + i * 7919 % 1801) % 10000)))"
done)
script restless.json "$before" "{$anchors, \"launch\": \"0-7\", \"scale\": 0.95}," "$odd"
script both.json "$before" "{$anchors, \"launch\": \"0-7\", \"scale\": 1.052}," "{$simd, \"launch\": \"0-7\", \"scale\": 1.16}," \
    "{$simd, \"scale\": 1.1},"
script part.json "$before" "{\"point\": \"anchor/bandwidth\", \"metric\": \"wall.time\", \"scale\": 1.12}," \
    "{$simd, \"launch\": \"0-7\", \"scale\": 1.12},"
script kernel.json '"governor": "powersave", "kernel.release": "6.12", "microcode": "0x1"' "{$simd, \"launch\": \"0-7\", \"scale\": 1.1},"

sql() {
    sqlite3 -separator ' ' countermark.db "$1"
}
last="(SELECT max(id) FROM run)"
verdicts() { # of the last run: serial and simd
    sql "SELECT verdict FROM verdict WHERE run = $last AND metric = 'wall.time' ORDER BY point" | tr '\n' ' '
}
reason() { # POINT: of the last run
    sql "SELECT reason FROM verdict WHERE run = $last AND metric = 'wall.time' AND point LIKE '$1%'"
}

night base.json --progress plain
has run.err "2 points, 16 time launches + 0 counter launches plus 24 of the anchors" "anchors are counted apart"
lacks run.out "anchor/" "and stand in no table of results"
has run.out "16 of 16 launches measured plus 24 of 24 of the anchors" "but the totals have them"
exits 0 "the first night is the baseline" "$COUNTERMARK" check
has out "run 1 with 2 points" "of the work alone"
night base.json
exits 0 "an A/A is silent" "$COUNTERMARK" check
is "and says nothing of the machine" "$(tail -n 1 out)" "nothing slower; 2 points same"
is "show lists no anchors" "$("$COUNTERMARK" show last | grep -c anchor/)" 0
is "nor does the view of points" "$(sql "SELECT count(*) FROM v_points WHERE point LIKE 'anchor/%'")" 0
is "their own view does" "$(sql "SELECT count(DISTINCT point) FROM v_anchors WHERE run = 2 AND metric = 'wall.time'")" 3

night drift.json
exits 0 "a machine that became slower is no regression" "$COUNTERMARK" check --confirm-budget 0
is "stored times are ambiguous then, never slower" "$(verdicts)" "ambiguous ambiguous "
has out "the machine changed by +5." "the machine's change is said"
ok "with its interval" grep -Eq 'the machine changed by \+5\.[0-9] % \(anchors, 95 % [45]\.[0-9] to 5\.[0-9]\) since run 1' out
ok "the point's change too, as measured and beyond that" \
    grep -Eq '\+5\.[0-9] % here is [-+]?0(\.[0-9]+)? % beyond that; only stored launches speak' out
ok "the last line tells it" grep -Eq '^nothing slower; 2 points ambiguous; the machine changed by \+5' out
"$COUNTERMARK" check --confirm-budget 0 --format json --markdown m.md >j.json 2>err
is "programs are told" "$(python3 -c '
import json
d = json.load(open("j.json"))
m = d["machine"][0]
c = d["comparisons"][0]
print(m["moved"], round(m["ratio"], 2), sorted(a["anchor"] for a in m["anchors"]), round(c["ratio"], 2), [round(x, 2) for x in c["beyond"]])')" \
    "True 1.05 ['bandwidth', 'core', 'latency'] 1.05 [1.0, 1.0]"
has m.md "the machine changed by +5." "so is Markdown"
"$COUNTERMARK" check --confirm-budget 0 --format github >out 2>err
has out "the machine changed by +5." "and GitHub"
exits 0 "measured again in turns" "$COUNTERMARK" check
is "it is the same" "$(verdicts)" "same same "
reason mandelbrot/simd >why
ok "and the machine's change is told beside" grep -Eq 'did not show when measured again in turns .*; the machine changed by' why

night hidden.json --no-anchor --progress plain
lacks run.err "of the anchors" "--no-anchor leaves them out"
exits 0 "5 % on a machine that became faster by as much are not seen" "$COUNTERMARK" check
night hidden.json
exits 0 "with anchors they are suspected" "$COUNTERMARK" check --confirm-budget 0
is "of every point that did not move" "$(verdicts)" "ambiguous ambiguous "
reason mandelbrot/simd >why
ok "as what they may hide" grep -Eq 'the machine changed by -[45].* here is \+5\.[0-9] % beyond that' why
exits 1 "and measured again they are red" "$COUNTERMARK" check
is "where the code became slower" "$(verdicts)" "same slower "

night restless.json
exits 0 "a point that cannot be decided in turns" "$COUNTERMARK" check
is "is the same, where what the machine may have hidden is excluded" "$(verdicts)" "same same "
reason mandelbrot/simd >why
ok "with the interval that excludes it" grep -Eq 'did not show when measured again in turns \(.*, 95 % .*; the machine changed by' why

night both.json
exits 1 "a slower program on a slower machine" "$COUNTERMARK" check
is "is one regression" "$(verdicts)" "same slower "
reason mandelbrot/simd >why
ok "by what shows in turns" grep -Eq 'old and new program: \+(9|10)\.[0-9] %; the machine changed by \+5' why

night part.json
exits 0 "only the memory became slower" "$COUNTERMARK" check --confirm-budget 0
is "then it is not certain either" "$(verdicts)" "ambiguous ambiguous "
ok "and said which part it was" grep -Eq \
    'parts of the machine changed \(anchors: bandwidth \+1[12]\.[0-9] % \(95 % [0-9.]+ to [0-9.]+\), core the same, latency the same\)' out
reason mandelbrot/simd >why
ok "what is left is a range" grep -Eq '\+1[12]\.[0-9] % here is between .* and .* beyond that' why

night kernel.json
exits 0 "another kernel and governor" "$COUNTERMARK" check --confirm-budget 0
is "leave what moved ambiguous" "$(verdicts)" "same ambiguous "
changed="changed since run 1: kernel.release 6.1 -> 6.12, governor performance -> powersave"
reason mandelbrot/simd >why
ok "and are named in its verdict" grep -qF "$changed" why
has out "same, 1 ambiguous; $changed" "and in the last line"
"$COUNTERMARK" check --confirm-budget 0 --format json >j.json 2>err
is "programs are told" "$(python3 -c 'import json; print(json.load(open("j.json"))["machine"][0]["changed"])')" \
    "${changed#changed since run 1: }"
"$COUNTERMARK" check --confirm-budget 0 --format github >out 2>err
has out "$changed" "so is GitHub"
exits 0 "the anchors can be looked at" "$COUNTERMARK" show --anchors --runs 2
is "those of the newest runs" "$(grep -c 'anchor/.*wall.time' out)" 6
"$COUNTERMARK" show --anchors --metric os.steal --point anchor/core --format json >j.json 2>err
is "any of their metrics" "$(python3 -c 'import json; print({r["metric"] for r in json.load(open("j.json"))["rows"]})')" "{'os.steal'}"
exits 3 "what no run has is told" "$COUNTERMARK" show --anchors --machine other
has err "has no such anchors" "in a sentence"
exits 0 "the report" "$COUNTERMARK" report
ok "has no page of the anchors" test ! -e report/anchor.html
if command -v gnuplot >/dev/null; then
    has report/machine.html "This run against the first one of the same program, 8 runs are known: bandwidth" "the machine's page draws them over the runs"
else
    echo "# no gnuplot: the plot of the anchors is not looked at"
fi
ok "the database is sound" "$COUNTERMARK" db check
done_testing
