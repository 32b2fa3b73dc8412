#!/bin/bash
# The first cause under what is slower: work, stalls, clock and the counters that moved, on scripted counts.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
script() { # FILE TIME INSTRUCTIONS CYCLES L1D MISPREDICTED: factors of mandelbrot/simd
    local rules="" metric value factor noise

    while read -r metric value factor noise; do
        rules="$rules,{\"point\": \"mandelbrot/simd*\", \"metric\": \"$metric\", \"value\": $value, \"scale\": $factor,
            \"noise\": $noise}, {\"metric\": \"$metric\", \"value\": $value, \"noise\": $noise}"
    done <<E
wall.time 1000000 $2 0.002
papi.PAPI_TOT_INS 3000000 $3 0
papi.PAPI_TOT_CYC 3000000 $4 0.001
papi.PAPI_L1_DCM 40000 $5 0.01
papi.PAPI_BR_MSP 9000 $6 0
E
    echo "{\"rules\": [${rules#,}]}" >"$1"
}
matches() { # FILE REGEX NAME
    ok "$3" grep -qE "$2" "$1"
}

script base.json 1 1 1 1 1
night base.json
exits 0 "the first night is the baseline" "$COUNTERMARK" check

script stalls.json 1.061 1 1.06 1.48 1.003
night stalls.json
exits 1 "6 % more time" "$COUNTERMARK" check
matches out "% time: instructions \\+0\\.0 %, cycles per instruction \\+[56]\\.[0-9] %, clock [-+]0\\.[0-9] %" "the factors stand apart"
has out "the added cycles are stalls, not work" "what the cycles are is said"
matches out "moved beyond noise: L1D misses \\+4[0-9] % \\(\\+4[0-9] to \\+[45][0-9]\\)" "the counter that moved is named, with its interval"
lacks out mispredictions "and the one that hardly moved is not"
exits 1 "as JSON" "$COUNTERMARK" check --format json
ok "it is there too" python3 -c 'import json
assert any("L1D misses" in (f["why"] or "") for f in json.load(open("out"))["findings"])'

exits 0 "against stored times alone" "$COUNTERMARK" check --confirm-budget 0 --why
matches out "^    why: .*L1D misses \\+4[0-9] %" "what is ambiguous has its cause, too, where it is told in full"
exits 1 "compare, in turns" "$COUNTERMARK" compare run:1 last --interleave
matches out "^    why: .*L1D misses \\+4[0-9] %" "tells it as well"

script work.json 1.05 1.05 1.05 1 1
night work.json
exits 1 "5 % more work" "$COUNTERMARK" check
has out "instructions +5.0 %" "is instructions"
has out "the added cycles are work, not stalls" "and no stalls"

script clock.json 1.1 1 1 1 1
night clock.json
exits 1 "a slower clock" "$COUNTERMARK" check
matches out "clock -9\\.[0-9] %" "is told from the code"
has out "instructions and cycles did not move" "in words"

# What is there, but too small to count, is told from what nobody sees.
script slight.json 1.005 1.0005 1 1 1
night slight.json
exits 0 "half a percent of time and a twentieth of one in instructions" "$COUNTERMARK" compare run:1 last --interleave
matches out "simd.* time .*same \\(there, but less than the 1 % that count\\)" "are the same, but there"
matches out "simd.* instructions .*same \\(there, but less than the 0.1 % that count\\)" "of counts without measuring again"
has out "the same, although it moved:" "the reason stands below"
matches out "serial.* time .*same \\(would have seen" "and nothing of what did not move"
done_testing
