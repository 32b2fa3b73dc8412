#!/bin/bash
# A simulator that is not there, too old, broken, or dies: counts are unavailable for a stored reason, and everything else goes on.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
! grep -q '^callgrind .*built without valgrind' collectors.txt || skip "built without valgrind"
! grep -q '^callgrind .*with a sanitizer' collectors.txt || skip "built with a sanitizer, which it says"

# A valgrind of this test's own, in front of any other.
mkdir bin
stand_in() { # what it does, as shell
    printf '#!/bin/sh\n%s\n' "$1" >bin/valgrind
    chmod +x bin/valgrind
}
measure() {
    rm -rf countermark.db*
    PATH="$PWD/bin:$PATH" "$COUNTERMARK" run -k triad -v serial -s size=16K --collect callgrind --launches 1 --no-calibrate \
        --progress off
}
quality() {
    sqlite3 countermark.db "SELECT DISTINCT quality FROM v_samples WHERE metric = 'callgrind.instructions'"
}
launch() {
    sqlite3 countermark.db "SELECT status || ': ' || reason FROM launch WHERE pass <> ''"
}

stand_in 'echo valgrind-3.7.0'
exits 0 "one that is too old" measure
is "is the reason" "$(quality)" "unavailable(valgrind-3.7.0 is too old: 3.13 is needed)"
has err "time alone is measured" "and the run says what is left"
PATH="$PWD/bin:$PATH" "$COUNTERMARK" list collectors >out
ok "as does list" grep -Eq '^callgrind .*no: valgrind-3.7.0 is too old: 3.13 is needed +install a newer valgrind' out
stand_in 'echo gibberish'
exits 0 "one that is another program" measure
has err "does not tell its version: gibberish" "likewise"
# shellcheck disable=SC2016
stand_in '[ "$1" = --version ] && exec echo valgrind-3.19.0; echo "fatal: it cannot start"; exit 1'
exits 0 "one that starts nothing" measure
is "is the reason" "$(quality)" "unavailable(valgrind cannot run a program here: fatal: it cannot start)"

# Here it starts a small program, but not a worker.
# shellcheck disable=SC2016
works='[ "$1" = --version ] && exec echo valgrind-3.19.0; case "$*" in *worker) ;; *) exit 0 ;; esac;'
stand_in "$works echo 'valgrind: the impossible happened' >&2; exit 1"
exits 0 "one that gives up" measure
is "is unavailable with its last words" "$(launch)" \
    "unavailable: callgrind: ended with status 1: valgrind: the impossible happened"
stand_in "$works kill -SEGV \$\$"
exits 0 "one that dies" measure
is "is unavailable, too" "$(launch)" "unavailable: callgrind: died from signal 11 (Segmentation fault)"
stand_in "$works exit 0"
exits 0 "one that says nothing" measure
is "likewise" "$(launch)" "unavailable: callgrind: ended without a result"
# shellcheck disable=SC2016
stand_in "$works"' for last; do before=$program program=$last; done; exec "$before" worker'
exits 0 "one that simulates nothing" measure
has err "this worker does not run under valgrind" "is noticed"
is "and unavailable" "$(sqlite3 countermark.db "SELECT status FROM launch WHERE pass <> ''")" "unavailable"
is "time is measured in all of them" "$(sqlite3 countermark.db "SELECT status FROM launch WHERE pass = ''")" "done"
mkdir none
ln -s "$(command -v true)" none/true
rm -rf countermark.db*
exits 0 "none at all" env PATH="$PWD/none" "$COUNTERMARK" run -k triad -v serial -s size=16K --collect callgrind --launches 1 \
    --progress off
is "is the reason" "$(quality)" "unavailable(valgrind is not on PATH)"
done_testing
