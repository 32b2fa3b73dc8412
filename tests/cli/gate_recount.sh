#!/bin/bash
# Counts that moved a little, or of parallel points, are counted again before they are judged: on scripts, and with a stand-in for
# PAPI through the very passes of the stored launches. Single-threaded points that moved by more are red at once.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

cat >.countermark.yaml <<'E'
plans:
  fast: |
    launches 2
    target 2ms
    collect wall
    use mandelbrot/serial size=16 maxiter=20
    use mandelbrot/simd size=16 maxiter=20
    use mandelbrot/openmp size=16 maxiter=20 threads=2
  counted: |
    launches 2
    target 1ms
    collect papi:base
    use mandelbrot/serial size=300 maxiter=300
    use mandelbrot/openmp size=300 maxiter=300 threads=2
E
ins='"metric": "papi.PAPI_TOT_INS"'
serial="\"point\": \"mandelbrot/serial*\", $ins"
threads="\"point\": \"mandelbrot/simd*\""
axes="\"point\": \"mandelbrot/openmp*\", $ins"
script() { # FILE RULE...: serial is of one thread, simd counts several, openmp has them by its axis alone
    local file=$1
    shift
    printf '{"rules": [%s {%s, "metric": "papi.PAPI_TOT_INS.thread_min", "value": 500000},
        {"metric": "wall.time", "value": 1000000}, {%s, "value": 1000000}]}' "$*" "$threads" "$ins" >"$file"
}
script base.json
script blip.json "{$serial, \"launch\": \"0-1\", \"scale\": 1.005},"
script little.json "{$serial, \"scale\": 1.005},"
script varies.json "{$serial, \"launch\": 3, \"scale\": 0.99}, {$serial, \"scale\": 1.005},"
script close.json "{$serial, \"launch\": 4, \"scale\": 1.0015}, {$serial, \"scale\": 1.005},"
script near.json "{$serial, \"launch\": 4, \"scale\": 1.0015}, {$serial, \"launch\": 7, \"scale\": 1}," \
    "{$serial, \"scale\": 1.005},"
script much.json "{$serial, \"launch\": \"0-1\", \"scale\": 1.02},"
script axes.json "{$axes, \"launch\": \"0-1\", \"scale\": 1.02},"
script threads.json "{$threads, $ins, \"launch\": \"0-1\", \"scale\": 1.02},"

again() { # RUN: its repeated launches
    sqlite3 countermark.db "SELECT pass, count(*) FROM launch WHERE run = $1 AND pass LIKE 'interleaved%' GROUP BY pass" |
        tr '\n' ' '
}
reason() { # RUN
    sqlite3 countermark.db "SELECT reason FROM verdict WHERE run = $1 AND metric = 'papi.PAPI_TOT_INS' AND reason <> ''"
}

night base.json
exits 0 "the first night is the baseline" "$COUNTERMARK" check
night blip.json
exits 0 "half a percent that does not show again is none" "$COUNTERMARK" check
has out "nothing slower; 3 points same" "but the same"
is "four launches a side were counted" "$(again 2)" "interleaved:new|4 interleaved:old|4 "
is "and the reason has their spread" "$(reason 2)" "counted again: 0 %, where launches spread by 0.5 % (6 before, 6 now)"
has out "measured 1 of 1 point again, counters alone" "and the text says so"
ok "they stand in no summary" "$COUNTERMARK" db check

night little.json
exits 1 "half a percent that stays is red" "$COUNTERMARK" check
has out "1 regression: mandelbrot/serial instructions +0.50 % (1 point)" "and named"
has out "counted again: +0.50 %, where launches spread by 0 % (6 before, 6 now)" "with what was counted"
exits 1 "compare without launches is red, too" "$COUNTERMARK" compare run:1 run:3
has out "mandelbrot/serial slower" "and names it"
exits 1 "as it is with them" "$COUNTERMARK" compare run:1 run:3 --interleave
has out "counted again" "and says so"

night varies.json
exits 0 "launches on both sides of the others are no finding" "$COUNTERMARK" check
night close.json
exits 1 "ranges that stay apart, though near, are red" "$COUNTERMARK" check
is "after eight launches a side, the stored ones included" "$(again 5)" "interleaved:new|6 interleaved:old|6 "
night near.json
exits 0 "unless they meet on the way" "$COUNTERMARK" check
is "where counting ends" "$(again 6)" "interleaved:new|6 interleaved:old|6 "

night much.json
exits 1 "2 % of one thread are red at once" "$COUNTERMARK" check
is "without another launch" "$(again 7)" ""
night threads.json
exits 0 "2 % of a parallel point are counted again" "$COUNTERMARK" check
is "like any that moved a little" "$(again 8)" "interleaved:new|4 interleaved:old|4 "
night axes.json
exits 0 "so are those of a point whose axis tells of its threads, where nothing counts them apart" "$COUNTERMARK" check
is "in as many launches" "$(again 9)" "interleaved:new|4 interleaved:old|4 "

# What cannot be counted again is judged by what is stored.
night blip.json
exits 1 "without time for launches the stored ones decide" "$COUNTERMARK" check --confirm-budget 0
has out "not counted again: that is switched off" "and the reason says why"
exits 1 "with too little time likewise" "$COUNTERMARK" check --confirm-budget 1us
has out "not counted again: the time for it was used up" "and says so"
mv base.json gone.json
exits 0 "without the old script the new program alone is counted" "$COUNTERMARK" check
is "four times" "$(again 10)" "interleaved:new|4 "
night little.json
exits 1 "and what stays is red" "$COUNTERMARK" check
rm -r countermark.db.builds
exits 1 "without any program the stored launches decide" "$COUNTERMARK" check
has out "was not kept beside the database" "and the reason says why"
has out "instructions +0.50 %" "as before"

# The stored pass, counted once more, on a stand-in that counts all loops alike: its counts are taken at their word.
"$COUNTERMARK" list collectors >collectors.txt 2>&1
if grep -q 'built without PAPI' collectors.txt || nm "$COUNTERMARK" | grep -q __asan_init; then
    tap_result 0 "passes of counters # SKIP built without PAPI, or with a sanitizer that nothing may stand in front of"
    done_testing
fi
rm -r countermark.db*
counted() { # HOW ARGUMENT...
    local how=$1
    shift
    CM_STANDIN=$how LD_PRELOAD=$BUILD/tests/tools/libpapi.so "$COUNTERMARK" "$@"
}
measure() { # HOW: the stand-in counts by regions, which hold one execution each where that alone takes the target's time
    counted "$1" run --plan counted --no-calibrate --progress off >run.out 2>run.err
}
measure "work=500000" # what the proofs of counters expect; their answer is kept
exits 0 "counted instructions are the baseline" counted "work=500000" check
measure "work=502500"
exits 0 "half a percent that a second count does not show is none" counted "work=500000" check
is "one program is counted for both, for they are one" "$(again 2)" "interleaved:new|8 "
is "with its counters" "$(sqlite3 countermark.db "SELECT count(DISTINCT launch) FROM v_samples WHERE run = 2 AND
    pass = 'interleaved:new' AND metric = 'papi.PAPI_TOT_INS'")" 8
exits 1 "what it does show is red" counted "work=502500" check
has out "mandelbrot/serial instructions +0.50 %" "in serial"
has out "mandelbrot/openmp instructions +0.50 %" "and with threads"
exits 1 "counters that are gone leave the stored ones" counted "pmu=denied" check
has out "not counted again: measuring again failed" "and the reason says so"
measure "work=515000"
exits 1 "3 % of one thread are red at once" counted "work=500000" check
has out "1 regression: mandelbrot/serial instructions +3.0 % (1 point)" "those of threads only if they show again"
done_testing
