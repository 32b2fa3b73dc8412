#!/bin/bash
# Counters against the program's own structure: two runs of the same code count the same, and work shared by two threads or two
# processes is the work of one. Needs a PMU.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" doctor --format json >doctor.json 2>err || {
    cat err
    exit 1
}
reason=$(python3 -c 'import json
print(next(c["reason"] for c in json.load(open("doctor.json"))["collectors"] if c["name"] == "papi"))')
[ -z "$reason" ] || skip "no counters here: $reason"

measure() { # DATABASE VARIANT SWEEP...
    local db=$1 variant=$2
    shift 2
    "$COUNTERMARK" run --db "$db" --collect papi:base --launches 1 -k mandelbrot -v "$variant" -s size=200 \
        -s maxiter=500 "$@"
}

# The median of what one execution counts at the points that match.
counted() { # DATABASE POINT-GLOB
    sqlite3 "$1" "SELECT value / inner FROM v_samples WHERE metric = 'papi.PAPI_TOT_INS' AND point GLOB '$2'
        AND quality = 'exact' ORDER BY 1" | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "none" }'
}

close_to() { # A B SHARE
    awk -v a="$1" -v b="$2" -v s="$3" 'BEGIN { exit !(a > 0 && b > 0 && a / b < 1 + s && b / a < 1 + s) }'
}

for i in 1 2; do
    exits 0 "serial, run $i" measure "serial$i.db" serial
done
ok "two launches of serial differ by less than 0.01 %" \
    close_to "$(counted serial1.db '*serial*')" "$(counted serial2.db '*serial*')" 0.0001
exits 0 "openmp with one and two threads" measure openmp.db openmp -s threads=1,2
ok "two threads count what one does, within 1 %" \
    close_to "$(counted openmp.db '*threads=1*')" "$(counted openmp.db '*threads=2*')" 0.01
exits 0 "one and two processes" measure processes.db processes -s procs=1,2
ok "two processes count what one does, within 1 %" \
    close_to "$(counted processes.db '*procs=1*')" "$(counted processes.db '*procs=2*')" 0.01
done_testing
