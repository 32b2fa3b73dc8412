# Small words for test scripts; use with:  . "$TOP/tests/tap.sh"
#
#   ok "what holds" COMMAND ARG...        passes if the command does
#   not_ok "what must fail" COMMAND...    passes if the command fails
#   exits CODE "name" COMMAND...          passes on that exit code; output in ./out, errors in ./err
#   has FILE TEXT "name" ; lacks FILE TEXT "name"      fixed text in a file
#   is "name" GOT WANTED
#   skip "reason"                         ends the script as skipped
#   done_testing                          last line of every script
#
# TAP goes to standard output; a script that dies in the middle has no plan and so fails.
# shellcheck shell=bash

# Run by hand, a script must not leave its files in the tree.
if [ "$PWD" = "$TOP" ]; then
    cd "$(mktemp -d)" || exit 1
fi

tap_count=0
tap_failed=0

tap_result() { # STATUS NAME
    tap_count=$((tap_count + 1))
    if [ "$1" = 0 ]; then
        printf 'ok %d - %s\n' "$tap_count" "$2"
    else
        printf 'not ok %d - %s\n' "$tap_count" "$2"
        tap_failed=1
    fi
    return 0
}

tap_show() { # FILE: as a comment
    tail -n 40 "$1" | sed 's/^/#   /'
}

# For queries on times: samples that a hypervisor, which no test can foresee, did not disturb.
# shellcheck disable=SC2034 # tests use it
calm="quality NOT LIKE 'suspect(the hypervisor%'"
# A quality, where such a disturbance is none.
# shellcheck disable=SC2034 # tests use it
undisturbed="CASE WHEN $calm THEN quality ELSE 'exact' END"

ok() {
    local name=$1 status=0
    shift
    "$@" >ok.out 2>&1 </dev/null || status=$?
    tap_result "$status" "$name"
    if [ "$status" != 0 ]; then
        echo "# failed with $status: $*"
        tap_show ok.out
    fi
}

not_ok() {
    local name=$1 status=0
    shift
    "$@" >ok.out 2>&1 </dev/null || status=$?
    tap_result "$((status == 0))" "$name"
}

exits() {
    local wanted=$1 name=$2 status=0
    shift 2
    "$@" >out 2>err </dev/null || status=$?
    tap_result "$((status != wanted))" "$name"
    if [ "$status" != "$wanted" ]; then
        echo "# exit $status instead of $wanted: $*"
        tap_show out
        tap_show err
    fi
}

has() {
    grep -qF -e "$2" "$1"
    local status=$?
    tap_result "$status" "$3"
    if [ "$status" != 0 ]; then
        echo "# $1 lacks: $2"
        tap_show "$1"
    fi
}

lacks() {
    ! grep -qF -e "$2" "$1"
    local status=$?
    tap_result "$status" "$3"
    if [ "$status" != 0 ]; then
        echo "# $1 holds: $2"
    fi
}

is() {
    local status=0
    [ "$2" = "$3" ] || status=1
    tap_result "$status" "$1"
    if [ "$status" != 0 ]; then
        printf '#   got:    %s\n#   wanted: %s\n' "$2" "$3"
    fi
}

skip() {
    echo "$1"
    exit 77
}

done_testing() {
    echo "1..$tap_count"
    exit "$tap_failed"
}
