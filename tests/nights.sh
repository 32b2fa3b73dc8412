# For tests of nights whose figures are scripted; use with:  . "$TOP/tests/tap.sh"; . "$TOP/tests/nights.sh"
#
#   fast_plan LAUNCHES POINTS...    makes a .countermark.yaml with the plan `fast`, of points as plans have them behind `use`
#   gate_counts                     ... whose gate judges instructions alone
#   night SCRIPT [OPTION...]        runs that plan with the script's figures; its words are in run.out and run.err, shown if it fails
#   night_repository                makes and enters a repository of its own, whatever this machine has set for git
#   night_commit SECONDS MESSAGE    a commit there, so long after the one before
# shellcheck shell=bash

fast_plan() {
    local launches=$1
    shift
    {
        printf 'plans:\n  fast: |\n    launches %s\n    target 2ms\n    collect wall\n' "$launches"
        printf '    use %s\n' "$@"
    } >.countermark.yaml
}

gate_counts() {
    printf 'gate:\n  metrics: papi.PAPI_TOT_INS\n' >>.countermark.yaml
}

night_words=$PWD/run # not in a repository, which would have changes then

night() {
    local script=$1
    shift
    "$COUNTERMARK" run --plan fast --collect "wall,fake:$script" --progress off "$@" >"$night_words.out" 2>"$night_words.err" || {
        echo "# the run failed:"
        tap_show "$night_words.err"
    }
}

night_repository() {
    command -v git >/dev/null || skip "git is not here"
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
    unset GITHUB_BASE_REF GITHUB_HEAD_REF GITHUB_REF_NAME CI_COMMIT_BRANCH BRANCH_NAME CI_MERGE_REQUEST_TARGET_BRANCH_NAME \
        CHANGE_TARGET
    mkdir repository && cd repository || exit 1
    git init -q -b main .
    night_clock=1700000000
}

night_commit() {
    night_clock=$((night_clock + $1))
    echo "$2" >>text
    git add -A .countermark.yaml text
    GIT_COMMITTER_DATE="$night_clock +0000" GIT_AUTHOR_DATE="$night_clock +0000" git commit -q -m "$2"
}
