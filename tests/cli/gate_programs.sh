#!/bin/bash
# The gate on real programs: one that sleeps is found by running the kept old program and the new one in turns, a machine that was
# merely busy is not; variants with a wrong pixel, without output and with a crash are named and never enter a baseline.
# alone: it compares times that it measures
. "$TOP/tests/tap.sh"

plugged=$BUILD/plugged/countermark # the program with the plug-ins of tests/plugins
cat >.countermark.yaml <<'E'
plans:
  sleepy: |
    launches 8
    target 10ms
    collect wall
    use mandelbrot/sleepy size=32 maxiter=100
  counted: |
    launches 8
    target 2ms
    collect papi:base
    use mandelbrot/planted size=128 maxiter=1000
    use mandelbrot/serial size=128 maxiter=1000
  unsound: |
    launches 2
    target 2ms
    collect wall
    use mandelbrot/onepixel size=32 maxiter=100
    use mandelbrot/untouched size=32 maxiter=100
    use mandelbrot/segfault size=32 maxiter=100
    use mandelbrot/serial size=32 maxiter=100
E

# Two programs that differ: what stands behind an ELF file is not loaded.
for which in old new; do
    cp "$plugged" "$which"
    echo "$which" >>"$which"
done
# A kept program is replaced by one that always sleeps as long as its side did.
wrap() { # HASH MICROSECONDS
    local kept=countermark.db.builds/$1/countermark
    mv "$kept" "$kept.real"
    printf '#!/bin/sh\nCM_TEST_SLEEP_US=%s exec "%s" "$@"\n' "$2" "$PWD/$kept.real" >"$kept"
    chmod +x "$kept"
}
# Others may take the CPUs away from every launch in turns: then the gate is right to decide nothing, and is asked again.
decided() { # WHAT: how it ended is in $status, what it found in $verdict
    for _ in 1 2 3 4 5; do
        status=0
        ./new check >out 2>err </dev/null || status=$?
        verdict=$(sqlite3 countermark.db "SELECT verdict FROM verdict WHERE run = 2")
        [ "$verdict" = ambiguous ] || return 0
    done
    echo "# note: that $1 is not tested: $(grep -m 1 -F 'F1: ' out)"
    return 1
}
hash_of() { # RUN
    sqlite3 countermark.db "SELECT binary_hash FROM build b JOIN run r ON r.build = b.id WHERE r.id = $1"
}

ok "the old program is measured" env CM_TEST_SLEEP_US=0 ./old run --plan sleepy --progress off
ok "and is the baseline" ./old check
ok "the new program is measured, and sleeps" env CM_TEST_SLEEP_US=3000 ./new run --plan sleepy --progress off
not_ok "they are two programs" test "$(hash_of 1)" = "$(hash_of 2)"
wrap "$(hash_of 1)" 0
wrap "$(hash_of 2)" 3000
if decided "sleeping shows in turns"; then
    is "sleeping shows in turns, and is red" "$status $verdict" "1 slower"
    has out "1 regression: mandelbrot/sleepy time" "and named"
    has out "measured again in turns: x" "with the proof"
fi

# The same stored times, but the new program is not the slow one: its night was busy. What is measured in turns decides.
rm -r countermark.db*
ok "the old program is measured again" env CM_TEST_SLEEP_US=0 ./old run --plan sleepy --progress off
ok "and is the baseline again" ./old check
ok "the new one is measured while everything sleeps" env CM_TEST_SLEEP_US=40000 ./new run --plan sleepy --progress off
wrap "$(hash_of 1)" 40000
wrap "$(hash_of 2)" 20000
if decided "a slowness is refuted in turns"; then
    is "a slowness that is not there in turns is none: what is there counts" "$status $verdict" "0 faster"
fi

# Three in a hundred instructions more, counted, where this machine can.
rm -r countermark.db*
ok "counts are measured" env CM_TEST_EXTRA=0 ./old run --plan counted --progress off
if [ -n "$(sqlite3 countermark.db "SELECT 1 FROM summary s JOIN metric m ON m.id = s.metric
    WHERE m.name = 'papi.PAPI_TOT_INS' LIMIT 1")" ]; then
    ok "and are the baseline" ./old check
    ok "nothing changes" env CM_TEST_EXTRA=0 ./old run --plan counted --progress off
    exits 0 "an A/A is silent" ./old check
    ok "3 % are planted" env CM_TEST_EXTRA=3 ./old run --plan counted --progress off
    exits 1 "and found" ./old check
    has out "1 regression: mandelbrot/planted instructions +" "in this variant alone"
    ok "they stay" env CM_TEST_EXTRA=3 ./old run --plan counted --progress off
    exits 1 "and are red again" ./old check
    ok "until they are accepted" ./old accept F1 --reason "wanted"
    exits 0 "then all is green" ./old check
else
    tap_result 0 "instructions of planted work # SKIP they cannot be counted on this machine"
fi

rm -r countermark.db*
exits 5 "wrong results make the run exit 5" ./new run --plan unsound --progress off
exits 5 "and the check" ./new check
has out "mandelbrot/onepixel" "the wrong pixel is named"
has out "mandelbrot/untouched" "the missing output is named"
has out "1 variant failed: mandelbrot/segfault (1 point)" "the crash is named"
has out "stored as the first baseline" "what is sound is the baseline"
is "and nothing else" "$(sqlite3 countermark.db "SELECT DISTINCT points FROM ledger")" 'mandelbrot/serial:maxiter=100\,size=32'
./new run --plan unsound --progress off >run.out 2>&1
exits 5 "they are wrong the next night, too" ./new check
is "never compared" "$(sqlite3 countermark.db "SELECT DISTINCT verdict FROM verdict WHERE run = 2 AND
    point NOT LIKE 'mandelbrot/serial%' ORDER BY 1" | tr '\n' ' ')" "incomparable wrong "
done_testing
