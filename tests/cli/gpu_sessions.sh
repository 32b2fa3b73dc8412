#!/bin/bash
# A repetition after the other on the stand-in for CUPTI: each is a session of its own. A profiler that cannot be configured or
# started again is made anew; one that cannot be ended is left alone; what could not be counted is unavailable with the reason, for
# the repetitions that it concerns, and the time of the point stays.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin

# FAILURES: counts, and prints how many values of each quality there are, and how many profilers it took.
count() {
    rm -f runs.db trace
    STANDIN_TRACE=$PWD/trace STANDIN_FAIL=$1 gpu run --db runs.db --collect cupti:warp_instructions+dram_bytes --launches 1 --progress off \
        -k mandelbrot -v cuda -s size=64 -s maxiter=20 >out.txt 2>&1
    echo "exit $?"
    sqlite3 -separator ' ' runs.db "SELECT quality, count(*) FROM v_samples WHERE metric = 'cupti.warp_instructions' GROUP BY 1 ORDER BY 1"
    echo "enabled $(grep -c ' cuptiRangeProfilerEnable' trace)"
    sqlite3 runs.db "SELECT count(*) > 0 FROM v_samples WHERE metric = 'wall.time' AND (quality = 'exact' OR NOT $calm)"
}

plain=$(count "")
repetitions=$(printf '%s\n' "$plain" | sed -n 's/^exact //p')
ok "there are repetitions to tell apart" test "${repetitions:-0}" -ge 3
is "one profiler counts them all" "$plain" "exit 0
exact $repetitions
enabled 1
1"
again="exit 0
exact $repetitions
enabled 2
1"
is "a session that is refused is tried on a new profiler" "$(count cuptiRangeProfilerSetConfig@2=7)" "$again"
is "so is one that does not start" "$(count cuptiRangeProfilerStart@2=7)" "$again"
is "if that fails too, this repetition is unavailable, and the next one counts" \
    "$(count cuptiRangeProfilerStart@2=7,cuptiRangeProfilerStart@3=7)" "exit 0
exact $((repetitions - 1))
unavailable(CUPTI does not permit this now (cuptiRangeProfilerStart: CUPTI_ERROR_INVALID_OPERATION, 7)) 1
enabled 2
1"
is "so it is if the new profiler has no room for its data" \
    "$(count cuptiRangeProfilerSetConfig@2=7,cuptiRangeProfilerGetCounterDataSize@2=7)" "exit 0
exact $((repetitions - 1))
unavailable(CUPTI does not permit this now (cuptiRangeProfilerGetCounterDataSize: CUPTI_ERROR_INVALID_OPERATION, 7)) 1
enabled 3
1"
is "a profiler whose data cannot be read is made anew for the next one" "$(count cuptiRangeProfilerDecodeData@1=7)" "exit 0
exact $((repetitions - 1))
unavailable(CUPTI does not permit this now (cuptiRangeProfilerDecodeData: CUPTI_ERROR_INVALID_OPERATION, 7)) 1
enabled 2
1"
is "a profiler that cannot be ended ends the counting, not the launch" \
    "$(count cuptiRangeProfilerSetConfig@2=7,cuptiRangeProfilerDisable=7)" "exit 0
exact 1
unavailable(CUPTI's range profiler cannot be ended, so it cannot count again) $((repetitions - 1))
enabled 1
1"
for call in PushRange PopRange Stop; do
    is "what fails in cuptiRangeProfiler$call is told for each repetition" "$(count cuptiRangeProfiler$call=999)" "exit 0
unavailable(CUPTI fails without saying why (cuptiRangeProfiler$call: CUPTI_ERROR_UNKNOWN, 999)) $repetitions
enabled 1
1"
done
done_testing
