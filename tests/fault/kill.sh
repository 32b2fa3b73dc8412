#!/bin/bash
# kill -9 of the run or of a worker, 50 times at random moments: the database stays sound, and --resume measures exactly what is
# missing. With a sanitizer, under which everything takes longer, 25 times.
# time: 600
. "$TOP/tests/tap.sh"
# A leak checker looks at its process from a child that it makes at the end. Killed like a worker, that child is waited for forever.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 8
    target 4ms
    collect wall
    use null/empty
    use mandelbrot/serial size=100 maxiter=30
    use mandelbrot/simd size=100 maxiter=30
E
sql() { sqlite3 -cmd '.timeout 5000' countermark.db "$@"; }
RANDOM=$((0x$(printf '%s' "${KILL_SEED:-$(date +%N)}" | md5sum | head -c 4)))
echo "# random numbers from $RANDOM on"
problems=0
problem() {
    problems=$((problems + 1))
    echo "# round $round, $victim: $*"
}

# The workers of this run alone: children of its process.
kill_worker() { # PARENT
    local worker
    worker=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
    # shellcheck disable=SC2086 # none or one
    [ -n "$worker" ] && kill -9 $worker 2>/dev/null
}

parents=0 workers=0
begun=$(date +%s%N)
"$COUNTERMARK" run --plan tiny --no-anchor >out 2>err </dev/null || problem "the first run fails: $(cat err)"
lasts=$((($(date +%s%N) - begun) / 1000000)) # ms; a kill comes at a random moment of it
runs=1
rounds=50
! nm "$COUNTERMARK" | grep -q __asan_init || rounds=25
for round in $(seq $rounds); do
    victim=$([ $((round % 3)) = 0 ] && echo worker || echo parent)
    anchors=$([ $((round % 10)) = 0 ] || echo --no-anchor) # they take their time
    # shellcheck disable=SC2086 # none or one
    "$COUNTERMARK" run --plan tiny --progress off $anchors >out 2>err </dev/null &
    pid=$!
    moment=$((RANDOM % lasts))
    sleep "$((moment / 1000)).$(printf '%03d' $((moment % 1000)))"
    if [ "$victim" = worker ]; then
        kill_worker $pid && workers=$((workers + 1))
        wait $pid 2>/dev/null
        status=$?
        [ $status = 0 ] || [ $status = 4 ] || problem "exit $status after a worker's death: $(cat err)"
    else
        kill -9 $pid 2>/dev/null && parents=$((parents + 1))
        wait $pid 2>/dev/null
    fi
    "$COUNTERMARK" db check --db countermark.db >check 2>&1 || problem "db check: $(cat check)"
    now=$(sql "SELECT count(*) FROM run")
    [ "$now" = "$runs" ] && continue # killed before there was a run
    runs=$now
    sql "SELECT id, status, started, wall_s, inner FROM launch WHERE status <> 'planned'" >before
    missing=$(sql "SELECT count(*) FROM launch WHERE status = 'planned'")
    # shellcheck disable=SC2086 # none or one
    "$COUNTERMARK" run --plan tiny --resume --progress off $anchors >out 2>err </dev/null
    status=$?
    [ $status = 0 ] || [ "$victim$status" = worker4 ] || problem "resume: exit $status, $missing were missing: $(cat err)"
    [ "$(sql "SELECT count(*) FROM run")" = "$runs" ] || problem "resume made another run"
    [ "$(sql "SELECT count(*) FROM launch l JOIN point p ON p.id = l.point WHERE status = 'planned' OR (status <> 'done' AND signal IS NULL AND p.role = '')")" = 0 ] ||
        problem "launches are still missing"
    [ "$(sql "SELECT count(*) FROM launch l JOIN point p ON p.id = l.point WHERE p.role = '' AND l.run = (SELECT max(id) FROM run)")" = 24 ] ||
        problem "not 24 launches"
    sql "SELECT id, status, started, wall_s, inner FROM launch" | grep -Fxf before >again
    cmp -s before again || problem "launches that were there have changed"
    [ "$(sql "SELECT status FROM run WHERE id = (SELECT max(id) FROM run)")" = complete ] || problem "the run is not complete"
done
is "no problem in $rounds rounds" "$problems" 0
echo "# $parents runs and $workers workers were killed; $runs runs"
ok "some of each were hit" test "$parents" -ge 5 -a "$workers" -ge 1
ok "the program of the anchors is whole" cmp "$COUNTERMARK" countermark.db.builds/anchor-*/countermark
ok "the database is sound in the end" "$COUNTERMARK" db check --db countermark.db
left_behind() { # processes that work in this folder, this script apart
    find /proc -maxdepth 2 -name cwd -lname "$PWD" 2>/dev/null | grep -v "^/proc/$$/" |
        while read -r link; do grep -sqx countermark "${link%/cwd}/comm" && echo "$link"; done
}
for _ in $(seq 300); do # an end takes a moment
    [ -z "$(left_behind)" ] && break
    sleep 0.1
done
is "no process is left behind" "$(left_behind)" ""
done_testing
