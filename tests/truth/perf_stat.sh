#!/bin/bash
# Any program, counted by us and by perf stat in the same environment: instructions agree within 0.1 %. Needs a PMU and perf.
. "$TOP/tests/tap.sh"

counted() { # what perf stat counts of COMMAND...
    perf stat -x, -o perf.out -e instructions:u "$@" >/dev/null 2>&1
    sed -n 's/^\([0-9][0-9]*\),.*/\1/p' perf.out
}
command -v perf >/dev/null || skip "perf is not installed"
[ -n "$(counted true)" ] || skip "perf cannot count instructions here"

# perf adds variables to the environment, and a program's loader reads each of them: the same ones for us.
perf stat -o /dev/null env -0 >environment 2>/dev/null
mapfile -d '' -t variables <environment
cat >steps.sh <<'E2'
i=0
while [ "$i" -lt "$1" ]; do i=$((i + 1)); done
E2

agree() { # NAME DATABASE COMMAND...
    local name=$1 db=$2 theirs
    shift 2
    theirs=$(counted "$@")
    exits 0 "$name is counted" env -i "${variables[@]}" "$COUNTERMARK" run --db "$db" --collect papi:base --launches 1 -- "$@"
    is "$name: within 0.1 % of perf's $theirs" "$(sqlite3 "$db" "SELECT count(*) > 0,
        max(abs(value / inner / $theirs - 1)) < 0.001, min(quality) FROM v_samples WHERE metric = 'papi.PAPI_TOT_INS'")" "1|1|exact"
}
agree "/bin/true" true.db /bin/true
for n in 1000 20000; do
    agree "a script of $n steps" "steps$n.db" /bin/sh steps.sh "$n"
done
done_testing
