#!/bin/bash
# Time that moves, on scripted times: only what shows again when both programs are run in turns turns the gate red.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.002}'
slow='"point": "mandelbrot/simd*", "metric": "wall.time"'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [{$slow, \"scale\": 1.1}, $rules]}" >slow.json
echo "{\"rules\": [{$slow, \"scale\": 0.8}, $rules]}" >fast.json
echo "{\"rules\": [{$slow, \"launch\": \"0-7\", \"scale\": 1.1}, $rules]}" >blip.json

stored() { # RUN: the verdict on the time of simd
    sqlite3 countermark.db "SELECT verdict FROM verdict WHERE run = $1 AND point LIKE 'mandelbrot/simd%'"
}

night base.json
exits 0 "the first night is the baseline" "$COUNTERMARK" check
night base.json
exits 0 "an A/A is silent" "$COUNTERMARK" check
has out "nothing slower; 3 points same" "and says so"

night slow.json
exits 1 "10 % more time that shows again is a regression" "$COUNTERMARK" check
has out "measured again in turns, old and new program: +10" "which was measured again"
has out "1 regression: mandelbrot/simd time +10" "and named"
is "the verdict is stored" "$(stored 3)" slower
is "the launches are stored, eight a side were enough" "$(sqlite3 countermark.db "SELECT pass, count(*) FROM launch WHERE run = 3 AND
    pass <> '' GROUP BY pass" | tr '\n' ' ')" "interleaved:new|8 interleaved:old|8 "
ok "they stand in no summary" "$COUNTERMARK" db check
exits 1 "compare without a re-run" "$COUNTERMARK" compare run:1 run:3 --interleave
has out "time" "with one it decides"
exits 0 "stored times alone" "$COUNTERMARK" compare run:1 run:3
has out "ambiguous" "are ambiguous"

night blip.json
exits 0 "10 % that do not show again are none" "$COUNTERMARK" check
is "but the same" "$(stored 4)" same
is "with the reason" "$(sqlite3 countermark.db "SELECT count(*) FROM verdict WHERE run = 4 AND
    reason LIKE '%did not show when measured again in turns%'")" 1

echo "{\"rules\": [{\"point\": \"mandelbrot/simd*\", \"launch\": 10, \"error\": \"crash\"}, {$slow, \"scale\": 1.1}, $rules]}" >crash.json
night crash.json
exits 0 "a crash while measuring again leaves it ambiguous" "$COUNTERMARK" check
has out "measuring again failed" "and says so"
"$COUNTERMARK" show last --format json >out 2>&1
is "it is no failure of the run itself" "$(python3 -c 'import json; print(json.load(open("out"))["failures"])')" "[]"

# Ctrl-C while a re-run hangs ends check in order, and kills what it started.
echo "{\"rules\": [{\"point\": \"mandelbrot/simd*\", \"launch\": 8, \"error\": \"hang\"}, {$slow, \"scale\": 1.1}, $rules]}" >hang.json
night hang.json
rm -f err # the one before says the same words
"$COUNTERMARK" check >out 2>err &
pid=$!
for _ in $(seq 1200); do
    grep -q "measuring mandelbrot/simd.* again" err 2>/dev/null && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
is "stopped while measuring again: exit 130" $? 130
has err "countermark: interrupted" "and says so"

night fast.json
exits 0 "20 % less time that shows again is an improvement" "$COUNTERMARK" check
has out "1 improvement: mandelbrot/simd time -20" "and named"

night slow.json
exits 0 "no time for a re-run leaves it ambiguous" "$COUNTERMARK" check --confirm-budget 0
has out "1 ambiguous" "and counted"
has out "switched off" "and says why"
exits 4 "strict gates exit 4 at once" "$COUNTERMARK" check --confirm-budget 0 --strict
exits 0 "too little time likewise" "$COUNTERMARK" check --confirm-budget 1ms
has out "used up" "and says why"

rm -r countermark.db.builds
exits 0 "without the kept program it is ambiguous" "$COUNTERMARK" check
has out "was not kept beside the database" "and says why"
night slow.json
rm -r countermark.db.builds
exits 0 "also a second night" "$COUNTERMARK" check
night slow.json
rm -r countermark.db.builds
exits 4 "the third night running nobody can trust it" "$COUNTERMARK" check
has out "ambiguous in three checks running" "and says so"
exits 0 "it can be accepted" "$COUNTERMARK" accept F1 --reason "slower machine"
exits 0 "and is quiet then" "$COUNTERMARK" check
night slow.json
exits 0 "for good" "$COUNTERMARK" check
echo "{\"rules\": [{$slow, \"scale\": 1.13}, $rules]}" >slower.json
night slower.json --launches 4
exits 0 "four launches" "$COUNTERMARK" check
has out "8 a side are needed" "are too few for a verdict on time"
done_testing
