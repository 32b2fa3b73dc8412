#!/bin/bash
# compare --interleave, adaptive, of stored runs and of program files; on scripted times, so that nothing depends on this machine.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
# Two programs that differ: what stands behind an ELF file is not loaded. The script says what each of them does.
for which in old new; do
    cp "$COUNTERMARK" "$which"
    echo "$which" >>"$which"
done
rules() { # NOISE: of everything, 1 ms
    echo "{\"metric\": \"wall.time\", \"value\": 1000000, \"noise\": $1}"
}
slow='"point": "mandelbrot/simd*", "metric": "wall.time"'
night_of() { # PROGRAM SCRIPT
    COUNTERMARK=./$1 night "$2"
}
value() { # EXPRESSION over the JSON document
    python3 -c 'import json, sys; d = json.load(open("out")); print(eval(sys.argv[1]))' "$1"
}
launches() { # POINT: of each side in run 2
    sqlite3 countermark.db "SELECT count(*) FROM launch l JOIN point p ON p.id = l.point
        WHERE l.run = 2 AND l.pass = 'interleaved:new' AND p.text LIKE '$1'"
}

echo "{\"rules\": [$(rules 0.002)]}" >base.json
# One point goes at another speed in every launch.
restless=$(for ((i = 0; i < 110; i++)); do
    echo "{\"point\": \"*size=32*\", \"metric\": \"wall.time\", \"launch\": $i, \"value\": $((500000 + i * 7919 % 1009 * 1000))},"
done)
echo "{\"rules\": [{$slow, \"scale\": 1.1}, $restless $(rules 0.002)]}" >mixed.json
night_of old base.json
night_of new mixed.json
exits 1 "three points in turns" "$COUNTERMARK" compare run:1 run:2 --interleave
has out "mandelbrot/simd slower" "one is slower"
has out "; at this noise 96 would hardly do" "one is so noisy that nobody knows"
is "and one is the same" "$(grep -c '  same (' out)" 1
ok "what is plain takes few launches" test "$(launches 'mandelbrot/simd%')" -le 10
ok "what is the same, too" test "$(launches 'mandelbrot/serial%size=16%')" -le 10
ok "what cannot be decided ends early" test "$(launches 'mandelbrot/serial%size=32%')" -le 38
ok "no launch stands in a summary" "$COUNTERMARK" db check

exits 0 "a short budget ends it" "$COUNTERMARK" compare run:1 run:2 --interleave --confirm-budget 1ms
has out "the time for measuring again was used up" "and says so"

# A difference that nobody should care about is one all the same.
rm -r countermark.db*
echo "{\"rules\": [{$slow, \"scale\": 1.004, \"noise\": 0.0002, \"value\": 1000000}, $(rules 0.0002)]}" >slight.json
echo "{\"rules\": [$(rules 0.0002)]}" >calm.json
night_of old calm.json
night_of new slight.json
exits 0 "a slight difference is no regression" "$COUNTERMARK" compare run:1 run:2 --interleave --format json
simd="for i in d['comparisons'] if 'simd' in i['point'] and i['metric'] == 'wall.time'"
is "its interval excludes no change" "$(value "[1 < i['low'] and i['high'] < 1.01 $simd]")" "[True]"
is "and says that it does not count" "$(value "['less than the 1.0 % that count' in i['reason'] $simd]")" "[True]"

# Program files: nothing is stored where they are compared.
rm -r countermark.db*
mkdir scratch
export TMPDIR=$PWD/scratch
exits 0 "two program files, scripted alike" "$COUNTERMARK" compare --interleave ./old ./new --plan fast --collect wall,fake:base.json
has out "run 2" "as two runs"
has out "3 points same" "and are the same"
is "no database is left here" "$(find . -maxdepth 1 -name 'countermark.db*')" ""
exits 0 "narrowed" "$COUNTERMARK" compare --interleave ./old ./new --plan fast -v simd --collect wall,fake:base.json --format json
is "to one point" "$(value "sorted({i['point'].split(':')[0] for i in d['comparisons']})")" "['mandelbrot/simd']"
night_of old base.json
exits 0 "a run's kept program against a file" "$COUNTERMARK" compare --interleave run:1 ./new --plan fast --collect wall,fake:base.json
has out "3 points same" "is compared likewise"

mkdir scratch/countermark-compare-killed scratch/countermark-compare-young1
echo scratch >scratch/countermark-compare-killed/programs.db
touch -d '2 hours ago' scratch/countermark-compare-killed
exits 2 "a program that is not there" "$COUNTERMARK" compare --interleave ./nowhere ./new
has err "there is no program file ./nowhere that can be run" "is named"
exits 2 "nor a run without a database" "$COUNTERMARK" compare --interleave nowhere ./new --db nothing.db
has err "'nowhere' is no program file, and there is no database nothing.db in which it could be a run" "says both"

exits 2 "files without --interleave" "$COUNTERMARK" compare ./old ./new
has err "compare them in turns with --interleave" "say what to do"
exits 2 "runs have their points" "$COUNTERMARK" compare run:1 run:1 -k mandelbrot
exits 2 "another program" "$COUNTERMARK" compare --interleave /bin/true ./new
has err "is no countermark program" "is told apart"
exits 2 "a plan that is not there" "$COUNTERMARK" compare --interleave ./old ./new --plan no-such-plan
has err "could not measure its points: countermark: " "with what the program said"
is "no folder is left, nor that of a comparison that was killed; one that may begin is" "$(ls scratch)" countermark-compare-young1
done_testing
