#!/bin/sh
# Runs tests and counts them: unit programs and scripts, each in a scratch folder of its own, with COUNTERMARK, TOP and BUILD in
# the environment. A test speaks TAP, or just exits: 0 passed, 77 skipped (it prints why), anything else failed.
# Its lines "# note: ..." are shown whatever comes out.
#
#   run.sh FILE...     what `make test` calls; for one test: make test TESTS=FILE
#
# The first lines of a script may hold `# alone: REASON`, it runs while nothing else does; `# lint-only: REASON`, it runs in
# `make lint` alone; `# time: SECONDS`, its time limit. Those with a limit of their own are the long ones and start first, so that
# none is left alone at the end. From the environment: TEST_TIMEOUT=SECONDS, everybody's time limit (300); TEST_JOBS=N, how many at
# a time (2); KEEP=1, scratch folders stay.
set -u

# One test: called by prove, once per file.
one() {
    file=$1
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/countermark-test.XXXXXX") || exit 1
    mkdir "$scratch/cwd"
    limit=${TEST_TIMEOUT:-300}
    case $file in
    *.sh)
        set -- bash "$file"
        limit=$(head -n 20 "$file" | sed -n 's/^# time: \([0-9]*\)$/\1/p' | grep . || echo "$limit")
        ;;
    *) set -- "$file" ;;
    esac
    (
        cd "$scratch/cwd" || exit 1
        HOME=$scratch exec timeout -k 10 "$limit" "$@"
    ) >"$scratch/out" 2>"$scratch/err"
    status=$?
    # cmocka calls a skipped test "not ok", which TAP reserves for failures.
    sed -i 's/^not ok \([0-9]*\) # SKIP/ok \1 # SKIP/' "$scratch/out"
    name=$(basename "$file")
    if [ "$(grep -c '^1\.\.[0-9]' "$scratch/out")" = 1 ]; then
        grep -v '^TAP version' "$scratch/out"
    elif [ $status -eq 0 ]; then
        printf '1..1\nok 1 - %s\n' "$name"
    elif [ $status -eq 77 ]; then
        printf '1..0 # SKIP %s\n' "$(cat "$scratch/out" "$scratch/err" | tail -n 1)"
        status=0
    else
        printf '1..1\nnot ok 1 - %s (exit %d)\n' "$name" $status
    fi
    sed -n 's/^# note: /# /p' "$scratch/out" >&2
    if [ $status -ne 0 ] || grep -q '^not ok' "$scratch/out"; then
        explain >&2
    elif [ -z "${KEEP:-}" ]; then
        rm -rf "$scratch"
    fi
    exit $status
}

# Why it failed, for the terminal: prove itself shows no comments.
explain() {
    echo "#"
    echo "# $name failed (exit $status); its folder is $scratch"
    if [ $status -eq 124 ] || [ $status -eq 137 ]; then
        echo "# it was ended at its time limit of $limit s"
    fi
    grep -v -E '^(ok|TAP version|1\.\.)' "$scratch/out" | tail -n 60 | sed 's/^\([^#]\)/# \1/'
    tail -n 40 "$scratch/err" | sed 's/^/# /'
}

if [ "${1:-}" = --one ]; then
    one "$2"
fi

if ! command -v prove >/dev/null; then
    echo "run.sh: prove is needed to run the tests (package perl): make deps test" >&2
    exit 1
fi
: "${TOP:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BUILD:=$TOP/build}"
: "${COUNTERMARK:=$BUILD/countermark}"
export TOP BUILD COUNTERMARK
# The same words and numbers everywhere; and nobody's settings.
LC_ALL=C.UTF-8 TERM=dumb CMOCKA_MESSAGE_OUTPUT=TAP
export LC_ALL TERM CMOCKA_MESSAGE_OUTPUT
# A variant that is meant to crash must die from its signal under a sanitizer, too. And gcc's leak checker guesses where a library
# that was loaded late keeps its thread-local variables: guessed wrong, it falls over itself.
ASAN_OPTIONS=${ASAN_OPTIONS:-handle_segv=0:handle_sigbus=0:handle_sigfpe=0:intercept_tls_get_addr=0}
export ASAN_OPTIONS
unset XDG_CONFIG_HOME XDG_CACHE_HOME GIT_DIR GIT_WORK_TREE OMP_NUM_THREADS MAKEFLAGS MFLAGS MAKELEVEL

together='' early='' alone=''
for file; do
    case $file in
    /*) ;;
    *) file=$(pwd)/$file ;;
    esac
    if [ ! -e "$file" ]; then
        echo "run.sh: there is no test $file" >&2
        exit 1
    fi
    marks=
    case $file in
    *.sh) marks=$(head -n 20 "$file" | grep -o -E '^# (alone|lint-only|time):') ;;
    esac
    case $marks in
    *lint-only*) [ "${LINT:-}" = all ] || continue ;;
    esac
    case $marks in
    *alone*) alone="$alone $file" ;;
    *time*) early="$early $file" ;;
    *) together="$together $file" ;;
    esac
done
together=$early$together
if [ -z "$together$alone" ]; then
    echo "run.sh: no tests were given" >&2
    exit 1
fi

failed=0
# Paths of tests hold no blanks, and the lists are meant to be split.
# shellcheck disable=SC2086
if [ -n "$together" ]; then
    prove --timer -j "${TEST_JOBS:-2}" --exec "sh $TOP/tests/run.sh --one" $together || failed=1
fi
# shellcheck disable=SC2086
if [ -n "$alone" ]; then
    echo "On their own:"
    prove --timer --exec "sh $TOP/tests/run.sh --one" $alone || failed=1
fi
exit $failed
