#!/bin/bash
# doctor: one document for people and programs; every trouble with its cure, on a stand-in for the counters and under a filter that
# denies them.
. "$TOP/tests/tap.sh"

tools=$BUILD/tests/tools
field() { # PYTHON EXPRESSION over d
    python3 -c 'import json,sys
d = json.load(open("out"))
print(eval(sys.argv[1]))' "$1"
}
papi="next(c for c in d['collectors'] if c['name'] == 'papi')"

exits 0 "doctor speaks" "$COUNTERMARK" doctor
for word in "machine " "collectors" "event groups" "clock" "settings" "tools" "gnuplot" "perf_event_paranoid" "wall "; do
    has out "$word" "it tells of $word"
done
exits 0 "doctor speaks JSON" "$COUNTERMARK" doctor --format json
is "the document has all its parts" "$(field "sorted(d)")" \
    "['clock', 'collectors', 'doctor', 'gpu', 'groups', 'machine', 'noise', 'passes', 'settings', 'tools']"
is "the clock was measured" "$(field "d['clock']['resolution_ns'] > 0 and d['clock']['cost_ns'] > 0")" True
is "a collector that does not work says why and has a cure" \
    "$(field "all(c['works'] or c['reason'] and c['cure'] for c in d['collectors'])")" True
is "an event is counted as something, or missing for a reason" \
    "$(field "all(bool(e['as']) == e['counted'] != bool(e['reason']) for g in d['groups'] for e in g['events'])")" True
"$COUNTERMARK" run -k null --launches 1 --collect wall --db m.db >/dev/null 2>&1
is "the machine's memory is what runs store of it" "$(field "d['machine']['memory_bytes']")" \
    "$(sqlite3 m.db "SELECT json_extract(facts, '\$.\"memory.bytes\"') FROM machine")"
exits 2 "no other format" "$COUNTERMARK" doctor --format xml
PATH=/nowhere exits 0 "without any tools" "$COUNTERMARK" doctor
has out "install gnuplot-nox" "a missing tool has its cure"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
if grep -q 'built without PAPI' collectors.txt; then
    done_testing
fi
for error in ENOENT EACCES ENOSYS; do
    status=0
    "$tools/deny_perf" "$error" "$COUNTERMARK" doctor --format json >out 2>err || status=$?
    [ "$status" != 77 ] || continue
    is "doctor works where perf_event_open fails with $error" "$status" 0
    is "no counter works then, and the cure is told" "$(field "${papi}['works'], bool(${papi}['cure'])")" "(False, True)"
    is "every event is missing for a reason" \
        "$(field "all(e['reason'] and not e['counted'] for g in d['groups'] for e in g['events'])")" True
    is "time is measured all the same" "$(field "[c['works'] for c in d['collectors'] if c['name'] == 'wall']")" "[True]"
done

# A library in front of the sanitizer's own is not taken.
if nm "$COUNTERMARK" | grep -q __asan_init; then
    done_testing
fi
standin() { # CM_STANDIN ARGUMENT...
    local how=$1
    shift
    CM_STANDIN=$how LD_PRELOAD=$tools/libpapi.so "$COUNTERMARK" "$@"
}
exits 0 "with counters (of a stand-in)" standin "" doctor --format json
is "they work" "$(field "${papi}['works'], ${papi}['reason'], ${papi}['cure']")" "(True, '', '')"
is "every event is counted" "$(field "all(e['counted'] for g in d['groups'] if g['collector'] == 'papi' for e in g['events'])")" True
exits 0 "an alternative is taken" standin "missing=PAPI_BR_MSP+PAPI_FP_OPS" doctor
has out "counted as perf::BRANCH-MISSES" "and named"
has out "PAPI_FP_OPS   missing: PAPI_FP_OPS: this CPU" "what has no alternative is missing"
exits 0 "a set that counts wrong" standin "wrong=PAPI_FP_OPS" doctor
has out "was counted as" "is told with what it counted"
done_testing
