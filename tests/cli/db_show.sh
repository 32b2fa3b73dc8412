#!/bin/bash
# show: a run, points over runs, differences of two runs; text and JSON say the same.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 2
    target 2ms
    collect wall
    use mandelbrot/serial size=16,32 maxiter=20
E
rules='{"metric": "wall.time", "value": 2500}, {"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [{\"point\": \"*size=32*\", \"error\": \"crash\"}, $rules]}" >crash.json
night() { # SCRIPT
    "$COUNTERMARK" run --plan tiny --collect "wall,fake:$1" --progress off >run.out 2>run.err
}

exits 2 "without a database" "$COUNTERMARK" show
has err "there is no database countermark.db" "there is nothing to show"
night base.json
exits 0 "the last run" "$COUNTERMARK" show
has out "run 1  complete  " "has its head"
has out "  scripted" "says that it was scripted"
has out "same bits" "shows the class of the verification"
ok "a row is aligned and has median, range, launches, unit and quality" grep -Eq \
    '^mandelbrot/serial:maxiter=20,size=16 +papi.PAPI_TOT_INS +1000000 +1000000\.\.1000000 +2 +1 +exact$' out
has out "cpu.model" "shows the machine"
has out "kernel.release" "and the environment"
exits 0 "JSON" "$COUNTERMARK" show run:1 --format json
is "has the same numbers" "$(python3 -c '
import json
d = json.load(open("out"))
p = [p for p in d["points"] if p["point"].endswith("size=16")][0]
m = [m for m in p["metrics"] if m["metric"] == "papi.PAPI_TOT_INS"][0]
print(d["kind"], d["run"]["run"], p["result"], m["median"], m["n"], m["quality"], "cpu.model" in d["machine"]["facts"])')" \
    "run 1 same bits 1000000.0 2 exact True"
exits 0 "a metric alone" "$COUNTERMARK" show 1 --metric wall.time
lacks out "PAPI_TOT_INS" "leaves the others out"
exits 0 "a point alone" "$COUNTERMARK" show 1 --point '*size=16'
lacks out "size=32" "leaves the others out too"

night crash.json
exits 0 "a run with failures" "$COUNTERMARK" show 2
has out "without a result" "tells what has none"
ok "with the outcome and the reason" grep -Eq '^mandelbrot/serial:maxiter=20,size=32 .*crashed +2 +.+' out

exits 0 "points by glob" "$COUNTERMARK" show 'mandelbrot/serial*' --metric wall.time
is "newest run first" "$(awk 'NR > 1 { print $1 }' out | tr '\n' ' ')" "2 1 1 "
exits 0 "the newest run only" "$COUNTERMARK" show 'mandelbrot/serial*' --metric wall.time --runs 1
is "is one" "$(awk 'NR > 1 { print $1 }' out | tr '\n' ' ')" "2 "
exits 0 "one point by its text" "$COUNTERMARK" show mandelbrot/serial:maxiter=20,size=32
exits 2 "an unknown point" "$COUNTERMARK" show mandelbrot/nothing
has err "it holds 2 points, such as: mandelbrot/serial:maxiter=20,size=16" "names what there is"
exits 2 "an unknown run" "$COUNTERMARK" show run:9
has err "there are: run:2, run:1" "names what there is"
exits 2 "an unknown word" "$COUNTERMARK" show latest
has err "run:N, commit:X, tag:T, branch-point, last, accepted, machine:NAME" "names what is understood"

exits 0 "two runs of one build" "$COUNTERMARK" show 1 2
lacks out "environment  " "differ in nothing"
sqlite3 countermark.db "INSERT INTO environment (fingerprint, facts) SELECT 'ffff', json_set(facts, '\$.microcode', 'another') FROM
    environment; UPDATE run SET environment = last_insert_rowid() WHERE id = 2"
exits 0 "two runs of two environments" "$COUNTERMARK" show 1 2
ok "differ in the fact that changed" grep -Eq '^environment +microcode +.* +another$' out
exits 0 "as JSON" "$COUNTERMARK" show 1 2 --format json
is "likewise" "$(python3 -c '
import json
d = json.load(open("out"))
print(d["kind"], [x["right"] for x in d["differences"] if x["name"] == "microcode"])')" "differences ['another']"
sqlite3 countermark.db "UPDATE run SET arguments = 'x' || char(27) || '[31m', plan = 'p' || char(27) || '[31m' WHERE id = 1"
exits 0 "text with control characters" "$COUNTERMARK" show 1
lacks out "$(printf '\033')" "never reaches the terminal"
sqlite3 countermark.db "UPDATE launch SET status = 'exited', reason = 'x' || char(27) || '[31m'"
"$COUNTERMARK" check >out 2>&1
has out "x [31m" "nor does the reason of a failure"
lacks out "$(printf '\033')" "when the gate tells it"
done_testing
