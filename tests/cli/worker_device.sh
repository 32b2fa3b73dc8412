#!/bin/bash
# A worker with a variant of a device: the order of the calls, each transfer and the wait failing, stale results, the variant's own
# times, and instruments that belong to devices only. The device is plain memory, so no GPU is needed.
. "$TOP/tests/tap.sh"

plugged=$BUILD/plugged/countermark # the program with the plug-ins of tests/plugins
worker() { # EXIT NAME VARIANT AXES [MORE FIELDS]: the fields at the end win; answers in ./answer, calls in ./calls
    local wanted=$1 name=$2 variant=$3 axes=$4 status=0

    cat >request <<REQUEST
{"protocol":1,"parent":$$,"point":"traced/$variant","kernel":"traced","variant":"$variant","axes":$axes,"pass":"",
"number":0,"inner":0,"target":0.002,"min":2,"max":4,"precision":0.0,"seed":"1","layout":"2","timeout":60.0,
"references":"references","script":null,"count_kernel":false,"isolate":false,"command":null,"verify":null${5:+,$5}}
REQUEST
    rm -f calls
    CM_TEST_CALLS=$PWD/calls "$plugged" worker 3<request 4>answer >out 2>err </dev/null || status=$?
    tap_result "$((status != wanted))" "$name"
    [ "$status" = "$wanted" ] || { echo "# exit $status instead of $wanted"; tap_show err; }
}
field() { # NAME: of the result
    python3 -c 'import json,sys
for line in open("answer"):
    message = json.loads(line)
    if "result" in message: print(message["result"][sys.argv[1]])' "$1"
}
outcome() {
    echo "$(field status)|$(field reason)"
}
# The values of a metric as a set, per execution if they are of repetitions, each with its repetition's kind and quality. What a
# hypervisor took meanwhile is left out of it: no test can foresee that.
values() {
    python3 -c 'import json,sys
names, kinds, rows, inner = [], [], [], 1
for line in open("answer"):
    m = json.loads(line)
    if "metric" in m: names.append(m["metric"]["name"])
    if "sample" in m: rows.append(m["sample"])
    if "result" in m: inner = m["result"]["inner"]
found = set()
for metric, repetition, value, quality, share, reason in rows:
    if names[metric] == sys.argv[1]:
        once = repetition < 0
        if reason.startswith("the hypervisor"): quality, reason = 0, ""
        found.add(("launch" if once else "repetition", value if once else value / inner, quality, reason))
print(sorted(found))' "$1"
}

worker 0 "a variant of a device is measured" device '{"mode":"good"}'
is "its result is right" "$(outcome)" "1|"
ok "prepared, sent, executed once, fetched and verified; sent again, executed, fetched and verified" \
    grep -Eqx 'PURxsDVU(Rx+s)+DVF' calls
lacks calls K "its own reset stands for the kernel's"
is "the time by its clock is of its own repetition's executions" "$(values device.time)" "[('repetition', 1000.0, 0, '')]"
is "set-up is told once" "$(values device.setup)" "[('launch', 5000000.0, 0, '')]"
is "of the transfers in, the last" "$(values device.upload)" "[('launch', 200.0, 0, '')]"
is "and of those back" "$(values device.download)" "[('launch', 20.0, 0, '')]"

worker 0 "one that tells no times" device '{"mode":"silent"}'
is "is measured all the same" "$(outcome) $(values device.time) $(values device.setup)" "1| [] []"
worker 0 "one that computes only the first time" device '{"mode":"stale"}'
is "is wrong: the output was poisoned on the device too" "$(outcome)" "2|no squares"
ok "which the second verification finds" grep -Eqx 'PURxsDVU(Rx+s)+DVF' calls
worker 0 "one that never fetches its result" device '{"mode":"forgets"}'
is "is wrong at once" "$(outcome) $(cat calls)" "2|no squares PURxsDVF"

worker 0 "a transfer to the device that fails" device '{"mode":"upload"}'
is "ends the launch with its sentence" "$(outcome) $(cat calls)" \
    "6|copying the input to the GPU failed: a planted error PUF"
worker 0 "... so does the second" device '{"mode":"upload2"}'
is "... before anything is measured" "$(outcome) $(cat calls)" \
    "6|copying the input to the GPU failed: a planted error PURxsDVUF"
worker 0 "an error that shows at the wait" device '{"mode":"sync"}'
is "is a failed execution" "$(outcome) $(cat calls)" "6|the GPU's work failed: a planted error PURxsF"
worker 0 "... in the middle of measuring too" device '{"mode":"sync2"}'
is "... is told" "$(outcome)" "6|the GPU's work failed: a planted error"
worker 0 "a transfer back that fails" device '{"mode":"download"}'
is "is told" "$(outcome) $(cat calls)" "6|copying the result from the GPU failed: a planted error PURxsDF"
worker 0 "... so is the second" device '{"mode":"download2"}'
is "... and what was measured is worth nothing" "$(field status)" 6
worker 0 "a module that is not there" lost '{}'
is "cannot run" "$(field status)" 8
ok "for a reason" test -n "$(field reason)"

worker 0 "counters of the CPU" device '{"mode":"good"}' '"pass":"papi:PAPI_TOT_INS"'
is "do not count a device" "$(outcome)" "8|papi: it counts on the CPU, but this variant computes on a device"
worker 0 "counters of devices" device '{"mode":"good"}' '"kernel":"mandelbrot","variant":"serial","axes":{"size":"16","maxiter":"20"},"pass":"cupti:activity"'
is "do not count a CPU" "$(outcome)" "8|cupti: it counts on a device, but this variant computes on the CPU"

# Scripts change what a variant tells, and what a watched GPU does to the times.
echo '{"rules": [{"metric": "device.time", "scale": 1.5}, {"metric": "device.setup", "value": 7}]}' >times.json
worker 0 "a script over the variant's own times" device '{"mode":"good"}' '"script":"times.json"'
is "times change" "$(values device.time)" "[('repetition', 1500.0, 0, '')]"
is "gauges too" "$(values device.setup)" "[('launch', 7.0, 0, '')]"
echo '{"rules": [{"metric": "nvml.held_back", "repetition": 1, "value": 1, "reason": "heat"},
    {"metric": "nvml.held_back", "value": 0}, {"metric": "wall.time", "value": 2000}]}' >hot.json
worker 0 "a clock that is held back in one repetition" device '{"mode":"good"}' '"script":"hot.json","inner":100'
marked="('repetition', %s, 4, \"the GPU's clock was held back: heat\")"
is "marks the device's time" "$(values device.time)" "[('repetition', 1000.0, 0, ''), $(printf "$marked" 1000.0)]"
is "and the wall's" "$(values wall.time)" "[('repetition', 2000.0, 0, ''), $(printf "$marked" 2000.0)]"
done_testing
