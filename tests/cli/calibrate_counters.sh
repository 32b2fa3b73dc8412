#!/bin/bash
# Counters that are new to a machine are checked before a run, once: on a stand-in for PAPI, whose counts are the same whatever runs,
# and so wrong; and on valgrind's simulated CPU, which counts right.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" list variants -k truth >/dev/null 2>&1 || skip "built without the truth kernels"
"$COUNTERMARK" list collectors >collectors.txt 2>&1
count() { # COLUMNS FROM...: one number or word
    sqlite3 c.db "SELECT $*"
}
run() { # ARGUMENT...: a run of one quick point
    "$COUNTERMARK" run --db c.db --launches 1 -k null -v empty --progress off "$@"
}

if grep -q '^callgrind .* yes' collectors.txt; then
    exits 0 "a run with simulated counters" run --collect callgrind:instructions
    has err "counters checked where counts are known" "first looks at them"
    is "they are right, and repeat" "$(count "DISTINCT verdict, deterministic FROM calibration WHERE metric = 'callgrind.instructions'")" \
        "right|1"
    is "an empty region costs something" "$(count "min(overhead) > 0 FROM calibration WHERE metric = 'callgrind.instructions'")" 1
fi

# A library in front of the sanitizer's own is not taken.
if grep -q 'built without PAPI' collectors.txt || nm "$COUNTERMARK" | grep -q __asan_init; then
    [ "$tap_count" -gt 0 ] || skip "neither valgrind nor a stand-in for PAPI can be used by this build"
    done_testing
fi
standin() { # CM_STANDIN COMMAND...
    local how=$1
    shift
    CM_STANDIN=$how LD_PRELOAD=$BUILD/tests/tools/libpapi.so "$@"
}
exits 0 "a run with counters that nobody looked at" standin "" run --collect papi:base+branch
is "first looks at them, in one line" "$(grep -c "counters checked where counts are known" err)" 1
has err "wrong, on which no verdict rests: papi.PAPI_BR_CN" "and names what is wrong"
is "every event of the run has an error on record" "$(count "count(DISTINCT m.name) FROM sample s JOIN metric m ON m.id = s.metric
    WHERE m.name LIKE 'papi.%' AND NOT EXISTS (SELECT 1 FROM calibration c WHERE c.metric = m.name)")" 0
is "or says that nothing is known" "$(count "DISTINCT verdict FROM calibration WHERE metric = 'papi.PAPI_TOT_CYC'")" unknown
is "with what start and stop cost" "$(count "overhead FROM calibration WHERE metric = 'papi.PAPI_TOT_INS' LIMIT 1")" 503000.0
exits 0 "another run with the same counters" standin "" run --collect papi:base
lacks err "counters checked" "takes the answer from the database"
exits 0 "a run with further ones" standin "" run --collect papi:base+cache
has err "counters checked" "looks at those"
is "and what was known stays" "$(count "count(*) > 0 FROM calibration WHERE metric = 'papi.PAPI_BR_CN'")" 1
exits 0 "they are marked in the list" standin "" "$COUNTERMARK" list metrics 'papi.PAPI_TOT_INS' --db c.db
has out "wrong, " "with the error"
exits 0 "and where a run is shown" standin "" "$COUNTERMARK" show last --db c.db --metric 'papi.PAPI_TOT_INS'
has out "exact; counted wrong" "beside the quality"
exits 0 "on the machines' page" standin "" "$COUNTERMARK" report --db c.db -o site
has site/machine.html "Counters held against the truth" "they have a table"
has site/machine.html "No verdict rests on what this machine counts wrong" "and a word in front"
rm -f c.db
exits 0 "without a look" standin "" run --collect papi:base --no-calibrate
lacks err "counters checked" "nothing is said"
is "and nothing stored" "$(count "count(*) FROM calibration")" 0
exits 0 "time alone needs no look" run --collect wall
lacks err "counters checked" "and gets none"
standin "missing=PAPI_BR_CN" run --collect papi:branch >out 2>err
is "an event that is not there is on record with its reason" \
    "$(count "verdict, note LIKE '%this CPU%' FROM calibration WHERE metric = 'papi.PAPI_BR_CN'")" "unavailable|1"
exits 0 "once it is there" standin "" run --collect papi:base+branch # what was asked before is answered from a file
is "it is looked at" "$(count "DISTINCT verdict FROM calibration WHERE metric = 'papi.PAPI_BR_CN'")" wrong
done_testing
