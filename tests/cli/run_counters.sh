#!/bin/bash
# run with counters, on the stand-in for PAPI: counter launches are planned, stored and gone on with; what this machine cannot count
# is stored with its reason; the kernel's share is an option and a fact of the environment.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
! grep -q 'built without PAPI' collectors.txt || skip "built without PAPI"
! nm "$COUNTERMARK" | grep -q __asan_init || skip "a library in front of the sanitizer's own is not taken"
cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 60
    counter-launches 2
    target 10ms
    collect papi:base+branch
    use mandelbrot/serial size=100 maxiter=30
    use null/empty
E
standin() { # CM_STANDIN ARGUMENT...
    local how=$1
    shift
    CM_STANDIN=$how LD_PRELOAD=$BUILD/tests/tools/libpapi.so "$COUNTERMARK" "$@"
}
sql() { sqlite3 -cmd '.timeout 5000' counters.db "$@"; }

exits 0 "a run with counters" standin "counters=2 missing=PAPI_BR_CN" run --plan tiny --db counters.db --seed 3
has err "2 points, 120 time launches + 8 counter launches" "two passes, two launches each"
is "each pass of each point is launched twice" \
    "$(sql "SELECT count(*), min(n), max(n) FROM (SELECT count(*) n FROM launch WHERE pass <> '' GROUP BY point, pass)")" "4|2|2"
has out "instr/element" "the summary shows instructions"
is "what is missing is stored once a point" \
    "$(sql "SELECT count(*), count(DISTINCT launch), min(quality LIKE 'unavailable(%') FROM v_samples WHERE metric = 'papi.PAPI_BR_CN'")" \
    "2|2|1"
is "derived metrics are there with their formula" "$(sql "SELECT formula FROM metric WHERE name = 'papi.ipc'")" \
    "papi.PAPI_TOT_INS / papi.PAPI_TOT_CYC"
ok "and computed" test "$(sql "SELECT count(*) FROM summary s JOIN metric m ON m.id = s.metric WHERE m.name = 'papi.ipc'")" = 2

CM_STANDIN="counters=2" LD_PRELOAD=$BUILD/tests/tools/libpapi.so "$COUNTERMARK" run --plan tiny --db counters.db >out 2>err &
pid=$!
for _ in $(seq 1200); do
    [ "$(sqlite3 -readonly counters.db "SELECT count(*) >= 3 FROM launch WHERE run = 2 AND status = 'done'" 2>/dev/null)" = 1 ] && break
    sleep 0.05
done
kill -INT $pid
wait $pid
is "stopped: exit 130" $? 130
exits 0 "a run with counters is gone on with" standin "counters=2" run --resume --db counters.db
is "all its launches are there, and those of the anchors" "$(sql "SELECT status, count(*) FROM launch WHERE run = 2 GROUP BY status")" "done|152"

exits 0 "the kernel's share too" standin "counters=2" run --plan tiny -k mandelbrot --launches 1 --count-kernel --db counters.db
is "it is counted" "$(sql "SELECT DISTINCT value FROM v_samples WHERE metric = 'papi.PAPI_TOT_INS' AND run = 3")" "1000000.0"
is "and is a fact of the environment" \
    "$(sql "SELECT json_extract(v.facts, '\$.counted') FROM run r JOIN environment v ON v.id = r.environment WHERE r.id = 3")" \
    "user and kernel"
ok "the database is sound" "$COUNTERMARK" db check --db counters.db
done_testing
