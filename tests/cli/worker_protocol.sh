#!/bin/bash
# The worker by hand: requests on descriptor 3, answers on 4, references in files, scripted accidents.
. "$TOP/tests/tap.sh"

request() { # KERNEL VARIANT AXES [MORE FIELDS]: writes ./request; the fields at the end win
    cat >request <<E
{"protocol":1,"parent":$$,"point":"$1/$2","kernel":"$1","variant":"$2","axes":$3,"pass":"","number":0,"inner":0,
"target":0.01,"min":2,"max":4,"precision":0.0,"seed":"1","layout":"2","timeout":60.0,"references":"references",
"script":null,"count_kernel":false,"isolate":false,"command":null,"verify":null${4:+,$4}}
E
}

worker() { # EXIT NAME: answers in ./answer
    local wanted=$1 status=0
    "$COUNTERMARK" worker 3<request 4>answer >out 2>err </dev/null || status=$?
    tap_result "$((status != wanted))" "$2"
    [ "$status" = "$wanted" ] || { echo "# exit $status instead of $wanted"; tap_show err; }
}

# A field of the result.
field() {
    python3 -c 'import json,sys
for line in open("answer"):
    message = json.loads(line)
    if "result" in message: print(message["result"][sys.argv[1]])' "$1"
}

# How many samples a metric has.
samples() {
    python3 -c 'import json,sys
names, n = [], 0
for line in open("answer"):
    m = json.loads(line)
    if "metric" in m: names.append(m["metric"]["name"])
    if "sample" in m and names[m["sample"][0]] == sys.argv[1]: n += 1
print(n)' "$1"
}

small='{"maxiter":"100","size":"100"}'

exits 2 "started by hand, it says who starts it" "$COUNTERMARK" worker 3<&-
has err "countermark run" "... in a sentence"
exits 2 "it takes no words" "$COUNTERMARK" worker now
exits 2 "a collector that knows no models says so" "$COUNTERMARK" worker --collector-model wall GH100 4>answer
has err "the collector wall knows no models of devices" "... in a sentence"
exits 2 "... and one that is not there" "$COUNTERMARK" worker --collector-model nothing GH100 4>answer
has err "there is no collector nothing" "... too"
echo nonsense >request
worker 2 "a request that is no JSON"
has err "is not JSON" "... is named"
request mandelbrot serial "$small"
sed -i 's/"protocol":1/"protocol":7/' request
worker 2 "another protocol is refused"
has err "protocol 7" "... and named"
request mandelbrot serial "$small" '"parent":1'
worker 130 "an orphan does not measure"

request mandelbrot serial "$small"
worker 0 "a variant is measured"
is "its result is right" "$(field status) $(field match) $(field deviations)" "1 0 0"
is "its work comes from the reference" "$(field flops)" "$(python3 -c "print(7 * $(field elements))")"
ok "it took at least the repetitions asked for" test "$(samples wall.time)" -ge 2
ok "... and no more than allowed" test "$(samples wall.time)" -le 4
is "peak memory is one value of the launch" "$(samples os.max_rss)" 1
is "nothing is printed" "$(cat out err)" ""
checksum=$(field checksum)

# References.
file=$(echo references/mandelbrot-*.reference)
ok "the reference is kept" test -s "$file"
inode=$(stat -c %i "$file")
elements=$(field elements)
worker 0 "again, from the cache"
is "... which is not written again" "$(stat -c %i "$file")" "$inode"
is "same elements, same checksum" "$(field elements) $(field checksum)" "$elements $checksum"
damage() { # OFFSET: flips a bit
    python3 -c 'import sys
with open(sys.argv[1], "r+b") as f:
    at = int(sys.argv[2])
    f.seek(at); byte = f.read(1)[0]
    f.seek(at); f.write(bytes([byte ^ 1]))' "$file" "$1"
}
good=$(cksum <"$file")
for offset in 0 30 5000; do
    damage "$offset"
    worker 0 "a reference damaged at byte $offset is no obstacle"
    is "... the result is still right" "$(field status) $(field checksum)" "1 $checksum"
    is "... and the file is repaired" "$(cksum <"$file")" "$good"
done
truncate -s 100 "$file"
worker 0 "a reference cut short is no obstacle"
is "... and repaired" "$(cksum <"$file")" "$good"
rm -rf references
request mandelbrot serial "$small"
for i in 1 2 3 4; do
    "$COUNTERMARK" worker 3<request 4>"answer.$i" 2>>race.err &
done
wait
is "four workers may race for it" "$(grep -h -o '"status":1' answer.? | wc -l) $(cksum <"$file")" "4 $good"
is "... leaving one file" "$(find references -type f | wc -l)" 1
request mandelbrot blocked '{"block":"1024","maxiter":"100","size":"100"}'
worker 0 "another variant"
is "... shares the reference" "$(find references -type f | wc -l)" 1
request mandelbrot serial '{"maxiter":"99","size":"100"}'
worker 0 "other axes"
is "... have another" "$(find references -type f | wc -l)" 2

# What cannot run is an answer, too.
request mandelbrot nosuch "$small"
worker 0 "an unknown variant"
is "... is unavailable" "$(field status): $(field reason)" "8: this build has no variant mandelbrot/nosuch"
request mandelbrot serial '{"maxiter":"100","size":"-5"}'
worker 0 "an impossible axis value"
is "... is unavailable with the kernel's sentence" "$(field status): $(field reason)" \
    "8: size is -5, but must lie between 1 and 40000"
request mandelbrot serial "$small" '"pass":"nosuch:EVENT"'
worker 0 "an unknown collector"
has answer "there is no such collector" "... is named"

# Scripts.
scripted() { # ERROR EXIT STATUS REASON
    printf '{"rules":[{"point":"mandelbrot/*","launch":0,"error":"%s"}]}' "$1" >script.json
    request mandelbrot serial "$small" '"script":"script.json"'
    worker "$2" "scripted: $1"
    [ -z "$3" ] || is "... becomes a status" "$(field status): $(field reason | cut -c -40)" "$3: $4"
}
scripted wrong 0 2 "pixel (0, 0) is 1515870810, should be 0;"
is "a wrong result is not measured" "$(grep -c sample answer)" 0
scripted untouched 0 2 "the output was not written"
scripted "unavailable:no such chip" 0 8 "no such chip"
scripted exit:9 9 "" ""
scripted garbage 0 "" ""
has answer "this is no message" "... is garbage"
# To a shell, 128 and the signal.
scripted crash 139 "" "" 2>/dev/null
cat >script.json <<E
{"rules":[{"metric":"wall.time","value":1000},{"metric":"papi.PAPI_TOT_INS","value":42},
 {"metric":"my.own","value":7,"repetition":1}]}
E
request mandelbrot serial "$small" '"script":"script.json","inner":3,"min":3,"max":3,"target":0.000001'
worker 0 "scripted values"
is "... replace and add, multiplied by the executions" \
    "$(grep -c ',3000.0,' answer) $(grep -c ',126.0,' answer) $(grep -c ',21.0,' answer)" "3 3 1"
is "the number of executions is as given" "$(field inner)" 3
printf '{"rules":[{"launch":"x"' >script.json
request mandelbrot serial "$small" '"script":"script.json"'
worker 2 "a script with a mistake"
has err "script.json" "... is named"
done_testing
