#!/bin/bash
# Variants that misbehave in code, not by script: what a worker makes of them costs that launch alone, and is told by name.
. "$TOP/tests/tap.sh"

plugged=$BUILD/plugged/countermark # the program with the plug-ins of tests/plugins
status_of() { # VARIANT
    sqlite3 countermark.db "SELECT l.status, l.reason FROM launch l JOIN point p ON p.id = l.point
                            WHERE p.variant = '$1' ORDER BY l.id LIMIT 1"
}

exits 5 "a result that is only the first time's is wrong" \
    "$plugged" run -k mandelbrot -v stale,serial -s size=32 -s maxiter=100 --collect wall --launches 1 --progress off
is "... with the reason" "$(status_of stale)" "wrong|the output was not written"
is "... and no other pays for it" "$(status_of serial)" "done|"
is "... nor is it compared" "$(sqlite3 countermark.db "SELECT count(*) FROM sample s JOIN launch l ON l.id = s.launch
    JOIN point p ON p.id = l.point WHERE p.variant = 'stale' AND l.status = 'done'")" 0
rm -f countermark.db
"$plugged" run -k mandelbrot -v hang,garbage,segfault,serial -s size=32 -s maxiter=100 --collect wall --launches 1 \
    --timeout 5s --progress off >out 2>err
is "one that never ends" "$(status_of hang)" "hung|exceeded its time limit of 5 s"
is "one that writes where answers go" "$(status_of garbage | cut -d '|' -f 1)" "garbled"
is "one that crashes" "$(status_of segfault | cut -d '|' -f 1)" "crashed"
is "the one beside them" "$(status_of serial)" "done|"
done_testing
