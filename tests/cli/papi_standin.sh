#!/bin/bash
# Counters the whole way, from planning to the store, on a stand-in for PAPI: threads, forked processes, any program, and events
# that cannot be counted.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
! grep -q 'built without PAPI' collectors.txt || skip "built without PAPI"
! nm "$COUNTERMARK" | grep -q __asan_init || skip "a library in front of the sanitizer's own is not taken"

standin() { # CM_STANDIN ARGUMENT...: every program below is given `run` of small points
    local how=$1
    shift
    CM_STANDIN=$how LD_PRELOAD=$BUILD/tests/tools/libpapi.so "$COUNTERMARK" "$@"
}
rows() { # DATABASE CONDITION COLUMNS
    sqlite3 "$1" "SELECT DISTINCT $3 FROM v_samples WHERE $2 ORDER BY 1"
}
instructions="metric = 'papi.PAPI_TOT_INS'"

exits 0 "serial is counted" standin "" run --db serial.db --collect papi:base+branch --launches 1 -k mandelbrot \
    -v serial -s size=100 -s maxiter=100
is "what the region did, without what start and stop cost" "$(rows serial.db "$instructions" "value, quality")" \
    "500000.0|exact"
is "no time comes from a pass with counters" "$(rows serial.db "metric = 'wall.time'" pass)" ""

exits 0 "two threads are counted" standin "" run --db openmp.db --collect papi:base --launches 1 -k mandelbrot -v openmp \
    -s size=100 -s maxiter=100 -s threads=2
is "the sum over threads" "$(rows openmp.db "$instructions" value)" "1500000.0"
is "and the least and most of one" \
    "$(rows openmp.db "metric LIKE 'papi.PAPI_TOT_INS.thread_%'" "metric, value" | tr '\n' ' ')" \
    "papi.PAPI_TOT_INS.thread_max|1000000.0 papi.PAPI_TOT_INS.thread_min|500000.0 "

exits 0 "forked processes are counted" standin "" run --db processes.db --collect papi:base --launches 1 -k mandelbrot \
    -v processes -s size=100 -s maxiter=100 -s procs=2
is "every repetition alone" "$(rows processes.db "$instructions" value)" "500000.0"

exits 0 "any program is counted" standin "" run --db program.db --collect papi:base --launches 1 -- /bin/true
is "from exec to exit" "$(rows program.db "$instructions" "value, quality")" "503000.0|exact"

standin "missing=PAPI_BR_CN" run --db missing.db --collect papi:branch --launches 1 -k mandelbrot -v serial -s size=100 \
    -s maxiter=100 >out 2>err
is "an event that is not there is stored with its reason" \
    "$(rows missing.db "metric = 'papi.PAPI_BR_CN'" "quality LIKE 'unavailable(PAPI_BR_CN: this CPU%'")" "1"
standin "pmu=denied" run --db denied.db --collect papi:base --launches 1 -k mandelbrot -v serial -s size=100 \
    -s maxiter=100 >out 2>err
is "so is every event where counting is not permitted" \
    "$(rows denied.db "$instructions" "quality LIKE 'unavailable(the system does not permit%'")" "1"
is "and time is there" "$(rows denied.db "metric = 'wall.time' AND value > 0" "count(*) > 0")" "1"
done_testing
