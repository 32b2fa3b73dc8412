#!/bin/bash
# What a run is compared with, by name: the level of the newest runs, the best one, a tag, the branch point, another variant. Scripted
# counts and times in a small repository of its own.
. "$TOP/tests/tap.sh"
command -v git >/dev/null || skip "git is not here"

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
unset GITHUB_BASE_REF GITHUB_HEAD_REF GITHUB_REF_NAME CI_COMMIT_BRANCH BRANCH_NAME CI_MERGE_REQUEST_TARGET_BRANCH_NAME CHANGE_TARGET
mkdir repository && cd repository || exit 1
git init -q -b main .
cat >.countermark.yaml <<'E'
plans:
  fast: |
    launches 2
    target 1ms
    collect wall
    use mandelbrot/serial size=16 maxiter=20
    use mandelbrot/simd size=16 maxiter=20
gate:
  metrics: papi.PAPI_TOT_INS
E
commit() { # MESSAGE
    echo "$1" >>text
    git add -A .countermark.yaml text
    clock=$((clock + 1))
    export GIT_COMMITTER_DATE="$((1700000000 + clock * 60)) +0000" GIT_AUTHOR_DATE="$((1700000000 + clock * 60)) +0000"
    git commit -q -m "$1"
}
night() { # SERIAL [SIMD]: instructions
    echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": $1},
        {\"metric\": \"papi.PAPI_TOT_INS\", \"value\": ${2:-1000000}}, {\"metric\": \"wall.time\", \"value\": 1000000}]}" \
        >../script.json
    "$COUNTERMARK" run --plan fast --no-anchor --collect "wall,fake:../script.json" --db ../a.db --progress off \
        >../run.out 2>../run.err || tap_show ../run.err
}
check() {
    "$COUNTERMARK" check --db ../a.db "$@"
}
serial() { # the change of serial, as a word of the story
    tail -n 1 out | grep -o 'mandelbrot/serial instructions [^ ]* %' | grep -o '[+-][0-9.]*'
}

clock=0
commit one
exits 2 "a window is a number of runs" check --baseline window:x
night 1000000
exits 0 "the first run has nothing in its window" check --window 5
has out "stored as the first baseline" "and is the first baseline"
git tag v1
commit two && night 1020000
exits 1 "the next is compared with it" check --window 5
is "and red" "$(serial)" +2.0
for name in three four five six; do
    commit $name && night 1020000
done
exits 1 "against what was accepted it stays red" check
is "by as much as since the first run" "$(serial)" +2.0
exits 0 "the level of the newest runs is another" check --window 5
has out "against the newest 5 runs before, of the present level" "as it says"
exits 0 "the JSON, too" check --window 5 --format json
is "says it" "$(python3 -c 'import json; print(json.load(open("out"))["against"])')" \
    "the newest 5 runs before, of the present level"
commit odd && night 1300000
commit seven && night 1030000
exits 1 "an odd night is no baseline" check --window 5
is "beside it the level counts" "$(serial)" +0.98
exits 0 "the odd night itself would be" check --baseline run:7
exits 2 "one of both" check --window 5 --baseline run:1
exits 2 "a window of none" check --window 0

exits 1 "the best runs" check --baseline best
is "were the first ones, of which three in a row had the best median" "$(serial)" +0.98
commit lucky && night 500000
commit eight && night 1030000
exits 1 "one lucky night is not the best" check --baseline best
is "but the level beside it" "$(serial)" +0.98

exits 1 "a tag" check --baseline tag:v1
is "is its commit's run" "$(serial)" +3.0
exits 2 "one that is not there" check --baseline tag:v9
has err "tag:v9 names no tag here" "is named"
commit unmeasured
git tag v2
commit nine && night 1030000
exits 0 "a tag whose commit was not measured" check --baseline tag:v2
has out "tag:v2 is commit" "is said"
has out "1 commit before it, is compared with" "with what is compared"
exits 1 "runs are compared by tag, too" "$COUNTERMARK" compare tag:v1 last --db ../a.db
exits 2 "an option is no tag" check --baseline tag:--help

git checkout -q -b work
commit on-a-branch && night 1000000
commit on-a-branch-too && night 1061000
exits 1 "on a branch" check --baseline branch-point
is "the point where it left main counts" "$(serial)" +3.0
git checkout -q main
commit ten && night 1030000
exits 0 "on main itself its commit before" check --baseline branch-point
has out "nothing slower" "counts"
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
