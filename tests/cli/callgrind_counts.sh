#!/bin/bash
# Counts on a simulated CPU: of the measured region alone, with its threads and processes, the same whatever stands around it; of any
# program from exec to exit; and instead of counters where there are none and the plan gives it the time.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" list collectors >collectors.txt 2>&1
grep -Eq '^callgrind .* yes' collectors.txt || skip "$(grep '^callgrind' collectors.txt | grep -o 'no: .*')"
cat >.countermark.yaml <<'E'
plans:
  few: |
    launches 1
    target 1ms
    collect callgrind
    use mandelbrot/serial size=64 maxiter=100
    use triad/serial size=16K
    use mandelbrot/processes size=64 maxiter=100 procs=1,2
    use mandelbrot/openmp size=64 maxiter=100 threads=1,2
  one: |
    launches 1
    target 1ms
    collect papi:base
    simulate 20s
    use triad/serial size=16K
  hasty: |
    launches 1
    target 1ms
    collect papi:base
    simulate 1us
    use triad/serial size=16K
    use mandelbrot/serial size=64 maxiter=100
E
mkdir tmp
export TMPDIR=$PWD/tmp
plan() { # PLAN ARGUMENT...: a plan, without a look at how right the counters are
    "$COUNTERMARK" run --plan "$1" --no-calibrate --progress off "${@:2}"
}
sql() { sqlite3 countermark.db "$@"; }
count() { # RUN POINT-GLOB [METRIC]
    sql "SELECT DISTINCT CAST(value AS INTEGER) FROM v_samples WHERE run = $1 AND point GLOB '$2' AND
        metric = 'callgrind.${3:-instructions}'"
}
between() { # NAME COUNT LOW HIGH
    ok "$1: $2" test "${2:-0}" -ge "$3" -a "${2:-0}" -le "$4"
}

exits 0 "variants are counted" plan few
has out "instr/element" "the summary shows instructions"
is "all its figures are simulated" "$(sql "SELECT DISTINCT quality FROM v_samples WHERE metric GLOB 'callgrind.*'")" simulated
is "ten of each point, once" "$(sql "SELECT DISTINCT n, c FROM (SELECT count(*) n, count(DISTINCT metric) c FROM v_samples
    WHERE metric GLOB 'callgrind.*' GROUP BY point)")" "10|10"
is "of one execution" "$(sql "SELECT DISTINCT inner FROM launch WHERE pass <> ''")" 1
between "the region alone is counted, triad's 682 updates" "$(count 1 'triad/*')" 2000 9000
between "each writes a word, some compilers two at once" "$(count 1 'triad/*' writes)" 300 1500
between "what fits the simulated cache does not miss it" "$(count 1 'triad/*' l1d_misses)" 0 30
serial=$(count 1 'mandelbrot/serial*')
near() { # NAME COUNT: within 3 % of serial, and what starting and waiting cost
    between "$1" "$2" "$((serial * 97 / 100))" "$((serial * 103 / 100 + 20000))"
}
near "one process counts what serial does" "$(count 1 '*processes*procs=1*')"
near "two share it" "$(count 1 '*processes*procs=2*')"
if "$COUNTERMARK" list variants | grep -q 'built without OpenMP'; then
    tap_result 0 "threads # SKIP built without OpenMP"
else
    near "one thread counts what serial does" "$(count 1 '*openmp:*threads=1*')"
    if ldd "$COUNTERMARK" | grep -q libomp; then
        tap_result 0 "two threads # SKIP LLVM's OpenMP spins while it waits, which is counted"
    else
        near "two share it" "$(count 1 '*openmp:*threads=2*')"
    fi
fi

# What counts depend on, if one lets it: the environment, the working folder, where the stack lies, somebody's settings.
mkdir -p elsewhere/quite/far/away
(
    cp .countermark.yaml elsewhere/quite/far/away
    cd elsewhere/quite/far/away || exit 1
    MORE=$(printf '%05000d' 1) VALGRIND_OPTS=--tool=none
    export MORE VALGRIND_OPTS
    echo --tool=none >.valgrindrc
    plan few --db ../../../../countermark.db -k triad,mandelbrot -v serial --seed 7
) >out 2>err
for point in triad/serial mandelbrot/serial; do
    for metric in instructions branches reads writes l1d_misses branch_misses; do
        is "$point: $metric do not depend on what stands around" "$(count 2 "$point*" $metric)" "$(count 1 "$point*" $metric)"
    done
done

# Any program: all of it, with its children, and nothing of ours.
program() {
    "$COUNTERMARK" run --no-calibrate --progress off --collect callgrind:instructions --launches 1 --db any.db "$@"
}
any() {
    sqlite3 any.db "SELECT CAST(value AS INTEGER) FROM v_samples WHERE run = $1 AND metric = 'callgrind.instructions'"
}
exits 0 "a program is counted" program -- /bin/true
exits 0 "and again" program -- /bin/true
exits 0 "with children" program -- sh -c '/bin/true; /bin/true; exit 0'
between "the same each time, but for what its process id costs" "$(any 2)" "$(($(any 1) - 20))" "$(($(any 1) + 20))"
ok "children are counted with it" test "$(any 3)" -gt "$((2 * $(any 1)))"
is "what is not wanted is not counted" "$(sqlite3 any.db "SELECT count(DISTINCT metric) FROM v_samples WHERE metric GLOB 'callgrind*'")" 1

# Instead of counters.
deny() { "$BUILD/tests/tools/deny_perf" ENOENT "$@"; }
if deny true 2>/dev/null; then
    exits 0 "a machine without counters" deny "$COUNTERMARK" run --plan one --no-calibrate --progress off --db none.db
    has err "callgrind counts instructions on a simulated CPU instead; gates decide on those and on time" "says what takes their place"
    is "and counts" "$(sqlite3 none.db "SELECT CAST(value AS INTEGER) FROM v_samples WHERE metric = 'callgrind.instructions'")" \
        "$(count 1 'triad/*')"
    ok "what it lacks is stored with the reason" test -n "$(sqlite3 none.db "SELECT 1 FROM v_samples WHERE
        metric = 'papi.PAPI_TOT_INS' AND quality GLOB 'unavailable(*'")"
    exits 0 "without the time for it" deny "$COUNTERMARK" run --plan hasty --no-calibrate --progress off --db hasty.db
    has err "2 points are too large to simulate within" "what is too large is told once"
    is "and stored" "$(sqlite3 hasty.db "SELECT DISTINCT status, reason GLOB 'callgrind: too large to simulate: an execution would take*'
        FROM launch WHERE pass <> ''")" "unavailable|1"
else
    tap_result 0 "instead of counters # SKIP the system lets no filter be set"
fi
is "no files are left behind" "$(ls tmp)" ""

exits 2 "a mistyped event" "$COUNTERMARK" run -k null --collect callgrind:instuctions --launches 1
has err "did you mean instructions" "is named with its neighbour"
done_testing
