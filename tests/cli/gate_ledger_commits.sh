#!/bin/bash
# Decisions about commits: an ignored commit covers what came with it, until something later is accepted; an acceptance may name the commit
# whose run is the baseline; times against a window of runs.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

night_repository
fast_plan 8 'mandelbrot/serial size=16 maxiter=20'
gate_counts
counted() { # INSTRUCTIONS [TIME]: scripts of their own, as programs are that differ
    local script=../script-$1-${2:-1000000}.json
    echo "{\"rules\": [{\"metric\": \"papi.PAPI_TOT_INS\", \"value\": $1},
        {\"metric\": \"wall.time\", \"value\": ${2:-1000000}, \"noise\": 0.002}]}" >"$script"
    night "$script" --no-anchor --db ../a.db
}
check() {
    "$COUNTERMARK" check --db ../a.db "$@"
}
story() {
    tail -n 1 out
}

night_commit 1 one && counted 1000000
exits 0 "a first night" check
night_commit 1 two && counted 1020000
exits 1 "2 % with the second commit" check
exits 0 "that commit is ignored" "$COUNTERMARK" ignore --points 'mandelbrot/*' --commit HEAD --reason "to be mended" --db ../a.db
is "by all its digits" "$(sqlite3 ../a.db "SELECT commit_id FROM ledger WHERE kind = 'ignore'")" "$(git rev-parse HEAD)"
exits 0 "so its night does not fail" check
night_commit 1 three && counted 1020000
exits 0 "nor do later ones" check
is "which still say it" "$(story | cut -d: -f1)" "1 regression excused by the ledger"
exits 1 "the commit before knows nothing of it" check --candidate run:1 --baseline run:3 --fail-on faster
exits 0 "what is there is accepted" "$COUNTERMARK" accept last --reason "it stays" --db ../a.db
night_commit 1 four && counted 1050000
exits 1 "what comes behind that is not ignored with it" check
is "by its own size" "$(story | grep -o '+[0-9.]* %')" "+2.9 %"
exits 0 "a finding is ignored" "$COUNTERMARK" ignore F1 --reason "soon" --db ../a.db
is "with its commit, run and metric" "$(sqlite3 ../a.db "SELECT commit_id, run, metrics FROM ledger WHERE reason = 'soon'")" \
    "$(git rev-parse HEAD)|4|papi.PAPI_TOT_INS"
night_commit 1 five && counted 1050000
exits 0 "and stays so" check
exits 0 "a commit's run is accepted for points by name" "$COUNTERMARK" accept --points 'mandelbrot/serial:*' \
    --commit "$(git rev-parse --short=8 HEAD~1)" --reason "new level" --db ../a.db
is "it is run 4" "$(sqlite3 ../a.db "SELECT run FROM ledger WHERE reason = 'new level'")" 4
exits 0 "it is the baseline" check
is "nothing is excused then" "$(story)" "nothing slower; 1 point same"
exits 2 "a commit without a run is no baseline" "$COUNTERMARK" accept --points '*' --commit 12345678 --reason x --db ../a.db
exits 0 "the text of it" "$COUNTERMARK" ledger export ../ledger.yaml --db ../a.db
ok "has commits and runs" grep -q "commit: $(git rev-parse HEAD~1)" ../ledger.yaml
sqlite3 ../a.db "DELETE FROM ledger WHERE kind <> 'accept' OR reason NOT LIKE 'first%'"
printf 'decisions:\n  - {kind: accept, commit: %s, reason: by hand}\n' "$(git rev-parse --short=7 HEAD)" >../ledger.yaml
exits 1 "without all that it is red" check
exits 0 "an acceptance by hand" "$COUNTERMARK" ledger import ../ledger.yaml --db ../a.db
is "is of the newest run of its commit" "$(sqlite3 ../a.db "SELECT run FROM ledger WHERE reason = 'by hand'")" 5
exits 0 "and the baseline" check

# Times: stored ones are at most ambiguous; the level of a window is not moved by one odd night.
for name in six seven eight; do
    night_commit 1 $name && counted 1050000 1000000
done
night_commit 1 odd && counted 1050000 1300000
night_commit 1 nine && counted 1050000 1000000
exits 0 "a usual night behind an odd one" check --window 6 --metric wall.time --confirm-budget 0 --strict
is "is the same as the level" "$(story | cut -d';' -f1)" "nothing slower"
night_commit 1 ten && counted 1050000 1100000
exits 4 "10 % more time" check --window 6 --metric wall.time --confirm-budget 0 --strict
has out "only stored launches speak" "is suspected"
exits 1 "and measured again" check --window 6 --metric wall.time
has out "1 regression: mandelbrot/serial time +" "and found"
has out "against the newest 6 runs before, of the present level" "against the window"
done_testing
