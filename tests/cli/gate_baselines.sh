#!/bin/bash
# What a run is compared with, by name: the level of the newest runs, the best one, a tag, the branch point, another variant. Scripted
# counts and times in a small repository of its own.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

night_repository
fast_plan 2 'mandelbrot/serial size=16 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
gate_counts
counted() { # SERIAL [SIMD]: instructions
    echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": $1},
        {\"metric\": \"papi.PAPI_TOT_INS\", \"value\": ${2:-1000000}}, {\"metric\": \"wall.time\", \"value\": 1000000}]}" \
        >../script.json
    night ../script.json --no-anchor --db ../a.db
}
check() {
    "$COUNTERMARK" check --db ../a.db "$@"
}
serial() { # the change of serial, as a word of the story
    tail -n 1 out | grep -o 'mandelbrot/serial instructions [^ ]* %' | grep -o '[+-][0-9.]*'
}

night_commit 60 one
exits 2 "a window is a number of runs" check --baseline window:x
counted 1000000
exits 0 "the first run has nothing in its window" check --window 5
has out "stored as the first baseline" "and is the first baseline"
git tag v1
night_commit 60 two && counted 1020000
exits 1 "the next is compared with it" check --window 5
is "and red" "$(serial)" +2.0
for name in three four five six; do
    night_commit 60 $name && counted 1020000
done
exits 1 "against what was accepted it stays red" check
is "by as much as since the first run" "$(serial)" +2.0
exits 0 "the level of the newest runs is another" check --window 5
has out "against the newest 5 runs before, of the present level" "as it says"
exits 0 "the JSON, too" check --window 5 --format json
is "says it" "$(python3 -c 'import json; print(json.load(open("out"))["against"])')" \
    "the newest 5 runs before, of the present level"
night_commit 60 odd && counted 1300000
night_commit 60 seven && counted 1030000
exits 1 "an odd night is no baseline" check --window 5
is "beside it the level counts" "$(serial)" +0.98
exits 0 "the odd night itself would be" check --baseline run:7
exits 2 "one of both" check --window 5 --baseline run:1
exits 2 "a window of none" check --window 0

exits 1 "the best runs" check --baseline best
is "were the first ones, of which three in a row had the best median" "$(serial)" +0.98
night_commit 60 lucky && counted 500000
night_commit 60 eight && counted 1030000
exits 1 "one lucky night is not the best" check --baseline best
is "but the level beside it" "$(serial)" +0.98

exits 1 "a tag" check --baseline tag:v1
is "is its commit's run" "$(serial)" +3.0
exits 2 "one that is not there" check --baseline tag:v9
has err "tag:v9 names no tag here" "is named"
night_commit 60 unmeasured
git tag v2
night_commit 60 nine && counted 1030000
exits 0 "a tag whose commit was not measured" check --baseline tag:v2
has out "tag:v2 is commit" "is said"
has out "1 commit before it, is compared with" "with what is compared"
exits 1 "runs are compared by tag, too" "$COUNTERMARK" compare tag:v1 last --db ../a.db
exits 2 "an option is no tag" check --baseline tag:--help

git checkout -q -b work
night_commit 60 on-a-branch && counted 1000000
night_commit 60 on-a-branch-too && counted 1061000
exits 1 "on a branch" check --baseline branch-point
is "the point where it left main counts" "$(serial)" +3.0
git checkout -q main
night_commit 60 ten && counted 1030000
exits 0 "on main itself its commit before" check --baseline branch-point
has out "nothing slower" "counts"
exits 0 "a branch point is there to look at" "$COUNTERMARK" show branch-point --db ../a.db
has out "commit $(git rev-parse --short=12 main~1)" "it is the one of the newest run"
exits 1 "a commit by git's name for it" "$COUNTERMARK" compare commit:v1 commit:main --db ../a.db
is "is that commit" "$(serial)" +3.0
exits 2 "a name that git has not" "$COUNTERMARK" show commit:nothing --db ../a.db
has err "holds no commit nothing, and git says: it knows no such name" "is told"
exits 2 "an option is no name either" "$COUNTERMARK" show commit:--help --db ../a.db
cd .. || exit 1
exits 2 "outside the repository" "$COUNTERMARK" check --db a.db --baseline branch-point
cp err outside.err
cd repository || exit 1
has ../outside.err "is not known here; git says: fatal: not a git repository" "it is said"

exits 1 "another variant" check --baseline variant:simd
has out "against variant simd of the same run" "is a baseline"
is "for each point" "$(serial)" +3.0
lacks out "incomparable" "whatever their versions are"
exits 2 "one that was not measured" check --baseline variant:cuda7
has err "measured no variant 'cuda7'" "is named"
ok "the database is whole" "$COUNTERMARK" db check --db ../a.db
done_testing
