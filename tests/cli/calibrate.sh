#!/bin/bash
# doctor --calibrate: the truth table; an event that counts wrong is caught, shown with its error and barred from verdicts, and the
# gate goes on with what can be trusted. Scripted: a truth kernel's counts are what the script says.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

"$COUNTERMARK" list variants -k truth >/dev/null 2>&1 || skip "built without the truth kernels"
field() { # PYTHON EXPRESSION over d, the document, and e, its events by name and point
    python3 -c 'import json,sys
d = json.load(open("out"))
e = {(r["metric"], r["point"].split(":")[0]): r for r in d["events"]}
print(eval(sys.argv[1]))' "$1"
}
stored() { # DATABASE COLUMNS CONDITION
    sqlite3 "$1" "SELECT DISTINCT $2 FROM calibration WHERE $3 ORDER BY 1"
}

exits 0 "what the system counts is right" "$COUNTERMARK" doctor --calibrate --collect wall --format json
is "page faults are known" "$(field "e['os.faults_minor', 'truth/faults']['verdict']")" right
is "with what was expected and counted" \
    "$(field "(lambda r: abs(r['counted'] / r['expected'] - 1 - r['error']) < 1e-9)(e['os.faults_minor', 'truth/faults'])")" True
is "what nobody can know is not called right" \
    "$(field "set(r['verdict'] for r in d['events'] if r['metric'].startswith('os.switches'))")" "{'unknown'}"
is "the document counts its verdicts" "$(field "d['calibration'], d['right'], d['wrong']")" "(1, 1, 0)"
is "and is stored for this machine" "$(stored countermark.db "verdict, scripted" "metric = 'os.faults_minor'")" "right|0"
exits 0 "the table" "$COUNTERMARK" doctor --calibrate --collect papi,wall --db other.db
has out "os.faults_minor" "has a line for each event"
has out "1 event is right" "and a last line that tells the story"
is "every event of the CPU has a row" "$(stored other.db "count(DISTINCT metric)" "metric LIKE 'papi.%'")" \
    "$("$COUNTERMARK" list metrics 'papi.PAPI_*' | grep -c ' count ')"
is "where nothing counts, with the reason" "$(stored other.db "1" "verdict = 'unavailable' AND note = ''")" ""
exits 2 "an unknown collector is named" "$COUNTERMARK" doctor --calibrate --collect papy
has err "papi" "with its neighbour"
exits 2 "one measurement at a time" "$COUNTERMARK" doctor --calibrate --aa

# A collector that returns twice what there is.
echo '{"rules": [{"point": "truth/*", "metric": "os.faults_minor", "scale": 2}]}' >twice.json
exits 4 "twice the page faults are caught" "$COUNTERMARK" doctor --calibrate --collect fake:twice.json
has out "+100 %" "with the error"
has out "1 wrong: os.faults_minor; no verdict rests on it" "and by name"
is "scripts never speak for the real machine" "$(stored countermark.db "scripted, verdict" "metric = 'os.faults_minor'")" \
    "0|right
1|wrong"
exits 0 "list is of the real machine" "$COUNTERMARK" list metrics 'os.faults_minor'
has out "right, 0 %" "and says what was found"

# A gate over a script whose instructions are right, and over one whose instructions count double.
fast_plan 8 'mandelbrot/serial size=16 maxiter=20'
expected=4063232 # truth/instructions at its default: 62 instructions in each of 65536 rounds
[ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = aarch64 ] || expected=
script() { # FILE TRUTH SERIAL MISSES: instructions of the truth kernel and of the point, and misses, of which loads have none
    cat >"$1" <<J
{"rules": [{"point": "truth/loads*", "metric": "papi.PAPI_L1_DCM", "value": 70000},
    {"point": "mandelbrot/*", "metric": "papi.PAPI_L1_DCM", "value": $4},
    {"point": "truth/instructions:n=65536*", "metric": "papi.PAPI_TOT_INS", "value": $2},
    {"point": "mandelbrot/*", "metric": "papi.PAPI_TOT_INS", "value": $3},
    {"point": "mandelbrot/*", "metric": "wall.time", "value": 1000000, "noise": 0.004}]}
J
}
if [ -n "$expected" ]; then
    script right.json $expected 1000000 1000
    script right-more.json $expected 1030000 2000
    script wrong.json $((2 * expected)) 1000000 1000
    script wrong-more.json $((2 * expected)) 1030000 2000
    exits 4 "instructions that are right, and misses that are wrong" "$COUNTERMARK" doctor --calibrate --collect fake:right.json --db right.db
    night right.json --db right.db
    exits 0 "are accepted" "$COUNTERMARK" check --db right.db
    night right-more.json --db right.db
    exits 1 "and 3 % more of them are red" "$COUNTERMARK" check --db right.db
    has out "left out, as this machine counts it wrong: papi.PAPI_L1_DCM" "the misses are no cause of it"
    exits 4 "instructions that count double" "$COUNTERMARK" doctor --calibrate --collect fake:wrong.json --db wrong.db
    night wrong.json --db wrong.db
    exits 0 "are no trouble of the first night" "$COUNTERMARK" check --db wrong.db
    night wrong-more.json --db wrong.db
    exits 0 "3 % more of them are nobody's regression" "$COUNTERMARK" check --db wrong.db
    has out "papi.PAPI_TOT_INS cannot be trusted on this machine: it counts +100 % where the count is known" "the reason is given"
    is "the story says so" "$(tail -n 1 out)" \
        "nothing slower; 1 point same; instructions cannot be trusted here: it counts +100 % where the count is known (truth/instructions:n=65536)"
    is "time is judged all the same" "$(sqlite3 wrong.db "SELECT metric, verdict FROM verdict WHERE run = 2 ORDER BY 1")" \
        "papi.PAPI_TOT_INS|incomparable
wall.time|same"
    exits 0 "show marks it" "$COUNTERMARK" show last --db wrong.db
    has out "counted wrong, +100 %" "beside its values"
    "$COUNTERMARK" doctor --calibrate --collect fake:right.json --db wrong.db >/dev/null
    exits 1 "once it is cured the gate sees again" "$COUNTERMARK" check --db wrong.db
    ok "the store is sound" "$COUNTERMARK" db check --db wrong.db
fi
done_testing
