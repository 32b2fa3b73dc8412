#!/bin/bash
# make layouts and doctor --layout: the same machine code in other places, and how far that alone moves a point. Times are scripted:
# the Kth program's launches count on from those of the one before.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

# A copy of the build, so that the one under test stays as it is, and nothing is compiled.
mkdir build
for part in "$BUILD"/*; do
    case ${part##*/} in
    tests | layouts | emulated | plugged | bare | *.a) ;;
    *) cp -a "$part" build/ ;;
    esac
done
layouts() { # N
    ${MAKE_COMMAND:-make} -C "$TOP" BUILD="$PWD/build" TESTS= GOALS= layouts N="$1"
}
exits 0 "three layouts are made" layouts 3
before=$(sha256sum <build/countermark)
exits 0 "and made anew" layouts 3
lacks out "  CC" "without compiling anything"
is "the normal program stays as it is" "$(sha256sum <build/countermark)" "$before"
is "there are three programs" "$(cd build/layouts && echo [0-9]*/countermark)" "1/countermark 2/countermark 3/countermark"
is "all of them differ" "$(sha256sum build/countermark build/layouts/*/countermark | cut -d' ' -f1 | sort -u | grep -c .)" 4
for p in build/countermark build/layouts/*/countermark; do
    "$p" worker --codes 4>codes.json
    python3 -c 'import json; print(json.dumps(json.load(open("codes.json"))["codes"], sort_keys=True))'
done >codes.txt
is "but not in the machine code of their variants" "$(sort -u codes.txt | grep -c 'mandelbrot/serial')" 1
for i in 1 2 3; do
    grep -v '/pads/' build/layouts/$i/order | LC_ALL=C sort >objects.$i
done
ok "each holds the same objects" cmp objects.1 objects.2
ok "as many as the program" test "$(grep -c . objects.3)" -gt 100
not_ok "in another order" cmp <(grep -v /pads/ build/layouts/1/order) <(grep -v /pads/ build/layouts/2/order)
address() { # PROGRAM: where a variant's code stands
    nm "$1" | sed -n 's/ [Dd] variant_mandelbrot_serial$//p'
}
is "code and data stand elsewhere" "$(for p in build/layouts/*/countermark; do address "$p"; done | sort -u | grep -c .)" 3
exits 2 "make says what N may be" layouts many
has err "N is a whole number from 1 to 60, not 'many'" "in a sentence"

fast_plan 8 'mandelbrot/serial size=16 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.001}'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"metric\": \"wall.time\", \"scale\": 1.06}, $rules]}" >slow.json
echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"launch\": \"8-15\", \"metric\": \"wall.time\", \"scale\": 1.1}, $rules]}" >place.json

layout() { # WORD...: this program and the others in turns
    "$COUNTERMARK" doctor --layout --plan fast --collect wall,fake:place.json "$@"
}
exits 0 "programs in turns" layout build/layouts/*/countermark
has out "with 4 programs of the same machine code in turns" "this one and three others"
is "the point that one program moves comes first" "$(sed -n 4p out | cut -d: -f1)" "mandelbrot/serial"
is "what was found is stored: one of four 10 % away, and nothing" "$(sqlite3 countermark.db "SELECT substr(point, 1, 14),
    layouts, layout BETWEEN 0.04 AND 0.055, layout < 0.004, noise IS NULL FROM noise ORDER BY point" | tr '\n' ' ')" \
    "mandelbrot/ser|4|1|0|1 mandelbrot/sim|4|0|1|1 "
exits 0 "as JSON" layout --format json build/layouts/*/countermark
is "with all there is" "$(python3 -c 'import json
d = json.load(open("out"))
print(len(d["programs"]), [(p["layouts"], p["launches"]) for p in d["points"]], d["interrupted"])')" \
    "4 [(4, 32), (4, 32)] False"

night base.json
exits 0 "a first night" "$COUNTERMARK" check
night slow.json
exits 0 "6 % are within what layout alone does" "$COUNTERMARK" check --strict
is "and the same, for that reason" "$(sqlite3 countermark.db "SELECT verdict FROM verdict WHERE run = 2 AND
    point LIKE 'mandelbrot/serial%' AND reason LIKE '%is within what the place of code alone does%'")" same
exits 0 "JSON" "$COUNTERMARK" check --format json
is "layout is part of what is visible: 2.8 standard deviations of a difference" "$(python3 -c 'import json
d = {c["point"].split(":")[0]: c["detectable"] for c in json.load(open("out"))["comparisons"]}
print(d["mandelbrot/simd"] < 0.03, 0.15 < d["mandelbrot/serial"] < 0.25)')" "True True"

exits 2 "one program is no spread" layout build/layouts/1/countermark
has err "two or more programs beside this one" "which is said"
exits 2 "a program that is not there" layout build/layouts/1/countermark none
has err "there is no program none" "is named"
exits 2 "what is no program of ours" layout build/layouts/1/countermark "$(type -P true)"
has err "does not tell its machine code" "is refused"
printf '#!/bin/sh\necho "{\\"protocol\\": 1, \\"codes\\": {\\"null/empty\\": \\"f00d\\"}}" >&4\n' >other
chmod +x other
exits 2 "and so is a program of other code" layout build/layouts/1/countermark ./other
has err "differ in the machine code of " "since more than layout lies between them"
has err "make layouts" "with the cure"
exits 2 "a sweep without a measurement" "$COUNTERMARK" doctor -s size=1
done_testing
