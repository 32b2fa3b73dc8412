#!/bin/bash
# A crash or a hang inside CUPTI or the driver costs one pass of one launch: times and the other passes survive, and what is
# missing is told. Where CUPTI ends already the process that plans, a run has times alone.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin

sql() {
    sqlite3 -separator ' ' "$@"
}
run() { # ARGUMENT...
    rm -rf c.db* once
    gpu run --db c.db --collect cupti --launches 2 --progress off --timeout 8s -k mandelbrot -v cuda,serial -s size=100 \
        -s maxiter=50 "$@"
}
launches() { # each status of each kind of pass
    sql c.db "SELECT CASE WHEN pass = '' THEN 'time' WHEN pass = 'cupti:activity' THEN 'activity' ELSE 'counters' END,
              status, count(*) FROM launch GROUP BY 1, 2 ORDER BY 1, 2" | tr '\n' ','
}

# The real one has ended programs here: in the worker of one pass, and nowhere else.
for call in cuptiActivityFlushAll cuptiActivityEnable cuptiSubscribe_v2; do
    STANDIN_CRASH=$call STANDIN_ONCE=$PWD/once exits 4 "$call crashes" run
    is "$call: one pass of one launch" "$(launches)" "activity crashed 1,counters done 1,time done 4,"
    is "$call: the signal is stored" "$(sql c.db "SELECT signal FROM launch WHERE status = 'crashed'")" 11
    has err "died from signal 11" "$call: and told"
    is "$call: counters and times are there" "$(sql c.db "SELECT DISTINCT metric, $undisturbed FROM v_samples
        WHERE variant = 'cuda' AND metric IN ('wall.time', 'device.time', 'cupti.warp_instructions') ORDER BY 1" | tr '\n' ',')" \
        "cupti.warp_instructions exact,device.time exact,wall.time exact,"
done
for call in cuptiRangeProfilerStart cuptiRangeProfilerDecodeData; do
    STANDIN_CRASH=$call exits 4 "$call crashes, always" run
    is "$call: one pass of one launch" "$(launches)" "activity done 1,counters crashed 1,time done 4,"
    is "$call: the trace is there" "$(sql c.db "SELECT DISTINCT value FROM v_samples WHERE metric = 'cupti.kernel_time'")" 11200.0
    is "$call: no count is" "$(sql c.db "SELECT count(*) FROM v_samples WHERE metric = 'cupti.warp_instructions' AND value IS NOT NULL")" 0
done
ok "the database is sound" "$COUNTERMARK" db check --db c.db

STANDIN_HANG=cuptiRangeProfilerStop exits 4 "CUPTI hangs" run
is "the time limit ends that launch" "$(launches)" "activity done 1,counters hung 1,time done 4,"
STANDIN_HANG=cuptiActivityFlushAll exits 4 "tracing hangs" run
is "likewise" "$(launches)" "activity hung 1,counters done 1,time done 4,"

# In the process that plans. What is asked there is asked of no worker, so there are no counters, and time is taken.
STANDIN_CRASH=cuptiProfilerGetCounterAvailability exits 0 "planning crashes" run
is "times alone are measured" "$(launches)" "time done 4,"
has err "counts nothing in this run" "and that is told"

# The driver itself, in a worker: that launch is lost, and it is told as a crash of the variant's process.
STANDIN_CRASH=cuCtxSynchronize STANDIN_ONCE=$PWD/once exits 4 "the driver crashes" run
is "one launch" "$(sql c.db "SELECT count(*) FROM launch WHERE status = 'crashed'")" 1
# Asked for facts by a process of its own, it cannot end the run.
STANDIN_CRASH=cuInit exits 0 "the driver crashes at its start" run
is "the CPU's points are measured" "$(sql c.db "SELECT variant, status, count(*) FROM launch
    JOIN point ON point.id = launch.point GROUP BY 1, 2 ORDER BY 1" | tr '\n' ',')" "cuda unavailable 1,serial done 2,"
done_testing
