#!/bin/bash
# run: stopping and going on. Ctrl-C and SIGTERM end a run in order (130), what was measured is kept, and --resume measures exactly what
# is missing; a run that cannot be gone on with says why.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 60
    target 10ms
    collect wall
    use mandelbrot/serial size=100 maxiter=30
    use null/empty
E
sql() { sqlite3 -cmd '.timeout 5000' countermark.db "$@"; }
wait_for() { # SQL: until it answers 1, a minute at the most
    for _ in $(seq 1200); do
        [ "$(sqlite3 -readonly countermark.db "$1" 2>/dev/null)" = 1 ] && return 0
        sleep 0.05
    done
    return 1
}

stop_in_the_middle() { # SIGNAL RUN
    "$COUNTERMARK" run --plan tiny >out 2>err &
    local pid=$!
    wait_for "SELECT count(*) >= 3 FROM launch WHERE run = $2 AND status = 'done'"
    kill "-$1" $pid
    wait $pid
    is "$1: exit 130" $? 130
    has err "go on with: countermark run --resume --db countermark.db" "$1: the sentence says how to go on"
    has out "not run yet" "$1: the summary is printed"
    is "$1: the run is interrupted" "$(sql "SELECT status FROM run WHERE id = $2")" interrupted
    ok "$1: something is stored and something is missing" test \
        "$(sql "SELECT sum(status = 'done') >= 3 AND sum(status = 'planned') >= 1 FROM launch WHERE run = $2")" = 1
}

stop_in_the_middle INT 1
sql "SELECT id, started, wall_s, inner FROM launch WHERE status = 'done'" >before
exits 3 "another plan is not gone on with" "$COUNTERMARK" run --plan tiny --launches 7 --resume
has err "run 1 has another plan; it was: countermark run --plan tiny" "it says why"
exits 0 "resume by the same options" "$COUNTERMARK" run --plan tiny --resume
has err "going on with run 1" "it says what it does"
is "everything is there, the anchors too" "$(sql "SELECT status, count(*) FROM launch GROUP BY status")" "done|144"
is "the run is complete" "$(sql "SELECT id, status FROM run")" "1|complete"
sql "SELECT id, started, wall_s, inner FROM launch" | grep -Fxf before >again
ok "what was there is untouched" cmp before again
is "inner was kept" "$(sql "SELECT max(c) FROM (SELECT count(DISTINCT inner) c FROM launch GROUP BY point)")" 1
exits 0 "nothing is missing now" "$COUNTERMARK" run --plan tiny --resume
has out "nothing was missing" "and it says so"
is "no second run" "$(sql "SELECT count(*) FROM run")" 1

stop_in_the_middle TERM 2
exits 0 "resume alone takes the options from the store" "$COUNTERMARK" run --resume
is "again everything" "$(sql "SELECT status, count(*) FROM launch WHERE run = 2 GROUP BY status")" "done|144"
ok "the database is sound" "$COUNTERMARK" db check --db countermark.db

# Only the same program may add to a run.
stop_in_the_middle INT 3
sql "INSERT INTO build SELECT NULL, commit_id, branch, subject, commit_time, dirty, compiler, flags, 'other', facts FROM build LIMIT 1;
     UPDATE run SET build = (SELECT max(id) FROM build) WHERE id = 3"
exits 3 "another program" "$COUNTERMARK" run --plan tiny --resume
has err "run 3 was measured by another build" "is told"

"$COUNTERMARK" run --plan tiny --format json >out 2>err &
pid=$!
wait_for "SELECT count(*) >= 3 FROM launch WHERE run = 4 AND status = 'done'"
kill -TERM $pid
wait $pid
is "stopped with --format json: exit 130" $? 130
is "which the document says too" "$(python3 -c 'import json; print(json.load(open("out"))["exit_code"])')" 130
done_testing
