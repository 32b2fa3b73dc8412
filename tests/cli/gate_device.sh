#!/bin/bash
# The gate for what a GPU computes, on stand-ins for NVIDIA's libraries: device time that moved is measured again before it is
# red, warp instructions are red at once or counted again through their own pass, and times of a clock that was held back are
# marked and do not decide.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin
export STANDIN_CUPTI_REAL=none # its few metrics are enough here, and known at once
cat >.countermark.yaml <<'E'
plans:
  fast: |
    launches 8
    target 2ms
    collect cupti:gpu_core
    use mandelbrot/cuda size=32 maxiter=20
    use mandelbrot/serial size=32 maxiter=20
E
cuda='"point": "mandelbrot/cuda*"'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.002},
       {"point": "mandelbrot/cuda*", "metric": "device.time", "value": 500000, "noise": 0.002}'
script() { # FILE RULE...
    local file=$1
    shift
    echo "{\"rules\": [$* $rules]}" >"$file"
}
script base.json
script slow.json "{$cuda, \"metric\": \"device.time\", \"scale\": 1.05},"
script blip.json "{$cuda, \"metric\": \"device.time\", \"launch\": \"0-7\", \"scale\": 1.05},"
script more.json "{$cuda, \"metric\": \"cupti.warp_instructions\", \"scale\": 1.01},"
script little.json "{$cuda, \"metric\": \"cupti.warp_instructions\", \"scale\": 1.004},"

night() { # SCRIPT
    gpu run --plan fast --collect "cupti:gpu_core,fake:$1" --progress off >run.out 2>run.err || {
        echo "# the run failed:"
        tap_show run.err
    }
}
sql() {
    sqlite3 -separator ' ' countermark.db "$1"
}
verdict() { # RUN METRIC
    sql "SELECT verdict FROM verdict WHERE run = $1 AND metric = '$2' AND point LIKE 'mandelbrot/cuda%'"
}

night base.json
exits 0 "the first night is the baseline" gpu check
is "counters are a pass of the GPU's point alone" "$(sql "SELECT DISTINCT p.variant, substr(l.pass, 1, 5) FROM launch l
    JOIN point p ON p.id = l.point ORDER BY 1, 2" | tr '\n' ';')" "cuda ;cuda cupti;serial ;"
night base.json
exits 0 "an A/A is silent" gpu check
has out "nothing slower; 2 points same" "and says so"
is "time and counts of the GPU are judged" "$(sql "SELECT metric, verdict FROM verdict WHERE run = 2 AND
    point LIKE 'mandelbrot/cuda%' ORDER BY 1" | tr '\n' ';')" \
    "cupti.warp_instructions same;device.time same;wall.time same;"

night slow.json
exits 1 "5 % more device time that shows again is a regression" gpu check
has out "1 regression: mandelbrot/cuda device time +" "and named as such"
has out "measured again in turns, old and new program: +" "after it was measured again"
has out "with ncu:" "with the line for NVIDIA's own tool"
is "the wall's time is the same" "$(verdict 3 device.time) $(verdict 3 wall.time)" "slower same"
night blip.json
exits 0 "5 % that do not show again are none" gpu check
is "but the same" "$(verdict 4 device.time)" same

night more.json
exits 1 "1 % more warp instructions are red" gpu check
has out "1 regression: mandelbrot/cuda warp instructions +1.0 %" "and named"
is "at once" "$(sql "SELECT count(*) FROM launch WHERE run = 5 AND pass LIKE 'interleaved%'")" 0
night little.json
export STANDIN_TRACE=$PWD/trace
exits 1 "0.4 % more are counted again" gpu check
unset STANDIN_TRACE
has out "counted again: +0.40 %" "and red then"
is "by old and new program in turns" "$(sql "SELECT pass, count(*) FROM launch WHERE run = 6 AND
    pass LIKE 'interleaved%' GROUP BY pass" | tr '\n' ';')" "interleaved:new 4;interleaved:old 4;"
is "each through its own pass of counters" "$(awk '$2 == "cuptiRangeProfilerStart" { p[$1] = 1 }
    END { for (i in p) n++; print n + 0 }' trace)" 8
ok "what was made again stands in no summary" gpu db check

# Another GPU in the same machine: what it computes begins anew, the CPU's history goes on.
for gpu in 'Other GPU' 'Other GPU'; do
    echo "{\"facts\": {\"gpu.0.name\": \"$gpu\"}, \"rules\": [{$cuda, \"metric\": \"device.time\", \"scale\": 3}, $rules]}" >other.json
    night other.json
    exits 0 "with another GPU nothing is red" gpu check
    cp out "out.$((++nights))"
done
has out.1 "the GPU is Other GPU now and was" "the first night says so"
is "and compares nothing of it, but the CPU's points" "$(sql "SELECT DISTINCT verdict FROM verdict WHERE point LIKE
    'mandelbrot/cuda%' AND run = (SELECT max(id) - 1 FROM run)") $(sql "SELECT verdict FROM verdict WHERE point LIKE
    'mandelbrot/serial%' AND run = (SELECT max(id) - 1 FROM run)")" "incomparable same"
is "it is the new baseline" "$(verdict "(SELECT max(id) FROM run)" device.time)" same

# Without scripts: what the stand-in for CUPTI counts.
rm -f countermark.db
real() {
    gpu run --plan fast --progress off >run.out 2>run.err || {
        echo "# the run failed:"
        tap_show run.err
    }
}
real
exits 0 "a night of counts" gpu check
real
gpu check >out 2>err
is "an A/A of counts is silent" "$(verdict 2 cupti.warp_instructions)" same
STANDIN_SCALE=smsp__inst_executed:1.01 real
exits 1 "1 % more of them are red" gpu check
has out "mandelbrot/cuda warp instructions +1.0 %" "and named"
STANDIN_THROTTLE=thermal real
is "a clock that was held back marks every time" "$(sql "SELECT DISTINCT metric, quality FROM v_samples WHERE run = 4 AND
    variant = 'cuda' AND metric IN ('wall.time', 'device.time') AND $calm ORDER BY 1" | tr '\n' ';')" \
    "device.time suspect(the GPU's clock was held back: heat);wall.time suspect(the GPU's clock was held back: heat);"
gpu check >out 2>err
is "such times do not decide" "$(verdict 4 device.time) $(verdict 4 wall.time)" "ambiguous ambiguous"
is "for that reason" "$(sql "SELECT count(*) FROM verdict WHERE run = 4 AND metric = 'device.time' AND
    reason LIKE '%cannot be trusted%held back: heat%'")" 1
is "counts do" "$(verdict 4 cupti.warp_instructions)" same
is "and so does the CPU's time" "$(sql "SELECT reason LIKE '%held back%' FROM verdict WHERE run = 4 AND
    metric = 'wall.time' AND point LIKE 'mandelbrot/serial%'")" 0
done_testing
