#!/bin/bash
# The gate from end to end on scripted counts: silent on an A/A, red on 3 % more instructions in one variant, red again the next
# night, green after it was accepted; what may be accepted and what not.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32,48 maxiter=20' 'mandelbrot/simd size=16,32 maxiter=20'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.004}, {"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": 1030000}, $rules]}" >more.json

last_line() {
    tail -n 1 out
}

exits 2 "without a database there is nothing to check" "$COUNTERMARK" check
exits 2 "a database that is not there gets a sentence" "$COUNTERMARK" check --db none.db
has err "none.db" "which names it"

night base.json
exits 0 "a first run passes" "$COUNTERMARK" check
has out "stored as the first baseline" "and is the first baseline"
night base.json
exits 0 "an A/A is silent" "$COUNTERMARK" check
is "and says so" "$(last_line)" "nothing slower; 5 points same"

night more.json
exits 1 "3 % more instructions in one variant are red" "$COUNTERMARK" check --why
has out "1 regression: mandelbrot/serial instructions +3.0 % (3 points) against run 1; 2 points same" "for all its points, no others"
exits 1 "a metric may be named as people call it" "$COUNTERMARK" check --metric instructions
has out "instructions +3.0 % (3 points)" "... and is that"
exits 0 "... and time is another" "$COUNTERMARK" check --metric time
exits 1 "all again" "$COUNTERMARK" check --why
has out "countermark run -k mandelbrot -v serial -s maxiter=20 -s size=16,32,48" "with the line that runs it again"
has out "perf stat -e instructions:u" "and the line for perf"
night more.json
exits 1 "and red again the next night" "$COUNTERMARK" check --format json --junit j.xml --markdown m.md
is "JSON tells the points" "$(python3 -c '
import json
d = json.load(open("out"))
print(d["exit"], [(f["id"], f["verdict"], len(f["points"])) for f in d["findings"]], d["points"]["same"])')" "1 [('F1', 'slower', 3)] 2"
has err "1 regression" "people's text is on standard error then"
is "JUnit counts the failures" "$(grep -c '<failure' j.xml)" 3
if command -v xmllint >/dev/null; then
    ok "JUnit is well-formed" xmllint --noout j.xml
fi
has m.md "### F1: slower, mandelbrot/serial" "Markdown has the finding"
exits 1 "annotations" "$COUNTERMARK" check --format github
has out "::error title=countermark%3A mandelbrot/serial slower::instructions +3.0 %25" "are escaped"
is "the verdicts are stored" "$(sqlite3 countermark.db "SELECT verdict, count(*) FROM verdict WHERE run = 4 AND
    metric = 'papi.PAPI_TOT_INS' GROUP BY 1" 2>/dev/null | tr '\n' ' ')" "same|2 slower|3 "

exits 2 "accepting needs a reason" "$COUNTERMARK" accept F1
exits 2 "an unknown finding is refused" "$COUNTERMARK" accept F7 --reason x
has err "no finding F7" "by name"
exits 2 "an unknown run too" "$COUNTERMARK" accept run:99 --reason x
exits 2 "a day that does not exist too" "$COUNTERMARK" accept F1 --reason x --until 2999-02-30
exits 0 "the finding is accepted" "$COUNTERMARK" accept F1 --reason "checks bounds now"
exits 0 "the same run is green then" "$COUNTERMARK" check
night more.json
exits 0 "and so is the next night" "$COUNTERMARK" check
is "the ledger has the reason" "$(sqlite3 countermark.db "SELECT DISTINCT reason FROM ledger WHERE points <> '*'")" \
    "checks bounds now"
night base.json
exits 0 "going back is no regression" "$COUNTERMARK" check
has out "1 improvement: mandelbrot/serial instructions -2.9 %" "but an improvement"
exits 0 "a run is accepted as a whole" "$COUNTERMARK" accept last --reason "as before"
night more.json
exits 1 "which is the baseline of the next" "$COUNTERMARK" check
exits 1 "two runs can be compared by name" "$COUNTERMARK" compare run:1 run:3
has out "mandelbrot/serial:maxiter=20,size=48" "with every point"
exits 0 "in the other direction it is faster" "$COUNTERMARK" compare run:3 run:1
exits 2 "one run is not two" "$COUNTERMARK" compare run:1
exits 2 "an unknown word is no run" "$COUNTERMARK" compare run:1 yesterday

# Wrong and failed results, by script.
echo "{\"rules\": [{\"point\": \"mandelbrot/simd*size=16*\", \"error\": \"wrong\"}, $rules]}" >wrong.json
echo "{\"rules\": [{\"point\": \"mandelbrot/simd*\", \"launch\": 3, \"error\": \"crash\"}, $rules]}" >crash.json
night wrong.json
exits 5 "a wrong result is worse than anything" "$COUNTERMARK" check
has out "1 variant is wrong: mandelbrot/simd (1 point)" "and named"
exits 2 "it cannot be accepted" "$COUNTERMARK" accept F1 --reason x
has err "never accepted" "because it is wrong"
exits 2 "nor can its run" "$COUNTERMARK" accept last --reason x
night crash.json
exits 4 "a crash makes the night untrusted" "$COUNTERMARK" check
has out "1 variant failed: mandelbrot/simd (2 points)" "and is named"
done_testing
