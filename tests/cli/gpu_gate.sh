#!/bin/bash
# The gate on what a GPU counts, the whole way on stand-ins: silent on an A/A, and one percent more warp instructions are a
# regression, whatever the times did. Only figures that repeat exactly are judged here, so that a busy machine cannot disturb it.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin
export STANDIN_CUPTI_REAL=none # its few metrics are enough here, and known at once

night() {
    gpu run --collect cupti:gpu_core --launches 8 --no-anchor --progress off -k mandelbrot -v cuda,serial -s size=100,150 \
        -s maxiter=50 >run.out 2>run.err || {
        echo "# the run failed:"
        tap_show run.err
    }
}
last_line() {
    tail -n 1 out
}

night
exits 0 "a first run passes" gpu check
night
exits 0 "an A/A of warp instructions is silent" gpu check --metric cupti.warp_instructions
is "and says so" "$(last_line)" "nothing slower; 2 points same"
exits 0 "so is one of device time" gpu check --metric device.time
is "which every launch repeats" "$(last_line)" "nothing slower; 2 points same"

export STANDIN_SCALE=smsp__inst_executed:1.01
night
exits 1 "one percent more warp instructions is red" gpu check --metric cupti.warp_instructions
has out "1 regression: mandelbrot/cuda warp instructions +1.0 % (2 points) against" "with its points"
has out "ncu --target-processes all --metrics" "and the line for NVIDIA's profiler"
exits 0 "device time is the same" gpu check --metric device.time

unset STANDIN_SCALE
night
exits 0 "and green when it is gone" gpu check --metric cupti.warp_instructions

# A count that could not be had is no change.
STANDIN_FAIL=cuptiRangeProfilerStart=35
export STANDIN_FAIL
night
unset STANDIN_FAIL
gpu check --metric cupti.warp_instructions >out 2>err
lacks out "regression" "counts that are missing are no regression"
lacks out "improvement" "nor an improvement"
done_testing
